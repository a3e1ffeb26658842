"""Ways round the metered window: as many records as possible, through everything that the server sends to a browser.

Each attack gets records of 64 random characters out of a kernel by one way, and counts how many arrive. The control is
the same program in a workspace whose window is wide open: there it must get nearly all of them.
"""

import asyncio
import json
import re
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.halftide_workspace.servers import Workspace, connect, hang_up, workspace

pytestmark = pytest.mark.attack

RECORDS = 4000
"""Of 64 characters each: three times what the narrow window shows in a day."""
NARROW = {"at_once": 20_000, "burst": 60_000, "per_minute": 60, "per_day": 80_000}
WIDE = {"at_once": 2**30, "burst": 2**40, "per_minute": 2**40, "per_day": 2**50}
FEW = 0.35
"""Most of the records that all ways together may get; the window's day holds 80 kB of their 260 kB."""
_RECORDS = {f"{Random(n).getrandbits(256):064x}".encode() for n in range(RECORDS)}  # noqa: S311 no secret
PRELUDE = """
import random
from IPython import get_ipython
from IPython.display import display
shell = get_ipython()
kernel = shell.kernel
records = [f"{random.Random(n).getrandbits(256):064x}" for n in range(%d)]
def parts(size):
    return [" ".join(records[n : n + size]) for n in range(0, len(records), size)]
def send(kind, content, parent=None, buffers=None, channel=kernel.iopub_socket, ident=None):
    return kernel.session.send(channel, kind, content, parent=parent or kernel.get_parent("shell"), buffers=buffers)
"""


@dataclass
class Page:
    """What a browser's page has of one workspace: a kernel, everything that came over its socket, and the routes."""

    space: Workspace
    received: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.kernel = self.space.ask("api/kernels", "POST", {"name": "python3"}).json["id"]
        self.socket = self.loop.run_until_complete(connect(self.space, f"api/kernels/{self.kernel}/channels"))
        self.run(PRELUDE % RECORDS)

    def run(self, code: str, **more: Any) -> None:
        """Run code and take in everything until it is over; a prompt is answered with nothing."""
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": True, **more}
        self.ask("execute_request", content)

    def ask(self, kind: str, content: dict[str, Any], channel: str = "shell") -> None:
        """Send one message and take in everything until the kernel says that it has dealt with it."""
        self.loop.run_until_complete(asyncio.wait_for(self._ask(kind, content, channel), 60))

    def get(self, path: str, method: str = "GET", body: Any = None) -> Any:
        """Ask a route, and keep what comes."""
        answer = self.space.ask(path, method, body)
        self.received += answer.body
        return answer

    def got(self) -> int:
        """How many of the records came, by whatever way."""
        return len(_RECORDS & set(re.findall(rb"[0-9a-f]{64}", self.received)))

    def close(self) -> None:
        self.loop.run_until_complete(hang_up(self.socket))
        self.space.ask(f"api/kernels/{self.kernel}", "DELETE")
        self.loop.close()

    async def _ask(self, kind: str, content: dict[str, Any], channel: str) -> None:
        request = await self._send(kind, content, channel)
        awaited = {"status", kind.replace("_request", "_reply")}
        while awaited:
            raw = await self.socket.read_message()
            if raw is None:
                raise RuntimeError("the server closed the connection")
            self.received += raw if isinstance(raw, bytes) else raw.encode()
            if isinstance(raw, bytes):
                continue
            message = json.loads(raw)
            if message["msg_type"] == "input_request":
                await self._send("input_reply", {"value": "", "status": "ok"}, "stdin")
            busy = message["content"].get("execution_state", "idle") != "idle"
            if message["parent_header"].get("msg_id") == request and not busy:
                awaited.discard(message["msg_type"])

    async def _send(self, kind: str, content: dict[str, Any], channel: str) -> str:
        name = uuid.uuid4().hex
        header = {"msg_id": name, "msg_type": kind, "session": "s", "username": "ada", "version": "5.3"}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": channel}
        await self.socket.write_message(json.dumps(message))
        return name


def _terminal(page: Page) -> None:
    page.run("open('all.txt', 'w').write('\\n'.join(records))")
    page.loop.run_until_complete(asyncio.wait_for(_typed(page, "cat /workspace/all.txt"), 60))


