"""Tables that are records and no statistics (H16, F19, N01)."""

from collections.abc import Iterator

import numpy as np

from output_checker.disclosure.likeness import ALL_DIFFERENT, MANY_SORTS, Likeness, likeness
from output_checker.disclosure.numbers import Mark
from output_checker.disclosure.phrases import many
from output_checker.disclosure.sentences import MOST_LINES, told_births
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.subject import Subject
from output_checker.disclosure.words import LABELS, Meaning, key_named, normal
from output_checker.model import Finding, Kind, Severity, Where

_REMEDY = "Release a summary (counts, means of groups of enough people) instead of rows about single people."


def find_records(subject: Subject) -> Iterator[Finding]:
    """H16 row-level file (N01 for a frame shown in a notebook): rows about single people or units."""
    policy = subject.policy
    for sheet in subject.sheets:
        judged = likeness(sheet, policy.row_level_rows, policy.row_level_uniqueness)
        if not _suspicious(judged, sheet.rows > policy.row_level_rows):
            continue
        in_notebook = subject.output.kind is Kind.NOTEBOOK and sheet.rows >= 1
        telling = [sign for sign in judged.signs if sign != MANY_SORTS]
        severity = Severity.FAIL if judged.strong or len(telling) >= 3 else Severity.REVIEW
        reasons = "; ".join((*judged.strong, *judged.signs))
        yield Finding(
            "N01" if in_notebook else "H16",
            severity,
            (Where(sheet.part, sheet.first_line, None, sheet.table.name or f"{sheet.rows} rows"),),
            f"This looks like records and not like statistics: {reasons}.",
            _REMEDY,
        )


def _suspicious(judged: Likeness, long: bool) -> bool:
    """One strong reason, two signs, or one sign in a long table or in rows that all differ."""
    one_is_enough = long or ALL_DIFFERENT in judged.signs
    return bool(judged.strong) or len(judged.signs) >= (1 if one_is_enough else 2)


def find_quasi_identifying_tables(subject: Subject) -> Iterator[Finding]:
    """F19 quasi-id-table: a table of counts in which many groups have one member is records in disguise.
    k-anonymity."""
    for sheet in subject.sheets:
        if len(sheet.label_columns) < 2:
            continue
        for column in sheet.count_columns:
            numbers = sheet.values[sheet.counts[:, column], column]
            ones = np.count_nonzero(numbers == 1)
            if len(numbers) >= 10 and ones / len(numbers) > 0.05 and _is_group_size(sheet, column):
                yield Finding(
                    "F19",
                    Severity.FAIL,
                    (sheet.where(None, column),),
                    f"{ones} of {len(numbers)} groups have one member, so their labels describe single people.",
                    "Use fewer or broader grouping columns.",
                )


def _is_group_size(sheet: Sheet, column: int) -> bool:
    return sheet.named[column] is Meaning.COUNT or (column == sheet.columns - 1 and len(sheet.count_columns) == 1)


def find_coordinates(subject: Subject) -> Iterator[Finding]:
    """I11 geo: latitudes and longitudes with four decimals and more place a house. GSS guidance on geography."""
    for sheet in subject.sheets:
        for column in sheet.columns_of(Meaning.COORDINATE):
            rows = [
                r
                for r in range(min(sheet.rows, 500))
                if sheet.marks[r, column] == Mark.NUMBER
                and (len(sheet.text(r, column).partition(".")[2]) >= 4 or abs(sheet.values[r, column]) > 10_000)
            ]
            if rows:
                yield Finding(
                    "I11",
                    Severity.FAIL,
                    tuple(sheet.where(r, column) for r in rows),
                    f"{len(rows)} places are given to within a few metres.",
                    "Give an area (a region, a district) instead, or round to one decimal.",
                )


def find_birth_dates(subject: Subject) -> Iterator[Finding]:
    """I07 date of birth, I08 names: a column of birth dates, names or contact details."""
    for sheet in subject.sheets:
        for column, header in enumerate(sheet.headers):
            words = set(normal(header).split())
            if sheet.column_meaning[column] not in LABELS or key_named(header) is not Meaning.IDENTIFIER:
                continue
            birth = bool(words & {"dob", "birth"})
            name = bool(words & {"surname", "forename", "name"})
            if birth or name:
                yield Finding(
                    "I07" if birth else "I08",
                    Severity.FAIL,
                    (sheet.where(None, column),),
                    f"Column {header!r} holds {'dates of birth' if birth else 'names of people'}.",
                    "Leave the column out.",
                )


def find_births_in_text(subject: Subject) -> Iterator[Finding]:
    """I07 in running text: "born on 14/02/1951"."""
    places = tuple(
        prose.where(line, words)
        for prose in subject.prose
        for line, text in enumerate(prose.text.text.split("\n")[:MOST_LINES])
        for words in told_births(text)
    )
    if places:
        yield Finding(
            "I07",
            Severity.FAIL,
            places,
            f"The text tells {many(len(places), 'date')} of birth.",
            "Leave it out, or tell an age band with enough people in it.",
        )


RULES = (find_records, find_quasi_identifying_tables, find_coordinates, find_birth_dates, find_births_in_text)
