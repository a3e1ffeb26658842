"""What a remedy does to the tables of an output: texts of cells replaced, rows and columns left out.

All places are those of the output as it was read, whatever else is done to it, so that the two can be shown side by
side.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from output_checker.model import Part, Table

Place = tuple[int, int, int]
"""A part, a row and a column of its table, header rows included."""


@dataclass(frozen=True)
class Edits:
    """New texts by place; rows and columns that are left out, each with its part."""

    cells: Mapping[Place, str] = field(default_factory=dict)
    rows: frozenset[tuple[int, int]] = frozenset()
    columns: frozenset[tuple[int, int]] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything is done."""
        return bool(self.cells or self.rows or self.columns)

    def __or__(self, later: "Edits") -> "Edits":
        """Both; what is said later of a cell stands."""
        return Edits({**self.cells, **later.cells}, self.rows | later.rows, self.columns | later.columns)

    def texts(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        """The parts with the new texts, in their old shape."""
        changed: dict[int, dict[tuple[int, int], str]] = {}
        for (part, row, column), text in self.cells.items():
            changed.setdefault(part, {})[row, column] = text
        return tuple(
            _with_texts(part, changed[index]) if isinstance(part, Table) and index in changed else part
            for index, part in enumerate(parts)
        )

    def applied(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        """The parts with all of it done."""
        return tuple(
            self._without(index, part) if isinstance(part, Table) else part
            for index, part in enumerate(self.texts(parts))
        )

    def _without(self, index: int, table: Table) -> Table:
        rows = {row for part, row in self.rows if part == index}
        columns = {column for part, column in self.columns if part == index}
        cells = tuple(
            tuple(text for column, text in enumerate(texts) if column not in columns)
            for row, texts in enumerate(table.cells)
            if row not in rows
        )
        heads = sum(row not in rows for row in range(table.header_rows))
        return replace(table, cells=cells, header_rows=heads)


def joined(edits: Iterable[Edits]) -> Edits:
    """All of them, one after the other."""
    whole = Edits()
    for each in edits:
        whole |= each
    return whole


@dataclass(frozen=True)
class Change:
    """A cell, row or column (the others are None) of the output as it was read, what it is called, and its texts."""

    part: int
    row: int | None
    column: int | None
    label: str
    before: str
    after: str


def changes(edits: Edits, parts: Sequence[Part]) -> tuple[Change, ...]:
    """What was done to which cell, in the order of the table."""
    found = []
    for (index, row, column), text in sorted(edits.cells.items()):
        table = parts[index]
        if isinstance(table, Table):
            label = ", ".join(filter(None, (_row_name(table, row), _column_name(table, column))))
            found.append(Change(index, row, column, label, table.cells[row][column], text))
    for index, row in sorted(edits.rows):
        if isinstance(table := parts[index], Table):
            found.append(Change(index, row, None, _row_name(table, row), ", ".join(table.cells[row][1:]), ""))
    for index, column in sorted(edits.columns):
        if isinstance(table := parts[index], Table):
            texts = ", ".join(row[column] for row in table.cells[table.header_rows :])
            found.append(Change(index, None, column, _column_name(table, column), texts, ""))
    return tuple(found)


def _row_name(table: Table, row: int) -> str:
    return table.cells[row][0].strip()[:60]


def _column_name(table: Table, column: int) -> str:
    return " | ".join(dict.fromkeys(filter(None, (row[column].strip() for row in table.cells[: table.header_rows]))))[
        :60
    ]


def _with_texts(table: Table, texts: Mapping[tuple[int, int], str]) -> Table:
    cells = [list(row) for row in table.cells]
    for (row, column), text in texts.items():
        cells[row][column] = text
    return replace(table, cells=tuple(map(tuple, cells)))


@dataclass(frozen=True)
class Step:
    """One thing that was done, in words, with the rules that asked for it."""

    rules: tuple[str, ...]
    words: str
    edits: Edits
