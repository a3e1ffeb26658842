"""A kernel's connection that says in the notebook which limit was reached, instead of leaving it at a dead kernel.

Promises: what is said comes from ``reached`` alone; it stands below the cell that runs, or below the next one that
does.
"""

import os
from typing import Any
from weakref import WeakSet

from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

from halftide_workspace import reached
from halftide_workspace.kernels import SandboxProvisioner
from halftide_workspace.settings import settings_from

_PARENT_FIELDS = ("msg_id", "msg_type", "session", "username", "date", "version")
_LARGEST = 65536
"""A status or an error's name is small; nothing larger is looked at."""


def tell_all(text: str) -> None:
    """Says ``text`` in every notebook that is open."""
    for connection in list(_CONNECTIONS):
        connection.tell(text)


class ToldConnection(ZMQChannelsWebsocketConnection):
    """A connection that knows which cell runs."""

    _cell: dict[str, Any] | None = None
    _waiting: tuple[str, ...] = ()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        _CONNECTIONS.add(self)

    def tell(self, text: str) -> None:
        """Says ``text`` below the running cell, or keeps it for the next one."""
        if self._cell is None:
            if text not in self._waiting[-3:]:
                self._waiting = (*self._waiting[-3:], text)
            return
        self.write_own(self.session.msg("stream", {"name": "stderr", "text": text}, parent=self._cell), "iopub")

    def write_own(self, message: dict[str, Any], channel: str) -> None:
        """Sends a message of ours to the browser."""
        if self.subprotocol == "v1.kernel.websocket.jupyter.org":
            serialize: Any = serialize_msg_to_ws_v1  # untyped in jupyter_server
            self.write_message(serialize(message, channel, self.session.pack), binary=True)
        else:
            message["channel"] = channel
            self.write_message(self.session.pack(message).decode())

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """Passes a message on, and says which limit an error stands for."""
        super().handle_outgoing_message(stream, outgoing_msg)
        if getattr(stream, "channel", stream) != "iopub":
            return
        # a large output is passed on after one look at its size
        if sum(len(part) for part in outgoing_msg) > _LARGEST:
            return
        parts: list[Any] = self.session.feed_identities([bytes(memoryview(part)) for part in outgoing_msg])[1]
        if len(parts) > 4 and b'"status"' in parts[1]:
            self._follow(*self._read(parts))
        elif len(parts) > 4 and b'"error"' in parts[1]:
            self._explain(self._read(parts)[0])

    def on_kernel_restarted(self) -> None:
        """Says why the kernel ended, before JupyterLab says that it did."""
        self._tell_end()
        super().on_kernel_restarted()  # type: ignore[no-untyped-call] # jupyter_server's are untyped

    def on_restart_failed(self) -> None:
        """The same, for one that will not come back."""
        self._tell_end()
        super().on_restart_failed()  # type: ignore[no-untyped-call]

    def _tell_end(self) -> None:
        provisioner = self.kernel_manager.provisioner
        if isinstance(provisioner, SandboxProvisioner) and (text := provisioner.why_it_ended()):
            self.tell(text)
        self._cell = None

    def _follow(self, content: dict[str, Any], parent: dict[str, Any]) -> None:
        if parent.get("msg_type") != "execute_request":
            return
        if content.get("execution_state") != "busy":
            self._cell = None
            return
        self._cell = {name: str(parent[name])[:128] for name in _PARENT_FIELDS if parent.get(name)}
        waiting, self._waiting = self._waiting, ()
        for text in waiting:
            self.tell(text)

    def _explain(self, content: dict[str, Any]) -> None:
        settings = settings_from(os.environ)
        limits, resources = settings.sandbox.limits, settings.boundary.resources
        text = reached.of_error(str(content.get("ename")), str(content.get("evalue")), limits, resources)
        if text:
            self.tell(text)

    def _read(self, parts: list[bytes]) -> tuple[dict[str, Any], dict[str, Any]]:
        """A message's content and its parent's header; empty when they are not what they should be."""
        try:
            parent, content = self.session.unpack(parts[2]), self.session.unpack(parts[4])
        except ValueError:
            return {}, {}
        return (content, parent) if isinstance(content, dict) and isinstance(parent, dict) else ({}, {})


_CONNECTIONS: "WeakSet[ToldConnection]" = WeakSet()
