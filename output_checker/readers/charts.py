"""Figures that are data: Plotly, Vega-Lite, Vega, ECharts and Bokeh write their numbers beside what is drawn of them.

Promises that only drawn columns stay: what a mark's place, size, colour or label is taken from. Hover texts, custom
data, columns that nothing refers to, templates and settings are named among the losses. Packed arrays are unpacked.
A Plotly figure stays one that Plotly draws; the others become a list of marks with their columns.
"""

import base64
import binascii
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any

from output_checker.model import Table
from output_checker.readers import shape
from output_checker.readers.losses import Losses, Unreadable

MOST_MARKS = 500
MOST_NODES = 300_000
_DRAWN = (
    "x", "y", "z", "values", "labels", "parents", "r", "theta", "a", "b", "c", "lat", "lon", "locations", "open",
    "high", "low", "close", "base", "width", "q1", "median", "q3", "lowerfence", "upperfence", "mean", "sd", "text",
    "u", "v", "w",
)  # fmt: skip
_SAID = ("type", "name", "mode", "orientation", "xaxis", "yaxis")
_COMPUTED = frozenset(("histogram", "histogram2d", "histogram2dcontour", "box", "violin"))
_SUMMARIES = ("q1", "median", "q3")
_NOT_DRAWN = frozenset(("tooltip", "href", "url", "key", "description", "usermeta", "config"))
_COMPUTING = frozenset(("bin", "aggregate", "transform", "boxplot", "errorband", "errorbar", "timeUnit"))
_WORD = re.compile(r"[^\W\d]\w*|'[^']{1,100}'|\"[^\"]{1,100}\"")
_CODES = {
    "i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q", "f4": "f", "f8": "d",
    "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q",
    "float32": "f", "float64": "d",
}  # fmt: skip


@dataclass
class _Mark:
    """One kind of mark: its columns, and whether the figure computes what it shows from them."""

    name: str
    kind: str
    columns: dict[str, list[Any]]
    computed: bool = False


@dataclass
class _Figure:
    library: str
    title: str = ""
    marks: list[_Mark] = field(default_factory=list)


def read(value: Any, losses: Losses, where: str = "") -> tuple[Any, list[Table]] | None:
    """The drawn part of a figure and its columns as tables, or None when the value is no figure."""
    if not isinstance(value, dict):
        return None
    reader = _reader(value)
    if reader is None:
        return None
    figure = _Figure(reader.__name__.strip("_"))
    kept = reader(value, figure, losses, where)
    if len(figure.marks) > MOST_MARKS:
        raise Unreadable("This figure has more kinds of marks than a person can check.")
    tables = [_table(mark, number, where) for number, mark in enumerate(figure.marks, 1) if mark.columns]
    if reader is _vega and not tables and not where:
        raise Unreadable("This figure holds no data: it draws what is somewhere else. Put the data it draws into it.")
    return kept, tables


def _reader(value: Mapping[str, Any]) -> Any:
    schema = value.get("$schema")
    if set(value) == {"figure", "title", "marks"} and isinstance(value["marks"], list):
        return _listed
    if isinstance(value.get("data"), list) and isinstance(value.get("layout"), dict):
        return _plotly if all(isinstance(trace, dict) for trace in value["data"]) else None
    if isinstance(schema, str) and "vega" in schema:
        return _vega
    if isinstance(value.get("series"), list | dict) and any(
        key in value for key in ("xAxis", "yAxis", "radar", "legend")
    ):
        return _echarts
    if "roots" in value or isinstance(value.get("doc"), dict):
        return _bokeh
    return None


# --- Plotly ---


