"""The ledger in words, and which of its entries a reader may see before a request is decided. Changes nothing.

Votes and comments of others stay out of sight until the reader's own votes are complete; see ``rules.votes``.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, literal, not_, or_, select
from sqlalchemy.orm import Session

from output_checker.desk.ballots import Box, open_box
from output_checker.desk.context import SYSTEM, actor_of
from output_checker.desk.moves import standing_of
from output_checker.desk.views import EventView, Person
from output_checker.rules.votes import has_voted_on_all
from output_checker.rules.workflow import ENDS, Relation, Standing, State
from output_checker.storage.schema import LedgerRow, PersonRow, RequestRow, VoteRow

DECIDED: Final = ENDS | {State.APPROVED, State.HELD, State.RELEASED}
"""States in which the votes on a request are no secret any more."""

_BLIND: Final = ("vote", "comment")

_WORDS: Final[Mapping[str, str]] = {
    "submit": "submitted the request",
    "resubmit": "submitted round {round}",
    "check_output": "checked a file: {verdict}",
    "checked": "finished the automated check",
    "check_again": "had it checked again",
    "correct": "said what a column or row of a file holds",
    "refuse_correction": "refused a correction",
    "start": "started the review",
    "vote": "voted",
    "return": "returned it for changes",
    "reject": "rejected it",
    "comment": "commented",
    "withdraw": "withdrew it",
    "approve": "counted the votes: approved",
    "reopen": "took the approval back",
    "release": "released the files",
    "fetch": "downloaded released files",
    "expire": "let it expire",
    "recall": "recalled it",
    "recognise": "met {hub_name} for the first time",
    "give_role": "gave the role {role}",
    "take_role": "took the role {role} away",
    "create_project": "created the project {slug}",
    "set_project_state": "made the project {to}",
    "set_policy": "changed the project's policy",
    "set_boundary": "changed the project's workspaces: {names}",
    "add_member": "added a member as {role}",
    "end_membership": "ended a membership",
    "grant_dataset": "granted dataset {dataset} {version}",
    "register_dataset": "registered version {version}",
    "probe": "tried the seal of its workspaces: {figures}",
    "answer_probe": "answered for a failed proof: {reason}",
    "declare_conflict": "declared a conflict of interest",
    "ask_package": "asked for the {kind} package {name} {versions}",
    "allow_package": "allowed the {kind} package {name} {versions}",
    "refuse_package": "refused the {kind} package {name} {versions}",
    "end_package": "took the {kind} package {name} {versions} off the list",
}


def sees_votes(who: Person, state: State, standing: Standing, box: Box) -> bool:
    """Whether this reader may see what others said about a request."""
    if state in DECIDED:
        return True
    finished = has_voted_on_all(who.id, box.candidates, box.ballots, box.ask)
    return finished and Relation.CHECKER in standing.relations


def is_own_or_open(who: Person, row: LedgerRow) -> bool:
    """Whether an entry may be seen by somebody who is blind to what others say about its request."""
    return row.action not in _BLIND or row.actor == actor_of(who)


def may_be_seen(session: Session, who: Person, now: datetime) -> ColumnElement[bool]:
    """The SQL condition that hides the votes and comments of others on requests that this reader is still blind to."""
    voted_on = select(VoteRow.request_id).where(VoteRow.checker_id == who.id)
    undecided = select(RequestRow).where(RequestRow.state.not_in(DECIDED), RequestRow.id.in_(voted_on))
    finished = [
        request.subject()
        for request in session.scalars(undecided)
        if sees_votes(
            who, State(request.state), standing_of(session, who, request, now), open_box(session, request, now)
        )
    ]
    secret = select(literal("request:").concat(RequestRow.id)).where(RequestRow.state.not_in(DECIDED))
    blind = and_(LedgerRow.subject.in_(secret), LedgerRow.subject.not_in(finished))
    return or_(LedgerRow.action.not_in(_BLIND), LedgerRow.actor == actor_of(who), not_(blind))


def event_views(session: Session, rows: Iterable[LedgerRow]) -> tuple[EventView, ...]:
    """Ledger rows as a person reads them, with names for keys."""
    rows = list(rows)
    people = {row.actor.removeprefix("person:") for row in rows if row.actor != SYSTEM}
    requests = {row.subject.removeprefix("request:") for row in rows if row.subject.startswith("request:")}
    names = {p.id: p.hub_name for p in session.scalars(select(PersonRow).where(PersonRow.id.in_(people)))}
    numbers = dict(session.execute(select(RequestRow.id, RequestRow.number).where(RequestRow.id.in_(requests))).all())
    return tuple(_view(row, names, numbers) for row in rows)


def _view(row: LedgerRow, names: Mapping[str, str], numbers: Mapping[str, int]) -> EventView:
    payload: dict[str, Any] = json.loads(row.payload)
    request_id = row.subject.removeprefix("request:") if row.subject.startswith("request:") else None
    key = row.actor.removeprefix("person:")
    return EventView(
        seq=row.seq,
        at=row.at,
        actor="Halftide" if row.actor == SYSTEM else names.get(key, key),
        action=row.action,
        subject=row.subject,
        text=_WORDS.get(row.action, row.action.replace("_", " ")).format_map(_Gaps(payload)),
        payload=payload,
        request_id=request_id,
        request_number=None if request_id is None else numbers.get(request_id),
    )


class _Gaps(dict[str, Any]):
    """A payload in which a missing field reads as nothing."""

    def __missing__(self, key: str) -> str:
        return ""
