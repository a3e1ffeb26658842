"""The metered window: what a kernel sends to the browser passes here, and nothing passes uncounted.

Promises: a message over the cap, or one that the meter has no bytes for, is not sent; a short note of ours stands in
its place and says how to ask for a release. All text and tables of one cell together stay below the cap as well. What
an output holds beside text and images is filtered (``bundles``), and a figure that carries its data is drawn first
(``figures``); the messages of its cell wait for it in their order, and those of other cells do not.
Never trusts a message's own words: what is sent instead is built anew.
"""

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1

from halftide_workspace import bundles, messages
from halftide_workspace.figures import Drawing
from halftide_workspace.messages import Message
from halftide_workspace.meter import Bucket, Meter, Refusal
from halftide_workspace.told import ToldConnection
from output_checker.model import Figures
from output_checker.model.errors import HalftideError

WINDOW = "halftide_window"
"""Where the server's application keeps its window."""
_NOTES_PER_SECOND = 5.0
_PARENT_FIELDS = ("msg_id", "msg_type", "session", "username", "date", "version")
_CELLS = 512
"""Requests whose account is kept; what answers an older one is counted with all that nobody asked for."""
_ANSWERS = 20
"""Answers of ours that a page always gets to what it asked, so that no notebook waits for ever."""
_STATE = frozenset({"status", "error", "execute_input", "execute_reply", "clear_output"})
"""Kinds with an account of their own, so that a traceback is still shown below too much output."""
_DRAWN_AT_ONCE = 8
"""Figures of one page that are being drawn or wait for it."""


@dataclass(frozen=True)
class Window:
    """What all connections of one server share."""

    meter: Meter
    figures: Figures
    drawing: Drawing


