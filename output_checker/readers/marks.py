"""What a drawing's marks say: bars, points and lines turned back into the numbers that they were drawn from.

Promises tables, measured in bounded time, for the rules and for the checker's eyes, never bytes: nothing here is part
of what is released. Their ``language`` is "bars", "points" or "line". Values are as exact as the drawing is; heights
that are whole numbers to within that are written as such.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from output_checker.model import Table
from output_checker.readers import axes
from output_checker.readers.axes import Scale
from output_checker.readers.geometry import Page, Shape, Word, flatten
from output_checker.readers.losses import Unreadable

MOST_MARKS = 20_000
MOST_BARS = 3_000
MOST_WORDS = 400
MOST_GROUNDS = 20
MOST_LINES = 60
FEWEST_DOTS = 4
FEWEST_STEPS = 4
LARGEST_DOT = 26.0
_MARGIN = 40.0
FINE = 0.4
"""Values that are known to better than this can be told to be whole numbers or not."""
_BLANK = frozenset(("", "none", "#fff", "#ffffff", "white", "transparent", "rgb(255,255,255)", "rgb(255, 255, 255)"))


@dataclass(frozen=True)
class _Figure:
    page: Page
    across: tuple[Scale, ...]
    up: tuple[Scale, ...]

    def horizontal(self, x: float, y: float) -> Scale | None:
        """The axis below (or above) a place."""
        return min((s for s in self.across if s.holds(x)), key=lambda s: abs(s.beside - y), default=None)

    def vertical(self, x: float, y: float) -> Scale | None:
        """The axis left (or right) of a place."""
        return min((s for s in self.up if s.holds(y)), key=lambda s: abs(s.beside - x), default=None)


def tables(root: Any) -> tuple[list[Table], list[str]]:
    """The marks of a drawing as tables, and the words that it shows as outlines of letters."""
    page = flatten(root)
    if not page.whole:
        raise Unreadable("This drawing has more shapes than can be checked: save it as PNG, or draw groups.")
    figure = _Figure(page, axes.level(page), axes.upright(page))
    found = [*_bars(figure), *_dots(figure), *_lines(figure)]
    return found, [word.text for word in page.words if word.outlined]


# --- bars ---


@dataclass(frozen=True)
class _Bar:
    label: str
    value: float
    error: float


def _bars(figure: _Figure) -> Iterator[Table]:
    boxes = [shape for shape in figure.page.shapes if _is_box(shape)][:MOST_BARS]
    grounds = _grounds(boxes)
    boxes = [shape for at, shape in enumerate(boxes) if at not in grounds]
    standing = [bar for shape in boxes if (bar := _standing(shape, figure))]
    lying = [bar for shape in boxes if (bar := _lying(shape, figure))]
    bars = standing if len(standing) >= len(lying) else lying
    if not bars:
        return
    title = _title(figure, upright=bars is standing)
    texts = _written([bar.value for bar in bars], max(bar.error for bar in bars))
    rows = [(bar.label or f"bar {n}", text) for n, (bar, text) in enumerate(zip(bars, texts, strict=True), 1)]
    yield Table("bars of the drawing", (("bar", title or "value"), *rows), 1, "bars")


def _is_box(shape: Shape) -> bool:
    """A filled rectangle along the page."""
    if not shape.closed or shape.curved or shape.fill.lower() in _BLANK or not 4 <= len(shape.points) <= 6:
        return False
    left, top, right, bottom = shape.box
    corners = all(
        min(abs(x - left), abs(x - right)) < 0.05 and min(abs(y - top), abs(y - bottom)) < 0.05 for x, y in shape.points
    )
    return corners and right - left > 0.2 and bottom - top > 0.01


def _standing(shape: Shape, figure: _Figure) -> _Bar | None:
    left, top, right, bottom = shape.box
    scale = figure.vertical(left, top)
    value = _length(scale, top, bottom, bottom)
    if scale is None or value is None:
        return None
    return _Bar(_named(figure, left, right, min(bottom, scale.high + _MARGIN), upright=True), value, _error(scale))


def _lying(shape: Shape, figure: _Figure) -> _Bar | None:
    left, top, right, bottom = shape.box
    scale = figure.horizontal(right, bottom)
    value = _length(scale, left, right, left)
    if scale is None or value is None:
        return None
    return _Bar(_named(figure, top, bottom, max(left, scale.low - _MARGIN), upright=False), value, _error(scale))


def _length(scale: Scale | None, low: float, high: float, foot: float) -> float | None:
    """The value of a bar: its length where it stands on zero, its end on an axis of logarithms; None for a rectangle
    that stands on nothing."""
    if scale is None:
        return None
    if scale.log:
        return scale.value(low if foot == high else high)
    stands = min(abs(low - scale.zero), abs(high - scale.zero)) < 1.5 + scale.error
    return abs(scale.slope) * (high - low) if stands else None


def _error(scale: Scale) -> float:
    """The share by which values may be wrong."""
    return 2 * scale.error / max(scale.high - scale.low, 1.0) + 2e-4


def _named(figure: _Figure, low: float, high: float, foot: float, *, upright: bool) -> str:
    """The category that stands at the foot of a bar, or the interval that a bar covers."""
    middle = (low + high) / 2
    near: Word | None = None
    reach = max(high - low, 4.0)
    for word in figure.page.words[:MOST_WORDS]:
        along = word.start[0] if word.turned else word.middle[0]
        away = word.start[1] - foot
        if not upright:
            along, away = word.middle[1] - 0.36 * word.size, foot - word.middle[0]
        if abs(along - middle) < reach * 0.6 and -2 < away < 160 and axes.number(word.text) is None:
            reach, near = abs(along - middle) / 0.6, word
    if near is not None:
        return near.text[:80]
    scale = figure.horizontal(middle, foot) if upright else figure.vertical(foot, middle)
    if scale is None:
        return ""
    ends = sorted((scale.value(low), scale.value(high)))
    return f"{ends[0]:.4g} to {ends[1]:.4g}"


def _title(figure: _Figure, *, upright: bool) -> str:
    """The words along the axis that the bars are measured on: those that are turned, or the lowest."""
    words = [w for w in figure.page.words if w.turned == upright and axes.number(w.text) is None]
    if upright:
        return min(words, key=lambda w: w.start[0], default=_NO_WORD).text[:80]
    return max(words, key=lambda w: w.start[1], default=_NO_WORD).text[:80]


_NO_WORD = Word("", (0.0, 0.0), (0.0, 0.0), 0.0, False)


# --- points and lines ---


def _dots(figure: _Figure) -> Iterator[Table]:
    kinds: dict[str, list[tuple[float, float]]] = {}
    for shape in figure.page.shapes:
        left, top, right, bottom = shape.box
        if max(right - left, bottom - top) <= LARGEST_DOT and (shape.curved or shape.closed) and not _is_box(shape):
            size = f"{shape.look} {right - left:.0f}"
            kinds.setdefault(size, []).append(((left + right) / 2, (top + bottom) / 2))
    number = 0
    for places in kinds.values():
        if len(places) >= FEWEST_DOTS and len({x for x, _ in places}) > 2 and len({y for _, y in places}) > 2:
            number += 1
            yield _table(f"points {number} of the drawing", places[:MOST_MARKS], figure, "points")


def _lines(figure: _Figure) -> Iterator[Table]:
    number = 0
    for shape in figure.page.shapes:
        open_line = not shape.closed and not shape.curved and len(shape.points) >= FEWEST_STEPS
        if not open_line or number >= MOST_LINES:
            continue
        left, top, right, bottom = shape.box
        if right - left < LARGEST_DOT and bottom - top < LARGEST_DOT:
            continue
        number += 1
        yield _table(f"line {number} of the drawing", shape.points[:MOST_MARKS], figure, "line")


def _table(name: str, places: Sequence[tuple[float, float]], figure: _Figure, language: str) -> Table:
    """Places as values where there are axes, else as places on the page."""
    across, up = _most(figure.horizontal, places), _most(figure.vertical, places)
    columns = [
        _written([scale.value(p[at]) if scale else p[at] for p in places], _error(scale) if scale else 1.0)
        for at, scale in enumerate((across, up))
    ]
    titles = (_title(figure, upright=False) or "x", _title(figure, upright=True) or "y")
    return Table(name, (titles, *zip(*columns, strict=True)), 1, language)


def _most(find: Any, places: Sequence[tuple[float, float]]) -> Scale | None:
    found: Counter[Scale | None] = Counter(find(x, y) for x, y in places[:200])
    return found.most_common(1)[0][0]


def _written(values: Sequence[float], error: float) -> list[str]:
    """Whole numbers where all are whole to within what the drawing can tell, else five digits."""
    exact = [value for value in values if error * abs(value) < FINE]
    if exact and all(abs(value - round(value)) <= 0.05 + error * abs(value) for value in exact):
        return [str(round(value)) for value in values]
    return [f"{value:.5g}" for value in values]


def _grounds(boxes: Sequence[Shape]) -> set[int]:
    """Rectangles that others stand on: the ground of a panel, by its place in the list."""
    largest = sorted(range(len(boxes)), key=lambda at: -_area(boxes[at]))[:MOST_GROUNDS]
    return {at for at in largest if any(_holds(boxes[at], other) for other in boxes)}


def _area(shape: Shape) -> float:
    left, top, right, bottom = shape.box
    return (right - left) * (bottom - top)


def _holds(ground: Shape, other: Shape) -> bool:
    a, b = ground.box, other.box
    inside = a[0] <= b[0] and a[1] <= b[1] and b[2] <= a[2] and b[3] <= a[3]
    return inside and (a[2] - a[0]) > 1.5 * (b[2] - b[0]) and (a[3] - a[1]) > (b[3] - b[1])
