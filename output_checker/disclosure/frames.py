"""Blocks of counts that add up: the two-way (or one-way) tables inside a sheet, with their totals.

Promises blocks for the rules about shares, complements and suppression: a wide crosstab, each of its sections, and a
long
table pivoted on each of its label columns. The last row and column of a block are its totals where it has them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from output_checker.disclosure.numbers import Flags, Floats, Mark
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.words import Meaning, names_total

Integers = np.typing.NDArray[np.int64]
MOST_PIVOT_ROWS = 5000
MOST_PIVOTS = 60
FILLED = 0.6
"""Label columns of which a smaller share of the combinations occurs are nested in each other, not crossed."""


@dataclass(frozen=True)
class Frame:
    """A block. ``values`` (rows x columns) has NaN where nothing is shown; ``low`` and ``high`` bound the true count;
    ``rows`` and ``columns`` give each cell's place in the sheet (-1 where the block has no such cell)."""

    values: Floats
    low: Floats
    high: Floats
    hidden: Flags
    rows: Integers
    columns: Integers
    total_row: bool
    total_column: bool
    two_way: bool
    """Whether rows and columns are categories of two variables."""
    rounded: int = 1
    borrowed: bool = False
    """Whether the total row is the whole table's and not the section's own."""

    @property
    def inner(self) -> tuple[slice, slice]:
        """The block without its totals."""
        height, width = self.values.shape
        return slice(0, height - self.total_row), slice(0, width - self.total_column)


def frames_of(sheet: Sheet) -> tuple[Frame, ...]:
    """The blocks of counts of a sheet."""
    columns = [c for c in sheet.count_columns if not _only_base(sheet, c)]
    if not columns or sheet.rows < 1:
        return ()
    cross = [c for c in columns if _is_category(sheet, c, columns)]
    found: list[Frame] = []
    sections = _sections(sheet)
    if len(cross) >= 2:
        found += [_wide(sheet, rows, cross) for rows in sections]
    for column in columns:
        if column in cross and len(cross) >= 2:
            continue
        found += [_wide(sheet, rows, [column], two_way=False) for rows in sections]
        found += _pivots(sheet, column)
    return tuple(found)


def _only_base(sheet: Sheet, column: int) -> bool:
    """ "A_total" beside "A": the size of the group, not a total of the row."""
    name = sheet.headers[column].lower()
    stems = {header.lower() for c, header in enumerate(sheet.headers) if c != column}
    return any(name in (f"{stem}_total", f"{stem} total", f"total {stem}") for stem in stems)


def _is_category(sheet: Sheet, column: int, columns: Sequence[int]) -> bool:
    """A column of a crosstab: its header is a category's name, or one level of it is and all share the statistic."""
    named = sheet.named[column]
    header = sheet.headers[column]
    if named is None or sheet.total_columns[column]:
        return True
    if " | " in header:
        return True
    return False if named is Meaning.COUNT else len(columns) > 1


def _sections(sheet: Sheet) -> list[Integers]:
    """Row numbers of each section: rows that share their first label where a second label tells them apart."""
    everything = np.arange(sheet.rows)
    labels = [c for c in sheet.label_columns if sheet.column_meaning[c] is Meaning.LABEL]
    if len(labels) < 2 or sheet.rows > MOST_PIVOT_ROWS:
        return [everything]
    first = [sheet.text(r, labels[0]).strip() for r in range(sheet.rows)]
    starts = [r for r in range(sheet.rows) if r == 0 or (first[r] and first[r] != first[r - 1])]
    if len(starts) == sheet.rows or len(starts) < 2:
        return [everything]
    ends = [*starts[1:], sheet.rows]
    overall = [r for r in range(sheet.rows) if sheet.total_rows[r] and names_total(first[r])]
    found = []
    for start, end in zip(starts, ends, strict=True):
        rows = list(range(start, end))
        if len(rows) < 2:
            continue
        own = [r for r in rows if sheet.total_rows[r]]
        if not own and len(overall) == 1 and overall[0] not in rows:
            rows.append(overall[0])
        found.append(np.array(rows))
    return found or [everything]


def _wide(sheet: Sheet, rows: Integers, columns: Sequence[int], *, two_way: bool = True) -> Frame:
    filled = (sheet.marks[:, list(columns)] != Mark.EMPTY).any(axis=1)
    totals = rows[sheet.total_rows[rows] & filled[rows]].tolist()
    inner = rows[sheet.plain_rows[rows] & filled[rows]].tolist()
    total_columns = [c for c in columns if sheet.total_columns[c]]
    inner_columns = [c for c in columns if not sheet.total_columns[c]]
    if not total_columns and len(inner_columns) > 2 and _last_adds_up(sheet, inner, inner_columns):
        total_columns, inner_columns = [inner_columns[-1]], inner_columns[:-1]
    borrowed = len(totals) == 1 and len(inner) > 0 and not min(inner) - 1 <= totals[0] <= max(inner) + 1
    borrowed = borrowed or (len(totals) == 1 and len(rows) < sheet.rows and totals[0] == 0)
    use_row, use_column = len(totals) == 1 and len(inner) > 0, len(total_columns) == 1 and len(inner_columns) > 0
    chosen_rows = [*inner, *(totals if use_row else [])]
    chosen_columns = [*inner_columns, *(total_columns if use_column else [])]
    grid_rows, grid_columns = np.meshgrid(chosen_rows, chosen_columns, indexing="ij")
    frame = _frame(
        sheet,
        grid_rows.astype(np.int64),
        grid_columns.astype(np.int64),
        row=use_row,
        column=use_column,
        two_way=two_way,
    )
    return replace(frame, borrowed=borrowed)


