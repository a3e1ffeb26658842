"""Deriving everything again: the ledger, the facts that it vouches for, each request's life, each release, each blob.

It believes no column that it can compute, changes nothing, and says what it looked at as well as what is wrong. What it
can't see is said by ``storage.ledger``: a database that was rewritten completely, unless a checkpoint is given.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from output_checker.desk import datasets
from output_checker.desk.context import Desk, open_desk
from output_checker.desk.history import History, read_history
from output_checker.desk.probes import site_signer
from output_checker.desk.proofs import require_signed
from output_checker.model import HalftideError
from output_checker.rules.spans import Span
from output_checker.rules.workflow import TRANSITIONS
from output_checker.storage import ledger
from output_checker.storage.ledger import Checkpoint
from output_checker.storage.merkle import EMPTY_ROOT
from output_checker.storage.schema import (
    RECORDED,
    DatasetVersionRow,
    MembershipRow,
    OutputRow,
    ProbeRow,
    ReleaseRow,
    RequestRow,
    VoteRow,
)

_MOST_SHOWN: Final = 20
_EDGES: Final = frozenset((line.source.value, line.action.value, line.target.value) for line in TRANSITIONS)


@dataclass(frozen=True)
class Check:
    """One thing that was verified: how many were looked at, and what is wrong with some of them."""

    name: str
    counted: int
    failures: tuple[str, ...]


@dataclass(frozen=True)
class VerifyReport:
    """What was verified, and the ledger's size and root as they were computed again."""

    checks: tuple[Check, ...]
    ledger_size: int
    ledger_root: str

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not any(check.failures for check in self.checks)

    def to_text(self) -> str:
        """The report for a terminal."""
        lines = []
        for check in self.checks:
            lines.append(f"{'FAILED' if check.failures else 'ok':6}  {check.name}: {check.counted:,} checked")
            lines += [f"        {failure}" for failure in check.failures[:_MOST_SHOWN]]
            if len(check.failures) > _MOST_SHOWN:
                lines.append(f"        and {len(check.failures) - _MOST_SHOWN} more")
        lines.append(f"ledger: {self.ledger_size:,} entries, root {self.ledger_root}")
        return "\n".join(lines)


@dataclass(frozen=True)
class _Site:
    desk: Desk
    session: Session
    history: History


def verify(state: Path, kept: Checkpoint | None = None) -> VerifyReport:
    """Verify the state folder; with a checkpoint that somebody kept, also that nothing before it was rewritten."""
    desk = open_desk(state)
    try:
        with desk.reading() as session:
            found, tree = _ledger(session, kept)
            history, unread = read_history(session)
            site = _Site(desk, session, history)
            checks = [
                _guard("database file", _database, site),
                tree,
                Check("entries can be read", history.size, unread),
                *(_guard(name, check, site) for name, check in _CHECKS),
            ]
    finally:
        desk.close()
    return VerifyReport(tuple(checks), found.size, found.root)


def _ledger(session: Session, kept: Checkpoint | None) -> tuple[Checkpoint, Check]:
    try:
        found, damages = ledger.find_damage(session, kept)
    except (HalftideError, ValueError, TypeError) as error:
        return Checkpoint(0, EMPTY_ROOT.hex()), Check("ledger", 0, (f"the ledger can't be read: {error}",))
    return found, Check("ledger (Merkle tree)", found.size, tuple(damage.text for damage in damages))


def _guard(name: str, check: Callable[[_Site], Iterator[str | None]], site: _Site) -> Check:
    """Run a check that yields None for each thing in order and a sentence for each that is not."""
    counted, failures = 0, []
    try:
        for failure in check(site):
            counted += 1
            if failure:
                failures.append(failure)
    except Exception as error:  # noqa: BLE001 - a check that can't be finished has failed
        failures.append(f"could not be finished: {error!r}")
    return Check(name, counted, tuple(failures))


def _database(site: _Site) -> Iterator[str | None]:
    if site.desk.database.engine.dialect.name != "sqlite":
        return
    for (line,) in site.session.execute(text("PRAGMA integrity_check")):
        yield None if line == "ok" else f"SQLite says: {line}"
    for row in site.session.execute(text("PRAGMA foreign_key_check")):
        yield f"a row of {row[0]} points to nothing"


def _facts(site: _Site) -> Iterator[str | None]:
    """Every row that the ledger vouches for is there, as it was last told, and no other."""
    untold = dict(site.history.rows)
    for table in RECORDED:
        for row in site.session.scalars(select(table).execution_options(yield_per=500)):
            told = untold.pop(row.name_in_ledger(), None)
            if told is None:
                yield f"{row.name_in_ledger()} is not in the ledger"
            else:
                yield None if told == row.facts_digest() else f"{row.name_in_ledger()} is not what the ledger says"
    yield from (f"{name} is in the ledger but gone from the database" for name in sorted(untold))


