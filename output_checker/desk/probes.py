"""Runs of the probes: ordered, permitted once, recorded with a signature, and answered for when they failed.

A run's workspace belongs to nobody: ``PROVER`` may start it only while an order runs, once, and for a few minutes. A
run that could not be made leaves no record and proves nothing, so the project stays as it was.
"""

from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from output_checker.desk import datasets, projects
from output_checker.desk.context import Change, Desk, actor_of, portal_dir
from output_checker.desk.people import require_admin
from output_checker.desk.proofs import (
    FAILED,
    HOLDS,
    OrderState,
    Standing,
    last_order,
    last_proof,
    standing_of,
    unanswered,
)
from output_checker.desk.views import Person
from output_checker.model import PROVER, BadInput, Boundary, Conflict, NotFound, digest_of
from output_checker.model.boundary import Display, Window
from output_checker.probes import Proof
from output_checker.storage.schema import ProbeAnswerRow, ProbeOrderRow, ProbeRow, ProjectRow, canonical_json, new_key
from output_checker.storage.signing import Signer, open_signer

PERMIT: Final = timedelta(minutes=3)
"""Within this time of its beginning a run may start its workspace."""
LONGEST: Final = timedelta(minutes=10)
"""A run that takes longer has lost its workspace."""
RETRY: Final = timedelta(seconds=60)
"""Before a run that could not be made is tried again because somebody wants to start."""
_KEPT: Final = timedelta(days=1)


class Why(StrEnum):
    """Why a run was ordered; the order in which they are taken."""

    ASKED = "asked"
    START = "start"
    BEGINNING = "beginning"
    NIGHT = "night"


@dataclass(frozen=True)
class Order:
    """A run that has begun: whose project, and what its workspace must be like."""

    id: str
    project: str
    project_id: str
    slug: str
    datasets: tuple[tuple[str, str], ...]
    boundary: Boundary


@dataclass(frozen=True)
class Progress:
    """How far an order is; ``passed`` when it is done."""

    state: OrderState
    text: str
    passed: bool | None = None


def order(desk: Desk, by: Person | None, slug: str, why: Why) -> str:
    """Order a run and return its key; a run that is waiting or going on already is that run."""
    with desk.changing(actor_of(by)) as change:
        if why is Why.ASKED:
            require_admin(change, by)
        return _order(change, projects.require_project(change.session, slug), why)


def order_due(desk: Desk, why: Why, age: timedelta = HOLDS) -> int:
    """Order a run for each active project whose last proof is older than ``age`` or proves nothing; how many."""
    with desk.changing(actor_of(None)) as change:
        due = 0
        for project in change.session.scalars(select(ProjectRow).where(ProjectRow.state == "active")).all():
            last = last_proof(change.session, project)
            fresh = last is not None and change.now - age < last.at
            if not fresh or standing_of(change.session, project, change.now) is Standing.UNPROVEN:
                _order(change, project, why)
                due += 1
        return due


def _order(change: Change, project: ProjectRow, why: Why) -> str:
    last = last_order(change.session, project)
    if last is not None and last.stage in {OrderState.WAITING, OrderState.RUNNING}:
        if list(Why).index(why) < list(Why).index(Why(last.why)):
            last.why = why
        return last.id
    for old in change.session.scalars(select(ProbeOrderRow).where(ProbeOrderRow.ended_at < change.now - _KEPT)):
        change.session.delete(old)
    row = ProbeOrderRow(
        id=new_key(), project_id=project.id, why=why, stage=OrderState.WAITING, ordered_at=change.now, progress=""
    )
    change.session.add(row)
    return row.id


def progress(desk: Desk, order_id: str) -> Progress:
    """How far a run is. Raises NotFound for one that was ordered more than a day ago."""
    with desk.reading() as session:
        row = session.get(ProbeOrderRow, order_id)
        if row is None:
            raise NotFound("This run of the probes is not known any more.")
        probe = session.get(ProbeRow, row.probe_id) if row.probe_id else None
        return Progress(OrderState(row.stage), row.progress, None if probe is None else probe.passed)


