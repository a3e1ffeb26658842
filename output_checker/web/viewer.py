"""Untrusted content as values that a template can show: marks for findings, pages of long tables.

Nothing of a file becomes markup here or later: a cell is a text, a picture is an address of our own, and templates
escape everything. Marks carry the number of the finding, so that a reader can go from one to the other.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from output_checker.model import Finding, Image, Part, Severity, Table, Text, Where
from output_checker.rules.changes import PartChange, TableChange

ROWS_PER_PAGE = 500
LONGEST_TEXT = 200_000
"""Characters of a text on one page; the rest is on the next."""

_WEIGHT = {Severity.FAIL: 0, Severity.REVIEW: 1, Severity.NOTE: 2}
_NUMBER = re.compile(r"\s*[-+−(]?[£$€]?\d[\d,. ]*(?:[eE][-+]?\d+)?\s*[%)]?\s*")  # noqa: RUF001 - a real minus sign


@dataclass(frozen=True)
class Numbered:
    """A finding with the number that marks its places; numbers count from 1 in each output, the heaviest first."""

    number: int
    finding: Finding

    @property
    def weight(self) -> int:
        """For sorting: 0 is the heaviest."""
        return _WEIGHT[self.finding.severity]


@dataclass(frozen=True)
class Mark:
    """What stands against a place: the findings' numbers and the heaviest one's severity."""

    anchor: str
    numbers: tuple[int, ...]
    severity: Severity


@dataclass(frozen=True)
class Cell:
    """A cell as shown. ``was`` is what stood there in the last round, None where nothing changed."""

    text: str
    is_number: bool
    mark: Mark | None
    was: str | None = None
    is_new: bool = False


@dataclass(frozen=True)
class Row:
    """A row as shown; ``number`` counts from 1 and includes the header, as a spreadsheet does."""

    number: int
    cells: tuple[Cell, ...]
    mark: Mark | None
    is_new: bool = False


@dataclass(frozen=True)
class Run:
    """A piece of a text: lines to which no finding points, in one, or a single line (``number``) with its marks."""

    text: str
    number: int = 0
    marks: tuple[Mark, ...] = ()

    @property
    def numbers(self) -> tuple[tuple[int, Severity], ...]:
        """The findings that point at this line, each with the weight of its mark."""
        return tuple({number: mark.severity for mark in self.marks for number in mark.numbers}.items())

    @property
    def severity(self) -> Severity:
        """The heaviest of its marks."""
        return min((mark.severity for mark in self.marks), key=_WEIGHT.__getitem__, default=Severity.NOTE)


@dataclass(frozen=True)
class Shown:
    """A part of an output, one page of it. ``page`` counts from 1; ``pages`` is 1 for what fits."""

    index: int
    kind: str
    name: str
    mark: Mark | None = None
    head: tuple[Row, ...] = ()
    body: tuple[Row, ...] = ()
    rows: int = 0
    columns: int = 0
    runs: tuple[Run, ...] = ()
    role: str = ""
    change: PartChange | None = None
    width: int = 0
    height: int = 0
    page: int = 1
    pages: int = 1


Places = Mapping[tuple[int, int | None, int | None], Mark]


@dataclass(frozen=True)
class Marks:
    """All marks of one output: by (part, row, column), where None means the whole row, column or part."""

    places: Places = field(default_factory=dict)

    def at(self, part: int, row: int | None = None, column: int | None = None) -> Mark | None:
        """The mark of exactly this place."""
        return self.places.get((part, row, column))

    def on_lines(self, part: int) -> Mapping[int, tuple[Mark, ...]]:
        """The marks of a text by its lines, wherever in the line they point."""
        found: dict[int, tuple[Mark, ...]] = {}
        for (index, line, _), mark in self.places.items():
            if index == part and line is not None:
                found[line] = (*found.get(line, ()), mark)
        return found


def number_findings(findings: Iterable[Finding]) -> tuple[Numbered, ...]:
    """Give each finding of an output its number: heaviest first, else in the order of the check."""
    ordered = sorted(findings, key=lambda finding: _WEIGHT[finding.severity])
    return tuple(Numbered(number, finding) for number, finding in enumerate(ordered, start=1))


def anchor_of(prefix: str, where: Where) -> str:
    """The id of a place in the page; ``prefix`` tells the page's outputs apart."""
    row = "" if where.row is None else f"r{where.row}"
    column = "" if where.column is None else f"c{where.column}"
    return f"{prefix}-p{where.part}{row}{column}"