async def _typed(page: Page, command: str) -> None:
    """Type a command into a terminal, and take in what it writes until it is over or the window says that it is."""
    name = page.space.ask("api/terminals", "POST", {}).json["name"]
    socket = await connect(page.space, f"terminals/websocket/{name}")
    await socket.write_message(json.dumps(["stdin", f"{command}; echo; echo 'en''d'\r"]))
    seen = ""
    while "\nend" not in seen and "ask for a release" not in seen:
        kind, *rest = json.loads(await socket.read_message())
        seen += rest[0] if kind == "stdout" else ""
    page.received += seen.encode()
    await hang_up(socket)


def _pieces(page: Page) -> None:
    page.run("[open(f'piece-{n}.txt', 'w').write(text) for n, text in enumerate(parts(500))]")
    for number in range(RECORDS // 500):
        page.get(f"api/contents/piece-{number}.txt?content=1")


def _names(page: Page) -> None:
    page.run("import os; [os.makedirs(f'names/{n}', exist_ok=True) for n in range(20)]")
    page.run(
        "[open(f'names/{n % 20}/{r}{q}', 'w').close() for n, (r, q) in enumerate(zip(records[::2], records[1::2]))]"
    )
    for number in range(20):
        page.get(f"api/contents/names/{number}?content=1")


def _notebook(page: Page) -> None:
    page.run(
        "import json\n"
        "for n, text in enumerate(parts(500)):\n"
        "    data = {'application/vnd.plotly.v1+json': {'data': [text]}}\n"
        "    out = {'output_type': 'display_data', 'data': data, 'metadata': {}}\n"
        "    cell = {'cell_type': 'code', 'id': 'a', 'source': '', 'metadata': {}, 'outputs': [out]}\n"
        "    cell['execution_count'] = 1\n"
        "    book = {'cells': [cell], 'metadata': {}, 'nbformat': 4, 'nbformat_minor': 5}\n"
        "    open(f'{n}.ipynb', 'w').write(json.dumps(book))"
    )
    for number in range(RECORDS // 500):
        page.get(f"api/contents/{number}.ipynb?content=1")


def _preflight(page: Page) -> None:
    page.run(
        "for n, text in enumerate(parts(50)):\n"
        "    lines = '\\n'.join(f'{r},3' for r in text.split())\n"
        "    open(f'counts-{n}.csv', 'w').write('group,people\\n' + lines + '\\n')"
    )
    for number in range(0, RECORDS // 50, 80):
        paths = [f"counts-{n}.csv" for n in range(number, number + 10)]
        page.get("halftide/preflight", "POST", {"paths": paths})


def _completions(page: Page) -> None:
    page.run(
        "kernel.do_complete = lambda code, cursor_pos: {'matches': parts(500)[int(code)].split(), "
        "'cursor_start': 0, 'cursor_end': 0, 'metadata': {}, 'status': 'ok'}"
    )
    for number in range(RECORDS // 500):
        page.ask("complete_request", {"code": str(number), "cursor_pos": 1})


def _inspections(page: Page) -> None:
    page.run(
        "kernel.do_inspect = lambda code, cursor_pos, detail_level=0, omit_sections=(): {'found': True, "
        "'status': 'ok', 'data': {'text/html': parts(500)[int(code)]}, 'metadata': {}}"
    )
    for number in range(RECORDS // 500):
        page.ask("inspect_request", {"code": str(number), "cursor_pos": 1, "detail_level": 0})


def _many_cells(page: Page) -> None:
    for number in range(RECORDS // 100):
        page.run(f"print(parts(100)[{number}])")


def _cells(code: str) -> Callable[[Page], None]:
    """An attack that is code in one cell."""
    return lambda page: page.run(code)


ATTACKS: dict[str, Callable[[Page], None]] = {
    "many-small-prints": _cells("import time\nfor part in parts(20): print(part, flush=True); time.sleep(0.002)"),
    "one-large-print": _cells("print(' '.join(records))"),
    "many-cells": _many_cells,
    "display-updates": _cells(
        "handle = display('x', display_id=True)\nfor part in parts(50): handle.update({'text/plain': part}, raw=True)"
    ),
    "comm-flood": _cells(
        "from comm import create_comm\nchannel = create_comm('jupyter.widget')\n"
        "for part in parts(50): channel.send({'method': 'update', 'state': {'value': part}})"
    ),
    "comm-buffers": _cells(
        "from comm import create_comm\nchannel = create_comm('jupyter.widget')\n"
        "for part in parts(50): channel.send({'x': 1}, buffers=[part.encode()])"
    ),
    "text-in-html": _cells("for part in parts(50): display({'text/html': f'<p>{part}</p>'}, raw=True)"),
    "script-data": _cells(
        "for part in parts(50): display({'text/html': f'<script>{part}</script>', "
        "'application/javascript': part, 'text/plain': part}, raw=True)"
    ),
    "text-that-says-it-is-an-image": _cells(
        "for part in parts(50): display({'image/png': 'iVBORw0KGgoA' + part, 'text/plain': ''}, raw=True)"
    ),
    "figure-data": _cells(
        "for part in parts(5000): display({'application/vnd.plotly.v1+json': {'data': [{'text': part}]}, "
        "'text/plain': part}, raw=True)"
    ),
    "metadata": _cells(
        "for part in parts(50): send('display_data', {'data': {'text/plain': part}, 'metadata': {'text/plain': part}})"
    ),
    "metadata-of-messages": _cells(
        "for part in parts(50): kernel.session.send(kernel.iopub_socket, 'stream', {'name': 'stdout', 'text': ''}, "
        "metadata={'x': part}, parent=kernel.get_parent('shell'))"
    ),
    "stdin-prompts": _cells("for part in parts(500): input(part)"),
    "tracebacks": _cells("for part in parts(50): send('error', {'ename': 'E', 'evalue': '', 'traceback': [part]})"),
    "answers-payload": _cells(
        "shell.payload_manager.write_payload({'source': 'page', 'data': {'text/plain': ' '.join(records)}, 'start': 0})"
    ),
    "answers-expressions": lambda page: page.run("1", user_expressions={"x": "' '.join(records)"}),
    "forged-cells": _cells(
        "import uuid\nfor part in parts(50):\n"
        "    parent = {'header': {'msg_id': uuid.uuid4().hex, 'msg_type': 'execute_request'}}\n"
        "    send('stream', {'name': 'stdout', 'text': part}, parent=parent)"
    ),
    "names-of-states": _cells("for part in parts(50): send('status', {'execution_state': part})"),
    "kinds-of-messages": _cells("for part in parts(50): send(part, {'x': 1})"),
    "clear-and-write": _cells(
        "for part in parts(50):\n    send('clear_output', {'wait': False})\n    print(part, flush=True)"
    ),
    "completions": _completions,
    "inspections": _inspections,
    "terminal": _terminal,
    "files-in-pieces": _pieces,
    "names-of-files": _names,
    "saved-figures": _notebook,
    "checks-ahead": _preflight,
}
CONTROLS_THAT_GET_PART = {"checks-ahead": 0.1, "many-cells": 0.9}


@pytest.fixture(scope="module")
def tally() -> Iterator[dict[str, int]]:
    counts = {"cases": 0, "succeeded": 0, "controls": 0}
    yield counts
    print(f"\nattacks on the window: cases={counts['cases']} succeeded={counts['succeeded']} "
          f"controls={counts['controls']}/{counts['cases']}")  # fmt: skip


@pytest.fixture(scope="module")
def narrow() -> Iterator[Page]:
    yield from _page({"window": NARROW})


@pytest.fixture(scope="module")
def wide() -> Iterator[Page]:
    yield from _page({"window": WIDE, "figures": "interactive"})


def _page(boundary: dict[str, Any]) -> Iterator[Page]:
    folder = Path(tempfile.mkdtemp(prefix="halftide-window-"))
    try:
        with workspace(folder, HALFTIDE_BOUNDARY=json.dumps(boundary)) as running:
            page = Page(running)
            yield page
            page.close()
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", ATTACKS)
def test_no_way_leads_round_the_window(name: str, narrow: Page, wide: Page, tally: dict[str, int]) -> None:
    tally["cases"] += 1
    wide.received.clear()
    ATTACKS[name](wide)
    least = CONTROLS_THAT_GET_PART.get(name, 0.95)
    assert wide.got() >= least * RECORDS, f"the control got {wide.got()} of {RECORDS} records"
    tally["controls"] += 1
    ATTACKS[name](narrow)
    if narrow.got() > FEW * RECORDS:
        tally["succeeded"] += 1
    assert narrow.got() <= FEW * RECORDS, "counted over all attacks so far: they share one bucket"
    assert len(narrow.received) < 10 * NARROW["per_day"], "what was said instead is small"
