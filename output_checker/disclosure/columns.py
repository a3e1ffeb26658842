"""What each column of a table means by its header and its values, before rows are looked at.

Promises one meaning per column and says where something vouches for it. Whole numbers that nothing explains are taken
for counts, other numbers that nothing explains stay unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from output_checker.disclosure.keys import is_key, is_regular, leading_keys
from output_checker.disclosure.numbers import Cells, Floats, Mark, decimals, parse_column
from output_checker.disclosure.words import Meaning, key_named, names_total, normal, row_statistic, statistic_named
from output_checker.model import Table

TEXT_SHARE = 0.5
"""A column with more words than this share of its filled cells is a label column."""

_MEAN = Meaning.MEAN
"""What "M" beside "SD" stands for."""
_WEAK_STATISTICS = frozenset({"t", "z", "f", "p", "or", "all", "n", "index", "risk", "effect", "class", "precision"})


@dataclass(frozen=True)
class Column:
    source: int
    header: str
    texts: Sequence[str]
    cells: Cells
    forced: Meaning | None = None

    @property
    def numbers(self) -> Floats:
        good = (self.cells.marks == Mark.NUMBER) | (self.cells.marks == Mark.PAIR)
        return np.asarray(self.cells.values[good & np.isfinite(self.cells.values)], float)


def columns_of(table: Table) -> list[Column]:
    """The columns, a column of pairs opened into two."""
    body = table.cells[table.header_rows :]
    headers = _headers(table)
    found: list[Column] = []
    for index, texts in enumerate(zip(*body, strict=True)) if body else ():
        cells = parse_column(texts)
        found.append(Column(index, headers[index], texts, cells))
        if cells.second is not None:
            found.append(_second(index, headers[index], texts, cells))
    return found


def _second(index: int, header: str, texts: Sequence[str], cells: Cells) -> Column:
    """The numbers in brackets: percentages after counts, spreads after means."""
    inside = cells.second if cells.second is not None else cells.values
    marks = np.where(np.isnan(inside), np.uint8(Mark.EMPTY), np.uint8(Mark.NUMBER)).astype(np.uint8)
    inner = Cells(inside, marks, None, np.zeros(len(marks), bool), False)
    outer = statistic_named(header)
    if np.count_nonzero(cells.percent) > len(cells.percent) / 2:
        return Column(index, header, texts, inner, Meaning.COUNT)
    whole = is_whole(cells.values[np.isfinite(cells.values)])
    if cells.second_percent or outer is Meaning.COUNT or (outer is None and whole):
        meaning = Meaning.PERCENT
    elif outer is Meaning.COEFFICIENT or outer is Meaning.STATISTIC:
        meaning = Meaning.STANDARD_ERROR
    elif outer is Meaning.PERCENTILE:
        meaning = Meaning.PERCENTILE
    else:
        meaning = Meaning.SPREAD
    return Column(index, header, texts, inner, meaning)


def _headers(table: Table) -> list[str]:
    """One header per column: the header rows joined, blanks of merged cells filled from the left."""
    width = len(table.cells[0]) if table.cells else 0
    joined: list[list[str]] = [[] for _ in range(width)]
    for number, row in enumerate(table.cells[: table.header_rows]):
        last = ""
        for index, text in enumerate(row):
            stripped = text.strip()
            last = stripped or (last if number < table.header_rows - 1 else "")
            if last and (not joined[index] or joined[index][-1] != last):
                joined[index].append(last)
    return [" | ".join(parts) for parts in joined]


def innermost(header: str) -> str:
    return header.rsplit(" | ", 1)[-1]


def is_whole(numbers: Floats) -> bool:
    return bool(len(numbers)) and bool(np.all(numbers == np.floor(numbers)))


def header_statistic(header: str) -> Meaning | None:
    """The statistic that a header of one or several levels names; the innermost level that names one decides."""
    for level in reversed(header.split(" | ")):
        named = statistic_named(level)
        if named is not None:
            return named
    return None


def column_meanings(columns: Sequence[Column]) -> tuple[list[Meaning], list[bool]]:
    """The meaning of each column and whether something says so."""
    named = [column.forced or header_statistic(column.header) for column in columns]
    if columns:
        values = np.stack([column.cells.values for column in columns])
        for index in names_of_groups([innermost(column.header) for column in columns], values):
            named[index] = None
    if Meaning.STANDARD_ERROR in named:
        named = [
            Meaning.COEFFICIENT if normal(innermost(c.header)) == "b" else n
            for c, n in zip(columns, named, strict=True)
        ]
    if Meaning.SPREAD in named:
        named = [_MEAN if normal(innermost(c.header)) == "m" else n for c, n in zip(columns, named, strict=True)]
    in_model = sum(meaning in (Meaning.COEFFICIENT, Meaning.STANDARD_ERROR, Meaning.P_VALUE) for meaning in named) > 0
    texts = [is_text(column) for column in columns]
    keys = _keys(columns, texts, named)
    meanings: list[Meaning] = []
    sure: list[bool] = []
    for index, column in enumerate(columns):
        meaning, certain = _one_meaning(column, named[index], key=index in keys, in_model=in_model)
        meanings.append(meaning)
        sure.append(certain)
    _settle_shares(columns, meanings, sure)
    return meanings, sure


_RANKS = {
    "min": 0, "minimum": 0, "lowest": 0, "smallest": 0, "shortest": 0, "youngest": 0,
    "q1": 1, "q2": 2, "median": 2, "q3": 3, "q4": 4,
    "max": 5, "maximum": 5, "highest": 5, "longest": 5, "oldest": 5,
}  # fmt: skip
"""Statistics that can only grow in this order; the same words are used for groups of people."""
_SCALE_WORDS = frozenset(
    {"low", "lower", "middle", "medium", "mid", "upper", "high", "higher", "second lowest", "second highest"}
)
"""Beside one of these "lowest" and "highest" are ends of a scale."""


def names_of_groups(names: Sequence[str], values: Floats) -> list[int]:
    """Names such as "lowest, lower, upper" or "Q1, Q2, Q3" whose whole numbers (a line of ``values`` for each) don't
    grow in this order everywhere: these words name groups of people there, and the numbers are counts."""
    words = [normal(name) for name in names]
    found = {i: rank for i, word in enumerate(words) if (rank := _RANKS.get(word)) is not None}
    if not found or not is_whole(values[sorted(found)][np.isfinite(values[sorted(found)])]):
        return []
    if not _SCALE_WORDS.isdisjoint(words) and all(words[i].endswith("est") for i in found):
        return sorted({*found, *(i for i, word in enumerate(words) if word in _SCALE_WORDS)})
    block = values[sorted(found, key=lambda i: found[i])]
    with np.errstate(invalid="ignore"):
        shrinks = bool((np.diff(block, axis=0) < 0).any())
    return sorted(found) if shrinks and len(set(found.values())) == len(found) else []


def _keys(columns: Sequence[Column], texts: Sequence[bool], named: Sequence[Meaning | None]) -> frozenset[int]:
    """The key columns; a nameless index 0, 1, 2 ... before sizes 1, 2, 3 ... does not make these a statistic."""
    skip = 0
    if len(columns) > 2 and not columns[0].header.strip() and all(n is Meaning.COUNT for n in named[1:3]):
        skip = int(is_regular(columns[0].cells.values) and is_regular(columns[1].cells.values))
    rest = columns[skip:]
    found = leading_keys(
        [c.cells.values for c in rest], [c.texts for c in rest], [c.header for c in rest], texts[skip:], named[skip:]
    )
    return frozenset([*range(skip), *(index + skip for index in found)])


def is_text(column: Column) -> bool:
    marks = column.cells.marks
    filled = np.count_nonzero(marks != Mark.EMPTY)
    words = np.count_nonzero(marks == Mark.TEXT)
    ranges = np.count_nonzero(marks == Mark.RANGE)
    numbers = np.count_nonzero((marks == Mark.NUMBER) | (marks == Mark.PAIR))
    if filled and numbers == 0 and ranges and header_statistic(column.header) not in (Meaning.COUNT, Meaning.INTERVAL):
        return True
    if filled and ranges > numbers and header_statistic(column.header) is not Meaning.INTERVAL:
        return True
    first = column.source == 0 and header_statistic(column.header) is None and _names_statistics(column)
    return bool(filled and (words > TEXT_SHARE * filled or first))


def _names_statistics(column: Column) -> bool:
    """A first column such as "count, mean, 25%, 75%", whose percentages are names."""
    words = int(np.count_nonzero(column.cells.marks == Mark.TEXT))
    rest = [text for text in column.texts[:50] if text.strip()]
    return words > 0 and len(rest) > 1 and all(row_statistic(text) is not None for text in rest)


def _one_meaning(column: Column, named: Meaning | None, *, key: bool, in_model: bool) -> tuple[Meaning, bool]:
    """The meaning of one column, and whether something says so."""
    numbers = column.numbers
    if is_text(column):
        return (Meaning.IDENTIFIER if key_named(column.header) is Meaning.IDENTIFIER else Meaning.LABEL), True
    if not len(numbers):
        return (Meaning.EMPTY, True) if np.all(column.cells.marks == Mark.EMPTY) else (named or Meaning.COUNT, False)
    if key:
        return (key_named(innermost(column.header)) or Meaning.CODE), True
    if named is not None and not _contradicted(named, column, numbers, in_model=in_model):
        return _refined(named, numbers, column), True
    return _from_values(column, named)


def _from_values(column: Column, named: Meaning | None) -> tuple[Meaning, bool]:
    """The meaning where no header decides: totals of amounts, keys, percent signs, whole numbers."""
    numbers, whole = column.numbers, is_whole(column.numbers)
    if names_total(innermost(column.header)) and not whole and numbers.min() >= 0 and (named or numbers.max() > 100):
        return Meaning.SUM, True
    if named is None and (meaning := _keyed(column)):
        return meaning, True
    if np.count_nonzero(column.cells.percent) > len(numbers) / 2:
        return Meaning.PERCENT, True
    if numbers.max() <= 1 and all(decimals(text) >= 3 for text in column.texts if text.strip()):
        return Meaning.UNKNOWN, False
    if whole and numbers.min() >= 0 and named in (None, Meaning.COUNT, Meaning.STATISTIC):
        return Meaning.COUNT, False
    return Meaning.UNKNOWN, False


def _contradicted(named: Meaning, column: Column, numbers: Floats, *, in_model: bool) -> bool:
    """Whether the values can't be what the header says."""
    whole, low, high = is_whole(numbers), float(numbers.min()), float(numbers.max())
    impossible = {
        Meaning.COUNT: not whole or low < 0,
        Meaning.P_VALUE: low < 0 or high > 1,
        Meaning.CORRELATION: max(-low, high) > 1.0000001,
        Meaning.PROPORTION: low < 0,
    }
    if named in impossible and (impossible[named] or named is not Meaning.PROPORTION):
        return impossible[named]
    if normal(innermost(column.header)) in _WEAK_STATISTICS:
        return whole and not in_model
    counted = named in (Meaning.STATISTIC, Meaning.COEFFICIENT, Meaning.PROPORTION, Meaning.RESIDUAL)
    return counted and whole and not in_model and len(numbers) > 2 and low >= 0 and high > 1


