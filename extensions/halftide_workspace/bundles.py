"""What of an output's MIME bundle the browser is shown.

Promises: what can run a script is cleaned or left out; a type that is not listed is left out; a figure that carries its
data is left out too, and handed back for whoever draws it, unless the project shows figures as they are. Where nothing
is left to see, a line of text says why. Never trusts metadata: a few numbers for layout are all that stays of it.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nh3

from output_checker.model import Figures

Json = dict[str, Any]

TEXT, HTML, _SCRIPT = "text/plain", "text/html", "application/javascript"
_AS_IT_IS = frozenset({TEXT, "text/latex", "application/json", "application/vnd.jupyter.widget-view+json"})
_IMAGES: Mapping[str, tuple[bytes, ...]] = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
    "image/bmp": (b"BM",),
}
_MARKUP = frozenset({"text/markdown", "image/svg+xml"})
_PLOTLY = "application/vnd.plotly.v1+json"
_VEGA = re.compile(r"application/vnd\.vega(lite)?\.v\d{1,2}(?:\+|\.)json")
_BOKEH = re.compile(r"application/vnd\.bokehjs_exec\.v\d+\+json")
_BOKEH_DOCUMENTS = re.compile(r"\bdocs_json = (?=\{)")
_BOKEH_PLACE = re.compile(r'\s*<div id="[\w-]+" data-root-id="\w+"[^<>]*></div>\s*|.*\bbk-notebook-logo\b.*', re.DOTALL)
_BOKEH_LOADS = re.compile(r"application/vnd\.bokehjs_load\.v\d+\+json")
_DRAWN_BY_THE_PAGE = {
    "plotly": _PLOTLY,
    "vega": "application/vnd.vega.v5+json",
    "vega-lite": "application/vnd.vegalite.v5+json",
}
"""The types that JupyterLab can draw itself; libraries name newer versions of them, or write HTML."""
_ALTAIR = re.compile(r"\}\)\((?=\{)")
_ACTIVE = re.compile(
    r"<\s*/?\s*(?:[a-z]+:)?(?:script|iframe|frame|object|embed|form|base|meta|link|foreignobject|portal)\b"
    r"|\bon[a-z]{3,}\s*=|(?:java|vb)script\s*:|<!(?:doctype|entity)",
    re.IGNORECASE,
)
_LARGEST_PAGE = 8 << 20
"""Characters of HTML that are cleaned; no window is so wide that more could pass."""
_LAYOUT = ("width", "height", "unconfined", "needs_background", "expanded")
_NOTE = "[Halftide does not show {what} in the page. {way}]"
_OTHER = ("output that runs scripts or is of a kind that it does not know", "Show it as text or as an image.")
_ON_OPENING = ("the saved figure, which carries its data,", "Run the cell again to see it as an image.")


@dataclass(frozen=True)
class Figure:
    """A figure with its data: ``kind`` says what can draw it (``plotly``, ``bokeh``, ``vega``, ``vega-lite``)."""

    kind: str
    specification: Json


@dataclass(frozen=True)
class Shown:
    """What is left of a bundle. ``changed`` when anything was taken away; ``image_bytes`` are those of real images."""

    data: Json
    metadata: Json
    changed: bool
    figure: Figure | None
    image_bytes: int


def shown(data: Any, metadata: Any, figures: Figures) -> Shown:
    """The part of an output that is shown, and the figure that is to be drawn in its place."""
    if not isinstance(data, dict):
        return Shown({}, {}, changed=True, figure=None, image_bytes=0)
    if _says_nothing(data):
        return Shown({TEXT: ""}, {}, changed=True, figure=None, image_bytes=0)
    kept: Json = {}
    images = 0
    for kind, value in data.items():
        clean = _kept(kind, value)
        if clean is not None:
            kept[kind] = clean
            images += len(clean) if kind in _IMAGES else 0
    figure = _figure(data)
    if figure is not None and figures is Figures.INTERACTIVE and figure.kind in _DRAWN_BY_THE_PAGE:
        kept, figure = {**kept, _DRAWN_BY_THE_PAGE[figure.kind]: figure.specification}, None
    elif _has_image(kept):
        figure = None
    if data.keys() - kept.keys() and not (kept.keys() - {TEXT}) and figure is None:
        kept[TEXT] = f"{kept.get(TEXT, '')}\n{_NOTE.format(what=_OTHER[0], way=_OTHER[1])}".strip()
    layout = _layout(metadata, kept)
    return Shown(kept, layout, kept != data or layout != metadata, figure, images)


def with_image(bundle: Json, png: bytes) -> tuple[Json, Json]:
    """The bundle with a picture of its figure, which has two pixels for each of the page, and its metadata."""
    picture = base64.b64encode(png).decode()
    width = int.from_bytes(png[16:20], "big") // 2
    return {TEXT: bundle.get(TEXT, ""), "image/png": picture}, {"image/png": {"width": width}}


def with_reason(bundle: Json, reason: str) -> Json:
    """The bundle with a line that says why there is no picture."""
    return {TEXT: f"{bundle.get(TEXT, '')}\n[{reason}]".strip()}


def opened(data: Any, metadata: Any, figures: Figures) -> tuple[Json, Json]:
    """The part of a saved output that is shown: nothing is drawn when a notebook is opened."""
    left = shown(data, metadata, figures)
    if left.figure is not None:
        what, way = _ON_OPENING
        return {**left.data, TEXT: f"{left.data.get(TEXT, '')}\n{_NOTE.format(what=what, way=way)}".strip()}, {}
    return left.data, left.metadata


def _kept(kind: str, value: Any) -> Any:
    """The value that is shown for a MIME type, or None."""
    if kind in _AS_IT_IS:
        return value
    if kind in _IMAGES:
        return value if isinstance(value, str) and _is_image(value, _IMAGES[kind]) else None
    if kind == HTML:
        return clean_html(value) if isinstance(value, str) and len(value) <= _LARGEST_PAGE else None
    if kind in _MARKUP:
        return value if isinstance(value, str) and not _ACTIVE.search(value) else None
    return None


def _is_image(value: str, starts: tuple[bytes, ...]) -> bool:
    try:
        begin = base64.b64decode(value[:64].replace("\n", "")[:32], validate=True)
    except (binascii.Error, ValueError):
        return False
    return begin.startswith(starts)


def _has_image(kept: Json) -> bool:
    return bool(kept.keys() & _IMAGES.keys())


def _figure(data: Json) -> Figure | None:
    for kind, value in data.items():
        if kind == _PLOTLY and isinstance(value, dict):
            return Figure("plotly", value)
        vega = _VEGA.fullmatch(kind)
        if vega and isinstance(value, dict):
            return Figure("vega-lite" if vega[1] else "vega", value)
        if _BOKEH.fullmatch(kind) and isinstance(data.get(_SCRIPT), str):
            return _bokeh(data[_SCRIPT])
    page = data.get(HTML)
    return _altair(page) if isinstance(page, str) and "vegaEmbed" in page else None


def _altair(page: str) -> Figure | None:
    """The specification that Altair's usual HTML hands to its script."""
    value = _object_after(_ALTAIR, page)
    return Figure("vega-lite", value) if value is not None else None


