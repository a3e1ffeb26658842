"""What each number of a table means, decided from headers, row labels and the values themselves.

Promises one meaning per cell and says where it is sure. An integer that nothing explains is taken for a count, a number
that nothing explains stays unknown: a doubt is never resolved towards "harmless". Uses no file names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from output_checker.disclosure.columns import Column, column_meanings, columns_of, innermost, is_text, names_of_groups
from output_checker.disclosure.corrections import corrected
from output_checker.disclosure.numbers import Codes, Flags, Floats, Mark, parse_cell
from output_checker.disclosure.rounding import EXACT, Rounding, detect
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.words import (
    LABELS,
    Meaning,
    names_sample_size,
    names_total,
    normal,
    row_statistic,
    statistic_named,
)
from output_checker.model import Correction, Table

MOST_LEVELS = 101
MOST_NAMED_ROWS = 2000
"""A longer table names its statistics in its columns."""


def understand(
    table: Table,
    part: int,
    first_line: int | None = None,
    facts: Mapping[str, float] | None = None,
    *,
    base: int = 0,
    corrections: Sequence[Correction] = (),
) -> Sheet:
    """Give every cell its meaning. ``base`` is the rounding base that the policy expects, 0 for none; ``corrections``
    are those about this part, and stand above what is found here."""
    table = with_true_header(table)
    columns = columns_of(table)
    row_count = len(table.cells) - table.header_rows
    meanings, sure = column_meanings(columns)
    said = corrected(
        corrections, columns, row_count, (first_line or 0) + table.header_rows, has_columns=first_line is None
    )
    said.settle_columns(meanings, sure)
    labels = [i for i, meaning in enumerate(meanings) if meaning in LABELS]
    row_labels = _row_labels(table, columns, labels)
    row_named = _row_statistics(table, columns, labels, row_count)
    if _is_quantiles(columns, row_count):
        row_named = tuple(_quantile(float(level)) for level in columns[0].cells.values)
        meanings[0], sure[0] = Meaning.CODE, True
        labels = sorted({0, *labels})
        row_labels = _row_labels(table, columns, labels)
    grid, sure_grid = _grid(columns, meanings, sure, row_named, row_count)
    values = _stack([column.cells.values for column in columns], row_count, float)
    marks = _stack([column.cells.marks for column in columns], row_count, np.uint8)
    _settle_cells(columns, values, grid, sure_grid, row_labels)
    said.settle_cells(grid, sure_grid, labels)
    total_rows = _total_rows(table, labels, columns, row_count)
    total_columns = np.array([names_total(innermost(column.header)) for column in columns], bool)
    said.settle_totals(total_rows, total_columns)
    roundings, rounding = _roundings(values, grid, marks, base)
    return Sheet(
        part=part,
        first_line=first_line,
        table=table,
        headers=tuple(column.header for column in columns),
        named=tuple(statistic_named(column.header) for column in columns),
        source=tuple(column.source for column in columns),
        values=values,
        marks=marks,
        percent=_stack([column.cells.percent for column in columns], row_count, bool),
        meanings=grid,
        sure=sure_grid,
        column_meaning=tuple(meanings),
        total_rows=total_rows,
        total_columns=total_columns,
        row_labels=row_labels,
        row_named=row_named,
        rounding=rounding,
        column_rounding=roundings,
        facts=dict(facts or {}),
    )


def with_true_header(table: Table) -> Table:
    """A printed crosstab names its rows' variable on a line of its own below the categories, which may be numbers."""
    if table.header_rows or len(table.cells) < 3:
        return table
    if _names_by_default(table):
        return replace(table, header_rows=1)
    second = table.cells[1]
    if (
        second[0].strip()
        and not any(text.strip() for text in second[1:])
        and all(text.strip() for text in table.cells[0])
    ):
        return replace(table, header_rows=2)
    return table


def _names_by_default(table: Table) -> bool:
    """A first row of words that name columns of categories, beside 0, 1 ...: what pandas calls unnamed columns."""
    first, body = table.cells[0], table.cells[1:]
    numbered = [c for c, text in enumerate(first) if text.strip().isdigit()]
    named = [c for c in range(len(first)) if c not in numbered]
    if not named or [first[c].strip() for c in numbered] != [str(k) for k in range(len(numbered))] or not numbered:
        return False
    below = [[row[c].strip() for row in body] for c in named]
    return any(len(set(texts)) < len(texts) for texts in below) and all(
        first[c].strip() and first[c].strip() not in texts and not any(_is_number(text) for text in texts)
        for c, texts in zip(named, below, strict=True)
    )


def _is_number(text: str) -> bool:
    return parse_cell(text).mark in (Mark.NUMBER, Mark.PAIR)


def _stack(arrays: Sequence[npt.NDArray[Any]], rows: int, kind: type) -> npt.NDArray[Any]:
    return np.column_stack(arrays).astype(kind) if arrays else np.zeros((rows, 0), kind)


def _row_labels(table: Table, columns: Sequence[Column], labels: Sequence[int]) -> tuple[str, ...]:
    body = table.cells[table.header_rows :]
    used = [columns[i] for i in labels]
    if not used:
        return tuple(f"row {number}" for number in range(1, len(body) + 1))
    return tuple(
        ", ".join(row[column.source].strip() for column in used if row[column.source].strip())[:150] for row in body
    )


def _total_rows(table: Table, labels: Sequence[int], columns: Sequence[Column], row_count: int) -> Flags:
    found = np.zeros(row_count, bool)
    body = table.cells[table.header_rows :]
    sources = [columns[i].source for i in labels]
    for number, row in enumerate(body):
        found[number] = any(names_total(row[source]) for source in sources if row[source])
    return found


