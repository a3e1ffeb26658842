"""The audit of suppressed cells: intervals by linear programming over every sum of a table (F10)."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outputs import cells_of, failing, rules, table

from output_checker.disclosure.audit import audit
from output_checker.disclosure.subject import make_subject
from output_checker.disclosure.sums import Ledger
from output_checker.model import Policy

CYCLE = "g,a,b,c,Total\nx,{},{},40,93\ny,{},{},45,88\nz,30,35,39,104\nTotal,71,90,124,285"
HIERARCHY = """area,n,cases
Alpha,41,{0}
Beta,39,24
North total,80,51
Gamma,44,{1}
Delta,36,22
South total,80,45
All,160,96"""
CUBE = """sex,plan,health,n
{rows}"""


def ledger(text: str, policy: Policy | None = None) -> Ledger:
    return make_subject(table(text), policy or Policy(), None, "").ledgers[0][1]


def intervals(text: str) -> dict[int, tuple[float, float]]:
    found = audit(ledger(text), np.inf).intervals
    return {place: (interval.low, interval.high) for place, interval in found.items()}


def test_two_by_two_leaves_room_as_large_as_the_smallest_of_its_lines() -> None:
    found = intervals(CYCLE.format("*", "*", "*", "*"))

    assert found == {1: (0, 41), 2: (12, 53), 6: (0, 41), 7: (2, 43)}
    assert not {"F10", "F11"} & rules(table(CYCLE.format("*", "*", "*", "*")))


def test_lines_that_are_protected_one_by_one_may_leave_too_little_together() -> None:
    """Each line has two hidden cells, but those of one row add up to 3: the small one is pinned down."""
    text = "g,a,b,c,Total\nx,*,*,40,43\ny,*,*,45,115\nz,30,35,39,104\nTotal,71,67,124,262"

    assert "F11" not in rules(table(text))
    assert "F10" in failing(table(text))
    assert intervals(text)[1] == (0, 3)


@pytest.mark.parametrize("total", ["North total", "North subtotal"])
def test_subtotals_are_found_and_subtracted(total: str) -> None:
    text = HIERARCHY.replace("North total", total).format("*", 23)

    assert "F10" in failing(table(text))
    assert (1, 2) in cells_of(table(text), "F10")


def test_a_cell_in_each_of_two_groups_with_subtotals_is_given_away_twice() -> None:
    assert len(cells_of(table(HIERARCHY.format("*", "*")), "F10")) == 2


def test_two_cells_below_one_subtotal_hold() -> None:
    text = HIERARCHY.format("*", 23).replace("Beta,39,24", "Beta,39,*")

    assert not {"F10", "F11"} & rules(table(text))


def test_totals_of_totals_give_a_cell_away_where_its_own_lines_are_silent() -> None:
    """The total of y is hidden as well: the column of totals gives it back."""
    text = "g,a,b,c,Total\nx,21,33,40,94\ny,*,22,45,*\nz,30,35,39,104\nTotal,71,90,124,285"

    assert {(2, 1), (2, 4)} <= cells_of(table(text), "F10")


def cube(hide: set[tuple[str, ...]]) -> str:
    """Counts by three variables with every total."""
    levels = (("f", "m"), ("free", "paid"), ("good", "poor"))
    numbers = dict(zip(itertools.product(*levels), [41, 4, 63, 25, 58, 37, 77, 19], strict=True))
    lines = []
    for names in itertools.product(*((*level, "Total") for level in levels)):
        parts = [n for key, n in numbers.items() if all(a in (b, "Total") for a, b in zip(names, key, strict=True))]
        lines.append(",".join((*names, "*" if names in hide else str(sum(parts)))))
    return "sex,plan,health,n\n" + "\n".join(lines)


def test_a_cube_with_all_its_totals_needs_a_corner_in_each_direction() -> None:
    square = {("f", plan, health) for plan in ("free", "paid") for health in ("good", "poor")}
    both = square | {("m", plan, health) for plan in ("free", "paid") for health in ("good", "poor")}

    assert "F10" in failing(table(cube(square)))
    assert not {"F10", "F11"} & rules(table(cube(both)))


@pytest.mark.parametrize("extra", [7, 30, -20])
def test_totals_of_other_people_prove_nothing(extra: int) -> None:
    """The totals count people whom no row shows: subtracting gives nonsense, so nothing is said of the cell."""
    rows = [(21, 33, 40), (26, 22, 45), (30, 35, 39), (44, 51, 28)]
    lines = [f"r{k},{a},{b},{c},{a + b + c + extra + k}" for k, (a, b, c) in enumerate(rows)]
    lines[1] = lines[1].replace(",22,", ",*,")

    assert not {"F10", "F11"} & rules(table("g,a,b,c,Total\n" + "\n".join(lines)))


def test_one_wrong_total_does_not_hide_the_others() -> None:
    rows = [(21, 33, 40), (26, 22, 45), (30, 35, 39), (44, 51, 28)]
    lines = [f"r{k},{a},{b},{c},{a + b + c + 3 * (k == 3)}" for k, (a, b, c) in enumerate(rows)]
    lines[1] = lines[1].replace(",22,", ",*,")

    assert "F10" in failing(table("g,a,b,c,Total\n" + "\n".join(lines)))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_table_that_fits_lies_outside_the_intervals(data: st.DataObject) -> None:
    """Any table with the same shown numbers has its hidden ones inside: here the true one and its shifts by a cycle."""
    height, width = data.draw(st.integers(2, 4)), data.draw(st.integers(2, 4))
    counts = np.array(
        data.draw(st.lists(st.integers(0, 60), min_size=height * width, max_size=height * width))
    ).reshape(height, width)
    hidden = data.draw(st.sets(st.tuples(st.integers(0, height - 1), st.integers(0, width - 1)), min_size=1))
    full = np.zeros((height + 1, width + 1))
    full[:-1, :-1] = counts
    full[-1, :-1], full[:-1, -1], full[-1, -1] = counts.sum(axis=0), counts.sum(axis=1), counts.sum()
    known = full.copy()
    high = full.copy()
    mask = np.zeros(full.shape, bool)
    for cell in hidden:
        known[cell], high[cell], mask[cell] = 0, np.inf, True
    exact = ledger("g,a,b,Total\nx,*,*,50\ny,*,*,60\nTotal,55,55,110")
    sums = tuple(_sums(full.shape))
    found = audit(Ledger(known.ravel(), high.ravel(), mask.ravel(), sums), np.inf)

    assert exact.sums
    assert found.sure
    for place, interval in found.intervals.items():
        assert interval.low <= full.ravel()[place] <= interval.high


def _sums(shape: tuple[int, int]):  # type: ignore[no-untyped-def]
    from output_checker.disclosure.sums import Sum

    height, width = shape
    for i in range(height):
        yield Sum(i * width + width - 1, np.arange(i * width, i * width + width - 1), "across")
    for j in range(width):
        yield Sum((height - 1) * width + j, np.arange(height - 1) * width + j, "down")
