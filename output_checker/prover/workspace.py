"""The prover's side of a workspace: started and stopped through the hub's API, driven over the server's own.

Everything is done with the prover's token, as a browser would do it; only where the server listens is read from the
record that its spawner keeps.
"""

import asyncio
import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect

from hub_config.processes import descendants, read_record
from output_checker.model import PROVER, Broken
from output_checker.probes.harness import Reading
from output_checker.probes.model import Outcome
from output_checker.prover.settings import Settings

START = 150.0
STOP = 60.0
RUN = 180.0
Heard = Callable[[str, Outcome], None]


@dataclass(frozen=True)
class Server:
    """A running workspace server: where it listens, its process and its folder on this machine."""

    url: str
    pid: int
    home: Path
    token: str
    other_kernels: tuple[str, ...] = ()
    """Folders of the kernels that the probes do not run in, as the server names them."""

    @property
    def runtime(self) -> Path:
        """The server's run-time folder, as this machine reaches it."""
        return Path(f"/proc/{self.pid}/root/run/halftide")

    def kernels(self) -> set[str]:
        """The folders of its kernels."""
        return {path.name for path in self.runtime.glob("k*")}

    async def ask(self, path: str, method: str = "GET", body: Any = None) -> Any:
        """The JSON that the server answers. Raises Broken when it answers anything but success."""
        answer = await _fetch(self.url + path, self.token, method, body)
        return json.loads(answer.body) if answer.body else None

    async def connect(self, path: str) -> WebSocketClientConnection:
        """An open websocket."""
        address, headers = self.url.replace("http", "ws", 1) + path, {"Authorization": f"token {self.token}"}
        return await websocket_connect(
            HTTPRequest(address, headers=headers, connect_timeout=20), max_message_size=16 << 20
        )

    async def put(self, name: str, text: str) -> None:
        """Write a text file into the workspace, as a browser would."""
        await self.ask(f"api/contents/{name}", "PUT", {"type": "file", "format": "text", "content": text})


async def start(settings: Settings, slug: str, home: Path) -> Server:
    """Start the prover's workspace of a project. Raises Broken with what the hub said."""
    server = f"{settings.hub_api}/users/{PROVER}/servers/{quote(slug, safe='')}"
    await _fetch(server, settings.token, "POST", {})
    told = await _fetch(f"{server}/progress", settings.token, patience=START)
    events = [json.loads(line[5:]) for line in told.body.decode().splitlines() if line.startswith("data:")]
    if not events or not events[-1].get("ready"):
        said = events[-1].get("message", "") if events else ""
        raise Broken(f"the hub did not start the workspace: {said or 'it gave no reason'}")
    keeper = read_record(home / "process.json")
    if keeper is None:
        raise Broken("the workspace that the hub started is not where it should be")
    url = keeper.environment().get("JUPYTERHUB_SERVICE_URL", "")
    running = [process for process in descendants(keeper) if "halftide_workspace" in process.command()]
    if not url or not running:
        raise Broken("the workspace that the hub started has no server")
    return Server(url.rstrip("/") + "/", running[-1].pid, home, settings.token)


async def stop(settings: Settings, slug: str) -> None:
    """Stop the prover's workspace of a project, and come back when the hub says that it is gone."""
    server = f"{settings.hub_api}/users/{PROVER}/servers/{quote(slug, safe='')}"
    for _ in range(int(STOP)):
        try:
            answer = await AsyncHTTPClient().fetch(
                server,
                method="DELETE",
                body='{"remove": true}',
                allow_nonstandard_methods=True,
                headers={"Authorization": f"token {settings.token}"},
                request_timeout=STOP,
            )
        except HTTPClientError as error:
            if error.code == 404:
                return
            if error.code != 400:  # 400: it is still starting or stopping
                raise Broken(f"the hub did not stop the workspace of the probes: {error}") from error
        else:
            if answer.code == 204:
                return
        await asyncio.sleep(1)
    raise Broken("the workspace of the probes did not stop")


async def run_in_kernel(server: Server, kernel: str, file: str, reading: Reading, heard: Heard) -> None:
    """Run a program of the workspace in the process of a kernel itself."""
    socket = await server.connect(f"api/kernels/{kernel}/channels")
    code = f"exec(compile(open('/workspace/{file}').read(), '{file}', 'exec'), {{'__name__': 'probes'}})"
    request = uuid.uuid4().hex
    header = {"msg_id": request, "msg_type": "execute_request", "session": "s", "username": PROVER, "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False, "stop_on_error": True}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    try:
        await socket.write_message(json.dumps(message))
        async with asyncio.timeout(RUN):
            while not reading.over:
                raw = await _hear(socket)
                if isinstance(raw, bytes):
                    continue
                answer = json.loads(raw)
                mine = answer.get("parent_header", {}).get("msg_id") == request
                if mine and answer["msg_type"] == "error":
                    raise Broken(f"the probes stopped in the kernel: {answer['content'].get('evalue')}")
                if mine and answer["msg_type"] == "stream":
                    _tell(reading, answer["content"]["text"], heard)
    except TimeoutError as error:
        raise Broken("the probes did not come to an end in the kernel") from error
    finally:
        socket.close()


async def run_in_terminal(server: Server, file: str, reading: Reading, heard: Heard) -> None:
    """Run a program of the workspace from the shell of a terminal."""
    name = (await server.ask("api/terminals", "POST", {}))["name"]
    socket = await server.connect(f"terminals/websocket/{name}")
    try:
        await socket.write_message(json.dumps(["stdin", f"python3 -I /workspace/{file}\r"]))
        async with asyncio.timeout(RUN):
            while not reading.over:
                kind, *rest = json.loads(await _hear(socket))
                if kind == "stdout":
                    _tell(reading, rest[0], heard)
                elif kind == "disconnect":
                    raise Broken("the terminal of the probes ended early")
    except TimeoutError as error:
        raise Broken("the probes did not come to an end in the terminal") from error
    finally:
        socket.close()


async def _hear(socket: WebSocketClientConnection) -> str | bytes:
    raw = await socket.read_message()
    if raw is None:
        raise Broken("the server closed the connection in the middle of the probes")
    return raw


def _tell(reading: Reading, text: str, heard: Heard) -> None:
    for name, outcome in reading.feed(text):
        heard(name, outcome)


async def _fetch(url: str, token: str, method: str = "GET", body: Any = None, patience: float = 60.0) -> HTTPResponse:
    try:
        return await AsyncHTTPClient().fetch(
            url,
            method=method,
            body=None if body is None else json.dumps(body),
            headers={"Authorization": f"token {token}", "Content-Type": "application/json"},
            request_timeout=patience,
        )
    except HTTPClientError as error:
        said = ""
        if error.response is not None:
            with suppress(ValueError, AttributeError):
                said = str(json.loads(error.response.body).get("message", ""))
        raise Broken(f"{method} {url} was answered with {error.code}: {said or error.message}") from error
    except OSError as error:
        raise Broken(f"{url} does not answer: {error}") from error
