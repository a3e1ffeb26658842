"""SVG drawings: shapes and words that show, written anew.

Promises: only elements and attributes on the lists below are written, with values that can hold nothing but geometry,
colours and fonts; scripts, styles sheets, comments, metadata, links, foreign content and hidden elements are named.
Pictures inside are re-encoded as PNG. Identifiers are renumbered, since a name can carry a message.
The marks of a chart come as tables besides: they are found in what was written, and are no part of it.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from output_checker.model import Image, Kind, Output, Part, Text
from output_checker.readers import formats, marks
from output_checker.readers.characters import cleaned
from output_checker.readers.losses import Losses, Unreadable

MEDIA_TYPE = "image/svg+xml"
LONGEST = 24_000_000
DEEPEST = 200
_SVG = re.compile(r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.{0,20000}?-->\s*)*(?:<!DOCTYPE svg[^>\[]*>\s*)?"
                  r"(?:<!--.{0,20000}?-->\s*)*<(?:svg:)?svg[\s>]", re.DOTALL)  # fmt: skip
_SPACE = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_ELEMENTS = frozenset(
    ("svg", "g", "defs", "symbol", "use", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text",
     "tspan", "clipPath", "linearGradient", "radialGradient", "stop", "marker", "pattern", "image", "a", "switch")
)  # fmt: skip
_LOOKS = frozenset(
    ("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "stroke-dashoffset",
     "stroke-opacity", "stroke-miterlimit", "fill-opacity", "fill-rule", "clip-rule", "opacity", "stop-color",
     "stop-opacity", "font-size", "font-family", "font-weight", "font-style", "font", "text-anchor",
     "dominant-baseline", "alignment-baseline", "letter-spacing", "clip-path", "white-space")
)  # fmt: skip
_GEOMETRY = frozenset(
    ("d", "points", "x", "y", "dx", "dy", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "width",
     "height", "viewBox", "transform", "offset", "gradientUnits", "gradientTransform", "clipPathUnits", "patternUnits",
     "markerWidth", "markerHeight", "refX", "refY", "orient", "preserveAspectRatio", "textLength", "rotate", "space")
)  # fmt: skip
_SAFE = re.compile(r"[\w\s#.,()%+'\"-]*")
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^'\")]+)['\"]?\s*\)")
_ZERO = re.compile(r"0(?:\.0*)?(?:px|pt|em|%)?")
_DATA_URI = re.compile(r"data:image/[\w.+-]+;base64,", re.IGNORECASE)


@dataclass
class _Drawing:
    """A drawing while it is read."""

    losses: Losses
    names: dict[str, str]
    words: list[str] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)


def is_svg(text: str) -> bool:
    """Whether the text begins as an SVG drawing."""
    return _SVG.match(text[:80_000]) is not None


def read(text: str, losses: Losses) -> Output:
    """The drawing, its words as text and its pictures as pictures."""
    if len(text) > LONGEST:
        raise Unreadable(f"This drawing has more than {LONGEST:,} characters; that is more than can be checked.")
    for comment in re.findall(r"<!--(.*?)-->", text, re.DOTALL):
        losses.count("comment", "", "comments", 1, sample=comment)
    try:
        root = fromstring(text.encode())
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable("This drawing is damaged: it is no XML that a drawing has.") from error
    _require_flat_references(root)
    named = [str(node.get("id")) for node in root.iter() if node.get("id")]
    drawing = _Drawing(losses, {name: f"n{number}" for number, name in enumerate(dict.fromkeys(named), 1)})
    body = "\n".join(_element(root, drawing, 0))
    if not body.startswith("<svg"):
        raise Unreadable("This drawing shows nothing.")
    drawn, outlined = marks.tables(fromstring(body.encode()))
    said = set(drawing.words)
    words = cleaned("\n".join([*drawing.words, *(word for word in outlined if word not in said)]), "", losses)
    parts: list[Part] = [Text("", words)] if words else []
    return Output(Kind.VECTOR, MEDIA_TYPE, (*parts, *drawing.images, *drawn), (body + "\n").encode())


def _require_flat_references(root: Any) -> None:
    """Refuse references to elements that refer to others: ten levels of ten are ten billion shapes to a browser."""
    nested = {node.get("id") for node in root.iter() if node.get("id") and node.find(f".//{_SPACE}use") is not None}
    for node in root.iter(_SPACE + "use"):
        if (node.get("href") or node.get(_XLINK) or "").removeprefix("#") in nested:
            raise Unreadable("This drawing refers to shapes that refer to shapes; save it without references.")


def _element(node: Any, drawing: _Drawing, depth: int) -> Iterator[str]:
    """The lines of an element that is written anew; none for one that is not."""
    if depth > DEEPEST:
        raise Unreadable("This drawing is nested too deeply to be checked.")
    tag = node.tag.removeprefix(_SPACE) if isinstance(node.tag, str) else ""
    if not _is_kept(node, tag, drawing):
        return
    if tag == "image":
        yield from _picture(node, drawing)
        return
    attributes = _attributes(node, tag, drawing)
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg"{attributes}' if tag == "svg" and not depth else f"<{tag}{attributes}"
    )
    if tag == "text":
        yield f"{start}>{_line(node, drawing)}</text>"
        return
    if (node.text or "").strip():
        drawing.losses.count("hidden-html", "", "texts where none shows", 1, sort=tag, sample=node.text)
    inner = [line for child in node for line in _element(child, drawing, depth + 1)]
    for child in node:
        if (child.tail or "").strip():
            drawing.losses.count("hidden-html", "", "texts where none shows", 1, sort=tag, sample=child.tail)
    if inner:
        yield start + ">"
        yield from inner
        yield f"</{tag}>"
    elif tag != "a":
        yield start + "/>"


def _is_kept(node: Any, tag: str, drawing: _Drawing) -> bool:
    losses = drawing.losses
    if tag in _ELEMENTS and not _is_concealed(node):
        return True
    sample = " ".join(node.itertext()) if isinstance(node.tag, str) else str(node.text)
    sample += " " + " ".join(
        value for inner in node.iter() if isinstance(inner.tag, str) for value in inner.attrib.values()
    )
    if tag in _ELEMENTS:
        losses.count("hidden-html", "", "elements that do not show", 1, sort=tag, sample=sample)
    elif tag in ("script", "set", "animate", "animateTransform", "animateMotion", "handler"):
        losses.count("script", "", "scripts and animations", 1, sort=tag, sample=sample)
    elif tag == "style":
        plain = not re.search(r"content\s*:|url\s*\(|/\*|@import|base64", sample)
        losses.count("presentation" if plain else "hidden-html", "", "style sheets", 1, sample=sample)
    elif tag == "foreignObject":
        losses.count("embedded", "", "foreign content", 1, sample=sample)
    else:
        losses.count("metadata", "", "elements that draw nothing", 1, sort=tag.rpartition("}")[2][:40], sample=sample)
    return False


def _is_concealed(node: Any) -> bool:
    looks = {**{key: node.get(key) for key in ("display", "visibility", "opacity", "font-size")}, **_style(node)}
    return (
        looks.get("display") == "none"
        or looks.get("visibility") in ("hidden", "collapse")
        or any(_ZERO.fullmatch(looks.get(key) or "1") is not None for key in ("opacity", "font-size"))
    )


def _style(node: Any) -> dict[str, str]:
    pairs = (pair.partition(":") for pair in (node.get("style") or "").split(";"))
    return {key.strip().lower(): value.strip() for key, _, value in pairs if value.strip()}


def _attributes(node: Any, tag: str, drawing: _Drawing) -> str:
    """The attributes that are kept, in one order; a style attribute becomes ordinary attributes."""
    kept: dict[str, str] = {}
    for key, value in {**node.attrib, **_style(node)}.items():
        if key == "style":
            continue
        if key == "id":
            kept["id"] = drawing.names[value]
        elif key in ("href", _XLINK) and tag != "a":
            _keep_reference(value, kept, drawing)
        elif key.removeprefix("{http://www.w3.org/XML/1998/namespace}") in _LOOKS | _GEOMETRY:
            _keep(key, value, kept, drawing)
        else:
            _report_attribute(key, value, drawing.losses)
    return _written(kept)


def _keep(key: str, value: str, kept: dict[str, str], drawing: _Drawing) -> None:
    found = _REFERENCE.fullmatch(value.strip())
    if found:
        if found.group(1) in drawing.names:
            kept[key] = f"url(#{drawing.names[found.group(1)]})"
    elif key.startswith("{"):
        return  # xml:space
    elif _SAFE.fullmatch(value) and (key in _GEOMETRY or len(value) <= 200):
        kept[key] = " ".join(value.split())
    else:
        _report_attribute(key, value, drawing.losses)


def _keep_reference(value: str, kept: dict[str, str], drawing: _Drawing) -> None:
    if value.startswith("#") and value[1:] in drawing.names:
        kept["href"] = f"#{drawing.names[value[1:]]}"
    else:
        drawing.losses.count("link", "", "addresses", 1, sample=value)


def _report_attribute(key: str, value: str, losses: Losses) -> None:
    name = key.rpartition("}")[2]
    if name.startswith("on"):
        losses.count("script", "", "event handlers", 1, sort=name[:40], sample=value)
    elif name == "href":
        losses.count("link", "", "addresses", 1, sample=value)
    elif name in ("class", "version", "baseProfile", "role", "type", "media") or name in _LOOKS or "-" in name[:20]:
        code = "hidden-html" if name.startswith(("data-", "aria-")) else "presentation"
        losses.count(code, "", "attributes", 1, sort=name[:40], sample=value)
    else:
        losses.count("hidden-html", "", "attributes", 1, sort=name[:40], sample=value)


def _line(node: Any, drawing: _Drawing) -> str:
    """The words of a text element and its spans, in one line."""
    pieces: list[str] = []
    shown: list[str] = []
    _spans(node, drawing, pieces, shown, 0)
    words = " ".join("".join(shown).split())
    if words:
        drawing.words.append(words)
    return "".join(pieces).strip()


def _spans(node: Any, drawing: _Drawing, pieces: list[str], shown: list[str], depth: int) -> None:
    def say(text: str | None) -> None:
        flat = re.sub(r"\s+", " ", cleaned(text or "", "", drawing.losses))
        if shown and shown[-1].endswith(" "):
            flat = flat.lstrip(" ")
        if flat:
            pieces.append(escape(flat, quote=False))
            shown.append(flat)

    if depth > DEEPEST:
        raise Unreadable("This drawing is nested too deeply to be checked.")
    say(node.text)
    for child in node:
        tag = child.tag.removeprefix(_SPACE) if isinstance(child.tag, str) else ""
        if tag in ("tspan", "a"):
            if _is_kept(child, tag, drawing):
                pieces.append(f"<tspan{_attributes(child, tag, drawing)}>")
                _spans(child, drawing, pieces, shown, depth + 1)
                pieces.append("</tspan>")
        else:
            _is_kept(child, tag if tag not in _ELEMENTS else "metadata", drawing)
        say(child.tail)


def _picture(node: Any, drawing: _Drawing) -> Iterator[str]:
    address = node.get("href") or node.get(_XLINK) or ""
    found = _DATA_URI.match(address)
    try:
        data = base64.b64decode("".join(address[found.end() :].split()), validate=True) if found else b""
    except (binascii.Error, ValueError) as error:
        raise Unreadable("A picture in this drawing is damaged.") from error
    if not formats.is_raster(data):
        drawing.losses.count("embedded", "", "pictures from elsewhere or of an unknown kind", 1, sample=address)
        return
    from output_checker.readers import image

    shown = image.decoded(data, "picture", drawing.losses)
    drawing.images.append(shown)
    bare = {key: value for key, value in node.attrib.items() if key not in ("href", _XLINK)}
    kept: dict[str, str] = {}
    for key, value in bare.items():
        if key in _GEOMETRY or key in _LOOKS:
            _keep(key, value, kept, drawing)
        elif key != "id":
            _report_attribute(key, value, drawing.losses)
    kept["href"] = "data:image/png;base64," + base64.b64encode(shown.data).decode()
    yield "<image" + _written(kept) + "/>"


def _written(kept: Mapping[str, str]) -> str:
    """Attributes in one order; line ends and tabs as references, or XML would read them as blanks."""
    return "".join(f' {key}="{escape(kept[key]).translate(_BLANKS)}"' for key in sorted(kept))


_BLANKS = str.maketrans({"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