def _row_statistics(
    table: Table, columns: Sequence[Column], labels: Sequence[int], row_count: int
) -> tuple[Meaning | None, ...]:
    """The statistic each row label names, believed only where several rows, or a label with a unit, name one."""
    body = table.cells[table.header_rows :]
    sources = [columns[i].source for i in labels if is_text(columns[i])]
    if not sources or row_count > MOST_NAMED_ROWS:
        return (None,) * row_count
    named = []
    for row in body:
        found = [row_statistic(row[source]) for source in sources if row[source]]
        named.append(next((meaning for meaning in found if meaning is not None), None))
    numbers = [column.cells.values for column in columns if not is_text(column)]
    for number in names_of_groups([row[sources[0]] for row in body], np.column_stack(numbers)) if numbers else ():
        named[number] = None
    kinds = {meaning for meaning in named if meaning is not None}
    return tuple(named) if len(kinds) > 1 or (kinds and row_count <= 3) else _units_only(body, sources, named)


def _units_only(
    body: Sequence[Sequence[str]], sources: Sequence[int], named: Sequence[Meaning | None]
) -> tuple[Meaning | None, ...]:
    kept = []
    for row, meaning in zip(body, named, strict=True):
        has_unit = any("," in row[source] or "(" in row[source] for source in sources)
        kept.append(meaning if has_unit or meaning is Meaning.COUNT else None)
    return tuple(kept)


def _grid(
    columns: Sequence[Column],
    meanings: Sequence[Meaning],
    sure: Sequence[bool],
    row_named: Sequence[Meaning | None],
    row_count: int,
) -> tuple[Codes, Flags]:
    """Column meanings spread over the rows; a row that names its statistic decides where no header does."""
    grid = np.tile(np.array([int(m) for m in meanings], np.uint8), (row_count, 1))
    certain = np.tile(np.array(sure, bool), (row_count, 1))
    transposed = len({meaning for meaning in row_named if meaning is not None}) >= 3 or _is_quantiles(
        columns, row_count
    )
    open_columns = [
        i for i, column in enumerate(columns)
        if not is_text(column) and column.forced is None and meanings[i] is not Meaning.EMPTY
        and (transposed or (meanings[i] not in LABELS and not sure[i]))
    ]  # fmt: skip
    for number, meaning in enumerate(row_named):
        if meaning is not None and open_columns:
            grid[number, open_columns] = int(meaning)
            certain[number, open_columns] = True
    for i, column in enumerate(columns):
        loose = column.cells.percent & (grid[:, i] != Meaning.PERCENT) if column.cells.percent.any() else None
        if loose is not None and meanings[i] in (Meaning.COUNT, Meaning.UNKNOWN):
            grid[loose, i] = Meaning.PERCENT
    return grid, certain


def _is_quantiles(columns: Sequence[Column], row_count: int) -> bool:
    """A first column without a name that holds levels such as 0.25, 0.5, 0.75."""
    if (
        not 1 < row_count <= MOST_LEVELS
        or len(columns) < 2
        or columns[0].header.strip().lower() not in ("", "quantile", "q", "level")
    ):
        return False
    levels = columns[0].cells.values
    inside = np.isfinite(levels).all() and levels.min() >= 0 and levels.max() <= 1
    return bool(inside and np.all(np.diff(levels) > 0) and np.any((levels > 0) & (levels < 1)))


def _quantile(level: float) -> Meaning:
    if level == 0:
        return Meaning.MINIMUM
    return Meaning.MAXIMUM if level == 1 else Meaning.PERCENTILE


def _settle_cells(
    columns: Sequence[Column], values: Floats, grid: Codes, sure: Flags, row_labels: Sequence[str]
) -> None:
    """What only shows in the whole: correlation matrices, model tables with stars, counts that are no whole numbers."""
    inner = [i for i, column in enumerate(columns) if not is_text(column)]
    square = len(inner) == len(values) and len(inner) > 1
    if square and [normal(columns[i].header) for i in inner] == [normal(label.split(", ")[0]) for label in row_labels]:
        block = values[:, inner]
        if np.isfinite(block).all() and np.abs(block).max() <= 1.0000001 and np.allclose(np.diag(block), 1):
            grid[:, inner] = Meaning.CORRELATION
            sure[:, inner] = True
    starred = any("*" in text and any(c.isdigit() for c in text) for column in columns for text in column.texts[:200])
    if starred and any(names_sample_size(label) for label in row_labels[:200]):
        grid[grid == Meaning.UNKNOWN] = Meaning.COEFFICIENT
    with np.errstate(invalid="ignore"):
        broken = (grid == Meaning.COUNT) & np.isfinite(values) & (values != np.floor(values))
    grid[broken] = Meaning.UNKNOWN


def _roundings(values: Floats, grid: Codes, marks: Codes, base: int) -> tuple[tuple[Rounding, ...], Rounding]:
    """The rounding per column and of the table. A column takes the table's where its few counts agree with it."""
    counts = (grid == Meaning.COUNT) & ((marks == Mark.NUMBER) | (marks == Mark.PAIR))
    whole = detect(values[counts], base)
    if whole.base > 1:
        return (whole,) * values.shape[1], whole
    found: list[Rounding] = []
    for column in range(values.shape[1]):
        mine = values[counts[:, column], column]
        found.append(detect(mine, base) if len(mine) else EXACT)
    best = max(found, key=lambda rounding: rounding.base, default=EXACT)
    settled = []
    for column, rounding in enumerate(found):
        mine = values[counts[:, column], column]
        agrees = rounding.base == 1 and best.base >= 5 and len(mine) > 0 and bool(np.all(best.holds(mine)))
        settled.append(best if agrees else rounding)
    return tuple(settled), EXACT
