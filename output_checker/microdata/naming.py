"""Values of a dataset's identifying columns that stand in an output (I09), and its free text (I12).

A number is an identifier only in a column of such numbers: single numbers agree by chance.
"""

# ruff: noqa: S608 - names of columns come from the proved manifest and are quoted; all values are bound

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from output_checker.microdata.cells import OutputColumn
from output_checker.microdata.dataset import Dataset, quoted
from output_checker.model import Column, ColumnRole

IDENTIFYING = (
    ColumnRole.DIRECT_IDENTIFIER,
    ColumnRole.UNIT_ID,
    ColumnRole.RECORD_ID,
    ColumnRole.HOUSEHOLD_ID,
    ColumnRole.HOLDING_ID,
)
MOST_WORDS = 50_000
SHORTEST_WORD = 4
SHORTEST_NUMBER = 6
SHINGLE = 8
_WORD = re.compile(r"[^\s,;|()\[\]{}\"']{4,64}")


@dataclass(frozen=True)
class Hit:
    """Values of one identifying column: where they stand (row, column) and how many different ones."""

    column: str
    role: str
    cells: tuple[tuple[int, int | None], ...]
    distinct: int


def find_in_table(connection: Any, dataset: Dataset, columns: Sequence[OutputColumn]) -> list[Hit]:
    """Columns of a table that hold identifiers."""
    found = []
    for identifier in (c for c in dataset.manifest.columns if c.role in IDENTIFYING):
        for column in columns:
            values = {word.removesuffix(".0"): row for row, word in enumerate(column.words) if word is not None}
            words = {w: row for w, row in values.items() if len(w) >= SHORTEST_WORD}
            if not words or (
                column.numbers is not None and not _is_column_of_ids(column, identifier.name, len(values))
            ):
                continue
            hits = _present(connection, identifier.name, list(words)[:MOST_WORDS])
            if column.numbers is not None and len(hits) < max(
                3, 3 * _by_chance(connection, dataset, identifier, column)
            ):
                continue
            if hits and not (identifier.role is ColumnRole.HOLDING_ID and len(values) < 3):
                cells = tuple((words[hit], column.index) for hit in sorted(hits, key=lambda hit: words[hit]))
                found.append(Hit(identifier.name, identifier.role.value, cells, len(hits)))
    return found


def _by_chance(connection: Any, dataset: Dataset, identifier: Column, column: OutputColumn) -> float:
    """How many of a column's numbers would be identifiers by luck: identifiers from 1 to n hold every small number. A
    column of the identifier's own name is no luck."""
    if column.header.strip().lower() == identifier.name.strip().lower():
        return 0.0
    known = dataset.values(connection, identifier, numeric=True).numbers
    if not len(known):
        return 0.0
    mine = {number for number in column.numbers or () if number is not None}
    within = sum(known[0] <= number <= known[-1] for number in mine)
    return float(within * len(known) / (known[-1] - known[0] + 1))


def _is_column_of_ids(column: OutputColumn, name: str, distinct: int) -> bool:
    if column.header.strip().lower() == name.strip().lower():
        return True
    whole = all(number is None or number == int(number) for number in column.numbers or ())
    return whole and distinct >= 3


def find_in_text(connection: Any, dataset: Dataset, text: str) -> list[Hit]:
    """Identifiers among the words of a text, and runs of eight words of a free-text column."""
    lines = text.split("\n")
    words: dict[str, int] = {}
    for number, line in enumerate(lines):
        for match in _WORD.finditer(line):
            words.setdefault(match[0].strip(".:").lower(), number)
    chosen = {w: n for w, n in words.items() if len(w) >= (SHORTEST_NUMBER if w.isdigit() else SHORTEST_WORD)}
    found = []
    for column in dataset.manifest.columns:
        if column.role in IDENTIFYING and chosen:
            hits = _present(connection, column.name, list(chosen)[:MOST_WORDS])
            numbers = [hit for hit in hits if hit.isdigit()]
            if hits and (len(numbers) < len(hits) or len(numbers) >= 2):
                cells = tuple((chosen[hit], None) for hit in hits)
                found.append(Hit(column.name, column.role.value, cells, len(hits)))
        elif column.role is ColumnRole.FREE_TEXT:
            found += _shingles(connection, column.name, lines)
    return found


def _present(connection: Any, name: str, words: Sequence[str]) -> list[str]:
    rows = connection.execute(
        f"SELECT DISTINCT w FROM (SELECT unnest(?) AS w) WHERE w IN (SELECT DISTINCT lower(trim(CAST({quoted(name)} AS "
        f"VARCHAR))) FROM data)",
        [list(words)],
    ).fetchall()
    return [str(row[0]) for row in rows]


def _shingles(connection: Any, name: str, lines: Sequence[str]) -> list[Hit]:
    shingles: dict[str, int] = {}
    for number, line in enumerate(lines):
        words = line.lower().split()
        for start in range(0, len(words) - SHINGLE + 1, SHINGLE // 2):
            shingles.setdefault(" ".join(words[start : start + SHINGLE]), number)
    chosen = list(shingles)[:200]
    if not chosen:
        return []
    rows = connection.execute(
        f"SELECT w FROM (SELECT unnest(?) AS w) WHERE EXISTS (SELECT 1 FROM data WHERE contains("
        f"regexp_replace(lower(CAST({quoted(name)} AS VARCHAR)), '\\s+', ' ', 'g'), w))",
        [chosen],
    ).fetchall()
    hits = [str(row[0]) for row in rows]
    return [Hit(name, "free_text", tuple((shingles[hit], None) for hit in hits), len(hits))] if hits else []
