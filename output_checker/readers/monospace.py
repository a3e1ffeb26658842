"""Tables in running text: what pandas, statsmodels, R, Stata and database shells print, and those of LaTeX's source.

Promises: finds tables that are aligned by blanks or ruled by bars (Markdown's, too), so that the rules see their
numbers; the text itself stays what is released. Never raises; text without a table gives none. Linear in the text, with
a limit.
"""

import re
from collections.abc import Iterator, Sequence

from output_checker.model import Table
from output_checker.readers import latex, shape

MOST_LINES = 200_000
WIDEST_LINE = 2_000
MOST_LABELS = 3
LOOKED_AT = 200  # lines that decide whether a blank parts two columns
_RULE_CHARACTERS = frozenset(" \t=+_|:-─━═┼┬┴├┤┌┐└┘")
_RUN = re.compile("[=─━═_-]{2}")
_BREAK_CHARACTERS = frozenset(" \t=━═")
_BARS = re.compile(r"[|│┃]")


def tables(text: str, name: str) -> list[Table]:
    """The tables in a text in their order, each named ``name`` and the line at which it begins."""
    typeset = latex.find_tables(text, name)
    lines = text.split("\n", MOST_LINES)[:MOST_LINES]
    for environment in typeset:  # its rows were read by their own marks; whatever else stands in it is looked at here
        for at in range(environment.first, min(environment.last + 1, len(lines))):
            lines[at] = "" if latex.is_row(lines[at]) else lines[at]
    found = [(environment.first, table) for environment in typeset for table in environment.tables]
    regions = _regions(lines)
    for start, lines in (piece for region in regions for piece in _sections(*region)):
        table = _ruled(lines) or _aligned(lines)
        if table:
            where = f"{name}, line {start + 1}" if name else f"line {start + 1}"
            header, cells = table
            found.append((start, Table(where, cells, header, "monospace")))
    return [table for _, table in sorted(found, key=lambda place: place[0])]


