"""Which numbers of a sheet are the sum of which others: rows and columns with totals, totals of totals, subtotals.

Promises sums that the table itself bears out. Where complete lines of one direction do not add up, their totals count
other people (the unknowns, another year), and nothing is concluded from them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from output_checker.disclosure.frames import MOST_PIVOT_ROWS, Frame
from output_checker.disclosure.numbers import Flags, Floats, Mark
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.words import names_total

Places = np.typing.NDArray[np.int64]
"""Cells of a sheet, each as row * columns + column."""
MOST_TOTALS = 200
BELIEVED = 0.5
"""So large a part of a direction's complete lines must add up before its other lines are believed."""


@dataclass(frozen=True, eq=False)
class Sum:
    """The cell ``total`` holds the sum of the cells ``parts``. Lines of one ``direction`` are believed together."""

    total: int
    parts: Places
    direction: str

    @cached_property
    def cells(self) -> Places:
        """The total and its parts."""
        return np.append(self.parts, self.total)


@dataclass(frozen=True, eq=False)
class Ledger:
    """The cells of a sheet with what is known of each, flattened row by row, and the sums that hold among them.

    ``low`` and ``high`` bound the true numbers: equal where an exact number is shown, apart where it was rounded, 0 and
    infinity (or what a mark such as "<10" says) where it is hidden.
    """

    low: Floats
    high: Floats
    hidden: Flags
    sums: tuple[Sum, ...]

    def only(self, sums: Sequence[Sum]) -> "Ledger":
        """The same cells with fewer sums."""
        return Ledger(self.low, self.high, self.hidden, tuple(sums))


def ledger_of(sheet: Sheet, frames: Sequence[Frame]) -> Ledger:
    """The sums of a sheet that can be believed."""
    low, high, hidden, silent = _bounds(sheet)
    found: dict[tuple[int, bytes], Sum] = {}
    for line in (*_of_frames(sheet, frames), *_of_long_table(sheet), *_of_subtotals(sheet, low, high)):
        if len(line.parts) > 1 and not silent[line.cells].any():
            found.setdefault((line.total, np.sort(line.parts).tobytes()), line)
    return Ledger(low, high, hidden, tuple(_believed(list(found.values()), low, high, hidden)))


def _bounds(sheet: Sheet) -> tuple[Floats, Floats, Flags, Flags]:
    """What is known of each cell, which are hidden, and which say nothing that could be a number."""
    low, high = np.zeros(sheet.values.shape), np.full(sheet.values.shape, np.inf)
    shown = sheet.numeric & np.isfinite(sheet.values)
    for column in range(sheet.columns):
        rounding = sheet.rounding_of(column)
        rows = shown[:, column]
        low[rows, column] = rounding.low(sheet.values[rows, column])
        high[rows, column] = rounding.high(sheet.values[rows, column])
    bounded = (sheet.marks == Mark.BOUND) & np.isfinite(sheet.values)
    high[bounded] = sheet.values[bounded]
    silent = ~shown & (sheet.marks == Mark.TEXT)
    return low.ravel(), high.ravel(), (~shown & ~silent).ravel(), silent.ravel()


def _of_frames(sheet: Sheet, frames: Sequence[Frame]) -> Iterator[Sum]:
    for number, frame in enumerate(frames):
        places = np.where((frame.rows >= 0) & (frame.columns >= 0), frame.rows * sheet.columns + frame.columns, -1)
        if frame.total_column:
            yield from _lines(places, f"frame {number}, across")
        if frame.total_row:
            yield from _lines(places.T, f"frame {number}, down")


def _lines(places: np.typing.NDArray[np.int64], direction: str) -> Iterator[Sum]:
    for line in places:
        if line[-1] >= 0:
            yield Sum(int(line[-1]), line[:-1][line[:-1] >= 0], direction)


