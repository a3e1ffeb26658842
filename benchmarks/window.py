"""How fast large outputs reach a browser: from a sealed kernel through the metered window against a bare one.

``python benchmarks/window.py [runs]`` starts two servers on this machine, Jupyter's as it comes and ours with a sealed
kernel, and has each show the same 32 MB in turn, over the protocol that JupyterLab speaks. Both kernels run on the
analysis environment. The window is given amounts that let all pass: what is measured is the way, not the refusal.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.halftide_workspace.servers import ANALYSIS, OWNER, PREFIX, Workspace, free_port, workspace  # noqa: E402

PROTOCOL = "v1.kernel.websocket.jupyter.org"
PIECES, PIECE = 64, 512 * 1024
OUTPUT = f"""
from IPython.display import display
for _ in range({PIECES}):
    display({{"text/plain": "x" * {PIECE}}}, raw=True)
"""
PLENTY = {"at_once": 1 << 40, "burst": 1 << 40, "per_minute": 1 << 40, "per_day": 1 << 40}


class Notebook:
    """A browser's end of one kernel."""

    def __init__(self, space: Workspace) -> None:
        self._space = space
        self._id = space.ask("api/kernels", "POST", {"name": "python3"}).json["id"]
        self._loop = asyncio.new_event_loop()
        self._socket: Any = self._loop.run_until_complete(self._connect())
        self.seconds("1")

    def seconds(self, code: str, size: int = 0) -> float:
        """How long ``code`` takes until it is idle again. Raises RuntimeError when less than ``size`` bytes came."""
        began = time.perf_counter()
        received = self._loop.run_until_complete(self._run(code))
        took = time.perf_counter() - began
        if received < size:
            raise RuntimeError(f"{received} bytes arrived, {size} were shown")
        return took

    def close(self) -> None:
        """Ends the kernel."""
        self._socket.close()
        self._space.ask(f"api/kernels/{self._id}", "DELETE")

    async def _connect(self) -> Any:
        url = self._space.url.replace("http", "ws", 1) + f"api/kernels/{self._id}/channels"
        request = HTTPRequest(url, headers={"Authorization": f"token {OWNER}"})
        return await websocket_connect(request, subprotocols=[PROTOCOL], max_message_size=100 << 20)

    async def _run(self, code: str) -> int:
        name = uuid.uuid4().hex
        header = {"msg_id": name, "msg_type": "execute_request", "session": "s", "username": "ada", "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False, "stop_on_error": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        packed = serialize_msg_to_ws_v1(message, "shell", lambda part: json.dumps(part).encode())
        await self._socket.write_message(packed, binary=True)
        received = 0
        while raw := await self._socket.read_message():
            _, (_, parent, _, content, *_) = deserialize_msg_from_ws_v1(raw)
            if name.encode() in parent:
                received += len(content)
                if len(content) < 99 and b'"idle"' in content:
                    return received
        raise RuntimeError("the server closed the connection")


@contextmanager
def bare(folder: Path) -> Iterator[Workspace]:
    """Jupyter's server as it comes, with a bare kernel."""
    spec = folder / "kernels" / "python3"
    spec.mkdir(parents=True)
    python = str(ANALYSIS / "bin" / "python")
    argv = [python, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "bare", "language": "python"}))
    port, log = free_port(), folder / "server.log"
    command = [sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", f"--port={port}"]
    command += [f"--ServerApp.base_url={PREFIX}", f"--IdentityProvider.token={OWNER}", f"--ServerApp.root_dir={folder}"]
    command += [f"--KernelSpecManager.kernel_dirs={spec.parent}", "--KernelSpecManager.ensure_native_kernel=False"]
    command += ["--ZMQChannelsWebsocketConnection.iopub_data_rate_limit=0"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "HALFTIDE"))}
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=clean | {"HOME": str(folder)}, stdout=output, stderr=output)
        try:
            space = Workspace(port, folder, folder, folder, process, log)
            _await(space)
            yield space
        finally:
            process.terminate()
            process.wait(20)


def _await(space: Workspace) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if space.ask("api").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(space.log.read_text()[-2000:])


def main(runs: int) -> None:
    """Print the medians, and the median of the ratios of each pair."""
    size = PIECES * PIECE
    with tempfile.TemporaryDirectory(prefix="hb") as name:
        boundary = json.dumps({"window": PLENTY})
        with bare(Path(name) / "bare") as stock, workspace(Path(name) / "ours", HALFTIDE_BOUNDARY=boundary) as ours:
            sides = Notebook(stock), Notebook(ours)
            for side in sides:
                side.seconds(OUTPUT, size)
            pairs = []
            for turn in range(runs):  # in changing order: whoever comes second finds a machine that was just busy
                first, second = sides if turn % 2 else sides[::-1]
                took = {first: first.seconds(OUTPUT, size), second: second.seconds(OUTPUT, size)}
                pairs.append((took[sides[0]], took[sides[1]]))
            for side in sides:
                side.close()
    before, after = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(sealed / stock for stock, sealed in pairs)
    rates = f"bare={size / before / 1e6:.0f}MB/s sealed={size / after / 1e6:.0f}MB/s"
    print(f"bench window: runs={runs} {rates} ratio={ratio:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
