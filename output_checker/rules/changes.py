"""What changed in an output between two rounds: cells, rows, columns, lines, pictures. Pure.

It compares parts that readers made and says where they differ, for people to look at; it decides nothing, and whether
bytes are the same is for digests alone. Every comparison takes a time that grows with the size of what is compared and
no faster, whatever somebody puts into a file.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from output_checker.model import Part, Table, Text

_T = TypeVar("_T")
_Pair = tuple[int, int]
_Key = Callable[[_T], Hashable]

CONTEXT_LINES = 2
"""Lines of a text that are shown around a change."""


class Change(StrEnum):
    """What happened to an output or a part of one since the last round."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"


@dataclass(frozen=True)
class Filed:
    """A file of a round: ``context`` and ``controls`` are what its author says about it."""

    id: str
    path: str
    sha256: str
    canonical_sha256: str | None
    context: str = ""
    controls: str = ""


@dataclass(frozen=True)
class Matching:
    """Which file of the last round became which of this one: ``earlier`` by the key of the file of this round."""

    earlier: Mapping[str, Filed]
    removed: tuple[Filed, ...]


@dataclass(frozen=True)
class TableChange:
    """``was`` holds the earlier text of each changed cell, by (row, column) of the table as it is now; rows and columns
    that were removed go by their labels."""

    was: Mapping[_Pair, str] = field(default_factory=dict)
    rows_added: frozenset[int] = frozenset()
    columns_added: frozenset[int] = frozenset()
    rows_removed: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """A line of a difference: ``sign`` is "-" (was), "+" (is), " " (both) or "…" (lines left out). ``number`` counts
    from 1 in the text that the line is from."""

    sign: str
    number: int
    text: str


@dataclass(frozen=True)
class TextChange:
    """The lines that differ with a little of what stands around them."""

    lines: tuple[Line, ...]
    added: int
    removed: int


@dataclass(frozen=True)
class PartChange:
    """What happened to one part of the output as it is now."""

    change: Change
    table: TableChange | None = None
    text: TextChange | None = None


@dataclass(frozen=True)
class Difference:
    """What happened to an output: its parts as they are now, and how many of the earlier ones are gone."""

    parts: tuple[PartChange, ...]
    removed: int = 0


def match_files(old: Sequence[Filed], new: Sequence[Filed]) -> Matching:
    """Find each file in the last round: by its path, else by bytes that no other file has, which is a new name."""
    by_path = {file.path: file for file in old}
    earlier = {file.id: by_path[file.path] for file in new if file.path in by_path}
    taken = {file.id for file in earlier.values()}
    homeless = [file for file in old if file.id not in taken and file.canonical_sha256]
    times = Counter(file.canonical_sha256 for file in homeless)
    by_bytes = {file.canonical_sha256: file for file in homeless if times[file.canonical_sha256] == 1}
    for file in new:
        if file.id not in earlier and file.canonical_sha256 in by_bytes:
            earlier[file.id] = by_bytes.pop(file.canonical_sha256)
    taken = {file.id for file in earlier.values()}
    return Matching(earlier, tuple(file for file in old if file.id not in taken))


def compare_files(old: Filed | None, new: Filed) -> Change | None:
    """What happened to a file, from its digests alone; None while the check has not read it and it came with others."""
    if old is None:
        return Change.NEW
    if new.canonical_sha256 is None:
        return Change.SAME if old.sha256 == new.sha256 else None
    return Change.SAME if old.canonical_sha256 == new.canonical_sha256 else Change.CHANGED


def compare(old: Sequence[Part], new: Sequence[Part]) -> Difference:
    """What happened to each part of an output. Parts find each other by content, then by name, then by kind."""
    keys: list[_Key[Part]] = [_content, lambda part: (type(part), part.name), type]
    pairs = {now: then for then, now in _align(old, new, keys)}
    parts = tuple(_compare_part(old[pairs[n]] if n in pairs else None, part) for n, part in enumerate(new))
    return Difference(parts, len(old) - len(pairs))


def compare_tables(old: Table, new: Table) -> TableChange:
    """The cells, rows and columns that differ. Columns find each other by their heading, rows by their content and then
    by their first cell."""
    heads = old.header_rows if old.header_rows == new.header_rows else 0
    columns = _pair_columns(old, new, heads)
    rows = [(n, n) for n in range(heads)] + [
        (then + heads, now + heads)
        for then, now in _pair_up(
            [tuple(row[then] for then, _ in columns) for row in old.cells[heads:]],
            [tuple(row[now] for _, now in columns) for row in new.cells[heads:]],
            [lambda row: row, lambda row: row[:1]],
        )
    ]
    kept_rows, kept_columns = {then for then, _ in rows}, {then for then, _ in columns}
    return TableChange(
        was={
            (r, c): old.cells[then_r][then_c]
            for then_r, r in rows
            for then_c, c in columns
            if old.cells[then_r][then_c] != new.cells[r][c]
        },
        rows_added=frozenset(range(len(new.cells))) - {now for _, now in rows},
        columns_added=frozenset(range(_width(new))) - {now for _, now in columns},
        rows_removed=tuple("".join(row[:1]) for n, row in enumerate(old.cells) if n not in kept_rows),
        columns_removed=tuple(_heading(old, n, heads) for n in range(_width(old)) if n not in kept_columns),
    )


