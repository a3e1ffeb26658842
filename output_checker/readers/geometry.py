"""A drawing flattened: every shape and word with its place on the page, all transforms applied.

Promises a bounded walk over the canonical drawing. Curves are known by their ends only, which is where data stand.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import cos, radians, sin
from typing import Any

from output_checker.readers import glyphs

MOST_POINTS = 400_000
MOST_SHAPES = 100_000
Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
_SPACE = "{http://www.w3.org/2000/svg}"
_IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_STEP = re.compile(r"([MmLlHhVvCcSsQqTtAaZz])([^MmLlHhVvCcSsQqTtAaZz]*)")
_TRANSFORM = re.compile(r"(matrix|translate|scale|rotate)\s*\(([^()]*)\)")
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7}


@dataclass(frozen=True)
class Word:
    """A line of text: where it begins, its middle, and the size of its letters; ``turned`` when it does not run along
    the page."""

    text: str
    start: Point
    middle: Point
    size: float
    turned: bool
    outlined: bool = False
    """Whether the letters are shapes, which no search for text finds."""


@dataclass(frozen=True)
class Shape:
    """A figure of straight lines between points. ``look`` is what shapes of one kind share."""

    points: tuple[Point, ...]
    closed: bool
    curved: bool
    fill: str
    look: str

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        across, down = [p[0] for p in self.points], [p[1] for p in self.points]
        return min(across), min(down), max(across), max(down)


@dataclass
class Page:
    """The words and shapes of a drawing; ``whole`` is False when there were too many."""

    words: list[Word] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    points: int = 0
    whole: bool = True


@dataclass(frozen=True)
class _Above:
    """What an element has from those around it."""

    matrix: Matrix = _IDENTITY
    looks: Mapping[str, str] = field(default_factory=dict)


def flatten(root: Any) -> Page:
    """The words and shapes of a drawing that was written anew."""
    page = Page()
    named = {node.get("id"): node for node in root.iter() if node.get("id")}
    _walk(root, _Above(), page, named)
    return page


def _walk(node: Any, above: _Above, page: Page, named: Mapping[str, Any]) -> None:
    tag = node.tag.removeprefix(_SPACE)
    if tag in ("defs", "clipPath", "symbol", "marker", "pattern", "linearGradient", "radialGradient"):
        return
    here = _below(node, above)
    if tag == "text":
        page.words += _text(node, here)
    elif tag == "use":
        _use(node, here, page, named)
    elif tag == "g" and (word := _outlined(node, here, named)):
        page.words.append(word)
    elif tag in ("svg", "g", "a", "switch"):
        for child in node:
            _walk(child, here, page, named)
    else:
        _keep(node, tag, here, page)


def _below(node: Any, above: _Above) -> _Above:
    looks = {key: node.get(key) for key in ("fill", "stroke", "font-size", "font", "text-anchor") if node.get(key)}
    shown = {**above.looks, **looks} if looks else above.looks
    transform = node.get("transform")
    return _Above(_times(above.matrix, _matrix(transform)) if transform else above.matrix, shown)


def _use(node: Any, here: _Above, page: Page, named: Mapping[str, Any]) -> None:
    target = named.get((node.get("href") or "").removeprefix("#"))
    if target is None or target.tag in (_SPACE + "svg", _SPACE + "g") or len(page.shapes) > MOST_SHAPES:
        return
    moved = _times(here.matrix, (1, 0, 0, 1, _number(node.get("x")), _number(node.get("y"))))
    _keep(target, target.tag.removeprefix(_SPACE), _below(target, _Above(moved, here.looks)), page)


def _keep(node: Any, tag: str, here: _Above, page: Page) -> None:
    points, closed, curved = _points(node, tag)
    if len(page.shapes) >= MOST_SHAPES or page.points + len(points) > MOST_POINTS:
        page.whole = False
        return
    if not points:
        return
    page.points += len(points)
    fill = here.looks.get("fill", "#000")
    look = f"{tag} {fill} {here.looks.get('stroke', '')} {len(points)}"
    page.shapes.append(Shape(tuple(_at(here.matrix, p) for p in points), closed, curved, fill, look))


def _points(node: Any, tag: str) -> tuple[list[Point], bool, bool]:
    if tag == "path":
        return _path(node.get("d") or "")
    if tag == "rect":
        x, y, w, h = (_number(node.get(key)) for key in ("x", "y", "width", "height"))
        return [(x, y), (x + w, y), (x + w, y + h), (x, y + h)], True, False
    if tag in ("circle", "ellipse"):
        x, y = _number(node.get("cx")), _number(node.get("cy"))
        a = _number(node.get("r") or node.get("rx"))
        b = _number(node.get("r") or node.get("ry"))
        return [(x - a, y - b), (x + a, y + b)], True, True
    if tag == "line":
        return [tuple(_number(node.get(key + end)) for key in "xy") for end in "12"], False, False  # type: ignore[misc]
    if tag in ("polyline", "polygon"):
        numbers = _numbers(node.get("points") or "")
        return list(zip(numbers[::2], numbers[1::2], strict=False)), tag == "polygon", False
    return [], False, False


def _path(text: str) -> tuple[list[Point], bool, bool]:
    """The points at which the steps of a path end."""
    points: list[Point] = []
    x = y = 0.0
    begin = (0.0, 0.0)
    closed = curved = False
    for step, rest in _STEP.findall(text):
        kind, relative = step.upper(), step.islower()
        if kind == "Z":
            closed, (x, y) = True, begin
            continue
        curved = curved or kind in "CSQTA"
        numbers = _arc(rest) if kind == "A" else _numbers(rest)
        for at in range(0, len(numbers) - _TAKES[kind] + 1, _TAKES[kind]):
            last = numbers[at : at + _TAKES[kind]]
            if kind == "H":
                x = last[0] + (x if relative else 0)
            elif kind == "V":
                y = last[0] + (y if relative else 0)
            else:
                x, y = last[-2] + (x if relative else 0), last[-1] + (y if relative else 0)
            if kind == "M" and at == 0:
                begin = (x, y)
            points.append((x, y))
    return points, closed, curved


def _arc(text: str) -> list[float]:
    """An arc's flags may stand together with the number that follows: "1,18,10"."""
    return _numbers(re.sub(r"([\d.]+)[ ,]+([\d.]+)[ ,]+([-\d.]+)[ ,]+([01])[ ,]*([01])[ ,]*", r"\1 \2 \3 \4 \5 ", text))


