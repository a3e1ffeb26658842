"""From votes to a decision, and who may see whose votes. Pure.

A vote counts for exactly the canonical bytes, the round and the policy it was given under. The set of outputs that may
be released is computed here from the votes and from nothing else, when the last vote comes in and again at release.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from output_checker.model import BadInput, PersonId


class Decision(StrEnum):
    """What a checker says about an output."""

    APPROVE = "approve"
    OBJECT = "object"


@dataclass(frozen=True)
class Candidate:
    """An output of the current round as it would be released. No ``canonical_sha256``: nothing that can be released."""

    output: str
    canonical_sha256: str | None
    policy_digest: str | None
    has_fail: bool


@dataclass(frozen=True)
class Ballot:
    """A vote. Ballots arrive in the order in which they were given; a person's later one replaces the earlier. An
    objection to a file that could not be read has an empty ``canonical_sha256``."""

    checker: PersonId
    output: str
    round: int
    decision: Decision
    canonical_sha256: str
    policy_digest: str
    reason: str = ""


@dataclass(frozen=True)
class Ask:
    """What is needed for a release: this round, this policy, this many different people."""

    round: int
    policy_digest: str
    approvals: int


@dataclass(frozen=True)
class Tally:
    """The votes, counted. ``approvers`` and ``objectors`` name the people per output."""

    approvers: Mapping[str, frozenset[PersonId]]
    objectors: Mapping[str, frozenset[PersonId]]
    approved: tuple[str, ...]
    complete: bool


def counts(ballot: Ballot, candidate: Candidate, ask: Ask) -> bool:
    """Whether the vote is about exactly these bytes, in this round, under this policy."""
    return (
        ballot.output == candidate.output
        and ballot.round == ask.round
        and ballot.canonical_sha256 == (candidate.canonical_sha256 or "")
        and ballot.policy_digest == candidate.policy_digest == ask.policy_digest
    )


def latest(ballots: Iterable[Ballot]) -> tuple[Ballot, ...]:
    """Each person's last word on each output of each round."""
    last = {(ballot.checker, ballot.output, ballot.round): ballot for ballot in ballots}
    return tuple(last.values())


def tally(candidates: Sequence[Candidate], ballots: Iterable[Ballot], ask: Ask, excluded: frozenset[PersonId]) -> Tally:
    """Count the votes. Votes of ``excluded`` people (author, members, conflicts) never count.

    Complete means: there is at least one output, and every output has the approvals of ``ask.approvals`` different
    people; an approval against a ``fail`` finding counts only with a reason.
    """
    last = [ballot for ballot in latest(ballots) if ballot.checker not in excluded]
    approvers: dict[str, frozenset[PersonId]] = {}
    objectors: dict[str, frozenset[PersonId]] = {}
    for candidate in candidates:
        mine = [ballot for ballot in last if counts(ballot, candidate, ask)]
        approvers[candidate.output] = frozenset(
            ballot.checker
            for ballot in mine
            if ballot.decision is Decision.APPROVE
            and candidate.canonical_sha256
            and (ballot.reason.strip() or not candidate.has_fail)
        )
        objectors[candidate.output] = frozenset(b.checker for b in mine if b.decision is Decision.OBJECT)
    needed = max(ask.approvals, 1)
    approved = tuple(c.output for c in candidates if len(approvers[c.output]) >= needed)
    return Tally(approvers, objectors, approved, complete=bool(candidates) and len(approved) == len(candidates))


def require_sense(ballot: Ballot, candidate: Candidate) -> None:
    """Raise BadInput when the vote lacks the reason that it needs or approves what can't be released."""
    if ballot.decision is Decision.OBJECT and not ballot.reason.strip():
        raise BadInput("Say why you object: the author and the other checker need it.")
    if ballot.decision is Decision.APPROVE and candidate.canonical_sha256 is None:
        raise BadInput("This file could not be read, so there is nothing that can be released. Return it for changes.")
    if ballot.decision is Decision.APPROVE and candidate.has_fail and not ballot.reason.strip():
        raise BadInput("The check found something that must not be released. To approve it all the same, say why.")


def has_voted_on_all(person: PersonId, candidates: Sequence[Candidate], ballots: Iterable[Ballot], ask: Ask) -> bool:
    """Whether this person's own votes on the current round are complete."""
    last = latest(ballots)
    return bool(candidates) and all(
        any(ballot.checker == person and counts(ballot, candidate, ask) for ballot in last) for candidate in candidates
    )


@dataclass(frozen=True)
class Reader:
    """Who wants to see votes: ``may_vote`` on this request, and whether the request is ``decided`` already."""

    person: PersonId
    may_vote: bool
    decided: bool


def visible(reader: Reader, candidates: Sequence[Candidate], ballots: Sequence[Ballot], ask: Ask) -> tuple[Ballot, ...]:
    """The ballots that this person may see.

    One's own always. Those of others, of earlier rounds too, when the request is decided or once one's own votes on the
    current round are complete. Somebody who may not vote sees nothing before the decision, so that nobody can carry it
    over.
    """
    if reader.decided or (reader.may_vote and has_voted_on_all(reader.person, candidates, ballots, ask)):
        return tuple(ballots)
    return tuple(ballot for ballot in ballots if ballot.checker == reader.person)
