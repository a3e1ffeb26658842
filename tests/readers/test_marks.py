"""Drawings measured: bars, points and lines become the numbers that they were drawn from.

``drawings/`` holds figures as matplotlib (letters as shapes and as text) and Vega-Lite wrote them; the ways of svglite
and Plotly are built here.
"""

from pathlib import Path

import pytest
from hostile import svg

from output_checker.disclosure import assess
from output_checker.model import Output, Policy, Severity, Table, Text
from output_checker.readers.reading import read

DRAWINGS = Path(__file__).parent / "drawings"


def drawn(name: str) -> Output:
    return read((DRAWINGS / f"{name}.svg").read_bytes())


def only_table(output: Output) -> Table:
    (table,) = (part for part in output.parts if isinstance(part, Table))
    return table


def found(output: Output) -> dict[str, Severity]:
    return {finding.rule: finding.severity for finding in assess(output, Policy()).findings}


PLANS = (("Free", "120"), ("Pay", "4"), ("Mixed", "310"), ("Other", "55"))


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("bar-low", (("bar", "count"), *PLANS)),
        ("bar-ok-text", (("bar", "count"), ("Free", "120"), ("Pay", "40"), ("Mixed", "310"), ("Other", "55"))),
        ("barh", (("bar", "Number of people"), ("a", "7"), ("b", "200"), ("c", "300"))),
        ("log", (("bar", "n"), ("a", "3"), ("b", "200"), ("c", "20000"))),
        ("vega-bar-low", (("bar", "n"), *PLANS)),
        ("vega-barh", (("bar", "n"), *PLANS)),
    ],
)
def test_bars_become_the_counts_behind_them(name: str, cells: tuple[tuple[str, ...], ...]) -> None:
    output = drawn(name)
    table = only_table(output)
    assert (table.language, table.cells) == ("bars", cells)
    assert (found(output).get("F01") is Severity.FAIL) == (name != "bar-ok-text")
    assert found(output)["G06"] is Severity.NOTE


def test_a_histogram_is_its_bins() -> None:
    output = drawn("hist")
    table = only_table(output)
    assert sum(int(row[1]) for row in table.cells[1:]) == 400
    assert all(" to " in row[0] for row in table.cells[1:])
    assert found(output)["F01"] is Severity.FAIL
    assert "G04" in found(output)


@pytest.mark.parametrize("name", ["scatter", "vega-scatter"])
def test_points_are_records(name: str) -> None:
    output = drawn(name)
    table = only_table(output)
    assert (table.language, len(table.cells), table.cells[0]) == ("points", 121, ("age", "income"))
    assert all(15 < float(x) < 90 and 600 < float(y) < 1400 for x, y in table.cells[1:])
    assert found(output)["G01"] is Severity.REVIEW


def test_a_survival_curve_is_its_steps() -> None:
    output = drawn("km")
    assert [row[1] for row in only_table(output).cells[1::2]] == ["1", "0.99", "0.97", "0.8", "0.75", "0.7"]
    assert found(output)["R11"] is Severity.REVIEW


def test_letters_drawn_as_shapes_are_read() -> None:
    (words,) = (part.text for part in drawn("km").parts if isinstance(part, Text))
    assert "Survival probability" in words


def test_the_marks_are_no_part_of_what_is_released() -> None:
    output = drawn("bar-low")
    again = read(output.canonical)
    assert (again.parts, again.canonical, again.dropped) == (output.parts, output.canonical, ())
    assert b"310</" not in output.canonical


def test_svglite_and_plotly_write_bars_their_own_way() -> None:
    labels = "".join(
        f"<text x='30' y='{203 - 2 * n:.2f}' text-anchor='end' style='font-size: 8.8px;'>{n}</text>"
        f"<polyline points='32,{200 - 2 * n} 35,{200 - 2 * n}' style='stroke: #333;'/>"
        for n in (0, 25, 50, 75)
    )
    lite = svg(
        labels + "<rect x='50' y='188' width='40' height='12' style='fill: #595959;'/>"
        "<rect x='100' y='60' width='40' height='140' style='fill: #595959;'/>"
    )
    assert [row[1] for row in only_table(read(lite)).cells[1:]] == ["6", "70"]
    ticks = "".join(
        f"<text text-anchor='end' x='79' y='4.2' transform='translate(0,{200 - 2 * n})' style='font-size: 12px;'>{n}"
        "</text>"
        f"<path d='M80,{200 - 2 * n}h400' style='stroke: rgb(255,255,255);'/>"
        for n in (0, 20, 40, 60)
    )
    paths = "".join(
        f"<path d='M{x},200V{200 - 2 * n}H{x + 40}V200Z' style='fill: rgb(99,110,250);'/>"
        for x, n in ((90, 6), (140, 70))
    )
    ground = "<rect x='80' y='20' width='400' height='180' style='fill: rgb(229, 236, 246);'/>"
    assert [row[1] for row in only_table(read(svg(ground + ticks + paths))).cells[1:]] == ["6", "70"]


@pytest.mark.parametrize(
    "body",
    [
        "<rect x='1' y='1' width='30' height='9' fill='#123456'/>",
        "<text x='5' y='5'>10</text><text x='5' y='25'>20</text><rect x='9' y='1' width='5' height='9' fill='red'/>",
        "<text x='5' y='5'>1</text><text x='5' y='9'>50</text><text x='5' y='90'>60</text>",
        "<path d='M0 0L10 10' stroke='#000'/><circle cx='4' cy='4' r='3'/>",
    ],
)
def test_a_drawing_without_axes_has_no_numbers(body: str) -> None:
    assert not [part for part in read(svg(body)).parts if isinstance(part, Table)]


@pytest.mark.parametrize(
    "body",
    [
        "<path d='M1e999 1e999L-1e999 5'/>",
        "<path d='" + "A" * 5000 + "'/>",
        "<path d='M0 0" + "L1" * 30_000 + "'/>",
        "<g transform='scale(1e300) scale(1e300)'><rect width='5' height='5' fill='red'/></g>",
        "<g transform='matrix(0 0 0 0 0 0)'><text>1</text><text>2</text><text>3</text></g>",
        "<text>" + "9" * 5000 + "</text><text x='1'>10^999</text>",
        "".join(f"<text x='5' y='{n}'>{n}</text>" for n in range(3000)),
        "".join(f"<rect x='{n}' y='1' width='1' height='{n}' fill='red'/>" for n in range(9000)),
    ],
    ids=["infinite", "arcs", "odd", "scaled", "flat", "digits", "labels", "rectangles"],
)
def test_drawings_that_mean_harm_are_measured_or_refused(body: str) -> None:
    output = read(svg(body))
    assert output.canonical or output.problem


def test_too_many_shapes_are_refused() -> None:
    assert "more shapes" in read(svg("<path d='M0 0" + "h1v1" * 250_000 + "'/>")).problem
