"""An output's columns as values that can be compared with a dataset's: numbers with their digits, or plain words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?\.?")
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+(?:e[-+]?\d+)?")
_BLANK = frozenset({"", "nan", "na", "n/a", "none", "null", "<na>", "nat", "."})
_TRUTH = {"true": 1.0, "false": 0.0}


@dataclass(frozen=True)
class OutputColumn:
    """One column: ``numbers`` where every filled cell is a number, ``words`` always (lower case, trimmed)."""

    index: int
    header: str
    words: tuple[str | None, ...]
    numbers: tuple[float | None, ...] | None
    decimals: int

    @property
    def distinct(self) -> int:
        """How many different values it has."""
        return len({word for word in self.words if word is not None})


def columns_of(cells: Sequence[Sequence[str]], header_rows: int) -> list[OutputColumn]:
    """The columns of a table's body; columns without a value are left out."""
    headers = [" ".join(row[c] for row in cells[:header_rows]).strip() for c in range(len(cells[0]))] if cells else []
    found = []
    for index, texts in enumerate(zip(*cells[header_rows:], strict=True)):
        words = _with_points(tuple(_word(text) for text in texts))
        if any(word is not None for word in words):
            numbers = _numbers(words)
            found.append(OutputColumn(index, headers[index], words, numbers, _decimals(words) if numbers else 0))
    return found


def _word(text: str) -> str | None:
    stripped = text.strip().lower().removeprefix("'")
    return None if stripped in _BLANK else stripped


def _with_points(words: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """Decimal commas as points, in a column that has some which can't be thousands ("5,4267")."""
    filled = [word for word in words if word is not None]
    commas = [word for word in filled if _DECIMAL_COMMA.fullmatch(word)]
    if not any(not _NUMBER.fullmatch(word) for word in commas):
        return words
    if not all("," not in word or _DECIMAL_COMMA.fullmatch(word) for word in filled):
        return words
    return tuple(word.replace(",", ".") if word is not None else None for word in words)


def _numbers(words: Sequence[str | None]) -> tuple[float | None, ...] | None:
    found: list[float | None] = []
    for word in words:
        if word is None:
            found.append(None)
        elif word in _TRUTH:
            found.append(_TRUTH[word])
        elif _NUMBER.fullmatch(word):
            found.append(float(word.replace(",", "")))
        else:
            return None
    return tuple(found)


def _decimals(words: Sequence[str | None]) -> int:
    """The digits after the point that the column shows; many digits mean the full number."""
    shown = max((len(word.partition(".")[2].partition("e")[0]) for word in words if word), default=0)
    return 12 if any(word and "e" in word for word in words) else min(shown, 12)
