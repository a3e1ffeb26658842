"""What a viewer may send to the screen of pixel mode."""

import struct

import pytest

from halftide_workspace.pixels.rfb import LARGEST, ViewerFilter
from output_checker.model import BadInput

HELLO = b"RFB 003.008\n" + b"\1" + b"\1"
KEY = struct.pack(">BBxxI", 4, 1, 0x61)
POINTER = struct.pack(">BBHH", 5, 1, 10, 20)
UPDATE = struct.pack(">BBHHHH", 3, 1, 0, 0, 800, 600)
EXTENDED_CLIPBOARD, SOUND = -1063131698, -259


def fed(data: bytes, piece: int = 1 << 16) -> bytes:
    """What passes when the bytes come in pieces."""
    viewer = ViewerFilter()
    return b"".join(viewer.feed(data[at : at + piece]) for at in range(0, len(data), piece))


def size_of(width: int, height: int) -> bytes:
    return struct.pack(">BxHHBx", 251, width, height, 1) + bytes(16)


@pytest.mark.parametrize("piece", [1, 3, 1 << 16])
def test_keys_mouse_and_window_pass_whatever_the_pieces(piece: int) -> None:
    wanted = KEY + POINTER + UPDATE + size_of(1366, 768) + struct.pack(">BxxxIB", 248, 0, 3) + b"abc"
    said = HELLO + wanted
    assert fed(said, piece) == HELLO[:-1] + b"\0" + wanted  # the screen is never shared


@pytest.mark.attack
def test_a_clipboard_is_dropped_and_what_follows_passes() -> None:
    plain = struct.pack(">BxxxI", 6, 5) + b"paste"
    extended = struct.pack(">Bxxxi", 6, -4) + b"\1\0\0\1"
    assert fed(HELLO + plain + KEY + extended + POINTER, 2).endswith(KEY + POINTER)
    assert b"paste" not in fed(HELLO + plain)


@pytest.mark.attack
def test_only_encodings_of_pixels_are_asked_for() -> None:
    asked = (7, EXTENDED_CLIPBOARD, 0, SOUND, -308)
    passed = fed(HELLO + struct.pack(f">BxH{len(asked)}i", 2, len(asked), *asked))
    assert passed.endswith(struct.pack(">BxH3i", 2, 3, 7, 0, -308))


def test_a_window_beyond_all_screens_is_not_asked_for() -> None:
    assert fed(HELLO + size_of(*LARGEST)).endswith(size_of(*LARGEST))
    assert not fed(HELLO + size_of(LARGEST[0] + 1, 10)).endswith(bytes(16))
    assert not fed(HELLO + size_of(0, 10)).endswith(bytes(16))


@pytest.mark.attack
@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1",  # another protocol
        b"RFB 003.008\n\x10",  # another kind of security
        HELLO + bytes([250, 0, 0, 0]),  # xvp: shut the machine down
        HELLO + bytes([252]),  # files, in other servers' protocols
        HELLO + struct.pack(">BBHH", 255, 1, 0, 0),  # sound
        HELLO + struct.pack(">BxxxI", 6, 1 << 30),  # a clipboard that would never end
        HELLO + struct.pack(">BxH", 2, 60000),
        HELLO + struct.pack(">BxxxIB", 248, 0, 200),
        HELLO + struct.pack(">BxHHBx", 251, 800, 600, 200),
    ],
)
def test_everything_else_ends_the_connection(said: bytes) -> None:
    with pytest.raises(BadInput):
        fed(said)
