"""Runs what is behind the picture: screen, watermark and browser, and keeps them running as long as the server runs.

Promises: nothing of it starts before somebody looks; ``is_ready`` is true only while the watermark stands, and the
stream shows nothing otherwise; when one part ends, what depends on it is ended and all of it starts again, a few times.
Kernels are not touched by that: they belong to the server. Never starts any part outside its sandbox.
"""

import asyncio
import contextlib
import json
import logging
import secrets
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from halftide_workspace.pixels.policies import policies
from halftide_workspace.pixels.watermark import Watermark
from halftide_workspace.pixels.x11 import authority
from output_checker import sandbox_pixels
from output_checker.model.errors import Broken, HalftideError

_LOG = logging.getLogger(__name__)
SIZE = (1600, 900)
"""Of the screen until somebody's window says another."""
_PATIENCE = 30.0
_TRIES = 5
_STEADY = 60.0
"""Seconds after which a part that ends does not count as one that can't start."""


class State(StrEnum):
    """How far it is."""

    RESTING = "resting"
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class Set:
    """What a stage is built from. ``inside`` is the command that runs in the browser's sandbox."""

    paths: sandbox_pixels.PixelPaths
    address: str
    frames: int
    seccomp: Path
    inside: tuple[str, ...]


class Stage:
    """All of it. ``open_door`` is called once, before the browser starts."""

    def __init__(self, built: Set, says: Callable[[], str], open_door: Callable[[], None]) -> None:
        self._set, self._open_door = built, open_door
        self._watermark = Watermark(says)
        self._running: asyncio.Task[None] | None = None
        self._browser: asyncio.subprocess.Process | None = None
        self.state = State.RESTING
        self.trouble = ""

    @property
    def is_ready(self) -> bool:
        """Whether there is a picture that may be shown."""
        return self.state is State.READY and self._watermark.up.is_set()

    @property
    def socket(self) -> Path:
        """Where the screen speaks RFB."""
        return self._set.paths.screen_socket

    def begin(self) -> None:
        """Starts it, the first time that somebody looks; comes back at once."""
        if self._running is None:
            self.state, self.trouble = State.STARTING, ""
            self._running = asyncio.get_running_loop().create_task(self._run())

    def begin_again(self) -> None:
        """Ends the browser, for somebody who is stuck in it: another one starts on the same screen. After a failure
        this is another try of all."""
        if self.state is State.FAILED:
            self._running = None
            self.begin()
        elif self._browser is not None and self._browser.returncode is None:
            self._browser.kill()

    async def _run(self) -> None:
        tries = 0
        while tries < _TRIES:
            started = asyncio.get_running_loop().time()
            try:
                await self._play()
            except (HalftideError, OSError, asyncio.IncompleteReadError) as error:
                _LOG.warning("the screen of this workspace ended: %s", error)
                self.trouble = str(error)
            tries = 0 if asyncio.get_running_loop().time() - started > _STEADY else tries + 1
            self.state = State.STARTING
            await asyncio.sleep(min(tries, 3))
        self.state = State.FAILED

    async def _play(self) -> None:
        """One performance: comes back, or raises, when the screen or its watermark has ended."""
        sandbox_pixels.require_pixels()
        cookie = self._prepare()
        paths = self._set.paths
        line = sandbox_pixels.screen(paths, frames=self._set.frames, size=SIZE, seccomp=self._set.seccomp)
        screen = await _start(line)
        try:
            await _wait_for(screen, lambda: paths.client_socket.exists() and paths.screen_socket.exists())
            mark = asyncio.ensure_future(self._watermark.stand(paths.client_socket, cookie))
            try:
                await _first(mark, self._watermark.up.wait())
                await _first(mark, screen.wait(), self._show_browser())
            finally:
                await _cancel(mark)
        finally:
            await _end(screen)

    async def _show_browser(self) -> None:
        """The browser on the screen, again and again: somebody who closes its only page gets it back."""
        for _ in range(1000):
            line = sandbox_pixels.browser(self._set.paths, [*self._set.inside, self._set.address])
            self._browser = await _start(line)
            try:
                self.state = State.READY
                await self._browser.wait()
            finally:
                await _end(self._browser)
            await asyncio.sleep(1)
        raise Broken("the browser of this workspace ends again and again")

    def _prepare(self) -> bytes:
        paths = self._set.paths
        for folder in (paths.root, paths.clients, paths.screen, paths.door):
            folder.mkdir(mode=0o700, exist_ok=True)
        for left_over in (paths.client_socket, paths.screen_socket):
            left_over.unlink(missing_ok=True)
        cookie = secrets.token_bytes(16)
        paths.authority.write_bytes(authority(cookie))
        paths.policies.write_text(json.dumps(policies(self._set.address)))
        if not paths.door_socket.exists():
            self._open_door()
        return cookie


async def _start(line: list[str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *line, stdin=asyncio.subprocess.DEVNULL, stdout=sys.stderr, stderr=sys.stderr, cwd="/", env={}
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()  # bubblewrap's end is the end of all inside
    await process.wait()


async def _wait_for(process: asyncio.subprocess.Process, ready: Callable[[], bool]) -> None:
    for _ in range(int(_PATIENCE / 0.05)):
        if ready():
            return
        if process.returncode is not None:
            raise Broken(f"the screen ended with {process.returncode} before it was there")
        await asyncio.sleep(0.05)
    raise Broken(f"the screen was not there after {_PATIENCE:.0f} seconds")


async def _first(*things: Awaitable[object]) -> None:
    """Comes back when one of them has ended and raises what it raised; the others, but for the first, are cancelled."""
    first, *others = [asyncio.ensure_future(thing) for thing in things]
    try:
        done, _ = await asyncio.wait([first, *others], return_when=asyncio.FIRST_COMPLETED)
        for ended in done:
            ended.result()
    finally:
        for other in others:
            await _cancel(other)


async def _cancel(task: "asyncio.Future[object] | asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, HalftideError, OSError, asyncio.IncompleteReadError):
        await task
