"""Counts that are too small to show, empty cells, and what is left when all but a few are shown (F01, F03, F05, F06,
F17).

Promises to judge the true counts that a shown count can stand for: in a table that was rounded to 7, a 7 is 4 to 10.
"""

import re
from collections.abc import Iterator

import numpy as np

from output_checker.disclosure.columns import innermost
from output_checker.disclosure.frames import Frame
from output_checker.disclosure.numbers import Flags, Mark
from output_checker.disclosure.phrases import many
from output_checker.disclosure.sentences import MOST_LINES, counted_people
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.sizes import row_sizes
from output_checker.disclosure.subject import Subject
from output_checker.disclosure.words import LABELS, Meaning, normal
from output_checker.model import Finding, Severity, Where

_NO_PEOPLE = re.compile(
    r"\b(iterations?|steps?|epochs?|parameters?|variables?|columns?|regressors?|folds?|categories|levels|decimals?|"
    r"digits|evaluations|clusters of variables|components|trees|knots|lags?|classes|tables?|figures?|files?)\b"
)
"""What a number of is no number of people."""
_SUPPRESS = (
    'Replace these cells by "[c]" (and a second cell in the same row and column, so that totals do not give them '
    "away), merge small categories, or round all counts as your policy allows."
)


def find_low_counts(subject: Subject) -> Iterator[Finding]:
    """F01 low-count: a count of 1..t-1. Handbook on SDC for Outputs; ESSnet guidelines 2010/2015: t = 10; ACRO."""
    threshold = subject.policy.threshold
    for sheet in subject.sheets:
        low = low_count_cells(sheet, threshold)
        doubtful = low & _doubtful(sheet)[None, :]
        yield from _low_finding(sheet, low & ~doubtful, threshold, Severity.FAIL)
        yield from _low_finding(sheet, doubtful, threshold, Severity.REVIEW)
        yield from _tight_bounds(sheet, threshold)


def low_count_cells(sheet: Sheet, threshold: int) -> Flags:
    """Cells whose true count is certainly from 1 to t-1."""
    found = np.zeros(sheet.values.shape, bool)
    with np.errstate(invalid="ignore"):
        possible = sheet.counts & (sheet.values > 0) & (sheet.values < threshold)
    for column in np.flatnonzero(possible.any(axis=0)):
        high = sheet.rounding_of(int(column)).high(sheet.values[:, column])
        found[:, column] = possible[:, column] & (high < threshold)
    return found


def _doubtful(sheet: Sheet) -> Flags:
    """Columns of small whole numbers that no header calls counts, beside columns whose headers do name a statistic."""
    doubtful = np.zeros(sheet.columns, bool)
    named = [c for c in range(sheet.columns) if sheet.named[c] is not None and sheet.column_meaning[c] not in LABELS]
    if not named:
        return doubtful
    for column in sheet.count_columns:
        if sheet.named[column] is None and not sheet.sure[:, column].any() and not sheet.total_columns[column]:
            numbers = sheet.values[sheet.numeric[:, column], column]
            doubtful[column] = len(numbers) > 0 and numbers.max() < 100
    return doubtful if not doubtful.any() or not _parts_of_a_count(sheet) else np.zeros(sheet.columns, bool)