def _of_long_table(sheet: Sheet) -> Iterator[Sum]:
    """A long table (label, label, n): for each label column, the rows that differ in it alone and the one with its
    total."""
    labels = list(sheet.label_columns)
    if not 2 <= len(labels) <= 6 or sheet.rows > MOST_PIVOT_ROWS or not sheet.total_rows.any():
        return
    texts = [tuple(sheet.text(row, column).strip() for column in labels) for row in range(sheet.rows)]
    if len(set(texts)) < len(texts):
        return
    for turn in range(len(labels)):
        groups: dict[tuple[str, ...], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for row, names in enumerate(texts):
            groups[names[:turn] + names[turn + 1 :]][names_total(names[turn])].append(row)
        for parts, totals in groups.values():
            for column in sheet.count_columns if len(totals) == 1 else ():
                places = np.array(parts, np.int64) * sheet.columns + column
                yield Sum(totals[0] * sheet.columns + column, places, f"label {turn}, column {column}")


def _of_subtotals(sheet: Sheet, low: Floats, high: Floats) -> Iterator[Sum]:
    """Several totals in one direction: each is the sum of the run of cells next to it, of the other totals, or of all
    cells, if its complete lines say so."""
    shape = sheet.values.shape
    places = np.arange(low.size).reshape(shape)
    counts = list(sheet.count_columns)
    if not counts or sheet.rows > MOST_PIVOT_ROWS:
        return
    rows = np.flatnonzero((sheet.counts | sheet.hidden)[:, counts].any(axis=1))
    down = places[rows][:, counts]
    yield from _hierarchy(down, sheet.total_rows[rows], low, high, "subtotals down")
    yield from _hierarchy(down.T, sheet.total_columns[counts], low, high, "subtotals across")


def _hierarchy(
    places: np.typing.NDArray[np.int64], is_total: Flags, low: Floats, high: Floats, direction: str
) -> Iterator[Sum]:
    totals = [int(total) for total in np.flatnonzero(is_total)]
    if not 2 <= len(totals) <= MOST_TOTALS:
        return

    def good(total: int, members: Sequence[int]) -> bool:
        return len(members) > 1 and _adds_up(places, total, members, low, high)

    before = {total: run for total in totals if good(total, run := _run(total, -1, is_total))}
    after = {total: run for total in totals if good(total, run := _run(total, 1, is_total))}
    runs = before if len(before) >= len(after) else after  # a table puts all its totals above or all of them below
    inner = [k for k in range(len(is_total)) if not is_total[k]]
    for total in totals:
        others = [k for k in totals if k != total]
        whole = [members for members in (inner, others) if good(total, members)]
        for members in ([runs[total]] if total in runs else []) + whole:
            for column in range(places.shape[1]):
                yield Sum(int(places[total, column]), places[members, column], f"{direction}, {total}")


def _run(total: int, step: int, is_total: Flags) -> list[int]:
    """The lines next to a total, up to the next total."""
    found = []
    place = total + step
    while 0 <= place < len(is_total) and not is_total[place]:
        found.append(place)
        place += step
    return found


def _adds_up(
    places: np.typing.NDArray[np.int64], total: int, members: Sequence[int], low: Floats, high: Floats
) -> bool:
    """Whether no complete line speaks against it and at least one, with people in it, speaks for it."""
    least, most = low[places[members]].sum(axis=0), high[places[members]].sum(axis=0)
    complete = np.isfinite(most) & np.isfinite(high[places[total]])
    holds = (least <= high[places[total]]) & (most >= low[places[total]])
    return bool(complete.any() and holds[complete].all() and (least[complete] > 0).any())


def _believed(lines: Sequence[Sum], low: Floats, high: Floats, hidden: Flags) -> Iterator[Sum]:
    """The lines of directions whose complete lines mostly add up, without those that can't."""
    directions: dict[str, list[Sum]] = defaultdict(list)
    for line in lines:
        directions[line.direction].append(line)
    for members in directions.values():
        holds = [_holds(line, low, high) for line in members]
        complete = [not hidden[line.cells].any() for line in members]
        proved = sum(good and whole for good, whole in zip(holds, complete, strict=True))
        if proved >= BELIEVED * sum(complete):
            yield from (line for line, good in zip(members, holds, strict=True) if good)


def _holds(line: Sum, low: Floats, high: Floats) -> bool:
    return bool(low[line.parts].sum() <= high[line.total] and high[line.parts].sum() >= low[line.total])