def compare_texts(old: str, new: str) -> TextChange:
    """The lines that differ."""
    before, after = old.split("\n"), new.split("\n")
    lines: list[Line] = []
    then = now = 0
    for pair in [*_align(before, after, [lambda line: line]), (len(before), len(after))]:
        lines += [Line("-", n + 1, before[n]) for n in range(then, pair[0])]
        lines += [Line("+", n + 1, after[n]) for n in range(now, pair[1])]
        lines += [Line(" ", n + 1, after[n]) for n in (pair[1],) if n < len(after)]
        then, now = pair[0] + 1, pair[1] + 1
    signs = Counter(line.sign for line in lines)
    return TextChange(tuple(_near_changes(lines)), added=signs["+"], removed=signs["-"])


def _compare_part(old: Part | None, new: Part) -> PartChange:
    if old is None:
        return PartChange(Change.NEW)
    if _content(old) == _content(new):
        return PartChange(Change.SAME)
    if isinstance(old, Table) and isinstance(new, Table):
        return PartChange(Change.CHANGED, table=compare_tables(old, new))
    if isinstance(old, Text) and isinstance(new, Text):
        return PartChange(Change.CHANGED, text=compare_texts(old.text, new.text))
    return PartChange(Change.CHANGED)


def _content(part: Part) -> Hashable:
    if isinstance(part, Table):
        return Table, part.cells
    return (Text, part.text) if isinstance(part, Text) else (type(part), part.data)


def _pair_columns(old: Table, new: Table, heads: int) -> list[_Pair]:
    if not heads:
        return [(n, n) for n in range(min(_width(old), _width(new)))]
    before, after = (
        [tuple(row[n] for row in table.cells[:heads]) for n in range(_width(table))] for table in (old, new)
    )
    return _pair_up(before, after, [lambda heading: heading])


def _width(table: Table) -> int:
    return len(table.cells[0]) if table.cells else 0


def _heading(table: Table, column: int, heads: int) -> str:
    words = " ".join(row[column] for row in table.cells[:heads]).strip()
    return words or str(column + 1)


def _pair_up(old: Sequence[_T], new: Sequence[_T], keys: Sequence[_Key[_T]]) -> list[_Pair]:
    """Align, and take what is left between two aligned items for the same items when it is as many as before."""
    pairs: list[_Pair] = []
    then = now = 0
    for pair in [*_align(old, new, keys), (len(old), len(new))]:
        if pair[0] - then == pair[1] - now:
            pairs += zip(range(then, pair[0]), range(now, pair[1]), strict=True)
        pairs += [pair] if pair != (len(old), len(new)) else []
        then, now = pair[0] + 1, pair[1] + 1
    return pairs


def _align(old: Sequence[_T], new: Sequence[_T], keys: Sequence[_Key[_T]]) -> list[_Pair]:
    """Positions that belong together, rising in both: equal by the first key, and between those by the next ones."""
    if not keys or not old or not new:
        return []
    befores, afters = [keys[0](item) for item in old], [keys[0](item) for item in new]
    pairs: list[_Pair] = []
    then = now = 0
    for pair in [*_anchors(befores, afters), (len(old), len(new))]:
        head = _common(befores[then : pair[0]], afters[now : pair[1]])
        tail = _common(befores[then + head : pair[0]][::-1], afters[now + head : pair[1]][::-1])
        pairs += [(then + n, now + n) for n in range(head)]
        left, right = (then + head, pair[0] - tail), (now + head, pair[1] - tail)
        between = _align(old[slice(*left)], new[slice(*right)], keys[1:])
        pairs += [(left[0] + a, right[0] + b) for a, b in between]
        pairs += [(pair[0] - tail + n, pair[1] - tail + n) for n in range(tail)]
        pairs += [pair] if pair != (len(old), len(new)) else []
        then, now = pair[0] + 1, pair[1] + 1
    return pairs


def _anchors(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[_Pair]:
    """The longest rising run of items that both have exactly once (patience sorting)."""
    once = {item for item, times in Counter(old).items() if times == 1}
    once &= {item for item, times in Counter(new).items() if times == 1}
    place = {item: n for n, item in enumerate(new) if item in once}
    found = [(n, place[item]) for n, item in enumerate(old) if item in once]
    tops: list[int] = []
    piles: list[int] = []
    below: list[int] = []
    for number, (_, now) in enumerate(found):
        pile = bisect_left(tops, now)
        below.append(piles[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [now]
        piles[pile : pile + 1] = [number]
    run: list[_Pair] = []
    at = piles[-1] if piles else -1
    while at >= 0:
        run.append(found[at])
        at = below[at]
    return run[::-1]


def _common(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """How many items both begin with."""
    for number, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return number
    return min(len(one), len(other))


def _near_changes(lines: Sequence[Line]) -> Iterator[Line]:
    changed = [n for n, line in enumerate(lines) if line.sign != " "]
    near = sorted({m for n in changed for m in range(n - CONTEXT_LINES, n + CONTEXT_LINES + 1) if 0 <= m < len(lines)})
    last = -1
    for number in near:
        if number > last + 1:
            yield Line("…", 0, f"{number - last - 1} lines left out")
        yield lines[number]
        last = number