def _plotly(value: Mapping[str, Any], figure: _Figure, losses: Losses, where: str) -> dict[str, Any]:
    traces = []
    for number, trace in enumerate(value["data"], 1):
        kept = {key: trace[key] for key in _SAID if isinstance(trace.get(key), str) and trace[key]}
        columns = {key: unpacked(trace[key], where) for key in _DRAWN if isinstance(trace.get(key), list | dict)}
        kept |= columns
        marker = trace.get("marker")
        looks = {
            key: unpacked(marker[key], where)
            for key in ("color", "size")
            if isinstance(marker, dict) and isinstance(marker.get(key), list | dict)
        }
        if looks:
            kept["marker"] = looks
        kind = kept.get("type", "scatter")
        computed = kind in _COMPUTED and not all(key in columns for key in _SUMMARIES)
        every = {**columns, **{f"marker {key}": column for key, column in looks.items()}}
        figure.marks.append(_Mark(kept.get("name", "") or f"trace {number}", kind, every, computed))
        _report(trace, kept, losses, where)
        traces.append(kept)
    layout = _plotly_layout(value["layout"])
    _report(value["layout"], layout, losses, where)
    _report(value, {"data": 0, "layout": 0}, losses, where)
    return {"data": traces, "layout": layout}


def _plotly_layout(layout: Mapping[str, Any]) -> dict[str, Any]:
    """Titles, axes' kinds and what is written into the figure."""
    kept: dict[str, Any] = {}
    for key, inner in layout.items():
        if key == "title" or re.fullmatch(r"[xy]axis\d*", key):
            axis = inner if isinstance(inner, dict) else {"title": inner}
            title = axis.get("text") if key == "title" and isinstance(inner, dict) else axis.get("title")
            said = title.get("text") if isinstance(title, dict) else title
            told = {"text": said} if key == "title" else {"title": {"text": said}}
            if isinstance(said, str) and said:
                kept[key] = told
        elif key in ("barmode", "bargap") and isinstance(inner, str | float | int):
            kept[key] = inner
        elif key == "annotations" and isinstance(inner, list):
            texts = [
                {"text": note["text"]} for note in inner if isinstance(note, dict) and isinstance(note.get("text"), str)
            ]
            kept |= {"annotations": texts} if texts else {}
    return kept


def _report(value: Mapping[str, Any], kept: Mapping[str, Any], losses: Losses, where: str) -> None:
    """Name what a part of a figure carried that is not drawn."""
    for key, inner in value.items():
        if key in kept or inner in (None, "", [], {}):
            continue
        code = "figure-data" if isinstance(inner, list | dict) and key != "template" else "presentation"
        text = _text_of(inner)
        losses.count(code, where, "columns and settings of a figure that are not drawn", sort=key[:40], sample=text)


def _text_of(value: Any) -> str:
    from output_checker.readers import structured

    return structured.written_line(value)[:70_000]


# --- Vega and Vega-Lite ---


def _vega(value: Mapping[str, Any], figure: _Figure, losses: Losses, where: str) -> dict[str, Any]:
    title = value.get("title")
    figure.title = str(title.get("text", "") if isinstance(title, dict) else title or "")[:300]
    used: set[str] = set()
    computing = False
    for key, inner in _nodes({key: inner for key, inner in value.items() if key not in ("datasets", "data")}):
        if isinstance(inner, str):
            used |= {inner, *(word.strip("'\"") for word in _WORD.findall(inner[:2000]))}
        computing = (
            computing
            or (key in _COMPUTING and inner is not None and inner is not False)
            or inner in ("boxplot", "errorband")
        )
    kind = value.get("mark")
    kind = kind.get("type") if isinstance(kind, dict) else kind
    use = _Use(frozenset(used), str(kind or "marks")[:40], computing)
    for name, rows in _row_lists(value):
        figure.marks.append(_rows_mark(name, rows, use, losses, where))
    rest = {key: inner for key, inner in value.items() if key in ("config", "usermeta", "params", "description")}
    _report(rest, {}, losses, where)
    return _neutral(figure, "vega")


