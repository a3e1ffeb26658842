"""Packages from inside: the socket that kernels and terminals see, and what they are given so that pip finds it.

Promises: what a sandbox sends here leads to one question to the portal, made of a path that is checked letter by
letter, and to nothing else: no query, header, body or method of it goes on. Never decides what may be had, which is the
portal's, and never reads what was installed.
"""

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_unix_socket
from tornado.web import Application, RequestHandler

from halftide_workspace.portal_client import PortalClient
from halftide_workspace.settings import Sandbox
from output_checker.model.errors import BadInput, HalftideError, NotAllowed, NotFound
from output_checker.sandbox import Mount

DOOR: Final = Path("/run/halftide-packages")
"""Where a sandbox finds the socket's folder."""
INSIDE: Final = Path("/opt/halftide")
"""Where a sandbox finds our own files for it."""
PACKAGES: Final = "/workspace/.packages"
"""Where a sandbox keeps what was installed in it."""
PROXY: Final = "http://127.0.0.1:8070"

_SOURCE: Final = Path(__file__).parent / "inside"
_PATH: Final = re.compile(r"/(?:[A-Za-z0-9._+!~\-]+/)*[A-Za-z0-9._+!~\-]*")
_AT_ONCE: Final = 4
_PAUSE: Final = 0.02
"""Seconds between the questions of one place: a loop in a kernel shall not keep the portal busy."""
_CONNECTIONS: Final = 64
_STATUS: Final = ((NotAllowed, 403), (NotFound, 404), (BadInput, 400), (HalftideError, 502))


# --- for the sandbox --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Furnishing:
    """What a kernel or terminal gets so that its package clients find the proxy."""

    mounts: tuple[Mount, ...]
    environment: Mapping[str, str]
    before: tuple[str, ...]
    """Words that come before the command and start the sandbox's own end of the door."""


def furnishing(settings: Sandbox) -> Furnishing:
    """What a sandbox gets; nothing where the server has no door (a server without a portal)."""
    folder = door_folder(settings)
    if not folder.is_dir():
        return Furnishing((), {}, ())
    start = f'nice "$0" -ISB {INSIDE}/door.py </dev/null >/dev/null 2>&1 & PATH=$PATH:{PACKAGES}/bin; exec "$@"'
    return Furnishing(
        (Mount(folder, DOOR), Mount(_SOURCE, INSIDE)),
        _ENVIRONMENT,
        ("/bin/sh", "-c", start, f"{settings.analysis}/bin/python3"),
    )


def door_folder(settings: Sandbox) -> Path:
    """The folder that holds the socket, and nothing else."""
    return settings.runtime / "packages"


_ENVIRONMENT: Final = {
    "PYTHONPATH": f"{INSIDE}/python",
    "PIP_INDEX_URL": f"{PROXY}/python/simple/",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_CACHE_DIR": "1",  # the home folder is memory
    "PIP_NO_INPUT": "1",
    "PIP_RETRIES": "0",
    "CONDA_CHANNEL_ALIAS": f"{PROXY}/conda",
    "CONDA_DEFAULT_CHANNELS": f"{PROXY}/conda/site",
    "CONDA_PKGS_DIRS": f"{PACKAGES}/conda/pkgs",
    "CONDA_ENVS_PATH": f"{PACKAGES}/conda/envs",
    "R_LIBS_USER": f"{PACKAGES}/R",
    "R_PROFILE": f"{INSIDE}/Rprofile",
}


# --- the door ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Refusal:
    """A package that was wished for and is not allowed."""

    at: float
    kind: str
    name: str
    text: str


class Door:
    """The server's end of the socket."""

    def __init__(self, portal: PortalClient, page: str) -> None:
        self.portal = portal
        self.page = page
        self.places = asyncio.Semaphore(_AT_ONCE)
        self._refused: deque[Refusal] = deque(maxlen=50)
        self._server: HTTPServer | None = None

    def open(self, folder: Path) -> None:
        """Listens at ``folder``, in the running event loop."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        routes = [(r"/refused/([0-9]{1,12})", _Refused, {"door": self}), (r".*", _Wish, {"door": self})]
        application = Application(routes, log_function=lambda _: None)
        self._server = HTTPServer(
            application, max_header_size=8192, max_body_size=0, idle_connection_timeout=30, body_timeout=5
        )
        self._server.add_socket(bind_unix_socket(str(folder / "door"), mode=0o600, backlog=_CONNECTIONS))

    def close(self) -> None:
        """Listens no more."""
        if self._server is not None:
            self._server.stop()

    def remember(self, path: str, text: str) -> None:
        """Keeps that the portal refused what this path asks for, when the path names one package."""
        named = re.fullmatch(r"python/(?:simple|files)/([A-Za-z0-9._\-]{1,100})/.*", path)
        if named:
            self._refused = deque((old for old in self._refused if old.name != named[1]), maxlen=50)
            self._refused.append(Refusal(time.time(), "python", named[1], text))

    def refused(self, since: float = 0) -> list[dict[str, Any]]:
        """What was refused since then, the last refusal of each package."""
        return [asdict(one) for one in self._refused if one.at >= since]


class _Wish(RequestHandler):
    """One question of a package client."""

    def initialize(self, door: Door) -> None:
        """Take the door that made this."""
        self.door = door

    def prepare(self) -> None:
        """Refuse everything but GET and HEAD."""
        if self.request.method not in {"GET", "HEAD"}:
            self._fail(405, "Packages are fetched with GET.")

    async def get(self) -> None:
        """Pass on an index or a file, piece by piece, or say why not."""
        path = plain_path(self.request.uri or "")
        if path is None:
            self._fail(404, "There is nothing here.")
            return
        async with self.door.places:
            await asyncio.sleep(_PAUSE)
            try:
                await self._pass_on(path)
            except HalftideError as error:
                if isinstance(error, NotAllowed):
                    self.door.remember(path, str(error))
                self._fail(next(status for kind, status in _STATUS if isinstance(error, kind)), str(error))

    async def head(self) -> None:
        """The same without the content."""
        await self.get()

    async def _pass_on(self, path: str) -> None:
        async with self.door.portal.package_file(path) as answer:
            for name in ("Content-Type", "Content-Length"):
                self.set_header(name, answer.headers.get(name, ""))
            if self.request.method == "HEAD":
                self.finish()
                return
            with suppress(StreamClosedError):  # the client went away: nobody is left to tell
                async for piece in answer.aiter_raw():
                    self.write(piece)
                    await self.flush()
                await self.finish()

    def _fail(self, status: int, text: str) -> None:
        self.clear()
        self.set_status(status, text.encode("ascii", "replace").decode().replace("\r", " ").replace("\n", " ")[:200])
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(text + "\n")


class _Refused(_Wish):
    """What was refused lately, for the sentence that pip does not say."""

    async def get(self, since: str) -> None:  # type: ignore[override] # this route has an argument
        """Tell it as JSON."""
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"refused": self.door.refused(float(since)), "page": self.door.page}))


def plain_path(target: str) -> str | None:
    """The path that a request line names, without its first slash; None unless it is one in plain letters.

    A query, an absolute address, a second encoding and ``..`` are no plain path.
    """
    path = unquote(target)
    if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")) or len(path) > 400:
        return None
    return path[1:]
