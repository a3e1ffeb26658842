"""The database: how it is opened, how it is migrated, and what a transaction is.

One writer at a time: a writing transaction takes the write lock before it reads, so that what it decides on is still
true when it writes. SQLite is opened with a write-ahead log, full synchronisation and foreign keys; committed is on
disk.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from output_checker.model import Broken

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_BUSY_SECONDS: Final = 30


@dataclass(frozen=True)
class Database:
    """An open database. Sessions come from ``reading`` and ``writing`` and end with their block."""

    engine: Engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent view; whatever is changed in it is thrown away."""
        with _failures_in_words(), self.engine.connect() as connection, connection.begin() as transaction:
            with Session(connection, autoflush=False) as session:
                yield session
            transaction.rollback()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that holds the write lock from its first moment; it commits when the block ends well."""
        engine = self.engine.execution_options(halftide_writes=True)
        with (
            _failures_in_words(),
            engine.connect() as connection,
            connection.begin(),
            Session(connection, autoflush=False) as session,
        ):
            yield session
            session.flush()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open a database that has been migrated. Times out after half a minute when somebody else holds the lock."""
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS} if _is_sqlite(url) else {})
    if _is_sqlite(url):
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return Database(engine)


def migrate(url: str) -> None:
    """Bring the database's schema up to date. Doing it again changes nothing."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["url"] = url
    with _failures_in_words():
        command.upgrade(config, "head")


def sqlite_url(path: Path) -> str:
    """The URL of an SQLite file."""
    return f"sqlite:///{path.absolute()}"


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # pysqlite opens transactions by itself and too late; _begin_sqlite does it instead
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("halftide_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _failures_in_words() -> Iterator[None]:
    """A database that fails (full, locked, unreadable) is told apart from a defect in a statement."""
    try:
        yield
    except OperationalError as error:
        raise Broken(
            f"The database could not do this ({error.orig}). Nothing was changed; try again, and tell an administrator "
            "when it stays like this."
        ) from error
    except DBAPIError as error:
        raise Broken(f"The database refused the change ({error.orig}). Nothing was changed.") from error
