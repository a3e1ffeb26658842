"""Pictures that are no PNG: JPEG, GIF and WebP become PNG, from their pixels alone.

Promises: what a viewer shows (turned as EXIF says), re-encoded without loss; each segment without pixels, each further
frame and each byte after the end is named. Never hands Pillow a size it has not been told the limits for.
"""

import io
import struct
from collections.abc import Iterator

from PIL import Image as Pillow

from output_checker.model import Image, Kind, Output
from output_checker.readers import formats, png
from output_checker.readers.losses import Losses, Unreadable

_BROKEN = (
    *(OSError, SyntaxError, ValueError, struct.error, EOFError, IndexError, KeyError, TypeError, OverflowError),
    Pillow.DecompressionBombError,  # a frame of its own size, larger than the picture
)
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_EXIF_ORIENTATION = 0x0112
_TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}


def read(data: bytes, losses: Losses) -> Output:
    """The picture as an output of its own. It is PNG from here on."""
    image = decoded(data, "", losses)
    return Output(Kind.IMAGE, "image/png", (image,), image.data)


def decoded(data: bytes, where: str, losses: Losses) -> Image:
    """The picture, re-encoded as PNG. Raises Unreadable when it is broken or too large."""
    media_type = formats.binary_format(data)
    if media_type == "image/png":
        return png.decoded(data, where, losses)
    losses.add("encoding", where, f"the picture was {media_type}; it is PNG now")
    if media_type == "image/jpeg":
        from PIL import JpegImagePlugin

        _report_jpeg(data, where, losses)
        return _reencoded(JpegImagePlugin.JpegImageFile, data, where, losses)
    if media_type == "image/gif":
        from PIL import GifImagePlugin

        _report_gif(data, where, losses)
        return _reencoded(GifImagePlugin.GifImageFile, data, where, losses)
    if media_type == "image/webp":
        from PIL import WebPImagePlugin

        _report_webp(data, where, losses)
        return _reencoded(WebPImagePlugin.WebPImageFile, data, where, losses)
    raise Unreadable("This picture is in no format that Halftide reads.")


def _reencoded(opener: type[Pillow.Image], data: bytes, where: str, losses: Losses) -> Image:
    try:
        picture: Pillow.Image = opener(io.BytesIO(data))  # type: ignore[call-arg] # a plugin takes the file
        png.require_pixels(picture.width, picture.height)
        frames = getattr(picture, "n_frames", 1)
        if frames > 1:
            losses.add("image-frame", where, f"{frames - 1} further frames")
        picture.seek(0)
        picture.load()
        turn = _TURNS.get(picture.getexif().get(_EXIF_ORIENTATION, 1))
        turned = picture.transpose(turn) if turn is not None else picture
    except _BROKEN as error:
        raise Unreadable(f"This picture is damaged: {error}.") from error
    return png.encoded(png.flattened(turned, where, losses), where)


def _report_jpeg(data: bytes, where: str, losses: Losses) -> None:
    end = 0
    for marker, body, at in _segments(data):
        end = at
        if 0xE0 <= marker <= 0xEF or marker == 0xFE:
            name = "comment" if marker == 0xFE else f"APP{marker - 0xE0}"
            label = body.split(b"\x00", 1)[0][:24].decode("latin-1")
            if marker == 0xE0 and label == "JFIF" and len(body) <= 14:
                continue  # size and resolution, in every JPEG
            losses.add("jpeg-segment", where, f"{name} {label}, {len(body)} bytes", len(body), png.as_sample(body))
    if end and end < len(data):
        png.report_trailing(data[end:], where, losses)


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Marker, body and end of each segment up to the end of the picture; the pixels between are stepped over."""
    at = 2
    while at + 2 <= len(data):
        if data[at] != 0xFF:
            at = data.find(b"\xff", at)
            if at < 0:
                return
            continue
        marker = data[at + 1]
        if marker in (0x00, 0xFF) or marker in _STANDALONE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker == 0xD9:
            yield marker, b"", at + 2
            return
        if at + 4 > len(data):
            return
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        yield marker, data[at + 4 : at + 2 + length], at + 2 + length
        at += 2 + max(length, 2)


def _report_gif(data: bytes, where: str, losses: Losses) -> None:
    at = 13 + (3 << ((data[10] & 7) + 1) if len(data) > 10 and data[10] & 0x80 else 0)
    while at < len(data):
        if data[at] == 0x3B:
            if at + 1 < len(data):
                png.report_trailing(data[at + 1 :], where, losses)
            return
        if data[at] == 0x21 and at + 1 < len(data):
            kind = data[at + 1]
            body, at = _gif_blocks(data, at + 2)
            if kind != 0xF9 and not body.startswith(b"NETSCAPE2.0"):
                losses.add(
                    "gif-block", where, f"extension {kind:02X}, {len(body)} bytes", len(body), png.as_sample(body)
                )
        elif data[at] == 0x2C and at + 10 <= len(data):
            flags = data[at + 9]
            _, at = _gif_blocks(data, at + 11 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0))
        else:
            return


def _gif_blocks(data: bytes, at: int) -> tuple[bytes, int]:
    pieces = []
    while at < len(data) and data[at]:
        pieces.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return b"".join(pieces), at + 1


def _report_webp(data: bytes, where: str, losses: Losses) -> None:
    (length,) = struct.unpack("<I", data[4:8])
    end, at = min(len(data), 8 + length), 12
    while at + 8 <= end:
        kind, size = data[at : at + 4], struct.unpack("<I", data[at + 4 : at + 8])[0]
        body = data[at + 8 : at + 8 + size]
        if kind not in (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"):
            losses.add("webp-chunk", where, f"{kind.decode('latin-1')}, {size} bytes", len(body), png.as_sample(body))
        at += 8 + size + (size & 1)
    if 8 + length < len(data):
        png.report_trailing(data[8 + length :], where, losses)
