"""The axes of a drawing: which place on the page stands for which value.

An axis is at least three numbers in a row whose places follow their values, or the values' logarithms, along a straight
line. Promises no scale where that does not hold to within a pixel.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log10

from output_checker.readers.geometry import Page, Word

FEWEST_LABELS = 3
MOST_LABELS = 600
NEAR = 1.0
FAR = 12.0
_VALUE = re.compile(r"([-\u2212]?)([\d,]*\.?\d+)\s?(?:\^([-\u2212]?\d+))?\s?([kKMB%]?)")
_TIMES = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9}


@dataclass(frozen=True)
class Scale:
    """Place to value along one direction: ``value = slope * place + start`` (of the logarithm where ``log``).

    ``beside`` is where the labels stand across the direction; ``error`` is the largest miss of a label in pixels."""

    slope: float
    start: float
    log: bool
    low: float
    high: float
    beside: float
    error: float

    def value(self, place: float) -> float:
        """The value at a place."""
        found = self.slope * place + self.start
        return 10.0 ** max(-300.0, min(300.0, found)) if self.log else found

    @property
    def zero(self) -> float:
        """Where a linear axis is zero."""
        return -self.start / self.slope

    def holds(self, place: float) -> bool:
        """Whether a place lies along this axis, with a margin of a fifth."""
        margin = 0.2 * (self.high - self.low)
        return self.low - margin <= place <= self.high + margin


@dataclass(frozen=True)
class _Label:
    value: float
    place: float
    beside: float


def upright(page: Page) -> tuple[Scale, ...]:
    """The axes that run from top to bottom. Their labels stand in a column."""
    ticks = _ends(page, 1)
    labels = [
        _Label(value, word.middle[1] - 0.36 * word.size, word.middle[0])
        for word in page.words
        if not word.turned and (value := number(word.text)) is not None
    ]
    return tuple(_scales(labels, ticks, width=28.0))


def level(page: Page) -> tuple[Scale, ...]:
    """The axes that run from left to right. Their labels stand in a line."""
    ticks = _ends(page, 0)
    labels = [
        _Label(value, _across(word), word.start[1]) for word in page.words if (value := number(word.text)) is not None
    ]
    return tuple(_scales(labels, ticks, width=2.0))


def _across(word: Word) -> float:
    return word.start[0] if word.turned else word.middle[0]


def number(text: str) -> float | None:
    """The value of a label: thousands, "10^3", "5k", "20%"."""
    found = _VALUE.fullmatch(text.strip()) if len(text) < 40 else None
    if found is None:
        return None
    sign, digits, power, unit = found.groups()
    plain = float(digits.replace(",", ""))
    if power:
        exponent = int(power.replace("\u2212", "-"))
        if plain != 10 or abs(exponent) > 300:
            return None
        plain = 10.0**exponent
    return (-plain if sign else plain) * _TIMES.get(unit, 1.0)


def _ends(page: Page, direction: int) -> list[float]:
    """Where ticks and lines of a grid cross an axis: short or long lines of two points, straight across it."""
    found = set()
    for shape in page.shapes:
        if len(shape.points) == 2 and not shape.curved:
            (a, b) = shape.points
            if abs(a[direction] - b[direction]) < 0.01 and abs(a[1 - direction] - b[1 - direction]) > 1:
                found.add(round(a[direction], 3))
    return sorted(found)[:4000]


def _scales(labels: Sequence[_Label], ticks: Sequence[float], width: float) -> Iterator[Scale]:
    """Group the labels that stand side by side, and fit each group."""
    groups: list[list[_Label]] = []
    for label in sorted(labels, key=lambda label: label.beside)[:MOST_LABELS]:
        if groups and label.beside - groups[-1][-1].beside <= width:
            groups[-1].append(label)
        else:
            groups.append([label])
    for group in groups:
        rest = sorted(group, key=lambda label: label.place)
        while len(rest) >= FEWEST_LABELS:
            scale, used = _longest(rest, ticks)
            if scale is not None:
                yield scale
            rest = rest[used:]


def _longest(labels: Sequence[_Label], ticks: Sequence[float]) -> tuple[Scale | None, int]:
    """The scale that the first labels agree on, and how many do; several drawings can stand in one line."""
    best: tuple[Scale | None, int] = (None, 1)
    for count in range(FEWEST_LABELS, min(len(labels), 60) + 1):
        scale = _fit(labels[:count], ticks)
        if scale is None:
            break
        best = (scale, count)
    return best


def _fit(labels: Sequence[_Label], ticks: Sequence[float]) -> Scale | None:
    values = [label.value for label in labels]
    if len(set(values)) < len(values) or values not in (sorted(values), sorted(values, reverse=True)):
        return None
    for places in _places(labels, ticks):
        for log in (False, True):
            found = None if log and min(values) <= 0 else _straight(labels, places, log=log)
            if found is not None:
                return found
    return None


def _straight(labels: Sequence[_Label], places: Sequence[float], *, log: bool) -> Scale | None:
    """The scale that the labels' values (or their logarithms) follow, if they do."""
    spacing = min(b - a for a, b in pairwise(places))
    wanted = [log10(label.value) if log else label.value for label in labels]
    slope, start = _line(places, wanted)
    if not slope or spacing < 2:
        return None
    error = max(abs((value - start) / slope - place) for place, value in zip(places, wanted, strict=True))
    if error > max(NEAR, 0.02 * spacing):
        return None
    beside = sum(label.beside for label in labels) / len(labels)
    return Scale(slope, start, log, places[0], places[-1], beside, error)


def _places(labels: Sequence[_Label], ticks: Sequence[float]) -> Iterator[list[float]]:
    """The places of the ticks beside the labels, where there are ticks; else those of the labels."""
    places = [label.place for label in labels]
    near = [_nearest(ticks, place) for place in places]
    if all(abs(tick - place) < FAR for tick, place in zip(near, places, strict=True)) and len(set(near)) == len(near):
        yield near
    yield places


def _nearest(ticks: Sequence[float], place: float) -> float:
    at = bisect_left(ticks, place)
    return min(ticks[max(at - 1, 0) : at + 1], key=lambda tick: abs(tick - place), default=1e12)


def _line(places: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """Least squares."""
    n = len(places)
    across, up = sum(places) / n, sum(values) / n
    spread = sum((place - across) ** 2 for place in places)
    slope = sum((p - across) * (v - up) for p, v in zip(places, values, strict=True)) / spread if spread else 0.0
    return slope, up - slope * across
