"""What people do to a request: start, vote, return, reject, comment, withdraw, have it checked again.

Each verb is one transaction. A vote counts for the bytes, the round and the policy that its checker had before them;
where any of these has changed meanwhile, the vote is refused and nothing is recorded.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from output_checker.desk import jobs
from output_checker.desk.ballots import Box, open_box
from output_checker.desk.context import Change, Desk, actor_of
from output_checker.desk.moves import SYSTEM_STANDING, find_request, move, refuse_unknown, standing_of
from output_checker.desk.release import find_release, release
from output_checker.desk.views import Person
from output_checker.model import BadInput, Conflict, HalftideError, NotAllowed, NotFound
from output_checker.rules import votes
from output_checker.rules.votes import Ballot, Decision
from output_checker.rules.workflow import Action, Relation, Standing, State, require_action
from output_checker.storage.schema import MessageRow, RequestRow, VoteRow, new_key

_log = logging.getLogger(__name__)

_REASON_LENGTH: Final = 10_000


@dataclass(frozen=True)
class Choice:
    """A checker's vote on an output, with the digest of the bytes that they saw."""

    output_id: str
    canonical_sha256: str
    decision: Decision
    reason: str = ""


@dataclass(frozen=True)
class VoteResult:
    """Where the request is after the votes; ``recorded`` counts those that were new."""

    state: State
    recorded: int
    released: bool


def start(desk: Desk, who: Person, request_id: str) -> None:
    """Take a waiting request into review. Doing it again changes nothing."""
    with desk.changing(actor_of(who)) as change:
        request, standing = _open(change, who, request_id)
        if request.state == State.IN_REVIEW and Relation.CHECKER in standing.relations:
            return
        move(change, request, Action.START, standing)


def vote(desk: Desk, who: Person, request_id: str, number: int, choices: Sequence[Choice]) -> VoteResult:
    """Vote on outputs of the round ``number``. The last vote that was missing approves the request and releases it.

    The same vote again records nothing. Raises Conflict when round, bytes or policy are not the current ones, BadInput
    when a reason is missing, NotAllowed with the rule that refuses.
    """
    with desk.changing(actor_of(who)) as change:
        request, standing = _open(change, who, request_id)
        if Relation.CHECKER not in standing.relations:
            raise NotAllowed(standing.refusals.get(Relation.CHECKER, "You may not vote on this request."))
        box = open_box(change.session, request, change.now)
        new = _new_ballots(who, request, box, number, choices)
        if new:
            _record_votes(change, request, standing, box, new)
        if request.state == State.IN_REVIEW and open_box(change.session, request, change.now).tally().complete:
            move(change, request, Action.APPROVE, SYSTEM_STANDING)
            jobs.order_release(change, request)
    return _result(desk, request_id, len(new))


def return_for_changes(desk: Desk, who: Person, request_id: str, number: int, reason: str) -> None:
    """Give the request back to its author with what should change."""
    _decide_alone(desk, who, request_id, number, Action.RETURN, reason=reason)


def reject(desk: Desk, who: Person, request_id: str, number: int, reason: str) -> None:
    """End the request without a release."""
    _decide_alone(desk, who, request_id, number, Action.REJECT, reason=reason)


def comment(desk: Desk, who: Person, request_id: str, text: str, *, public: bool) -> None:
    """Say something about the request. What authors say is public; private words of a checker are for checkers."""
    with desk.changing(actor_of(who)) as change:
        request, standing = _open(change, who, request_id)
        seen = public or Relation.AUTHOR in standing.relations
        _say(change, request, who, Action.COMMENT, text, public=seen)
        move(change, request, Action.COMMENT, standing, text, public=seen)


def withdraw(desk: Desk, who: Person, request_id: str) -> None:
    """Take one's own request back. Nothing of it will be released."""
    with desk.changing(actor_of(who)) as change:
        request, standing = _open(change, who, request_id)
        move(change, request, Action.WITHDRAW, standing)
        jobs.cancel_all(change, request)


def check_again(desk: Desk, who: Person, request_id: str) -> None:
    """Run the automated check again. Votes on bytes that come out the same stay."""
    with desk.changing(actor_of(who)) as change:
        request, standing = _open(change, who, request_id)
        move(change, request, Action.CHECK_AGAIN, standing)
        jobs.order_checks(change, request)