def _text(node: Any, here: _Above) -> Iterator[Word]:
    """The lines of a text element; spans with places of their own are lines."""
    spans = [child for child in node if child.get("x") or child.get("y")]
    if not spans or (node.text or "").strip():
        yield _word(node, here, node)
        return
    words = [_word(span, _below(span, here), node) for span in spans]
    base = words[0]
    if len(words) < 8 and all(abs(w.start[0] - base.start[0]) + abs(w.start[1] - base.start[1]) < 30 for w in words):
        text = ""
        for word in words:
            text += ("^" if word.size < 0.9 * base.size and "^" not in text else "") + word.text.replace(" ", "")
        along = words[-1].start[0] + words[-1].size * 0.3
        yield Word(text, base.start, ((base.start[0] + along) / 2, base.start[1]), base.size, base.turned)
    else:
        yield from words


def _word(node: Any, here: _Above, outer: Any) -> Word:
    text = " ".join("".join(node.itertext()).split())
    x, y = (_number(node.get(key) or outer.get(key)) for key in "xy")
    size = _number(here.looks.get("font-size") or here.looks.get("font")) or 10.0
    long = len(text) * size * 0.58
    along = {"middle": 0.0, "end": -long / 2}.get(here.looks.get("text-anchor", ""), long / 2)
    scale = (here.matrix[0] ** 2 + here.matrix[1] ** 2) ** 0.5
    turned = abs(here.matrix[1]) > 0.3 * scale
    return Word(text, _at(here.matrix, (x, y)), _at(here.matrix, (x + along, y)), size * scale, turned)


