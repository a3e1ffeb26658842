"""Somebody with the database file and a text editor: what they change is found."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from output_checker.desk import fetch, queue, review
from output_checker.desk.context import database_url
from output_checker.desk.verify import VerifyReport, verify
from output_checker.model import digest_of
from output_checker.storage import ledger
from output_checker.storage.ledger import Checkpoint
from tests.desk.kit import GOOD, SMALL, Site, build_site


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state in which things have happened; tests copy it."""
    state = tmp_path_factory.mktemp("lived") / "state"
    site = build_site(state)
    request_id = site.released()
    fetch.fetch_all(site.desk, site["researcher"], request_id)
    returned = site.submitted(SMALL)
    site.vote("checker1", returned, reason="harmless")
    review.return_for_changes(site.desk, site["checker2"], returned, 1, "suppress it")
    site.submitted(b"a,50\n")
    site.desk.close()
    return state


@pytest.fixture
def state(lived: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "state"
    shutil.copytree(lived, copy)
    return copy


def tamper(state: Path, *statements: str) -> VerifyReport:
    """Change the database behind everybody's back, triggers and all, and verify."""
    connection = sqlite3.connect(database_url(state).removeprefix("sqlite:///"))
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        assert connection.execute(statement).rowcount > 0, statement
    connection.commit()
    connection.close()
    return verify(state)


def failed(report: VerifyReport) -> str:
    return " | ".join(f"{check.name}: {check.failures[0]}" for check in report.checks if check.failures)


def test_a_state_that_nobody_touched_is_in_order_and_says_what_was_looked_at(state: Path) -> None:
    report = verify(state)
    assert report.ok, report.to_text()
    counted = {check.name.split(" ")[0]: check.counted for check in report.checks}
    assert counted["votes"] == 3
    assert counted["requests"] == 3
    assert counted["released"] == 1
    assert counted["stored"] >= 6
    assert counted["ledger"] == report.ledger_size > 20
    assert "FAILED" not in report.to_text()


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE ledger SET action = 'vote' WHERE action = 'submit'", "ledger"),
        ("UPDATE ledger SET payload = replace(payload, 'approve', 'object') WHERE action = 'vote'", "ledger"),
        ("UPDATE ledger SET payload = '{}' WHERE action = 'release'", "ledger"),
        ("UPDATE ledger SET payload = payload || ' ' WHERE action = 'release'", "ledger"),
        ("UPDATE ledger SET payload = 'nonsense' WHERE seq = 3", "ledger"),
        ("UPDATE ledger SET at = '2020-01-01 00:00:00.000000' WHERE seq = 3", "ledger"),
        ("UPDATE ledger SET actor = 'system' WHERE action = 'vote'", "ledger"),
        ("DELETE FROM ledger WHERE seq = 7", "ledger"),
        ("DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)", "ledger"),
        ("UPDATE ledger_head SET root = '00'", "ledger"),
        ("UPDATE ledger_head SET size = size - 1", "ledger"),
        ("UPDATE vote SET decision = 'object'", "votes"),
        ("UPDATE vote SET reason = 'I never said that' WHERE reason = 'harmless'", "votes"),
        ("UPDATE vote SET checker_id = (SELECT id FROM person WHERE hub_name = 'checker3')", "votes"),
        ("DELETE FROM vote WHERE reason = 'harmless'", "votes"),
        ("UPDATE request SET state = 'released'", "requests"),
        ("UPDATE request SET round = 9", "requests"),
        ("UPDATE request SET title = 'something else'", "facts"),
        ("UPDATE output SET verdict = 'pass' WHERE verdict = 'fail'", "facts"),
        ("UPDATE output SET report = '{}' WHERE verdict = 'fail'", "facts"),
        ("UPDATE project SET policy = replace(policy, '10', '1')", "facts"),
        ("UPDATE membership SET ends = '2020-01-01 00:00:00.000000'", "facts"),
        (
            (
                "INSERT INTO site_role (person_id, role, begins, ends, id) "
                "SELECT id, 'admin', '2026-01-01 00:00:00.000000', NULL, 'new' FROM person LIMIT 1"
            ),
            "facts",
        ),
        ("DELETE FROM site_role WHERE role = 'admin'", "facts"),
        ("DELETE FROM fetch", "facts"),
        ("UPDATE release SET manifest = replace(manifest, 'table-0', 'other')", "released"),
        ("DELETE FROM release", "released"),
        ("UPDATE message SET text = 'well done'", "facts"),
    ],
)
def test_what_is_changed_in_the_database_is_found(state: Path, statement: str, where: str) -> None:
    report = tamper(state, statement)
    assert not report.ok
    assert where in failed(report)


def test_a_column_that_cannot_be_read_is_a_failed_check_and_not_a_crash(state: Path) -> None:
    report = tamper(state, "UPDATE output SET report = '{' WHERE verdict = 'fail'")
    assert "could not be finished" in failed(report)


def test_rewriting_everything_is_found_by_whoever_kept_a_checkpoint(state: Path) -> None:
    kept = verify(state)
    checkpoint = Checkpoint(kept.ledger_size, kept.ledger_root)
    assert verify(state, checkpoint).ok
    connection = sqlite3.connect(database_url(state).removeprefix("sqlite:///"))
    connection.execute("DROP TRIGGER ledger_refuses_update")
    connection.execute("UPDATE ledger SET actor = 'system' WHERE action = 'fetch'")
    connection.commit()
    connection.close()
    _rebuild_tree(state)
    assert verify(state).ok
    assert "checkpoint" in failed(verify(state, checkpoint))


def test_a_checkpoint_of_a_longer_ledger_is_found(state: Path) -> None:
    assert not verify(state, Checkpoint(10**6, "00")).ok


@pytest.mark.parametrize("harm", ["change", "remove"])
def test_changed_or_missing_bytes_are_found(state: Path, harm: str) -> None:
    digest = digest_of(GOOD)
    path = state / "portal" / "blobs" / digest[:2] / digest[2:]
    path.chmod(0o600)
    if harm == "change":
        path.write_bytes(GOOD.replace(b"25", b"26"))
    else:
        path.unlink()
    assert "stored bytes" in failed(verify(state))


def test_the_database_itself_refuses_to_change_what_is_never_changed(state: Path) -> None:
    connection = sqlite3.connect(database_url(state).removeprefix("sqlite:///"))
    for table in ("ledger", "vote", "message", "release", "fetch", "submission", "output_group"):
        column = connection.execute("SELECT name FROM pragma_table_info(?) LIMIT 1", (table,)).fetchone()[0]
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):  # noqa: S608 - our names
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                connection.execute(statement)
    connection.close()


def test_verifying_changes_nothing(site: Site) -> None:
    site.released()
    before = queue.audit(site.desk, site["admin"])
    verify(site.desk.state_dir)
    assert queue.audit(site.desk, site["admin"]) == before


def _rebuild_tree(state: Path) -> None:
    """What the owner of the database can do: hash the whole rewritten ledger again."""
    from output_checker.storage.database import open_database
    from output_checker.storage.merkle import Frontier
    from output_checker.storage.schema import LedgerHeadRow

    database = open_database(database_url(state))
    with database.writing() as session:
        frontier = Frontier()
        for row in ledger.entries(session):
            row.leaf = ledger._leaf_again(row)
            frontier = frontier.append(bytes.fromhex(row.leaf))
        head = session.get_one(LedgerHeadRow, 1)
        head.peaks, head.root = [peak.hex() for peak in frontier.peaks], frontier.root.hex()
    database.close()
