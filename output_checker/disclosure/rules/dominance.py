"""Sums and means: who contributes, and whether one or two contributors show through (M01, M02, M03, M08, M09, M11,
M12, M15).

What only the data can tell (the largest contributors) is asked for as review, never assumed.
"""

from collections.abc import Iterator

import numpy as np

from output_checker.disclosure.numbers import decimals
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.sizes import sizes
from output_checker.disclosure.subject import Subject
from output_checker.disclosure.words import Meaning
from output_checker.model import Finding, Policy, Severity

_MAGNITUDES = (Meaning.MEAN, Meaning.SUM, Meaning.SPREAD)


def find_unknown_contributors(subject: Subject) -> Iterator[Finding]:
    """M01 contributors: a mean, sum or spread without the number of contributors. UK LLC guidebook."""
    for sheet in subject.sheets:
        cells = sheet.cells_of(*_MAGNITUDES)
        open_ = cells & ~np.isfinite(sizes(sheet)) if cells.any() else cells
        if open_.any() and not _in_model(sheet):
            yield Finding(
                "M01",
                Severity.REVIEW,
                sheet.places(open_),
                f"{np.count_nonzero(open_)} means, sums or spreads are shown without the number of people behind them.",
                "Add the number of contributors (not missing) to each of these numbers.",
            )


def _in_model(sheet: Sheet) -> bool:
    return bool(sheet.columns_of(Meaning.COEFFICIENT, Meaning.P_VALUE))


def find_small_contributors(subject: Subject) -> Iterator[Finding]:
    """M01 contributors: a mean, sum or spread of fewer than t people; M11: four or fewer with a mean and a spread."""
    threshold = subject.policy.threshold
    for sheet in subject.sheets:
        cells = sheet.cells_of(*_MAGNITUDES)
        if not cells.any():
            continue
        size = sizes(sheet)
        with np.errstate(invalid="ignore"):
            small, tiny = cells & (size < threshold) & (size > 0), cells & (size <= 4) & (size > 0)
        if small.any():
            yield Finding(
                "M01",
                Severity.FAIL,
                sheet.places(small),
                f"{np.count_nonzero(small)} means, sums or spreads are of fewer than {threshold} people.",
                "Suppress these numbers or merge the groups.",
            )
        both = sheet.cells_of(Meaning.SPREAD).any() and sheet.cells_of(Meaning.MEAN).any()
        if both and tiny.any():
            yield Finding(
                "M11",
                Severity.FAIL,
                sheet.places(tiny),
                "Mean and standard deviation of four or fewer people can be solved for their values.",
                "Suppress both numbers.",
            )


def find_dominance(subject: Subject) -> Iterator[Finding]:
    """M02 nk-dominance, M03 p-percent: decided where the table shows the largest contributor, else a person must.
    ESSnet guidelines; tau-argus; ACRO NK and PPercent."""
    policy = subject.policy
    if not policy.dominance and not policy.p_percent:
        return
    for sheet in subject.sheets:
        sums = sheet.cells_of(Meaning.SUM)
        dominated = _dominated(sheet, policy)
        if dominated.any():
            yield Finding(
                "M02",
                Severity.FAIL,
                sheet.places(dominated),
                f"In {np.count_nonzero(dominated)} cells the largest contributors hold too much of the total.",
                "Suppress these totals, or merge the groups until no contributor dominates.",
            )
        elif sums.any() and not _in_model(sheet):
            yield Finding(
                "M02",
                Severity.REVIEW,
                sheet.places(sums),
                f"{np.count_nonzero(sums)} totals may be dominated by one or two contributors; the table can't tell.",
                "Name the data the totals come from, or state the share of the largest and the two largest "
                "contributors.",
            )


def _dominated(sheet: Sheet, policy: Policy) -> np.typing.NDArray[np.bool_]:
    """Cells whose row shows a largest contributor (a maximum, a top share) that is too large for its total."""
    found = np.zeros(sheet.values.shape, bool)
    limit = min((k for n, k in policy.dominance if n == 1), default=1.0)
    for column in sheet.columns_of(Meaning.DOMINANT, Meaning.CONCENTRATION):
        numbers = sheet.values[:, column]
        good = numbers[np.isfinite(numbers)]
        header = sheet.headers[column].lower()
        two = any(mark in header for mark in ("2", "two"))
        bound = min((k for n, k in policy.dominance if n == 2), default=1.0) if two else limit
        if len(good) and good.min() >= 0 and "gini" not in header:
            scale = 100.0 if good.max() > 1 else 1.0
            if good.max() <= 100:
                with np.errstate(invalid="ignore"):
                    found[:, column] |= numbers / scale >= bound
    totals = sheet.columns_of(Meaning.SUM)
    for total in totals:
        for top in sheet.columns_of(Meaning.MAXIMUM, Meaning.DOMINANT):
            with np.errstate(invalid="ignore", divide="ignore"):
                found[:, total] |= (sheet.values[:, top] / sheet.values[:, total] >= limit) & (
                    sheet.values[:, total] > 0
                )
    for mean in sheet.columns_of(Meaning.MEAN):
        for top in sheet.columns_of(Meaning.MAXIMUM):
            with np.errstate(invalid="ignore", divide="ignore"):
                sum_ = sheet.values[:, mean] * sizes(sheet)[:, mean]
                found[:, mean] |= (sheet.values[:, top] / sum_ >= limit) & (sum_ > 0)
    return found


