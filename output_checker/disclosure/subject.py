"""One output made ready to be judged: its tables understood, its texts read once, with the policy and the evidence.

Promises that every rule looks at the same understanding. Holds no state beyond these values.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from output_checker.disclosure.frames import Frame, frames_of
from output_checker.disclosure.monospace import Fact, Printed, named_number, read_printed
from output_checker.disclosure.rounding import EXACT, Rounding
from output_checker.disclosure.scan import Scan, make_scan
from output_checker.disclosure.semantics import understand
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.sums import Ledger, ledger_of
from output_checker.model import Correction, Evidence, Image, Output, Policy, Table, Text, Where


@dataclass(frozen=True)
class Prose:
    """A text part, read."""

    part: int
    text: Text
    printed: Printed

    def where(self, line: int, value: str = "") -> Where:
        """The place of a line."""
        return Where(self.part, line, None, f"line {line + 1}", value[:40])


@dataclass(frozen=True)
class Stated:
    """A number that a text or a table of "name: value" pairs states."""

    fact: Fact
    where: Where


@dataclass(frozen=True)
class Subject:
    """Everything the rules may look at."""

    output: Output
    policy: Policy
    evidence: Evidence | None
    name: str
    sheets: tuple[Sheet, ...]
    frames: tuple[tuple[Frame, ...], ...]
    """For each sheet the blocks of counts that add up."""
    prose: tuple[Prose, ...]
    images: tuple[tuple[int, Image], ...]
    stated: tuple[Stated, ...]

    @cached_property
    def scan(self) -> Scan:
        """Every text of the output, to be searched."""
        return make_scan(self.output, self.name, self.sheets)

    def sheets_with_frames(self) -> Iterator[tuple[Sheet, tuple[Frame, ...]]]:
        """Each sheet beside its blocks of counts."""
        return zip(self.sheets, self.frames, strict=True)

    @cached_property
    def ledgers(self) -> tuple[tuple[Sheet, Ledger], ...]:
        """The sheets with hidden cells, each beside the sums that hold in it."""
        return tuple(
            (sheet, ledger_of(sheet, frames))
            for sheet, frames in self.sheets_with_frames()
            if any(frame.hidden.any() for frame in frames) or (sheet.hidden.any() and sheet.counts.any())
        )

    def sheets_with_ledgers(self) -> Iterator[tuple[Sheet, Ledger]]:
        """Each sheet with hidden cells beside its sums."""
        return iter(self.ledgers)


@dataclass(frozen=True)
class LocatedTable:
    """A table of an output, one that was printed in a text included; ``first_line`` is None for a part of its own."""

    part: int
    table: Table
    first_line: int | None = None


FEW_COUNTS = 8
"""So few counts can't prove a rounding by themselves."""
DRAWN = ("points", "line")
"""Marks of drawings that rules of their own judge: their places are no statistics with names."""
MOST_PAIRS = 60
PAIR_SHARE = 0.6
"""So many of the names in a table of pairs end in a colon."""
_LINE = re.compile(r"(?:.*, )?line (\d+)")


def tables_of(output: Output) -> tuple[LocatedTable, ...]:
    """Every table of an output in the order in which the rules number them."""
    return _tables(output, _read_texts(output))


def _read_texts(output: Output) -> dict[int, Printed]:
    """What each text of an output holds, by the number of its part."""
    return {i: read_printed(part.text) for i, part in enumerate(output.parts) if isinstance(part, Text)}


def _tables(output: Output, texts: Mapping[int, Printed]) -> tuple[LocatedTable, ...]:
    found: list[LocatedTable] = []
    for index, part in enumerate(output.parts):
        if isinstance(part, Table) and part.cells:
            found.append(LocatedTable(index, part))
        elif isinstance(part, Text) and part.role != "source":
            found += _printed_tables(output, index, texts[index])
    return tuple(found)


def _printed_tables(output: Output, index: int, printed: Printed) -> list[LocatedTable]:
    """The tables in a text that its reader did not find already."""
    taken = _lines_read(output, index)
    return [
        LocatedTable(index, table, line)
        for line, table in printed.tables
        if not taken & set(range(line, line + len(table.cells)))
    ]