def _outlined(node: Any, here: _Above, named: Mapping[str, Any]) -> Word | None:
    """A group of references to letters of matplotlib's font: the word that they show."""
    letters = []
    for child in node:
        target = named.get((child.get("href") or "").removeprefix("#")) if child.tag == _SPACE + "use" else None
        letter = glyphs.character(target.get("d") or "") if target is not None else ""
        if letter and target is not None:
            matrix = _matrix(child.get("transform") or "")
            width = max(_numbers(target.get("d"))[::2], default=0.0) / 64
            letters.append((matrix[4], matrix[5], matrix[0], letter, width))
        elif child.tag != _SPACE + "defs" and not _is_blank(child, target):
            return None
    if not letters:
        return None
    text, end = "", 0.0
    for x, y, size, letter, width in letters:
        raised = size < 0.9 and y > 15
        text += ("^" if raised and "^" not in text else "") + (" " if x - end > 28 and text else "") + letter
        end = x + size * width
    scale = (here.matrix[0] ** 2 + here.matrix[1] ** 2) ** 0.5
    turned = abs(here.matrix[1]) > 0.3 * scale
    return Word(text, _at(here.matrix, (0, 0)), _at(here.matrix, (end / 2, 0)), 100 * scale, turned, outlined=True)


def _is_blank(child: Any, target: Any) -> bool:
    """A reference to the outline of a blank, which has none."""
    return bool(child.tag == _SPACE + "use" and (target is None or not target.get("d")) and not child.get("x"))


def _matrix(text: str) -> Matrix:
    matrix = _IDENTITY
    for kind, inside in _TRANSFORM.findall(text):
        n = _numbers(inside)
        if kind == "matrix" and len(n) == 6:
            matrix = _times(matrix, (n[0], n[1], n[2], n[3], n[4], n[5]))
        elif kind == "translate" and n:
            matrix = _times(matrix, (1, 0, 0, 1, n[0], n[1] if len(n) > 1 else 0))
        elif kind == "scale" and n:
            matrix = _times(matrix, (n[0], 0, 0, n[1] if len(n) > 1 else n[0], 0, 0))
        elif kind == "rotate" and n:
            matrix = _times(matrix, _rotation(n))
    return matrix


def _rotation(n: list[float]) -> Matrix:
    c, s = cos(radians(n[0])), sin(radians(n[0]))
    x, y = (n[1], n[2]) if len(n) > 2 else (0.0, 0.0)
    return (c, s, -s, c, x - c * x + s * y, y - s * x - c * y)


def _times(a: Matrix, b: Matrix) -> Matrix:
    return (
        a[0] * b[0] + a[2] * b[1],
        a[1] * b[0] + a[3] * b[1],
        a[0] * b[2] + a[2] * b[3],
        a[1] * b[2] + a[3] * b[3],
        a[0] * b[4] + a[2] * b[5] + a[4],
        a[1] * b[4] + a[3] * b[5] + a[5],
    )


def _at(m: Matrix, p: Point) -> Point:
    return m[0] * p[0] + m[2] * p[1] + m[4], m[1] * p[0] + m[3] * p[1] + m[5]


def _numbers(text: str) -> list[float]:
    return [_bounded(found) for found in _NUMBER.findall(text)]


def _number(text: str | None) -> float:
    found = _NUMBER.search(text or "")
    return _bounded(found[0]) if found else 0.0


def _bounded(text: str) -> float:
    """A place on the page; what lies further out is no place."""
    value = float(text)
    return value if abs(value) < 1e9 else 0.0
