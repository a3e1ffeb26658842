"""Notebooks: the outputs of cells, and nothing else.

Promises: one form of each output becomes parts (a picture, or a table, or text), the canonical notebook is built from
those parts with empty cells around them, and everything else is named: sources, other media types, second forms,
widgets, attachments, metadata. Reads nbformat 3 and 4 itself: importing nbformat takes a second and half the cage's
patience, and here nothing of a notebook's own structure is trusted or kept. Tests hold the canonical notebook to
nbformat's schema.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from output_checker.model import Kind, Output, Part, Text
from output_checker.readers import charts, formats, markup, monospace, structured
from output_checker.readers.characters import cleaned, trimmed
from output_checker.readers.losses import CARRIER_CHARACTERS, SAMPLE_CHARACTERS, Losses, Unreadable

MEDIA_TYPE = "application/x-ipynb+json"
MOST_CELLS = 10_000
MOST_OUTPUTS = 2_000
WIDGETS = "application/vnd.jupyter.widget-state+json"
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_WORDS = ("text/plain", "text/markdown", "text/latex")
_FIGURE = re.compile(r"application/(?:vnd\.(?:plotly|vega|vegalite|bokehjs)[\w.+-]*|json)")
_OLD_KEYS = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "svg": "image/svg+xml",
    "html": "text/html",
    "text": "text/plain",
    "latex": "text/latex",
    "json": "application/json",
    "javascript": "application/javascript",
    "pdf": "application/pdf",
}
_CELL_KEYS = frozenset(
    ("cell_type", "source", "input", "outputs", "metadata", "execution_count", "prompt_number", "id", "attachments",
     "language", "collapsed", "level")
)  # fmt: skip
_OUTPUT_KEYS = frozenset(
    ("output_type", "data", "metadata", "execution_count", "prompt_number", "name", "stream", "text", "ename", "evalue",
     "traceback")
)  # fmt: skip
_SWITCHES = frozenset(("collapsed", "scrolled", "trusted", "editable", "deletable"))
_ORDINARY_ID = re.compile(r"[0-9a-f]{8}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|cell-\d{1,5}")
_ORDINARY_WORD = re.compile(r"[\w .,()+#:/~*@|-]{0,60}")
_LANGUAGE = re.compile(r"[A-Za-z][A-Za-z+#-]{0,19}")
_KERNEL_KEYS = frozenset(("kernelspec", "language_info", "language"))


@dataclass
class _Book:
    """A notebook while it is read."""

    losses: Losses
    parts: list[Part] = field(default_factory=list)
    outputs: int = 0


def parsed(text: str) -> Mapping[str, Any] | None:
    """The notebook in this text, or None when it is none. Raises Unreadable for a broken one."""
    if not text.lstrip().startswith("{") or not ('"nbformat"' in text or '"cell_type"' in text):
        return None
    try:
        raw = json.loads(text, parse_int=_whole)
    except ValueError as error:
        if '"cells"' in text or '"worksheets"' in text:
            raise Unreadable("This notebook is damaged: it is no valid JSON. Save it again in JupyterLab.") from error
        return None
    if not isinstance(raw, dict) or "nbformat" not in raw or not ("cells" in raw or "worksheets" in raw):
        return None
    return raw


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) < 100 else float(digits)


def read(raw: Mapping[str, Any], losses: Losses) -> Output:
    """The outputs of a notebook."""
    cells = _cells(raw)
    book = _Book(losses)
    _top_metadata(raw, losses)
    clean = [_cell(cell, f"cell {number}", book) for number, cell in enumerate(cells, 1)]
    for number, cell in enumerate(clean, 1):
        cell["id"] = f"cell-{number}"
    language = _language(raw)
    canonical = {
        "cells": clean,
        "metadata": {"language_info": {"name": language}} if language else {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    text = json.dumps(canonical, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    return Output(Kind.NOTEBOOK, MEDIA_TYPE, tuple(book.parts), text.encode())


def _cells(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    version = raw["nbformat"]
    if version not in (3, 4):
        raise Unreadable(f"This notebook has format version {str(version)[:20]}: save it again in JupyterLab.")
    if version == 3:
        sheets = raw.get("worksheets")
        found = [cell for sheet in _list(sheets) for cell in _list(_mapping(sheet).get("cells"))]
    else:
        found = _list(raw.get("cells"))
    if len(found) > MOST_CELLS:
        raise Unreadable(f"This notebook has {len(found):,} cells; at most {MOST_CELLS:,} can be checked.")
    return [_mapping(cell) for cell in found]


def _cell(cell: Mapping[str, Any], where: str, book: _Book) -> dict[str, Any]:
    """The clean cell: its outputs, no source."""
    losses = book.losses
    kind = cell.get("cell_type")
    source = _joined(cell.get("source", cell.get("input", "")))
    if source.strip():
        lines = source.count("\n") + 1
        losses.add("source", where, f"{lines} lines of {_said(kind)}", len(source.encode("utf-8", "replace")), source)
    for name, bundle in _mapping(cell.get("attachments") or {}).items():
        losses.add("attachment", where, f"attached file {name}", len(json.dumps(bundle)), _attached(name, bundle))
    _cell_metadata(cell, where, losses)
    if kind != "code":
        return {"cell_type": "markdown", "metadata": {}, "source": ""}
    outputs = []
    for number, output in enumerate(_list(cell.get("outputs", [])), 1):
        book.outputs += 1
        if book.outputs > MOST_OUTPUTS:
            raise Unreadable(f"This notebook has more than {MOST_OUTPUTS:,} outputs, more than can be checked.")
        outputs.append(_output(_mapping(output), f"{where}, output {number}", book))
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": outputs, "source": ""}


def _attached(name: str, bundle: Any) -> str:
    """The name of an attachment and, unless it is a picture, its text."""
    texts = [name]
    for value in bundle.values() if isinstance(bundle, dict) else ():
        if not isinstance(value, str | list):
            texts.append(json.dumps(value))
            continue
        try:
            data = base64.b64decode("".join(_joined(value).split()), validate=True)
        except (binascii.Error, ValueError):
            data = _joined(value).encode("utf-8", "replace")
        if not formats.is_raster(data):
            texts.append(data[: CARRIER_CHARACTERS * 2].decode("utf-8", "replace"))
    return "\n".join(texts)


def _said(kind: object) -> str:
    return {"code": "code", "markdown": "Markdown", "heading": "heading"}.get(str(kind), "raw text")


def _output(output: Mapping[str, Any], where: str, book: _Book) -> dict[str, Any]:
    kind = output.get("output_type")
    _extra(output, _OUTPUT_KEYS, where, book.losses)
    _report_metadata(output.get("metadata"), where, book.losses)
    if kind == "stream":
        name = output.get("name", output.get("stream"))
        text = _text(_joined(output.get("text", "")), where, "stream", book)
        return {"name": "stderr" if name == "stderr" else "stdout", "output_type": "stream", "text": text}
    if kind in ("error", "pyerr"):
        text = _text(_error(output), where, "traceback", book)
        return {"ename": "", "evalue": "", "output_type": "error", "traceback": text.split("\n") if text else []}
    if kind in ("display_data", "execute_result", "pyout", "update_display_data"):
        return {"data": _bundle(_data(output), where, book), "metadata": {}, "output_type": "display_data"}
    raise Unreadable(f"This notebook has an output of a kind that notebooks do not have ({str(kind)[:20]!r}).")


def _error(output: Mapping[str, Any]) -> str:
    """The traceback; name and value of the error are its last line where it does not already say them."""
    text = "\n".join(_joined(line) for line in _list(output.get("traceback") or []))
    name, value = str(output.get("ename", "")), str(output.get("evalue", ""))
    if (value and value not in text) or (name and name not in text):
        text += f"\n{name}: {value}"
    return text


def _data(output: Mapping[str, Any]) -> Mapping[str, Any]:
    """The bundle of media types; nbformat 3 has it among the other keys."""
    if "data" in output:
        return _mapping(output["data"])
    return {media_type: output[key] for key, media_type in _OLD_KEYS.items() if key in output}


def _bundle(data: Mapping[str, Any], where: str, book: _Book) -> dict[str, Any]:
    """The one form of an output that is kept. A picture says more than its description, a table in HTML more than its
    picture in characters."""
    rest = dict(data)
    clean: dict[str, Any] = {}
    picture = next((key for key in _PICTURES if key in rest), None)
    if picture:
        from output_checker.readers import image

        shown = image.decoded(_unpacked(rest.pop(picture), where), where, book.losses)
        book.parts.append(shown)
        clean = {"image/png": base64.b64encode(shown.data).decode() + "\n"}
    else:
        clean = _figure(rest, where, book)
    if not clean and "text/html" in rest:
        clean = _html(rest, where, book)
    if not clean:
        key = next((key for key in _WORDS if key in rest), None)
        text = _text(_joined(rest.pop(key)), where, "body", book) if key else ""
        clean = {"text/plain": text} if text else {}
    for key, value in rest.items():
        _report_form(key, value, where, book.losses, kept=bool(clean))
    return clean


def _figure(rest: dict[str, Any], where: str, book: _Book) -> dict[str, Any]:
    """The drawn columns of a figure that came as data."""
    for key, value in rest.items():
        if not _FIGURE.fullmatch(key):
            continue
        losses = Losses()
        found = charts.read(structured.without_invisible(value, losses, 0), losses, where)
        if found is not None and found[1]:
            del rest[key]
            book.losses.take(losses)
            book.parts += found[1]
            return {key if "plotly" in key else "application/json": found[0]}
    return {}


def _html(rest: dict[str, Any], where: str, book: _Book) -> dict[str, str]:
    """HTML, when it shows something that the plain text does not show better."""
    source = _joined(rest["text/html"])
    losses = Losses()
    fragment = markup.read_fragment(source, where, losses)
    if not fragment.parts or (not fragment.has_table and "text/plain" in rest):
        return {}
    del rest["text/html"]
    book.losses.take(losses)
    book.parts += fragment.parts
    return {"text/html": fragment.html}


def _text(source: str, where: str, role: str, book: _Book) -> str:
    """A text of an output as a part, with the tables that are printed in it."""
    text = trimmed(cleaned(source, where, book.losses), where, book.losses)
    if text:
        book.parts += [Text(where, text, role), *monospace.tables(text, where)]
    return text


def _unpacked(value: Any, where: str) -> bytes:
    try:
        data = base64.b64decode("".join(_joined(value).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable(f"The picture in {where} is damaged.") from error
    if not formats.is_raster(data):
        raise Unreadable(f"The picture in {where} is no picture.")
    return data


def _report_form(media_type: str, value: Any, where: str, losses: Losses, *, kept: bool) -> None:
    text = _joined(value) if isinstance(value, str | list) else json.dumps(value)
    if media_type == "text/plain" and kept and re.fullmatch(r"<[\w. ,=()-]{1,80}>", text.strip()):
        text = text.strip()  # "<Figure size 640x480 with 1 Axes>": listed all the same, since it is text that was there
    size = len(text.encode("utf-8", "replace"))
    if media_type in (WIDGETS, "application/vnd.jupyter.widget-view+json"):
        losses.add("widget-state", where, f"{media_type}, {size} bytes", size, text)
    elif kept and media_type in (*_WORDS, *_PICTURES, "text/html", "image/svg+xml"):
        losses.add("second-mime", where, f"{media_type}, {size} bytes", size, text)
    else:
        losses.add("mime", where, f"{media_type}, {size} bytes", size, text)


# --- metadata ---


def _top_metadata(raw: Mapping[str, Any], losses: Losses) -> None:
    _extra(raw, frozenset(("cells", "worksheets", "metadata", "nbformat", "nbformat_minor")), "notebook", losses)
    minor = raw.get("nbformat_minor", 0)
    if not isinstance(minor, int) or not 0 <= minor < 100:
        losses.add("metadata", "notebook", "an odd nbformat_minor", sample=str(minor))
    for sheet in _list(raw.get("worksheets") or []):
        _extra(_mapping(sheet), frozenset(("cells", "metadata")), "notebook", losses)
        _report_metadata(_mapping(sheet).get("metadata"), "notebook", losses)
    rest = dict(_mapping(raw.get("metadata") or {}))
    if rest.get("language_info") == {"name": _language(raw)} and set(rest) == {"language_info"}:
        return  # what the canonical notebook keeps
    widgets = rest.pop("widgets", None)
    if widgets:
        text = json.dumps(widgets)
        losses.add("widget-state", "notebook", f"state of widgets, {len(text)} bytes", len(text), text)
    kernel = {key: rest.pop(key) for key in _KERNEL_KEYS & rest.keys()}
    if kernel:
        text = json.dumps(kernel)
        ordinary = all(_ORDINARY_WORD.fullmatch(word) for word in _leaves(kernel)) and len(text) < 1000
        losses.add("kernel" if ordinary else "metadata", "notebook", "kernel and language", len(text), text)
    if rest.get("name") == "" or rest.get("name") is None:
        rest.pop("name", None)
    _report_metadata(
        {k: v for k, v in rest.items() if k != "orig_nbformat" or v not in (1, 2, 3, 4)}, "notebook", losses
    )


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield str(value)


def _cell_metadata(cell: Mapping[str, Any], where: str, losses: Losses) -> None:
    _extra(cell, _CELL_KEYS, where, losses)
    _report_metadata(cell.get("metadata"), where, losses)
    name = cell.get("id")
    if name is not None and not (isinstance(name, str) and _ORDINARY_ID.fullmatch(name)):
        losses.add("metadata", where, "an unusual cell id", len(str(name)), str(name))
    for key in ("execution_count", "prompt_number"):
        count = cell.get(key)
        if count is not None and not (isinstance(count, int) and 0 <= count < 100_000):
            losses.add("metadata", where, f"an odd {key}", sample=str(count)[:SAMPLE_CHARACTERS])


def _report_metadata(metadata: Any, where: str, losses: Losses) -> None:
    if not metadata:
        return
    if not isinstance(metadata, dict):
        losses.add("metadata", where, "metadata that are no mapping", sample=str(metadata)[:SAMPLE_CHARACTERS])
        return
    told = {k: v for k, v in metadata.items() if not (k in _SWITCHES and (v in (True, False, "auto")))}
    told = {k: v for k, v in told.items() if v not in ({}, [], None)}
    if told:
        text = json.dumps(told)
        losses.add("metadata", where, ", ".join(map(str, told)), len(text), text)


def _extra(raw: Mapping[str, Any], known: frozenset[str], where: str, losses: Losses) -> None:
    """Keys that a notebook does not have."""
    told = {key: value for key, value in raw.items() if key not in known and key not in _OLD_KEYS}
    if told:
        text = json.dumps(told)
        losses.add("metadata", where, "unknown keys: " + ", ".join(told), len(text), text)


def _language(raw: Mapping[str, Any]) -> str:
    metadata = _mapping(raw.get("metadata") or {})
    for holder, key in (("language_info", "name"), ("kernelspec", "language")):
        inner = metadata.get(holder)
        name = inner.get(key) if isinstance(inner, dict) else None
        if isinstance(name, str) and _LANGUAGE.fullmatch(name):
            return name.lower()
    return ""


# --- shapes ---


def _joined(value: Any) -> str:
    """A multi-line string of a notebook: a string or a list of them."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    raise Unreadable("This notebook is damaged: a text in it is no text.")


def _mapping(value: Any) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    raise Unreadable("This notebook is damaged: a part of it is not what a notebook has there.")


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise Unreadable("This notebook is damaged: a part of it is not what a notebook has there.")
