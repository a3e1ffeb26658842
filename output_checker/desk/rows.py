"""Requests as rows of a list: a few queries for the whole list, whatever its length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from output_checker.desk.moves import independence_of, roles_of
from output_checker.desk.views import FindingCounts, Person, RequestRow, SiteRole
from output_checker.model import RequestId
from output_checker.rules import conflicts
from output_checker.rules.workflow import Relation, State, state_text
from output_checker.storage import schema


@dataclass(frozen=True)
class _Totals:
    outputs: int = 0
    findings: FindingCounts = field(default_factory=FindingCounts)
    voted: int = 0


def request_views(
    session: Session, who: Person, now: datetime, rows: Sequence[schema.RequestRow], relation: Relation
) -> tuple[RequestRow, ...]:
    """The rows as a list shows them to this reader, who looks at it as ``relation``."""
    totals = _totals(session, who, rows)
    refused = _refusals(session, who, now, rows) if relation is Relation.CHECKER else {}
    return tuple(_view(row, relation, totals.get(row.id, _Totals()), refused.get(row.id)) for row in rows)


def _view(row: schema.RequestRow, relation: Relation, totals: _Totals, refused: str | None) -> RequestRow:
    may_vote = refused == ""
    return RequestRow(
        id=RequestId(row.id),
        number=row.number,
        title=row.title,
        project_slug=row.project.slug,
        project_title=row.project.title,
        author=row.author.hub_name,
        state=State(row.state),
        state_text=state_text(State(row.state), relation),
        round=row.round,
        submitted_at=row.submitted_at,
        updated_at=row.updated_at,
        outputs=totals.outputs,
        findings=totals.findings,
        my_progress=_progress(totals) if may_vote else "",
        may_vote=may_vote,
        why_not=refused or "",
    )


def _progress(totals: _Totals) -> str:
    if not totals.voted:
        return "not started"
    return "done" if totals.voted >= totals.outputs else "started"


def _totals(session: Session, who: Person, rows: Sequence[schema.RequestRow]) -> Mapping[str, _Totals]:
    """Files and findings of each request's current round, and on how many of them this reader's vote stands."""
    request, output, vote = schema.RequestRow, schema.OutputRow, schema.VoteRow
    ids = [row.id for row in rows]
    standing = and_(
        vote.output_id == output.id,
        vote.checker_id == who.id,
        vote.canonical_sha256 == func.coalesce(output.canonical_sha256, ""),
        vote.policy_digest == output.policy_digest,
    )
    voted = select(vote.id).where(standing).exists()
    found = session.execute(
        select(
            output.request_id,
            func.count(),
            func.sum(output.fails),
            func.sum(output.reviews),
            func.sum(output.notes),
            func.count().filter(voted),
        )
        .join(request, and_(request.id == output.request_id, request.round == output.round))
        .where(output.request_id.in_(ids))
        .group_by(output.request_id)
    )
    return {key: _Totals(outputs, FindingCounts(f or 0, r or 0, n or 0), mine) for key, outputs, f, r, n, mine in found}


def _refusals(session: Session, who: Person, now: datetime, rows: Sequence[schema.RequestRow]) -> Mapping[str, str]:
    """Why this reader may not vote on each request; empty where they may."""
    close: set[str] = set()
    for table in (schema.MembershipRow, schema.ConflictRow):
        close |= set(session.scalars(select(table.project_id).where(table.person_id == who.id)))
    is_checker = SiteRole.CHECKER in roles_of(session, who.id, now)
    refused = {}
    for row in rows:
        # somebody who never had to do with the project needs no closer look
        if is_checker and row.project_id not in close and row.author_id != who.id:
            refused[row.id] = ""
        else:
            refused[row.id] = conflicts.refusal(independence_of(session, who.id, row, now))
    return refused