def withdraw(desk: Desk, order_id: str) -> None:
    """Take an order back that nobody has begun with."""
    with desk.working() as session:
        row = session.get(ProbeOrderRow, order_id)
        if row is not None and row.stage == OrderState.WAITING:
            session.delete(row)


# --- for the prover ---------------------------------------------------------------------------------------------------


def interrupt(desk: Desk) -> None:
    """Give up what a prover that died was at: its runs are neither passed nor failed."""
    with desk.changing(actor_of(None)) as change:
        for row in change.session.scalars(select(ProbeOrderRow).where(ProbeOrderRow.stage == OrderState.RUNNING)):
            row.stage, row.ended_at, row.permit_until = OrderState.BROKEN, change.now, None
            row.progress = "Halftide was stopped in the middle of it."


def take(desk: Desk) -> Order | None:
    """Begin with the most urgent order; None when there is none."""
    with desk.changing(actor_of(None)) as change:
        waiting = change.session.scalars(select(ProbeOrderRow).where(ProbeOrderRow.stage == OrderState.WAITING)).all()
        if not waiting:
            return None
        row = min(waiting, key=lambda row: (list(Why).index(Why(row.why)), row.ordered_at))
        row.stage, row.begun_at, row.permit_until = OrderState.RUNNING, change.now, change.now + PERMIT
        row.progress = "Starting a workspace that belongs to nobody"
        project = change.session.get_one(ProjectRow, row.project_id)
        granted = projects.grants_of(change.session, project.id, change.now)
        views = [datasets.dataset_view(desk, grant.version) for grant in granted]
        data = tuple((view.slug, view.path) for view in views)
        return Order(row.id, project.title, project.id, project.slug, data, projects.boundary_of_row(project))


def tell(desk: Desk, order_id: str, text: str) -> None:
    """Say what a run is doing."""
    with desk.working() as session:
        row = session.get(ProbeOrderRow, order_id)
        if row is not None and row.stage == OrderState.RUNNING:
            row.progress = text


def give_up(desk: Desk, order_id: str, problem: str) -> None:
    """End a run that could not be made."""
    with desk.changing(actor_of(None)) as change:
        row = change.session.get_one(ProbeOrderRow, order_id)
        row.stage, row.ended_at, row.permit_until, row.progress = OrderState.BROKEN, change.now, None, problem


def record(desk: Desk, order_id: str, proof: Proof) -> bool:
    """Sign and keep what a run found, and end it; whether it passed."""
    signer = site_signer(desk.state_dir)
    text = canonical_json(proof.as_mapping())
    signed = signer.sign(text)
    with desk.changing(actor_of(None)) as change:
        row = change.session.get_one(ProbeOrderRow, order_id)
        project = change.session.get_one(ProjectRow, row.project_id)
        if row.stage != OrderState.RUNNING or proof.project != project.id:
            raise Conflict("This run of the probes has ended already, or was of another project.")
        probe = ProbeRow(
            id=new_key(),
            project_id=project.id,
            at=change.now,
            passed=proof.passed,
            catalogue=proof.catalogue,
            report=text,
            **asdict(signed),
        )
        change.session.add(probe)
        change.session.flush()
        row.stage, row.ended_at, row.permit_until, row.probe_id = OrderState.DONE, change.now, None, probe.id
        row.progress = proof.figures()
        told = {"figures": proof.figures(), "report": digest_of(text.encode()), "key": signed.public_key}
        change.record("probe", project.subject(), probe=probe.id, passed=proof.passed, **told)
        return proof.passed


def site_signer(state: Path) -> Signer:
    """What this site signs with."""
    return open_signer(portal_dir(state) / "signing.key")


# --- for the gate -----------------------------------------------------------------------------------------------------


