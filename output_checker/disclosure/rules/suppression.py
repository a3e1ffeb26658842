"""Suppressed cells that can be worked out again, and categories that were left out (F09, F10, F11).

Promises arithmetic, not suspicion: a cell is called recoverable when the shown totals leave one value for it, or a
range
inside the counts that had to be hidden.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from output_checker.disclosure.frames import Frame
from output_checker.disclosure.numbers import Flags, Floats, Mark
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.subject import Subject
from output_checker.model import Finding, Severity, Where

MOST_HIDDEN = 300
_SECOND = "Suppress a second cell in the same row and the same column, or leave out the totals, or round everything."


def find_single_suppressions(subject: Subject) -> Iterator[Finding]:
    """F11 single-suppression: one suppressed cell in a line whose total is shown. UK LLC: at least two per line. Where
    the line's numbers were rounded each on its own, the slack protects the cell if it may be anything from 0 to t-1."""
    for sheet, frames in subject.sheets_with_frames():
        certain: dict[tuple[int, int], Where] = {}
        near: dict[tuple[int, int], Where] = {}
        for frame in frames:
            intervals = _intervals(frame) if frame.rounded > 1 and frame.hidden.any() else {}
            for i, j in np.argwhere(_alone(frame))[:500]:
                place = int(frame.rows[i, j]), int(frame.columns[i, j])
                low, high = intervals.get((int(i), int(j)), (0.0, 0.0))
                if frame.rounded > 1 and (low >= subject.policy.threshold or _covers(low, high, subject)):
                    continue
                found = near if frame.rounded > 1 and high - low >= frame.rounded - 1 else certain
                found.setdefault(place, sheet.where(*place))
        if certain:
            yield Finding(
                "F11",
                Severity.FAIL,
                tuple(certain.values()),
                f"{len(certain)} suppressed cells are the only ones in a row or column with a total: total minus the "
                f"rest gives them away.",
                _SECOND,
            )
        rest = tuple(where for place, where in near.items() if place not in certain)
        if rest:
            yield Finding(
                "F11",
                Severity.REVIEW,
                rest,
                f"{len(rest)} suppressed cells are the only ones in a row or column with a rounded total: total minus "
                f"the rest narrows them down, though not to one value.",
                _SECOND,
            )


def _covers(low: float, high: float, subject: Subject) -> bool:
    """Whether a cell may still be any of the counts that had to be hidden."""
    return low <= 0 and high >= subject.policy.threshold - 1


def _alone(frame: Frame) -> Flags:
    """Hidden cells that are alone in a row or column which has a known total and no gap."""
    found = np.zeros(frame.values.shape, bool)
    rows, columns = frame.inner
    there = frame.rows >= 0
    if frame.total_column:
        line_ok = np.isfinite(frame.values[:, -1]) & (frame.hidden[:, columns].sum(axis=1) == 1)
        line_ok &= there[:, columns].sum(axis=1) > 1
        found[:, columns] |= frame.hidden[:, columns] & line_ok[:, None]
    if frame.total_row:
        line_ok = np.isfinite(frame.values[-1, :]) & (frame.hidden[rows, :].sum(axis=0) == 1)
        found[rows, :] |= frame.hidden[rows, :] & line_ok[None, :]
    return np.asarray(found, bool)


@dataclass(frozen=True)
class _Recovered:
    """Places in the sheet: cells that are known, that are surely fewer than they had to look like, and that may be."""

    exact: dict[tuple[int, int], tuple[Where, int]]
    tight: dict[tuple[int, int], Where]
    narrow: dict[tuple[int, int], Where]


