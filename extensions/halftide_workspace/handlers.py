"""The workspace server's JSON routes under ``halftide/``: what is known here, the check ahead, and requests.

Promises: every route asks who is calling and whether they may, keeps Jupyter's XSRF check, answers in JSON, and turns
a failure into a sentence with the way on. Never blocks the server's loop on a file, and never hands out file contents.
"""

import asyncio
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from halftide_workspace.fixes import Fixes
from halftide_workspace.meter import METER, Meter
from halftide_workspace.portal_client import PortalClient, PortalSilent, Submission
from halftide_workspace.preflight import Preflight
from halftide_workspace.settings import Settings
from halftide_workspace.staging import StagedFile, require_plain_path, staged
from output_checker.model.corrections import Correction, Side
from output_checker.model.errors import BadInput, Conflict, HalftideError, NotAllowed, NotFound
from output_checker.model.policy import Policy

Json = dict[str, Any]

AUTH_RESOURCE = "halftide"
"""The name by which the authorizer knows these routes."""
_AT_ONCE = 2
"""Files that are read in the cage at the same time: each may take 512 MiB."""
_PREFLIGHT_FILES = 100
_REQUEST_ID = r"(?P<request_id>[0-9A-Za-z-]{1,64})"
_STATUS: tuple[tuple[type[HalftideError], int, str], ...] = (
    (PortalSilent, 503, "silent"),
    (BadInput, 400, "bad_input"),
    (NotAllowed, 403, "not_allowed"),
    (NotFound, 404, "not_found"),
    (Conflict, 409, "conflict"),
    (HalftideError, 500, "broken"),
)


@dataclass(frozen=True)
class Desk:
    """What the routes work with: one for each server."""

    settings: Settings
    portal: PortalClient
    preflight: Preflight
    fixes: Fixes
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))


def setup_handlers(web_app: web.Application, settings: Settings, token: str) -> Desk:
    """Add the routes to the server's application. ``token`` is the server's own token of the hub."""
    desk = Desk(
        settings,
        PortalClient(settings.portal_api, token),
        Preflight(settings.sandbox.workspace, _scratch(settings)),
        Fixes(settings.sandbox.workspace, _scratch(settings)),
    )
    base = url_path_join(web_app.settings["base_url"], "halftide")
    routes: list[tuple[str, type[web.RequestHandler]]] = [
        ("status", StatusHandler),
        ("shown", ShownHandler),
        ("preflight", PreflightHandler),
        ("fix", FixHandler),
        ("fix/accept", FixAcceptHandler),
        ("requests", RequestsHandler),
        (f"requests/{_REQUEST_ID}", RequestHandler),
        (f"requests/{_REQUEST_ID}/withdraw", WithdrawHandler),
    ]
    web_app.add_handlers(".*$", [(url_path_join(base, path), handler, {"desk": desk}) for path, handler in routes])
    return desk


class ReleaseHandler(APIHandler):
    """What the routes share: the desk, and errors as sentences."""

    auth_resource = AUTH_RESOURCE
    desk: Desk

    def initialize(self, desk: Desk) -> None:
        """Take the desk that ``setup_handlers`` made."""
        self.desk = desk

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with ``{"kind", "message", "id"}``; what is not one of our errors is named by an id in the log."""
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        if isinstance(error, HalftideError):
            status, kind = _status_of(error)
            self._fail(status, kind, str(error))
        elif isinstance(error, web.HTTPError) and status_code < 500:
            self._fail(status_code, "refused", error.log_message or error.reason or f"refused (HTTP {status_code})")
        else:
            name = uuid.uuid4().hex[:8]
            self.log.error("halftide: unexpected failure %s", name, exc_info=error)
            self._fail(500, "broken", f"Your workspace's server failed at this. Nothing was lost. (error {name})", name)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Our errors are answers, not failures of the server: one line is enough."""
        if isinstance(value, HalftideError):
            self.log.warning("halftide: %s %s: %s", self.request.method, self.request.path, value)
        else:
            super().log_exception(typ, value, tb)

    def _fail(self, status: int, kind: str, message: str, name: str = "") -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish({"kind": kind, "message": message, "id": name})


