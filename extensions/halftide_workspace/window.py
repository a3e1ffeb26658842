"""The metered window: what a kernel sends to the browser passes here, and nothing passes uncounted.

Promises: a message over the cap, or one that the meter has no bytes for, is not sent; a short note of ours stands in
its place and says how to ask for a release. Never trusts a message's own words: what is sent instead is built anew.
"""

import time
from typing import Any

from halftide_workspace.meter import Meter, Refusal
from halftide_workspace.told import ToldConnection

METER = "halftide_meter"
"""Where the server's application keeps its meter."""
_NOTES_PER_SECOND = 5.0
_PARENT_FIELDS = ("msg_id", "msg_type", "session", "username", "date", "version")


class MeteredConnection(ToldConnection):
    """A kernel's connection to one browser tab."""

    _notes_left = 20.0
    _notes_at = 0.0
    _noted: str | None = None

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """Sends a message that the meter lets pass; a note otherwise."""
        size = sum(len(part) for part in outgoing_msg)
        refusal = self._meter.weigh(size, time.monotonic())
        if refusal is None:
            super().handle_outgoing_message(stream, outgoing_msg)
        elif self._may_note():
            self._say_instead(getattr(stream, "channel", stream), outgoing_msg, refusal, size)

    @property
    def _meter(self) -> Meter:
        meter: Meter = self.websocket_handler.settings[METER]
        return meter

    def _may_note(self) -> bool:
        """Notes are small, but a kernel may provoke any number of them."""
        now = time.monotonic()
        self._notes_left = min(20.0, self._notes_left + (now - self._notes_at) * _NOTES_PER_SECOND)
        self._notes_at = now
        if self._notes_left < 1:
            return False
        self._notes_left -= 1
        return True

    def _say_instead(self, channel: str, outgoing_msg: list[Any], refusal: Refusal, size: int) -> None:
        parts: list[Any] = list(self.session.feed_identities(outgoing_msg)[1])
        try:
            header, parent, content = (self.session.unpack(bytes(parts[place])) for place in (1, 2, 4))
            kind = str(header["msg_type"])
        except (ValueError, KeyError, IndexError, TypeError):
            return  # not a message; nothing waits for it
        parent = {name: str(parent[name])[:128] for name in _PARENT_FIELDS if parent.get(name)}
        substitute = self._substitute(kind, content)
        if substitute is not None:
            self.write_own(self.session.msg(kind, substitute, parent=parent), channel)
        if channel == "iopub" and kind != "status" and self._noted != parent.get("msg_id"):
            self._noted = parent.get("msg_id")  # one note for each cell
            note = self._meter.explain(refusal, size, "this output") + "\n"
            self.write_own(self.session.msg("stream", {"name": "stderr", "text": note}, parent=parent), channel)

    def _substitute(self, kind: str, content: dict[str, Any]) -> dict[str, Any] | None:
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
