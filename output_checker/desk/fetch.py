"""Fetching what was released: by its author or a member of its project, hashed again, and told to the ledger first."""

import json
import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from output_checker.desk.context import Desk, actor_of
from output_checker.desk.moves import find_request, move, refuse_unknown, standing_of
from output_checker.desk.release import ReleasedFile, files_of, find_release, open_released
from output_checker.desk.views import Person
from output_checker.model import NotFound, digest_of
from output_checker.rules.workflow import Action, State, require_action
from output_checker.storage.schema import FetchRow, new_key

_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class FetchedFile:
    """Bytes that may go out, with the name to save them under."""

    path: str
    media_type: str
    sha256: str
    data: bytes


def fetch_file(desk: Desk, who: Person, request_id: str, output_id: str) -> FetchedFile:
    """One released file. Raises NotFound for people who may not know of it, Broken when its bytes are damaged."""
    _require_fetch(desk, who, request_id)
    file, data = open_released(desk, request_id, output_id)
    _record(desk, who, request_id, (file,), output_id)
    return FetchedFile(file.path, file.media_type, file.sha256, data)


def fetch_all(desk: Desk, who: Person, request_id: str) -> FetchedFile:
    """All released files of a request as a ZIP, each under its path in a folder of the request's number."""
    number, files = _require_fetch(desk, who, request_id)
    name = f"release-{number}"
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.writestr(
                zipfile.ZipInfo(f"{name}/{file.path}", _ZIP_TIME), open_released(desk, request_id, file.output_id)[1]
            )
        listing = [{"path": file.path, "sha256": file.sha256, "size": file.size} for file in files]
        archive.writestr(zipfile.ZipInfo(f"{name}.manifest.json", _ZIP_TIME), json.dumps(listing, indent=2) + "\n")
    _record(desk, who, request_id, files, None)
    data = buffer.getvalue()
    return FetchedFile(f"{name}.zip", "application/zip", digest_of(data), data)


def _require_fetch(desk: Desk, who: Person, request_id: str) -> tuple[int, tuple[ReleasedFile, ...]]:
    with desk.reading() as session:
        request = find_request(session, request_id)
        standing = standing_of(session, who, request, desk.clock())
        if not standing.relations:
            raise refuse_unknown(session, who, standing, desk.clock())
        require_action(State(request.state), Action.FETCH, standing)
        row = find_release(session, request)
        if row is None:
            raise NotFound("Nothing of this request is released.")
        return request.number, files_of(row)


def _record(desk: Desk, who: Person, request_id: str, files: tuple[ReleasedFile, ...], output_id: str | None) -> None:
    """Write down who takes what before they get it; asks once more whether they may."""
    with desk.changing(actor_of(who)) as change:
        request = find_request(change.session, request_id)
        standing = standing_of(change.session, who, request, change.now)
        row = find_release(change.session, request)
        if row is None:
            raise NotFound("Nothing of this request is released.")
        change.session.add(
            FetchRow(
                id=new_key(),
                request_id=request.id,
                release_id=row.id,
                output_id=output_id,
                person_id=who.id,
                at=change.now,
            )
        )
        change.session.flush()
        told = [{"output": file.output_id, "sha256": file.sha256} for file in files]
        move(change, request, Action.FETCH, standing, files=told)
