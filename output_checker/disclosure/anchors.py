"""Where a pattern may match: one pass over all text, after which the exact patterns are asked only about a few lines.

Promises the matches that the exact pattern finds on the whole text, no more and no fewer. Python's ``re`` reads 5 to
20 MB a second for each pattern; Hyperscan reads all anchors together at hundreds (`benchmarks/scan_identifiers.py`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import hyperscan

Span = tuple[int, int]


@dataclass(frozen=True)
class Anchored:
    """A pattern whose matches lie within one line, and an ``anchor`` that every match holds: an expression that
    Hyperscan knows (nothing that looks around), over ASCII. ``fold`` when capitals do not count."""

    pattern: re.Pattern[str]
    anchor: str
    fold: bool = False


def find_lines(text: str, wanted: Sequence[Anchored]) -> Mapping[Anchored, Sequence[Span]]:
    """For each pattern the lines, as (start, end) in ``text``, that it has to be asked about."""
    if not text.isascii() and _ODD.search(text):
        return {each: [(0, len(text))] for each in wanted}  # digits and blanks that only ``re`` knows
    found: dict[Anchored, list[Span]] = {each: [] for each in wanted}

    def note(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
        spans = found[wanted[number]]
        if not spans or end > spans[-1][1]:
            spans.append(_line(text, end - 1))

    database = _database(tuple(wanted))
    scratch = hyperscan.Scratch(database)  # of this call alone, as threads may not share one
    # one byte for each character, so that places are the same in both
    database.scan(text.encode("ascii", "replace"), match_event_handler=note, scratch=scratch)
    return found


def find_matches(text: str, pattern: re.Pattern[str], lines: Sequence[Span]) -> Iterator[re.Match[str]]:
    """Each match of the pattern on those lines."""
    for start, end in lines:
        yield from pattern.finditer(text, start, end)


_ODD = re.compile(r"(?![\x00-\x7f])[\d\s]")


def _line(text: str, place: int) -> Span:
    end = text.find("\n", place)
    return text.rfind("\n", 0, place) + 1, len(text) if end < 0 else end


@cache
def _database(wanted: tuple[Anchored, ...]) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[each.anchor.encode() for each in wanted],
        ids=list(range(len(wanted))),
        elements=len(wanted),
        flags=[hyperscan.HS_FLAG_CASELESS if each.fold else 0 for each in wanted],
    )
    return database
