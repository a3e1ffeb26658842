"""Packages from inside: who asked for which, what an administrator decided, and what a workspace is given.

Promises: a workspace is given only what its project's list allows at that moment, every wish is written down before it
is answered, and every change of the list is in the ledger. Never decides by itself that a package is allowed.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from output_checker.desk.context import Change, Desk, actor_of
from output_checker.desk.moves import roles_of
from output_checker.desk.people import require_admin
from output_checker.desk.projects import access_of, require_project
from output_checker.desk.views import Person, SiteRole
from output_checker.mirror.library import Library, Served
from output_checker.model import BadInput, Conflict, HalftideError, NotAllowed, NotFound
from output_checker.rules.packages import (
    Allowed,
    Kind,
    PackageList,
    checked_kind,
    checked_name,
    checked_versions,
    wish_of,
)
from output_checker.storage.schema import PackageRow, PackageUseRow, PersonRow, ProjectRow, new_key

MOST_OPEN: Final = 100
"""Questions that one project may have open at once."""
MOST_REASON: Final = 1000
_PLAIN: Final = re.compile(r"[A-Za-z0-9._+!/\-]{1,400}")


class State(StrEnum):
    """What became of a package that was asked for."""

    ASKED = "asked"
    ALLOWED = "allowed"
    REFUSED = "refused"
    ENDED = "ended"


@dataclass(frozen=True)
class PackageView:
    """A question or a line of the list, as a person reads it. Without a project it holds for the whole site."""

    id: str
    kind: Kind
    name: str
    versions: str
    state: State
    reason: str
    project: str
    asked_by: str
    asked_at: datetime
    decision: str
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True)
class UseView:
    """A wish of a workspace and what it was told."""

    at: datetime
    person: str
    project: str
    wish: str
    outcome: str
    size: int


@dataclass(frozen=True)
class Question:
    """A package that somebody would like to have. Raises BadInput when it can't be one."""

    kind: Kind
    name: str
    versions: str = ""
    reason: str = ""

    @classmethod
    def from_text(cls, kind: str, name: str, versions: str = "", reason: str = "") -> "Question":
        """The question in the spelling that the list uses."""
        known = checked_kind(kind)
        if len(reason) > MOST_REASON:
            raise BadInput(f"Say why in at most {MOST_REASON} characters.")
        return cls(known, checked_name(known, name), checked_versions(versions), reason.strip())


# --- asking and deciding ----------------------------------------------------------------------------------------------


def ask(desk: Desk, by: Person, slug: str, question: Question) -> PackageView:
    """Ask for a package for a project. Asking again while the question is open gives the same question.

    Raises NotAllowed unless the person may work in the project now, Conflict when all of it is allowed already or too
    many questions are open.
    """
    with desk.changing(actor_of(by)) as change:
        project = _require_access(change.session, by, slug, change.now)
        if _answered(_list(change.session, project.id), question):
            raise Conflict(f"{question.name} is on this project's list already.")
        rows = _open_questions(change.session, project.id)
        row = next((one for one in rows if (one.kind, one.name) == (question.kind, question.name)), None)
        if row is None:
            if len(rows) >= MOST_OPEN:
                raise Conflict(f"This project has {MOST_OPEN} open questions for packages. Wait for an answer first.")
            row = _new(change, question, project.id, by)
            change.record("ask_package", row.subject(), kind=row.kind, name=row.name, versions=row.versions)
        change.session.flush()
        return _views(change.session, PackageRow.id == row.id)[0]


def _answered(listed: PackageList, question: Question) -> bool:
    lines = [line for line in listed.lines if (line.kind, line.name) == (question.kind, question.name)]
    return any(line.versions in {"", question.versions} for line in lines)


def allow(desk: Desk, by: Person | None, question: Question, slug: str | None = None) -> PackageView:
    """Put a package on a project's list or, without a project, on the site's. Raises NotAllowed unless by an admin."""
    with desk.changing(actor_of(by)) as change:
        require_admin(change, by)
        project = require_project(change.session, slug) if slug else None
        row = _new(change, question, project.id if project else None, by)
        _decide(change, row, State.ALLOWED, by, question.reason)
        return _views(change.session, PackageRow.id == row.id)[0]


