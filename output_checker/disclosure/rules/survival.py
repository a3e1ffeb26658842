"""Survival curves, life tables and running totals: small steps between shown rows (R11, F14).

Judges exact counts; in rounded ones a step says less than the rounding.
"""

import re
from collections.abc import Iterator

import numpy as np

from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.subject import Subject
from output_checker.disclosure.words import Meaning, key_named, normal
from output_checker.model import Finding, Severity

_AT_RISK = re.compile(r"(.*\b)?(at risk|n risk|risk set|nrisk|n\.risk|entrants|alive)\b.*")
_RUNNING = re.compile(r"\b(cum\w*|running|to date|so far|ever|total)\b")
_DATE = re.compile(
    r"\d{4}[-/ ](\d{1,2}|[A-Za-z]{3,9})([-/ ]\d{1,2})?([T ]\d\d:\d\d.*)?|\d{1,2}[-/ ]\w{2,9}[-/ ]\d{2,4}|\d{4} ?Q\d|"
    r"\w{3,9} \d{4}"
)


def find_small_steps(subject: Subject) -> Iterator[Finding]:
    """R11 survival: the number at risk changes by 1..t-1 from one row to the next, or ends below t. ACRO
    survival_safe_threshold; OpenSAFELY."""
    threshold = subject.policy.threshold
    for sheet in subject.sheets:
        for column in sheet.count_columns:
            if not _AT_RISK.fullmatch(normal(sheet.headers[column])):
                continue
            numbers = sheet.values[:, column]
            steps = -np.diff(numbers)
            slack = sheet.rounding_of(column).base - 1
            with np.errstate(invalid="ignore"):
                low = np.flatnonzero((steps > 0) & (steps + slack < threshold))
            if len(low):
                yield Finding(
                    "R11",
                    Severity.FAIL,
                    tuple(sheet.where(int(r) + 1, column) for r in low[:500]),
                    f"{len(low)} steps of the number at risk are smaller than {threshold} people.",
                    "Give the curve at fewer times, or round the numbers at risk and the events before computing it.",
                )
        yield from _curve_without_numbers(sheet)


def _curve_without_numbers(sheet: Sheet) -> Iterator[Finding]:
    curves = [c for c, h in enumerate(sheet.headers) if re.search(r"surviv|km|kaplan|cumulative incidence", normal(h))]
    curves = [
        c
        for c in curves
        if sheet.column_meaning[c] in (Meaning.RATE, Meaning.PROPORTION, Meaning.UNKNOWN, Meaning.PERCENT)
    ]
    if curves and not sheet.count_columns and sheet.rows > 2:
        yield Finding(
            "R11",
            Severity.REVIEW,
            tuple(sheet.where(None, c) for c in curves),
            "A survival curve is given without the numbers at risk, so the size of its steps can't be judged.",
            "Add the (rounded) numbers at risk and events.",
        )


def find_small_increments(subject: Subject) -> Iterator[Finding]:
    """F14 differencing: a running total over dates tells each date's count; some are 1..t-1."""
    threshold = subject.policy.threshold
    for sheet in subject.sheets:
        if sheet.rows < 5 or not _has_dates(sheet):
            continue
        cells = np.zeros(sheet.values.shape, bool)
        for column in sheet.count_columns:
            numbers = sheet.values[:, column]
            named = _RUNNING.search(normal(sheet.headers[column]))
            if not named and (sheet.rows < 20 or not numbers[-1] > 20 * numbers[0]):
                continue
            steps = np.diff(numbers)
            if (
                not np.isfinite(numbers).all()
                or steps.min() < 0
                or sheet.rounding_of(column).base > 1
                or steps.max() == 0
            ):
                continue
            cells[1:, column] = (steps > 0) & (steps < threshold)
        if cells.any():
            yield Finding(
                "F14",
                Severity.REVIEW,
                sheet.places(cells),
                f"A running total rises by fewer than {threshold} at {np.count_nonzero(cells)} dates; the difference "
                f"of two "
                "rows is a small count.",
                "Round the totals, or give them for fewer dates.",
            )


def _has_dates(sheet: Sheet) -> bool:
    if not sheet.label_columns:
        return False
    first = sheet.label_columns[0]
    if sheet.column_meaning[first] is Meaning.DATE or key_named(sheet.headers[first]) is Meaning.DATE:
        return True
    return bool(_DATE.fullmatch(sheet.text(0, first).strip()))


RULES = (find_small_steps, find_small_increments)
