"""Rows about single people (H16, N01, F19, X01) and what only looks like them."""

from dataclasses import replace

import pytest
from outputs import failing, rules, table

from output_checker.model import Evidence, Kind, Policy, RowMatch

PEOPLE = "age,female,children,smoker,income\n" + "\n".join(
    f"{20 + (i * 7) % 55},{i % 2},{i % 4},{(i // 3) % 2},{1200 + i * 37.5:.1f}" for i in range(40)
)


def test_h16_a_survey() -> None:
    assert "H16" in failing(table(PEOPLE))


def test_n01_the_same_in_a_notebook() -> None:
    assert "N01" in failing(replace(table(PEOPLE), kind=Kind.NOTEBOOK))


def test_h16_a_column_of_patients() -> None:
    rows = "\n".join(f"P{i:04d},{20 + i}" for i in range(30))

    assert "H16" in failing(table("patient_id,episodes\n" + rows))
    assert "H16" in failing(table("patient,episodes\n" + rows))


def test_h16_long_tables() -> None:
    rows = "\n".join(f"x{i},{i * 1.37:.2f},{i * 0.11:.2f}" for i in range(1200))

    assert "H16" in rules(table("name,a,b\n" + rows))


@pytest.mark.parametrize(
    "text",
    [
        "year,n\n" + "\n".join(f"{1900 + i},{100 + i * 3}" for i in range(100)),
        "date,admissions,deaths\n" + "\n".join(f"2021-01-{i:02d},{100 + i},{50 + i}" for i in range(1, 31)),
        "region,sex,age group,n\n"
        + "\n".join(f"r{i},{s},{a},{40 + i}" for i in range(20) for s in "FM" for a in ("young", "old")),
        "term,coef,std err,p,n\n" + "\n".join(f"x{i},{i * 0.1:.2f},0.05,0.01,5000" for i in range(40)),
        "a,b,c\nx,20,30\ny,40,50",
    ],
)
def test_h16_tables_of_aggregates_are_none(text: str) -> None:
    assert not {"H16", "N01"} & rules(table(text))


def rows_of(first: list[int]) -> str:
    """Values of several sorts behind a first column."""
    return "\n".join(f"{n},{n % 7},{n * 1.317:.4f},{n * 2.71:.1f},word {n % 3}" for n in first)


@pytest.mark.parametrize("header", ["record", "ID", "case_id", "observation"])
def test_h16_a_number_for_each_record(header: str) -> None:
    assert "H16" in failing(table(f"{header},a,b,c,d\n" + rows_of([902, 17, 4411, 3050, 76, 1288])))


def test_h16_a_number_for_each_line_of_a_list_is_none() -> None:
    assert "H16" not in failing(table("case,a,b,c,d\n" + rows_of([1, 2, 3, 4, 5, 6])))


def test_n01_a_sample_of_a_frame() -> None:
    sample = replace(table(",stay,cost,score,ward\n" + rows_of([902, 17, 4411])), kind=Kind.NOTEBOOK)
    toy = replace(table(",a,b,c,d\n0,1,2,3,x\n1,2,3,4,y\n2,5,6,7,z"), kind=Kind.NOTEBOOK)

    assert "N01" in failing(sample)
    assert "N01" not in rules(toy)


def test_n01_correlations_are_none() -> None:
    text = ",index,age,bmi,bp,s1\n0,age,1.00,0.19,0.34,0.26\n1,bmi,0.19,1.00,0.40,0.25\n2,bp,0.34,0.40,1.00,0.24"

    assert "N01" not in failing(replace(table(text), kind=Kind.NOTEBOOK))


def test_f19_groups_of_one() -> None:
    rows = "\n".join(f"{20 + i},{'FM'[i % 2]},area {i % 7},{1 + (i % 3) * 20}" for i in range(60))

    assert "F19" in failing(table("age,sex,area,n\n" + rows))


def match(**changes: object) -> Evidence:
    found = RowMatch(0, "hie 1", (1, 2, 3), ((0, "age"), (1, "sex"), (2, "income")), 3, 3, 10)
    return Evidence(("hie 1",), (replace(found, **changes),))  # type: ignore[arg-type]


def test_x01_records_of_the_data() -> None:
    output = table("a,b,c\n31,1,1200.5\n44,0,800.2\n51,1,91.7")

    assert "X01" in failing(output, Policy(), match())
    assert "X01" in rules(output, Policy(), match(unique=0))
    assert "X01" not in rules(output, Policy(), match(unique=0, few=0))
    assert "X01" not in rules(output, Policy(), match(chance=40.0))


def test_x01_n01_in_a_notebook() -> None:
    output = replace(table("a,b,c\n31,1,1200.5\n44,0,800.2\n51,1,91.7"), kind=Kind.NOTEBOOK)

    assert {"N01", "X01"} <= failing(output, Policy(), match())