def _lives(site: _Site) -> Iterator[str | None]:
    """Each request's moves, one after the other, are lines of the table and lead to the state that it is in."""
    requests = {row.subject(): row for row in site.session.scalars(select(RequestRow))}
    for subject, moves in site.history.moves.items():
        row = requests.pop(subject, None)
        if row is None:
            yield f"{subject} has a history but does not exist"
            continue
        state = "draft"
        for step in moves:
            if step.source != state or (step.source, step.action, step.target) not in _EDGES:
                yield f"request {row.number}: entry {step.seq} ({step.source}, {step.action}) is no line of the table"
            state = step.target
        here = (row.state, row.round)
        there = (state, moves[-1].round)
        yield None if here == there else f"request {row.number} is in {here}, its history leads to {there}"
    yield from (f"request {row.number} has no history" for row in requests.values())


def _votes(site: _Site) -> Iterator[str | None]:
    """The votes in the database are those that the ledger tells, field by field."""
    told = dict(site.history.votes)
    for row in site.session.scalars(select(VoteRow)):
        entry = told.pop(row.id, None)
        same = entry is not None and (
            entry.output,
            entry.checker,
            entry.round,
            entry.decision,
            entry.reason,
            entry.canonical_sha256,
            entry.policy_digest,
        ) == (
            row.output_id,
            row.checker_id,
            row.round,
            row.decision,
            row.reason,
            row.canonical_sha256,
            row.policy_digest,
        )
        yield None if same else f"vote {row.id} is not what the ledger tells"
    yield from (f"vote {key} is told by the ledger but gone from the database" for key in told)


def _releases(site: _Site) -> Iterator[str | None]:
    """Each released file had, before it went out, the approvals of enough different people who were free to vote."""
    releases = {row.request_id: row for row in site.session.scalars(select(ReleaseRow))}
    for told in site.history.releases:
        row = releases.pop(told.request_id, None)
        request = site.session.get(RequestRow, told.request_id)
        if row is None or request is None:
            yield f"the release in entry {told.seq} is gone from the database"
            continue
        if row.manifest["files"] != told.files or row.round != told.round:
            yield f"request {request.number}: the release is not what the ledger tells"
        for file in told.files:
            free = {c for c in site.history.approvers(told, file) if _was_free(site, c, request, row)}
            good = len(free) >= told.approvals >= 1
            yield None if good else f"request {request.number}: {file['path']} went out with {len(free)} approvals"
    yield from (f"release {row.id} is not in the ledger" for row in releases.values())


def _was_free(site: _Site, checker: str, request: RequestRow, release: ReleaseRow) -> bool:
    """Whether somebody was neither the author nor, until the release, a member of the project during the work."""
    if checker == request.author_id:
        return False
    member = MembershipRow
    of_project = list(site.session.scalars(select(member).where(member.project_id == request.project_id)))
    began = min([request.created_at, *(m.begins for m in of_project if m.person_id == request.author_id)])
    theirs = [m for m in of_project if m.person_id == checker and m.begins <= release.at]
    return not any(Span(m.begins, m.ends).reaches_past(began) for m in theirs)


def _blobs(site: _Site) -> Iterator[str | None]:
    """All bytes that anything refers to are there and hash to their names."""
    columns = (OutputRow.sha256, OutputRow.canonical_sha256, OutputRow.parts_sha256)
    digests = {digest for column in columns for digest in site.session.scalars(select(column).distinct()) if digest}
    digests |= {file["sha256"] for told in site.history.releases for file in told.files}
    for digest in sorted(digests):
        yield site.desk.blobs.find_damage(digest) or None


def _datasets(site: _Site) -> Iterator[str | None]:
    """Every dataset version's folder is what was registered, hashed file by file."""
    for row in site.session.scalars(select(DatasetVersionRow)):
        try:
            folder = datasets.require_intact(site.desk, row)
        except HalftideError as error:
            yield str(error)
            continue
        wrong = datasets.find_differences(folder, datasets.read_manifest(folder)[1])
        yield f"dataset {row.dataset.slug} {row.version}: {'; '.join(wrong)}" if wrong else None


def _proofs(site: _Site) -> Iterator[str | None]:
    """Each proof of the seal is signed with this site's key, and follows from what its probes found."""
    rows = site.session.scalars(select(ProbeRow)).all()
    public_key = site_signer(site.desk.state_dir).public_key if rows else ""
    for row in rows:
        try:
            require_signed(row, public_key)
        except HalftideError as error:
            yield str(error)
        else:
            yield None


_CHECKS: Final[tuple[tuple[str, Callable[[_Site], Iterator[str | None]]], ...]] = (
    ("facts (rows against the ledger)", _facts),
    ("requests (history against the table of states)", _lives),
    ("votes (database against the ledger)", _votes),
    ("released files (recounted from the votes)", _releases),
    ("stored bytes (hashed again)", _blobs),
    ("dataset versions (hashed again)", _datasets),
    ("proofs of the seal (signatures and findings)", _proofs),
)
