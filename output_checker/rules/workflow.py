"""The life of a request as one table: which state, which action, who, and what comes next.

Handlers, buttons, tooltips, tests and the diagram in the docs all read ``TRANSITIONS``; nothing else decides. The
module is pure and knows no request, only the state that it is in and what a person is to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from output_checker.model import Conflict, NotAllowed


class State(StrEnum):
    """Where a request is in its life."""

    DRAFT = "draft"
    CHECKING = "checking"
    WAITING = "waiting"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    HELD = "held"
    RELEASED = "released"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    RECALLED = "recalled"


ENDS = frozenset({State.REJECTED, State.WITHDRAWN, State.EXPIRED, State.RECALLED})
"""States that nothing leads out of."""

OPEN = frozenset({State.CHECKING, State.WAITING, State.IN_REVIEW, State.RETURNED, State.APPROVED, State.HELD})
"""States in which somebody still has something to do."""


class Action(StrEnum):
    """What is done to a request."""

    SUBMIT = "submit"
    RESUBMIT = "resubmit"
    CHECKED = "checked"
    CHECK_AGAIN = "check_again"
    START = "start"
    VOTE = "vote"
    RETURN = "return"
    REJECT = "reject"
    COMMENT = "comment"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    REOPEN = "reopen"
    HOLD = "hold"
    RELEASE = "release"
    FETCH = "fetch"
    EXPIRE = "expire"
    RECALL = "recall"


class Relation(StrEnum):
    """What somebody is to a request. ``CHECKER`` is somebody who may vote on it, which more than the role decides."""

    AUTHOR = "author"
    MEMBER = "member"
    CHECKER = "checker"
    ADMIN = "admin"
    SYSTEM = "system"


@dataclass(frozen=True)
class Transition:
    """One line of the table: in ``source``, ``who`` may do ``action``, and then the request is in ``target``."""

    source: State
    action: Action
    who: Relation
    target: State
    needs_reason: bool = False


def _lines() -> Iterable[Transition]:
    s, a, r = State, Action, Relation
    yield Transition(s.DRAFT, a.SUBMIT, r.AUTHOR, s.CHECKING)
    yield Transition(s.CHECKING, a.CHECKED, r.SYSTEM, s.WAITING)
    yield Transition(s.WAITING, a.START, r.CHECKER, s.IN_REVIEW)
    yield Transition(s.IN_REVIEW, a.VOTE, r.CHECKER, s.IN_REVIEW)
    yield Transition(s.IN_REVIEW, a.APPROVE, r.SYSTEM, s.APPROVED)
    yield Transition(s.APPROVED, a.RELEASE, r.SYSTEM, s.RELEASED)
    yield Transition(s.APPROVED, a.REOPEN, r.SYSTEM, s.IN_REVIEW, needs_reason=True)
    yield Transition(s.APPROVED, a.HOLD, r.SYSTEM, s.HELD, needs_reason=True)
    yield Transition(s.HELD, a.RELEASE, r.SYSTEM, s.RELEASED)
    yield Transition(s.RETURNED, a.RESUBMIT, r.AUTHOR, s.CHECKING)
    yield Transition(s.RELEASED, a.RECALL, r.ADMIN, s.RECALLED, needs_reason=True)
    for who in (r.AUTHOR, r.MEMBER):
        yield Transition(s.RELEASED, a.FETCH, who, s.RELEASED)
    for source in (s.WAITING, s.IN_REVIEW):
        yield Transition(source, a.RETURN, r.CHECKER, s.RETURNED, needs_reason=True)
        yield Transition(source, a.REJECT, r.CHECKER, s.REJECTED, needs_reason=True)
        yield Transition(source, a.CHECK_AGAIN, r.CHECKER, s.CHECKING)
    for source in (s.CHECKING, s.WAITING, s.IN_REVIEW, s.APPROVED):
        # votes are votes under a policy: when that changes before the release, everything is checked again
        yield Transition(source, a.CHECK_AGAIN, r.SYSTEM, s.CHECKING, needs_reason=True)
    for source in (s.DRAFT, s.CHECKING, s.WAITING, s.IN_REVIEW, s.RETURNED):
        yield Transition(source, a.WITHDRAW, r.AUTHOR, s.WITHDRAWN)
    for source in (s.DRAFT, s.RETURNED):
        yield Transition(source, a.EXPIRE, r.SYSTEM, s.EXPIRED, needs_reason=True)
    for source in (s.CHECKING, s.WAITING, s.IN_REVIEW, s.RETURNED):
        for who in (r.AUTHOR, r.CHECKER):
            yield Transition(source, a.COMMENT, who, source, needs_reason=True)


TRANSITIONS: tuple[Transition, ...] = tuple(_lines())

PEOPLE_ACTIONS: tuple[Action, ...] = (
    Action.START,
    Action.VOTE,
    Action.RETURN,
    Action.REJECT,
    Action.CHECK_AGAIN,
    Action.COMMENT,
    Action.RESUBMIT,
    Action.WITHDRAW,
    Action.FETCH,
)
"""What a person can press on a request's page, in the order in which a page shows it."""

_LABELS: Mapping[Action, str] = {
    Action.SUBMIT: "Ask for a release",
    Action.RESUBMIT: "Submit again",
    Action.START: "Start the review",
    Action.VOTE: "Vote",
    Action.RETURN: "Return for changes",
    Action.REJECT: "Reject",
    Action.CHECK_AGAIN: "Check again",
    Action.COMMENT: "Comment",
    Action.WITHDRAW: "Withdraw",
    Action.FETCH: "Download the released files",
}