def _refined(named: Meaning, numbers: Floats, column: Column) -> Meaning:
    """A share above 1 is a percentage, a "percentage" within 0..1 that shows decimals a proportion."""
    if named is Meaning.PROPORTION and numbers.max() > 1.0000001:
        return Meaning.PERCENT
    if named is Meaning.PERCENT and numbers.max() <= 1 and not is_whole(numbers) and "%" not in column.header:
        return Meaning.PROPORTION
    return named


def _keyed(column: Column) -> Meaning | None:
    """A header that names a key, believed when the values can be one."""
    numbers, word = column.numbers, key_named(innermost(column.header))
    whole, distinct = is_whole(numbers), len(np.unique(numbers))
    bare = " " not in normal(column.header)
    believed = {
        Meaning.YEAR: whole and numbers.min() >= 1500 and numbers.max() <= 2200,
        Meaning.IDENTIFIER: True,
        Meaning.SETTING: True,
        Meaning.COORDINATE: not (whole and numbers.max() < 1000),
        Meaning.AGE: whole and numbers.max() <= 125 and (distinct == len(numbers) or is_regular(numbers)),
        Meaning.CODE: whole
        and len(column.texts) >= 2
        and (is_regular(numbers) or (bare and is_key(numbers) and distinct <= 200)),
    }
    believed[Meaning.DATE] = believed[Meaning.CODE]
    return word if word is not None and believed.get(word, False) else None