def _bokeh(script: str) -> Figure | None:
    """The document that Bokeh's script shows."""
    documents = list((_object_after(_BOKEH_DOCUMENTS, script) or {}).values())
    return Figure("bokeh", documents[0]) if documents and isinstance(documents[0], dict) else None


def _object_after(mark: re.Pattern[str], text: str) -> Json | None:
    start = mark.search(text)
    if start is None:
        return None
    try:
        value, _ = json.JSONDecoder().raw_decode(text, start.end())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _says_nothing(data: Json) -> bool:
    """Whether all of an output is what Bokeh needs in an ordinary page: its script, a banner, an empty place."""
    page = data.get(HTML)
    return any(_BOKEH_LOADS.fullmatch(kind) for kind in data) or (
        isinstance(page, str) and bool(_BOKEH_PLACE.fullmatch(page))
    )


def _layout(metadata: Any, kept: Json) -> Json:
    if not isinstance(metadata, dict) or not metadata:
        return {}
    found = {}
    for kind, value in metadata.items():
        if kind in kept and isinstance(value, dict):
            found[kind] = {name: value[name] for name in _LAYOUT if isinstance(value.get(name), int | float | bool)}
    return found


# --- HTML ------------------------------------------------------------------------------------------------------------

_MORE_TAGS = {"style", "font", "section", "main", "input", "label", "progress", "meter", "button", "u", "figure"}
_TAGS = (nh3.ALLOWED_TAGS | _MORE_TAGS) - {"map", "area"}
_ATTRIBUTES = {
    "*": {"class", "id", "style", "title", "lang", "dir", "align", "valign", "role", "scope", "hidden", "aria-label"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "bgcolor", "width", "height"},
    "th": {"colspan", "rowspan", "bgcolor", "width", "height"},
    "table": {"border", "cellpadding", "cellspacing", "width", "bgcolor"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "font": {"color", "size", "face"},
    "input": {"type", "checked", "disabled"},
    "progress": {"value", "max"},
    "meter": {"value", "max", "min"},
    "details": {"open"},
    "ol": {"start"},
}
_EMPTY = re.compile(r"<style\b.*?</style>|<[^>]*>|\s+|&nbsp;", re.DOTALL | re.IGNORECASE)
_VISIBLE = re.compile(r"<(?:img|hr|progress|meter|table|input)\b", re.IGNORECASE)


def clean_html(text: str) -> str | None:
    """``text`` without anything that runs, loads or leads elsewhere; None when nothing is left to see."""
    clean = nh3.clean(
        text,
        tags=_TAGS,
        clean_content_tags={"script", "iframe", "object", "embed", "noscript", "template"},
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"data"},
        link_rel=None,
    )
    return clean if _VISIBLE.search(clean) or _EMPTY.sub("", clean) else None


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return value if value.startswith("#") else None
    if name == "src":
        return value if tag == "img" and re.match(r"data:image/(?:png|jpeg|gif|webp);base64,", value) else None
    return value
