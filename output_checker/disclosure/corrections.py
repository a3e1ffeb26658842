"""How corrections change the reading of a table, and the finding that says what they set aside.

Pure. Promises that what a correction sets aside stays in sight: the finding that is made here weighs ``review`` as soon
as anything heavier than a note is gone, so that no correction leads to a ``pass``.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from output_checker.disclosure.columns import Column
from output_checker.disclosure.numbers import Codes, Flags
from output_checker.disclosure.words import Meaning
from output_checker.model import MEANS_IN_WORDS, Correction, Finding, Means, Output, Severity, Side, Table, Where

_MEANINGS: Mapping[Means, Meaning] = {
    Means.YEAR: Meaning.YEAR,
    Means.DATE: Meaning.DATE,
    Means.CODE: Meaning.CODE,
    # no rule takes a statistic for people, and nothing is added up with it
    Means.THINGS: Meaning.STATISTIC,
    Means.RATE: Meaning.RATE,
    Means.PERCENT: Meaning.PERCENT,
    Means.COUNT: Meaning.COUNT,
}
_QUOTED = 3
_MOST_PLACES = 500
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Corrected:
    """The corrections of one table, by its own columns and body rows."""

    columns: Mapping[int, Means]
    rows: Mapping[int, Means]

    def settle_columns(self, meanings: list[Meaning], sure: list[bool]) -> None:
        """Give the columns their meanings, before rows are looked at."""
        for column, means in self.columns.items():
            if means in _MEANINGS:
                meanings[column], sure[column] = _MEANINGS[means], True

    def settle_cells(self, grid: Codes, sure: Flags, labels: Sequence[int]) -> None:
        """Give the cells their meanings, whatever was found in the whole of the table."""
        inner = [column for column in range(grid.shape[1]) if column not in labels]
        for row, means in self.rows.items():
            if means in _MEANINGS:
                grid[row, inner], sure[row, inner] = _MEANINGS[means], True
        for column, means in self.columns.items():
            if means in _MEANINGS:
                grid[:, column], sure[:, column] = _MEANINGS[means], True

    def settle_totals(self, rows: Flags, columns: Flags) -> None:
        """Mark what is a total."""
        rows[[row for row, means in self.rows.items() if means is Means.TOTAL]] = True
        columns[[column for column, means in self.columns.items() if means is Means.TOTAL]] = True


def corrected(
    corrections: Sequence[Correction], columns: Sequence[Column], row_count: int, first_row: int, *, has_columns: bool
) -> Corrected:
    """The corrections that are about this table. ``first_row`` is where its body begins in its part; without
    ``has_columns`` its columns have no numbers that a person could name."""
    first = {column.source: index for index, column in reversed([*enumerate(columns)])}
    of_columns = {
        first[c.column]: c.means for c in corrections if has_columns and c.column is not None and c.column in first
    }
    of_rows = {
        c.row - first_row: c.means for c in corrections if c.row is not None and 0 <= c.row - first_row < row_count
    }
    return Corrected(of_columns, of_rows)


def tell_set_aside(
    output: Output, corrections: Sequence[Correction], before: Sequence[Finding], after: Sequence[Finding]
) -> Finding:
    """The finding that says what the corrections did (U03)."""
    gone = [finding for finding in before if finding not in after]
    places = tuple(where for finding in gone for where in finding.where)[:_MOST_PLACES]
    own = tuple(Where(c.part, c.row, c.column, _name(output, c)) for c in corrections)
    said = "; ".join(_sentence(output, correction) for correction in corrections)
    if not gone:
        return Finding("U03", Severity.NOTE, own, f"{said}. No finding depends on it.", "")
    weighty = any(finding.severity is not Severity.NOTE for finding in gone)
    return Finding(
        "U03",
        Severity.REVIEW if weighty else Severity.NOTE,
        places or own,
        f"{said}: {_counted(gone)}. {' '.join(f'{f.rule}: {f.message}' for f in gone[:_QUOTED])}",
        "A checker looks whether it is true, and approves the output with it or refuses the correction.",
    )


def _counted(gone: Sequence[Finding]) -> str:
    rules = Counter(finding.rule for finding in gone)
    named = ", ".join(rule if number == 1 else f"{rule} {number} times" for rule, number in rules.items())
    return f"{'1 finding was' if len(gone) == 1 else f'{len(gone)} findings were'} set aside ({named})"


def _sentence(output: Output, correction: Correction) -> str:
    who = "The author says" if correction.side is Side.AUTHOR else "A checker says"
    return f"{who} that {_name(output, correction)} holds {MEANS_IN_WORDS[correction.means]}"


def _name(output: Output, correction: Correction) -> str:
    """A column or row by its own label where it has one."""
    row, column = correction.row, correction.column
    part = output.parts[correction.part] if correction.part < len(output.parts) else None
    label = ""
    if isinstance(part, Table) and column is not None and part.header_rows and column < len(part.cells[0]):
        label = part.cells[part.header_rows - 1][column]
    elif isinstance(part, Table) and row is not None and row < len(part.cells):
        label = part.cells[row][0]
    kind, number = ("column", column) if column is not None else ("row", row)
    return f"{kind} '{label.strip()[:_LONGEST_NAME]}'" if label.strip() else f"{kind} {(number or 0) + 1}"
