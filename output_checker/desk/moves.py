"""Moving a request from state to state: the one function that does it, and what somebody is to a request.

No other module assigns a request's state. Who may vote is decided here from what the database knows, by
``rules.conflicts``; every handler and every button comes through ``standing_of``.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from output_checker.desk.context import Change
from output_checker.desk.views import Person, SiteRole
from output_checker.model import BadInput, HalftideError, NotAllowed, NotFound, PersonId
from output_checker.rules import conflicts
from output_checker.rules.conflicts import Independence
from output_checker.rules.spans import Span
from output_checker.rules.workflow import Action, Relation, Standing, State, Transition, require_action
from output_checker.storage.schema import ConflictRow, MembershipRow, RequestRow, SiteRoleRow

SYSTEM_STANDING: Final = Standing(frozenset({Relation.SYSTEM}))

_REASON_LENGTH: Final = 10_000


def move(
    change: Change, request: RequestRow, action: Action, standing: Standing, reason: str = "", **payload: Any
) -> Transition:
    """Do an action that the table allows: change the state and tell the ledger.

    Raises Conflict or NotAllowed as ``require_action`` does, BadInput when a reason is needed and missing or too long.
    """
    line = require_action(State(request.state), action, standing)
    reason = reason.strip()
    if line.needs_reason and not reason:
        raise BadInput("Say why: the reason is part of the record and tells the others what to do next.")
    if len(reason) > _REASON_LENGTH:
        raise BadInput(f"The text is too long; {_REASON_LENGTH:,} characters are the most that is kept.")
    request.state = line.target
    if line.target is not line.source:
        # a vote moves nothing, so that its time can't be seen before it may be
        request.updated_at = change.now
    record = change.record_as_system if line.who is Relation.SYSTEM else change.record
    told = {"reason": reason} if reason else {}
    record(
        action, request.subject(), **{"from": line.source, "to": line.target, "round": request.round}, **told, **payload
    )
    return line


def find_request(session: Session, request_id: str) -> RequestRow:
    """The request with this key. Raises NotFound."""
    request = session.get(RequestRow, request_id) if len(request_id) <= 36 else None
    if request is None:
        raise NotFound("There is no such request, or you may not see it.")
    return request


def roles_of(session: Session, person_id: str, now: datetime) -> frozenset[SiteRole]:
    """The roles that somebody holds on this site now."""
    rows = session.scalars(select(SiteRoleRow).where(SiteRoleRow.person_id == person_id))
    return frozenset(SiteRole(row.role) for row in rows if Span(row.begins, row.ends).holds(now))


def memberships_of(session: Session, person_id: str, project_id: str) -> tuple[Span, ...]:
    """When somebody was, is or will be a member of a project."""
    rows = session.scalars(
        select(MembershipRow).where(MembershipRow.person_id == person_id, MembershipRow.project_id == project_id)
    )
    return tuple(Span(row.begins, row.ends) for row in rows)


def is_member(session: Session, person_id: str, project_id: str, now: datetime) -> bool:
    """Whether somebody is a member of the project now."""
    return any(span.holds(now) for span in memberships_of(session, person_id, project_id))


def independence_of(session: Session, person_id: str, request: RequestRow, now: datetime) -> Independence:
    """What is known about somebody's independence from a request."""
    declared = session.scalars(
        select(ConflictRow).where(ConflictRow.person_id == person_id, ConflictRow.project_id == request.project_id)
    )
    began = [span.begins for span in memberships_of(session, request.author_id, request.project_id)]
    return Independence(
        is_checker=SiteRole.CHECKER in roles_of(session, person_id, now),
        is_author=person_id == request.author_id,
        work_began=min([*began, request.created_at]),
        memberships=memberships_of(session, person_id, request.project_id),
        conflicts=tuple(Span(row.begins, row.ends) for row in declared),
    )


def standing_of(session: Session, person: Person, request: RequestRow, now: datetime) -> Standing:
    """What somebody is to a request, from the database alone and not from what the caller believes."""
    relations = set()
    independence = independence_of(session, person.id, request, now)
    why_not = conflicts.refusal(independence)
    if not why_not:
        relations.add(Relation.CHECKER)
    if independence.is_author:
        relations.add(Relation.AUTHOR)
    if is_member(session, person.id, request.project_id, now):
        relations.add(Relation.MEMBER)
    if SiteRole.ADMIN in roles_of(session, person.id, now):
        relations.add(Relation.ADMIN)
    return Standing(frozenset(relations), {Relation.CHECKER: why_not} if why_not else {})


def refuse_unknown(session: Session, person: Person, standing: Standing, now: datetime) -> HalftideError:
    """The error for somebody who is nothing to a request: a checker is told why, others not even that it exists."""
    if SiteRole.CHECKER in roles_of(session, person.id, now):
        return NotAllowed(standing.refusals[Relation.CHECKER])
    return NotFound("There is no such request, or you may not see it.")


def excluded_from(
    session: Session, people: frozenset[PersonId], request: RequestRow, now: datetime
) -> frozenset[PersonId]:
    """Those of these people whose votes on the request don't count."""
    return frozenset(p for p in people if conflicts.refusal(independence_of(session, p, request, now)))
