"""Linear and integer programmes over numbers that add up, solved by HiGHS.

Promises the same answer for the same question: one thread, a fixed seed, limits counted in steps and not in seconds.
Anything but a proved optimum is said to be none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from output_checker.disclosure.numbers import Floats

Indices = np.typing.NDArray[np.int64]
MOST_STEPS = 200_000
MOST_NODES = 20_000
_INFINITE = 1e15


@dataclass(frozen=True)
class Line:
    """A weighted sum of unknowns that lies between two numbers."""

    members: np.typing.NDArray[np.int32]
    weights: Floats
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Optimum:
    """Where the best value was reached. ``slopes`` are the reduced costs of the unknowns: how the best value changes
    with their bounds."""

    value: float
    at: Floats
    slopes: Floats


class Programme:
    """Unknowns within bounds, and lines that they have to keep; asked for the extremes of one unknown after another.

    ``seen_low`` and ``seen_high`` are the smallest and the largest value of each unknown in all solutions so far: what
    is seen there is possible and need not be asked again.
    """

    def __init__(self, low: Floats, high: Floats, lines: Sequence[Line]) -> None:
        self._size = len(low)
        self._model = _model()
        self._model.addVars(self._size, np.asarray(low, float), _capped(high))
        _add_lines(self._model, lines)
        self.seen_low = np.full(self._size, np.inf)
        self.seen_high = np.full(self._size, -np.inf)
        self.feasible = self._solve(np.zeros(1, np.int64), 0.0) is not None

    def set_bounds(self, low: Floats, high: Floats) -> None:
        """Other bounds for all unknowns; what was seen under the old ones is forgotten."""
        places = np.arange(self._size, dtype=np.int32)
        self._model.changeColsBounds(self._size, places, np.asarray(low, float), _capped(high))
        self.seen_low[:], self.seen_high[:] = np.inf, -np.inf
        self.feasible = self._solve(np.zeros(1, np.int64), 0.0) is not None

    def look_around(self, unknowns: Indices) -> None:
        """Sees the unknowns where all of them are as large, and where all are as small, as they can be together: for
        most of them that shows enough."""
        self._solve(unknowns, -1.0)
        self._solve(unknowns, 1.0)

    def most(self, unknown: int) -> Optimum | None:
        """The largest value of an unknown; infinite where nothing bounds it, None where no answer was proved."""
        found = self._solve(np.array([unknown]), -1.0)
        return found and Optimum(-found.value, found.at, -found.slopes)

    def least(self, unknown: int) -> Optimum | None:
        """The smallest value of an unknown."""
        return self._solve(np.array([unknown]), 1.0)

    def _solve(self, unknowns: Indices, weight: float) -> Optimum | None:
        places = np.asarray(unknowns, np.int32)
        self._model.changeColsCost(len(places), places, np.full(len(places), weight))
        self._model.run()
        status = self._model.getModelStatus()
        self._model.changeColsCost(len(places), places, np.zeros(len(places)))
        nowhere = np.zeros(self._size)
        if status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return Optimum(-np.inf, nowhere, nowhere) if weight else None
        if status != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self._model.getSolution()
        at = np.array(solution.col_value)
        np.minimum(self.seen_low, at, out=self.seen_low)
        np.maximum(self.seen_high, at, out=self.seen_high)
        return Optimum(weight * float(at[places].sum()), at, np.array(solution.col_dual))


def choose(costs: Floats, fixed: Floats, lines: Sequence[Line], gap: float = 0.0) -> Floats | None:
    """The cheapest choice of yes and no that keeps all lines; ``fixed`` holds 1 where the answer is yes already. None
    where there is none or where the search grew too long. ``gap`` is the share by which a cheaper one may be missed."""
    model = _model()
    model.setOptionValue("mip_max_nodes", MOST_NODES)
    model.setOptionValue("mip_rel_gap", gap)
    size = len(costs)
    places = np.arange(size, dtype=np.int32)
    model.addVars(size, np.asarray(fixed, float), np.ones(size))
    model.changeColsCost(size, places, np.asarray(costs, float))
    model.changeColsIntegrality(size, places, np.full(size, highspy.HighsVarType.kInteger))
    _add_lines(model, lines)
    model.run()
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.round(np.array(model.getSolution().col_value))


def _model() -> highspy.Highs:
    model = highspy.Highs()  # type: ignore[no-untyped-call]
    model.silent()
    for name, value in (("threads", 1), ("random_seed", 0), ("simplex_iteration_limit", MOST_STEPS)):
        model.setOptionValue(name, value)
    return model


def _capped(bounds: Floats) -> Floats:
    """HiGHS has an infinity of its own."""
    return np.where(bounds < _INFINITE, bounds, highspy.kHighsInf)


def _add_lines(model: highspy.Highs, lines: Sequence[Line]) -> None:
    if not lines:
        return
    starts = np.cumsum([0, *(len(line.members) for line in lines[:-1])]).astype(np.int32)
    model.addRows(
        len(lines),
        np.array([max(line.low, -highspy.kHighsInf) for line in lines]),
        np.array([min(line.high, highspy.kHighsInf) for line in lines]),
        sum(len(line.members) for line in lines),
        starts,
        np.concatenate([line.members for line in lines]).astype(np.int32),
        np.concatenate([line.weights for line in lines]).astype(float),
    )
