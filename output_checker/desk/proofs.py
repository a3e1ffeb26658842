"""Whether a project's workspaces are proven to be sealed, from what is recorded. Changes nothing.

Fails closed: no proof, an old one, one of other probes than today's, or a failure that nobody has answered for is none.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from output_checker.desk.context import Desk
from output_checker.desk.projects import require_project
from output_checker.model import BadInput, Broken
from output_checker.probes import DIGEST, Proof
from output_checker.storage.schema import PersonRow, ProbeAnswerRow, ProbeOrderRow, ProbeRow, ProjectRow
from output_checker.storage.signing import Signed, is_signed

HOLDS: Final = timedelta(hours=36)
"""How long a proof holds: a night that brought none is noticed in the course of the day."""
FAILED: Final = (
    "A test of this project's sealed workspaces failed, so no new one is started. An administrator sees on the "
    "project's page which probe it was and has to answer for it first. Your files are safe."
)


class Standing(StrEnum):
    """What the proofs of a project say now."""

    PROVEN = "proven"
    FAILED = "failed"
    ANSWERED = "answered for"
    UNPROVEN = "not proven"


class OrderState(StrEnum):
    """How far a run of the probes is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    BROKEN = "could not run"


@dataclass(frozen=True)
class Answer:
    """Who answered for a failure, why and when."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class ProofView:
    """The last proof of a project as its page shows it; ``at`` is None when there never was one."""

    standing: Standing
    at: datetime | None = None
    proof: Proof | None = None
    public_key: str = ""
    signature: str = ""
    answer: Answer | None = None
    underway: str = ""
    """What a run that goes on now is doing."""
    problem: str = ""
    """Why the run that was tried last could not be made."""


def standing_of(session: Session, project: ProjectRow, now: datetime) -> Standing:
    """What the recorded proofs of this project say at this moment."""
    if unanswered(session, project):
        return Standing.FAILED
    last = last_proof(session, project)
    if last is None or last.catalogue != DIGEST or not now - HOLDS < last.at <= now:
        return Standing.UNPROVEN
    return Standing.PROVEN if last.passed else Standing.ANSWERED


def unanswered(session: Session, project: ProjectRow) -> list[ProbeRow]:
    """The failures that nobody has answered for, the oldest first."""
    answered = select(ProbeAnswerRow.probe_id).where(ProbeAnswerRow.project_id == project.id)
    found = select(ProbeRow).where(
        ProbeRow.project_id == project.id, ProbeRow.passed.is_(False), ProbeRow.id.not_in(answered)
    )
    return list(session.scalars(found.order_by(ProbeRow.at)))


def last_proof(session: Session, project: ProjectRow) -> ProbeRow | None:
    """The proof that was recorded last."""
    found = select(ProbeRow).where(ProbeRow.project_id == project.id).order_by(ProbeRow.at.desc()).limit(1)
    return session.scalar(found)


def last_order(session: Session, project: ProjectRow) -> ProbeOrderRow | None:
    """The run that was ordered last."""
    found = select(ProbeOrderRow).where(ProbeOrderRow.project_id == project.id)
    return session.scalar(found.order_by(ProbeOrderRow.ordered_at.desc()).limit(1))


def proof_view(desk: Desk, slug: str) -> ProofView:
    """What a project's page says about its proofs. Of several, an unanswered failure is shown first."""
    with desk.reading() as session:
        project = require_project(session, slug)
        standing = standing_of(session, project, desk.clock())
        failed = unanswered(session, project)
        row = failed[-1] if failed else last_proof(session, project)
        order = last_order(session, project)
        going = order is not None and order.stage in {OrderState.WAITING, OrderState.RUNNING}
        return ProofView(
            standing,
            at=None if row is None else row.at,
            proof=None if row is None else Proof.from_mapping(json.loads(row.report)),
            public_key="" if row is None else row.public_key,
            signature="" if row is None else row.signature,
            answer=None if row is None else _answer(session, row),
            underway=(order.progress or "Waiting for its turn") if order and going else "",
            problem=order.progress if order and order.stage == OrderState.BROKEN else "",
        )


def _answer(session: Session, row: ProbeRow) -> Answer | None:
    found = session.scalar(select(ProbeAnswerRow).where(ProbeAnswerRow.probe_id == row.id))
    if found is None:
        return None
    person = None if found.person_id is None else session.get(PersonRow, found.person_id)
    return Answer("the site itself" if person is None else person.hub_name, found.reason, found.at)


def require_signed(row: ProbeRow, public_key: str) -> Proof:
    """The proof that a row holds. Raises Broken when its key, its signature or what it says of itself is not right."""
    if row.public_key != public_key:
        raise Broken(f"proof {row.id} is signed with another key than this site's")
    if not is_signed(row.report, Signed(row.signature, row.public_key)):
        raise Broken(f"proof {row.id} is not what was signed")
    try:
        raw = json.loads(row.report)
        proof = Proof.from_mapping(raw)
    except (ValueError, BadInput) as error:
        raise Broken(f"proof {row.id} can't be read") from error
    if (raw["project"], raw["passed"], raw["catalogue"]) != (row.project_id, row.passed, row.catalogue):
        raise Broken(f"proof {row.id} says something else than its row")
    if proof.catalogue == DIGEST and proof.passed != row.passed:
        raise Broken(f"proof {row.id} does not follow from what its probes found")
    return proof
