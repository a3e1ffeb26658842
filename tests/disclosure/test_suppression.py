"""Suppressed cells that can be worked out, and hidden categories (F09, F10, F11)."""

import pytest
from outputs import cells_of, failing, findings, rules, table

GRID = "g,a,b,c,Total\nx,{0},33,40,{t0}\ny,21,{1},45,{t1}\nz,30,35,{2},{t2}\nTotal,{ta},{tb},{tc},{all}"
MARKS = ["[c]", "*", "c", "redacted", "", "-", "suppressed", "x"]


def shown(first: str, second: str, third: str) -> str:
    return GRID.format(first, second, third, t0=93, t1=88, t2=104, ta=71, tb=90, tc=124, all=285)


@pytest.mark.parametrize("mark", MARKS)
def test_f11_f10_one_suppressed_cell_with_totals(mark: str) -> None:
    output = table(shown(mark, "22", "39"))

    assert {"F11", "F10"} <= failing(output)
    assert (1, 1) in cells_of(output, "F11")
    message = next(f.message for f in findings(output) if f.rule == "F10")
    assert "20" in message


def test_f11_two_in_each_line_hold() -> None:
    text = "g,a,b,c,Total\nx,*,33,*,93\ny,21,22,45,88\nz,*,35,*,104\nTotal,71,90,124,285"

    assert not {"F10", "F11"} & rules(table(text))


def test_f10_a_chain_of_suppressed_cells_unravels() -> None:
    text = "g,a,b,c,Total\nx,*,*,40,93\ny,21,*,45,88\nz,30,35,39,104\nTotal,71,90,124,285"

    assert "F10" in failing(table(text))


def test_f11_without_totals_nothing_can_be_worked_out() -> None:
    assert not {"F10", "F11"} & rules(table("g,a,b\nx,*,33\ny,21,22"))


def test_f10_few_left_for_two_cells() -> None:
    text = "g,a,b,c,Total\nx,*,*,88,92\ny,21,22,45,88\nz,30,35,39,104"

    assert "F10" in rules(table(text))


@pytest.mark.parametrize("missing", [1, 4, 9])
def test_f09_a_category_that_is_not_shown(missing: int) -> None:
    assert "F09" in failing(table(f"region,patients\nnorth,140\nsouth,88\nwest,61\nTotal,{289 + missing}"))


@pytest.mark.parametrize("missing", [0, 10, 200])
def test_f09_near_misses(missing: int) -> None:
    assert "F09" not in rules(table(f"region,patients\nnorth,140\nsouth,88\nwest,61\nTotal,{289 + missing}"))


def test_f09_slack_of_rounded_tables() -> None:
    rows = "\n".join(f"a{i},{5 * (i + 11)},{5 * (i + 17)},{5 * (2 * i + 29)}" for i in range(8))

    assert "F09" not in rules(table("area,b,c,Total\n" + rows))
