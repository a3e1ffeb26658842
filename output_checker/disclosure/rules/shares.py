"""Groups in which (nearly) everybody is alike, and small counts that hide in percentages (F02, F04).

Promises to use the shown digits: a percentage is judged by every numerator that it can stand for.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from output_checker.disclosure.frames import Frame
from output_checker.disclosure.numbers import Flags, Floats, Mark, decimals
from output_checker.disclosure.phrases import many
from output_checker.disclosure.rounding import EXACT, Rounding
from output_checker.disclosure.rules.counts import is_base
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.sizes import labelled_size, row_sizes, stated_size
from output_checker.disclosure.subject import Subject
from output_checker.disclosure.words import Meaning
from output_checker.model import Finding, Severity, Where

_MERGE = (
    "Merge this category with a neighbour, or suppress the row or column: whoever knows that a person is in it knows "
    "the rest."
)


def find_class_disclosure(subject: Subject) -> Iterator[Finding]:
    """F04 class-disclosure: a cell holds all of its row or column, or 90 % and more. ESSnet group disclosure."""
    for sheet, frames in subject.sheets_with_frames():
        whole: dict[tuple[int, int], Where] = {}
        large: dict[tuple[int, int], Where] = {}
        for frame in frames:
            everything, most = _dominant_cells(frame, subject.policy.class_share, subject.policy.threshold)
            for cells, found in ((everything, whole), (most & ~everything, large)):
                for i, j in np.argwhere(cells)[:500]:
                    place = int(frame.rows[i, j]), int(frame.columns[i, j])
                    found.setdefault(place, sheet.where(*place))
        share = subject.policy.class_share
        if whole:
            yield Finding(
                "F04",
                Severity.FAIL,
                tuple(whole.values()),
                f"{many(len(whole), 'cell')} {'hold' if len(whole) > 1 else 'holds'} a whole row or column.",
                _MERGE,
            )
        rest = tuple(where for place, where in large.items() if place not in whole)
        if rest:
            verb = "hold" if len(rest) > 1 else "holds"
            text = f"{many(len(rest), 'cell')} {verb} {share:.0%} or more of a row or column."
            yield Finding("F04", Severity.FAIL, rest, text, _MERGE)
        yield from _full_percentages(sheet)


def _dominant_cells(frame: Frame, share: float, threshold: int) -> tuple[Flags, Flags]:
    """Cells that hold the whole line, and cells that hold at least the share of it, whatever the rounding hid. A
    combination without a row is empty, unless it may have been left out for being small: no total, no small count."""
    rows, columns = frame.inner
    low, high = frame.low[rows, columns], np.where(frame.hidden, np.inf, frame.high)[rows, columns]
    values = frame.values[rows, columns]
    everything = np.zeros(frame.values.shape, bool)
    most = np.zeros(frame.values.shape, bool)
    if not frame.two_way or values.size == 0:
        return everything, most
    absent = frame.rows[rows, columns] < 0
    left_out = not (frame.total_row or frame.total_column) and not (frame.high < threshold).any()
    high = np.where(absent, np.inf if left_out else 0.0, high)
    for axis in (0, 1):
        if values.shape[axis] < 2:
            continue
        with np.errstate(invalid="ignore", divide="ignore"):
            others = np.nansum(high, axis=axis, keepdims=True) - np.where(np.isinf(high), 0, high)
            fraction = np.where(np.isfinite(values) & (values > 0), low / (low + others), 0.0)
        everything[rows, columns] |= fraction >= 1.0
        most[rows, columns] |= fraction >= share
    return everything, most


def _full_percentages(sheet: Sheet) -> Iterator[Finding]:
    """100 % of a group (or 0 %, which is 100 % of the complement) in a column of percentages."""
    cells = sheet.cells_of(Meaning.PERCENT) & (sheet.values == 100) | sheet.cells_of(Meaning.PROPORTION) & (
        sheet.values == 1
    )
    cells = cells & ~sheet.total_rows[:, None] & ~sheet.total_columns[None, :]
    for column in np.flatnonzero(cells.any(axis=0)):
        name = sheet.headers[column].lower()
        numbers = sheet.values[sheet.numeric[:, column], column]
        if "cum" in name or len(numbers) < 2 or _totals_to_hundred(sheet, int(column)):
            cells[:, column] = False
        base = _base_of(sheet, int(column))
        if base is not None and sheet.rounding_of(base).base > 1:
            with np.errstate(invalid="ignore"):
                cells[:, column] &= ~(sheet.values[:, base] < 100 * sheet.rounding_of(base).base)
    if cells.any():
        yield Finding(
            "F04",
            Severity.FAIL,
            sheet.places(cells),
            f"{np.count_nonzero(cells)} percentages are 100 %: everybody in the group is alike.",
            _MERGE,
        )


def _totals_to_hundred(sheet: Sheet, column: int) -> bool:
    """Shares of one whole with its total of 100 say nothing about everybody in a group."""
    numbers = sheet.values[sheet.numeric[:, column], column]
    return bool(abs(numbers.sum() - numbers.max() * 2) < 1e-6 and len(numbers) > 2)


def find_implied_counts(subject: Subject) -> Iterator[Finding]:
    """F02 implied-low-count: the numerators k with round(k / N, digits) = shown are all (or partly) below t.
    UK LLC guidebook: percentages that refer to fewer than 10."""
    for sheet in subject.sheets:
        for column in sheet.columns_of(Meaning.PERCENT, Meaning.PROPORTION):
            base = _bases(sheet, column)
            if base is not None and not _is_difference(sheet, column):
                yield from _implied(sheet, column, base, subject.policy.threshold)


@dataclass(frozen=True)
class _Base:
    """What a column of percentages is of: a number for each row, with its rounding and name."""

    sizes: Floats
    rounding: Rounding
    name: str


def _bases(sheet: Sheet, column: int) -> _Base | None:
    """The numbers that percentages are of. A column that adds up to 100 is of its total; its counts, where shown, are
    judged themselves."""
    inner = ~sheet.total_rows
    shares = np.where(np.isfinite(sheet.values[:, column]), sheet.values[:, column], 0) / _scale(sheet, column)
    if np.count_nonzero(inner) > 1 and abs(float(shares[inner].sum()) - 1) < 0.015:
        above = labelled_size(sheet.headers[column])
        size = above if np.isfinite(above) else stated_size(sheet)
        if sheet.count_columns or not np.isfinite(size):
            return None
        return _Base(np.full(sheet.rows, size), EXACT, "all")
    labelled = row_sizes(sheet)
    if np.isfinite(labelled).any():
        return _Base(labelled, EXACT, "the size in the row's label")
    if _of_one_total(sheet, column):
        return None
    base = _base_of(sheet, column)
    if base is not None:
        sizes = np.where(sheet.counts[:, base], sheet.values[:, base], np.nan)
        return _Base(sizes, sheet.rounding_of(base), sheet.headers[base])
    size = stated_size(sheet)
    return _Base(np.full(sheet.rows, size), EXACT, "all") if np.isfinite(size) and not sheet.count_columns else None


def _of_one_total(sheet: Sheet, column: int) -> bool:
    """Whether one number, the same for all rows, is what a shown count is the percentage of: a row's count over the
    size of the sample. The counts are judged themselves."""
    shares = sheet.values[:, column] / _scale(sheet, column)
    half = 0.5 * 10.0 ** -max((decimals(sheet.text(r, column)) for r in range(min(sheet.rows, 50))), default=0)
    half = max(half, 0.05) / _scale(sheet, column)
    for count in sheet.count_columns:
        n = np.where(sheet.counts[:, count], sheet.values[:, count], np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            good = np.isfinite(n) & np.isfinite(shares) & (n > 0) & (shares > half)
            least, most = n[good] / (shares[good] + half), n[good] / (shares[good] - half)
        if len(np.unique(n[good])) >= 3 and least.max() <= most.min():
            return True
    return False


def _base_of(sheet: Sheet, column: int) -> int | None:
    """The count column that the percentages are of: the one over which they reproduce another count, or a named
    base."""
    counts = [c for c in sheet.count_columns if sheet.source[c] != sheet.source[column]]
    scale = _scale(sheet, column)
    shares = sheet.values[:, column] / scale
    for base in counts:
        for part in counts:
            if part != base and _reproduces(sheet, part, base, shares):
                return base
    named = [c for c in counts if is_base(sheet, c)]
    return named[0] if len(named) == 1 else (counts[0] if len(counts) == 1 and sheet.named[counts[0]] else None)


def _reproduces(sheet: Sheet, part: int, base: int, shares: Floats) -> bool:
    first = slice(0, 20)  # most pairs of columns differ at once
    return _are_ratios(sheet.values[first, part], sheet.values[first, base], shares[first], 0) and _are_ratios(
        sheet.values[:, part], sheet.values[:, base], shares, 2
    )


def _are_ratios(n: Floats, total: Floats, shares: Floats, least: int) -> bool:
    """Whether every share that can be is n / total, and at least ``least`` of them can."""
    with np.errstate(invalid="ignore", divide="ignore"):
        good = np.isfinite(n) & np.isfinite(total) & (total > 0) & np.isfinite(shares)
        error = np.abs(n[good] / total[good] - shares[good])
    return bool(np.count_nonzero(good) >= least and np.all(error < 0.006))


def _scale(sheet: Sheet, column: int) -> float:
    return 100.0 if sheet.column_meaning[column] is Meaning.PERCENT else 1.0


def _is_difference(sheet: Sheet, column: int) -> bool:
    """A column that is the difference of two others adds nothing to them."""
    shares = sheet.columns_of(Meaning.PERCENT, Meaning.PROPORTION, Meaning.RATE)
    mine = sheet.values[:, column]
    step = 0.51 * 10.0 ** -max((decimals(sheet.text(r, column)) for r in range(min(sheet.rows, 50))), default=0)
    for first in shares:
        for second in shares:
            if column in (first, second) or first == second:
                continue
            error = np.abs(sheet.values[:, first] - sheet.values[:, second] - mine)
            good = np.isfinite(error)
            if np.count_nonzero(good) >= 3 and np.all(error[good] <= 2 * step + 1e-9):
                return True
    return False


def _implied(sheet: Sheet, column: int, base: _Base, threshold: int) -> Iterator[Finding]:
    certain: list[Where] = []
    possible: list[Where] = []
    for row in np.flatnonzero(np.isfinite(sheet.values[:, column]) & (np.nan_to_num(base.sizes) > 0)):
        for low, high in _numerators(sheet, int(row), column, base):
            if high < max(low, 1) or low >= threshold:
                continue
            if low >= 1 and high < threshold:
                certain.append(sheet.where(int(row), column))
            elif low >= 1 and high - low < threshold and base.rounding.base == 1:
                possible.append(sheet.where(int(row), column))
    if certain:
        yield Finding(
            "F02",
            Severity.FAIL,
            tuple(dict.fromkeys(certain))[:500],
            f"{many(len(set(certain)), 'percentage')} of {base.name!r} can only come from a count below {threshold} "
            f"(or leave "
            "fewer than that over).",
            "Suppress these percentages, show fewer digits, or merge the groups.",
        )
    elif possible:
        yield Finding(
            "F02",
            Severity.REVIEW,
            tuple(dict.fromkeys(possible))[:500],
            f"{many(len(set(possible)), 'percentage')} of {base.name!r} may come from a count below {threshold}.",
            "Show fewer digits, or give the counts that they come from.",
        )


def _numerators(sheet: Sheet, row: int, column: int, base: _Base) -> Iterator[tuple[float, float]]:
    """The least and the largest count behind a percentage, and behind what is left of its 100 %."""
    scale, total = _scale(sheet, column), float(base.sizes[row])
    shown = float(sheet.values[row, column])
    pair = sheet.marks[row, column] == Mark.NUMBER and "(" in sheet.text(row, column)
    half = 0.5 * 10.0 ** -decimals(sheet.text(row, column)) if not pair else 0.05
    for share in (shown, scale - shown):
        if share <= 0:
            continue
        low = np.ceil(max(0.0, (share - half) * total / scale) - 1e-9)
        high = np.floor((share + half) * total / scale + 1e-9)
        if base.rounding.base > 1 and _from_rounded(share, half, total / scale, base.rounding):
            high = max(high, np.floor(high / base.rounding.base) * base.rounding.base + base.rounding.base // 2)
        yield float(low), float(high)


def _from_rounded(share: float, half: float, unit: float, rounding: Rounding) -> bool:
    """Whether a rounded count reproduces the percentage; otherwise it was computed before rounding and tells more."""
    nearest = round(share * unit / rounding.base) * rounding.base + rounding.offset
    return bool(abs(nearest / unit - share) <= half + 1e-9)


def find_shares_without_base(subject: Subject) -> Iterator[Finding]:
    """F06 low-base: rates and percentages whose denominators nobody states can't be judged. OpenSAFELY, UK LLC."""
    for sheet in subject.sheets:
        columns = [
            c
            for c in sheet.columns_of(Meaning.PERCENT, Meaning.PROPORTION, Meaning.RATE)
            if sheet.cells_of(Meaning.PERCENT, Meaning.PROPORTION, Meaning.RATE)[:, c].any()
        ]
        by_row = sheet.cells_of(Meaning.PERCENT, Meaning.PROPORTION, Meaning.RATE).any() and sheet.counts.any()
        if columns and not sheet.count_columns and not by_row and not _has_size(sheet):
            yield Finding(
                "F06",
                Severity.REVIEW,
                tuple(sheet.where(None, c) for c in columns),
                "Percentages or rates are shown without the number of people that they are of.",
                "Add a column with the denominators (or state them in the context), so that small groups can be seen.",
            )


def _has_size(sheet: Sheet) -> bool:
    if np.isfinite(row_sizes(sheet)).any() or any(np.isfinite(labelled_size(h)) for h in sheet.headers):
        return True
    if sheet.columns_of(Meaning.SETTING):
        return True  # a grid of settings scores models, not groups of people
    return any(
        name in ("n", "no. observations", "nobs", "number of obs", "base", "sample size") for name in sheet.facts
    )


RULES = (find_class_disclosure, find_implied_counts, find_shares_without_base)
