"""What people say about the numbers of an output that the check can't know: "this column is a year".

A correction changes how an output is read and never what may happen to it: it can turn a finding into another one, and
never into nothing. Which findings it set aside stands in the assessment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from output_checker.model.errors import BadInput

LONGEST_WHY = 500
MOST_CORRECTIONS = 20
"""More of them about one output mean that it should be written another way."""
_FURTHEST = 10**7


class Means(StrEnum):
    """What a column or row holds, in the words that people choose from."""

    YEAR = "year"
    DATE = "date"
    CODE = "code"
    THINGS = "things"
    """Counts, but not of people: of areas, machines, days."""
    RATE = "rate"
    PERCENT = "percent"
    TOTAL = "total"
    COUNT = "count"
    """Counts of people or records after all."""


MEANS_IN_WORDS: Mapping[Means, str] = {
    Means.YEAR: "a year",
    Means.DATE: "a date",
    Means.CODE: "codes of categories",
    Means.THINGS: "counts of areas or things, not of people",
    Means.RATE: "a rate or an index",
    Means.PERCENT: "percentages",
    Means.TOTAL: "totals",
    Means.COUNT: "counts of people",
}


class Side(StrEnum):
    """On whose word a correction rests."""

    AUTHOR = "author"
    CHECKER = "checker"


@dataclass(frozen=True)
class Correction:
    """A column or a row of a part (one of the two; counted from 0 and with the header rows, as ``Where`` counts), what
    it holds, and why somebody says so."""

    part: int
    row: int | None
    column: int | None
    means: Means
    why: str
    side: Side = Side.AUTHOR

    @classmethod
    def from_mapping(cls, raw: Any, side: Side) -> "Correction":
        """What a form or a program sent. Raises BadInput that says what is wrong with it."""
        if not isinstance(raw, Mapping):
            raise BadInput("A correction names a part, a column or a row, what it holds, and why.")
        part, row, column = (_place(raw, name) for name in ("part", "row", "column"))
        if part is None or (row is None) == (column is None):
            raise BadInput("A correction is about one column or about one row of a part.")
        if raw.get("means") not in set(Means):
            raise BadInput(f"A column holds one of {', '.join(Means)}, not {str(raw.get('means'))[:40]!r}.")
        why = raw.get("why")
        if not isinstance(why, str) or not why.strip() or len(why) > LONGEST_WHY or not why.isprintable():
            raise BadInput(f"Say why in one line of at most {LONGEST_WHY} characters; a checker decides by it.")
        return cls(part, row, column, Means(raw["means"]), why.strip(), side)


def _place(raw: Mapping[str, Any], name: str) -> int | None:
    value = raw.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _FURTHEST):
        return value
    raise BadInput(f"The {name} of a correction is a number that counts from 0.")