def _row_lists(value: Any) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Every list of records under ``datasets`` or ``values``."""
    for key, inner in _nodes(value, through_lists=False):
        if isinstance(inner, list) and inner and all(isinstance(row, dict) for row in inner) and key not in _STRUCTURE:
            yield key, inner


_STRUCTURE = frozenset((
    "layer", "hconcat", "vconcat", "concat", "transform", "params", "data", "marks", "scales", "axes", "legends",
    "signals", "tooltip", "annotations", "order", "sort", "series", "detail",
))  # fmt: skip
"""Lists of records under these keys say how a figure is built."""


@dataclass(frozen=True)
class _Use:
    """Which fields a figure refers to, and whether it computes its marks from them."""

    fields: frozenset[str]
    kind: str = "marks"
    computing: bool = False


def _rows_mark(name: str, rows: Sequence[Mapping[str, Any]], used: _Use, losses: Losses, where: str) -> _Mark:
    keys = list(dict.fromkeys(key for row in rows for key in row))
    drawn = [key for key in keys if key in used.fields]
    for key in keys:
        if key not in used.fields:
            sample = "\n".join(str(row.get(key)) for row in rows[:2000])
            losses.count("figure-data", where, "columns of a figure that are not drawn", sort=key[:40], sample=sample)
    plain = "data" if re.fullmatch(r"data-[0-9a-f]{32}|values", name) else name[:80]
    return _Mark(plain, used.kind, {key: [row.get(key) for row in rows] for key in drawn}, used.computing)


def _nodes(value: Any, *, through_lists: bool = True) -> Iterator[tuple[str, Any]]:
    """Every key beneath a value with what it holds; what is never drawn is left out."""
    waiting: list[tuple[str, Any]] = [("", value)]
    for _ in range(MOST_NODES):
        if not waiting:
            return
        key, inner = waiting.pop()
        yield key, inner
        if isinstance(inner, dict):
            waiting += [(k, v) for k, v in reversed(inner.items()) if k not in _NOT_DRAWN]
        elif isinstance(inner, list) and (through_lists or key in _STRUCTURE):
            waiting += [(key, v) for v in reversed(inner)]
    raise Unreadable("This figure has more parts than can be checked.")


# --- ECharts and Bokeh ---


def _echarts(value: Mapping[str, Any], figure: _Figure, losses: Losses, where: str) -> dict[str, Any]:
    series = value["series"] if isinstance(value["series"], list) else [value["series"]]
    labels = [
        axis.get("data") for key in ("xAxis", "yAxis") for axis in _list(value.get(key)) if isinstance(axis, dict)
    ]
    names = next((data for data in labels if isinstance(data, list)), None)
    for number, one in enumerate(series, 1):
        if not isinstance(one, dict):
            continue
        data = _list(one.get("data"))
        rows = [row.get("value") if isinstance(row, dict) else row for row in data]
        columns = _spread(rows)
        if data and all(isinstance(row, dict) and "name" in row for row in data):
            columns = {"name": [row["name"] for row in data], **columns}
        elif names is not None and len(names) == len(rows):
            columns = {"category": names, **columns}
        figure.marks.append(
            _Mark(str(one.get("name", f"series {number}"))[:80], str(one.get("type", "marks"))[:40], columns)
        )
    used = _Use(frozenset(inner for _, inner in _nodes(value["series"]) if isinstance(inner, str)))
    for source in _list(value.get("dataset")):
        records: list[Any] = _list(source.get("source")) if isinstance(source, dict) else []
        if records and all(isinstance(row, dict) for row in records):
            figure.marks.append(_rows_mark("dataset", records, used, losses, where))
        elif records:
            figure.marks.append(_Mark("dataset", "marks", _spread(records)))
    _report(value, dict.fromkeys(("series", "dataset", "xAxis", "yAxis")), losses, where)
    return _neutral(figure, "echarts")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value is not None else []


def _spread(rows: Sequence[Any]) -> dict[str, list[Any]]:
    """A list of values, or of rows of values, as columns."""
    if not rows:
        return {}
    width = max(len(row) if isinstance(row, list) else 1 for row in rows)
    wide = [row if isinstance(row, list) else [row] for row in rows]
    _require_small(len(rows), width)
    return {
        f"value {n + 1}" if width > 1 else "value": [row[n] if n < len(row) else None for row in wide]
        for n in range(width)
    }


def _bokeh(value: Mapping[str, Any], figure: _Figure, losses: Losses, where: str) -> dict[str, Any]:
    used: set[str] = set()
    sources = []
    for key, inner in _nodes(value):
        if key == "field" and isinstance(inner, str):
            used.add(inner)
        if isinstance(inner, dict) and "ColumnDataSource" in (inner.get("name"), inner.get("type")):
            sources.append(inner.get("attributes"))
    for attributes in sources:
        data = attributes.get("data") if isinstance(attributes, dict) else None
        pairs = data.get("entries") if isinstance(data, dict) and "entries" in data else data
        columns = dict(pairs) if isinstance(pairs, list) else pairs if isinstance(pairs, dict) else {}
        drawn = {key: unpacked(column, where) for key, column in columns.items() if key in used}
        figure.marks.append(_Mark("source", "marks", drawn))
        _report(columns, drawn, losses, where)
    return _neutral(figure, "bokeh")


# --- the list of marks ---


def _neutral(figure: _Figure, library: str) -> dict[str, Any]:
    marks = [
        {"name": mark.name, "mark": mark.kind, "computed": mark.computed, "columns": mark.columns}
        for mark in figure.marks
        if mark.columns
    ]
    figure.marks = [mark for mark in figure.marks if mark.columns]
    return {"figure": library, "title": figure.title, "marks": marks}


def _listed(value: Mapping[str, Any], figure: _Figure, losses: Losses, where: str) -> dict[str, Any]:
    """What this module wrote."""
    figure.title = str(value["title"])
    for mark in value["marks"]:
        columns = mark.get("columns") if isinstance(mark, dict) else None
        if not isinstance(columns, dict) or not all(isinstance(column, list) for column in columns.values()):
            raise Unreadable("This list of a figure's marks is damaged.")
        name, kind = str(mark.get("name", ""))[:80], str(mark.get("mark", ""))[:40]
        figure.marks.append(_Mark(name, kind, columns, mark.get("computed") is True))
        _report(mark, dict.fromkeys(("name", "mark", "computed", "columns")), losses, where)
    return _neutral(figure, str(value["figure"])[:40])


def unpacked(value: Any, where: str) -> list[Any]:
    """A column, its packed bytes as numbers."""
    if isinstance(value, list):
        return value
    inner = value.get("array") if isinstance(value.get("array"), dict) else {}
    packed = value.get("bdata") or value.get("__ndarray__") or inner.get("data")
    code = _CODES.get(str(value.get("dtype")).lstrip("<|"))
    if not isinstance(packed, str) or code is None:
        raise Unreadable(
            f"A column of the figure{' in ' + where if where else ''} is packed in a way that is not read."
        )
    numbers = array(code)
    try:
        numbers.frombytes(base64.b64decode(packed, validate=True))
    except (binascii.Error, ValueError) as error:
        raise Unreadable("A packed column of the figure is damaged.") from error
    return [None if isnan(number) else number for number in numbers]


def _table(mark: _Mark, number: int, where: str) -> Table:
    """The columns side by side; rows within a column (a heat map's) become further columns."""
    columns: dict[str, list[Any]] = {}
    for key, column in mark.columns.items():
        spread = _spread(column) if any(isinstance(inner, list) for inner in column) else {"value": column}
        columns |= {key if name == "value" else f"{key} {name}": cells for name, cells in spread.items()}
    length = max(map(len, columns.values()), default=0)
    _require_small(length, len(columns))
    rows = [tuple(_said(column[at]) if at < len(column) else "" for column in columns.values()) for at in range(length)]
    place = f"{where}, " if where else ""
    language = "chart-source" if mark.computed else "chart"
    return Table(f"{place}{mark.name} {number} ({mark.kind})"[:300], (tuple(columns), *rows), 1, language)


def _said(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else _text_of(value) if isinstance(value, list | dict) else repr(value)


def _require_small(rows: int, columns: int) -> None:
    if rows * columns > shape.MOST_CELLS:
        raise Unreadable(f"This figure holds more than {shape.MOST_CELLS:,} values.")
