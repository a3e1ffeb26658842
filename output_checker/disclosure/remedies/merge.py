"""Merges categories: rows of counts that are too small, or too much alike, are added to a neighbour.

Promises sums of what was shown, in tables that hold counts and labels and nothing else: a mean or a percentage can't be
added. Rows are merged with the row above or below, as ages or incomes are ordered; the new label names them all.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from output_checker.disclosure.numbers import Mark
from output_checker.disclosure.remedies.edits import Edits, Step
from output_checker.disclosure.sheet import Sheet
from output_checker.model import Finding, Severity

MERGED = frozenset({"F01", "F03", "F04"})
"""Findings that are answered by merging rows."""
MOST_MERGES = 12
MOST_ROWS = 60
LONGEST_LABEL = 120

Look = Callable[[Edits], tuple[Finding, ...]]
"""What the rules say of the output once it is edited so."""


@dataclass(frozen=True)
class _Row:
    """Rows of the table that are one by now: the first of them, all of them, and their sums."""

    rows: tuple[int, ...]
    label: str
    counts: tuple[int, ...]


def can_merge(sheet: Sheet) -> bool:
    """Whether a table is labels in one column and exact counts in all the others, each row with all its numbers."""
    labels, counts = sheet.label_columns, list(sheet.count_columns)
    whole = sheet.first_line is None and len(labels) == 1 and len(labels) + len(counts) == sheet.columns
    if not whole or not counts or len(set(sheet.source)) < sheet.columns or not 2 <= sheet.rows <= MOST_ROWS:
        return False
    plain = (sheet.marks[:, counts] == Mark.NUMBER).all() and all(
        sheet.text(row, column).strip().isdigit() for row in range(sheet.rows) for column in counts
    )
    inner = [row for row in range(sheet.rows) if not sheet.total_rows[row]]
    in_one_run = inner == list(range(inner[0], inner[-1] + 1)) if inner else False
    return bool(plain and in_one_run and np.count_nonzero(sheet.total_rows) <= 1)


def merging(sheet: Sheet, look: Look) -> Step | None:
    """Merge row by row until no finding that merging answers is left in this table; None where that takes too many."""
    counts = list(sheet.count_columns)
    rows = [
        _Row((row,), sheet.row_labels[row], tuple(int(sheet.values[row, c]) for c in counts))
        for row in range(sheet.rows)
        if not sheet.total_rows[row]
    ]
    for _ in range(MOST_MERGES):
        edits = _edits(sheet, rows)
        wrong = _wrong_rows(sheet, edits, look(edits))
        if not wrong:
            words = "Merged " + "; ".join(f"{row.label}" for row in rows if len(row.rows) > 1) + "."
            return Step(tuple(sorted(MERGED)), words, edits) if edits else None
        at = next((k for k, row in enumerate(rows) if wrong & set(row.rows)), None)
        if at is None or len(rows) <= 2:
            return None
        rows = _merged(rows, at)
    return None


def _wrong_rows(sheet: Sheet, edits: Edits, findings: tuple[Finding, ...]) -> set[int]:
    """The rows, as they were numbered before any was merged, at which findings point."""
    heads = sheet.table.header_rows
    left = [row for row in range(len(sheet.table.cells)) if (sheet.part, row) not in edits.rows]
    return {
        left[where.row] - heads
        for finding in findings
        if finding.rule in MERGED and finding.severity is Severity.FAIL
        for where in finding.where
        if where.part == sheet.part and where.row is not None
    }


def _merged(rows: list[_Row], at: int) -> list[_Row]:
    """With the smaller of the two neighbours."""
    neighbours = [k for k in (at - 1, at + 1) if 0 <= k < len(rows)]
    other = min(neighbours, key=lambda k: sum(rows[k].counts))
    first, second = sorted((at, other))
    upper, lower = rows[first], rows[second]
    sums = tuple(a + b for a, b in zip(upper.counts, lower.counts, strict=True))
    both = _Row((*upper.rows, *lower.rows), f"{upper.label} + {lower.label}"[:LONGEST_LABEL], sums)
    return [*rows[:first], both, *rows[second + 1 :]]


def _edits(sheet: Sheet, rows: list[_Row]) -> Edits:
    heads, part = sheet.table.header_rows, sheet.part
    cells = {}
    gone = set()
    for row in rows:
        if len(row.rows) > 1:
            first = row.rows[0] + heads
            cells[part, first, sheet.source[sheet.label_columns[0]]] = row.label
            for column, number in zip(sheet.count_columns, row.counts, strict=True):
                cells[part, first, sheet.source[column]] = str(number)
            gone |= {(part, other + heads) for other in row.rows[1:]}
    return Edits(cells, frozenset(gone))