class MeteredConnection(ToldConnection):
    """A kernel's connection to one browser tab."""

    _notes_left = 20.0
    _notes_at = 0.0
    _noted: str | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._asked: OrderedDict[str, int] = OrderedDict()
        self._accounts: OrderedDict[tuple[str, str, str], Bucket] = OrderedDict()
        self._held: dict[str, list[Callable[[], None]]] = {}
        self._figures = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        """Remembers what the page asked for: only an answer to that has an account of its own."""
        asked = self._name_of(incoming_msg)
        if asked:
            self._asked[asked] = _ANSWERS
            if len(self._asked) > _CELLS:
                self._asked.popitem(last=False)
        super().handle_incoming_message(incoming_msg)

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """Sends what may be shown of a message that the meter lets pass; a note otherwise."""
        channel = getattr(stream, "channel", stream)
        message = messages.read(self.session, channel, outgoing_msg)
        if message is None:
            return  # nothing waits for it
        window = self._window
        raw = message.size
        if not messages.filter_bundles(self.session, message, window.figures):
            self._refuse(message, Refusal.TOO_LARGE, raw)
        elif message.figure is None:
            self._weigh_and_send(stream, message)
        elif self._figures < _DRAWN_AT_ONCE:
            self._figures += 1
            self._in_order(message.cell, lambda: self._draw(stream, message))
        else:
            self._send_drawn(stream, message, "More figures at once than can be drawn; run the cell again", b"")

    @property
    def _window(self) -> Window:
        window: Window = self.websocket_handler.settings[WINDOW]
        return window

    @property
    def _is_open(self) -> bool:
        return self.websocket_handler.ws_connection is not None

    # --- counting ----------------------------------------------------------------------------------------------------

    def _weigh_and_send(self, stream: Any, message: Message) -> None:
        refusal = self._weigh(message)
        if refusal is None:
            self._in_order(message.cell, lambda: self._send(stream, message.wire()))
        else:
            self._refuse(message, refusal, message.size)

    def _send(self, stream: Any, wire: list[Any]) -> None:
        super().handle_outgoing_message(stream, wire)

    def _weigh(self, message: Message) -> Refusal | None:
        meter, now, size = self._window.meter, time.monotonic(), message.size
        account, text = self._account(message, now), size - message.image_bytes
        if size > meter.window.at_once:
            return Refusal.TOO_LARGE
        if text > account.left:
            return Refusal.CELL_USED_UP
        refusal = meter.weigh(size, now)
        if refusal is None:
            account.left -= text
        return refusal

    def _account(self, message: Message, now: float) -> Bucket:
        """What the cell may still show. A kernel names the cell itself, so one that nobody asked for has no account of
        its own: it shares one with all others."""
        kind = "state" if message.kind in _STATE else "output"
        key = (message.cell if message.cell in self._asked else "", message.channel, kind)
        account = self._accounts.get(key)
        if account is None:
            window = self._window.meter.window
            account = self._accounts[key] = Bucket(window.at_once, window.per_minute, now)
            if len(self._accounts) > 2 * _CELLS:
                self._accounts.popitem(last=False)
        account.fill(now)
        return account

    def _name_of(self, incoming: Any) -> str:
        """The id of what the page asks."""
        try:
            if self.subprotocol == "v1.kernel.websocket.jupyter.org":
                split: Any = deserialize_msg_from_ws_v1  # untyped in jupyter_server
                header = json.loads(split(incoming)[1][0])
            else:
                header = json.loads(incoming)["header"]
            return str(header["msg_id"])[:128]
        except (ValueError, KeyError, IndexError, TypeError):
            return ""

    # --- figures -----------------------------------------------------------------------------------------------------

    def _in_order(self, cell: str, act: Callable[[], None]) -> None:
        """Does something now, or after the figure that the same cell waits for."""
        waiting = self._held.get(cell)
        if waiting is None:
            act()
        else:
            waiting.append(act)

    def _draw(self, stream: Any, message: Message) -> None:
        self._held[message.cell] = []
        task = asyncio.get_running_loop().create_task(self._drawn(stream, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drawn(self, stream: Any, message: Message) -> None:
        image, reason = b"", ""
        try:
            if message.figure is not None:
                image = await self._window.drawing.draw(message.figure)
        except HalftideError as error:
            reason = str(error)
        finally:
            self._figures -= 1
            waiting = self._held.pop(message.cell, [])
        if not self._is_open:
            return  # the page was closed meanwhile
        self._send_drawn(stream, message, reason, image)
        for place, act in enumerate(waiting, start=1):
            act()
            if message.cell in self._held:  # that was another figure, and the rest waits for it
                self._held[message.cell].extend(waiting[place:])
                return

    def _send_drawn(self, stream: Any, message: Message, reason: str, image: bytes) -> None:
        content = message.bundle
        if image:
            content["data"], content["metadata"] = bundles.with_image(content["data"], image)
            message.image_bytes = len(content["data"]["image/png"])
        else:
            content["data"], content["metadata"] = bundles.with_reason(content["data"], reason), {}
        message.replace_content(self.session, content)
        self._weigh_and_send(stream, message)

    # --- notes -------------------------------------------------------------------------------------------------------

    def _refuse(self, message: Message, refusal: Refusal, size: int) -> None:
        parent = {name: str(message.parent[name])[:128] for name in _PARENT_FIELDS if message.parent.get(name)}
        substitute = _substitute(message.kind, messages.content_of(self.session, message))
        if substitute is not None and (self._may_answer(message.cell) or self._may_note()):
            own = self.session.msg(message.kind, substitute, parent=parent)
            self._in_order(message.cell, lambda: self.write_own(own, message.channel))
        is_output = message.channel == "iopub" and message.kind != "status"
        if is_output and self._noted != message.cell and self._may_note():
            self._noted = message.cell  # one note for each cell
            text = self._window.meter.explain(refusal, size, "this output") + "\n"
            note = self.session.msg("stream", {"name": "stderr", "text": text}, parent=parent)
            self._in_order(message.cell, lambda: self.write_own(note, "iopub"))

    def _may_answer(self, cell: str) -> bool:
        """Whether the page still gets an answer of ours to what it asked."""
        left = self._asked.get(cell, 0)
        if left:
            self._asked[cell] = left - 1
        return left > 0

    def _may_note(self) -> bool:
        """Notes are small, but a kernel may provoke any number of them."""
        now = time.monotonic()
        self._notes_left = min(20.0, self._notes_left + (now - self._notes_at) * _NOTES_PER_SECOND)
        self._notes_at = now
        if self._notes_left < 1:
            return False
        self._notes_left -= 1
        return True


def _substitute(kind: str, content: dict[str, Any]) -> dict[str, Any] | None:
    """What the notebook needs so that it does not wait for ever, in our own words."""
    if kind == "status" and content.get("execution_state") in {"idle", "busy", "starting"}:
        return {"execution_state": content["execution_state"]}
    if kind in _EMPTY:
        count = content.get("execution_count")
        counted = {"execution_count": count} if isinstance(count, int) and 0 <= count < 10**6 else {}
        status = "ok" if content.get("status") == "ok" else "error"
        error = {"ename": "NotShown", "evalue": "", "traceback": []} if status == "error" else {}
        return {"status": status, **counted, **error, **_EMPTY[kind]}
    if kind == "input_request":
        return {"prompt": "(prompt not shown) ", "password": False}
    return None


_EMPTY: dict[str, dict[str, Any]] = {
    "execute_reply": {"user_expressions": {}, "payload": []},
    "complete_reply": {"matches": [], "cursor_start": 0, "cursor_end": 0, "metadata": {}},
    "inspect_reply": {"found": False, "data": {}, "metadata": {}},
    "history_reply": {"history": []},
    "comm_info_reply": {"comms": {}},
    "is_complete_reply": {"status": "unknown"},
    "kernel_info_reply": {},
    "interrupt_reply": {},
    "shutdown_reply": {},
    "debug_reply": {"type": "response", "success": False},
}