def page_of(where: Where) -> int:
    """The page of a long table that this place is on."""
    return (where.row or 0) // ROWS_PER_PAGE + 1


def marks_of(numbered: Sequence[Numbered], prefix: str) -> Marks:
    """Where the findings point."""
    found: dict[tuple[int, int | None, int | None], list[Numbered]] = defaultdict(list)
    anchors: dict[tuple[int, int | None, int | None], str] = {}
    for item in numbered:
        for where in item.finding.where:
            place = (where.part, where.row, where.column)
            anchors[place] = anchor_of(prefix, where)
            if item not in found[place]:
                found[place].append(item)
    return Marks({place: _mark(anchors[place], items) for place, items in found.items()})


def show_part(index: int, part: Part, marks: Marks, page: int = 1, change: PartChange | None = None) -> Shown:
    """One page of a part, with what changed in it. A page number beyond the end shows the last page."""
    if isinstance(part, Table):
        return _show_table(index, part, marks, page, change)
    if isinstance(part, Text):
        return _show_text(index, part, marks, page, change)
    return _show_image(index, part, marks, change)


def page_of_line(part: Part, line: int) -> int:
    """The page on which a line of a part begins, however its pages are made."""
    if not isinstance(part, Text):
        return page_of(Where(0, line))
    before = "\n".join(part.text.split("\n")[: max(line, 0)])
    return len(before) // LONGEST_TEXT + 1


def _show_text(index: int, part: Text, marks: Marks, page: int, change: PartChange | None) -> Shown:
    pages = max(1, -(-len(part.text) // LONGEST_TEXT))
    page = min(max(page, 1), pages)
    first = (page - 1) * LONGEST_TEXT
    lines = part.text[first : first + LONGEST_TEXT].split("\n")
    runs = tuple(_runs(lines, part.text.count("\n", 0, first), marks.on_lines(index)))
    return Shown(
        index, "text", part.name, marks.at(index), runs=runs, role=part.role, page=page, pages=pages, change=change
    )


def _runs(lines: Sequence[str], before: int, marked: Mapping[int, tuple[Mark, ...]]) -> Iterator[Run]:
    plain = 0
    for place in sorted(line - before for line in marked if before <= line < before + len(lines)):
        if place > plain:
            yield Run("\n".join(lines[plain:place]) + "\n")
        yield Run(lines[place], before + place + 1, marked[before + place])
        plain = place + 1
    if plain < len(lines):
        yield Run("\n".join(lines[plain:]))


def _show_table(index: int, table: Table, marks: Marks, page: int, change: PartChange | None) -> Shown:
    rows = len(table.cells)
    columns = len(table.cells[0]) if rows else 0
    pages = max(1, -(-rows // ROWS_PER_PAGE))
    page = min(max(page, 1), pages)
    first, last = (page - 1) * ROWS_PER_PAGE, min(page * ROWS_PER_PAGE, rows)
    heads = min(max(table.header_rows, 0), rows)
    told = change.table if change and change.table else TableChange()

    def show(number: int) -> Row:
        return _row(index, number, table.cells[number], marks, told, heading=number < heads)

    return Shown(
        index,
        "table",
        table.name,
        marks.at(index),
        head=tuple(show(number) for number in range(heads)),
        body=tuple(show(number) for number in range(max(first, heads), last)),
        rows=rows - heads,
        columns=columns,
        page=page,
        pages=pages,
        change=change,
    )


def _show_image(index: int, image: Image, marks: Marks, change: PartChange | None) -> Shown:
    return Shown(index, "image", image.name, marks.at(index), width=image.width, height=image.height, change=change)


def _row(part: int, number: int, texts: Sequence[str], marks: Marks, told: TableChange, *, heading: bool) -> Row:
    cells = []
    for column, text in enumerate(texts):
        mark = marks.at(part, number, column)
        if mark is None and heading and number == 0:
            mark = marks.at(part, None, column)
        was, is_new = told.was.get((number, column)), column in told.columns_added
        cells.append(Cell(text, bool(_NUMBER.fullmatch(text)), mark, was, is_new))
    return Row(number + 1, tuple(cells), marks.at(part, number), number in told.rows_added)


def _mark(anchor: str, items: Sequence[Numbered]) -> Mark:
    heaviest = min(items, key=lambda item: item.weight)
    return Mark(anchor, tuple(item.number for item in items), heaviest.finding.severity)
