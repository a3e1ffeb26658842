"""Secondary suppression: the cheapest further cells to hide, so that no hidden number can be worked out again.

Promises a pattern that the audit has confirmed, or none. The choice is an integer programme; which patterns are not
enough is learned from the reader who attacks them (Fischetti and Salazar's cuts: each attack that gets too near says,
by its dual prices, which cells would have stopped it). A pattern for a large table is put together cell by cell where
the search for the cheapest one grows too long.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from output_checker.disclosure.audit import programme_of
from output_checker.disclosure.numbers import Flags, Floats
from output_checker.disclosure.programme import Line, Optimum, Programme, choose
from output_checker.disclosure.sums import Ledger

MOST_ROUNDS = 40
MOST_GREEDY_ROUNDS = 200
MOST_CELLS = 8_000
MOST_DEMANDS = 500
GAP = 0.02
"""A pattern may cost so much more than the cheapest that is possible."""
_FUZZ = 1e-6


@dataclass(frozen=True)
class Demand:
    """A hidden cell must remain possible at ``low`` and at ``high`` and at everything between."""

    low: float
    high: float


@dataclass(frozen=True)
class Task:
    """What is to be protected. ``closed`` are the cells that are hidden in any case; ``open_`` are those that may be
    hidden as well, at these ``costs``; all by their places in the ledger."""

    ledger: Ledger
    closed: Flags
    open_: Flags
    costs: Floats
    demands: Mapping[int, Demand]


@dataclass
class _Search:
    """The attacker's programme over all cells that stand in sums, and what the attacks have taught so far."""

    task: Task
    programme: Programme
    places: np.typing.NDArray[np.int64]
    number: np.typing.NDArray[np.int64]
    ceiling: float
    cuts: list[Line] = field(default_factory=list)


def protect(task: Task) -> Flags | None:
    """The cells to hide: the closed ones and as few, cheap others as protect the demands. None where nothing does."""
    ledger = task.ledger
    linked = np.zeros(len(ledger.low), bool)
    for line in ledger.sums:
        linked[line.cells] = True
    if not linked.any() or not any(linked[place] for place in task.demands):
        return task.closed.copy()
    if np.count_nonzero(linked) > MOST_CELLS or len(task.demands) > MOST_DEMANDS:
        return None
    programme, number = programme_of(ledger, linked)
    known = ledger.high[np.isfinite(ledger.high)]
    ceiling = 10.0 * float(max(known.max(initial=0), *(demand.high for demand in task.demands.values()), 100))
    search = _Search(task, programme, np.flatnonzero(linked), number, ceiling)
    return _searched(search)


def _searched(search: _Search) -> Flags | None:
    """The cheapest pattern under what the attacks have taught, attacked again until none succeeds; hidden cell by cell
    from where the search for the cheapest one grew too long."""
    task = search.task
    fixed = task.closed[search.places].astype(float)
    barred = np.flatnonzero(~(task.closed | task.open_)[search.places]).astype(np.int32)
    if len(barred):
        search.cuts.append(Line(barred, np.ones(len(barred))))
    search.cuts += _first_cuts(search)
    hidden = task.closed.copy()
    for turn in range(MOST_ROUNDS + MOST_GREEDY_ROUNDS):
        chosen = choose(task.costs[search.places], fixed, search.cuts, GAP) if turn < MOST_ROUNDS else None
        if chosen is not None:
            hidden = task.closed.copy()
            hidden[search.places[chosen > 0]] = True
        lessons = list(_lessons(search, hidden))
        if not lessons:
            return hidden
        if chosen is None and not _hide_more(search, hidden, lessons):
            return None
        search.cuts += lessons
    return None


def _hide_more(search: _Search, hidden: Flags, lessons: Sequence[Line]) -> bool:
    """Hides, for each attack, the cell that stops most of it for its cost; whether there was any."""
    task = search.task
    found = False
    for lesson in lessons:
        places = search.places[lesson.members]
        worth = np.where(task.open_[places] & ~hidden[places], lesson.weights / task.costs[places], 0.0)
        if worth.size and worth.max() > 0:
            hidden[places[int(worth.argmax())]] = True
            found = True
    return found


def _first_cuts(search: _Search) -> Iterator[Line]:
    """A hidden cell is never alone in a line of exact numbers."""
    ledger, number = search.task.ledger, search.number
    exact = ledger.hidden | (ledger.low == ledger.high)
    for line in ledger.sums:
        for place in line.cells if exact[line.cells].all() else ():
            if int(place) in search.task.demands:
                others = number[line.cells[line.cells != place]].astype(np.int32)
                yield Line(others, np.ones(len(others)), 1.0, np.inf)


def bounds_under(ledger: Ledger, hidden: Flags, ceiling: float) -> tuple[Floats, Floats]:
    """What a reader knows of each cell when these are hidden."""
    return np.where(hidden, 0.0, ledger.low), np.where(hidden, ceiling, ledger.high)


def _lessons(search: _Search, hidden: Flags) -> Iterator[Line]:
    """A cut for each attack that gets too near to a demand under this pattern; none where it protects them all."""
    task, programme = search.task, search.programme
    low, high = bounds_under(task.ledger, hidden, search.ceiling)
    programme.set_bounds(low[search.places], high[search.places])
    if not programme.feasible:
        return
    for place, demand in task.demands.items():
        unknown = int(search.number[place])
        if unknown < 0:
            continue
        if programme.seen_high[unknown] < demand.high - _FUZZ:
            attack = programme.most(unknown)
            if attack is not None and attack.value < demand.high - _FUZZ:
                yield _cut_above(search, attack, demand.high)
        if programme.seen_low[unknown] > demand.low + _FUZZ:
            attack = programme.least(unknown)
            if attack is not None and attack.value > demand.low + _FUZZ:
                yield _cut_below(search, attack, demand.low)


def _cut_above(search: _Search, attack: Optimum, wanted: float) -> Line:
    """By duality the largest value is at most the sum of slopes times bounds, under any pattern: that has to reach
    what is wanted. A hidden cell's bounds are 0 and the ceiling."""
    low, high = search.task.ledger.low[search.places], _shown_high(search)
    up, down = np.maximum(attack.slopes, 0), np.maximum(-attack.slopes, 0)
    gains = up * (search.ceiling - high) + down * low
    return _cover(gains, wanted - float(up @ high - down @ low))


def _cut_below(search: _Search, attack: Optimum, wanted: float) -> Line:
    """The same for the smallest value, which has to come down to what is wanted."""
    low, high = search.task.ledger.low[search.places], _shown_high(search)
    up, down = np.maximum(attack.slopes, 0), np.maximum(-attack.slopes, 0)
    gains = up * low + down * (search.ceiling - high)
    return _cover(gains, float(up @ low - down @ high) - wanted)


def _shown_high(search: _Search) -> Floats:
    """The upper bounds if all is shown; what was hidden in the file has no number to show."""
    high = search.task.ledger.high[search.places]
    return np.where(np.isfinite(high), np.minimum(high, search.ceiling), search.ceiling)


def _cover(gains: Floats, needed: float) -> Line:
    """The chosen cells' gains reach what is needed; more than that counts as that much, which makes the cut sharper."""
    members = np.flatnonzero(gains > _FUZZ).astype(np.int32)
    weights = np.minimum(gains[members], needed) / needed if needed > 0 else gains[members]
    return Line(members, weights, 1.0 - _FUZZ if needed > 0 else needed, np.inf)