_STATES_IN_WORDS: Mapping[State, str] = {
    State.DRAFT: "is a draft",
    State.CHECKING: "is in the automated check",
    State.WAITING: "is waiting for a checker",
    State.IN_REVIEW: "is being reviewed",
    State.RETURNED: "is back with its author",
    State.APPROVED: "has been approved",
    State.HELD: "has been approved and is held until its date",
    State.RELEASED: "has been released",
    State.REJECTED: "has been rejected",
    State.WITHDRAWN: "has been withdrawn",
    State.EXPIRED: "has expired",
    State.RECALLED: "has been recalled",
}

_WHO_IN_WORDS: Mapping[Relation, str] = {
    Relation.AUTHOR: "its author",
    Relation.MEMBER: "a member of its project",
    Relation.CHECKER: "a checker who has no part in the project",
    Relation.ADMIN: "an administrator",
    Relation.SYSTEM: "Halftide itself",
}


@dataclass(frozen=True)
class Standing:
    """What a person is to a request, and for what they are not, why not ("You are the author of this request.")."""

    relations: frozenset[Relation]
    refusals: Mapping[Relation, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Offer:
    """An action as a page shows it: a button that can be pressed, or one that is off and says why."""

    action: Action
    label: str
    allowed: bool
    why: str
    needs_reason: bool


def require_action(state: State, action: Action, standing: Standing) -> Transition:
    """The line of the table that lets this person do this now.

    Raises Conflict when the state does not allow it to anybody, NotAllowed when it does but not to this person.
    """
    lines = [line for line in TRANSITIONS if line.source is state and line.action is action]
    if not lines:
        raise Conflict(f"This can't be done now: the request {_STATES_IN_WORDS[state]}.")
    for line in lines:
        if line.who in standing.relations:
            return line
    if action in PEOPLE_ACTIONS and all(line.who is Relation.SYSTEM for line in lines):
        raise Conflict(f"This can't be done now: the request {_STATES_IN_WORDS[state]}.")
    refusals = [standing.refusals[line.who] for line in lines if line.who in standing.refusals]
    people = " or ".join(_WHO_IN_WORDS[line.who] for line in lines if line.who is not Relation.SYSTEM)
    raise NotAllowed(refusals[0] if refusals else f"Only {people or 'Halftide itself'} can do this.")


def offers(state: State, standing: Standing) -> tuple[Offer, ...]:
    """The buttons for this person in this state: what they may do, and what only others may do, with why."""
    result = []
    for action in PEOPLE_ACTIONS:
        lines = [line for line in TRANSITIONS if line.source is state and line.action is action]
        lines = [line for line in lines if line.who is not Relation.SYSTEM]
        if not lines:
            continue
        needs_reason = any(line.needs_reason for line in lines)
        try:
            require_action(state, action, standing)
            result.append(Offer(action, _LABELS[action], allowed=True, why="", needs_reason=needs_reason))
        except NotAllowed as refusal:
            result.append(Offer(action, _LABELS[action], allowed=False, why=str(refusal), needs_reason=needs_reason))
    return tuple(result)


_AUTHOR_TEXT: Mapping[State, str] = {
    State.DRAFT: "Not submitted yet. Submit it when it is complete.",
    State.CHECKING: "The automated check is running. You don't have to do anything.",
    State.WAITING: "Waiting for two checkers. You don't have to do anything.",
    State.IN_REVIEW: "Checkers are reviewing it. You don't have to do anything.",
    State.RETURNED: "A checker asks for changes. Read the message, change the files and submit again.",
    State.APPROVED: "Approved; the files are being made ready.",
    State.HELD: "Approved and held until its date. You don't have to do anything.",
    State.RELEASED: "Released. You can download the files.",
    State.REJECTED: "Rejected. Read the reason; a new request can answer it.",
    State.WITHDRAWN: "Withdrawn. Nothing was released.",
    State.EXPIRED: "Expired because nothing happened for too long. Ask again when you need it.",
    State.RECALLED: "Recalled. Delete your copies and read the message.",
}

_CHECKER_TEXT: Mapping[State, str] = {
    State.DRAFT: "Not submitted yet.",
    State.CHECKING: "The automated check is running.",
    State.WAITING: "Waiting for checkers.",
    State.IN_REVIEW: "In review: every output needs the approval of different people.",
    State.RETURNED: "Back with the author for changes.",
    State.APPROVED: "Approved; the files are being made ready.",
    State.HELD: "Approved and held until its date.",
    State.RELEASED: "Released.",
    State.REJECTED: "Rejected.",
    State.WITHDRAWN: "Withdrawn by the author.",
    State.EXPIRED: "Expired.",
    State.RECALLED: "Recalled.",
}


def state_text(state: State, relation: Relation) -> str:
    """What the state means for this reader, and what they must do next."""
    return (_AUTHOR_TEXT if relation in {Relation.AUTHOR, Relation.MEMBER} else _CHECKER_TEXT)[state]


def diagram() -> str:
    """The table as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2", "    [*] --> draft"]
    seen = set()
    for line in TRANSITIONS:
        edge = f"    {line.source} --> {line.target}: {line.action}"
        if line.source is not line.target and edge not in seen:
            seen.add(edge)
            lines.append(edge)
    lines += [f"    {end} --> [*]" for end in sorted(ENDS)]
    return "\n".join(lines) + "\n"
