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
_FUZZ = 1e-6


@dataclass(frozen=True)
class Interval:
    """The whole numbers that a hidden cell may hold. Where a cell may be large and is not known exactly, ``high`` is
    some possible number and not the largest."""

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


def audit(ledger: Ledger, large: float, wanted: Sequence[int] | None = None) -> Audit:
    """The interval of each hidden cell (or of the wanted ones) that stands in a sum. A cell that may be two numbers,
    one of them at least ``large``, is not looked at further."""
    linked = _linked(ledger)
    hidden = [int(p) for p in np.flatnonzero(ledger.hidden & linked)]
    asked = hidden if wanted is None else [p for p in wanted if linked[p]]
    if not asked or len(hidden) > MOST_HIDDEN or np.count_nonzero(linked) > MOST_CELLS:
        return Audit({})
    programme, place_of = programme_of(ledger)
    if programme.feasible:
        return Audit({p: _interval(programme, place_of[p], large) for p in asked})
    kept = _consistent(ledger)
    if not kept.sums:
        return Audit({}, sure=False)
    again = audit(kept, large, asked)
    return Audit(again.intervals, sure=False)


def programme_of(ledger: Ledger, uncertain: Flags | None = None) -> tuple[Programme, dict[int, int]]:
    """The programme of a ledger's sums, and which of its unknowns stands for which cell. Cells whose numbers are known
    are numbers in it, unless they are named as ``uncertain``."""
    linked = _linked(ledger)
    free = linked & (ledger.hidden | (ledger.low < ledger.high))
    free = free if uncertain is None else free | (linked & uncertain)
    place_of = {int(place): number for number, place in enumerate(np.flatnonzero(free))}
    low, high = ledger.low[free], ledger.high[free]
    lines = [line for line in (_line(total, ledger, place_of) for total in ledger.sums) if len(line.members)]
    return Programme(low, high, lines), place_of


def _line(total: Sum, ledger: Ledger, place_of: dict[int, int]) -> Line:
    members, weights, known = [], [], 0.0
    for place, weight in ((total.total, -1.0), *((part, 1.0) for part in total.parts)):
        if place in place_of:
            members.append(place_of[place])
            weights.append(weight)
        else:
            known += weight * ledger.low[place]
    return Line(np.array(members, np.int32), np.array(weights), -known, -known)


def _linked(ledger: Ledger) -> Flags:
    found = np.zeros(len(ledger.low), bool)
    for line in ledger.sums:
        found[[line.total, *line.parts]] = True
    return found


def _interval(programme: Programme, unknown: int, large: float) -> Interval:
    """Asks for an extreme only where earlier answers have not shown enough."""
    low, high = _seen(programme, unknown)
    if high < large or low >= high:
        best = programme.most(unknown)
        high = np.inf if best is None else _floor(best.value)
        low, _ = _seen(programme, unknown)
    if high < large or low >= high:
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