def find_constant_groups(subject: Subject) -> Iterator[Finding]:
    """M08 all-same: a spread of 0, or a minimum equal to the maximum, tells every member's value. M09: a sum of 0."""
    for sheet in subject.sheets:
        same = sheet.cells_of(Meaning.SPREAD) & (sheet.values == 0) & ~_missing_spread(sheet)
        for low in sheet.columns_of(Meaning.MINIMUM):
            for high in sheet.columns_of(Meaning.MAXIMUM):
                same[:, high] |= (sheet.values[:, low] == sheet.values[:, high]) & sheet.numeric[:, high]
        if same.any() and not _in_model(sheet):
            yield Finding(
                "M08",
                Severity.FAIL,
                sheet.places(same),
                f"In {np.count_nonzero(same)} groups everybody has the same value, which the mean then tells.",
                "Suppress the statistics of these groups or merge them.",
            )
        empty = sheet.cells_of(Meaning.SUM) & (sheet.values == 0)
        if empty.any():
            yield Finding(
                "M09",
                Severity.REVIEW,
                sheet.places(empty),
                f"{np.count_nonzero(empty)} totals are 0: every contributor has 0.",
                "Suppress these totals or merge the groups.",
            )


def _missing_spread(sheet: Sheet) -> np.typing.NDArray[np.bool_]:
    """Skewness and the like may be 0 without telling anything."""
    named = np.array([any(w in h.lower() for w in ("skew", "kurt")) for h in sheet.headers], bool)
    return np.broadcast_to(named, sheet.values.shape)


def find_binary_means(subject: Subject) -> Iterator[Finding]:
    """M15 binary-as-mean: the mean of a yes/no column times n is a count; below t it is F01 in disguise."""
    threshold = subject.policy.threshold
    for sheet in subject.sheets:
        cells = sheet.cells_of(Meaning.MEAN)
        if not cells.any():
            continue
        size = sizes(sheet)
        with np.errstate(invalid="ignore"):
            count = sheet.values * size
            binary = cells & (sheet.values >= 0) & (sheet.values <= 1) & np.isfinite(count)
        for column in np.flatnonzero(binary.any(axis=0)):
            binary[:, column] &= _all_binary(sheet, int(column), binary[:, column], count[:, column], size[:, column])
        with np.errstate(invalid="ignore"):
            near = np.minimum(count, size - count)
            low = binary & (near < threshold - 0.5)
        if low.any():
            yield Finding(
                "M15",
                Severity.FAIL,
                sheet.places(low),
                f"{np.count_nonzero(low)} means of a yes/no variable stand for fewer than {threshold} people (or for "
                f"all of "
                "them).",
                "Suppress these means or merge the groups.",
            )


def _all_binary(
    sheet: Sheet,
    column: int,
    rows: np.typing.NDArray[np.bool_],
    count: np.typing.NDArray[np.float64],
    size: np.typing.NDArray[np.float64],
) -> bool:
    """Whether every mean times n is a whole number, with digits enough for that to be no accident."""
    chosen = np.flatnonzero(rows)
    if len(chosen) < 2 or len(chosen) > 5000 or np.count_nonzero(sheet.numeric[:, column]) != len(chosen):
        return False
    step = np.array([0.5 * 10.0 ** -decimals(sheet.text(int(r), column)) for r in chosen]) * size[chosen]
    off = np.abs(count[chosen] - np.round(count[chosen]))
    return bool(np.all(off <= step + 1e-6) and np.all(step <= 0.25))


def find_excess_precision(subject: Subject) -> Iterator[Finding]:
    """M12 excess-precision, H17 numeric-channel: more significant digits than the policy lets out. Census DRB: 4."""
    digits = subject.policy.significant_digits
    if not digits:
        return
    for sheet in subject.sheets:
        for column in range(sheet.columns):
            if sheet.column_meaning[column] not in (
                *_MAGNITUDES,
                Meaning.PERCENTILE,
                Meaning.RATE,
                Meaning.COEFFICIENT,
            ):
                continue
            rows = [
                r
                for r in np.flatnonzero(sheet.numeric[:, column])[:200]
                if _digits(sheet.text(int(r), column)) > digits
            ]
            if rows:
                yield Finding(
                    "M12",
                    Severity.NOTE,
                    tuple(sheet.where(int(r), column) for r in rows),
                    f"{len(rows)} numbers show more than {digits} significant digits; they are shortened on release.",
                    f"Round to {digits} significant digits.",
                )


def _digits(text: str) -> int:
    body = text.strip().lower().partition("e")[0]
    shown = "".join(c for c in body if c.isdigit()).lstrip("0")
    return len(shown if "." in body else shown.rstrip("0"))


RULES = (
    find_unknown_contributors,
    find_small_contributors,
    find_dominance,
    find_constant_groups,
    find_binary_means,
    find_excess_precision,
)
