"""f(f(x)) = f(x): canonical bytes read as themselves, for whatever went in, and nothing more is dropped."""

import base64
import html
import io
import json
import string

import nbformat
import openpyxl
import pytest
from hostile import code, html_cell, notebook, shown, stream, svg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from PIL import Image as Pillow

from output_checker.model import Kind, Output
from output_checker.readers.reading import read

relaxed = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

letters = st.characters(codec="utf-8")
odd = st.sampled_from(list(" \t\n\r\"',;|=+-@#<>&{}[]\x00\u200b\u00a0\u0301\u202e\ufeff\U000e0041é*:/."))
cells = st.one_of(
    st.integers(-10_000, 10_000).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(str),
    st.text(string.ascii_letters + " ", max_size=12),
    st.text(st.one_of(letters, odd), max_size=12),
    st.sampled_from(["", "", "*", "NA", "1,234", "=1+1", "-", "[c]", "2021", "Total", " x", "x ", '"', '""']),
)
tables = st.integers(1, 6).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=12)
)
words = st.text(
    st.one_of(st.sampled_from(list(string.ascii_letters + string.digits + "  \n")), odd, letters), max_size=300
)


def settled(data: bytes) -> Output:
    """Read, read again, and compare. A refusal is an answer, too."""
    output = read(data)
    if output.kind is Kind.UNKNOWN:
        assert output.problem
        return output
    again = read(output.canonical)
    assert again.canonical == output.canonical
    assert again.parts == output.parts
    assert again.kind == output.kind
    assert again.dropped == ()
    return output


def quoted(cell: str, delimiter: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(c in cell for c in f'{delimiter}"\r\n') else cell


@relaxed
@given(tables, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n", "\r"]))
def test_tables(rows: list[list[str]], delimiter: str, end: str) -> None:
    text = end.join(delimiter.join(quoted(cell, delimiter) for cell in row) for row in rows) + end
    settled(text.encode("utf-8", "replace"))


@relaxed
@given(words)
def test_texts(text: str) -> None:
    settled(text.encode("utf-8", "replace"))


@relaxed
@given(st.lists(st.text(st.sampled_from(list("ab12 ,;|\t\"'-=:.\n")), max_size=30), max_size=12))
def test_lines_that_are_nearly_tables(lines: list[str]) -> None:
    settled("\n".join(lines).encode())


@relaxed
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    settled(data)


@relaxed
@given(
    st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]),
    st.integers(1, 7),
    st.integers(1, 7),
    st.binary(min_size=400, max_size=400),
)
def test_pictures(mode: str, width: int, height: int, noise: bytes) -> None:
    picture = Pillow.new(mode, (width, height))
    picture.frombytes(noise[: len(picture.tobytes())])
    out = io.BytesIO()
    picture.save(out, "PNG")
    output = settled(out.getvalue())
    assert output.kind is Kind.IMAGE
    with Pillow.open(io.BytesIO(output.canonical)) as again:
        assert again.mode in ("L", "RGB")
        assert again.size == (width, height)
        assert again.info == {}


pieces = st.one_of(
    words,
    st.sampled_from(
        ["<table>", "</table>", "<tr>", "<td>", "<th colspan=2>", "<td rowspan=3>", "</td>", "<p>", "</p>", "<pre>",
         "</pre>", "<br>", "<div hidden>", "</div>", "<!-- x -->", "<script>", "</script>", "<thead>", "</thead>",
         "<li>", "<b>", "&nbsp;", "&lt;", "&#8203;", "<style>", "</style>", "12", "<ul>", "<tbody>",
         "<img src='data:image/png;base64,xx'>"]
    ),
)  # fmt: skip


@relaxed
@given(st.lists(pieces, max_size=25).map("".join))
def test_html_in_notebooks(source: str) -> None:
    settled(html_cell(source))


@relaxed
@given(st.lists(pieces, max_size=25).map("".join))
def test_pages(source: str) -> None:
    settled(f"<!doctype html><body>{source}".encode("utf-8", "replace"))


