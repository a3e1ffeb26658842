"""A workspace server in its real outer sandbox, beside a hub that only knows who owns which token."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from output_checker import sandbox

CHECKOUT = Path(__file__).resolve().parents[2]
ANALYSIS = Path(os.environ.get("HALFTIDE_ANALYSIS") or CHECKOUT / ".venv-analysis")
OWNER, SERVER_TOKEN, STRANGER = "owner-token", "server-token", "stranger-token"
PREFIX = "/user/ada/tides/"
_SCOPES = {OWNER: ["access:servers!server=ada/tides"], SERVER_TOKEN: ["access:servers!server=ada/tides"], STRANGER: []}


class _Hub(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        token = self.headers.get("Authorization", "").removeprefix("token ").removeprefix("Bearer ")
        if self.path.startswith("/hub/api/user") and token not in _SCOPES:
            return self._answer(403, {"message": "forbidden"})
        name = "eve" if token == STRANGER else "ada"
        user = {"name": name, "kind": "user", "scopes": _SCOPES.get(token, []), "admin": False, "groups": []}
        return self._answer(200, user)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(200, {})

    def _answer(self, status: int, body: Mapping[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("X-JupyterHub-Version", "6.1.1")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Workspace:
    """A running server and the host's folders behind it."""

    port: int
    files: Path
    private: Path
    data: Path
    process: "subprocess.Popen[bytes]"
    log: Path
    url: str = field(init=False)
    more: dict[str, str] = field(default_factory=dict)
    """Headers of every question."""

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.port}{PREFIX}"

    def ask(
        self, path: str, method: str = "GET", body: Any = None, token: str | None = OWNER, accept: str = "*/*"
    ) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": accept, "Content-Type": "application/json"}
        headers |= self.more
        if token:
            headers["Authorization"] = f"token {token}"
        url = self.url + path if not path.startswith("//") else f"http://127.0.0.1:{self.port}{path[1:]}"
        request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 our own address
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
                return Answer(response.status, dict(response.headers), response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())


class Kernel:
    """A kernel of a running server, driven as a browser drives it."""

    def __init__(self, space: Workspace) -> None:
        self.space = space
        self.id = space.ask("api/kernels", "POST", {"name": "python3"}).json["id"]
        self._loop = asyncio.new_event_loop()
        self._socket = self._loop.run_until_complete(connect(space, f"api/kernels/{self.id}/channels"))

    def run(self, code: str, timeout: float = 60) -> str:
        """What ``code`` writes and shows, as text, with the notes of the window."""
        return self._loop.run_until_complete(asyncio.wait_for(self._run(code), timeout))

    def close(self) -> None:
        self._loop.run_until_complete(hang_up(self._socket))
        self.space.ask(f"api/kernels/{self.id}", "DELETE")
        self._loop.close()

    async def _run(self, code: str) -> str:
        request = uuid.uuid4().hex
        header = {"msg_id": request, "msg_type": "execute_request", "session": "s", "username": "ada", "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False, "stop_on_error": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        await self._socket.write_message(json.dumps(message))
        shown = []
        while True:
            raw = await self._socket.read_message()
            if raw is None:
                raise RuntimeError("the server closed the connection")
            if isinstance(raw, bytes) or json.loads(raw)["parent_header"].get("msg_id") != request:
                continue
            answer = json.loads(raw)
            body = answer["content"]
            shown.append(body.get("text") or "\n".join(body.get("traceback", [])) or str(body.get("data") or ""))
            if answer["msg_type"] == "status" and body["execution_state"] == "idle":
                return "".join(shown)


class Terminal:
    """A terminal of a running server."""

    def __init__(self, space: Workspace) -> None:
        self.name = space.ask("api/terminals", "POST", {}).json["name"]
        self._loop = asyncio.new_event_loop()
        self._socket = self._loop.run_until_complete(connect(space, f"terminals/websocket/{self.name}"))

    def run(self, command: str, timeout: float = 60) -> str:
        """What ``command`` writes until it is over."""
        return self._loop.run_until_complete(asyncio.wait_for(self._run(command), timeout))

    def close(self) -> None:
        self._loop.run_until_complete(hang_up(self._socket))
        self._loop.close()

    async def _run(self, command: str) -> str:
        mark = uuid.uuid4().hex
        await self._socket.write_message(json.dumps(["stdin", f"{command}; echo {mark[:16]}''{mark[16:]}\r"]))
        seen = ""
        while mark not in seen:
            raw = await self._socket.read_message()
            if raw is None:
                raise RuntimeError("the server closed the connection")
            kind, *rest = json.loads(raw)
            seen += rest[0] if kind == "stdout" else ""
        return seen


async def connect(space: Workspace, path: str) -> Any:
    """An open websocket of the owner."""
    url = space.url.replace("http", "ws", 1) + path
    request = HTTPRequest(url, headers={"Authorization": f"token {OWNER}"})
    return await websocket_connect(request, max_message_size=100 << 20)


async def hang_up(socket: Any) -> None:
    """Closes a websocket and waits until the server has heard it."""
    socket.close()
    while await socket.read_message() is not None:
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def hub() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hub/api"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def workspace(folder: Path, *, groups: Mapping[str, Path] | None = None, **extra: str) -> Iterator[Workspace]:
    """Starts a server with empty files, one readable dataset, and the environment that the spawner gives; its kernels
    join the control ``groups``."""
    files, private, data = folder / "workspace", folder / "server", folder / "dataset"
    for place in (files, private, data):
        place.mkdir(parents=True, exist_ok=True)
    (data / "people.csv").write_text("id,height\n1,170\n2,180\n")
    port, log = free_port(), folder / "server.log"
    command = sandbox.workspace_server(
        sandbox.WorkspacePaths(files, private, ANALYSIS, groups or {}),
        [sandbox.Mount(data, Path("/data/people"))],
        [str(Path(sys.prefix) / "bin" / "python"), "-m", "halftide_workspace"],
    )
    with hub() as api, log.open("wb") as output:
        process = subprocess.Popen(command, env=_environment(api, port) | extra, stdout=output, stderr=output)
        try:
            space = Workspace(port, files, private, data, process, log)
            _await(space)
            yield space
        finally:
            process.kill()
            process.wait()


def _environment(api: str, port: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HALFTIDE_ANALYSIS": str(ANALYSIS),
        "HALFTIDE_PROJECT": "tides",
        "HALFTIDE_PORTAL_API": "http://127.0.0.1:1/services/output-checker/api/v1",
        "JUPYTERHUB_API_TOKEN": SERVER_TOKEN,
        "JUPYTERHUB_API_URL": api,
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_CLIENT_ID": "jupyterhub-user-ada-tides",
        "JUPYTERHUB_USER": "ada",
        "JUPYTERHUB_SERVER_NAME": "tides",
        "JUPYTERHUB_SERVICE_PREFIX": PREFIX,
        "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}{PREFIX}",
        "JUPYTERHUB_OAUTH_SCOPES": json.dumps(["access:servers!server=ada/tides"]),
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": json.dumps(["access:servers!server=ada/tides"]),
        "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{PREFIX}oauth_callback",
        "JUPYTERHUB_ACTIVITY_URL": f"{api}/users/ada/activity",
    }


def _await(space: Workspace) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if space.process.poll() is not None:
            break
        try:
            if space.ask("api").status in {200, 403}:  # 403 where nothing but pixels is shown
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the workspace server did not start:\n{space.log.read_text(errors='replace')[-6000:]}")