def find_recoverable_cells(subject: Subject) -> Iterator[Finding]:
    """F10 suppressed-recoverable: the feasible interval of a suppressed cell is a point or lies inside 1..t-1.
    tau-argus and sdcTable audit; bounds by propagation and rank instead of a linear programme."""
    for sheet, frames in subject.sheets_with_frames():
        found = _Recovered({}, {}, {})
        for frame in frames:
            if not (frame.total_row or frame.total_column) or not 0 < np.count_nonzero(frame.hidden) <= MOST_HIDDEN:
                continue
            _sort_cells(sheet, frame, subject.policy.threshold, found)
        exact, tight, narrow = found.exact, found.tight, found.narrow
        if exact:
            values = sorted({value for _, value in exact.values()})[:5]
            yield Finding(
                "F10",
                Severity.FAIL,
                tuple(where for where, _ in exact.values()),
                f"{len(exact)} suppressed cells can be worked out exactly from the totals (values such as "
                f"{', '.join(map(str, values))}).",
                _SECOND,
            )
        sharp = tuple(where for place, where in tight.items() if place not in exact)
        rest = tuple(where for place, where in narrow.items() if place not in exact and place not in tight)
        for severity, places in ((Severity.FAIL, sharp), (Severity.REVIEW, rest)):
            if places:
                text = f"The totals pin {len(places)} suppressed cells down to a few small values."
                yield Finding("F10", severity, places, text, _SECOND)


def _sort_cells(
    sheet: Sheet,
    frame: Frame,
    threshold: int,
    found: _Recovered,
) -> None:
    """Tight are cells that are surely fewer than they had to look like; narrow are those in rounded numbers, in empty
    cells and in blocks that do not add up, where that is less sure."""
    intervals = _intervals(frame)
    adds_up = all(low <= high for low, high in intervals.values())
    for (i, j), (low, high) in intervals.items():
        place = int(frame.rows[i, j]), int(frame.columns[i, j])
        if low == high and low >= 0 and adds_up:
            found.exact.setdefault(place, (sheet.where(*place), round(low)))
        elif high < threshold - 1 or (high < threshold and low >= threshold / 2):
            empty = sheet.marks[place] == Mark.EMPTY
            (found.narrow if frame.rounded > 1 or empty or not adds_up else found.tight).setdefault(
                place, sheet.where(*place)
            )
        elif high < threshold and low >= threshold / 3:
            found.narrow.setdefault(place, sheet.where(*place))


def _intervals(frame: Frame) -> dict[tuple[int, int], tuple[float, float]]:
    """The least and the largest true count that the shown numbers leave for each hidden cell of the block."""
    least, most, matrix, cells = _equations(frame)
    if not len(matrix) or len(cells) > MOST_HIDDEN:
        return {}
    ceiling = np.array([frame.high[cell] for cell in cells])
    low, high = _bounds(matrix, least, most, ceiling)
    determined = _determined(matrix, least) if frame.rounded == 1 else np.full(len(cells), np.nan)
    fixed = np.isfinite(determined)
    low, high = np.where(fixed, determined, low), np.where(fixed, determined, high)
    return {cell: (float(low[k]), float(high[k])) for k, cell in enumerate(cells)}


def _equations(frame: Frame) -> tuple[Floats, Floats, Floats, list[tuple[int, int]]]:
    """One row per line with hidden cells and a total: the least and the most that its hidden cells add up to, which of
    them it holds, and all hidden cells. The two bounds differ where the shown numbers were rounded."""
    cells = [(int(i), int(j)) for i, j in np.argwhere(frame.hidden)]
    index = {cell: k for k, cell in enumerate(cells)}
    rows: list[Floats] = []
    least: list[float] = []
    most: list[float] = []
    height, width = frame.values.shape
    lines: list[list[tuple[int, int]]] = []
    if frame.total_column:
        lines += [[(i, j) for j in range(width)] for i in range(height)]
    if frame.total_row:
        lines += [[(i, j) for i in range(height)] for j in range(width)]
    for line in lines:
        *parts, last = line
        if not any(cell in index for cell in line) or not (last in index or np.isfinite(frame.values[last])):
            continue
        coefficients = np.zeros(len(cells))
        low, high = (0.0, 0.0) if last in index else (float(frame.low[last]), float(frame.high[last]))
        for cell in parts:
            if cell in index:
                coefficients[index[cell]] = 1.0
            elif np.isfinite(frame.values[cell]):
                low, high = low - float(frame.high[cell]), high - float(frame.low[cell])
        if last in index:
            coefficients[index[last]] = -1.0
        rows.append(coefficients)
        least.append(low)
        most.append(high)
    return np.array(least), np.array(most), np.array(rows), cells