shapes = st.recursive(
    st.sampled_from(
        ["<rect x='1' y='2.50'/>", "<path d='M 0 0 L 1 1e3'/>", "<use href='#a'/>", "<rect id='a'/>",
         "<text>a <tspan>b</tspan> c</text>",
         "<text> x &lt; 1  y </text>", "<title>t</title>", "<circle style='fill: red; opacity: 0'/>",
         "<line stroke='url(#a)'/>"]
    ),
    lambda inner: st.lists(inner, max_size=4).map(lambda found: f"<g id='b' fill='#ffffff'>{' '.join(found)}</g>"),
)  # fmt: skip


@relaxed
@given(st.lists(shapes, max_size=5), words)
def test_drawings(found: list[str], text: str) -> None:
    clean = "".join(c for c in text if c.isprintable())
    settled(svg("".join(found) + f"<text>{html.escape(clean)}</text>"))


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), cells),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(cells, inner, max_size=4)),
    max_leaves=25,
)


@relaxed
@given(st.one_of(st.lists(values, max_size=4), st.dictionaries(cells, values, max_size=4)))
def test_json(value: object) -> None:
    output = settled(json.dumps(value).encode())
    if output.kind is Kind.JSON:
        json.loads(output.canonical)


@relaxed
@given(st.lists(st.dictionaries(st.sampled_from("abc"), values, min_size=1), min_size=2, max_size=5))
def test_json_lines(rows: list[object]) -> None:
    settled("\n".join(map(json.dumps, rows)).encode())


@settings(relaxed, max_examples=60)
@given(st.lists(tables, min_size=1, max_size=3))
def test_workbooks(sheets: list[list[list[str]]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"S{number}")
        for r, texts in enumerate(rows, 1):
            for c, text in enumerate(texts, 1):
                clean = ILLEGAL_CHARACTERS_RE.sub("", text).encode("utf-8", "replace").decode()
                sheet.cell(r, c).value = clean.replace("\ufffe", "").replace("\uffff", "")
    out = io.BytesIO()
    book.save(out)
    output = settled(out.getvalue())
    if output.kind is Kind.WORKBOOK:
        again = openpyxl.load_workbook(io.BytesIO(output.canonical))
        assert len(again.sheetnames) == len(output.parts)


outputs = st.one_of(
    words.map(stream),
    words.map(lambda text: shown({"text/plain": text})),
    words.map(lambda text: {"output_type": "error", "ename": "E", "evalue": text, "traceback": text.split("\n")}),
    st.lists(pieces, max_size=8).map(lambda parts: shown({"text/html": "".join(parts), "text/plain": "x"})),
    st.just(shown({"application/json": {"a": 1}})),
)


@relaxed
@given(st.lists(st.lists(outputs, max_size=4), max_size=4))
def test_notebooks(cells_of_outputs: list[list[dict[str, object]]]) -> None:
    output = settled(notebook(*[code(*found) for found in cells_of_outputs]))
    if output.kind is Kind.NOTEBOOK:
        nbformat.validate(nbformat.reads(output.canonical.decode(), as_version=4))
        clean = json.loads(output.canonical)
        assert (clean["nbformat"], clean["nbformat_minor"]) == (4, 5)
        assert all(cell["source"] == "" for cell in clean["cells"])


@pytest.mark.parametrize("language", ["python", "R", "julia", ""])
def test_a_notebook_keeps_its_language_and_nothing_else(language: str) -> None:
    picture = io.BytesIO()
    Pillow.new("RGB", (3, 3)).save(picture, "PNG")
    data = shown({"image/png": base64.b64encode(picture.getvalue()).decode()})
    output = settled(notebook(code(data), metadata={"language_info": {"name": language, "version": "3.11"}}))
    kept = json.loads(output.canonical)["metadata"]
    assert kept == ({"language_info": {"name": language.lower()}} if language else {})
