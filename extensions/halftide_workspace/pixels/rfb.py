"""Reads what a viewer sends to the screen (RFB, RFC 6143) and lets pass what a keyboard, a mouse and a window need.

Promises: only messages that are named here, each of the length that the protocol gives it, reach the screen; clipboard
messages are dropped, encodings that carry anything but pixels are not asked for, and a window is no larger than
``LARGEST``. Whatever else comes is a BadInput, and the connection ends. Never looks at what the screen sends.
"""

import struct
from collections.abc import Callable

from output_checker.model.errors import BadInput

LARGEST = (3840, 2160)
_VERSION = b"RFB 003.008\n"
_NO_PASSWORD = 1
_MOST_TEXT = 1 << 20
_MOST_ENCODINGS = 128

_SET_PIXEL_FORMAT, _SET_ENCODINGS, _UPDATE_REQUEST, _KEY, _POINTER, _CUT_TEXT = 0, 2, 3, 4, 5, 6
_CONTINUOUS_UPDATES, _FENCE, _SET_DESKTOP_SIZE, _EXTENDED = 150, 248, 251, 255

PIXEL_ENCODINGS = frozenset(
    {0, 1, 2, 5, 7}  # raw, copy, RRE, hextile, Tight
    | {-260}  # Tight with PNG
    | set(range(-32, -22))  # quality
    | set(range(-256, -246))  # compression
    | {-223, -308}  # the size of the screen
    | {-224, -239, 1464686180}  # end of an update; the mouse pointer's shape
    | {-258, -312, -313}  # extended keys, fences, continuous updates
)
"""What may be asked for. The extended clipboard (0xC0A1E5CE), sound and the desktop's name are not among it."""


class ViewerFilter:
    """Takes a viewer's bytes in pieces of any size and gives those that may pass."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._steps: list[Callable[[], bytes | None]] = [self._version, self._security, self._shared]

    def feed(self, data: bytes) -> bytes:
        """What passes of ``data`` and of what was kept before. Raises BadInput for what no viewer of ours says."""
        self._waiting += data
        passed = bytearray()
        while self._waiting:
            piece = (self._steps[0] if self._steps else self._message)()
            if piece is None:
                break
            if self._steps:
                self._steps.pop(0)
            passed += piece
        return bytes(passed)

    # -- the handshake -------------------------------------------------------------------------------------------------

    def _version(self) -> bytes | None:
        said = self._take(len(_VERSION))
        if said not in {None, _VERSION}:
            raise BadInput(f"a viewer speaks {_VERSION!r}, not {said!r}")
        return said

    def _security(self) -> bytes | None:
        said = self._take(1)
        if said not in {None, bytes([_NO_PASSWORD])}:
            raise BadInput("the screen has one kind of security, and the viewer chose another")
        return said

    def _shared(self) -> bytes | None:
        return None if self._take(1) is None else b"\0"  # never shared: who comes takes over

    # -- messages ------------------------------------------------------------------------------------------------------

    def _message(self) -> bytes | None:
        kind = self._waiting[0]
        if kind in _LENGTHS:
            return self._take(_LENGTHS[kind])
        if kind == _SET_ENCODINGS:
            return self._encodings()
        if kind == _CUT_TEXT:
            return self._cut_text()
        if kind == _FENCE:
            return self._counted(9, self._byte(8), 64)
        if kind == _SET_DESKTOP_SIZE:
            return self._desktop_size()
        if kind == _EXTENDED:
            if self._byte(1) not in {None, 0}:  # 0 is a key; 1 would be sound
                raise BadInput("a viewer may send keys, and asked for something else")
            return self._take(12)
        raise BadInput(f"a viewer sent a message of kind {kind}")

    def _encodings(self) -> bytes | None:
        count = self._number(">H", 2)
        whole = self._counted(4, None if count is None else count * 4, _MOST_ENCODINGS * 4)
        if whole is None:
            return None
        asked = struct.unpack(f">{count}i", whole[4:])
        passed = [encoding for encoding in asked if encoding in PIXEL_ENCODINGS]
        return struct.pack(f">BxH{len(passed)}i", _SET_ENCODINGS, len(passed), *passed)

    def _cut_text(self) -> bytes | None:
        length = self._number(">i", 4)  # negative for the extended clipboard
        return None if self._counted(8, None if length is None else abs(length), _MOST_TEXT) is None else b""

    def _desktop_size(self) -> bytes | None:
        screens = self._byte(6)
        whole = self._counted(8, None if screens is None else screens * 16, 16)
        if whole is None:
            return None
        width, height = struct.unpack_from(">HH", whole, 2)
        return whole if 0 < width <= LARGEST[0] and 0 < height <= LARGEST[1] else b""

    # -- bytes ---------------------------------------------------------------------------------------------------------

    def _byte(self, place: int) -> int | None:
        return self._waiting[place] if len(self._waiting) > place else None

    def _number(self, form: str, place: int) -> int | None:
        if len(self._waiting) < place + struct.calcsize(form):
            return None
        number: int = struct.unpack_from(form, self._waiting, place)[0]
        return number

    def _counted(self, head: int, rest: int | None, most: int) -> bytes | None:
        if rest is None:
            return None
        if rest > most:
            raise BadInput(f"a viewer sent {rest} bytes where {most} are the most")
        return self._take(head + rest)

    def _take(self, size: int) -> bytes | None:
        if len(self._waiting) < size:
            return None
        taken = bytes(self._waiting[:size])
        del self._waiting[:size]
        return taken


_LENGTHS = {_SET_PIXEL_FORMAT: 20, _UPDATE_REQUEST: 10, _KEY: 8, _POINTER: 6, _CONTINUOUS_UPDATES: 10}
