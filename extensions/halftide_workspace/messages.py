"""A kernel's message on its way to the browser: read once, and changed only as far as its bundles go.

Promises: what is read is what is sent. The parts go on as they came unless ``filter_bundles`` had to change the
content, and then header and parent stay as they were. Never looks into a message that can hold no bundle.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.session import Session

from halftide_workspace.bundles import Figure, shown, with_reason
from output_checker.model import Figures

Json = dict[str, Any]

_HEADER, _PARENT, _CONTENT = 1, 2, 4
"""Places of a message's parts, after the identities: signature, header, parent, metadata, content, buffers."""
DISPLAYS = frozenset({"display_data", "execute_result", "update_display_data"})
_WITH_BUNDLES = DISPLAYS | {"inspect_reply", "execute_reply", "comm_open", "comm_msg"}
_NOT_HERE = "A figure that carries its data is shown as an image only where a cell shows it by itself."
_LARGEST = 64 << 20
"""Bytes of a message that is looked into; a larger one is never shown."""


@dataclass
class Message:
    """One message: its channel, kind and parent, and its parts as they go over the wire."""

    channel: str
    kind: str
    parent: Json
    identities: list[Any]
    parts: list[Any]
    image_bytes: int = 0
    """Those of images that are images."""
    figure: Figure | None = None
    """What is to be drawn and put into ``bundle`` before the message is sent."""
    bundle: Json = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(len(part) for part in self.parts)

    @property
    def cell(self) -> str:
        """The request that it answers, as the kernel says."""
        return str(self.parent.get("msg_id") or "")

    def wire(self) -> list[Any]:
        """The message as a kernel's socket gives it."""
        return [*self.identities, b"<IDS|MSG>", *self.parts]

    def replace_content(self, session: Session, content: Json) -> None:
        """Gives the message another content, and signs it."""
        self.parts[_CONTENT] = session.pack(content)
        self.parts[0] = session.sign([bytes(memoryview(part)) for part in self.parts[_HEADER : _CONTENT + 1]])


def read(session: Session, channel: str, wire: list[Any]) -> Message | None:
    """The message in ``wire``, or None when it is none."""
    try:
        identities, parts = session.feed_identities(wire)
        header, parent = _unpacked(session, parts[_HEADER]), _unpacked(session, parts[_PARENT])
        kind, _ = str(header["msg_type"]), parts[_CONTENT]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return None
    return Message(channel, kind, parent if isinstance(parent, dict) else {}, list(identities), list(parts))


def content_of(session: Session, message: Message) -> Json:
    """The message's content; empty when it is none."""
    try:
        content = _unpacked(session, message.parts[_CONTENT])
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _unpacked(session: Session, part: Any) -> Any:
    return session.unpack(bytes(memoryview(part)))


def filter_bundles(session: Session, message: Message, figures: Figures) -> bool:
    """Leaves only what may be shown in every bundle of ``message``; False when it can't be looked into."""
    if message.kind not in _WITH_BUNDLES:
        return True
    if len(message.parts[_CONTENT]) > _LARGEST:
        return False
    if message.kind in DISPLAYS and _is_text_alone(session, message, figures):
        return True
    content = content_of(session, message)
    changed = False
    for holder in _bundles(message.kind, content):
        left = shown(holder.get("data"), holder.get("metadata", {}), figures)
        message.image_bytes += left.image_bytes
        if not left.changed and left.figure is None:
            continue
        changed = True
        holder["data"], holder["metadata"] = left.data, left.metadata
        if left.figure is not None and message.kind in DISPLAYS:
            message.figure, message.bundle = left.figure, content
        elif left.figure is not None:
            holder["data"] = with_reason(left.data, _NOT_HERE)
    if changed:
        message.replace_content(session, content)
    return True


def _is_text_alone(session: Session, message: Message, figures: Figures) -> bool:
    """Whether a bundle needs no change, seen without reading its text, which would take longer than all the rest: the
    text is cut out up to its first quote, and what is left must read as JSON that is shown as it is."""
    content = bytes(memoryview(message.parts[_CONTENT]))
    start = next((start for start in _TEXT_FIRST if content.startswith(start)), None)
    if start is None:
        return False
    end = content.find(b'"', len(start))
    if content[end - 1 : end] == b"\\":  # a quote within the text
        return False
    try:
        holder = session.unpack(start + content[end:])
    except ValueError:
        return False
    left = shown(holder.get("data"), holder.get("metadata", {}), figures)
    return not left.changed and left.figure is None


_TEXT_FIRST = (b'{"data": {"text/plain": "', b'{"data":{"text/plain":"')


def _bundles(kind: str, content: Json) -> Iterator[Json]:
    """Everything in ``content`` that the page shows as a MIME bundle."""
    if kind in DISPLAYS or kind == "inspect_reply":
        yield content
    elif kind == "execute_reply":
        yield from _holders(content.get("payload"))
        expressions = content.get("user_expressions")
        yield from _holders(list(expressions.values()) if isinstance(expressions, dict) else [])
    else:  # a widget that holds a cell's outputs
        data = content.get("data")
        state = data.get("state") if isinstance(data, dict) else None
        yield from _holders(state.get("outputs") if isinstance(state, dict) else None)


def _holders(raw: Any) -> Iterator[Json]:
    for item in raw if isinstance(raw, list | tuple) else ():
        if isinstance(item, dict) and "data" in item:
            yield item
