"""The automated check: takes promised checks from the queue, one file at a time, and records what was found.

A check that crashes is tried again; one that keeps crashing, or that takes its worker down with it, becomes a
``review`` with the reason. Nothing is lost and nothing passes because of a failure.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from output_checker.desk import corrections, datasets, jobs, release, reports
from output_checker.desk.ballots import outputs_of
from output_checker.desk.context import SYSTEM, Desk
from output_checker.desk.moves import SYSTEM_STANDING, find_request, move
from output_checker.desk.projects import grants_of, policy_of_row
from output_checker.model import (
    Assessment,
    Broken,
    Correction,
    Finding,
    HalftideError,
    Kind,
    Output,
    Policy,
    Severity,
    Verdict,
)
from output_checker.rules.workflow import Action, State
from output_checker.storage.schema import OutputRow

_log = logging.getLogger(__name__)

_IDLE_SECONDS = 0.5


class Checked(Protocol):
    """What a check says about some bytes."""

    @property
    def output(self) -> Output:
        """The file as it was read."""

    @property
    def assessment(self) -> Assessment:
        """What was found in it."""

    @property
    def sha256(self) -> str:
        """The digest of the bytes that were read."""


Check = Callable[[bytes, str, Policy, Sequence[Path], Sequence[Correction]], Checked]
"""Bytes, name, policy, dataset folders and corrections in; what the check says out."""


@dataclass(frozen=True)
class _Work:
    path: str
    sha256: str
    policy: Policy
    folders: tuple[Path, ...]
    corrections: tuple[Correction, ...]


@dataclass(frozen=True)
class _Result:
    output: Output
    findings: tuple[Finding, ...]
    verdict: Verdict


def run_worker(desk: Desk, stop: threading.Event, check: Check | None = None) -> None:
    """Work through the queue until ``stop`` is set; meant for a thread. A failure is logged and the loop goes on."""
    worker = f"{socket.gethostname()[:20]}-{os.getpid()}-{uuid4().hex[:8]}"
    while not stop.is_set():
        try:
            busy = work_once(desk, check, worker)
        except Exception:  # noqa: BLE001 - the loop must outlive any single job
            _log.exception("a job failed; it will be tried again")
            busy = False
        if not busy:
            stop.wait(_IDLE_SECONDS)


def work_once(desk: Desk, check: Check | None = None, worker: str = "once") -> bool:
    """Do one job. False when there is none."""
    job = jobs.take(desk, worker)
    if job is None:
        return False
    if job.kind == jobs.RELEASE:
        _release(desk, job)
    else:
        _check(desk, job, check or _default_check())
    return True


def _release(desk: Desk, job: jobs.Job) -> None:
    try:
        release.release(desk, job.request_id)
    except HalftideError:
        _log.exception("request %s is approved but could not be released; it will be tried again", job.request_id)
        jobs.put_back(desk, job)


def _check(desk: Desk, job: jobs.Job, check: Check) -> None:
    work = _find_work(desk, job)
    if work is None:
        with desk.changing(SYSTEM) as change:
            jobs.finish(change, job.id)
        return
    if job.attempts > jobs.MOST_ATTEMPTS:
        result = _failed("The automated check was started several times and never came back.")
    else:
        try:
            result = _run(desk, work, check)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the file becomes a review
            _log.exception("the check of %s failed (try %d)", work.path, job.attempts)
            if job.attempts < jobs.MOST_ATTEMPTS:
                jobs.put_back(desk, job)
                return
            told = str(error) if isinstance(error, HalftideError) else type(error).__name__
            result = _failed(f"The automated check failed: {told}")
    _record(desk, job, work, result)


def _find_work(desk: Desk, job: jobs.Job) -> _Work | None:
    """What is to be checked; None when the request has moved on."""
    with desk.reading() as session:
        request = find_request(session, job.request_id)
        row = session.get(OutputRow, job.output_id)
        if row is None or request.state != State.CHECKING or request.round != job.round:
            return None
        folders = tuple(
            datasets.folder_of(desk, grant.version) for grant in grants_of(session, request.project_id, desk.clock())
        )
        said = corrections.used_for(session, row.id)
        return _Work(row.path, row.sha256, policy_of_row(request.project), folders, said)


def _run(desk: Desk, work: _Work, check: Check) -> _Result:
    checked = check(desk.blobs.read(work.sha256), work.path, work.policy, work.folders, work.corrections)
    if checked.sha256 != work.sha256 or checked.assessment.policy_digest != work.policy.digest:
        raise Broken("the check answered for other bytes or another policy than it was asked about")
    output, findings, verdict = checked.output, checked.assessment.findings, checked.assessment.verdict
    if (output.problem or not output.canonical) and verdict is Verdict.PASS:
        # unknown is never safe: what could not be read can't pass
        verdict = Verdict.REVIEW
    return _Result(output, findings, verdict)


def _failed(why: str) -> _Result:
    finding = Finding(
        rule="CHECK",
        severity=Severity.REVIEW,
        where=(),
        message=why,
        remedy="Checkers can have it checked again. If it stays like this, send the result in a simpler format.",
    )
    empty = Output(kind=Kind.UNKNOWN, media_type="application/octet-stream", parts=(), canonical=b"", problem=why)
    return _Result(empty, (finding,), Verdict.REVIEW)


def _record(desk: Desk, job: jobs.Job, work: _Work, result: _Result) -> None:
    output = result.output
    canonical = desk.blobs.put(output.canonical) if output.canonical and not output.problem else None
    parts = desk.blobs.put(reports.parts_bytes(output.parts)) if output.parts else None
    counts = reports.count(result.findings)
    with desk.changing(SYSTEM) as change:
        if not jobs.finish(change, job.id):
            return
        request = find_request(change.session, job.request_id)
        row = change.session.get(OutputRow, job.output_id)
        if row is None or request.state != State.CHECKING or request.round != job.round:
            return
        row.canonical_sha256 = canonical.sha256 if canonical else None
        row.canonical_size = canonical.size if canonical else None
        row.parts_sha256 = parts.sha256 if parts else None
        row.kind, row.media_type, row.verdict = output.kind.value, output.media_type, result.verdict.value
        row.fails, row.reviews, row.notes = counts.fail, counts.review, counts.note
        row.policy_digest, row.checked_at = work.policy.digest, change.now
        row.report = reports.report_json(result.findings, output.dropped, output.parts, output.problem)
        told = {"output": row.id, "sha256": row.sha256, "canonical_sha256": row.canonical_sha256}
        change.record_as_system(
            "check_output", request.subject(), **told, verdict=row.verdict, policy_digest=row.policy_digest
        )
        change.session.flush()
        if all(other.verdict is not None for other in outputs_of(change.session, request, request.round)):
            move(change, request, Action.CHECKED, SYSTEM_STANDING)


def _default_check() -> Check:
    from output_checker.desk.check import check_file

    return check_file
