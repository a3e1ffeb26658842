"""Extremes, percentiles, shape and concentration (P01, P02, P04, P06, P07, P08, P11).

A minimum or maximum is somebody's value unless the scale ends there.
"""

import re
from collections.abc import Iterator

import numpy as np

from output_checker.disclosure.keys import is_regular
from output_checker.disclosure.phrases import many
from output_checker.disclosure.sentences import MOST_LINES, told_extremes
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.sizes import sizes
from output_checker.disclosure.subject import Subject
from output_checker.disclosure.words import Meaning, normal
from output_checker.model import Finding, Severity, Where

_SCALE_ENDS = (0.0, 1.0, 100.0)
_EXTREME_FACT = re.compile(r"(.*\b)?(min|max|minimum|maximum|youngest|oldest|highest|lowest|largest|smallest)\b.*")
_LISTING = re.compile(r"(.*\b)?(top|bottom|largest|smallest|highest|lowest) ?\d{1,3}\b.*")


def find_extremes(subject: Subject) -> Iterator[Finding]:
    """P01 min-max: a released minimum or maximum is a single unit's value. SDAP handbook; ESSnet; ACRO passes these."""
    for sheet in subject.sheets:
        cells = sheet.cells_of(Meaning.MINIMUM, Meaning.MAXIMUM)
        if not cells.any():
            continue
        cells = cells & ~np.isin(sheet.values, _SCALE_ENDS)
        for column in sheet.columns_of(Meaning.MINIMUM, Meaning.MAXIMUM):
            if is_regular(sheet.values[:, column]) and sheet.count_columns:
                cells[:, column] = False
        if cells.any():
            yield Finding(
                "P01",
                Severity.FAIL,
                sheet.places(cells),
                f"{np.count_nonzero(cells)} minima or maxima are shown; each is the value of one person or firm.",
                "Leave minima and maxima out, or give percentiles with enough people beyond them; where a scale ends "
                "there by "
                "definition, say so in the context.",
            )


def find_extremes_in_text(subject: Subject) -> Iterator[Finding]:
    """P01 in running text: "maximum age: 97"."""
    places = [
        stated.where
        for stated in subject.stated
        if _EXTREME_FACT.fullmatch(stated.fact.name) and stated.fact.value not in _SCALE_ENDS
    ]
    places += [
        prose.where(line, words)
        for prose in subject.prose
        for line, text in enumerate(prose.text.text.split("\n")[:MOST_LINES])
        for words in told_extremes(text)
    ]
    if places:
        yield Finding(
            "P01",
            Severity.FAIL,
            tuple(places),
            f"The text states {many(len(places), 'extreme value')}; each is the value of one person or firm.",
            "Leave them out, or give percentiles with enough people beyond them.",
        )


def find_extreme_percentiles(subject: Subject) -> Iterator[Finding]:
    """P02 extreme-percentile: fewer than t units beyond a percentile. ESSnet guidelines; SDAP handbook."""
    threshold = subject.policy.threshold
    for sheet in subject.sheets:
        cells = sheet.cells_of(Meaning.PERCENTILE)
        if not cells.any():
            continue
        beyond = _share_beyond(sheet) * sizes(sheet)
        with np.errstate(invalid="ignore"):
            low = cells & (beyond < threshold)
        unknown = cells & ~np.isfinite(beyond)
        if low.any():
            yield Finding(
                "P02",
                Severity.FAIL,
                sheet.places(low),
                f"{np.count_nonzero(low)} percentiles have fewer than {threshold} people beyond them.",
                "Give percentiles nearer to the middle, or merge the groups.",
            )
        if unknown.any():
            yield Finding(
                "P02",
                Severity.REVIEW,
                sheet.places(unknown),
                f"{np.count_nonzero(unknown)} percentiles are shown without the number of people behind them.",
                "Add the number of people to each of them.",
            )


