"""How many people stand behind each number of a table.

Promises a size only where the table (or the text around it) states one; unknown sizes are NaN.
"""

import re
from functools import lru_cache

import numpy as np

from output_checker.disclosure.numbers import Floats, to_float
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.words import Meaning

_FACTS = (
    "no. observations",
    "n",
    "nobs",
    "number of obs",
    "no. obs",
    "sample size",
    "n obs",
    "observations",
    "number of observations",
)


def stated_size(sheet: Sheet) -> float:
    """The size stated in the text around the table, or NaN."""
    return next((sheet.facts[name] for name in _FACTS if name in sheet.facts), float("nan"))


_LABELLED = re.compile(r".*\b[nN] ?= ?(\d{1,3}(?:[, ]\d{3})+|\d+)\b.*")


def labelled_size(text: str) -> float:
    """The size in a label such as "Women (n=123)", or NaN."""
    match = _LABELLED.fullmatch(text)
    return to_float(match[1]) if match else float("nan")


def row_sizes(sheet: Sheet) -> Floats:
    """The sizes that the row labels state, NaN where they state none."""
    return np.array(_label_sizes(sheet.row_labels), float)


@lru_cache(maxsize=8)
def _label_sizes(labels: tuple[str, ...]) -> tuple[float, ...]:
    """Many rules ask for the same labels, one after the other."""
    return tuple(labelled_size(label) for label in labels)


def sizes(sheet: Sheet) -> Floats:
    """Rows x columns: the number of people behind each cell, from a count in its row or column, or from the text."""
    found = np.full(sheet.values.shape, stated_size(sheet))
    labelled = row_sizes(sheet)
    found = np.where(np.isfinite(labelled)[:, None], labelled[:, None], found)
    for row, meaning in enumerate(sheet.row_named):
        if meaning is Meaning.COUNT:
            counts = np.where(sheet.counts[row], sheet.values[row], np.nan)
            found = np.where(np.isfinite(counts)[None, :] & ~np.isfinite(found), counts[None, :], found)
    columns = [c for c in sheet.count_columns if sheet.named[c] is Meaning.COUNT or " | " in sheet.headers[c]]
    if not columns and len(sheet.count_columns) == 1:
        columns = list(sheet.count_columns)
    for target in range(sheet.columns):
        column = _nearest(sheet, columns, target)
        if column is not None and column != target:
            counts = np.where(sheet.counts[:, column], sheet.values[:, column], np.nan)
            found[:, target] = np.where(np.isfinite(counts), counts, found[:, target])
    return found


def _nearest(sheet: Sheet, columns: list[int], target: int) -> int | None:
    """The count column of the same header group ("mdvis | count" for "mdvis | mean"), else the first one."""
    group = sheet.headers[target].rsplit(" | ", 1)[0]
    for column in columns:
        if " | " in sheet.headers[column] and sheet.headers[column].rsplit(" | ", 1)[0] == group:
            return column
    stem = _stem(sheet.headers[target])
    for column in columns:
        if stem and _stem(sheet.headers[column]) == stem:
            return column
    return columns[0] if columns else None


def _stem(header: str) -> str:
    """ "mdvis" of "mdvis_mean" and "mdvis_count"."""
    return header.rsplit("_", 1)[0] if "_" in header else ""
