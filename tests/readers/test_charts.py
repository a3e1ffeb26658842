"""Figures that are data: the drawn columns are read and judged, everything else is named and left out."""

import base64
import json
import struct
from typing import Any

import pytest

from output_checker.disclosure import assess
from output_checker.model import Output, Policy, Severity, Table
from output_checker.readers.reading import read

COUNTS = base64.b64encode(struct.pack("<2h", 120, 4)).decode()
SECRET = "Ada Lovelace"
PLOTLY = {
    "data": [
        {
            "type": "bar",
            "x": ["Free", "Pay"],
            "y": {"dtype": "i2", "bdata": COUNTS},
            "customdata": [[SECRET], ["b"]],
            "hovertemplate": "%{customdata[0]}",
        }
    ],
    "layout": {"title": {"text": "Visits"}, "template": {"data": {}}, "meta": [SECRET]},
}
ROWS = [{"plan": "Free", "n": 120, "who": SECRET}, {"plan": "Pay", "n": 4, "who": "b"}]
VEGA = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"name": "d"},
    "mark": "bar",
    "encoding": {"x": {"field": "plan"}, "y": {"field": "n"}, "tooltip": {"field": "who"}},
    "datasets": {"d": ROWS},
}
ECHARTS = {
    "xAxis": {"data": ["Free", "Pay"]},
    "yAxis": {},
    "series": [{"type": "bar", "data": [120, 4]}],
    "tooltip": [SECRET],
}
COLUMNS = [
    ["plan", ["Free", "Pay"]],
    ["n", {"type": "ndarray", "array": {"type": "bytes", "data": COUNTS}, "dtype": "int16", "shape": [2]}],
    ["who", [SECRET, "b"]],
]
BOKEH = {
    "roots": [
        {"name": "ColumnDataSource", "attributes": {"data": {"type": "map", "entries": COLUMNS}}},
        {"name": "VBar", "attributes": {"x": {"field": "plan"}, "top": {"field": "n"}}},
    ]
}


def read_figure(figure: Any) -> Output:
    return read(json.dumps(figure).encode())


def tables(output: Output) -> list[Table]:
    return [part for part in output.parts if isinstance(part, Table)]


def found(output: Output) -> dict[str, Severity]:
    return {finding.rule: finding.severity for finding in reversed(assess(output, Policy()).findings)}


@pytest.mark.parametrize("figure", [PLOTLY, VEGA, ECHARTS, BOKEH], ids=["plotly", "vega", "echarts", "bokeh"])
def test_drawn_columns_stay_and_the_others_are_named(figure: Any) -> None:
    output = read_figure(figure)
    (table,) = tables(output)
    assert sorted(zip(*table.cells[1:], strict=True)) == [("120", "4"), ("Free", "Pay")]
    assert SECRET.encode() in json.dumps(figure).encode()
    assert SECRET.encode() not in output.canonical
    assert any(SECRET in loss.sample for loss in output.dropped if loss.what == "figure-data")
    assert found(output)["F01"] is Severity.FAIL
    again = read(output.canonical)
    assert (again.parts, again.canonical, again.dropped) == (output.parts, output.canonical, ())


@pytest.mark.parametrize(
    "figure",
    [
        {"data": [{"type": "histogram", "x": list(range(80))}], "layout": {}},
        {**VEGA, "encoding": {"x": {"field": "n", "bin": True}, "y": {"aggregate": "count"}}},
        {**VEGA, "mark": "boxplot"},
    ],
)
def test_g03_a_figure_that_computes_its_marks_carries_the_records(figure: Any) -> None:
    assert found(read_figure(figure))["G03"] is Severity.FAIL
    assert found(read_figure({**VEGA, "datasets": {"d": [{"plan": "a", "n": 50}, {"plan": "b", "n": 70}]}})).get(
        "G03"
    ) in (None, Severity.NOTE)


def test_g03_many_marks_are_for_a_person() -> None:
    many = {
        "data": [{"type": "scatter", "x": list(range(60)), "y": [n * 7 % 50 + 20 for n in range(60)]}],
        "layout": {},
    }
    assert found(read_figure(many))["G03"] in (Severity.REVIEW, Severity.FAIL)


def test_a_figure_in_a_notebook_is_judged_like_a_table() -> None:
    shown = {"application/vnd.plotly.v1+json": PLOTLY, "text/plain": "Figure()"}
    cell = {"cell_type": "code", "source": "", "metadata": {}, "execution_count": None,
            "outputs": [{"output_type": "display_data", "data": shown, "metadata": {}}]}  # fmt: skip
    output = read_figure({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})
    assert tables(output)[0].cells == (("x", "y"), ("Free", "120"), ("Pay", "4"))
    assert found(output)["F01"] is Severity.FAIL
    assert SECRET.encode() not in output.canonical
    assert b"application/vnd.plotly.v1+json" in output.canonical


@pytest.mark.parametrize(
    "column",
    [
        {"dtype": "f8", "bdata": "AAAA*"},
        {"dtype": "f8", "bdata": "AAAA"},
        {"dtype": "O", "bdata": "AAAA"},
        {"shape": "1000000000"},
    ],
)
def test_packed_columns_that_are_broken_are_refused(column: Any) -> None:
    assert read_figure({"data": [{"type": "bar", "x": column}], "layout": {}}).problem


def test_what_only_looks_like_a_figure_is_json() -> None:
    for value in ({"data": [1, 2], "layout": {}}, {"series": [{"n": 1}]}, {"figure": "a", "marks": []}, {"roots": 3}):
        assert not read_figure(value).problem


def test_a_figure_that_draws_what_is_somewhere_else_is_refused() -> None:
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "mark": "bar",
        "encoding": {"x": {"field": "a"}},
    }
    elsewhere = read(json.dumps(spec | {"data": {"url": "file:///etc/passwd"}}).encode())
    assert "somewhere else" in elsewhere.problem
    assert read(json.dumps(spec | {"data": {"values": [{"a": 12}, {"a": 40}]}}).encode()).problem == "", "the control"
