"""What nobody understood (H01, G08, U01): it is looked at by a person, never waved through.

U01 is Halftide's own: design consequence 3 of the catalogue, "an unknown statistic must never be a pass".
"""

import re
from collections.abc import Iterator

import numpy as np

from output_checker.disclosure.monospace import without_harmless
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.subject import Subject
from output_checker.disclosure.words import Meaning
from output_checker.model import Finding, Kind, Severity, Table, Where

_LIMIT = re.compile(
    r"\b(?:(?:fewer|less|smaller|lower) than|below|under|at least)\s+(\d{1,9})\b(?![.,%]\d)", re.IGNORECASE
)
_SUM_TO = re.compile(r"\b(?:sums?|adds?)(?: up)? to 100\b ?%?", re.IGNORECASE)
MOST_COLUMNS_TRIED = 12
_COLUMN_LINE = re.compile(r'\s*"[^"\\]*": \[.*\],?')
_LABEL_LINE = re.compile(r"[-\u2212]?[\d,]*\.?\d+(\^[-\u2212]?\d+)?[kM%]?")


def find_unreadable(subject: Subject) -> Iterator[Finding]:
    """H01 type-mismatch: a file that no reader knows or that could not be read can't be judged."""
    output = subject.output
    if any(dropped.what in ("stored-data", "stored-model") for dropped in output.dropped):
        return  # the rules about stored data and models say what it is
    if output.problem:
        yield Finding(
            "H01",
            Severity.FAIL if output.kind is Kind.UNKNOWN and not output.canonical else Severity.REVIEW,
            (),
            f"The file could not be read: {output.problem}",
            "Save it as CSV, plain text, PNG or a notebook and try again.",
        )
    elif output.kind is Kind.UNKNOWN:
        yield Finding(
            "H01",
            Severity.FAIL,
            (),
            f"Files of this kind ({output.media_type or 'unknown'}) can't be checked.",
            "Save it as CSV, plain text, PNG or a notebook and try again.",
        )
    elif not output.parts:
        yield Finding("H01", Severity.REVIEW, (), "The file holds nothing that could be checked.", "Leave it out.")


def find_pictures(subject: Subject) -> Iterator[Finding]:
    """G08 raster-only: a picture's numbers can't be read back; the table behind it is what can be judged.
    OpenSAFELY."""
    for index, image in subject.images:
        yield Finding(
            "G08",
            Severity.REVIEW,
            (Where(index, label=image.name),),
            f"A picture ({image.width} x {image.height}) can't be judged by its pixels.",
            "Add the table of counts that the figure was drawn from, and say in the context how many people are "
            "behind each "
            "mark. No points, whiskers or axis limits may be single people.",
        )


def find_unknown_numbers(subject: Subject) -> Iterator[Finding]:
    """U01: numbers whose meaning neither header nor values tell."""
    for sheet in subject.sheets:
        cells = sheet.cells_of(Meaning.UNKNOWN)
        for column in sheet.columns_of(Meaning.DIFFERENCE):
            if not _is_estimate(sheet) and not _follows(sheet, column):
                cells[:, column] |= sheet.numeric[:, column]
        columns = np.flatnonzero(cells.any(axis=0))
        if len(columns):
            names = ", ".join(repr(sheet.headers[c] or f"column {sheet.source[c] + 1}") for c in columns[:8])
            more = f" and {len(columns) - 8} more" if len(columns) > 8 else ""
            yield Finding(
                "U01",
                Severity.REVIEW,
                tuple(sheet.where(None, int(c)) for c in columns),
                f"It is not clear what the numbers in {names}{more} are.",
                "Name the statistic in the header (n, mean, %, coefficient ...) or describe it in the context.",
            )


def _is_estimate(sheet: Sheet) -> bool:
    """A difference with its interval or standard error is an estimate, as a coefficient is, and judged as one."""
    return bool(sheet.columns_of(Meaning.INTERVAL, Meaning.STANDARD_ERROR, Meaning.P_VALUE))


def _follows(sheet: Sheet, column: int) -> bool:
    """Whether a change is the difference (or the ratio) of two other columns, and so adds nothing."""
    change = sheet.values[:, column]
    others = [c for c in range(sheet.columns) if c != column and c not in sheet.label_columns]
    for first in others[:MOST_COLUMNS_TRIED]:
        for second in others[:MOST_COLUMNS_TRIED]:
            if first == second:
                continue
            a, b = sheet.values[:, first], sheet.values[:, second]
            with np.errstate(invalid="ignore", divide="ignore"):
                for made in (a - b, 100 * (a - b) / b, (a - b) / b):
                    error = np.abs(made - change)
                    if np.isfinite(error).any() and np.nanmax(error) < 0.06:
                        return True
    return False


def find_unexplained_text(subject: Subject) -> Iterator[Finding]:
    """R18 log/console: lines of text with numbers that belong to no table and no stated fact. OpenSAFELY on log
    files."""
    sums = _sums(subject)
    for prose in subject.prose:
        if prose.text.role == "source" or not prose.printed.loose:
            continue
        text = prose.text.text.split("\n")
        drawn = _drawn_elsewhere(subject)
        lines = [
            n
            for n in prose.printed.loose
            if not (drawn and drawn.fullmatch(text[n])) and not _harmless(text[n], subject.policy.threshold, sums)
        ]
        if not lines:
            continue
        yield Finding(
            "R18",
            Severity.REVIEW,
            tuple(prose.where(line) for line in lines[:100]),
            f"{len(lines)} lines of text hold numbers that only a person can judge.",
            "Leave them out, or put the numbers into a table with headers.",
        )


def _drawn_elsewhere(subject: Subject) -> re.Pattern[str] | None:
    """Lines of a figure that its tables hold already: the columns of one that is data, an axis of one that was
    measured."""
    languages = {part.language for part in subject.output.parts if isinstance(part, Table)}
    if languages & {"chart", "chart-source"}:
        return _COLUMN_LINE
    return _LABEL_LINE if languages & {"bars", "points", "line"} else None


def _sums(subject: Subject) -> frozenset[float]:
    """How many people each table of the output counts."""
    found: set[float] = set()
    for sheet in subject.sheets:
        inner = sheet.counts & ~sheet.total_rows[:, None] & ~sheet.total_columns[None, :]
        if inner.any():
            found.add(float(sheet.values[inner].sum()))
    return frozenset(found)


def _harmless(line: str, threshold: int, sums: frozenset[float]) -> bool:
    """Lines of nothing but limits that the policy itself names ("fewer than 10"), "sum to 100", and a number that is
    the total of a table beside it."""
    plain = line.strip().replace(",", "")
    if plain.isdecimal() and len(plain) < 16:
        return float(plain) in sums and float(plain) >= threshold
    left = _LIMIT.sub(lambda match: " " if int(match[1]) >= threshold else match[0], without_harmless(line))
    left = re.sub(rf"(?<![\d.,]){threshold}(?![\d.,%])", " ", _SUM_TO.sub(" ", left))
    return not any(c.isdigit() for c in left)


RULES = (find_unreadable, find_pictures, find_unknown_numbers, find_unexplained_text)
