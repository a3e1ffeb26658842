"""The websocket between a person's browser and the screen: counted one way, looked through the other way.

Promises: it opens for the workspace's owner alone, and only while the watermark stands; it ends with the watermark,
with the day's share, or when the person opens the picture somewhere else. Bytes to the person wait when the meter
says so. Never understands the picture itself.
"""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import Any

from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from halftide_workspace.meter import Meter
from halftide_workspace.pixels.rfb import ViewerFilter
from halftide_workspace.pixels.stage import Stage
from output_checker.model import BadInput

AUTH_RESOURCE = "halftide"
ELSEWHERE, SPENT, NOT_READY, UNUSABLE = 4001, 4002, 4003, 4004
"""Why a connection ended, for the page."""
_PIECE = 32 * 1024
_LOOK = 1.0
"""Seconds between two looks at the watermark while nothing moves on the screen."""


@dataclass
class Picture:
    """What all connections to one screen share: the stage, the meter, and who is looking."""

    stage: Stage
    meter: Meter
    viewer: "ScreenHandler | None" = None

    def count(self, size: int) -> float:
        """Counts ``size`` bytes that were sent; the seconds to wait before more are."""
        return self.meter.take_on_credit(size, time.monotonic())


class ScreenHandler(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """One viewer."""

    auth_resource = AUTH_RESOURCE
    _picture: Picture
    _writer: asyncio.StreamWriter | None = None
    _passing: asyncio.Task[None] | None = None

    def initialize(self, picture: Picture) -> None:
        """Take what all viewers share."""
        self._picture = picture
        self._filter = ViewerFilter()

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Opens the websocket for somebody who may."""
        if not self.authorizer.is_authorized(self, self.current_user, "read", self.auth_resource):
            raise web.HTTPError(403)
        await super().get(*args, **kwargs)

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """noVNC may ask for "binary"."""
        return "binary" if "binary" in subprotocols else None

    async def open(self, *args: Any, **kwargs: Any) -> None:
        """Takes over from a viewer elsewhere and connects to the screen."""
        super().open(*args, **kwargs)
        picture = self._picture
        if picture.viewer is not None:
            picture.viewer.close(ELSEWHERE, "opened elsewhere")
        picture.viewer = self
        if picture.meter.day_is_used_up:
            self.close(SPENT, "used up for today")
            return
        try:
            if not picture.stage.is_ready:
                raise ConnectionError("not ready")
            reader, self._writer = await asyncio.open_unix_connection(picture.stage.socket)
        except OSError:
            self.close(NOT_READY, "the screen is not there yet")
            return
        self._passing = asyncio.get_running_loop().create_task(self._pass_on(reader))

    async def on_message(self, message: str | bytes) -> None:
        """Passes on keys and the mouse; ends the connection for what is neither."""
        try:
            passed = self._filter.feed(message if isinstance(message, bytes) else b"\xff\xff")
        except BadInput as error:
            self.log.warning("a viewer's connection was ended: %s", error)
            self.close(UNUSABLE, "not understood")
            return
        if passed and self._writer is not None:
            with contextlib.suppress(OSError):  # the other direction notices, and says so
                self._writer.write(passed)
                await self._writer.drain()

    def on_close(self) -> None:
        """Hangs up towards the screen; the session goes on there."""
        super().on_close()
        if self._picture.viewer is self:
            self._picture.viewer = None
        if self._passing is not None:
            self._passing.cancel()
        if self._writer is not None:
            self._writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader) -> None:
        picture = self._picture
        with contextlib.suppress(WebSocketClosedError, OSError):
            while picture.stage.is_ready:
                if picture.meter.day_is_used_up:
                    self.close(SPENT, "used up for today")
                    return
                piece = await _read(reader)
                if piece == b"":
                    break
                if piece is not None and picture.stage.is_ready:
                    await self.write_message(piece, binary=True)
                    await asyncio.sleep(picture.count(len(piece)))
        self.close(NOT_READY, "the screen has gone")


async def _read(reader: asyncio.StreamReader) -> bytes | None:
    """The next piece; empty at the end, None when nothing came for a while."""
    try:
        return await asyncio.wait_for(reader.read(_PIECE), _LOOK)
    except TimeoutError:
        return None
