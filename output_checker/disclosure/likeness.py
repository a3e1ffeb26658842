"""How much a table looks like records about single people and how little like statistics.

Looks for what records have and aggregates have not: identifiers, numbers of their own, yes/no columns, repeated or
missing keys, no statistic in any header. A long table of aggregates is no record file. Judges one table; the rules
say what it means.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from output_checker.disclosure.numbers import Floats
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.words import LABELS, Meaning, normal

_PERSONAL = (
    "patient",
    "person",
    "participant",
    "respondent",
    "subject",
    "member",
    "pseudonym",
    "nhs",
    "mrn",
    "pid",
    "chi",
    "individual",
    "record",
    "pupil",
    "student",
    "employee",
    "client",
    "customer",
    "user",
    "encounter",
    "spell",
    "claim",
)
_ONE_PERSON = frozenset(
    (
        "patient", "person", "participant", "respondent", "subject", "individual", "pupil", "student", "employee",
        "customer", "client", "member", "resident", "child",
    )
)  # fmt: skip
_ATTRIBUTES = frozenset(
    (
        "age", "sex", "gender", "female", "male", "ethnicity", "dob", "income", "bmi", "weight", "height", "educ",
        "education", "marital", "occupation", "smoker", "postcode", "race", "married", "diagnosis",
    )
)  # fmt: skip
MANY_SORTS = "columns of values that no statistic explains"
_RECORD_NUMBERS = frozenset(
    (
        "id", "record", "record id", "record number", "record no", "row id", "row number", "case", "case id",
        "case number", "obs", "observation", "observation number", "uid", "uuid", "guid", "person id", "patient id",
        "study id", "participant id", "respondent id", "subject id", "sample id", "entry", "key",
    )
)  # fmt: skip
ALL_DIFFERENT = "rows that are nearly all different from each other"


@dataclass(frozen=True)
class Likeness:
    """How much a table looks like records: reasons that are strong by themselves, and weaker signs."""

    strong: tuple[str, ...]
    signs: tuple[str, ...]
    aggregate: bool


def likeness(sheet: Sheet, policy_rows: int, uniqueness: float) -> Likeness:
    """Judge one table."""
    aggregate = _is_aggregate(sheet)
    strong = tuple(_strong_reasons(sheet))
    if aggregate:
        long = sheet.rows > policy_rows and not _has_counts(sheet) and sheet.rounding.base == 1
        return Likeness(strong, (f"{sheet.rows:,} rows",) if long else (), aggregate)
    return Likeness(strong, tuple(_signs(sheet, policy_rows, uniqueness)), aggregate)


def _strong_reasons(sheet: Sheet) -> Iterator[str]:
    numbered = _record_number(sheet)
    if numbered is not None:
        yield f"column {sheet.headers[numbered]!r} gives each row a number of its own beside its values"
    if _sampled_index(sheet):
        yield "row numbers with gaps, as records that were picked from a larger frame have"
    identifier = _identifier_column(sheet) if numbered is None else None
    if identifier is not None:
        yield f"column {sheet.headers[identifier]!r} numbers single people or records"


def _signs(sheet: Sheet, policy_rows: int, uniqueness: float) -> list[str]:
    signs: list[str] = []
    binary = _binary_columns(sheet)
    if len(binary) >= (1 if sheet.rows >= 10 else 2):
        signs.append(f"yes/no columns ({', '.join(repr(sheet.headers[c]) for c in binary[:3])})")
    attributes = [h for h in sheet.headers if set(normal(h).split()) & _ATTRIBUTES]
    if len(attributes) >= 2:
        signs.append("columns about persons (" + ", ".join(map(repr, attributes[:4])) + ")")
    if _keyless(sheet):
        signs.append("no column or combination of labels that names the rows")
    if _bare_index(sheet):
        signs.append("a plain row number as index")
    if sheet.rows > policy_rows:
        signs.append(f"{sheet.rows:,} rows")
    values = [c for c in range(sheet.columns) if c not in sheet.label_columns]
    if signs and _unexplained(sheet, values) >= 3:
        signs.append(MANY_SORTS)
    all_differ = sheet.rows >= 20 and len(values) >= 2 and _distinct_share(sheet, values) > uniqueness
    return [*signs, ALL_DIFFERENT] if all_differ and _mixed(sheet, values) else signs


def _record_number(sheet: Sheet) -> int | None:
    """A column called as single records are numbered, whose values never repeat, beside several columns of values."""
    if sheet.rows < 5 or sheet.columns < 4 or sheet.total_rows.any() or sheet.total_columns.any():
        return None
    for column in range(sheet.columns):
        if normal(sheet.headers[column]) not in _RECORD_NUMBERS:
            continue
        texts = [sheet.text(r, column).strip() for r in range(sheet.rows)]
        numbers = sheet.values[sheet.numeric[:, column], column]
        counted_up = len(numbers) == sheet.rows and _is_run(numbers)
        others = [c for c in range(sheet.columns) if c != column and sheet.named[c] is not Meaning.COUNT]
        if len(set(texts)) == sheet.rows and not (counted_up and sheet.rows < 50) and len(others) >= 3:
            return column
    return None


def _is_run(numbers: Floats) -> bool:
    """Whether the numbers are evenly spaced once sorted, as a list's own numbering is."""
    steps = np.diff(np.sort(numbers))
    return bool(len(steps) == 0 or np.all(steps == steps[0]))


