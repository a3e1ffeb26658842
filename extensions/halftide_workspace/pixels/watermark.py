"""Writes who is looking, at what and when, across the whole screen, above everything that is shown there.

Promises: it is a window of the screen itself, drawn by the server and not by anything in the browser's sandbox, so no
page can take it away; what comes above it is covered again at once; ``stand`` comes back, with an error, as soon as it
can no longer be vouched for, and the caller then shows nothing. Points let clicks through and are spread thinly enough
to read on. Never claims to survive a camera: it says whose screen that was.
"""

import asyncio
import math
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFont

from halftide_workspace.pixels.x11 import Client, Covered, Resized

GREY = 0x7F7F7F
"""Seen on white and on black."""
_SIZE, _ANGLE = 22, 24
_REST = 0.2
"""Seconds between two times of coming to the top: others may not make it spin."""


def words(person: str, project: str, now: datetime) -> str:
    """What the watermark says."""
    return f"{person} · {project} · {now:%Y-%m-%d %H:%M} UTC"


def mask(text: str, width: int, height: int) -> bytes:
    """``text`` again and again, aslant, as one bit a point: of each letter every fourth point is set."""
    font = ImageFont.load_default(_SIZE)
    reach = int(math.hypot(width, height)) + 2
    board = Image.new("L", (reach, reach))
    draw = ImageDraw.Draw(board)
    step = int(draw.textlength(text, font=font)) + 120
    for line, top in enumerate(range(0, reach, 150)):
        for left in range(-(line % 2) * step // 2, reach, step):
            draw.text((left, top), text, fill=255, font=font)
    left, top = (reach - width) // 2, (reach - height) // 2
    aslant = board.rotate(_ANGLE).crop((left, top, left + width, top + height))
    thin = ImageChops.multiply(aslant, _every_fourth(width, height)).point([0] * 97 + [255] * 159)
    return thin.convert("1", dither=Image.Dither.NONE).tobytes()


def _every_fourth(width: int, height: int) -> Image.Image:
    cell = Image.new("L", (2, 2))
    cell.putpixel((0, 0), 255)
    tiled = Image.new("L", (width, height))
    row = Image.new("L", (width, 2))
    for left in range(0, width, 2):
        row.paste(cell, (left, 0))
    for top in range(0, height, 2):
        tiled.paste(row, (0, top))
    return tiled


class Watermark:
    """The one window. ``up`` is set while it stands."""

    def __init__(self, says: Callable[[], str]) -> None:
        self._says = says
        self.up = asyncio.Event()

    async def stand(self, screen: Path, cookie: bytes) -> None:
        """Draws it on the screen at ``screen`` and keeps it there. Ends only by raising."""
        client = await Client.open(screen, cookie)
        try:
            size = client.root.width, client.root.height
            window = client.window(*size, GREY)
            said = self._draw(client, window, size)
            client.show(window)
            client.raise_above_all(window)
            await client.flush()
            self.up.set()
            while True:
                event = await self._next(client)
                if isinstance(event, Resized) and (event.width, event.height) != size:
                    size = event.width, event.height
                    client.resize(window, *size)
                    said = ""
                if said != self._says():
                    said = self._draw(client, window, size)
                client.raise_above_all(window)
                await client.flush()
                if isinstance(event, Covered):
                    await asyncio.sleep(_REST)
        finally:
            self.up.clear()
            client.close()

    def _draw(self, client: Client, window: int, size: tuple[int, int]) -> str:
        says = self._says()
        client.cut_out(window, *size, mask(says, *size))
        return says

    @staticmethod
    async def _next(client: Client) -> Covered | Resized | None:
        """The next event, or None after five seconds: the clock on the watermark moves."""
        try:
            return await asyncio.wait_for(client.event(), 5)
        except TimeoutError:
            return None
