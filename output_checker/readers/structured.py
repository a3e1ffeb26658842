"""JSON: records, figures' specifications, results that a program wrote.

Promises: numbers keep their digits, keys their order; a key that stands twice is told, as only one of its values is
seen by most readers. The text is what is released; arrays and records in it come as tables besides, wherever they are.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Self

from output_checker.model import Kind, Output, Table, Text
from output_checker.readers import charts, shape
from output_checker.readers.characters import cleaned
from output_checker.readers.losses import Losses, Unreadable

LONGEST = 24_000_000
MOST_TABLES = 500
DEEPEST = 100
_CLAIMS = frozenset(("threshold", "p-ratio", "nk-rule"))
"""The keys under which ACRO's ``results.json`` lists cells by their positions."""
_POSITION = re.compile(r"\d{1,5}")


class Digits(float):
    """A number that remembers how it was written."""

    text: str

    def __new__(cls, text: str) -> Self:
        number = super().__new__(cls, 0.0)
        number.text = text
        return number

    def __repr__(self) -> str:
        return self.text


Scalar = str | Digits | bool | None


def read(text: str, losses: Losses) -> Output | None:
    """The JSON value, or the JSON lines, or None when the text is neither."""
    if len(text) > LONGEST:
        raise Unreadable(f"This JSON has more than {LONGEST:,} characters; that is more than can be checked.")
    doubles: list[tuple[str, str]] = []
    value, lines = _parsed(text, doubles), False
    if value is _NOTHING:
        value, lines = _parsed_lines(text, doubles), True
    if value is _NOTHING or not isinstance(value, list | dict):
        return None
    for key, hidden in doubles:
        losses.count("metadata", "", "keys that stand twice", 1, sort=key[:40], sample=hidden)
    value = without_invisible(value, losses, 0)
    figure = charts.read(value, losses)
    if figure is not None:
        body = _written(figure[0])
        return Output(Kind.JSON, "application/json", (Text("", body), *figure[1]), (body + "\n").encode())
    body = "\n".join(map(written_line, value)) if lines else _written(value)
    media_type = "application/x-ndjson" if lines else "application/json"
    return Output(Kind.JSON, media_type, (Text("", body), *tables(value)), (body + "\n").encode())


_NOTHING = object()


def _parsed(text: str, doubles: list[tuple[str, str]]) -> Any:
    def paired(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for key, value in pairs:
            if key in seen:
                doubles.append((key, str(seen[key])))
            seen[key] = value
        return seen

    try:
        return json.loads(text, parse_int=Digits, parse_float=Digits, parse_constant=Digits, object_pairs_hook=paired)
    except ValueError:
        doubles.clear()
        return _NOTHING


def _parsed_lines(text: str, doubles: list[tuple[str, str]]) -> Any:
    rows = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        row = _parsed(line, doubles) if line.lstrip()[:1] in "{[" else _NOTHING
        if row is _NOTHING:
            return _NOTHING
        rows.append(row)
    return rows if len(rows) > 1 else _NOTHING


def without_invisible(value: Any, losses: Losses, depth: int) -> Any:
    """Texts and keys without invisible characters: an escape can write what the file's text can't hold."""
    if depth > DEEPEST:
        raise Unreadable("This JSON is nested too deeply to be checked.")
    if isinstance(value, str):
        return cleaned(value, "", losses)
    if isinstance(value, list):
        return [without_invisible(inner, losses, depth + 1) for inner in value]
    if isinstance(value, dict):
        return {cleaned(key, "", losses): without_invisible(inner, losses, depth + 1) for key, inner in value.items()}
    return value


def _written(value: Any, indent: str = "") -> str:
    """Indented, with short arrays on one line. Own code, since ``json`` can't write a number as it was written."""
    inner = indent + "  "
    if isinstance(value, dict) and value:
        items = [f"{inner}{json.dumps(key, ensure_ascii=False)}: {_written(v, inner)}" for key, v in value.items()]
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(v, list | dict) for v in value):
        return "[\n" + ",\n".join(inner + _written(v, inner) for v in value) + f"\n{indent}]"
    return written_line(value)


def written_line(value: Any) -> str:
    """A JSON value on one line."""
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {written_line(v)}" for k, v in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(written_line, value)) + "]"
    return value.text if isinstance(value, Digits) else json.dumps(value, ensure_ascii=False)


