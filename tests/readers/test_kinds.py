"""Pages, JSON, workbooks and drawings; and the formats that are known and not read."""

import datetime as dt
import io
import pickle

import openpyxl
import pytest
from hostile import noise, svg, zipped

from output_checker.model import Kind, Table, Text
from output_checker.readers import formats
from output_checker.readers.reading import read


def tables(data: bytes) -> list[Table]:
    return [part for part in read(data).parts if isinstance(part, Table)]


def test_a_page_is_its_texts_and_tables_in_order() -> None:
    page = b"""<!doctype html><html><head><title>Report</title></head><body><h1>Visits</h1><p>All   adults.</p>
    <table><caption>By plan</caption><tr><th>plan</th><th>n</th></tr><tr><td>Free</td><td>120</td></tr></table>
    <ul><li>one</li><li>two</li></ul></body></html>"""
    output = read(page)
    assert output.kind is Kind.HTML
    assert [part.text for part in output.parts if isinstance(part, Text)] == [
        "Report\nVisits\nAll adults.\nBy plan", "- one\n- two"
    ]  # fmt: skip
    assert tables(page)[0].cells == (("plan", "n"), ("Free", "120"))
    assert output.dropped == ()


def test_spans_repeat_labels_and_never_values() -> None:
    page = (
        b"<table><thead><tr><th rowspan=2>plan</th><th colspan=2>health</th></tr><tr><th>good</th><th>poor</th></tr>"
        b"</thead>"
        b"<tr><th rowspan=2>Free</th><td>1</td><td>2</td></tr><tr><td colspan=2>7</td></tr></table>"
    )
    (table,) = tables(page)
    assert table.cells == (
        ("plan", "health", "health"), ("plan", "good", "poor"), ("Free", "1", "2"), ("Free", "7", "")
    )  # fmt: skip
    assert table.header_rows == 2


def test_what_does_not_show_ends_where_a_browser_ends_it() -> None:
    (table,) = tables(b"<table><tr><th>a<th>b<tr><td hidden>x<td>1<td>2<tr><td>3<td>4</table>")
    assert table.cells == (("a", "b"), ("1", "2"), ("3", "4"))


def test_json_keeps_digits_and_finds_tables_anywhere() -> None:
    data = b'{"n": 123456789012345678901234567890, "rate": 2.50, "by": [{"plan": "F", "n": 3}, {"plan": "P", "n": 4}]}'
    output = read(data)
    assert b"123456789012345678901234567890" in output.canonical
    assert b"2.50" in output.canonical
    assert tables(data)[0] == Table("by", (("plan", "n"), ("F", "3"), ("P", "4")), 1, "json")


@pytest.mark.parametrize(
    ("data", "cells"),
    [
        (
            b'{"good":{"Free":12,"Pay":3},"poor":{"Free":1,"Pay":2}}',
            (("", "good", "poor"), ("Free", "12", "1"), ("Pay", "3", "2")),
        ),
        (b'{"x":["a","b"],"y":[1,2]}', (("x", "y"), ("a", "1"), ("b", "2"))),
        (b'{"plan":"Free","n":12}\n{"plan":"Pay","n":3}\n', (("plan", "n"), ("Free", "12"), ("Pay", "3"))),
        (b"[[1,2],[3,4]]", (("1", "2"), ("3", "4"))),
    ],
)
def test_json_as_pandas_writes_it(data: bytes, cells: tuple[tuple[str, ...], ...]) -> None:
    assert tables(data)[0].cells == cells


def test_what_acro_claims_is_listed_by_position_and_its_tables_are_read() -> None:
    claims = b'{"negative": [], "threshold": [[0, 1], [1, 3]], "p-ratio": [], "nk-rule": [[0, 1.5]]}'
    outcome = b'{"Free": {"good": 3, "poor": 40}, "Pay": {"good": 55, "poor": 60}}'
    data = b'{"results": {"output_0": {"status": "pass", "sdc": {"cells": %s}, "outcome": %s}}}' % (claims, outcome)
    found = {table.name.rpartition(".")[2]: table for table in tables(data)}
    assert found["threshold"].cells == (("row", "column"), ("0", "1"), ("1", "3"))
    assert found["nk-rule"].cells == (("0", "1.5"),), "no position: read as any other numbers"
    assert found["outcome"].cells == (("", "Free", "Pay"), ("good", "3", "55"), ("poor", "40", "60"))


def test_a_workbook_shows_its_values_and_dates() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["plan", "n", "when"])
    sheet.append(["Free", 1204.5, dt.date(2020, 1, 2)])
    out = io.BytesIO()
    book.save(out)
    (table,) = tables(out.getvalue())
    assert table.cells == (("plan", "n", "when"), ("Free", "1204.5", "2020-01-02"))
    again = openpyxl.load_workbook(io.BytesIO(read(out.getvalue()).canonical))
    assert again.active["B2"].value == 1204.5
    assert again.properties.creator in (None, "openpyxl")


def test_a_drawing_keeps_its_shapes_and_words() -> None:
    output = read(
        svg("<g transform='rotate(90)'><text style='font: 10px sans-serif; fill: #000'>plan &lt; 3</text></g>")
    )
    assert output.kind is Kind.VECTOR
    assert [part.text for part in output.parts if isinstance(part, Text)] == ["Fine\nplan < 3"]
    assert b'transform="rotate(90)"' in output.canonical
    assert b'fill="#000"' in output.canonical
    assert output.dropped == ()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PAR1" + noise(40) + b"PAR1", "Parquet"),
        (b"ARROW1\x00\x00" + noise(40), "Feather"),
        (b"SQLite format 3\x00" + noise(40), "SQLite"),
        (noise(8) + b"DUCK" + noise(40), "DuckDB"),
        (b"<stata_dta><header>" + noise(40), "Stata"),
        (b"\x72\x02\x01\x00" + noise(40), "Stata"),
        (b"$FL2@(#) SPSS" + noise(40), "SPSS"),
        (
            bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c\x18\x1f\x10\x11" + noise(40),
            "SAS",
        ),
        (b"HEADER RECORD*******LIBRARY HEADER RECORD", "SAS"),
        (pickle.dumps([1, 2]), "pickle"),
        (b"\x93NUMPY\x01\x00" + noise(40), "NumPy"),
        (b"RDX3\nX\n" + noise(40), "R workspace"),
        (b"\x89HDF\r\n\x1a\n" + noise(40), "HDF5"),
        (b"\x1f\x8b\x08" + noise(40), "gzip"),
        (b"7z\xbc\xaf\x27\x1c" + noise(40), "7-Zip"),
        (zipped(**{"word/document.xml": b"<x/>"}), "Word"),
        (zipped(**{"archive/data.pkl": b"x"}), "PyTorch"),
        (zipped(**{"a.npy": b"x"}), "NumPy"),
        (b"%PDF-1.7\n" + noise(40), "PDF"),
    ],
)
def test_a_known_format_that_is_not_read_is_named_with_the_way_on(data: bytes, said: str) -> None:
    output = read(data)
    assert output.kind is Kind.UNKNOWN
    assert said in output.problem
    assert output.problem.count(".") >= 2, "what it is, and what to do"
    assert output.media_type not in ("", "application/octet-stream")


@pytest.mark.parametrize(
    "text", ["BMI by plan: it rose.", "MZ is a name.", "ORC and elves.", "RDA: 12 mg", "Objection!"]
)
def test_letters_that_are_also_magic_numbers_are_text(text: str) -> None:
    assert formats.binary_format(text.encode()) is None
    assert read(text.encode()).kind is Kind.TEXT