def _sampled_index(sheet: Sheet) -> bool:
    """An unnamed first column of whole numbers with gaps beside several sorts of values: rows of a larger frame."""
    if sheet.rows < 3 or not _bare_index(sheet) or sheet.total_rows.any():
        return False
    numbers = sheet.values[:, 0]
    values = [c for c in range(1, sheet.columns) if c not in sheet.label_columns]
    gaps = numbers.max() >= max(50, 3 * sheet.rows) and not _is_run(numbers)
    return bool(gaps and numbers.min() >= 0 and len(values) >= 3 and _mixed(sheet, values))


def _unexplained(sheet: Sheet, columns: list[int]) -> int:
    """Number columns of which no header says a statistic, that are no counts and no coefficients within one."""
    chosen = [c for c in columns if sheet.column_meaning[c] is Meaning.UNKNOWN and sheet.named[c] is None]
    return sum(bool((np.abs(sheet.values[sheet.numeric[:, c], c]) > 1).any()) for c in chosen)


def _is_aggregate(sheet: Sheet) -> bool:
    """A header or a row that names a statistic, a total, or counts that were rounded."""
    named = any(
        sheet.named[c] is not None
        and sheet.column_meaning[c] not in LABELS
        and sheet.column_meaning[c] is not Meaning.RESIDUAL
        for c in range(sheet.columns)
        if not _weak_name(sheet.headers[c])
    )
    totals = bool(sheet.total_rows.any()) or bool(sheet.total_columns.any())
    rows = sum(meaning is not None for meaning in sheet.row_named) >= 2
    shares = all(
        sheet.column_meaning[c] in (Meaning.PERCENT, Meaning.PROPORTION) or c in sheet.label_columns
        for c in range(sheet.columns)
    )
    return named or totals or rows or sheet.rounding.base >= 5 or shares or _is_crosstab(sheet)


def _weak_name(header: str) -> bool:
    """Headers that name people ("visits", "children") are as often a person's attribute as a count."""
    words = normal(header)
    return words in (
        "visits",
        "children",
        "events",
        "admissions",
        "index",
        "weight",
        "effects",
        "rate",
        "sales",
        "income",
        "cost",
        "costs",
        "women",
        "men",
        "size",
        "num",
        "score",
        "amount",
        "mode",
        "t",
        "f",
        "p",
        "z",
        "attendances",
        "prescriptions",
        "episodes",
        "employees",
        "units",
        "students",
        "doses",
        "n visits",
        "number of visits",
        "number of children",
        "expenditure",
        "revenue",
        "turnover",
        "spend",
    )


