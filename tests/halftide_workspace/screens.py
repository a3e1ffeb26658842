"""A screen of pixel mode for tests, without a workspace: who looks at it, and what draws on it and copies there."""

import asyncio
import secrets
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from halftide_workspace.pixels.x11 import Client, authority
from output_checker import sandbox_pixels, seccomp
from output_checker.sandbox_pixels import PixelPaths

SIZE = (640, 400)
GUARDS = ("-SendCutText=", "-SendPrimary=", "-AcceptCutText=", "-SetPrimary=", "-AllowOverride=")
_SELECTION_OWNER, _INTERN, _CHANGE_PROPERTY, _SEND_EVENT = 22, 16, 18, 25
_SELECTION_REQUEST, _SELECTION_NOTIFY = 30, 31


@dataclass
class Screen:
    """One that runs."""

    paths: PixelPaths
    cookie: bytes

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """A program in the sandbox that the browser has."""
        line = sandbox_pixels.browser(self.paths, command)
        return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def screen(root: Path, *, guarded: bool = True) -> Iterator[Screen]:
    """A screen as a workspace has it; without ``guarded``, as TigerVNC sets the clipboard by itself: the control."""
    paths = PixelPaths(root)
    for folder in (paths.clients, paths.screen, paths.door):
        folder.mkdir()
    cookie = secrets.token_bytes(16)
    paths.authority.write_bytes(authority(cookie))
    paths.policies.write_text("{}")
    line = sandbox_pixels.screen(paths, frames=30, size=SIZE, seccomp=seccomp.write_filter(root / "filter"))
    if not guarded:
        line = [word for word in line if not word.startswith(GUARDS)]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        asyncio.run(eventually(lambda: paths.client_socket.exists() and paths.screen_socket.exists()))
        yield Screen(paths, cookie)
    finally:
        process.kill()
        process.wait()


async def eventually(holds: Callable[[], bool], patience: float = 30) -> None:
    """Comes back when it holds."""
    for _ in range(int(patience / 0.05)):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came")


class Viewer:
    """Looks at a screen without a filter between, as whoever reached its socket would."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def at(cls, screen: Screen) -> "Viewer":
        """Connects."""
        viewer = cls(*await asyncio.open_unix_connection(screen.paths.screen_socket))
        viewer._writer.write(await viewer._reader.readexactly(12))
        await viewer._reader.readexactly((await viewer._reader.readexactly(1))[0])
        viewer._writer.write(b"\1")
        assert await viewer._reader.readexactly(4) == b"\0\0\0\0"
        viewer._writer.write(b"\0")
        start = await viewer._reader.readexactly(24)
        await viewer._reader.readexactly(struct.unpack_from(">I", start, 20)[0])
        return viewer

    def close(self) -> None:
        """Hangs up."""
        self._writer.close()

    def paste(self, text: bytes) -> None:
        """Offers the viewer's clipboard."""
        self._writer.write(struct.pack(">BxxxI", 6, len(text)) + text)

    async def copied(self, patience: float) -> bytes | None:
        """The clipboard that the screen sends; None when it sends none for ``patience`` seconds."""
        try:
            head = await asyncio.wait_for(self._reader.readexactly(8), patience)
        except TimeoutError:
            return None
        assert head[0] == 3, head
        return await self._reader.readexactly(struct.unpack_from(">I", head, 4)[0])

    async def picture(self) -> bytes:
        """The whole screen, four bytes a point."""
        self._writer.write(struct.pack(">BxHi", 2, 1, 0) + struct.pack(">BBHHHH", 3, 0, 0, 0, *SIZE))
        points = bytearray(SIZE[0] * SIZE[1] * 4)
        (count,) = struct.unpack(">xxH", await self._reader.readexactly(4))
        for _ in range(count):
            left, top, width, height, _kind = struct.unpack(">HHHHi", await self._reader.readexactly(12))
            for line in range(height):
                at = ((top + line) * SIZE[0] + left) * 4
                points[at : at + width * 4] = await self._reader.readexactly(width * 4)
        return bytes(points)


class Program(Client):
    """A program on the screen, as hostile as it likes: it may copy, and cover everything."""

    def cover(self, colour: int) -> None:
        """A window over the whole screen, above all others, which no window manager touches."""
        window = self.window(*SIZE, colour)
        self.show(window)
        self.raise_above_all(window)

    async def atom(self, name: bytes) -> int:
        """A name's number."""
        self._send(_INTERN, 0, struct.pack("<Hxx", len(name)) + name)
        await self.flush()
        answer = await self._reader.readexactly(32)
        while answer[0] != 1:
            answer = await self._reader.readexactly(32)
        number: int = struct.unpack_from("<I", answer, 8)[0]
        return number

    async def copy(self, text: bytes) -> None:
        """Owns the clipboard and hands ``text`` to everybody who asks. Ends by being cancelled."""
        clipboard, targets, kind = [await self.atom(name) for name in (b"CLIPBOARD", b"TARGETS", b"UTF8_STRING")]
        window = self.window(1, 1, 0)
        self._send(_SELECTION_OWNER, 0, struct.pack("<III", window, clipboard, 0))
        await self.flush()
        while True:
            asked = await self._reader.readexactly(32)
            if asked[0] & 0x7F != _SELECTION_REQUEST:
                continue
            time, _owner, other, selection, target, place = struct.unpack_from("<6I", asked, 4)
            body, form, form_size = (struct.pack("<II", kind, 31), 4, 32) if target == targets else (text, target, 8)
            size = len(body) * 8 // form_size
            self._send(_CHANGE_PROPERTY, 0, struct.pack("<IIIBxxxI", other, place, form, form_size, size) + body)
            note = struct.pack("<BxHIIIII", _SELECTION_NOTIFY, 0, time, other, selection, target, place)
            self._send(_SEND_EVENT, 0, struct.pack("<II", other, 0) + note.ljust(32, b"\0"))
            await self.flush()

    async def owner_of_clipboard(self) -> int:
        """The window that owns the clipboard; 0 for none."""
        clipboard = await self.atom(b"CLIPBOARD")
        self._send(23, 0, struct.pack("<I", clipboard))
        await self.flush()
        answer = await self._reader.readexactly(32)
        while answer[0] != 1:
            answer = await self._reader.readexactly(32)
        owner: int = struct.unpack_from("<I", answer, 8)[0]
        return owner
