"""A workspace that shows nothing but pixels, from both sides: what its person's browser gets, and what is inside."""

import io
import json
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page

from hub_config.processes import Process, descendants
from tests.halftide_workspace.servers import OWNER, Workspace

PATIENCE = 60.0
RUNTIME = "/run/halftide"


def pixels(**limits: int) -> dict[str, str]:
    """The environment of a workspace that shows nothing else."""
    return {
        "HALFTIDE_BOUNDARY": json.dumps({"display": "pixels", "pixels": limits}),
        "JUPYTERHUB_ALLOW_TOKEN_IN_URL": "1",
    }


def wait_for(holds: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """What ``holds`` returns as soon as it is something."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = holds()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} never came")


def root_of(space: Workspace) -> Path:
    """The server's own root folder, as its user on the host reaches it: the controls of attacks begin here."""
    keeper = Process.find(space.process.pid)
    assert keeper
    for process in [keeper, *descendants(keeper)]:
        root = Path(f"/proc/{process.pid}/root")
        if (root / RUNTIME.lstrip("/") / "seccomp.bpf").exists():
            return root
    raise AssertionError("the server is not there")


class _Relay(socketserver.BaseRequestHandler):
    path: Path

    def handle(self) -> None:
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(str(self.path))
            back = threading.Thread(target=_pump, args=(door, self.request), daemon=True)
            back.start()
            _pump(self.request, door)
            back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return  # the other side has hung up


@contextmanager
def inside(space: Workspace) -> Iterator[Workspace]:
    """The same workspace as the browser inside sees it: by the door."""
    path = root_of(space) / "run/halftide/pixels/door/http"
    relay = type("Relay", (_Relay,), {"path": path})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), relay) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        seen = Workspace(server.server_address[1], space.files, space.private, space.data, space.process, space.log)
        cookie = seen.ask("lab").headers["Set-Cookie"].partition(";")[0]
        seen.more.update({"Cookie": cookie, "X-XSRFToken": cookie.partition("=")[2]})
        yield seen
        server.shutdown()


class Screen:
    """The picture in a person's browser."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.canvas = page.locator("#screen canvas")

    def log_in(self, space: Workspace) -> None:
        """Opens the workspace and waits for the picture."""
        self.page.goto(f"{space.url}?token={OWNER}")
        self.wait()

    def wait(self) -> None:
        """Waits until JupyterLab is seen: a picture of many colours."""
        self.page.wait_for_selector("#cover", state="hidden", timeout=PATIENCE * 1000)
        wait_for(lambda: self.colours() > 30, "a picture of JupyterLab")

    def picture(self) -> Image.Image:
        """What the canvas shows."""
        return Image.open(io.BytesIO(self.canvas.screenshot())).convert("RGB")

    def colours(self) -> int:
        """How many colours the picture has."""
        return len(self.picture().getcolors(1 << 24) or ())

    def size(self) -> tuple[int, int]:
        """The size of the screen itself, in its own points."""
        width, height = self.canvas.evaluate("canvas => [canvas.width, canvas.height]")
        return width, height

    def press(self, keys: str) -> None:
        """A key or a chord."""
        self.page.keyboard.press(keys)

    def write(self, text: str) -> None:
        """Types, on a keyboard that has every letter."""
        for letter in text:
            if letter.isascii():
                self.page.keyboard.type(letter)
            else:
                for kind in ("keydown", "keyup"):
                    self.canvas.dispatch_event(kind, {"key": letter, "code": "BracketLeft", "bubbles": True})

    def click(self, left: float, top: float) -> None:
        """A click at a part of the width and height."""
        box = self.canvas.bounding_box()
        assert box
        self.canvas.click(position={"x": box["width"] * left, "y": box["height"] * top})


def insist(act: Callable[[], None], holds: Callable[[], Any], what: str) -> None:
    """Acts, and again when nothing comes of it: a slow page may not yet listen to its keys."""
    for _ in range(8):
        act()
        try:
            wait_for(holds, what, 8)
        except AssertionError:
            continue
        return
    raise AssertionError(f"{what} never came")


def new_notebook(screen: Screen, seen: Workspace) -> None:
    """A notebook with a kernel that waits for code, made with the keyboard alone."""

    def ask_for_one() -> None:
        screen.press("Escape")
        screen.click(0.5, 0.9)
        screen.press("Control+Shift+c")
        screen.page.wait_for_timeout(700)
        screen.write("New Notebook")
        screen.page.wait_for_timeout(700)
        screen.press("Enter")

    insist(ask_for_one, (seen.files / "Untitled.ipynb").exists, "the notebook")
    insist(lambda: screen.press("Enter"), lambda: seen.ask("api/kernels").json, "the kernel that is offered")
    wait_for(lambda: [k for k in seen.ask("api/kernels").json if k["execution_state"] == "idle"], "an idle kernel")


def run_until(screen: Screen, code: str, holds: Callable[[], bool]) -> None:
    """Types a cell and runs it, again when nothing comes of it: JupyterLab forgets a kernel's first cells."""

    def type_and_run() -> None:
        screen.write(code)
        screen.press("Shift+Enter")

    insist(type_and_run, holds, code)


def processes_of(space: Workspace, name: str) -> set[int]:
    """The workspace's processes whose program is called ``name``."""
    keeper = Process.find(space.process.pid)
    assert keeper
    found = descendants(keeper)
    return {process.pid for process in found if (words := process.command()) and Path(words[0]).name == name}
