"""The desk's context, and the one kind of transaction that changes anything.

``Desk.changing`` is the structural promise of the ledger: whatever recorded row changes inside it must be the subject
of an entry that the same block records, or nothing of the block is committed. Entries carry the digest of each row that
they changed. Statements that would change recorded tables behind the session's back are refused, and so is deleting.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from output_checker.desk.views import Person
from output_checker.model import Broken
from output_checker.storage import ledger
from output_checker.storage.blobs import BlobStore
from output_checker.storage.database import Database, migrate, open_database, sqlite_url
from output_checker.storage.schema import Recorded

SYSTEM: Final = "system"
"""The ledger's name for Halftide itself and for the site's own command line."""

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time of this machine, in UTC."""
    return datetime.now(UTC)


def actor_of(by: Person | None) -> str:
    """The ledger's name for somebody; None is the site itself."""
    return SYSTEM if by is None else f"person:{by.id}"


@dataclass
class Change:
    """A transaction that changes something. ``now`` is one moment for all of it."""

    session: Session
    now: datetime
    actor: str
    _entries: list[ledger.Entry] = field(default_factory=list)
    _touched: set[Recorded] = field(default_factory=set)

    def record(self, action: str, subject: str, **payload: Any) -> None:
        """Tell the ledger what this block does to ``subject``; goes in when the block ends well."""
        self._entries.append(ledger.Entry(self.actor, action, subject, payload))

    def record_as_system(self, action: str, subject: str, **payload: Any) -> None:
        """The same, for what follows by itself from what somebody did."""
        self._entries.append(ledger.Entry(SYSTEM, action, subject, payload))

    def remember(self, session: Session, _context: UOWTransaction, _instances: object) -> None:
        """Note which facts are about to be written; SQLAlchemy calls this before each flush."""
        gone = [row for row in session.deleted if isinstance(row, Recorded)]
        if gone:
            raise Broken(f"A recorded fact ({gone[0].name_in_ledger()}) was to be deleted. Nothing was changed.")
        self._touched |= {row for row in session.new if isinstance(row, Recorded)}
        self._touched |= {row for row in session.dirty if isinstance(row, Recorded) and session.is_modified(row)}

    def append_entries(self) -> None:
        """Write the entries, each last one about a subject with the digests of that subject's changed rows."""
        self.session.flush()
        rows: dict[str, dict[str, str]] = {}
        for row in self._touched:
            rows.setdefault(row.subject(), {})[row.name_in_ledger()] = row.facts_digest()
        last = {entry.subject: position for position, entry in enumerate(self._entries)}
        untold = sorted(set(rows) - set(last))
        if untold:
            raise Broken(f"A change to {untold[0]} was not told to the ledger. Nothing was changed.")
        for position, entry in enumerate(self._entries):
            told = rows.get(entry.subject, {}) if last[entry.subject] == position else {}
            payload = {**entry.payload, **({"rows": told} if told else {})}
            ledger.append(self.session, self.now, ledger.Entry(entry.actor, entry.action, entry.subject, payload))


@dataclass(frozen=True)
class Desk:
    """What every verb of the desk needs: the database, the store, the time, and where the state is."""

    database: Database
    blobs: BlobStore
    clock: Clock
    state_dir: Path

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent view for reading."""
        with self.database.reading() as session:
            yield session

    @contextmanager
    def changing(self, actor: str) -> Iterator[Change]:
        """The transaction in which facts change; see the module."""
        with self.database.writing() as session:
            ledger.lock(session)
            change = Change(session, self.clock(), actor)
            event.listen(session, "before_flush", change.remember)
            event.listen(session, "do_orm_execute", _refuse_bulk_changes)
            yield change
            change.append_entries()

    @contextmanager
    def working(self) -> Iterator[Session]:
        """A transaction for the queue of jobs, which are no facts; a recorded row that changes here is refused."""
        with self.changing(SYSTEM) as change:
            yield change.session

    def close(self) -> None:
        """Give the database's connections back."""
        self.database.close()


def _refuse_bulk_changes(state: ORMExecuteState) -> None:
    if not state.is_select:
        raise Broken("Facts change one row at a time, so that the ledger can tell. Nothing was changed.")


def portal_dir(state: Path) -> Path:
    """Where the portal keeps its own things."""
    return state / "portal"


def database_url(state: Path) -> str:
    """The URL of the database in a state folder."""
    return sqlite_url(portal_dir(state) / "portal.sqlite")


def blob_store(state: Path) -> BlobStore:
    """The store in a state folder."""
    return BlobStore(portal_dir(state) / "blobs")


def prepare_state(state: Path) -> None:
    """Make the folders, for the owner alone, and bring the database up to date. Doing it again changes nothing."""
    for folder in (state, portal_dir(state), blob_store(state).root, state / "datasets", state / "projects"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    migrate(database_url(state))


def open_desk(state: Path, clock: Clock = utc_now) -> Desk:
    """The desk over a state folder that ``prepare_state`` has prepared."""
    state = state.absolute()
    if not (portal_dir(state) / "portal.sqlite").exists():
        raise Broken(f"There is no Halftide state in {state}. `halftide up` makes one.")
    return Desk(open_database(database_url(state)), blob_store(state), clock, state)
