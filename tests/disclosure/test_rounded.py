"""The rounding base: detected from the counts, required by the policy (F15, F16)."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from outputs import cells_of, failing, rules, table

from output_checker.disclosure.rounding import EXACT, Rounding, detect
from output_checker.model import Policy

FIVES = Policy(rounding_base=5, zeros_are_disclosive=False)


@pytest.mark.parametrize("base", [5, 7, 10, 100])
def test_bases_are_found(base: int) -> None:
    counts = np.random.default_rng(base).integers(1, 200, 30) * base

    assert detect(counts.astype(float)).base == base


def test_midpoint_rounding_is_found() -> None:
    counts = np.random.default_rng(1).integers(1, 200, 40) * 6 - 3

    assert detect(counts.astype(float)) == Rounding(6, 3)


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=4))
def test_few_counts_prove_no_small_base(counts: list[int]) -> None:
    found = detect(np.array(counts, float))

    assert found.base not in (2, 3, 4)


def test_unrounded_counts_are_exact() -> None:
    assert detect(np.array([11.0, 14, 21, 28, 35, 49])) == EXACT


def test_f15_counts_that_are_not_rounded() -> None:
    output = table("area,n\na,25\nb,42\nc,130\nd,55")

    assert failing(output, FIVES) == {"F15"}
    assert cells_of(output, "F15", FIVES) == {(2, 1)}


def test_f15_a_coarser_base_does() -> None:
    sevens = "area,n\n" + "".join(f"a{i},{7 * n}\n" for i, n in enumerate((3, 11, 40, 55, 67, 91, 33, 78)))

    assert "F15" not in rules(table(sevens), FIVES)


def test_f15_means_and_years_need_no_rounding() -> None:
    assert "F15" not in rules(table("year,n,mean\n2011,25,4.2\n2012,40,3.9\n2013,130,4.4"), FIVES)


def test_f15_says_nothing_without_a_base() -> None:
    assert "F15" not in rules(table("area,n\na,25\nb,42"))


def test_f16_rounding_before_suppressing() -> None:
    text = "area,n\n" + "".join(f"a{i},{5 * n}\n" for i, n in enumerate((1, 11, 40, 55, 67, 91, 33, 78)))

    assert {"F01", "F16"} <= rules(table(text), Policy(threshold=8, rounding_base=5))


def test_a_small_table_beside_a_rounded_one_is_rounded_too() -> None:
    large = "area,n\n" + "".join(f"a{i},{7 * n}\n" for i, n in enumerate((3, 11, 40, 55, 67, 91, 33, 78)))
    parts = table(large).parts + table("group,n\nx,119\ny,203").parts
    both = replace(table(large), parts=parts)

    assert "F15" not in rules(both, FIVES)
    assert "F15" in rules(table("group,n\nx,119\ny,203"), FIVES)
    assert "F15" in rules(replace(both, parts=parts[:1] + table("group,n\nx,119\ny,204").parts), FIVES)
