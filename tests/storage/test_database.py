"""The database: how it is opened, that committed means on disk, and that migrations make what the code expects."""

import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import StatementError
from sqlalchemy.schema import CreateIndex, CreateTable

from output_checker.model import Broken
from output_checker.storage import schema
from output_checker.storage.database import Database, migrate, open_database, sqlite_url
from output_checker.storage.schema import APPEND_ONLY, RECORDED, Base, PersonRow, Recorded, new_key

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    migrate(sqlite_url(tmp_path / "test.sqlite"))
    return open_database(sqlite_url(tmp_path / "test.sqlite"))


def person(name: str) -> PersonRow:
    return PersonRow(id=new_key(), hub_name=name, name=name, created_at=NOW)


def test_it_is_opened_with_a_log_full_synchronisation_and_foreign_keys(database: Database) -> None:
    with database.reading() as session:
        connection = session.connection()
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        assert [connection.exec_driver_sql(f"PRAGMA {p}").scalar() for p in pragmas] == ["wal", 2, 1, 30_000]
    with pytest.raises(Broken, match="FOREIGN KEY"), database.writing() as session:
        session.add(schema.SiteRoleRow(id=new_key(), person_id="nobody", role="admin", begins=NOW))
    database.close()


def test_migrations_make_the_tables_that_the_code_expects_and_again_change_nothing(
    database: Database, tmp_path: Path
) -> None:
    migrate(sqlite_url(tmp_path / "test.sqlite"))
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
    assert sorted(names) == sorted(f"{table}_refuses_{verb}" for table in APPEND_ONLY for verb in ("update", "delete"))
    database.close()


def test_a_failing_migration_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "test.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE vote (id INTEGER)")
    connection.close()
    with pytest.raises(Broken):
        migrate(sqlite_url(path))
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("vote",)]
    connection.close()


def test_every_recorded_table_is_listed() -> None:
    concrete = {c for c in _subclasses(Recorded) if not c.__dict__.get("__abstract__")}
    assert concrete == set(RECORDED)


def test_the_schema_can_be_written_for_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in Base.metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=dialect))
        assert all(str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes)
        for constraint in [*table.constraints, *table.indexes]:
            assert len(str(constraint.name)) <= 63


def test_committed_survives_a_process_that_is_killed(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "test.sqlite")
    migrate(url)
    script = """
import os, signal, sys
from datetime import datetime, UTC
from output_checker.storage.database import open_database
from output_checker.storage.schema import PersonRow, new_key
database = open_database(sys.argv[1])
for name in ("committed", "not committed"):
    with database.writing() as session:
        session.add(PersonRow(id=new_key(), hub_name=name, name=name, created_at=datetime.now(UTC)))
        session.flush()
        if name == "not committed":
            os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", script, url], check=False, timeout=60).returncode == -9
    database = open_database(url)
    with database.reading() as session:
        assert list(session.scalars(select(PersonRow.name))) == ["committed"]
    database.close()


def test_a_writer_has_the_lock_from_its_first_moment(database: Database) -> None:
    seen: list[str] = []
    inside, go_on = threading.Event(), threading.Event()

    def first() -> None:
        with database.writing() as session:
            inside.set()
            go_on.wait(10)
            session.add(person("first"))

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(10)
    threading.Timer(0.2, go_on.set).start()
    with database.writing() as session:
        seen += session.scalars(select(PersonRow.name))
    thread.join()
    database.close()
    assert seen == ["first"]


def test_readers_see_one_moment_and_do_not_wait(database: Database) -> None:
    with database.reading() as reader:
        assert list(reader.scalars(select(PersonRow.name))) == []
        with database.writing() as writer:
            writer.add(person("new"))
        assert list(reader.scalars(select(PersonRow.name))) == []
    with database.reading() as reader:
        assert list(reader.scalars(select(PersonRow.name))) == ["new"]
    database.close()


def test_a_taken_name_is_refused_and_nothing_of_the_transaction_stays(database: Database) -> None:
    with pytest.raises(Broken, match="UNIQUE"), database.writing() as session:
        session.add_all([person("one"), person("same"), person("same")])
    with database.reading() as session:
        assert list(session.scalars(select(PersonRow.name))) == []
    database.close()


def test_a_file_that_is_no_database_is_said_in_words(tmp_path: Path) -> None:
    path = tmp_path / "test.sqlite"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(Broken, match="not a database"):
        migrate(sqlite_url(path))


def test_times_come_back_in_utc_and_without_a_zone_never_go_in(database: Database) -> None:
    paris = NOW.astimezone(timezone(timedelta(hours=1)))
    with database.writing() as session:
        session.add(PersonRow(id="p", hub_name="p", name="p", created_at=paris))
    with database.reading() as session:
        found = session.get_one(PersonRow, "p").created_at
    assert (found, found.tzinfo) == (NOW, UTC)
    with pytest.raises(StatementError, match="without a time zone"), database.writing() as session:
        session.add(PersonRow(id="q", hub_name="q", name="q", created_at=NOW.replace(tzinfo=None)))
    database.close()


def test_facts_are_the_same_before_and_after_the_database(database: Database) -> None:
    row = person("Zoë")
    with database.writing() as session:
        session.add(row)
        session.flush()
        before = row.facts_digest()
    with database.reading() as session:
        assert session.scalars(select(PersonRow)).one().facts_digest() == before
    database.close()


def _subclasses(cls: type) -> set[type]:
    return {sub for direct in cls.__subclasses__() for sub in {direct, *_subclasses(direct)}}
