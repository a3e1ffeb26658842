"""Ratios that give away the table behind them (P09)."""

import math

import pytest
from outputs import failing, rules, table


def line(a: int, b: int, c: int, d: int, digits: int = 2, *, risk: bool = False) -> str:
    """A row of a table: the ratio and its 95 % interval of the 2x2 table, and the sizes of its two groups."""
    if risk:
        value = (a / (a + b)) / (c / (c + d))
        spread = math.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    else:
        value, spread = a * d / (b * c), math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    low, high = value * math.exp(-1.959964 * spread), value * math.exp(1.959964 * spread)
    return f"smoker,{value:.{digits}f},{low:.{digits}f},{high:.{digits}f},{a + b},{c + d}"


ODDS = "factor,odds ratio,lower,upper,n exposed,n unexposed\n"
RISK = "factor,risk ratio,lower,upper,n exposed,n unexposed\n"


def test_an_odds_ratio_that_only_a_small_cell_explains() -> None:
    assert "P09" in failing(table(ODDS + line(4, 96, 21, 179)))
    assert "P09" not in rules(table(ODDS + line(64, 96, 121, 179)))


def test_a_risk_ratio_too() -> None:
    assert "P09" in failing(table(RISK + line(3, 117, 30, 170, risk=True)))
    assert "P09" not in rules(table(RISK + line(53, 117, 30, 170, risk=True)))


def test_the_interval_may_be_one_text() -> None:
    cells = line(4, 96, 21, 179).split(",")
    text = f"factor,OR,95% CI,n exposed,n unexposed\nsmoker,{cells[1]},({cells[2]}-{cells[3]}),{cells[4]},{cells[5]}"
    assert "P09" in failing(table(text))


def test_coarser_digits_and_larger_groups_leave_it_open() -> None:
    assert "P09" not in failing(table(ODDS + line(9, 991, 21, 979, digits=0)))


@pytest.mark.parametrize("change", ["adjusted odds ratio", "mean"])
def test_an_adjusted_ratio_is_no_function_of_one_table(change: str) -> None:
    assert "P09" not in rules(table(ODDS.replace("odds ratio", change) + line(4, 96, 21, 179)))


def test_a_table_of_ratios_without_group_sizes_is_for_other_rules() -> None:
    rows = ",".join(line(4, 96, 21, 179).split(",")[:4])
    assert "P09" not in rules(table("factor,odds ratio,lower,upper\n" + rows))