def _bounds(matrix: Floats, least: Floats, most: Floats, ceiling: Floats) -> tuple[Floats, Floats]:
    """Intervals by propagation: each line bounds a cell by its total minus the bounds of the others."""
    low, high = np.zeros(len(ceiling)), ceiling.copy()
    for _ in range(30):
        before = low.copy(), high.copy()
        for coefficients, smallest, largest in zip(matrix, least, most, strict=True):
            members = np.flatnonzero(coefficients)
            for k in members:
                others = members[members != k]
                sign = coefficients[k]
                down = sum(low[o] if coefficients[o] > 0 else -high[o] for o in others)
                up = sum(high[o] if coefficients[o] > 0 else -low[o] for o in others)
                first, second = sign * (smallest - up), sign * (largest - down)
                bottom, top = min(first, second), max(first, second)
                low[k], high[k] = max(low[k], bottom if np.isfinite(bottom) else 0), min(high[k], top)
        if np.array_equal(before[0], low) and np.array_equal(before[1], high):
            break
    return low, high


def _determined(matrix: Floats, total: Floats) -> Floats:
    """The values of the cells that the equations leave no freedom: those on which the null space is zero."""
    _, scale, right = np.linalg.svd(matrix, full_matrices=True)
    rank = int(np.sum(scale > 1e-9))
    free = right[rank:]
    solution = np.linalg.lstsq(matrix, total, rcond=None)[0]
    consistent = bool(np.allclose(matrix @ solution, total, atol=1e-6))
    fixed = np.all(np.abs(free) < 1e-9, axis=0) if len(free) else np.ones(matrix.shape[1], bool)
    return np.where(fixed & consistent, solution, np.nan)


def find_missing_categories(subject: Subject) -> Iterator[Finding]:
    """F09 missing-difference: the shown categories leave 1..t-1 of their total over. Exact counts only."""
    threshold = subject.policy.threshold
    for sheet, frames in subject.sheets_with_frames():
        places: list[Where] = []
        own = False
        for frame in frames:
            found = _left_over(sheet, frame, threshold)
            places += found
            own |= bool(found) and not frame.borrowed
        if places:
            yield Finding(
                "F09",
                Severity.FAIL if own else Severity.REVIEW,
                tuple(dict.fromkeys(places)),
                f"The shown categories leave fewer than {threshold} of {len(set(places))} totals over: a category "
                f"that is not "
                "shown can be worked out.",
                "Merge the missing category into another, or compute the totals over the shown categories alone.",
            )


def _left_over(sheet: Sheet, frame: Frame, threshold: int) -> list[Where]:
    if frame.rounded > 1 or frame.hidden.any():
        return []
    found: list[Where] = []
    rows, columns = frame.inner
    if frame.total_column and frame.values[:, columns].shape[1] >= 2:
        rest = frame.values[:, -1] - np.nansum(frame.values[:, columns], axis=1)
        found += _gaps(sheet, frame, rest, threshold, across=True)
    if frame.total_row and frame.values[rows, :].shape[0] >= 2:
        rest = frame.values[-1, :] - np.nansum(frame.values[rows, :], axis=0)
        found += _gaps(sheet, frame, rest, threshold, across=False)
    return found


def _gaps(sheet: Sheet, frame: Frame, rest: Floats, threshold: int, *, across: bool) -> list[Where]:
    with np.errstate(invalid="ignore"):
        small = (rest > 0) & (rest < threshold)
        fine = (rest >= 0) | ~np.isfinite(rest)
    if not fine.all():
        return []
    found = []
    for k in np.flatnonzero(small)[:100]:
        i, j = (int(k), -1) if across else (-1, int(k))
        found.append(sheet.where(int(frame.rows[i, j]), int(frame.columns[i, j])))
    return found


RULES = (find_single_suppressions, find_recoverable_cells, find_missing_categories)