def _has_counts(sheet: Sheet) -> bool:
    return any(sheet.named[c] is Meaning.COUNT for c in sheet.count_columns)


def _is_crosstab(sheet: Sheet) -> bool:
    """One column of distinct words, all others whole numbers that are not merely yes/no."""
    labels = [c for c in sheet.label_columns if sheet.column_meaning[c] is Meaning.LABEL]
    if len(labels) != 1 or sheet.rows > 200 or len(sheet.label_columns) != 1:
        return False
    distinct = len({sheet.text(r, labels[0]) for r in range(sheet.rows)}) == sheet.rows
    others = [c for c in range(sheet.columns) if c not in sheet.label_columns]
    return distinct and len(others) == len(sheet.count_columns) and not _binary_columns(sheet)


def _identifier_column(sheet: Sheet) -> int | None:
    for column in sheet.columns_of(Meaning.IDENTIFIER, Meaning.LABEL, Meaning.CODE):
        if sheet.column_meaning[column] is not Meaning.IDENTIFIER and normal(sheet.headers[column]) not in _ONE_PERSON:
            continue
        texts = [sheet.text(r, column).strip() for r in range(sheet.rows)]
        filled = [text for text in texts if text]
        words = normal(sheet.headers[column])
        personal = any(word in words for word in _PERSONAL)
        distinct = len(set(filled))
        numbers = sheet.values[sheet.numeric[:, column], column]
        if sheet.rows < 20 and len(numbers) and numbers.max() < 1000 and words not in _ONE_PERSON:
            continue
        if distinct >= 3 and distinct > 0.2 * len(filled) and (personal or not _is_aggregate(sheet)):
            return column
    return None


def _binary_columns(sheet: Sheet) -> list[int]:
    found = []
    for column in range(sheet.columns):
        if sheet.named[column] is Meaning.COUNT or sheet.column_meaning[column] is Meaning.EMPTY:
            continue
        numbers = sheet.values[sheet.numeric[:, column], column]
        if len(numbers) >= 5 and len(numbers) > 0.9 * sheet.rows and set(np.unique(numbers)) == {0.0, 1.0}:
            found.append(column)
    return found


def _keyless(sheet: Sheet) -> bool:
    """Repeated label combinations, or no label at all, in a table of several rows and columns."""
    if sheet.rows < 5 or sheet.columns < 3:
        return False
    labels = [c for c in sheet.label_columns if not _is_row_number(sheet, c)]
    if not labels:
        return True
    combined = [tuple(sheet.text(r, c) for c in labels) for r in range(sheet.rows)]
    blank = sum(not any(part.strip() for part in row) for row in combined)
    return len(set(combined)) + blank < 0.95 * sheet.rows


def _is_row_number(sheet: Sheet, column: int) -> bool:
    header = sheet.headers[column].strip().lower()
    return header in ("", "index", "row") or header.startswith("unnamed")


def _bare_index(sheet: Sheet) -> bool:
    if not sheet.columns or not _is_row_number(sheet, 0) or sheet.columns < 4:
        return False
    numbers = sheet.values[:, 0]
    return bool(
        np.isfinite(numbers).all() and np.all(numbers == np.floor(numbers)) and len(np.unique(numbers)) == sheet.rows
    )


def _distinct_share(sheet: Sheet, columns: list[int]) -> float:
    block = np.nan_to_num(sheet.values[:, columns], nan=-1.5e300)
    return len(np.unique(block, axis=0)) / max(1, sheet.rows)


def _mixed(sheet: Sheet, columns: list[int]) -> bool:
    """Numbers of several sorts that nothing explains, as the variables of a survey are."""
    unknown = [c for c in columns if sheet.column_meaning[c] in (Meaning.UNKNOWN, Meaning.SUM, Meaning.AGE)]
    whole = [c for c in columns if sheet.column_meaning[c] is Meaning.COUNT and sheet.named[c] is None]
    return len(unknown) >= 2 or (bool(unknown) and bool(whole)) or (len(whole) >= 3 and bool(_binary_columns(sheet)))
