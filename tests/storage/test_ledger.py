"""The ledger as a tree: appended in the transaction, re-derived from nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from output_checker.model import Broken
from output_checker.storage import ledger
from output_checker.storage.database import Database, migrate, open_database, sqlite_url
from output_checker.storage.ledger import Checkpoint, Entry
from output_checker.storage.merkle import EMPTY_ROOT, consistency_proof, consistent, includes, inclusion_proof
from output_checker.storage.schema import LedgerHeadRow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    migrate(sqlite_url(tmp_path / "test.sqlite"))
    return open_database(sqlite_url(tmp_path / "test.sqlite"))


def write(database: Database, *numbers: float) -> None:
    with database.writing() as session:
        for number in numbers:
            entry = Entry("system", "test", "thing:1", {"number": number, "text": "Zoë ✓"})
            ledger.append(session, NOW, entry)


def test_an_empty_ledger_is_in_order(database: Database) -> None:
    with database.reading() as session:
        assert ledger.find_damage(session) == (Checkpoint(0, EMPTY_ROOT.hex()), ())
        assert ledger.checkpoint(session) == Checkpoint(0, EMPTY_ROOT.hex())
    database.close()


def test_entries_are_numbered_from_zero_and_prove_themselves(database: Database) -> None:
    write(database, *range(10))
    with database.reading() as session:
        old = ledger.checkpoint(session)
    write(database, *range(10, 23))
    with database.reading() as session:
        rows = list(ledger.entries(session))
        assert [row.seq for row in rows] == list(range(23))
        found, damages = ledger.find_damage(session, old)
        assert (damages, found) == ((), ledger.checkpoint(session))
    leaves = [bytes.fromhex(row.leaf) for row in rows]
    root = bytes.fromhex(found.root)
    assert includes(7, 23, leaves[7], inclusion_proof(7, leaves), root)
    assert consistent(10, 23, consistency_proof(10, leaves), bytes.fromhex(old.root), root)
    database.close()


def test_an_entry_of_a_transaction_that_fails_is_not_there(database: Database) -> None:
    write(database, 1)
    with pytest.raises(ValueError, match="JSON compliant"):
        write(database, 2, float("nan"))
    with database.reading() as session:
        found, damages = ledger.find_damage(session)
        assert (found.size, damages) == (1, ())
    database.close()


def test_every_field_is_in_the_leaf() -> None:
    entry = Entry("system", "test", "thing:1", {"n": 1})
    leaf = ledger.leaf_of(1, NOW, entry)
    others = {
        ledger.leaf_of(2, NOW, entry),
        ledger.leaf_of(1, NOW + timedelta(microseconds=1), entry),
        ledger.leaf_of(1, NOW, Entry("person:1", "test", "thing:1", {"n": 1})),
        ledger.leaf_of(1, NOW, Entry("system", "best", "thing:1", {"n": 1})),
        ledger.leaf_of(1, NOW, Entry("system", "test", "thing:2", {"n": 1})),
        ledger.leaf_of(1, NOW, Entry("system", "test", "thing:1", {"n": 2})),
    }
    assert len(others) == 6
    assert leaf not in others
    assert leaf == ledger.leaf_of(1, NOW.astimezone(), entry)


def test_without_a_head_nothing_is_written(database: Database) -> None:
    with database.writing() as session:
        session.delete(session.get_one(LedgerHeadRow, 1))
    with pytest.raises(Broken, match="no head"):
        write(database, 1)
    database.close()