def _share_beyond(sheet: Sheet) -> np.typing.NDArray[np.float64]:
    """For each cell the share of people on the thin side of its percentile."""
    shares = np.full(sheet.values.shape, np.nan)
    for column, header in enumerate(sheet.headers):
        shares[:, column] = _thin_side(header.rsplit(" | ", 1)[-1])
    for row, meaning in enumerate(sheet.row_named):
        if meaning is Meaning.PERCENTILE:
            shares[row, :] = _thin_side(sheet.row_labels[row])
    return shares


def _thin_side(name: str) -> float:
    words = normal(name)
    if "median" in words or "q2" in words:
        return 0.5
    if any(word in words for word in ("iqr", "quartile", "q1", "q3", "lq", "uq", "interquartile")):
        return 0.25
    if match := re.search(
        r"(\d{1,2}(?:\.\d+)?) ?(?:%|th)|\bp(\d{1,2})\b|(?:percentile|quantile|centile)s? ?(\d{1,2})", words
    ):
        level = float(next(group for group in match.groups() if group)) / 100
        return min(level, 1 - level)
    return 0.5 if "mode" in words else 0.25


def find_small_shapes(subject: Subject) -> Iterator[Finding]:
    """P06 higher-moments: a spread, skewness or kurtosis with fewer than ten degrees of freedom. statbarns Shape."""
    least = subject.policy.residual_dof
    for sheet in subject.sheets:
        cells = sheet.cells_of(Meaning.SPREAD)
        if not cells.any() or sheet.columns_of(Meaning.COEFFICIENT):
            continue
        with np.errstate(invalid="ignore"):
            low = cells & (sizes(sheet) - 1 < least) & (sizes(sheet) >= subject.policy.threshold)
        if low.any():
            yield Finding(
                "P06",
                Severity.REVIEW,
                sheet.places(low),
                f"{np.count_nonzero(low)} spreads have fewer than {least} degrees of freedom.",
                "Merge the groups or leave the spreads out.",
            )


def find_concentration(subject: Subject) -> Iterator[Finding]:
    """P07 concentration, P08 gini: indices that tell the share of the largest. statbarns; at least a person looks."""
    for sheet in subject.sheets:
        cells = sheet.cells_of(Meaning.CONCENTRATION)
        if not cells.any():
            continue
        near_one = cells & (sheet.values >= 0.81) & (sheet.values <= 1)
        severity = Severity.FAIL if near_one.any() else Severity.REVIEW
        yield Finding(
            "P07",
            severity,
            sheet.places(near_one if near_one.any() else cells),
            "A concentration index tells how much the largest units hold"
            + ("; near 1 it is one unit's value." if near_one.any() else "."),
            "State the number of units and the share of the largest, or leave the index out for small groups.",
        )


def find_listings(subject: Subject) -> Iterator[Finding]:
    """P11 outlier-listing: "top 10" and other ranked lists of units."""
    for sheet in subject.sheets:
        titled = [header for header in (*sheet.headers, sheet.table.name) if _LISTING.fullmatch(normal(header))]
        ranked = [c for c, header in enumerate(sheet.headers) if normal(header) in ("rank", "ranking", "position")]
        counts = [c for c in sheet.count_columns if c not in ranked and sheet.named[c] is Meaning.COUNT]
        scored = any(re.search(r"\b(importance|shap|loadings?|gain)\b", normal(header)) for header in sheet.headers)
        if titled or (ranked and not counts and not scored):
            yield Finding(
                "P11",
                Severity.REVIEW,
                (Where(sheet.part, label=titled[0] if titled else sheet.headers[ranked[0]]),),
                "The table lists units in order, which can single out the largest or the smallest.",
                "State how many people are behind each line, or give a summary instead of a list.",
            )


RULES = (
    find_extremes,
    find_extremes_in_text,
    find_extreme_percentiles,
    find_small_shapes,
    find_concentration,
    find_listings,
)
