"""PNG: pixels in, pixels out.

Promises: the canonical picture is encoded from the decoded pixels alone, 8 bits a sample, flattened onto white; each
chunk without pixels, each byte after the end and each hidden colour is named. Pillow sees a file that was rebuilt from
the four kinds of chunks that make a picture, so that no other chunk reaches its decoders.
"""

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image as Pillow
from PIL import PngImagePlugin

from output_checker.model import Image, Kind, Output
from output_checker.readers.losses import SAMPLE_CHARACTERS, Losses, Unreadable

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_PIXELS = 25_000_000  # 5,000 x 5,000; four copies of it fit into the cage
_FAINT = 16  # of 255: what is fainter is not seen
_PICTURE = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def read(data: bytes, losses: Losses) -> Output:
    """The picture as an output of its own."""
    image = decoded(data, "", losses)
    return Output(Kind.IMAGE, "image/png", (image,), image.data)


def decoded(data: bytes, where: str, losses: Losses) -> Image:
    """The picture, re-encoded. Raises Unreadable when it is broken or too large."""
    kept = [SIGNATURE]
    stream: list[bytes] = []
    header = b""
    for kind, body, whole in _chunks(data, where, losses):
        if kind == b"IHDR" and not header:
            header = body
            _require_sane(body)
        elif kind not in _PICTURE or kind == b"IHDR":
            _report_chunk(kind, body, where, losses)
            continue
        if kind == b"IDAT":
            stream.append(body)
        kept.append(whole)
    if not header or not stream:
        raise Unreadable("This PNG has no picture in it.")
    _report_surplus(header, stream, where, losses)
    return encoded(_opened(b"".join(kept), header, where, losses), where)


def flattened(picture: Pillow.Image, where: str, losses: Losses) -> Pillow.Image:
    """The picture in grey or in colour on white; what transparency hid is noted."""
    if picture.mode == "P":
        _report_palette(picture, where, losses)
    if "transparency" in picture.info or picture.mode in ("LA", "PA", "La", "RGBa"):
        picture = picture.convert("RGBA")
    if picture.mode == "RGBA":
        alpha = picture.getchannel("A")
        _report_alpha(picture, alpha, where, losses)
        ground = Pillow.new("RGB", picture.size, (255, 255, 255))
        ground.paste(picture, mask=alpha)
        return ground
    if picture.mode.startswith("I"):
        losses.add("image-depth", where, "samples of 16 bits were cut to 8")
        return picture.convert("I").point(lambda sample: sample / 256).convert("L")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def encoded(picture: Pillow.Image, name: str) -> Image:
    """The part that holds this picture. A new image from the pixels carries nothing over from the old one."""
    bare = Pillow.frombytes(picture.mode, picture.size, picture.tobytes())
    out = io.BytesIO()
    bare.save(out, "PNG", compress_level=6)
    return Image(name, out.getvalue(), bare.width, bare.height)


def require_pixels(width: int, height: int) -> None:
    """Refuse a picture that is empty or would not fit into the cage."""
    if width < 1 or height < 1:
        raise Unreadable("This picture has no pixels.")
    if width * height > MOST_PIXELS:
        raise Unreadable(f"This picture has {width} x {height} pixels; at most {MOST_PIXELS:,} can be checked.")


def _opened(data: bytes, header: bytes, where: str, losses: Losses) -> Pillow.Image:
    if header[8] == 16 and header[9] != 0:
        losses.add("image-depth", where, "samples of 16 bits were cut to 8")
    try:
        picture = PngImagePlugin.PngImageFile(io.BytesIO(data))
        picture.load()
    except (OSError, SyntaxError, ValueError, struct.error, zlib.error) as error:
        raise Unreadable(f"This PNG is damaged: {error}.") from error
    return flattened(picture, where, losses)