class StatusHandler(ReleaseHandler):
    """Which project this is, and by which numbers its outputs are judged."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer even when the portal does not; ``trouble`` then says so."""
        settings = self.desk.settings
        policy, trouble = await _policy(self.desk)
        self.finish(
            {
                "project": settings.project,
                "title": settings.project_title,
                "portal_url": settings.portal_page,
                "policy": None if trouble else _policy_summary(policy),
                "trouble": trouble,
            }
        )


class ShownHandler(ReleaseHandler):
    """How much the browser was shown, and how much it still may be."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Bytes; ``left`` is what may be shown at once, ``per_minute`` what it grows by."""
        meter: Meter = self.settings[METER]
        meter.bucket.fill(time.monotonic())
        window = meter.window
        self.finish(
            {
                "today": meter.today,
                "per_day": window.per_day,
                "left": max(0, int(min(meter.left, window.per_day - meter.today))),
                "burst": window.burst,
                "per_minute": window.per_minute,
            }
        )


class PreflightHandler(ReleaseHandler):
    """What a checker would probably question in these files."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Check ``{"paths": [...], "corrections": [...]}``, each in its own entry."""
        body = _mapping(self.get_json_body())
        paths, said = _texts(body.get("paths"), "paths"), _corrections(body.get("corrections"))
        if not 0 < len(paths) <= _PREFLIGHT_FILES:
            raise BadInput(f"between 1 and {_PREFLIGHT_FILES} files are checked at once, not {len(paths)}")
        policy, trouble = await _policy(self.desk)
        files = await asyncio.gather(*(self._check(path, policy, said) for path in paths))
        self.finish({"files": files, "policy": policy.name, "trouble": trouble})

    async def _check(self, path: str, policy: Policy, said: tuple[Json, ...]) -> Json:
        corrections = [Correction.from_mapping(one, Side.AUTHOR) for one in said if one["path"] == path]
        async with self.desk.places:
            return await asyncio.to_thread(self.desk.preflight.check, path, policy, corrections)


class FixHandler(ReleaseHandler):
    """What Halftide would do to a file, before and after."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Propose a fix for ``{"path": ...}``."""
        path = _text(_mapping(self.get_json_body()).get("path"), "the path")
        policy, _ = await _policy(self.desk)
        async with self.desk.places:
            self.finish(await asyncio.to_thread(self.desk.fixes.propose, path, policy))


class FixAcceptHandler(ReleaseHandler):
    """The mended file, next to the old one."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Write the fix that was shown for ``{"path": ..., "sha256": ...}``; nothing is written over."""
        body = _mapping(self.get_json_body())
        path, sha256 = _text(body.get("path"), "the path"), _text(body.get("sha256"), "the digest")
        policy, _ = await _policy(self.desk)
        async with self.desk.places:
            written = await asyncio.to_thread(self.desk.fixes.write, path, policy, sha256)
        self.set_status(201)
        self.finish({"path": written})


