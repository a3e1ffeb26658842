"""How much data a text holds that a reader left out: a widget's state, metadata, an attachment, a figure's JSON.

Promises a bounded reading of one sample: the tables in it (whatever their JSON shape), loose values, encoded text and
free text. Decodes and unpacks nothing: what is encoded counts as encoded. Judges nothing; the rules do.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from output_checker.model import Table

FEWEST_ROWS = 3
MOST_NODES = 200_000
MOST_TABLES = 40
MOST_ROWS = 2_000
_DEEPEST = 40
_NUMBER = re.compile(r"(?<![\w.#:/-])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.:/%-])")
_ENCODED = re.compile(r"[A-Za-z0-9+/=_-]{200,}")
_ROW = re.compile(r"<tr\b[^>]*>(.*?)(?=<tr\b|</t(?:able|body|head)|\Z)", re.IGNORECASE | re.DOTALL)
_CELL = re.compile(r"<t[dh]\b[^>]*>(.*?)(?=<t[dhr]\b|</t|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,500}>")
_LOOKS = re.compile(
    r"\d+(?:px|em|rem|%|vh|vw)|#[0-9a-f]{3,8}|_?\w*(?:version|module|model|view|layout|style|template|colorway)\w*"
)
"""Keys and values that say how something looks and not what it shows."""


@dataclass
class Load:
    """What one sample holds."""

    tables: list[Table] = field(default_factory=list)
    values: int = 0
    """Numbers in lists and texts, outside of tables."""
    singles: int = 0
    """Numbers and words that stand alone, as a slider's value does."""
    encoded: int = 0
    """Characters of the longest piece of encoded text."""
    longest: int = 0
    """Characters of the longest free text."""

    @property
    def cells(self) -> int:
        """All values, in tables and outside."""
        return self.values + sum(len(t.cells[0]) * (len(t.cells) - t.header_rows) for t in self.tables)


def load_of(sample: str) -> Load:
    """Weigh a sample: JSON by its structure, anything else as text. A sample that was cut counts its numbers."""
    load = Load()
    try:
        raw = json.loads(sample)
    except (ValueError, RecursionError):
        _weigh_text(sample, load)
        return load
    _weigh(raw, load)
    return load


def _weigh(raw: Any, load: Load) -> None:
    waiting: list[tuple[Any, int]] = [(raw, 0)]
    seen = 0
    while waiting and seen < MOST_NODES:
        value, depth = waiting.pop()
        seen += 1
        if isinstance(value, str):
            nested = _nested(value) if depth < _DEEPEST else None
            if nested is None:
                _weigh_text(value, load)
            else:
                waiting.append((nested, depth + 10))
        elif isinstance(value, dict | list):
            rows = _rows_of(value)
            if rows and len(load.tables) < MOST_TABLES:
                load.tables.append(_table(rows))
            waiting += [(inner, depth + 1) for inner in _rest(value, load, taken=bool(rows))]
        elif isinstance(value, int | float) and not isinstance(value, bool):
            load.singles += 1


def _rest(value: dict[str, Any] | list[Any], load: Load, *, taken: bool) -> Iterator[Any]:
    """What is still to be looked at below a value. Lists of scalars end here."""
    inner = [v for k, v in value.items() if not _LOOKS.fullmatch(str(k))] if isinstance(value, dict) else value
    if isinstance(value, list) and len(value) >= FEWEST_ROWS and all(_is_scalar(item) for item in value):
        if not taken:
            load.values += sum(isinstance(item, int | float) and not isinstance(item, bool) for item in value)
            yield from (item for item in value if isinstance(item, str))
        return
    for item in inner:
        if not (taken and _is_row(item)):
            yield item


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _is_row(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) >= 2 and all(_is_scalar(item) for item in value)
    return isinstance(value, dict) and len(value) >= 2 and all(_is_scalar(item) for item in value.values())