def _chunks(data: bytes, where: str, losses: Losses) -> Iterator[tuple[bytes, bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(data):
        if at + 12 > len(data):
            raise Unreadable("This PNG ends in the middle.")
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data):
            raise Unreadable("This PNG ends in the middle.")
        body = data[at + 8 : end - 4]
        if kind in _PICTURE and zlib.crc32(kind + body) != struct.unpack(">I", data[end - 4 : end])[0]:
            raise Unreadable(f"This PNG is damaged: the check sum of its {kind.decode()} chunk is wrong.")
        yield kind, body, data[at:end]
        at = end
        if kind == b"IEND":
            break
    else:
        raise Unreadable("This PNG ends in the middle.")
    if at < len(data):
        report_trailing(data[at:], where, losses)


def report_trailing(rest: bytes, where: str, losses: Losses) -> None:
    """Note bytes after the end of a picture."""
    losses.add("trailing-bytes", where, f"{len(rest)} bytes after the end", len(rest), as_sample(rest))


def as_sample(data: bytes) -> str:
    """Bytes as text that can be searched."""
    return data[:SAMPLE_CHARACTERS].decode("utf-8", "replace").replace("\x00", " ")


def _require_sane(header: bytes) -> None:
    if len(header) != 13 or header[8] not in _DEPTHS.get(header[9], ()) or header[12] > 1:
        raise Unreadable("This PNG has a header that no PNG can have.")
    width, height = struct.unpack(">II", header[:8])
    require_pixels(width, height)


def _report_chunk(kind: bytes, body: bytes, where: str, losses: Losses) -> None:
    name = kind.decode("latin-1")
    if kind in (b"acTL", b"fcTL", b"fdAT"):
        losses.add("image-frame", where, f"animation chunk {name}, {len(body)} bytes", len(body))
        return
    keyword = body.split(b"\x00", 1)[0][:79].decode("latin-1") if kind in (b"tEXt", b"zTXt", b"iTXt", b"iCCP") else ""
    losses.add(
        "png-chunk", where, f"{name} {keyword}".strip() + f", {len(body)} bytes", len(body), _chunk_text(kind, body)
    )


def _chunk_text(kind: bytes, body: bytes) -> str:
    """The text of a chunk; compressed text is opened only as far as it is searched."""
    keyword, _, rest = body.partition(b"\x00")
    packed = b""
    if kind == b"zTXt":
        packed = rest[1:]
    elif kind == b"iTXt" and rest[:1] == b"\x01":
        packed = rest[2:].split(b"\x00", 2)[-1]
    if packed:
        try:
            body = keyword + b" " + zlib.decompressobj().decompress(packed, SAMPLE_CHARACTERS)
        except zlib.error:
            body = keyword + b" " + packed
    return as_sample(body)


def _report_surplus(header: bytes, stream: list[bytes], where: str, losses: Losses) -> None:
    """Note what the pixel stream holds beyond the last pixel: decoders stop there and nobody sees it."""
    wanted = _pixel_bytes(header)
    engine = zlib.decompressobj()
    unpacked, after = 0, b""
    try:
        for piece in stream:
            waiting = piece
            while waiting and not engine.eof and unpacked <= wanted:
                unpacked += len(engine.decompress(waiting, 1 << 20))
                waiting = engine.unconsumed_tail
            after += waiting if engine.eof and not engine.unused_data else b""
    except zlib.error as error:
        raise Unreadable(f"This PNG is damaged: {error}.") from error
    after = engine.unused_data + after
    if unpacked > wanted:
        losses.add("surplus-pixels", where, "compressed bytes after the last pixel", unpacked - wanted)
    if after:
        losses.add("surplus-pixels", where, f"{len(after)} bytes after the pixel stream", len(after), as_sample(after))


def _pixel_bytes(header: bytes) -> int:
    width, height = struct.unpack(">II", header[:8])
    bits = header[8] * _SAMPLES[header[9]]
    if not header[12]:
        return int(height * (1 + (width * bits + 7) // 8))
    total = 0
    for left, top, right, down in _PASSES:
        columns, rows = (width - left + right - 1) // right, (height - top + down - 1) // down
        total += rows * (1 + (columns * bits + 7) // 8) if columns > 0 and rows > 0 else 0
    return total


def _report_alpha(picture: Pillow.Image, alpha: Pillow.Image, where: str, losses: Losses) -> None:
    """Note transparency: as a hiding place when the pixels behind it differ, as a matter of looks when they do not."""
    levels = alpha.histogram()
    if not sum(levels[:255]):
        return
    # faint edges of drawn shapes are few; many faint pixels are a picture that nobody sees
    limit = _FAINT if sum(levels[1:_FAINT]) * 30 > picture.width * picture.height else 1
    see_through = sum(levels[:limit])
    faint = alpha.point(lambda level: 255 if level < limit else 0)
    colours = picture.convert("RGB")
    brightest = _extremes(Pillow.composite(colours, Pillow.new("RGB", picture.size, (0, 0, 0)), faint), 1)
    darkest = _extremes(Pillow.composite(colours, Pillow.new("RGB", picture.size, (255, 255, 255)), faint), 0)
    if see_through and brightest != darkest:
        losses.add("alpha", where, f"{see_through} transparent pixels of different colours, put onto white")
    else:
        losses.add("presentation", where, "a transparent ground, put onto white")


def _extremes(picture: Pillow.Image, end: int) -> list[int]:
    """The darkest (0) or brightest (1) sample of each band."""
    return [
        next(s for s in (range(256) if end == 0 else range(255, -1, -1)) if band.histogram()[s])
        for band in picture.split()
    ]


def _report_palette(picture: Pillow.Image, where: str, losses: Losses) -> None:
    palette = picture.getpalette() or []
    used = {index for _, index in picture.getcolors(256) or []}
    unused = [index for index in range(len(palette) // 3) if index not in used]
    colours = bytes(sample for index in unused for sample in palette[index * 3 : index * 3 + 3])
    if any(colours):
        losses.add("palette", where, f"{len(unused)} colours that no pixel has", len(colours), as_sample(colours))
