"""Every text of an output in one string, so that each pattern runs over it once.

Promises that a hit is placed in the piece it stands in and that no pattern matches across pieces.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from output_checker.disclosure.anchors import Anchored, Span, find_lines, find_matches
from output_checker.disclosure.numbers import Mark
from output_checker.disclosure.patterns import IDENTIFIERS
from output_checker.disclosure.sheet import Sheet
from output_checker.model import Output, Table, Text, Where

_BETWEEN = "\n\x00\n"
_NOT_SEARCHED = ("source", "second-mime", "blanks")
"""Code that is not released and second forms of what is; they are looked at by their own rules."""
_LONGEST_HEADER_WITHOUT_IDENTIFIER = 4


@dataclass(frozen=True)
class Piece:
    """A text to search, with the place to name. ``hint`` is the header above it."""

    text: str
    where: Where
    hint: str = ""


@dataclass(frozen=True)
class Hit:
    """A match in a piece."""

    piece: Piece
    match: re.Match[str]
    offset: int
    """Where the match begins in the piece."""

    @property
    def where(self) -> Where:
        """The place, with the first characters of what stands there."""
        where = self.piece.where
        row = where.row
        if row is None and not where.label:
            row = self.piece.text.count("\n", 0, self.offset)
        return Where(where.part, row, where.column, where.label, self.match[0][:3] + "...")

    @property
    def before(self) -> str:
        """The text before the match on its line."""
        start = self.piece.text.rfind("\n", 0, self.offset) + 1
        return self.piece.text[start : self.offset]


@dataclass(frozen=True)
class Scan:
    """The pieces and all of them in one string."""

    pieces: tuple[Piece, ...]
    starts: tuple[int, ...]
    whole: str

    @cached_property
    def _lines(self) -> Mapping[Anchored, Sequence[Span]]:
        return find_lines(self.whole, IDENTIFIERS)

    def find(self, pattern: re.Pattern[str] | Anchored) -> Iterator[Hit]:
        """Each match of the pattern with its piece."""
        if isinstance(pattern, Anchored):
            matches = find_matches(self.whole, pattern.pattern, self._lines[pattern])
        else:
            matches = pattern.finditer(self.whole)
        for match in matches:
            number = bisect_right(self.starts, match.start()) - 1
            yield Hit(self.pieces[number], match, match.start() - self.starts[number])


def make_scan(output: Output, name: str, sheets: Sequence[Sheet]) -> Scan:
    """Gather the texts, cells of words, headers, the file's name and the samples of what was left out."""
    pieces = [piece for piece in _pieces(output, name, sheets) if piece.text]
    starts: list[int] = []
    length = 0
    for piece in pieces:
        starts.append(length)
        length += len(piece.text) + len(_BETWEEN)
    return Scan(tuple(pieces), tuple(starts), _BETWEEN.join(piece.text for piece in pieces))


def _pieces(output: Output, name: str, sheets: Sequence[Sheet]) -> Iterator[Piece]:
    for index, part in enumerate(output.parts):
        if isinstance(part, Text):
            yield Piece(part.text, Where(index))
        elif isinstance(part, Table):
            yield Piece(part.name, Where(index, label="the table's name"))
            yield from _headers(index, part)
    for sheet in sheets:
        if sheet.first_line is None:
            yield from _word_cells(sheet)
    for dropped in output.dropped:
        if dropped.what not in _NOT_SEARCHED:
            yield Piece(dropped.sample, Where(label=f"left out: {dropped.where or dropped.what}"))
    yield Piece(name, Where(label="the file's name"))


def _headers(index: int, part: Table) -> Iterator[Piece]:
    for r, row in enumerate(part.cells[: part.header_rows]):
        for c, text in enumerate(row):
            if len(text) > _LONGEST_HEADER_WITHOUT_IDENTIFIER:
                yield Piece(text, Where(index, r, c, "header", text[:40]))


def _word_cells(sheet: Sheet) -> Iterator[Piece]:
    """The distinct words of each column at their first row."""
    for column in range(sheet.columns):
        marks = sheet.marks[:, column]
        rows = np.flatnonzero((marks == Mark.TEXT) | (marks == Mark.RANGE))
        first: dict[str, int] = {}
        for row in rows:
            first.setdefault(sheet.text(int(row), column), int(row))
        for text, number in first.items():
            yield Piece(text, sheet.where(number, column), sheet.headers[column])
