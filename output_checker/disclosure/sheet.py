"""A table as numbers with meanings: what the rules look at.

Promises arrays of one shape (body rows by columns): the values, what each cell holds, what each number means and how
sure that is, and which rows and columns are labels or totals. Never changes a cell; places are always those of the
table
that was read.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from output_checker.disclosure.numbers import Codes, Flags, Floats, Mark
from output_checker.disclosure.rounding import EXACT, Rounding
from output_checker.disclosure.words import LABELS, Meaning
from output_checker.model import Table, Where

MOST_PLACES = 500
"""So many places of one finding are listed; the message names the true number."""


@dataclass(frozen=True)
class Sheet:
    """One table of an output, understood. All arrays are body rows x columns; ``source[c]`` is the table's column that
    column ``c`` comes from (a column "12 (3.4%)" is two columns here)."""

    part: int
    first_line: int | None
    table: Table
    headers: tuple[str, ...]
    named: tuple[Meaning | None, ...]
    """The statistic that the header itself names, per column."""
    source: tuple[int, ...]
    values: Floats
    marks: Codes
    percent: Flags
    meanings: Codes
    sure: Flags
    column_meaning: tuple[Meaning, ...]
    total_rows: Flags
    total_columns: Flags
    row_labels: tuple[str, ...]
    row_named: tuple[Meaning | None, ...]
    rounding: Rounding = EXACT
    column_rounding: tuple[Rounding, ...] = ()
    facts: dict[str, float] = field(default_factory=dict)
    """Numbers stated around the table ("No. Observations: 20190")."""

    @property
    def rows(self) -> int:
        """Body rows."""
        return int(self.values.shape[0])

    @property
    def columns(self) -> int:
        """Columns of the arrays."""
        return int(self.values.shape[1])

    @cached_property
    def numeric(self) -> Flags:
        """Cells that hold a number."""
        return np.asarray((self.marks == Mark.NUMBER) | (self.marks == Mark.PAIR), bool)

    @cached_property
    def hidden(self) -> Flags:
        """Cells that hold a mark of suppression."""
        return np.asarray(self.marks == Mark.SUPPRESSED, bool)

    @cached_property
    def label_columns(self) -> tuple[int, ...]:
        """Columns that name the rows."""
        return tuple(c for c, meaning in enumerate(self.column_meaning) if meaning in LABELS)

    @cached_property
    def count_columns(self) -> tuple[int, ...]:
        """Columns that are counts from top to bottom."""
        return tuple(c for c, meaning in enumerate(self.column_meaning) if meaning is Meaning.COUNT)

    @cached_property
    def counts(self) -> Flags:
        """Cells that hold a count."""
        return np.asarray((self.meanings == Meaning.COUNT) & self.numeric, bool)

    @cached_property
    def plain_rows(self) -> Flags:
        """Rows that are neither totals nor named as another statistic than a count."""
        named = np.array([named in (None, Meaning.COUNT) for named in self.row_named], bool)
        return np.asarray(named & ~self.total_rows, bool)

    def columns_of(self, *meanings: Meaning) -> tuple[int, ...]:
        """Columns of these meanings."""
        return tuple(c for c, meaning in enumerate(self.column_meaning) if meaning in meanings)

    def cells_of(self, *meanings: Meaning) -> Flags:
        """Numbers of these meanings."""
        found = np.zeros(self.values.shape, bool)
        for meaning in meanings:
            found |= self.meanings == meaning
        return np.asarray(found & self.numeric, bool)

    def rounding_of(self, column: int) -> Rounding:
        """The rounding of one column's counts."""
        return self.column_rounding[column] if self.column_rounding else self.rounding

    def text(self, row: int, column: int) -> str:
        """What stands in a cell."""
        return self.table.cells[row + self.table.header_rows][self.source[column]]

    def where(self, row: int | None, column: int | None) -> Where:
        """The place of a body cell, a row or a column, with its labels in words."""
        name = "" if row is None else self.row_labels[row]
        header = "" if column is None else self.headers[column]
        label = ", ".join(part for part in (name, header) if part)[:200]
        value = self.text(row, column).strip()[:40] if row is not None and column is not None else ""
        if self.first_line is not None:
            line = None if row is None else self.first_line + row + self.table.header_rows
            return Where(self.part, line, None, label, value)
        place = None if row is None else row + self.table.header_rows
        return Where(self.part, place, None if column is None else self.source[column], label, value)

    def places(self, cells: Flags) -> tuple[Where, ...]:
        """The places of the cells that are true, the first few hundred of them."""
        found = np.argwhere(cells)[:MOST_PLACES]
        return tuple(self.where(int(r), int(c)) for r, c in found)