class RequestsHandler(ReleaseHandler):
    """My requests of this project, and a new one."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List them, newest first."""
        self.finish(await self.desk.portal.requests())

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Stage the files and send them with what was said about them."""
        submission = submission_from(self.get_json_body())
        policy = await self.desk.portal.policy()
        paths = [path for group in submission.groups for path in group["paths"]]
        if len(paths) > policy.max_request_files:
            raise BadInput(f"a request takes up to {policy.max_request_files} files, not {len(paths)}; split it")
        with ExitStack() as stack:
            files = await asyncio.to_thread(self._stage, stack, paths, policy.max_file_bytes)
            detail = await self.desk.portal.submit(submission, files)
        self.set_status(201)
        self.finish(detail)

    def _stage(self, stack: ExitStack, paths: list[str], limit: int) -> list[StagedFile]:
        settings = self.desk.settings
        return stack.enter_context(staged(settings.sandbox.workspace, paths, limit, _scratch(settings)))


class RequestHandler(ReleaseHandler):
    """One request."""

    @web.authenticated
    @authorized
    async def get(self, request_id: str) -> None:
        """Its state, findings and messages."""
        self.finish(await self.desk.portal.request(request_id))


class WithdrawHandler(ReleaseHandler):
    """Taking a request back."""

    @web.authenticated
    @authorized
    async def post(self, request_id: str) -> None:
        """Withdraw it; the portal says whether that is still possible."""
        self.finish(await self.desk.portal.withdraw(request_id))


def submission_from(raw: Any) -> Submission:
    """The submission in a request's body. Raises BadInput that names what is missing or doubled."""
    body = _mapping(raw)
    groups = body.get("groups")
    if not isinstance(groups, list) or not groups:
        raise BadInput("a request needs at least one group of files")
    submission = Submission(
        client_id=_uuid(body.get("client_id")),
        title=_text(body.get("title"), "the title"),
        groups=tuple(_group(group) for group in groups),
        replaces=_uuid(body["replaces"]) if body.get("replaces") is not None else None,
        corrections=_corrections(body.get("corrections")),
    )
    paths = [path for group in submission.groups for path in group["paths"]]
    doubled = sorted({path for path in paths if paths.count(path) > 1})
    if doubled:
        raise BadInput(f"{', '.join(doubled)} is in the request more than once; leave it in one group")
    for path in paths:
        require_plain_path(path)
    return submission


def _group(raw: Any) -> Json:
    group = _mapping(raw)
    name = str(group.get("name") or "")
    paths = _texts(group.get("paths"), "a group's paths")
    if not paths:
        raise BadInput(f"the group {name!r} has no files; add one or remove the group")
    return {
        "name": name,
        "context": _text(group.get("context"), "the context"),
        "controls": _text(group.get("controls"), "the disclosure control that was applied"),
        "paths": paths,
    }


def _corrections(raw: Any) -> tuple[Json, ...]:
    """What the author says about columns and rows, with the path that each is about."""
    if raw is not None and not isinstance(raw, list):
        raise BadInput("the corrections are a list")
    found = []
    for one in raw or ():
        said = Correction.from_mapping(one, Side.AUTHOR)
        place = {"part": said.part, "row": said.row, "column": said.column}
        found.append(
            {"path": _text(one.get("path"), "a correction's file"), **place, "means": said.means, "why": said.why}
        )
    return tuple(found)


def _mapping(raw: Any) -> Json:
    if not isinstance(raw, dict):
        raise BadInput("a JSON mapping was expected")
    return raw


def _text(raw: Any, what: str) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise BadInput(f"{what} is missing")
    return raw.strip()


def _texts(raw: Any, what: str) -> list[str]:
    if not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
        raise BadInput(f"{what} must be a list of texts")
    return raw


def _uuid(raw: Any) -> str:
    try:
        return str(uuid.UUID(raw))
    except (TypeError, ValueError, AttributeError) as error:
        raise BadInput("a request and what it replaces are named by a UUID") from error


async def _policy(desk: Desk) -> tuple[Policy, str]:
    """The project's policy, or the usual one and why the project's is not known."""
    try:
        return await desk.portal.policy(), ""
    except HalftideError as error:
        return Policy(), str(error)


def _scratch(settings: Settings) -> Path | None:
    """Where copies lie while they are sent: with the server's own things, which no kernel sees."""
    return settings.private if settings.private.is_dir() else None


def _policy_summary(policy: Policy) -> Json:
    names: tuple[str, ...] = ("name", "threshold", "max_file_bytes", "max_request_files", "approvals")
    return {name: getattr(policy, name) for name in names}


def _status_of(error: HalftideError) -> tuple[int, str]:
    return next((status, kind) for known, status, kind in _STATUS if isinstance(error, known))