def _parts_of_a_count(sheet: Sheet) -> bool:
    """Whether the columns that no header explains add up, in every row, to one that is called a count."""
    named = [c for c in sheet.count_columns if sheet.named[c] is Meaning.COUNT]
    parts = [c for c in sheet.count_columns if sheet.named[c] is None]
    if len(named) != 1 or len(parts) < 2:
        return False
    sums = np.nansum(np.where(sheet.counts[:, parts], sheet.values[:, parts], np.nan), axis=1)
    with np.errstate(invalid="ignore"):
        error = np.abs(sums - sheet.values[:, named[0]])
    return bool(np.nanmax(error) <= len(parts) * (sheet.rounding_of(named[0]).base // 2))


def _low_finding(sheet: Sheet, cells: Flags, threshold: int, severity: Severity) -> Iterator[Finding]:
    number = int(np.count_nonzero(cells))
    if not number:
        return
    smallest = int(np.nanmin(sheet.values[cells]))
    what = f"{number} {'cell shows' if number == 1 else 'cells show'} a count below {threshold} (smallest: {smallest})"
    doubt = "" if severity is Severity.FAIL else "; no header says what these whole numbers are"
    remedy = _SUPPRESS if severity is Severity.FAIL else "If these are counts: " + _SUPPRESS[0].lower() + _SUPPRESS[1:]
    yield Finding("F01", severity, sheet.places(cells), what + doubt + ".", remedy)


def _tight_bounds(sheet: Sheet, threshold: int) -> Iterator[Finding]:
    """A mark "<5" where the threshold is 10 tells more than suppression may."""
    count_like = np.asarray(sheet.meanings == Meaning.COUNT, bool)
    with np.errstate(invalid="ignore"):
        bounds = (sheet.marks == Mark.BOUND) & (sheet.values > 0) & (sheet.values < threshold - 1) & ~sheet.percent
        ranges = (sheet.marks == Mark.RANGE) & (sheet.values < threshold)
    cells = count_like & (bounds | ranges)
    if cells.any():
        yield Finding(
            "F01",
            Severity.FAIL,
            sheet.places(cells),
            f"{np.count_nonzero(cells)} cells bound a count more tightly than the threshold {threshold} allows.",
            f'Write "<{threshold}" or "[c]" in all of them.',
        )


def find_low_counts_in_text(subject: Subject) -> Iterator[Finding]:
    """F01 in running text: "n = 3", "Number of patients: 4"."""
    threshold = subject.policy.threshold
    places = [
        stated.where
        for stated in subject.stated
        if _is_count_name(stated.fact.name) and 0 < stated.fact.value < threshold and stated.fact.value.is_integer()
    ]
    for prose in subject.prose:
        for line, text in enumerate(prose.text.text.split("\n")[:MOST_LINES]):
            places += [prose.where(line, value) for value in counted_people(text, threshold)]
    if places:
        text = f"The text states {many(len(places), 'count')} below {threshold}."
        yield Finding("F01", Severity.FAIL, tuple(places), text, _SUPPRESS)


def _is_count_name(name: str) -> bool:
    words = normal(name).replace(".", "")
    if _NO_PEOPLE.search(words):
        return False
    last = words.split(" ")[-1] if words else ""
    return words.startswith(("no observations", "number of", "n obs", "nobs", "num ", "count")) or last in {
        "n",
        "count",
        "patients",
        "people",
        "cases",
        "deaths",
        "records",
        "observations",
        "individuals",
        "participants",
        "respondents",
        "persons",
        "women",
        "men",
        "obs",
        "events",
        "rows",
    }


def find_zero_cells(subject: Subject) -> Iterator[Finding]:
    """F03 zero-cell: an empty cell says that nobody in the row has the column's value. ACRO PresenceOfZero; SRS
    6.2.1."""
    if not subject.policy.zeros_are_disclosive:
        return
    for sheet, frames in subject.sheets_with_frames():
        with np.errstate(invalid="ignore"):
            cells = sheet.counts & (sheet.values == 0)
        cells[:1] &= ~_starts_empty(sheet)[None, :]
        missing = [frame for frame in frames if frame.two_way and _has_gaps(frame.rows)]
        left_out = (
            not low_count_cells(sheet, subject.policy.threshold).any()
            and not sheet.hidden[:, list(sheet.count_columns)].any()
        )
        if cells.any():
            number = int(np.count_nonzero(cells))
            yield Finding(
                "F03",
                Severity.REVIEW if _doubtful(sheet)[np.flatnonzero(cells.any(axis=0))].all() else Severity.FAIL,
                sheet.places(cells),
                f"{number} {'count is' if number == 1 else 'counts are'} 0: that nobody is in a cell can be told of "
                f"everybody "
                "in its row or column.",
                "Merge the empty categories with others, or suppress the cells; if a zero is impossible to avoid (a "
                "structural "
                "zero), say so in the context.",
            )
        elif missing:
            yield _gaps(sheet, missing[0], unclear=left_out and not any(f.total_row or f.total_column for f in missing))


def _gaps(sheet: Sheet, frame: Frame, *, unclear: bool) -> Finding:
    """Combinations without a row. Where no total is shown and no count is small, they may as well be small counts
    that were left out, so that nobody learns which of them are empty."""
    return Finding(
        "F03",
        Severity.NOTE if unclear else Severity.REVIEW,
        (sheet.where(None, int(frame.columns.max())),),
        "Some combinations of categories have no row at all"
        + ("; they may be small as well as empty." if unclear else ", which shows that they are empty."),
        "Merge categories, or say why the combinations cannot occur.",
    )


def _starts_empty(sheet: Sheet) -> Flags:
    """Events before the first interval of a life table: nobody can have had one."""
    life = any("risk" in normal(header) for header in sheet.headers)
    return np.array([life and "event" in normal(header) for header in sheet.headers], bool)


def _has_gaps(rows: np.typing.NDArray[np.int64]) -> bool:
    """A block with most but not all of its cells."""
    gaps = int(np.count_nonzero(rows < 0))
    return 0 < gaps <= 0.5 * rows.size and rows.size >= 4


def find_low_complements(subject: Subject) -> Iterator[Finding]:
    """F05 complement-low: N - n is 1..t-1, so all but a few are shown. Follows F01 on the complement."""
    threshold = subject.policy.threshold
    for sheet in subject.sheets:
        for part, base in base_pairs(sheet):
            n, total = sheet.values[:, part], sheet.values[:, base]
            slack_n, slack_total = sheet.rounding_of(part), sheet.rounding_of(base)
            with np.errstate(invalid="ignore"):
                left = slack_total.high(total) - slack_n.low(n)
                low = (
                    (total > n) & (left < threshold) & sheet.counts[:, part] & sheet.counts[:, base] & (n >= threshold)
                )
            shown = _shown_complements(sheet, part, base, threshold)
            rows = np.flatnonzero(low & ~shown)
            if len(rows):
                yield Finding(
                    "F05",
                    Severity.FAIL,
                    tuple(sheet.where(int(r), part) for r in rows[:500]),
                    f"In {len(rows)} rows all but fewer than {threshold} of {sheet.headers[base]!r} are counted by "
                    f"{sheet.headers[part]!r}, so the difference is a small count.",
                    "Suppress or round one of the two numbers in these rows.",
                )


def _shown_complements(sheet: Sheet, part: int, base: int, threshold: int) -> Flags:
    """Rows in which the difference stands in a cell of its own, which is then the finding."""
    left = (sheet.values[:, base] - sheet.values[:, part])[:, None]
    with np.errstate(invalid="ignore"):
        return np.asarray(((sheet.values == left) & low_count_cells(sheet, threshold)).any(axis=1), bool)


def base_pairs(sheet: Sheet) -> list[tuple[int, int]]:
    """Pairs (part, base) of count columns in which the base holds the part in every row."""
    found = []
    columns = [c for c in sheet.count_columns if np.any(sheet.counts[:, c])]
    for base in columns:
        if not is_base(sheet, base):
            continue
        slack = sheet.rounding_of(base).base
        with np.errstate(invalid="ignore"):
            below = sheet.values[:, columns] <= sheet.values[:, [base]] + slack
        both = sheet.counts[:, columns] & sheet.counts[:, [base]]
        holds = np.asarray(both.any(axis=0) & np.all(below | ~both, axis=0), bool)
        alone = not _stemmed(sheet, base)
        for part in (column for column, good in zip(columns, holds.tolist(), strict=True) if good):
            if part == base or (part > base and is_base(sheet, part)):
                continue
            if alone or _same_stem(sheet.headers[part], sheet.headers[base]):
                found.append((part, base))
    return found


def _stemmed(sheet: Sheet, base: int) -> bool:
    return any(c != base and _same_stem(header, sheet.headers[base]) for c, header in enumerate(sheet.headers))


def _same_stem(part: str, base: str) -> bool:
    stem = normal(base).removesuffix(" total").removeprefix("total ")
    return stem != normal(base) and bool(stem) and normal(part) == stem


def is_base(sheet: Sheet, column: int) -> bool:
    """Whether a count column names a whole that others are parts of."""
    words = normal(innermost(sheet.headers[column]))
    return bool(sheet.total_columns[column]) or any(
        word in words.split()
        for word in (
            "total",
            "eligible",
            "population",
            "denominator",
            "denom",
            "base",
            "n",
            "due",
            "registered",
            "sample",
        )
    )


def find_low_bases(subject: Subject) -> Iterator[Finding]:
    """F06 low-base: a rate or mean over a group whose stated size is below t. UK LLC guidebook; OpenSAFELY."""
    threshold = subject.policy.threshold
    for sheet in subject.sheets:
        others = sheet.columns_of(
            Meaning.PERCENT,
            Meaning.PROPORTION,
            Meaning.RATE,
            Meaning.MEAN,
            Meaning.SUM,
            Meaning.PERCENTILE,
            Meaning.SPREAD,
        )
        if not others:
            continue
        with np.errstate(invalid="ignore"):
            low = low_count_cells(sheet, threshold).any(axis=1) | (
                (row_sizes(sheet) < threshold) & (row_sizes(sheet) > 0)
            )
        shown = sheet.numeric[:, list(others)].any(axis=1)
        rows = np.flatnonzero(low & shown)
        if len(rows):
            yield Finding(
                "F06",
                Severity.FAIL,
                tuple(sheet.where(int(r), others[0]) for r in rows[:500]),
                f"{len(rows)} rows give rates or means of groups smaller than {threshold}.",
                "Leave out the statistics of these rows as well as their counts, or merge the groups.",
            )


def find_sparse_tables(subject: Subject) -> Iterator[Finding]:
    """F17 sparse-table: more than half of the cells below t, or a mean below 2t. ONS census automated checks."""
    threshold = subject.policy.threshold
    for sheet in subject.sheets:
        numbers = sheet.values[sheet.counts]
        if len(numbers) >= 20:
            low = np.count_nonzero(low_count_cells(sheet, threshold)) + np.count_nonzero(sheet.hidden)
            share = low / (len(numbers) + np.count_nonzero(sheet.hidden))
            if share > 0.5:
                yield Finding(
                    "F17",
                    Severity.REVIEW,
                    (Where(sheet.part),),
                    f"{share:.0%} of the cells are below {threshold} or suppressed: the table is too fine for its "
                    f"data.",
                    "Use fewer or broader categories.",
                )


RULES = (
    find_low_counts,
    find_low_counts_in_text,
    find_zero_cells,
    find_low_complements,
    find_low_bases,
    find_sparse_tables,
)
