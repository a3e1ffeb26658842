"""Ratios that give away the table they were computed from (P09).

An odds ratio or relative risk with its confidence interval and the sizes of the two groups is two equations for two
unknown counts: as a rule one table of whole numbers fits, and then its cells are as good as shown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from output_checker.disclosure.numbers import Flags, Floats, decimals
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.subject import Subject
from output_checker.disclosure.words import Meaning, normal
from output_checker.model import Finding, Severity

NORMAL_95 = 1.959964
"""Half the width of a 95 % interval in standard errors."""
LARGEST_GROUP = 3000
"""Beyond this many people in a group, too many tables fit for one to be singled out by two digits."""
_ODDS = re.compile(r"(.*\b)?((a|crude |adj(usted)? )?or|odds ratios?)\b.*")
_RISK = re.compile(r"(.*\b)?((a|crude |adj(usted)? )?rr|(relative|risk) (risks?|ratios?))\b.*")
_ADJUSTED = re.compile(r"(.*\b)?(adj(usted)?|aor|arr)\b.*")
_BOUND = re.compile(r"(.*\b)?(lower|upper|lci|uci|lcl|ucl|low|high|ci low|ci high|2 5|97 5|conf low|conf high)\b.*")
_INTERVAL = re.compile(r"[(\[]?\s*(\d+(?:\.\d+)?)\s*(?:-|\u2013|to|,|;)\s*(\d+(?:\.\d+)?)\s*[)\]]?")
_EVENTS = re.compile(r"(.*\b)?(cases|events?|deaths?|died|outcomes?|positives?)\b.*")


@dataclass(frozen=True)
class _Ratio:
    """One ratio with its interval as shown, and half a unit of the last digit of each."""

    value: float
    low: float
    high: float
    slack: float
    is_odds: bool


def find_tables_behind_ratios(subject: Subject) -> Iterator[Finding]:
    """P09 ratio-implies-2x2: the whole-number tables that round to the ratio and its interval. statbarns
    CalculatedRatios."""
    threshold = subject.policy.threshold
    for sheet in subject.sheets:
        groups = _groups(sheet)
        if groups is None:
            continue
        certain, possible = np.zeros(sheet.values.shape, bool), np.zeros(sheet.values.shape, bool)
        for column, is_odds in _ratio_columns(sheet):
            for row in np.flatnonzero(sheet.numeric[:, column]).tolist():
                ratio = _ratio(sheet, row, column, is_odds=is_odds)
                first, second = (float(sheet.values[row, group]) for group in groups)
                smallest = _smallest_cells(ratio, first, second)
                if len(smallest):
                    certain[row, column] = bool((smallest < threshold).all())
                    possible[row, column] = not certain[row, column] and bool((smallest < threshold).any())
        if certain.any():
            yield _finding(sheet, certain, Severity.FAIL, f"only fit tables with a count below {threshold}")
        if possible.any():
            yield _finding(sheet, possible, Severity.REVIEW, f"fit few tables, some with a count below {threshold}")


def _finding(sheet: Sheet, cells: Flags, severity: Severity, what: str) -> Finding:
    return Finding(
        "P09",
        severity,
        sheet.places(cells),
        f"{np.count_nonzero(cells)} ratios, with their intervals and the sizes of the two groups, {what}.",
        "Round the group sizes, give the interval with one digit less, or merge categories before computing the ratio.",
    )


def _groups(sheet: Sheet) -> tuple[int, int] | None:
    """The two columns of group sizes; none where the counts of events stand beside them and are judged themselves."""
    counts = [c for c in sheet.count_columns if not sheet.total_columns[c]]
    if len(counts) != 2 or any(_EVENTS.fullmatch(normal(sheet.headers[c])) for c in counts):
        return None
    return counts[0], counts[1]


def _ratio_columns(sheet: Sheet) -> Iterator[tuple[int, bool]]:
    for column, header in enumerate(sheet.headers):
        name = normal(header)
        if sheet.column_meaning[column] is Meaning.COUNT or _BOUND.fullmatch(name) or _ADJUSTED.fullmatch(name):
            continue
        if _ODDS.fullmatch(name):
            yield column, True
        elif _RISK.fullmatch(name):
            yield column, False


def _ratio(sheet: Sheet, row: int, column: int, *, is_odds: bool) -> _Ratio | None:
    """The ratio with the interval that stands beside it, in two columns or in one text."""
    value = float(sheet.values[row, column])
    slack = 0.5 * 10.0 ** -decimals(sheet.text(row, column))
    bounds = [c for c in range(sheet.columns) if _BOUND.fullmatch(normal(sheet.headers[c])) and sheet.numeric[row, c]]
    if len(bounds) == 2:
        low, high = sorted((float(sheet.values[row, bounds[0]]), float(sheet.values[row, bounds[1]])))
        return _Ratio(value, low, high, slack, is_odds) if 0 < low <= value <= high else None
    for other in range(sheet.columns):
        match = _INTERVAL.fullmatch(sheet.text(row, other).strip())
        if match and 0 < float(match[1]) <= value <= float(match[2]):
            return _Ratio(value, float(match[1]), float(match[2]), slack, is_odds)
    return None


def _smallest_cells(ratio: _Ratio | None, first: float, second: float) -> Floats:
    """The smallest of the four cells of every table of whole numbers that rounds to what is shown."""
    none = np.zeros(0)
    if ratio is None or ratio.high <= ratio.low or not (1 < first <= LARGEST_GROUP and 1 < second <= LARGEST_GROUP):
        return none
    events = np.arange(1, int(first))[:, None], np.arange(1, int(second))[None, :]
    a, c = (each.astype(float) for each in events)
    b, d = first - a, second - c
    if ratio.is_odds:
        value, spread = a * d / (b * c), np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    else:
        value, spread = (a / first) / (c / second), np.sqrt(1 / a - 1 / first + 1 / c - 1 / second)
    fits = np.abs(value - ratio.value) <= ratio.slack * 1.001
    for bound, sign in ((ratio.low, -1), (ratio.high, 1)):
        fits &= np.abs(value * np.exp(sign * NORMAL_95 * spread) - bound) <= ratio.slack * 1.001
    smallest = np.minimum(np.minimum(a, b), np.minimum(c, d))
    return np.asarray(np.broadcast_to(smallest, fits.shape)[fits], float)


RULES = (find_tables_behind_ratios,)
