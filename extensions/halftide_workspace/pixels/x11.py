"""A client of the X server that knows a dozen requests: enough for one window above all others, in any shape.

Promises: what the server answers is taken as numbers and nothing else; a connection that breaks is an OSError or an
asyncio.IncompleteReadError. The numbers are those of the X protocol's encoding appendix and of the Shape extension.
"""

import asyncio
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from output_checker.model.errors import Broken

COOKIE_NAME = b"MIT-MAGIC-COOKIE-1"

_CREATE_WINDOW, _CHANGE_ATTRIBUTES, _MAP, _CONFIGURE = 1, 2, 8, 12
_CREATE_PIXMAP, _FREE_PIXMAP, _CREATE_GC, _FREE_GC, _PUT_IMAGE, _QUERY_EXTENSION = 53, 54, 55, 60, 72, 98
_SHAPE_RECTANGLES, _SHAPE_MASK = 1, 2
_BOUNDING, _INPUT = 0, 2
_BACKGROUND, _OVERRIDE_REDIRECT, _EVENTS = 0x2, 0x200, 0x800
_INK, _PAPER = 0x4, 0x8
_VISIBILITY_CHANGE, _STRUCTURE, _SUBSTRUCTURE = 0x10000, 0x20000, 0x80000
_ERROR, _REPLY, _VISIBILITY_NOTIFY, _CONFIGURE_NOTIFY = 0, 1, 15, 22
_BAND = 32 * 1024
"""Bytes of a picture in one request: any server takes that much."""


def authority(cookie: bytes) -> bytes:
    """An Xauthority file with ``cookie`` for every display."""
    fields = (b"", b"", COOKIE_NAME, cookie)
    return struct.pack(">H", 0xFFFF) + b"".join(struct.pack(">H", len(field)) + field for field in fields)


@dataclass(frozen=True)
class Root:
    """The whole screen: its window, its size, and how the server wants the bits of a picture."""

    window: int
    width: int
    height: int
    least_bit_first: bool
    row_bits: int


@dataclass(frozen=True)
class Covered:
    """Something lies above the window."""


@dataclass(frozen=True)
class Resized:
    """The screen has another size."""

    width: int
    height: int