def _last_adds_up(sheet: Sheet, rows: Sequence[int], columns: Sequence[int]) -> bool:
    """An unnamed last column that is the sum of the others."""
    block = sheet.values[np.ix_(list(rows), list(columns))]
    good = np.isfinite(block).all(axis=1)
    if np.count_nonzero(good) < 2:
        return False
    parts, total = block[good, :-1].sum(axis=1), block[good, -1]
    return bool(np.all(np.abs(parts - total) < 1e-9) and np.any(total > 0))


def _frame(sheet: Sheet, rows: Integers, columns: Integers, *, row: bool, column: bool, two_way: bool) -> Frame:
    there = (rows >= 0) & (columns >= 0)
    safe_rows, safe_columns = np.where(there, rows, 0), np.where(there, columns, 0)
    shape = rows.shape
    if 0 in shape:
        empty = np.zeros(shape)
        return Frame(empty, empty, empty, empty.astype(bool), rows, columns, False, False, two_way)
    marks = np.where(there, sheet.marks[safe_rows, safe_columns], np.uint8(Mark.EMPTY))
    raw = np.where(there, sheet.values[safe_rows, safe_columns], np.nan)
    known = ((marks == Mark.NUMBER) | (marks == Mark.PAIR)) & np.isfinite(raw)
    values = np.where(known, raw, np.nan)
    hidden = there & ~known & (marks != Mark.TEXT)
    rounding = sheet.rounding_of(int(safe_columns.flat[0]))
    with np.errstate(invalid="ignore"):
        low = np.where(known, rounding.low(values), 0.0)
        high = np.where(known, rounding.high(values), np.where(marks == Mark.BOUND, raw, np.inf))
    return Frame(values, low, high, np.asarray(hidden, bool), rows, columns, row, column, two_way, rounding.base)


def _pivots(sheet: Sheet, column: int) -> list[Frame]:
    """A long table (label, label, n) as two-way blocks: each label column in turn against the others."""
    labels = list(sheet.label_columns)
    if not 2 <= len(labels) <= 6 or sheet.rows > MOST_PIVOT_ROWS:
        return []
    texts = [[sheet.text(r, c).strip() for r in range(sheet.rows)] for c in labels]
    filled = [_filled_down(column_texts) for column_texts in texts]
    if len(set(zip(*filled, strict=True))) < sheet.rows:
        return []
    found: list[Frame] = []
    for turn in range(len(labels)):
        across = filled[turn]
        along = list(zip(*(filled[i] for i in range(len(labels)) if i != turn), strict=True))
        kinds, groups = list(dict.fromkeys(across)), list(dict.fromkeys(along))
        if len(kinds) < 2 or len(groups) == sheet.rows or len(kinds) > 200:
            continue
        if sheet.rows >= FILLED * len(kinds) * len(groups):
            found.append(_pivot(sheet, column, across, along))
    return found[:MOST_PIVOTS]


def _pivot(sheet: Sheet, column: int, across: Sequence[str], along: Sequence[tuple[str, ...]]) -> Frame:
    kinds, groups = list(dict.fromkeys(across)), list(dict.fromkeys(along))
    totals = [kind for kind in kinds if names_total(kind)]
    ordered = [kind for kind in kinds if kind not in totals] + (totals if len(totals) == 1 else [])
    sums = [group for group in groups if any(names_total(label) for label in group)]
    lines = [group for group in groups if group not in sums] + (sums if len(sums) == 1 else [])
    rows = np.full((len(lines), len(ordered)), -1, np.int64)
    line_of = {group: i for i, group in enumerate(lines)}
    kind_of = {kind: i for i, kind in enumerate(ordered)}
    for number in range(sheet.rows):
        i, j = line_of.get(along[number]), kind_of.get(across[number])
        if i is not None and j is not None:
            rows[i, j] = number
    columns = np.where(rows >= 0, column, -1)
    summed = len(sums) == 1 and len(lines) > 1
    return _frame(sheet, rows, columns, row=summed, column=len(totals) == 1, two_way=True)


def _filled_down(texts: Sequence[str]) -> list[str]:
    found: list[str] = []
    for text in texts:
        found.append(text or (found[-1] if found else ""))
    return found
