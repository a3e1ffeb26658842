"""The answer of the cage: one frame on a pipe.

``HALFTIDE`` (8 bytes), the length of the head (8 digits, hexadecimal), the head (JSON, UTF-8), then the canonical bytes
and the pictures one after the other, with the lengths that the head gives. ``unpacked`` trusts nothing: the cage may
have been taken over by the file in it. Never evaluates anything, and never allocates by a number it was sent.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from output_checker.model import Dropped, Image, Kind, Output, Part, Table, Text
from output_checker.readers.losses import CARRIER_CHARACTERS

MAGIC = b"HALFTIDE"
HEAD_DIGITS = 8
MOST_PARTS = 20_000
MOST_DROPPED = 1_000


class Malformed(Exception):
    """The answer is no answer; the text says what is wrong with it."""


def packed(output: Output) -> bytes:
    """The frame of an output."""
    blobs = [output.canonical, *(part.data for part in output.parts if isinstance(part, Image))]
    head = {
        "kind": output.kind.value,
        "media_type": output.media_type,
        "problem": output.problem,
        "canonical": len(output.canonical),
        "parts": [_described(part) for part in output.parts],
        "dropped": [[d.what, d.where, d.detail, d.size, d.sample] for d in output.dropped],
    }
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return b"".join((MAGIC, f"{len(text):0{HEAD_DIGITS}x}".encode(), text, *blobs))


def unpacked(frame: bytes) -> Output:
    """The output in a frame. Raises Malformed."""
    start = len(MAGIC) + HEAD_DIGITS
    if frame[: len(MAGIC)] != MAGIC:
        raise Malformed("it does not begin as an answer")
    try:
        length = int(frame[len(MAGIC) : start], 16)
        if length < 2 or start + length > len(frame):
            raise Malformed("its head is cut off")
        head = json.loads(frame[start : start + length])
        return _output(head, _Blobs(frame, start + length))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed(f"its head can't be read ({type(error).__name__})") from error


def _described(part: Part) -> dict[str, Any]:
    if isinstance(part, Table):
        return {"t": "table", "name": part.name, "cells": part.cells, "head": part.header_rows, "lang": part.language}
    if isinstance(part, Text):
        return {"t": "text", "name": part.name, "text": part.text, "role": part.role}
    return {"t": "image", "name": part.name, "size": len(part.data), "w": part.width, "h": part.height}


class _Blobs:
    """Takes the raw bytes behind the head, one length after the other, and none twice."""

    def __init__(self, frame: bytes, start: int) -> None:
        self._frame, self._at = frame, start

    def take(self, size: int) -> bytes:
        if size < 0 or self._at + size > len(self._frame):
            raise Malformed("its data are cut off")
        self._at += size
        return self._frame[self._at - size : self._at]

    def require_all_taken(self) -> None:
        if self._at != len(self._frame):
            raise Malformed("it goes on after its end")


def _output(head: Any, blobs: _Blobs) -> Output:
    canonical = blobs.take(_whole(head["canonical"]))
    parts = tuple(_part(raw, blobs) for raw in _list(head["parts"], MOST_PARTS))
    blobs.require_all_taken()
    dropped = tuple(_dropped(raw) for raw in _list(head["dropped"], MOST_DROPPED))
    problem = _text(head["problem"], 1000)
    kind = Kind(_text(head["kind"], 40))
    if (kind is Kind.UNKNOWN) != bool(problem) or (problem and (canonical or parts)):
        raise Malformed("it is neither read nor refused")
    return Output(kind, _text(head["media_type"], 200), parts, canonical, dropped, problem)


def _part(raw: Any, blobs: _Blobs) -> Part:
    return _PARTS[raw["t"]](raw, blobs)


def _table(raw: Mapping[str, Any], _blobs: _Blobs) -> Table:
    rows = raw["cells"]
    if type(rows) is not list or not rows or type(rows[0]) is not list or not rows[0]:
        raise Malformed("a table of it has no cells")
    width = len(rows[0])
    for row in rows:
        if type(row) is not list or len(row) != width or not all(type(cell) is str for cell in row):
            raise Malformed("a table of it is no rectangle of texts")
    header = _whole(raw["head"])
    if header > len(rows):
        raise Malformed("a table of it has more labels than rows")
    return Table(_text(raw["name"], 400), tuple(map(tuple, rows)), header, _text(raw["lang"], 40))


def _words(raw: Mapping[str, Any], _blobs: _Blobs) -> Text:
    return Text(_text(raw["name"], 400), _text(raw["text"], 1 << 30), _text(raw["role"], 40))


def _image(raw: Mapping[str, Any], blobs: _Blobs) -> Image:
    data = blobs.take(_whole(raw["size"]))
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        raise Malformed("a picture of it is no PNG")
    return Image(_text(raw["name"], 400), data, _whole(raw["w"]), _whole(raw["h"]))


_PARTS: Mapping[str, Callable[[Mapping[str, Any], _Blobs], Part]] = {
    "table": _table,
    "text": _words,
    "image": _image,
}


def _dropped(raw: Any) -> Dropped:
    what, where, detail, size, sample = raw
    return Dropped(
        _text(what, 40), _text(where, 400), _text(detail, 400), _whole(size), _text(sample, CARRIER_CHARACTERS)
    )


def _list(raw: Any, most: int) -> Sequence[Any]:
    if type(raw) is not list or len(raw) > most:
        raise Malformed("a list of it is too long or no list")
    return raw


def _text(raw: Any, most: int) -> str:
    if type(raw) is not str or len(raw) > most:
        raise Malformed("a text of it is too long or no text")
    return raw


def _whole(raw: Any) -> int:
    if type(raw) is not int or not 0 <= raw < 1 << 40:
        raise Malformed("a number of it is out of range")
    return raw
