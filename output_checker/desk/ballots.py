"""What the database holds about a request's votes, as the values that ``rules.votes`` decides on. Changes nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from output_checker.desk.moves import excluded_from
from output_checker.desk.projects import policy_of_row
from output_checker.model import PersonId
from output_checker.rules import votes
from output_checker.rules.votes import Ask, Ballot, Candidate, Decision, Tally
from output_checker.storage.schema import OutputRow, RequestRow, VoteRow


@dataclass(frozen=True)
class Box:
    """The ballot box of a request: outputs of the current round, all votes in order, and what is asked for."""

    outputs: tuple[OutputRow, ...]
    candidates: tuple[Candidate, ...]
    votes: tuple[VoteRow, ...]
    ballots: tuple[Ballot, ...]
    ask: Ask
    excluded: frozenset[PersonId]

    def tally(self) -> Tally:
        """The votes, counted."""
        return votes.tally(self.candidates, self.ballots, self.ask, self.excluded)


def open_box(session: Session, request: RequestRow, now: datetime) -> Box:
    """The ballot box of a request as it is now."""
    policy = policy_of_row(request.project)
    outputs = outputs_of(session, request, request.round)
    rows = tuple(session.scalars(select(VoteRow).where(VoteRow.request_id == request.id).order_by(VoteRow.position)))
    ballots = tuple(ballot_of(row) for row in rows)
    return Box(
        outputs=outputs,
        candidates=tuple(candidate_of(output) for output in outputs),
        votes=rows,
        ballots=ballots,
        ask=Ask(request.round, policy.digest, policy.approvals),
        excluded=excluded_from(session, frozenset(ballot.checker for ballot in ballots), request, now),
    )


def outputs_of(session: Session, request: RequestRow, number: int) -> tuple[OutputRow, ...]:
    """The outputs of a round, in the author's order."""
    found = select(OutputRow).where(OutputRow.request_id == request.id, OutputRow.round == number)
    return tuple(session.scalars(found.order_by(OutputRow.position)))


def candidate_of(output: OutputRow) -> Candidate:
    """The output as it would be released; one without a verdict can't be."""
    checked = output.verdict is not None
    return Candidate(
        output=output.id,
        canonical_sha256=output.canonical_sha256 if checked else None,
        policy_digest=output.policy_digest,
        has_fail=bool(output.fails) or output.verdict == "fail",
    )


def ballot_of(row: VoteRow) -> Ballot:
    """The vote that a row holds."""
    return Ballot(
        checker=PersonId(row.checker_id),
        output=row.output_id,
        round=row.round,
        decision=Decision(row.decision),
        canonical_sha256=row.canonical_sha256,
        policy_digest=row.policy_digest,
        reason=row.reason,
    )
