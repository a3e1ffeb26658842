"""Rounding that the policy asks for and the table breaks (F15, F16).

Asks nothing where the policy names no base.
"""

from collections.abc import Iterator

import numpy as np

from output_checker.disclosure.numbers import Flags, decimals
from output_checker.disclosure.phrases import many
from output_checker.disclosure.rounding import CHANCE, Rounding, detect
from output_checker.disclosure.rules.counts import low_count_cells
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.subject import Subject
from output_checker.disclosure.words import Meaning
from output_checker.model import Finding, Severity

FAR = 20
"""Counts of at least so many bases, in a table that has no smaller ones, are far from a few people: unrounded, they
break the policy's form, and a person says whether that matters."""


def find_broken_rounding(subject: Subject) -> Iterator[Finding]:
    """F15 rounding-broken: counts that are no multiples of the policy's base; a coarser base does as well. ONS 10-5."""
    base = subject.policy.rounding_base
    if base < 2:
        return
    for sheet in subject.sheets:
        cells = sheet.counts.copy()
        for column in np.flatnonzero(cells.any(axis=0)):
            numbers = sheet.values[:, column]
            shown = sheet.rounding_of(int(column))
            enough = detect(numbers[cells[:, column]], base).base >= base or shown.base >= base
            kept = shown if enough and shown.base >= base else Rounding(base)
            with np.errstate(invalid="ignore"):
                cells[:, column] &= ~kept.holds(numbers)
        if cells.any():
            number = int(np.count_nonzero(cells))
            far = sheet.values[cells].min() >= FAR * base and not low_count_cells(sheet, FAR * base).any()
            yield Finding(
                "F15",
                Severity.REVIEW if far else Severity.FAIL,
                sheet.places(cells),
                f"{number} {'count is' if number == 1 else 'counts are'} not rounded to base {base}.",
                f"Round every count to the nearest {base}, after suppressing the small ones, and compute percentages "
                f"from the "
                "rounded counts.",
            )


def find_threshold_after_rounding(subject: Subject) -> Iterator[Finding]:
    """F16 rounding-order: in rounded counts the smallest shown ones stand for true counts that had to be suppressed.
    OpenSAFELY: redact 7 and below, then round to 5."""
    threshold = subject.policy.threshold
    for sheet in subject.sheets:
        cells = low_count_cells(sheet, threshold)
        for column in np.flatnonzero(cells.any(axis=0)):
            if sheet.rounding_of(int(column)).base < 3:
                cells[:, column] = False
        if cells.any():
            yield Finding(
                "F16",
                Severity.REVIEW,
                sheet.places(cells),
                f"{many(int(np.count_nonzero(cells)), 'rounded count')} can only come from counts below {threshold}.",
                "Suppress the small counts before you round.",
            )


def find_shares_of_unrounded(subject: Subject) -> Iterator[Finding]:
    """F15 rounding-broken: a percentage of rounded counts that only the counts before rounding can have given."""
    for sheet in subject.sheets:
        cells = np.zeros(sheet.values.shape, bool)
        for column in sheet.columns_of(Meaning.PERCENT, Meaning.PROPORTION):
            cells[:, column] = _from_unrounded(sheet, column)
        if cells.any():
            yield Finding(
                "F15",
                Severity.REVIEW,
                sheet.places(cells),
                f"{many(int(np.count_nonzero(cells)), 'percentage')} can't come from the rounded counts beside them, "
                f"so they tell the counts before rounding.",
                "Compute percentages from the rounded counts.",
            )


def _from_unrounded(sheet: Sheet, column: int) -> Flags:
    """Percentages that are nearer to the ratio of two rounded counts than chance brings them, in every row, and in most
    rows are not that ratio. (Last week's percentage is near this week's ratio and equal to it in most rows.)"""
    wrong = np.zeros(sheet.rows, bool)
    pairs = list(_rounded_pairs(sheet))
    if not pairs:
        return wrong
    scale = 100.0 if sheet.column_meaning[column] is Meaning.PERCENT else 1.0
    shown = sheet.values[:, column] / scale
    half = 0.5 * 10.0 ** -np.array([decimals(sheet.text(r, column)) for r in range(sheet.rows)]) / scale
    for part, base, slack in pairs:
        n, total = sheet.values[:, part], sheet.values[:, base]
        with np.errstate(invalid="ignore", divide="ignore"):
            error = np.abs(n / total - shown)
            good = np.isfinite(error) & (total > 0) & (n <= total)
            reach = slack * (1 + shown) / total + half
        if not good.any() or not np.all(error[good] <= reach[good]) or np.prod(2 * reach[good]) > CHANCE:
            continue
        if np.all(error[good] <= half[good] + 1e-9):
            return np.zeros(sheet.rows, bool)
        other = good & (error > half + 1e-9)
        wrong |= other & (2 * np.count_nonzero(other) >= np.count_nonzero(good))
    return wrong


def _rounded_pairs(sheet: Sheet) -> Iterator[tuple[int, int, float]]:
    """Two columns of counts, and how far rounding can have moved either."""
    for part in sheet.count_columns:
        for base in sheet.count_columns:
            slack = max(sheet.rounding_of(part).base, sheet.rounding_of(base).base) / 2
            if part != base and slack >= 2:
                yield part, base, slack


RULES = (find_broken_rounding, find_shares_of_unrounded, find_threshold_after_rounding)