def _settle_shares(columns: Sequence[Column], meanings: list[Meaning], sure: list[bool]) -> None:
    """Unexplained numbers that add up to 1 or 100 over the columns or down a column are shares. A column "42.0, 50.0"
    that looks like counts is one of them where the others need it to add up."""
    open_ = [i for i, meaning in enumerate(meanings) if meaning is Meaning.UNKNOWN]
    written = [
        i
        for i, meaning in enumerate(meanings)
        if meaning is Meaning.COUNT and not sure[i] and all("." in text for text in columns[i].texts if text.strip())
    ]
    if open_ and written and _adds_to(_sums(columns, [*open_, *written]), 100.0):
        open_ = sorted([*open_, *written])
    if not open_:
        return
    block = np.column_stack([columns[i].cells.values for i in open_])
    if not np.isfinite(block).any() or np.nanmin(block) < 0:
        return
    for whole, meaning in ((1.0, Meaning.PROPORTION), (100.0, Meaning.PERCENT)):
        across = np.nansum(block, axis=1)
        if len(open_) > 1 and _adds_to(across, whole):
            for i in open_:
                meanings[i], sure[i] = meaning, True
            return
        for position, i in enumerate(open_):
            down = float(np.nansum(block[:, position]))
            if len(block) > 1 and np.nanmax(block[:, position]) <= whole and abs(down / whole - 1) < 0.011:
                meanings[i], sure[i] = meaning, True


def _sums(columns: Sequence[Column], chosen: Sequence[int]) -> Floats:
    """What the chosen columns add up to in each row."""
    return np.asarray(np.nansum(np.column_stack([columns[i].cells.values for i in chosen]), axis=1), float)


def _adds_to(sums: Floats, whole: float) -> bool:
    """Every line adds up to the whole, or to twice the whole where it holds its own total."""
    filled = sums[sums > 0]
    if not len(filled):
        return False
    once, twice = np.abs(filled / whole - 1) < 0.011, np.abs(filled / whole - 2) < 0.011
    return bool(np.all(once) or np.all(twice))