def _rows_of(value: dict[str, Any] | list[Any]) -> list[Sequence[Any]] | None:
    """The table in a JSON value: a list of records, a list of rows, or columns of one length (as lists or by key)."""
    if isinstance(value, list):
        rows = [item for item in value[: MOST_ROWS + 1] if _is_row(item)]
        if len(rows) < FEWEST_ROWS or len(rows) < 0.8 * min(len(value), MOST_ROWS + 1):
            return None
        keys: list[str] = list(dict.fromkeys(key for row in rows if isinstance(row, dict) for key in row))
        if keys:
            return [keys, *([row.get(key) for key in keys] for row in rows if isinstance(row, dict))]
        width = max(map(len, rows))
        return [[f"column {n + 1}" for n in range(width)], *([*row, *[None] * (width - len(row))] for row in rows)]
    columns = {k: list(v.values()) if isinstance(v, dict) else v for k, v in value.items() if _is_column(v)}
    lengths = [len(column) for column in columns.values()]
    common = max(set(lengths), key=lengths.count, default=0)
    chosen = {k: column for k, column in columns.items() if len(column) == common}
    if len(chosen) < 2:
        return None
    return [list(chosen), *zip(*(column[:MOST_ROWS] for column in chosen.values()), strict=True)]


def _is_column(value: Any) -> bool:
    if isinstance(value, dict):
        numbered = all(str(key).lstrip("-").isdigit() for key in value)
        return len(value) >= FEWEST_ROWS and numbered and all(_is_scalar(item) for item in value.values())
    return isinstance(value, list) and len(value) >= FEWEST_ROWS and all(_is_scalar(item) for item in value)


def _nested(text: str) -> Any:
    if not (text[:1] in "[{" and len(text) > 20 and text.rstrip()[-1:] in "]}"):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _weigh_text(text: str, load: Load) -> None:
    """A text: a table in HTML, lines of one shape, encoded text, numbers in between."""
    found = max((len(match[0]) for match in _ENCODED.finditer(text)), default=0)
    load.encoded = max(load.encoded, found)
    rows = _html_rows(text) if "<t" in text.lower() else _lines(text)
    if rows and len(load.tables) < MOST_TABLES:
        load.tables.append(_table(rows))
        return
    plain = _TAG.sub(" ", _ENCODED.sub(" ", text))
    if _LOOKS.fullmatch(plain.strip().lower()):
        return
    load.longest = max(load.longest, len(plain.strip()))
    numbers = sum(1 for _ in _NUMBER.finditer(plain))
    if numbers >= FEWEST_ROWS:
        load.values += numbers
    else:
        load.singles += numbers


def _html_rows(text: str) -> list[Sequence[Any]] | None:
    rows = [
        [html.unescape(_TAG.sub("", cell)).strip() for cell in _CELL.findall(row)]
        for row in _ROW.findall(text)[: MOST_ROWS + 1]
    ]
    return _even([row for row in rows if row])


def _lines(text: str) -> list[Sequence[Any]] | None:
    """Lines with the same number of fields."""
    lines = [line.strip(" \r") for line in text.strip().splitlines() if line.strip()][: MOST_ROWS + 1]
    if len(lines) <= FEWEST_ROWS:
        return None
    for pattern in (r"\t", ";", r"\|", ",", r"\s{2,}"):
        found = _even([re.split(pattern, line) for line in lines])
        if found:
            return found
    return None


def _even(rows: list[list[str]]) -> list[Sequence[Any]] | None:
    """The rows of the commonest width (at least two), when they are most of the rows and hold numbers."""
    widths = [len(row) for row in rows if len(row) > 1]
    if not widths:
        return None
    width = max(set(widths), key=widths.count)
    even = [row for row in rows if len(row) == width]
    cells = [cell for row in even[1:] for cell in row]
    numbers = sum(_NUMBER.fullmatch(cell.strip()) is not None for cell in cells)
    if len(even) <= FEWEST_ROWS or len(even) < 0.6 * len(rows) or numbers < 0.2 * len(cells):
        return None
    return list(even)


def _table(rows: Sequence[Sequence[Any]]) -> Table:
    return Table("", tuple(tuple("" if cell is None else str(cell)[:200] for cell in row) for row in rows), 1, "json")