def _regions(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines between blank lines and double rules; those are where printed tables begin and end."""
    region: list[str] = []
    start = 0
    for at, line in enumerate(lines):
        if not line.strip() or _is_break(line) or len(line) > WIDEST_LINE:
            if region:
                yield start, region
            region = []
        else:
            if not region:
                start = at
            region.append(line.expandtabs(8))
    if region:
        yield start, region


def _sections(start: int, lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """A run of lines cut at a rule that is too far down to be the one under the labels."""
    if any(_is_rule(line) and re.search(r"[|+│┼]", line) for line in lines):
        yield start, lines
        return
    begin = 0
    for at, line in enumerate(lines):
        if at - begin > MOST_LABELS and _is_rule(line):
            yield start + begin, lines[begin:at]
            begin = at + 1
    if begin < len(lines):
        yield start + begin, lines[begin:]


def _is_rule(line: str) -> bool:
    """Whether a line only draws a rule, as under the labels of a table."""
    return _RULE_CHARACTERS.issuperset(line) and _RUN.search(line) is not None


def _is_break(line: str) -> bool:
    return _BREAK_CHARACTERS.issuperset(line) and len(line.strip()) >= 5


def _ruled(lines: Sequence[str]) -> tuple[int, tuple[tuple[str, ...], ...]] | None:
    """A table with bars between its columns: Markdown, psql, Stata, ``tabulate``."""
    rows: list[list[str]] = []
    header = 0
    for line in lines:
        if _is_rule(line):
            header = header or len(rows)
        elif _BARS.search(line):
            rows.append(_bar_cells(line))
        elif rows and any(len(row) > 1 for row in rows):
            break
        else:
            rows, header = [], 0
    width = max(map(len, rows), default=0)
    if len(rows) < 2 or width < 2 or width * len(rows) > shape.MOST_CELLS:
        return None
    rows = _with_inner_columns([row + [""] * (width - len(row)) for row in rows])
    cells = _rectangle(rows)
    if not any(shape.is_number(cell) for row in cells for cell in row):
        return None
    return (header if 0 < header <= 5 and header < len(cells) else shape.header_rows(cells)), cells


def _bar_cells(line: str) -> list[str]:
    bare = line.strip()
    bare = bare[1:] if _BARS.match(bare) else bare
    bare = bare[:-1] if bare and _BARS.match(bare[-1]) else bare
    return _BARS.split(bare)


def _with_inner_columns(rows: list[list[str]]) -> list[list[str]]:
    """Stata puts a bar after the labels only: what stands right of it is aligned by blanks."""
    if len(rows[0]) > 3:
        return rows
    out: list[list[str]] = [[] for _ in rows]
    for column in range(len(rows[0])):
        texts = [row[column] for row in rows]
        spans = _spans(texts) if column else []
        inner = [[text[a:b].strip() for a, b in spans] for text in texts] if len(spans) > 1 else None
        for at, text in enumerate(texts):
            out[at] += inner[at] if inner else [text.strip()]
    return out


def _rectangle(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    width = max(map(len, rows))
    return tuple(tuple(cell.strip() for cell in row) + ("",) * (width - len(row)) for row in rows)


def _aligned(lines: Sequence[str]) -> tuple[int, tuple[tuple[str, ...], ...]] | None:
    """A table whose columns are kept apart by blanks that all its lines share."""
    body = [line for line in lines if not _is_rule(line)]
    ruled_at = next((at for at, line in enumerate(lines) if at and _is_rule(line)), 0)
    best: tuple[int, tuple[tuple[str, ...], ...]] | None = None
    most = 0
    for first, last in _trims(body):
        part = body[first:last]
        spans = _spans(part)
        if len(spans) < 2 or len(spans) * len(part) > shape.MOST_CELLS:
            continue
        cells = _rectangle([[line[a:b] for a, b in spans] for line in part])
        score = _value_columns(cells)
        if score > most:
            header = ruled_at - first
            most = score
            best = (header if 0 < header <= 5 and header < len(cells) else shape.header_rows(cells)), cells
    return best


def _trims(body: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The whole run of lines, then without titles above it and notes ("Name: x, dtype: int64") below it."""
    count = len(body)
    for dropped in range(5 if count < 200 else 3 if count < 2000 else 2):
        for first in range(dropped + 1):
            last = count - (dropped - first)
            if last - first >= 2:
                yield first, last


def _spans(lines: Sequence[str]) -> list[tuple[int, int]]:
    """The columns of characters between the blanks that all lines share. A single blank is a gap only left of a
    column of values, as in R's tables; words in a label have single blanks, too."""
    width = max(map(len, lines))
    filled = bytearray(width + 1)
    for line in lines:
        for word in re.finditer(r"\S+", line):
            filled[word.start() : word.end()] = b"\x01" * (word.end() - word.start())
    pieces = [(run.start(), run.end()) for run in re.finditer(b"\x01+", bytes(filled))]
    spans: list[tuple[int, int]] = []
    for start, end in pieces:
        if spans and start - spans[-1][1] == 1 and not _is_value_column(lines, start, end):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _is_value_column(lines: Sequence[str], start: int, end: int) -> bool:
    """Whether a column that is one blank away from its left neighbour is one of its own: it holds values, or it is the
    inner level of an index, which begins in one place and goes on where the outer level is not repeated."""
    lines = lines[:LOOKED_AT]
    cells = [cell for cell in (line[start:end].strip() for line in lines[1:]) if cell]
    values = sum(map(shape.is_value, cells))
    if cells and values * 10 >= len(cells) * 6 and any(map(shape.is_number, cells)):
        return True
    inner = [line for line in lines if line[start:end].strip()]
    return all(line[start] != " " for line in inner) and any(not line[:start].strip() for line in inner)


def _value_columns(cells: Sequence[Sequence[str]]) -> int:
    """How many columns hold mostly values; none is no table of numbers."""
    count = 0
    for column in range(1, len(cells[0])):
        texts = [row[column] for row in cells if row[column]]
        values = sum(map(shape.is_value, texts))
        enough = values * 2 >= len(texts) - 1 and len(texts) >= 2  # a label and a value, at the least
        count += bool(values and enough and any(map(shape.is_number, texts)))
    return count