def _lines_read(output: Output, index: int) -> set[int]:
    """The lines of a text that its reader gave as tables of their own: the printed tables that follow it."""
    lines: set[int] = set()
    for part in output.parts[index + 1 :]:
        match = _LINE.fullmatch(part.name) if isinstance(part, Table) and part.language == "monospace" else None
        if match is None or not isinstance(part, Table):
            break
        start = int(match[1]) - 1
        lines.update(range(start, start + len(part.cells) + 4))
    return lines


def make_subject(
    output: Output, policy: Policy, evidence: Evidence | None, name: str, corrections: Sequence[Correction] = ()
) -> Subject:
    """Read an output for the rules, as ``corrections`` say that it is meant."""
    texts = _read_texts(output)
    parts = enumerate(output.parts)
    prose = tuple(_prose(output, index, part, texts[index]) for index, part in parts if isinstance(part, Text))
    stated = [
        Stated(fact, text.where(fact.line, f"{fact.name}: {fact.text}"))
        for text in prose
        for fact in text.printed.facts
    ]
    tables: list[LocatedTable] = []
    for found in _tables(output, texts):
        if found.table.language in DRAWN:
            continue
        pairs = _pairs(found)
        stated += pairs
        if not pairs and len(found.table.cells) > found.table.header_rows:
            tables.append(found)
    sheets = tuple(
        understand(
            found.table,
            found.part,
            found.first_line,
            _facts_for(found, stated),
            base=policy.rounding_base,
            corrections=[correction for correction in corrections if correction.part == found.part],
        )
        for found in tables
    )
    sheets = _rounded_together(sheets)
    images = tuple((index, part) for index, part in enumerate(output.parts) if isinstance(part, Image))
    frames = tuple(frames_of(sheet) for sheet in sheets)
    return Subject(output, policy, evidence, name, sheets, frames, prose, images, tuple(stated))


def _rounded_together(sheets: tuple[Sheet, ...]) -> tuple[Sheet, ...]:
    """A small table takes the rounding that a larger table of the same output proves, where all its counts agree."""
    proved = max((sheet.rounding for sheet in sheets), key=lambda rounding: rounding.base, default=EXACT)
    if proved.base < 5:
        return sheets
    return tuple(_with_rounding(sheet, proved) for sheet in sheets)


def _with_rounding(sheet: Sheet, proved: Rounding) -> Sheet:
    counts = sheet.values[sheet.counts]
    if sheet.rounding.base > 1 or not 0 < len(counts) <= FEW_COUNTS or not proved.holds(counts).all():
        return sheet
    return replace(sheet, rounding=proved, column_rounding=(proved,) * sheet.columns)


def _pairs(found: LocatedTable) -> list[Stated]:
    """The facts of a table of "name: value" pairs, two or four columns wide, as model summaries have them; else
    none."""
    cells = [row for row in found.table.cells if any(text.strip() for text in row)]
    width = len(cells[0]) if cells else 0
    if width not in (2, 4) or len(cells) > MOST_PAIRS:
        return []
    names = [row[c].strip() for row in cells for c in range(0, width, 2) if row[c].strip()]
    if sum(name.endswith(":") for name in names) < PAIR_SHARE * len(names):
        return []
    stated = []
    for number, row in enumerate(found.table.cells):
        for column in range(0, width, 2):
            fact = named_number(number, row[column], row[column + 1])
            if fact is not None:
                line = number if found.first_line is None else found.first_line + number
                stated.append(Stated(fact, Where(found.part, line, column + 1, fact.name, fact.text)))
    return stated or [Stated(Fact(0, "", float("nan"), ""), Where(found.part))]


def _facts_for(found: LocatedTable, stated: Sequence[Stated]) -> dict[str, float]:
    """What is stated in the same text or before the table; the nearest statement of a name counts."""
    before = [item for item in stated if item.where.part <= found.part]
    return {item.fact.name: item.fact.value for item in before if item.fact.name}


def _prose(output: Output, index: int, part: Text, printed: Printed) -> Prose:
    taken = _lines_read(output, index)
    loose = tuple(line for line in printed.loose if line not in taken)
    return Prose(index, part, Printed(printed.tables, printed.facts, loose))
