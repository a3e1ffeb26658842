"""What stands in a cell: a number, a pair of numbers, a bound, a mark of suppression, nothing, or words.

Promises to read the forms researchers write (thousands separators, percent signs, currency, footnote marks, "12
(3.4%)",
"<10") and never to guess a number out of words.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


class Mark(IntEnum):
    """What a cell holds."""

    NUMBER = 0
    EMPTY = 1
    SUPPRESSED = 2
    BOUND = 3
    TEXT = 4
    PAIR = 5
    RANGE = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """A parsed cell. ``value`` is its number, the upper end of a bound or range, or NaN; ``second`` the number in
    brackets or the lower end of a range."""

    mark: Mark
    value: float = float("nan")
    second: float = float("nan")
    percent: bool = False
    second_percent: bool = False


LONGEST_NUMBER = 64
_EMPTY = frozenset({"", "nan", "na", "n/a", "none", "null", "<na>", "nat", ".", "nil"})
_SUPPRESSED = frozenset(
    {
        "*",
        "**",
        "***",
        "c",
        "[c]",
        "(c)",
        "x",
        "[x]",
        "s",
        "[s]",
        "-",
        "--",
        "\u2013",
        "\u2014",
        "..",
        "...",
        ":",
        "[:]",
        "#",
        "redacted",
        "[redacted]",
        "<redacted>",
        "(redacted)",
        "suppressed",
        "[suppressed]",
        "<suppressed>",
        "(suppressed)",
        "supp",
        "masked",
        "[masked]",
        "confidential",
        "disclosive",
        "[low]",
        "low",
        "hidden",
        "xx",
        "xxx",
        "†",
        "‡",
    }
)

_NUMBER = r"[-+\u2212]?(?:\d{1,3}(?:[, '\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+)(?:[eE][-+]?\d+)?"
_PLAIN = re.compile(rf"[£$€]?\s?({_NUMBER})\s?(%?)\s?(?:\*{{1,3}}|[†‡§^]+|\[[a-z]\])?")
_BRACKETED = re.compile(rf"[(\[]({_NUMBER})\s?(%?)[)\]](?:\*{{1,3}})?")
_PAIR = re.compile(rf"[£$€]?({_NUMBER})\s?(%?)\s*[(\[{{±]\s*({_NUMBER})\s?(%?)\s*[^\d]?.*")
_BOUND = re.compile(rf"(?:<|≤|<=|less than|fewer than|under|up to)\s*({_NUMBER})\s?(%?)", re.IGNORECASE)
_AT_MOST = re.compile(r"\s*(?:≤|<=|up to)", re.IGNORECASE)
_RANGE = re.compile(rf"[(\[]?\s*({_NUMBER})\s*(?:-|\u2013|to|,|;)\s*({_NUMBER})\s?(%?)[)\]]?", re.IGNORECASE)


def to_float(text: str) -> float:
    """The number that these digits, separators and signs write. Raises ValueError when they write none."""
    plain = text.replace("\u2212", "-")
    try:
        return float(plain)
    except ValueError:
        pass
    stripped = re.sub(r"(?<=\d)[, '\u00a0\u202f](?=\d{3}(?!\d))", "", plain)
    return float(stripped.replace(",", "."))


def parse_cell(text: str) -> Cell:
    """Read one cell. A footnote mark after a number is left out; a bound "<10" gives the largest integer it allows."""
    stripped = text.strip()
    return _parse_short(stripped) if len(stripped) <= LONGEST_NUMBER else Cell(Mark.TEXT)


@lru_cache(maxsize=1 << 16)
def _parse_short(stripped: str) -> Cell:
    lowered = stripped.lower()
    if lowered in _EMPTY:
        return Cell(Mark.EMPTY)
    if lowered in _SUPPRESSED:
        return Cell(Mark.SUPPRESSED)
    return _parse_number(stripped)


def _parse_number(text: str) -> Cell:
    if match := _PLAIN.fullmatch(text) or _BRACKETED.fullmatch(text):
        return Cell(Mark.NUMBER, to_float(match[1]), percent=bool(match[2]))
    if match := _BOUND.fullmatch(text):
        bound = to_float(match[1])
        largest = bound if _AT_MOST.match(text) else (np.ceil(bound) - 1 if bound > 1 else bound)
        return Cell(Mark.BOUND, float(largest), 0.0, percent=bool(match[2]))
    if match := _RANGE.fullmatch(text):
        return Cell(Mark.RANGE, to_float(match[2]), to_float(match[1]), percent=bool(match[3]))
    if match := _PAIR.fullmatch(text):
        return Cell(Mark.PAIR, to_float(match[1]), to_float(match[3]), bool(match[2]), bool(match[4]))
    return Cell(Mark.TEXT)


@dataclass(frozen=True)
class Cells:
    """A column of parsed cells; ``second`` is None where no cell holds a second number."""

    values: Floats
    marks: Codes
    second: Floats | None
    percent: Flags
    second_percent: bool


def parse_column(texts: Sequence[str]) -> Cells:
    """Read a column. A column of plain numbers, which most are, is read in one sweep."""
    if texts and any(c.isdigit() for c in texts[0]):
        try:
            values = np.array(list(map(float, texts)))
        except ValueError:
            return _parse_each(texts)
        marks = np.where(np.isnan(values), np.uint8(Mark.EMPTY), np.uint8(Mark.NUMBER)).astype(np.uint8)
        values[np.isinf(values)] = np.nan
        return Cells(values, marks, None, np.zeros(len(texts), bool), False)
    return _parse_each(texts)


def _parse_each(texts: Sequence[str]) -> Cells:
    """Each distinct text once."""
    distinct = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    cells = [parse_cell(text) for text in distinct]
    place = np.array([distinct[text] for text in texts], np.intp)
    second = None
    if any(cell.mark is Mark.PAIR for cell in cells):
        second = np.array([cell.second if cell.mark is Mark.PAIR else np.nan for cell in cells])[place]
    return Cells(
        values=np.array([cell.value for cell in cells], float)[place],
        marks=np.array([cell.mark for cell in cells], np.uint8)[place],
        second=second,
        percent=np.array([cell.percent for cell in cells], bool)[place],
        second_percent=any(cell.second_percent for cell in cells),
    )


def decimals(text: str) -> int:
    """How many digits stand after the decimal point; floating-point residue ("71.89999999999999") counts as the
    rounding it came from."""
    body = text.strip().rstrip("%* ")
    _, point, fraction = body.partition(".")
    if not point:
        return 0
    digits = re.match(r"\d*", fraction)
    shown = digits[0] if digits else ""
    if len(shown) >= 12:
        short = f"{float(body):.9g}" if re.fullmatch(r"[-+]?\d*\.\d+", body) else body
        return len(short.partition(".")[2])
    return len(shown)
