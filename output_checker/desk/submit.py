"""Asking for a release: the bytes come in once, are hashed on the way, and are named by that hash from then on.

Sending the same request twice (same ``client_id``) makes one. Nothing is half-submitted: either every file is stored
and the request stands, or there is no request. Who asks and for which project is the caller's proof, never the form's.
"""

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from output_checker.desk import corrections, jobs
from output_checker.desk.context import Change, Desk, actor_of
from output_checker.desk.moves import find_request, move, standing_of
from output_checker.desk.projects import access_of, policy_of_row, require_project
from output_checker.desk.views import Person
from output_checker.model import (
    MOST_CORRECTIONS,
    BadInput,
    Correction,
    NotAllowed,
    NotFound,
    Policy,
    RequestId,
    Side,
)
from output_checker.rules.workflow import Action, State, require_action
from output_checker.storage.blobs import Stored, TooLarge
from output_checker.storage.schema import OutputGroupRow, OutputRow, ProjectRow, RequestRow, SubmissionRow, new_key

_TITLE_LENGTH: Final = 255
_TEXT_LENGTH: Final = 10_000
_PATH_BYTES: Final = 1024


@dataclass(frozen=True)
class WishedGroup:
    """Files that belong together, with the context that a checker needs and the control that was applied."""

    name: str
    context: str
    controls: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Wish:
    """What a researcher asks for. ``replaces`` names a returned request that this is the next round of;
    ``corrections`` say by path what columns and rows hold."""

    client_id: str
    title: str
    groups: tuple[WishedGroup, ...]
    replaces: RequestId | None = None
    corrections: Mapping[str, tuple[Correction, ...]] = field(default_factory=dict)

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths in the order in which their bytes are sent."""
        return tuple(path for group in self.groups for path in group.paths)

    @classmethod
    def from_json(cls, raw: str | bytes | Mapping[str, Any]) -> "Wish":
        """Read what a client sent. Raises BadInput that names the field."""
        try:
            value = raw if isinstance(raw, Mapping) else json.loads(raw)
            wish = cls(
                client_id=str(UUID(_text(value, "client_id", 64))),
                title=_text(value, "title", _TITLE_LENGTH),
                groups=tuple(_group(group) for group in value["groups"]),
                replaces=RequestId(_text(value, "replaces", 36)) if value.get("replaces") else None,
                corrections=_corrections(value.get("corrections") or ()),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInput(f"The request can't be read: {error!r}.") from error
        _require_sense(wish)
        return wish


@dataclass(frozen=True)
class Receipt:
    """The request that the wish became; ``created`` is false when it was here already."""

    request_id: RequestId
    created: bool


def limits(desk: Desk, project_slug: str) -> Policy:
    """The policy whose ``max_file_bytes`` and ``max_request_files`` bound a request, to ask before streaming."""
    with desk.reading() as session:
        return policy_of_row(require_project(session, project_slug))


def submit(desk: Desk, author: Person, project_slug: str, wish: Wish, files: Iterable[tuple[str, BinaryIO]]) -> Receipt:
    """Submit a request, or the next round of a returned one. ``files`` come in the order of ``wish.paths``.

    Raises BadInput (TooLarge past a limit), NotAllowed for somebody who may not work in the project now, Conflict when
    the request that this replaces is not with its author.
    """
    with desk.reading() as session:
        known = _find_known(session, author, wish)
        if known is not None:
            return Receipt(known, created=False)
        project = _require_access(session, author, project_slug, desk)
        policy = policy_of_row(project)
        if wish.replaces is not None:
            # before the bytes are read; the transaction below asks again
            _require_returned(session, author, project, wish.replaces, desk)
    stored = _store(desk, wish, files, policy)
    with desk.changing(actor_of(author)) as change:
        known = _find_known(change.session, author, wish)
        if known is not None:
            return Receipt(known, created=False)
        project = _require_access(change.session, author, project_slug, desk)
        request = (
            _next_round(change, author, project, wish, desk)
            if wish.replaces
            else _new_request(change, author, project, wish)
        )
        _write_round(change, author, request, wish, stored)
        return Receipt(RequestId(request.id), created=True)


def _require_sense(wish: Wish) -> None:
    if not wish.title.strip():
        raise BadInput("Give the request a title, so that checkers and you can find it again.")
    if not wish.paths:
        raise BadInput("A request needs at least one file. Choose the files that you want released.")
    seen: dict[str, str] = {}
    for path in wish.paths:
        _require_path(path)
        # on some file systems these are one file, and people would take them for one
        same = unicodedata.normalize("NFKC", path).casefold()
        if same in seen:
            raise BadInput(f"Two files have names that can't be told apart: {seen[same]!r} and {path!r}. Rename one.")
        seen[same] = path
    _require_known(wish)


def _require_known(wish: Wish) -> None:
    for path, said in wish.corrections.items():
        if path not in wish.paths:
            raise BadInput(f"A correction is about {path[:80]!r}, which is no file of the request.")
        if len(said) > MOST_CORRECTIONS:
            raise BadInput(f"{path} has {len(said)} corrections; with clear headers {MOST_CORRECTIONS} are enough.")


def _require_path(path: str) -> None:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or str(pure) != path or path == ".":
        raise BadInput(f"{path!r} is not a path beneath the workspace.")
    if "\\" in path or not path.isprintable() or len(path.encode(errors="replace")) > _PATH_BYTES:
        raise BadInput(
            f"{path[:80]!r} is not a name that can be released: it is too long or has unprintable characters."
        )


def _store(desk: Desk, wish: Wish, files: Iterable[tuple[str, BinaryIO]], policy: Policy) -> Sequence[Stored]:
    """Keep every file under its digest. What was stored of a request that fails is unreferenced evidence, not lost."""
    wanted = wish.paths
    if len(wanted) > policy.max_request_files:
        raise BadInput(
            f"The request has {len(wanted)} files; the project's policy allows {policy.max_request_files}. "
            "Ask for fewer, or in several requests."
        )
    stored: list[Stored] = []
    for path, stream in files:
        if len(stored) >= len(wanted) or path != wanted[len(stored)]:
            raise BadInput(f"The file {path!r} was sent where the request does not name it.")
        try:
            stored.append(desk.blobs.put_stream(stream, policy.max_file_bytes))
        except TooLarge as error:
            raise TooLarge(
                f"{path} is larger than the {policy.max_file_bytes:,} bytes that the project's policy allows. "
                "Release a summary instead, or split it."
            ) from error
    if len(stored) != len(wanted):
        raise BadInput(f"The request names {len(wanted)} files, but {len(stored)} arrived.")
    return stored


def _find_known(session: Session, author: Person, wish: Wish) -> RequestId | None:
    found = session.scalar(
        select(SubmissionRow.request_id).where(
            SubmissionRow.author_id == author.id, SubmissionRow.client_id == wish.client_id
        )
    )
    return None if found is None else RequestId(found)


def _require_access(session: Session, author: Person, project_slug: str, desk: Desk) -> ProjectRow:
    project = require_project(session, project_slug)
    decision = access_of(session, author.id, project, desk.clock())
    if not decision.allowed:
        raise NotAllowed(decision.reason)
    return project


def _require_returned(session: Session, author: Person, project: ProjectRow, request_id: str, desk: Desk) -> RequestRow:
    request = find_request(session, request_id)
    if request.project_id != project.id or request.author_id != author.id:
        raise NotFound("There is no such request, or you may not see it.")
    require_action(State(request.state), Action.RESUBMIT, standing_of(session, author, request, desk.clock()))
    return request


def _new_request(change: Change, author: Person, project: ProjectRow, wish: Wish) -> RequestRow:
    highest = change.session.scalar(select(func.max(RequestRow.number))) or 0
    request = RequestRow(
        id=new_key(),
        number=highest + 1,
        project_id=project.id,
        author_id=author.id,
        title=wish.title,
        state=State.DRAFT,
        round=1,
        created_at=change.now,
        submitted_at=change.now,
        updated_at=change.now,
    )
    change.session.add(request)
    change.session.flush()
    return request


def _next_round(change: Change, author: Person, project: ProjectRow, wish: Wish, desk: Desk) -> RequestRow:
    request = _require_returned(change.session, author, project, wish.replaces or "", desk)
    request.round += 1
    request.title = wish.title
    request.submitted_at = change.now
    return request


def _write_round(change: Change, author: Person, request: RequestRow, wish: Wish, stored: Sequence[Stored]) -> None:
    change.session.add(
        SubmissionRow(
            id=new_key(),
            request_id=request.id,
            round=request.round,
            author_id=author.id,
            client_id=wish.client_id,
            title=wish.title,
            at=change.now,
        )
    )
    files = iter(zip(wish.paths, stored, strict=True))
    told: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    for position, group in enumerate(wish.groups):
        row = _group_row(request, position, group)
        change.session.add(row)
        change.session.flush()
        for _ in group.paths:
            path, blob = next(files)
            output = _output_row(request, row, len(told), path, blob)
            change.session.add(output)
            change.session.flush()
            said += corrections.keep(change, author, output, wish.corrections.get(path, ()))
            told.append({"path": path, "sha256": blob.sha256, "size": blob.size})
    change.session.flush()
    action = Action.SUBMIT if request.state == State.DRAFT else Action.RESUBMIT
    standing = standing_of(change.session, author, request, change.now)
    extra: dict[str, Any] = {"corrections": said} if said else {}
    move(change, request, action, standing, number=request.number, files=told, **extra)
    jobs.order_checks(change, request)


def _group_row(request: RequestRow, position: int, group: WishedGroup) -> OutputGroupRow:
    return OutputGroupRow(
        id=new_key(),
        request_id=request.id,
        round=request.round,
        position=position,
        name=group.name,
        context=group.context,
        controls=group.controls,
    )


def _output_row(request: RequestRow, group: OutputGroupRow, position: int, path: str, blob: Stored) -> OutputRow:
    return OutputRow(
        id=new_key(),
        request_id=request.id,
        group_id=group.id,
        round=request.round,
        position=position,
        path=path,
        sha256=blob.sha256,
        size=blob.size,
    )


def _group(raw: Mapping[str, Any]) -> WishedGroup:
    return WishedGroup(
        name=_text(raw, "name", _TITLE_LENGTH),
        context=_text(raw, "context", _TEXT_LENGTH),
        controls=_text(raw, "controls", _TEXT_LENGTH),
        paths=_paths(raw["paths"]),
    )


def _corrections(raw: Any) -> dict[str, tuple[Correction, ...]]:
    if not isinstance(raw, list | tuple):
        raise BadInput("The corrections of a request are a list.")
    found: dict[str, tuple[Correction, ...]] = {}
    for item in raw:
        correction = Correction.from_mapping(item, Side.AUTHOR)
        path = _text(item, "path", _PATH_BYTES)
        found[path] = (*found.get(path, ()), correction)
    return found


def _paths(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(path, str) for path in raw):
        raise BadInput("The paths of a group are a list of texts.")
    return tuple(raw)


def _text(raw: Mapping[str, Any], name: str, longest: int) -> str:
    value = raw[name]
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise BadInput(f"{name} must be a text of at most {longest:,} characters.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BadInput(f"{name} holds characters that no text has.") from error
    return value