class Client:
    """One connection. ``open`` makes it; requests are buffered and sent by ``flush``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, setup: bytes) -> None:
        self._reader, self._writer = reader, writer
        self._next_id, self._id_mask = struct.unpack_from("<II", setup, 4)
        vendor, formats = struct.unpack_from("<H", setup, 16)[0], setup[21]
        screen = 32 + _padded(vendor) + 8 * formats
        (window,) = struct.unpack_from("<I", setup, screen)
        width, height = struct.unpack_from("<HH", setup, screen + 20)
        self.root = Root(window, width, height, setup[23] == 0, setup[25])
        self._shape = 0

    @classmethod
    async def open(cls, path: Path, cookie: bytes) -> Self:
        """Connects to the server at ``path``. Raises Broken when it refuses, OSError when it is not there."""
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(struct.pack("<BxHHHHxx", ord("l"), 11, 0, len(COOKIE_NAME), len(cookie)))
        writer.write(_pad(COOKIE_NAME) + _pad(cookie))
        status, *_, words = struct.unpack("<BBHHH", await reader.readexactly(8))
        setup = await reader.readexactly(words * 4)
        if status != 1:
            writer.close()
            raise Broken("the screen refused its watermark")
        client = cls(reader, writer, setup)
        client._shape = await client._extension(b"SHAPE")
        client._send(
            _CHANGE_ATTRIBUTES, 0, struct.pack("<III", client.root.window, _EVENTS, _STRUCTURE | _SUBSTRUCTURE)
        )
        return client

    def close(self) -> None:
        """Hangs up; the server then removes the window."""
        self._writer.close()

    async def flush(self) -> None:
        """Sends what was asked."""
        await self._writer.drain()

    def window(self, width: int, height: int, colour: int) -> int:
        """A window of one colour that no window manager touches, and that lets every click through; not yet shown."""
        window = self._new_id()
        place = struct.pack("<IIhhHHHHI", window, self.root.window, 0, 0, width, height, 0, 1, 0)
        mask = _BACKGROUND | _OVERRIDE_REDIRECT | _EVENTS
        self._send(_CREATE_WINDOW, 0, place + struct.pack("<IIII", mask, colour, 1, _VISIBILITY_CHANGE))
        self._send(self._shape, _SHAPE_RECTANGLES, struct.pack("<BBBxIhh", 0, _INPUT, 0, window, 0, 0))
        return window

    def show(self, window: int) -> None:
        """Puts the window on the screen."""
        self._send(_MAP, 0, struct.pack("<I", window))

    def raise_above_all(self, window: int) -> None:
        """Puts the window above everything else."""
        self._send(_CONFIGURE, 0, struct.pack("<IHxxI", window, 0x40, 0))

    def resize(self, window: int, width: int, height: int) -> None:
        """Gives the window another size."""
        self._send(_CONFIGURE, 0, struct.pack("<IHxxII", window, 0xC, width, height))

    def cut_out(self, window: int, width: int, height: int, rows: bytes) -> None:
        """Leaves of the window only what ``rows`` has set: one bit a point, left first, each row in whole bytes."""
        pixmap, context = self._new_id(), self._new_id()
        self._send(_CREATE_PIXMAP, 1, struct.pack("<IIHH", pixmap, window, width, height))
        self._send(_CREATE_GC, 0, struct.pack("<IIIII", context, pixmap, _INK | _PAPER, 1, 0))
        stride = -(-width // self.root.row_bits) * self.root.row_bits // 8
        row = -(-width // 8)
        if self.root.least_bit_first:
            rows = rows.translate(_MIRRORED)
        band = max(1, _BAND // stride)
        for top in range(0, height, band):
            count = min(band, height - top)
            lines = (rows[(top + line) * row : (top + line + 1) * row].ljust(stride, b"\0") for line in range(count))
            head = struct.pack("<IIHHhhBBxx", pixmap, context, width, count, 0, top, 0, 1)
            self._send(_PUT_IMAGE, 0, head + b"".join(lines))
        self._send(self._shape, _SHAPE_MASK, struct.pack("<BBxxIhhI", 0, _BOUNDING, window, 0, 0, pixmap))
        self._send(_FREE_GC, 0, struct.pack("<I", context))
        self._send(_FREE_PIXMAP, 0, struct.pack("<I", pixmap))

    async def event(self) -> Covered | Resized | None:
        """The next event; None for one that says nothing to us."""
        said = await self._reader.readexactly(32)
        kind = said[0] & 0x7F
        if kind == _ERROR:
            raise Broken(f"the screen refused request {said[10]} of its watermark (error {said[1]})")
        if kind == _REPLY:
            await self._reader.readexactly(struct.unpack_from("<I", said, 4)[0] * 4)
            return None
        if kind == _VISIBILITY_NOTIFY:
            return Covered() if said[8] else None
        if kind == _CONFIGURE_NOTIFY and struct.unpack_from("<I", said, 8)[0] == self.root.window:
            return Resized(*struct.unpack_from("<HH", said, 20))
        return Covered() if kind == _CONFIGURE_NOTIFY else None

    async def _extension(self, name: bytes) -> int:
        self._send(_QUERY_EXTENSION, 0, struct.pack("<Hxx", len(name)) + _pad(name))
        await self.flush()
        answer = await self._reader.readexactly(32)
        if answer[0] != _REPLY or not answer[8]:
            raise Broken(f"the screen lacks {name.decode()}")
        return answer[9]

    def _new_id(self) -> int:
        self._next_id += 1
        return int(self._next_id)

    def _send(self, code: int, detail: int, body: bytes) -> None:
        body = _pad(body)
        self._writer.write(struct.pack("<BBH", code, detail, 1 + len(body) // 4) + body)


_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _padded(size: int) -> int:
    return (size + 3) // 4 * 4


def _pad(data: bytes) -> bytes:
    return data.ljust(_padded(len(data)), b"\0")
