"""Group disclosure and counts implied by percentages (F04, F02)."""

import pytest
from outputs import cells_of, failing, rules, table

from output_checker.model import Policy

LENIENT = Policy(zeros_are_disclosive=False)


def test_f04_a_cell_that_holds_its_whole_row() -> None:
    output = table("ward,positive,negative\nA,40,55\nB,33,0\nC,28,61")

    assert "F04" in failing(output, LENIENT)
    assert (2, 1) in cells_of(output, "F04", LENIENT)


def test_f04_nine_tenths_are_the_policy_s_limit() -> None:
    assert "F04" in failing(table("ward,positive,negative\nA,400,45\nB,330,30\nC,280,261"))
    assert "F04" not in rules(table("ward,positive,negative\nA,400,145\nB,330,130\nC,280,261"))


def test_f04_in_a_long_table() -> None:
    text = "plan,health,n\nfree,good,120\nfree,poor,80\nother,good,66\nother,poor,0\nlast,good,30\nlast,poor,44"

    assert "F04" in failing(table(text), LENIENT)


def test_f04_percentages_of_100() -> None:
    assert "F04" in failing(table("ward,N,positive (%)\nA,90,44.4\nB,70,100.0\nC,88,31.8"))
    assert "F04" not in rules(table("group,n,%\na,60,60.0\nb,40,40.0\nTotal,100,100.0"))


def test_f04_a_one_way_table_has_no_groups() -> None:
    assert "F04" not in rules(table("answer,n\nyes,1200\nno,35"))


@pytest.mark.parametrize(("size", "share", "digits"), [(200, 1.5, 1), (150, 2.7, 1), (80, 8.8, 1), (1000, 0.4, 1)])
def test_f02_small_numerators(size: int, share: float, digits: int) -> None:
    text = f"area,patients,pct\nnorth,{size},{share:.{digits}f}\nsouth,623,31.2\nwest,877,40.1"

    assert "F02" in failing(table(text))


def test_f02_complements() -> None:
    assert "F02" in failing(table("area,patients,pct\nnorth,203,98.5\nsouth,623,31.2\nwest,877,40.1"))


def test_f02_large_numbers_pass() -> None:
    assert "F02" not in rules(table("area,patients,pct\nnorth,20123,1.5\nsouth,6231,31.2\nwest,8771,40.1"))


def test_f02_a_difference_of_two_shown_percentages_adds_nothing() -> None:
    rows = [(1184, 53.5, 53.4), (577, 53.7, 53.6), (606, 53.3, 53.2)]
    text = "group,eligible,now (%),before (%),over 7 days (%)\n" + "\n".join(
        f"{i},{1000 * n},{a},{b},{a - b:.1f}" for i, (n, a, b) in enumerate(rows)
    )

    assert "F02" not in rules(table(text))
