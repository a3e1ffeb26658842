"""What a reader who can add and subtract learns of the hidden numbers of a sheet: the least and the most that each may
be, by linear programming over all its sums at once. tau-argus and sdcTable call this an audit.

Promises intervals that are true if the table is: no attack on these sums alone gets narrower ones (but for whole
numbers, which are used only to round them inwards). A suppression that is proposed is audited by this same code.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from output_checker.disclosure.numbers import Flags
from output_checker.disclosure.programme import Line, Programme
from output_checker.disclosure.sums import Ledger, Sum

MOST_HIDDEN = 2000
MOST_CELLS = 20_000
Numbers = np.typing.NDArray[np.int64]
_FUZZ = 1e-6


@dataclass(frozen=True)
class Interval:
    """The whole numbers that a hidden cell may hold. Where enough is possible for the question that was asked, the ends
    are some possible numbers and not the extremes."""

    low: float
    high: float

    @property
    def exact(self) -> bool:
        """Whether one number is left."""
        return self.low == self.high


@dataclass(frozen=True)
class Audit:
    """The intervals by place. ``sure`` is false where some sums contradict the others and had to be left out."""

    intervals: dict[int, Interval]
    sure: bool = True


def audit(ledger: Ledger, large: float, wanted: Sequence[int] | None = None, small: float = np.inf) -> Audit:
    """The interval of each hidden cell (or of the wanted ones) that stands in a sum. A cell that may be two numbers,
    one of them at least ``large`` and one at most ``small``, is not looked at further."""
    if np.count_nonzero(_linked(ledger)) > MOST_CELLS:  # exact numbers elsewhere add nothing, rounded ones little
        ledger = ledger.only([line for line in ledger.sums if ledger.hidden[line.cells].any()])
    linked = _linked(ledger)
    hidden = [int(p) for p in np.flatnonzero(ledger.hidden & linked)]
    asked = hidden if wanted is None else [p for p in wanted if linked[p]]
    unknown = linked & (ledger.hidden | (ledger.low < ledger.high))
    if not asked or len(hidden) > MOST_HIDDEN or np.count_nonzero(unknown) > MOST_CELLS:
        return Audit({})
    programme, place_of = programme_of(ledger)
    if programme.feasible:
        programme.look_around(place_of[asked])
        return Audit({p: _interval(programme, int(place_of[p]), small, large) for p in asked})
    kept = _consistent(ledger)
    if not kept.sums:
        return Audit({}, sure=False)
    again = audit(kept, large, asked, small)
    return Audit(again.intervals, sure=False)


def programme_of(ledger: Ledger, uncertain: Flags | None = None) -> tuple[Programme, Numbers]:
    """The programme of a ledger's sums, and which of its unknowns stands for which cell (-1 for none). Cells whose
    numbers are known are numbers in it, unless they are named as ``uncertain``."""
    linked = _linked(ledger)
    free = linked & (ledger.hidden | (ledger.low < ledger.high))
    free = free if uncertain is None else free | (linked & uncertain)
    place_of = np.where(free, np.cumsum(free) - 1, -1)
    low, high = ledger.low[free], ledger.high[free]
    lines = [line for line in (_line(total, ledger, place_of) for total in ledger.sums) if len(line.members)]
    return Programme(low, high, lines), place_of


def _line(total: Sum, ledger: Ledger, place_of: Numbers) -> Line:
    cells = total.cells
    weights = np.append(np.ones(len(total.parts)), -1.0)
    numbers = place_of[cells]
    free = numbers >= 0
    known = float(weights[~free] @ ledger.low[cells[~free]])
    return Line(numbers[free].astype(np.int32), weights[free], -known, -known)


def _linked(ledger: Ledger) -> Flags:
    found = np.zeros(len(ledger.low), bool)
    for line in ledger.sums:
        found[line.cells] = True
    return found


def _interval(programme: Programme, unknown: int, small: float, large: float) -> Interval:
    """Asks for an extreme only where earlier answers have not shown enough."""
    low, high = _seen(programme, unknown)
    if high < large or low >= high:
        best = programme.most(unknown)
        high = np.inf if best is None else _floor(best.value)
        low, _ = _seen(programme, unknown)
    if high < large or low > small or low >= high:
        worst = programme.least(unknown)
        low = 0.0 if worst is None else _ceil(worst.value)
    return Interval(min(low, high), high)


def _seen(programme: Programme, unknown: int) -> tuple[float, float]:
    return _ceil(programme.seen_low[unknown]), _floor(programme.seen_high[unknown])


def _floor(value: float) -> float:
    return float(np.floor(value + _FUZZ))


def _ceil(value: float) -> float:
    return float(np.ceil(value - _FUZZ))


def _consistent(ledger: Ledger) -> Ledger:
    """The directions that can be true together, taken in turn."""
    kept: list[Sum] = []
    for direction in dict.fromkeys(line.direction for line in ledger.sums):
        more = [*kept, *(line for line in ledger.sums if line.direction == direction)]
        if programme_of(ledger.only(more))[0].feasible:
            kept = more
    return ledger.only(kept)
