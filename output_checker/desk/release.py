"""The way out. This module alone decides that files are released, and it alone opens bytes for release.

It believes nobody: it hashes every canonical blob again and counts the votes again, from the votes alone, in the
transaction that releases. Doing it twice, at once or later, makes one release.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from output_checker.desk import jobs
from output_checker.desk.ballots import Box, open_box
from output_checker.desk.context import SYSTEM, Desk
from output_checker.desk.moves import SYSTEM_STANDING, find_request, move
from output_checker.model import Broken, Conflict, NotFound
from output_checker.rules.workflow import Action, State
from output_checker.storage.schema import ReleaseRow, RequestRow, new_key


@dataclass(frozen=True)
class ReleasedFile:
    """A file of a release, by the digest that was approved."""

    output_id: str
    path: str
    sha256: str
    size: int
    media_type: str


def release(desk: Desk, request_id: str) -> str:
    """Release an approved request and return the release's key; a released one answers with the key that it has.

    Raises Broken when bytes are not what was approved, Conflict when the votes no longer suffice (the request is then
    back in review) or when the request is in no state to be released.
    """
    with desk.reading() as session:
        request = find_request(session, request_id)
        done = find_release(session, request)
        if done is not None:
            return done.id
        if request.state not in {State.APPROVED, State.HELD}:
            raise Conflict("This request is not approved, so nothing of it can be released.")
        hashed = {output.canonical_sha256 for output in open_box(session, request, desk.clock()).outputs}
    for digest in hashed:
        damage = "It was never stored." if digest is None else desk.blobs.find_damage(digest)
        if damage:
            raise Broken(f"The release was stopped. {damage}")
    with desk.changing(SYSTEM) as change:
        request = find_request(change.session, request_id)
        done = find_release(change.session, request)
        if done is not None:
            return done.id
        box = open_box(change.session, request, change.now)
        why_not = _find_obstacle(box, hashed)
        if why_not:
            move(change, request, Action.REOPEN, SYSTEM_STANDING, why_not)
        else:
            row = _release_row(request, box, change.now)
            change.session.add(row)
            change.session.flush()
            move(change, request, Action.RELEASE, SYSTEM_STANDING, **row.manifest)
        jobs.cancel_all(change, request)
    if why_not:
        raise Conflict(f"Nothing was released: {why_not}")
    return row.id


def find_release(session: Session, request: RequestRow) -> ReleaseRow | None:
    """The release of a request, if it was released."""
    return session.scalar(select(ReleaseRow).where(ReleaseRow.request_id == request.id))


def files_of(row: ReleaseRow) -> tuple[ReleasedFile, ...]:
    """The files of a release."""
    return tuple(
        ReleasedFile(raw["output"], raw["path"], raw["sha256"], raw["size"], raw["media_type"])
        for raw in row.manifest["files"]
    )


def open_released(desk: Desk, request_id: str, output_id: str) -> tuple[ReleasedFile, bytes]:
    """The bytes of a released file, hashed again. Raises NotFound when it is not out, Broken when it is damaged."""
    with desk.reading() as session:
        request = find_request(session, request_id)
        row = find_release(session, request)
        if row is None or request.state != State.RELEASED:
            raise NotFound("This file is not released.")
        file = next((file for file in files_of(row) if file.output_id == output_id), None)
        if file is None:
            raise NotFound("This file is not part of the release.")
    return file, desk.blobs.read(file.sha256)


def _find_obstacle(box: Box, hashed: set[str | None]) -> str:
    if not box.tally().complete:
        return "not every output has the approvals that the policy asks for, counted again just now."
    if {output.canonical_sha256 for output in box.outputs} != hashed:
        return "the outputs changed while their bytes were being compared."
    return ""


def _release_row(request: RequestRow, box: Box, now: datetime) -> ReleaseRow:
    tally = box.tally()
    files = [
        {
            "output": output.id,
            "path": output.path,
            "sha256": output.canonical_sha256,
            "size": output.canonical_size,
            "media_type": output.media_type,
            "approved_by": sorted(tally.approvers[output.id]),
        }
        for output in box.outputs
        if output.id in tally.approved
    ]
    manifest = {
        "number": request.number,
        "project": request.project.slug,
        "approvals": box.ask.approvals,
        "policy_digest": box.ask.policy_digest,
        "files": files,
    }
    return ReleaseRow(id=new_key(), request_id=request.id, round=request.round, manifest=manifest, at=now)
