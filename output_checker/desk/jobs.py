"""The queue of promised work: ordered in the transaction that makes it necessary, leased, taken again after a crash.

A worker that dies loses its lease; whoever comes next takes the job again. A job disappears in the transaction that
records its result, so that nothing is done twice and nothing is forgotten.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import or_, select

from output_checker.desk.context import Change, Desk
from output_checker.storage.schema import JobRow, OutputRow, RequestRow, new_key

CHECK: Final = "check"
RELEASE: Final = "release"

LEASE: Final = timedelta(seconds=90)
MOST_ATTEMPTS: Final = 3


@dataclass(frozen=True)
class Job:
    """A job that this worker holds. ``attempts`` counts this one."""

    id: str
    kind: str
    request_id: str
    output_id: str | None
    round: int
    attempts: int


def order_checks(change: Change, request: RequestRow) -> None:
    """Order a check of every output of the request's current round; what an earlier check found there is forgotten.

    The ledger and the earlier digests keep what it was.
    """
    _cancel(change, request, CHECK)
    outputs = select(OutputRow).where(OutputRow.request_id == request.id, OutputRow.round == request.round)
    for output in change.session.scalars(outputs.order_by(OutputRow.position)):
        output.verdict = output.canonical_sha256 = output.parts_sha256 = output.policy_digest = None
        output.canonical_size = output.kind = output.media_type = output.checked_at = None
        output.report = output.fails = output.reviews = output.notes = None
        change.session.add(_job(change, CHECK, request, output.id))


def order_release(change: Change, request: RequestRow) -> None:
    """Order the release, so that an approval can't be forgotten by a crash."""
    _cancel(change, request, RELEASE)
    change.session.add(_job(change, RELEASE, request, None))


def finish(change: Change, job_id: str) -> bool:
    """Remove a job with the change that it asked for. False when somebody else has finished it or it was cancelled."""
    row = change.session.get(JobRow, job_id)
    if row is None:
        return False
    change.session.delete(row)
    return True


def cancel_all(change: Change, request: RequestRow) -> None:
    """Nothing more is to be done for this request."""
    _cancel(change, request, CHECK)
    _cancel(change, request, RELEASE)


def take(desk: Desk, worker: str) -> Job | None:
    """Lease the oldest job that nobody holds; None when there is none."""
    now = desk.clock()
    free = or_(JobRow.leased_until.is_(None), JobRow.leased_until <= now)
    query = select(JobRow).where(free, JobRow.ready_at <= now).order_by(JobRow.ready_at, JobRow.id).limit(1)
    with desk.reading() as session:
        if session.scalar(query) is None:
            return None
    with desk.working() as session:
        row = session.scalar(query.with_for_update(skip_locked=True))
        if row is None:
            return None
        row.attempts += 1
        row.worker, row.leased_until = worker, now + LEASE
        return Job(row.id, row.kind, row.request_id, row.output_id, row.round, row.attempts)


def put_back(desk: Desk, job: Job) -> None:
    """Give a job back after a failure, for a later try: soon at first, then every few minutes."""
    with desk.working() as session:
        row = session.get(JobRow, job.id)
        if row is not None:
            row.leased_until = row.worker = None
            row.ready_at = desk.clock() + timedelta(seconds=min(2**job.attempts, 300))


def _job(change: Change, kind: str, request: RequestRow, output_id: str | None) -> JobRow:
    return JobRow(
        id=new_key(),
        kind=kind,
        request_id=request.id,
        output_id=output_id,
        round=request.round,
        attempts=0,
        ready_at=change.now,
    )


def _cancel(change: Change, request: RequestRow, kind: str) -> None:
    for row in change.session.scalars(select(JobRow).where(JobRow.request_id == request.id, JobRow.kind == kind)):
        change.session.delete(row)