def approve(desk: Desk, by: Person | None, package_id: str, versions: str = "", reason: str = "") -> PackageView:
    """Answer an open question with yes, for these versions."""
    with desk.changing(actor_of(by)) as change:
        require_admin(change, by)
        row = _require(change.session, package_id, State.ASKED)
        row.versions = checked_versions(versions)
        _decide(change, row, State.ALLOWED, by, reason)
        return _views(change.session, PackageRow.id == row.id)[0]


def refuse(desk: Desk, by: Person | None, package_id: str, reason: str) -> PackageView:
    """Answer an open question with no. Raises BadInput without a reason: it is what the researcher reads."""
    return _close(desk, by, package_id, (State.ASKED, State.REFUSED), reason)


def end(desk: Desk, by: Person | None, package_id: str, reason: str) -> PackageView:
    """Take a line off the list. What is installed already stays installed."""
    return _close(desk, by, package_id, (State.ALLOWED, State.ENDED), reason)


def _close(desk: Desk, by: Person | None, package_id: str, step: tuple[State, State], reason: str) -> PackageView:
    if not reason.strip():
        raise BadInput("Say why, in a sentence that the researcher can read.")
    with desk.changing(actor_of(by)) as change:
        require_admin(change, by)
        row = _require(change.session, package_id, step[0])
        _decide(change, row, step[1], by, reason)
        return _views(change.session, PackageRow.id == row.id)[0]


def _new(change: Change, question: Question, project_id: str | None, by: Person | None) -> PackageRow:
    row = PackageRow(
        id=new_key(),
        project_id=project_id,
        kind=question.kind,
        name=question.name,
        versions=question.versions,
        state=State.ASKED,
        reason=question.reason,
        asked_by=None if by is None else by.id,
        asked_at=change.now,
    )
    change.session.add(row)
    return row


def _decide(change: Change, row: PackageRow, state: State, by: Person | None, reason: str) -> None:
    row.state, row.decision, row.decided_at = state, reason.strip()[:MOST_REASON], change.now
    row.decided_by = None if by is None else by.id
    verb = {State.ALLOWED: "allow_package", State.REFUSED: "refuse_package", State.ENDED: "end_package"}[state]
    change.record(verb, row.subject(), kind=row.kind, name=row.name, versions=row.versions, reason=row.decision)
    change.session.flush()


def _require(session: Session, package_id: str, state: State) -> PackageRow:
    row = session.get(PackageRow, package_id)
    if row is None:
        raise NotFound("There is no such package here.")
    if row.state != state:
        raise Conflict(f"{row.name} was decided meanwhile: it is {row.state} now.")
    return row


# --- reading ----------------------------------------------------------------------------------------------------------


def of_project(desk: Desk, who: Person, slug: str) -> tuple[PackageView, ...]:
    """The questions and lines that concern a project, newest first.

    Raises NotAllowed for who may neither work there now nor is an administrator.
    """
    with desk.reading() as session:
        if SiteRole.ADMIN in roles_of(session, who.id, desk.clock()):
            project = require_project(session, slug)
        else:
            project = _require_access(session, who, slug, desk.clock())
        return _views(session, or_(PackageRow.project_id == project.id, PackageRow.project_id.is_(None)))


def everything(desk: Desk, who: Person | None) -> tuple[PackageView, ...]:
    """All questions and lines of the site, newest first, for administrators and the site itself."""
    with desk.reading() as session:
        _require_admin_view(session, who, desk.clock())
        return _views(session, PackageRow.id.is_not(None))


def uses(desk: Desk, who: Person, most: int = 100) -> tuple[UseView, ...]:
    """The last wishes of all workspaces, newest first, for administrators."""
    with desk.reading() as session:
        _require_admin_view(session, who, desk.clock())
        rows = session.execute(
            select(PackageUseRow, PersonRow.hub_name, ProjectRow.slug)
            .join(PersonRow, PackageUseRow.person_id == PersonRow.id)
            .join(ProjectRow, PackageUseRow.project_id == ProjectRow.id)
            .order_by(PackageUseRow.at.desc())
            .limit(most)
        )
        return tuple(UseView(row.at, person, slug, row.wish, row.outcome, row.size) for row, person, slug in rows)