def workspace_answer(desk: Desk, hub_name: str, slug: str, *, required: bool) -> dict[str, Any]:
    """``projects.workspace_answer``, and no where the seal failed or, if the site wants that (``required``), is not
    proven. An unproven project's proof is ordered now, and ``proving`` says that it is worth waiting for."""
    if hub_name == PROVER:
        return _permit(desk, slug)
    answer = projects.workspace_answer(desk, hub_name, slug)
    if not answer["allowed"]:
        return answer
    with desk.reading() as session:
        project = projects.require_project(session, slug)
        standing, last = standing_of(session, project, desk.clock()), last_order(session, project)
        broken = last is not None and last.stage == OrderState.BROKEN and last.ended_at is not None
        lately = broken and last is not None and last.ended_at is not None and desk.clock() - last.ended_at < RETRY
    refused = {**answer, "allowed": False, "datasets": []}
    if standing is Standing.FAILED:
        return {**refused, "reason": FAILED}
    if standing is not Standing.UNPROVEN or not required:
        return answer
    if lately and last is not None:
        return {**refused, "reason": f"It could not be proved that the workspace is sealed: {last.progress} {_TELL}"}
    key = order(desk, None, slug, Why.START)
    return {**refused, "proving": True, "reason": progress(desk, key).text or "Waiting for the run before it"}


_TELL = "Nothing was started. Please try again in a minute; if it stays like this, tell your administrator."


def _permit(desk: Desk, slug: str) -> dict[str, Any]:
    """The one permission of a run: this person, this project, now, once."""
    no = {"allowed": False, "reason": "Only a run of the probes may start this.", "until": None}
    with desk.changing(actor_of(None)) as change:
        found = select(ProbeOrderRow).join(ProjectRow, ProbeOrderRow.project_id == ProjectRow.id)
        running = found.where(ProjectRow.slug == slug, ProbeOrderRow.stage == OrderState.RUNNING)
        row = change.session.scalar(running.limit(1))
        if row is None or row.permit_until is None or row.permit_until < change.now:
            return no
        row.permit_until = None
        project = change.session.get_one(ProjectRow, row.project_id)
        granted = projects.grants_of(change.session, project.id, change.now)
        views = [datasets.dataset_view(desk, grant.version) for grant in granted]
        # the window and the display are about people's browsers: the prover's own report must get through
        boundary = replace(
            projects.boundary_of_row(project), window=Window(), display=Display.PAGE, one_project_at_a_time=False
        )
        return {
            "allowed": True,
            "reason": "",
            "until": None,
            "person_id": row.id,
            "project_id": project.id,
            "project_title": project.title,
            "throwaway": True,
            "datasets": [
                {"slug": v.slug, "version": v.version, "path": v.path, "manifest_sha256": v.manifest_sha256}
                for v in views
            ],
            "boundary": boundary.as_mapping(),
        }


def workspaces(desk: Desk) -> list[dict[str, Any]]:
    """The workspace of the run that goes on now, as ``projects.workspaces`` lists those of people."""
    with desk.reading() as session:
        since = desk.clock() - LONGEST
        found = select(ProjectRow.slug).join(ProbeOrderRow, ProbeOrderRow.project_id == ProjectRow.id)
        running = found.where(ProbeOrderRow.stage == OrderState.RUNNING, ProbeOrderRow.begun_at > since)
        return [
            {"person": PROVER, "project": slug, "allowed": True, "until": None} for slug in session.scalars(running)
        ]


# --- for administrators -----------------------------------------------------------------------------------------------


def answer(desk: Desk, by: Person | None, slug: str, reason: str) -> int:
    """Answer for the failures of a project, with a reason that is kept; how many. New workspaces start again.

    Raises BadInput without a reason, Conflict when there is nothing to answer for.
    """
    if not reason.strip():
        raise BadInput("Say why workspaces of this project may start again: the reason is kept.")
    with desk.changing(actor_of(by)) as change:
        require_admin(change, by)
        project = projects.require_project(change.session, slug)
        failed = unanswered(change.session, project)
        if not failed:
            raise Conflict("No failed proof of this project waits for an answer.")
        for probe in failed:
            row = ProbeAnswerRow(
                id=new_key(),
                probe_id=probe.id,
                project_id=project.id,
                person_id=None if by is None else by.id,
                reason=reason.strip(),
                at=change.now,
            )
            change.session.add(row)
            change.record("answer_probe", project.subject(), probe=probe.id, reason=reason.strip())
        return len(failed)
