"""One file's bytes to an ``Output``, inside the cage.

Promises: the format is found in the bytes; the canonical bytes were read again and gave the same parts and the same
bytes, or the file is refused. Runs on hostile bytes: call it in the cage only (tests aside).
"""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from output_checker.model import Dropped, Kind, Output
from output_checker.readers import formats
from output_checker.readers.characters import cleaned, decode
from output_checker.readers.losses import Losses, Unreadable

if TYPE_CHECKING:
    from output_checker.readers import bundle

_ROUNDS = 4
_TAG = re.compile(r"\s*<[?!A-Za-z]")  # XML of a kind that is not read is text, whatever commas are in it
LARGEST_TWICE = 24 * 1024 * 1024
"""Canonical bytes up to this size are read again; pixels above it were encoded from pixels and have no other form."""


def read(data: bytes) -> Output:
    """What these bytes are: parts, canonical bytes, and what was dropped. Bad content is an Output with a problem."""
    losses = Losses()
    try:
        return _settled(_read_once(data, losses), losses)
    except Unreadable as refusal:
        return refused(str(refusal), _media_type(data), losses.listed())
    except RecursionError:
        return refused("This file is nested too deeply to be checked.", _media_type(data), losses.listed())
    except MemoryError:
        return refused("This file needs more memory than a file may take.", "application/octet-stream")


def refused(problem: str, media_type: str = "application/octet-stream", dropped: tuple[Dropped, ...] = ()) -> Output:
    """The output of a file that can't be read."""
    return Output(Kind.UNKNOWN, media_type, (), b"", dropped, problem)


def _settled(output: Output, losses: Losses) -> Output:
    """The output once its canonical bytes read as themselves: f(f(x)) = f(x), seen and not only proved."""
    for _ in range(_ROUNDS):
        output = replace(output, dropped=losses.listed())
        if output.kind is Kind.IMAGE or len(output.canonical) > LARGEST_TWICE:
            return output
        again_losses = Losses()
        again = _read_once(output.canonical, again_losses)
        more = again_losses.listed()
        if (again.kind, again.parts, again.canonical, more) == (output.kind, output.parts, output.canonical, ()):
            return output
        losses.take(again_losses)
        output = again
    raise Unreadable("This file has no clean form that reads as itself: write it in a simpler shape.")


def _read_once(data: bytes, losses: Losses, *, in_archive: bool = False) -> Output:
    if not data.strip():
        raise Unreadable(formats.EMPTY.problem)
    found = formats.binary_format(data)
    if isinstance(found, formats.Recognised):
        if found.is_archive and not in_archive:
            return _read_archive(data, found, losses)
        from output_checker.readers import stored

        raise Unreadable(stored.describe(data, found, losses).problem)
    if found is not None:
        return _read_binary(data, found, losses, None if in_archive else _read_member)
    text = decode(data, losses)
    if text is None:
        raise Unreadable(formats.BINARY.problem)
    return _read_text(cleaned(text, "", losses), losses)


def _read_member(data: bytes, losses: Losses) -> Output:
    """A file in an archive. An archive in it is refused, so that nothing is read more than one deep."""
    return _read_once(data, losses, in_archive=True)


def _read_archive(data: bytes, found: formats.Recognised, losses: Losses) -> Output:
    """The members of a tar archive; or the tar archive, or the one file, that a compressed stream holds."""
    from output_checker.readers import bundle

    if found.media_type == bundle.TAR:
        return bundle.read_tar(data, losses, _read_member)
    inner = bundle.unwrapped(data, losses)
    within = formats.binary_format(inner)
    if isinstance(within, formats.Recognised) and within.media_type == bundle.TAR:
        return bundle.read_tar(inner, losses, _read_member)
    return _read_member(inner, losses)


def _read_binary(data: bytes, media_type: str, losses: Losses, read_member: "bundle.Read | None") -> Output:
    """Each reader is imported when its kind of file comes, which halves the time in which the cage starts."""
    if media_type == "image/png":
        from output_checker.readers import png

        return png.read(data, losses)
    if media_type.startswith("image/"):
        from output_checker.readers import image

        return image.read(data, losses)
    if media_type == "application/zip":
        from output_checker.readers import archive

        return archive.read(data, losses, read_member)
    raise Unreadable(formats.PDF.problem)


def _read_text(text: str, losses: Losses) -> Output:
    if not text.strip():
        raise Unreadable(formats.EMPTY.problem)
    first = text.lstrip()[:1]
    output: Output | None = None
    if first in ("{", "["):
        output = _read_json(text, losses)
    elif first == "<":
        output = _read_markup(text, losses)
    if output is None and not _TAG.match(text):
        from output_checker.readers import delimited

        output = delimited.read(text, losses)
    if output is None:
        from output_checker.readers import listing
        from output_checker.readers import text as plain

        output = listing.with_tables(plain.read(text, losses))
    return output


def _read_json(text: str, losses: Losses) -> Output | None:
    from output_checker.readers import structured

    if text.lstrip()[:1] == "{":
        from output_checker.readers import notebook

        raw = notebook.parsed(text)
        if raw is not None:
            return notebook.read(raw, losses)
    return structured.read(text, losses)


def _read_markup(text: str, losses: Losses) -> Output | None:
    from output_checker.readers import drawing, page

    if drawing.is_svg(text):
        return drawing.read(text, losses)
    if page.is_html(text):
        return page.read(text, losses)
    return None


def _media_type(data: bytes) -> str:
    if not data.strip():
        return formats.EMPTY.media_type
    found = formats.binary_format(data)
    if isinstance(found, formats.Recognised):
        return found.media_type
    return found or "application/octet-stream"
