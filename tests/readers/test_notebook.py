"""Notebooks as Jupyter writes them, of several versions."""

import base64
import json

import nbformat
import pytest
from hostile import TABLE_HTML, code, notebook, png, shown, stream

from output_checker.model import Image, Kind, Output, Table, Text
from output_checker.readers.reading import read

PANDAS = """<div>
<style scoped>
    .dataframe tbody tr th:only-of-type {
        vertical-align: middle;
    }

    .dataframe tbody tr th {
        vertical-align: top;
    }

    .dataframe thead th {
        text-align: right;
    }
</style>
<table border="1" class="dataframe">
  <thead>
    <tr style="text-align: right;"><th></th><th>good</th><th>poor</th></tr>
    <tr><th>plan</th><th></th><th></th></tr>
  </thead>
  <tbody>
    <tr><th>Free</th><td>120</td><td>40</td></tr>
    <tr><th>Pay</th><td>310</td><td>3</td></tr>
  </tbody>
</table>
<p>2 rows \u00d7 2 columns</p>
</div>"""


def codes(output: Output) -> list[str]:
    return [loss.what for loss in output.dropped]


def test_a_frame_becomes_a_table_and_its_text_is_told() -> None:
    output = read(notebook(code(shown({"text/html": PANDAS, "text/plain": "      good poor\nplan\nFree  120  40"}))))
    table, text = output.parts
    assert isinstance(table, Table)
    assert table.cells == (("", "good", "poor"), ("plan", "", ""), ("Free", "120", "40"), ("Pay", "310", "3"))
    assert (table.header_rows, table.name, table.language) == (2, "cell 1, output 1", "html")
    assert isinstance(text, Text)
    assert text.text == "2 rows \u00d7 2 columns"
    assert codes(output) == ["second-mime"]


def test_html_without_a_table_gives_way_to_the_text() -> None:
    output = read(notebook(code(shown({"text/html": "<b>LinearRegression</b>()", "text/plain": "LinearRegression()"}))))
    assert [part.text for part in output.parts if isinstance(part, Text)] == ["LinearRegression()"]


def test_a_picture_wins_over_its_description() -> None:
    bundle = {"image/png": base64.b64encode(png()).decode(), "text/plain": "<Figure size 640x480 with 1 Axes>"}
    output = read(notebook(code(shown(bundle))))
    assert [type(part) for part in output.parts] == [Image]
    assert codes(output) == ["second-mime"]


def test_streams_and_tracebacks_are_text_with_their_role() -> None:
    error = {
        "output_type": "error",
        "ename": "KeyError",
        "evalue": "'nhs'",
        "traceback": ["\x1b[31mKeyError\x1b[0m: 'nhs'"],
    }
    output = read(notebook(code(stream("Loaded 20190 rows\n"), error)))
    assert [(part.role, part.text) for part in output.parts if isinstance(part, Text)] == [
        ("stream", "Loaded 20190 rows"),
        ("traceback", "KeyError: 'nhs'"),
    ]


def test_the_value_of_an_error_that_its_traceback_hides_is_shown() -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "patient 943", "traceback": ["Traceback"]}
    (text,) = read(notebook(code(error))).parts
    assert isinstance(text, Text)
    assert text.text == "Traceback\nE: patient 943"


def test_a_printed_table_is_a_table_besides() -> None:
    output = read(notebook(code(stream("plan  good  poor\nFree   120    40\nPay    310     3\n"))))
    assert [type(part) for part in output.parts] == [Text, Table]
    assert json.loads(output.canonical)["cells"][0]["outputs"][0]["text"].count("Free") == 1


def test_the_numbers_of_cells_and_outputs_stay_those_of_the_original() -> None:
    unreadable = shown({"application/json": {"a": 1}})
    markdown = {"cell_type": "markdown", "metadata": {}, "source": "# Title"}
    output = read(notebook(markdown, code(unreadable, stream("hello"))))
    assert [part.name for part in output.parts] == ["cell 2, output 2"]
    assert [(loss.what, loss.where) for loss in output.dropped] == [("source", "cell 1"), ("mime", "cell 2, output 1")]


def test_version_3_is_read() -> None:
    old = {
        "metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0,
        "worksheets": [{"metadata": {}, "cells": [
            {"cell_type": "heading", "level": 1, "metadata": {}, "source": "Visits"},
            {"cell_type": "code", "collapsed": False, "input": "print(1)", "language": "python", "metadata": {},
             "prompt_number": 1, "outputs": [
                {"output_type": "stream", "stream": "stdout", "text": "hello"},
                {"output_type": "pyout", "prompt_number": 1, "metadata": {}, "html": TABLE_HTML, "text": "x"},
                {"output_type": "display_data", "metadata": {}, "png": base64.b64encode(png()).decode()},
                {"output_type": "pyerr", "ename": "E", "evalue": "v", "traceback": ["E: v"]}]}]}],
    }  # fmt: skip
    output = read(json.dumps(old).encode())
    assert [type(part) for part in output.parts] == [Text, Table, Image, Text]
    assert codes(output) == ["source", "source", "second-mime"]
    nbformat.validate(nbformat.reads(output.canonical.decode(), as_version=4))


def test_an_ordinary_kernel_is_a_code_of_its_own() -> None:
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    output = read(notebook(code(stream("x")), metadata={"kernelspec": kernel}))
    assert codes(output) == ["kernel"]


@pytest.mark.parametrize("version", [1, 2, 5, None, "4"])
def test_other_versions_say_what_to_do(version: object) -> None:
    output = read(notebook(nbformat=version))
    assert output.kind is Kind.UNKNOWN
    assert "save it again in JupyterLab" in output.problem