def package_list(desk: Desk, slug: str) -> PackageList:
    """What the workspaces of a project may have now."""
    with desk.reading() as session:
        return _list(session, require_project(session, slug).id)


# --- serving ----------------------------------------------------------------------------------------------------------


@contextmanager
def serve(desk: Desk, library: Library, who: Person, slug: str, path: str) -> Iterator[Served]:
    """What a package client in a workspace asks for by this path, written down before it is handed out.

    Raises NotAllowed, with the way on, for what is not on the list or when there is no mirror.
    """
    with desk.reading() as session:
        project = _require_access(session, who, slug, desk.clock()).id
        listed = _list(session, project)
    diary = _Diary(desk, who.id, project, path)
    with ExitStack() as stack:
        try:
            served = stack.enter_context(library.serve(wish_of(path), listed))
        except HalftideError as error:
            diary.write(_outcome(error))
            raise
        diary.write("served", served.size)
        yield served


def _outcome(error: HalftideError) -> str:
    kinds = {NotAllowed: "refused", NotFound: "not found"}
    return next((word for kind, word in kinds.items() if isinstance(error, kind)), "failed")


@dataclass(frozen=True)
class _Diary:
    """Writes down what one workspace wishes for."""

    desk: Desk
    person_id: str
    project_id: str
    wish: str

    def write(self, outcome: str, size: int = 0) -> None:
        """Write down what the workspace was told."""
        with self.desk.working() as session:
            row = PackageUseRow(
                id=new_key(),
                at=self.desk.clock(),
                person_id=self.person_id,
                project_id=self.project_id,
                wish=self.wish if _PLAIN.fullmatch(self.wish) else "(an address that is none)",
                outcome=outcome,
                size=size,
            )
            session.add(row)


def _list(session: Session, project_id: str) -> PackageList:
    rows = session.scalars(
        select(PackageRow).where(
            PackageRow.state == State.ALLOWED,
            or_(PackageRow.project_id == project_id, PackageRow.project_id.is_(None)),
        )
    )
    return PackageList(tuple(Allowed(Kind(row.kind), row.name, row.versions) for row in rows))


def _require_access(session: Session, who: Person, slug: str, now: datetime) -> ProjectRow:
    project = require_project(session, slug)
    decision = access_of(session, who.id, project, now)
    if not decision.allowed:
        raise NotAllowed(decision.reason)
    return project


def _require_admin_view(session: Session, who: Person | None, now: datetime) -> None:
    if who is not None and SiteRole.ADMIN not in roles_of(session, who.id, now):
        raise NotAllowed("Only an administrator of this site sees the packages of all projects.")


def _open_questions(session: Session, project_id: str) -> list[PackageRow]:
    rows = select(PackageRow).where(PackageRow.project_id == project_id, PackageRow.state == State.ASKED)
    return list(session.scalars(rows))


def _views(session: Session, condition: ColumnElement[bool]) -> tuple[PackageView, ...]:
    asker, decider = aliased(PersonRow), aliased(PersonRow)
    rows = session.execute(
        select(PackageRow, ProjectRow.slug, asker.hub_name, decider.hub_name)
        .outerjoin(ProjectRow, PackageRow.project_id == ProjectRow.id)
        .outerjoin(asker, PackageRow.asked_by == asker.id)
        .outerjoin(decider, PackageRow.decided_by == decider.id)
        .where(condition)
        .order_by(PackageRow.asked_at.desc())
    )
    return tuple(
        PackageView(
            id=row.id,
            kind=Kind(row.kind),
            name=row.name,
            versions=row.versions,
            state=State(row.state),
            reason=row.reason,
            project=slug or "",
            asked_by=asked or "",
            asked_at=row.asked_at,
            decision=row.decision or "",
            decided_by=decided or "",
            decided_at=row.decided_at,
        )
        for row, slug, asked, decided in rows
    )
