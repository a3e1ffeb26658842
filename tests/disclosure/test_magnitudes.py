"""Means, sums, extremes, percentiles, concentration (families M and P)."""

import pytest
from outputs import cells_of, failing, prose, rules, table

from output_checker.model import Policy


def test_m01_means_without_contributors() -> None:
    assert "M01" in rules(table("region,mean_cost\nN,120.5\nS,98.2"))
    assert rules(table("region,n,mean_cost\nN,120,120.5\nS,130,98.2")) == set()


def test_m01_means_of_few() -> None:
    assert "M01" in failing(table("region,n,mean_cost\nN,4,120.5\nS,130,98.2"))


def test_m02_sums_need_a_person() -> None:
    output = table("sector,n,total turnover\nA,15,1200000\nB,22,900000")

    assert "M02" in rules(output)
    assert "M02" not in failing(output)
    assert "M02" not in rules(output, Policy(dominance=(), p_percent=0))


@pytest.mark.parametrize(
    "text",
    [
        "sector,n,total turnover,largest\nA,15,1000,700\nB,22,900,90",
        "sector,n,turnover,share of largest\nA,15,1000,0.72\nB,22,900,0.10",
        "sector,n,turnover,top 2 share (%)\nA,15,1000,93.5\nB,22,900,30",
    ],
)
def test_m02_dominance_that_the_table_shows(text: str) -> None:
    assert "M02" in failing(table(text))


def test_m08_everybody_has_the_same_value() -> None:
    assert "M08" in failing(table("region,n,mean,sd\nN,120,4.0,1.2\nS,130,5.0,0.0"))
    assert "M08" not in rules(table("region,n,mean,sd\nN,120,4.0,1.2\nS,130,5.0,0.3"))


def test_m11_two_numbers_of_three_people() -> None:
    assert "M11" in failing(table("region,n,mean,sd\nN,3,4.0,1.2\nS,130,5.0,0.3"))


def test_m15_the_mean_of_a_yes_or_no_is_a_count() -> None:
    assert "M15" in failing(table("ward,n,mean_smoker\nA,20,0.15\nB,25,0.48\nC,40,0.30"))
    assert "M15" not in rules(table("ward,n,mean_smoker\nA,200,0.15\nB,250,0.48\nC,400,0.30"))


@pytest.mark.parametrize(
    "text",
    [
        "region,n,min,max\nN,120,18,97\nS,130,19,88",
        ",age,income\ncount,120.0,120.0\nmean,44.1,20.2\nstd,9.1,3.3\nmin,18.0,2.5\n25%,30.0,9.5\nmax,97.0,88.1",
        "statistic,value\nN,120\nMean,44.2\nMinimum,18\nMaximum,97",
        "group,n,oldest\nA,40,97\nB,55,88",
    ],
)
def test_p01_extremes(text: str) -> None:
    assert "P01" in failing(table(text))


@pytest.mark.parametrize(
    "text",
    [
        "score,n,min,max\na,120,0,100\nb,130,0,100",
        "age min,age max,n\n0,17,120\n18,35,140\n36,53,155\n54,71,120",
        "region,n,mean\nN,120,44.1\nS,130,45.0",
    ],
)
def test_p01_near_misses(text: str) -> None:
    assert "P01" not in rules(table(text))


def test_p01_in_text() -> None:
    assert "P01" in failing(prose("Mean age was 44. Maximum age: 97"))
    assert "P01" not in rules(prose("The mean age was 44."))


def test_p02_percentiles_near_the_ends() -> None:
    assert "P02" in failing(table("region,n,p99\nN,120,97\nS,130,95"))
    assert "P02" not in rules(table("region,n,median\nN,120,44\nS,130,45"))
    assert "P02" in rules(table("region,median\nN,44.5\nS,45.5"))


def test_p06_spreads_of_few_degrees_of_freedom() -> None:
    assert "P06" in rules(table("region,n,mean,sd\nN,10,4.0,1.2\nS,130,5.0,0.3"))


def test_p07_concentration() -> None:
    assert "P07" in failing(table("sector,n,HHI\nA,12,0.92\nB,40,0.10"))
    assert "P07" in rules(table("sector,n,gini\nA,120,0.32\nB,400,0.30"))


def test_p11_lists_of_the_largest() -> None:
    assert "P11" in rules(table("top 10 firms,employees\nX,1200\nY,900"))


def test_where_points_at_the_cell() -> None:
    assert cells_of(table("region,n,min,max\nN,120,18,97\nS,130,0,100"), "P01") == {(1, 2), (1, 3)}