# --- tables in it ---


def tables(value: Any) -> list[Table]:
    """The arrays and records in a value, named by their paths. Raises Unreadable for more than a person can check."""
    found = list(islice(_tables(value, ""), MOST_TABLES))
    if len(found) >= MOST_TABLES:
        raise Unreadable("This file holds more tables than a person can check.")
    return found


def _tables(value: Any, path: str) -> Iterator[Table]:
    if isinstance(value, list):
        rows = _records(value) or _matrix(value)
        if rows:
            yield _table(path, rows)
            return
        for at, inner in enumerate(value):
            yield from _tables(inner, f"{path}[{at}]")
    elif isinstance(value, dict) and value.keys() >= _CLAIMS:
        for key, inner in value.items():
            yield from _claimed(inner, f"{path}.{key}")
    elif isinstance(value, dict):
        rows = _columns(value) or _nested(value)
        if rows:
            yield _table(path, rows)
        for key, inner in value.items():
            if not (rows and (_is_line(inner) or _is_record(inner))):
                yield from _tables(inner, f"{path}.{key}" if path else key)


def _claimed(value: Any, path: str) -> Iterator[Table]:
    """The cells that ACRO says it found, by row and column: listed as what they are. No rule believes them."""
    pairs = isinstance(value, list) and all(_is_line(pair) and len(pair) == 2 for pair in value)
    if not pairs or not value or not all(_POSITION.fullmatch(_said(place)) for pair in value for place in pair):
        yield from _tables(value, path)
        return
    yield _table(path, [("row", "column"), *([_said(place) for place in pair] for pair in value)])


def _table(path: str, rows: Sequence[Sequence[str]]) -> Table:
    cells = tuple(map(tuple, rows))
    return Table(path[:200], cells, shape.header_rows(cells), "json")


def _records(value: Sequence[Any]) -> list[list[str]] | None:
    """A list of records: one row for each, a column for each key."""
    if not value or not all(_is_record(row) for row in value):
        return None
    keys = list(dict.fromkeys(key for row in value for key in row))
    _require_small(len(value), len(keys))
    return [keys, *([_said(row.get(key)) if key in row else "" for key in keys] for row in value)]


def _matrix(value: Sequence[Any]) -> list[list[str]] | None:
    """A list of lists, or of numbers: rows as they stand, filled up."""
    if value and all(isinstance(v, Digits) for v in value) and len(value) > 1:
        return [[v.text] for v in value]
    if not value or not all(_is_line(row) and row for row in value):
        return None
    width = max(map(len, value))
    _require_small(len(value), width)
    return [[_said(v) for v in row] + [""] * (width - len(row)) for row in value]


def _columns(value: Mapping[str, Any]) -> list[list[str]] | None:
    """A mapping of lists of one length: pandas' columns, a trace of a figure."""
    lists = {key: inner for key, inner in value.items() if _is_line(inner) and len(inner) > 1}
    if not lists:
        return None
    length = max(map(len, lists.values()))
    _require_small(length, len(lists))
    rows = [[_said(inner[at]) if at < len(inner) else "" for inner in lists.values()] for at in range(length)]
    return [list(lists), *rows]


def _nested(value: Mapping[str, Any]) -> list[list[str]] | None:
    """A mapping of mappings: pandas' ``to_json`` of a frame, column by column."""
    inner = {key: v for key, v in value.items() if _is_record(v) and v}
    if len(inner) < 2 or len(inner) < len(value):
        return None
    labels = list(dict.fromkeys(label for v in inner.values() for label in v))
    _require_small(len(labels), len(inner))
    return [["", *inner], *([label, *(_said(v.get(label)) for v in inner.values())] for label in labels)]


def _is_record(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and not any(isinstance(v, list | dict) for v in value.values())


def _is_line(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(v, list | dict) for v in value)


def _said(value: Scalar) -> str:
    if isinstance(value, Digits):
        return value.text
    return "" if value is None else str(value)


def _require_small(rows: int, columns: int) -> None:
    if rows * columns > shape.MOST_CELLS:
        raise Unreadable(f"This JSON holds a table of more than {shape.MOST_CELLS:,} cells.")