def _open(change: Change, who: Person, request_id: str) -> tuple[RequestRow, Standing]:
    """The request and what this person is to it; refuses people who are nothing to it."""
    request = find_request(change.session, request_id)
    standing = standing_of(change.session, who, request, change.now)
    if not standing.relations:
        raise refuse_unknown(change.session, who, standing, change.now)
    return request, standing


def _require_round(request: RequestRow, number: int) -> None:
    if request.round != number:
        raise Conflict(f"The author has submitted round {request.round} meanwhile. Look at it, then decide again.")


def _new_ballots(
    who: Person, request: RequestRow, box: Box, number: int, choices: Sequence[Choice]
) -> tuple[Ballot, ...]:
    """The votes of these choices that this person has not given already; all of them must make sense."""
    if not choices:
        raise BadInput("Choose approve or object for at least one output.")
    candidates = {candidate.output: candidate for candidate in box.candidates}
    last = {b.output: b for b in votes.latest(box.ballots) if b.checker == who.id and b.round == request.round}
    new: dict[str, Ballot] = {}
    for choice in choices:
        _require_round(request, number)
        candidate = candidates.get(choice.output_id)
        if candidate is None:
            raise NotFound("One of the outputs is not part of this request.")
        if len(choice.reason) > _REASON_LENGTH:
            raise BadInput(f"The reason is too long; {_REASON_LENGTH:,} characters are the most that is kept.")
        ballot = Ballot(
            checker=who.id,
            output=candidate.output,
            round=request.round,
            decision=Decision(choice.decision),
            canonical_sha256=candidate.canonical_sha256 or "",
            policy_digest=box.ask.policy_digest,
            reason=choice.reason.strip(),
        )
        if last.get(candidate.output) == ballot:
            continue
        if request.state != State.WAITING:
            # a vote on a waiting request starts its review
            require_action(State(request.state), Action.VOTE, _VOTER)
        if choice.canonical_sha256 != ballot.canonical_sha256 or candidate.policy_digest != ballot.policy_digest:
            raise Conflict("The output or its policy has changed since you saw it. Look again, then vote.")
        votes.require_sense(ballot, candidate)
        new[candidate.output] = ballot
    return tuple(new.values())


_VOTER: Final = Standing(frozenset({Relation.CHECKER}))


def _record_votes(change: Change, request: RequestRow, standing: Standing, box: Box, new: Sequence[Ballot]) -> None:
    if request.state == State.WAITING:
        move(change, request, Action.START, standing)
    told = []
    for position, ballot in enumerate(new, start=len(box.votes)):
        values = {
            "round": ballot.round,
            "decision": ballot.decision.value,
            "reason": ballot.reason,
            "canonical_sha256": ballot.canonical_sha256,
            "policy_digest": ballot.policy_digest,
        }
        row = VoteRow(
            id=new_key(),
            request_id=request.id,
            output_id=ballot.output,
            checker_id=ballot.checker,
            position=position,
            at=change.now,
            **values,
        )
        change.session.add(row)
        told.append({"vote": row.id, "output": ballot.output, "checker": ballot.checker, **values})
    change.session.flush()
    move(change, request, Action.VOTE, standing, votes=told)


def _result(desk: Desk, request_id: str, recorded: int) -> VoteResult:
    """Release what the votes approved. A failure here is no failure of the vote: the worker tries again."""
    with desk.reading() as session:
        state = State(find_request(session, request_id).state)
    if state is State.APPROVED:
        try:
            release(desk, request_id)
        except HalftideError:
            _log.exception("request %s is approved but could not be released; it will be tried again", request_id)
    with desk.reading() as session:
        request = find_request(session, request_id)
        return VoteResult(State(request.state), recorded, released=find_release(session, request) is not None)


def _decide_alone(desk: Desk, who: Person, request_id: str, number: int, action: Action, *, reason: str) -> None:
    with desk.changing(actor_of(who)) as change:
        request, standing = _open(change, who, request_id)
        require_action(State(request.state), action, standing)
        _require_round(request, number)
        _say(change, request, who, action, reason, public=True)
        move(change, request, action, standing, reason)


def _say(change: Change, request: RequestRow, who: Person, action: Action, text: str, *, public: bool) -> None:
    change.session.add(
        MessageRow(
            id=new_key(),
            request_id=request.id,
            round=request.round,
            person_id=who.id,
            kind=action.value,
            text=text.strip(),
            public=public,
            at=change.now,
        )
    )
    change.session.flush()
