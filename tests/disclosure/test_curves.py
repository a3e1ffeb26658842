"""Curves, outliers, explanations and trees: one point, value or leaf for each person (P05, P08, R12, R15 to R17)."""

import pytest
from outputs import failing, prose, rules, table


def rows(head: str, number: int) -> str:
    width = head.count(",") + 1
    return (
        head + "\n" + "\n".join(",".join(f"{(i + c) / (number + 7):.4f}" for c in range(width)) for i in range(number))
    )


@pytest.mark.parametrize(
    ("rule", "head", "few"),
    [
        ("R15", "fpr,tpr", 40),
        ("R15", "precision,recall", 40),
        ("P08", "share of population,cumulative share of income", 15),
    ],
)
def test_a_curve_with_a_point_for_each_person(rule: str, head: str, few: int) -> None:
    assert rule in rules(table(rows(head, 300)))
    assert rule not in rules(table(rows(head, few)))
    assert rule not in rules(table(rows("area,mean score", 300)))


def test_p05_the_points_beyond_the_whiskers() -> None:
    assert "P05" in failing(table("group,n,q1,median,q3,outlier value\nA,120,2,3,4,97.5\nB,140,2,3,5,88.25"))
    assert "P05" not in rules(table("group,n,q1,median,q3\nA,120,2,3,4\nB,140,2,3,5"))
    assert "P05" not in failing(table("group,number of outliers\nA,20\nB,30"))


def test_r12_the_end_of_a_life_table() -> None:
    assert "R12" in failing(table("years,at risk,deaths,hazard\n1,900,40,0.044\n2,400,30,0.075\n9,6,1,0.167"))
    assert "R12" not in rules(table("years,at risk,deaths,hazard\n1,900,40,0.044\n2,400,30,0.075\n9,60,11,0.183"))


def test_r17_explanations_of_single_records() -> None:
    lines = "\n".join(f"{i},{i * 0.013:.3f},{i * -0.02:.3f}" for i in range(30))
    assert "R17" in failing(table("record id,shap age,shap income\n" + lines))
    assert "R17" not in rules(table("variable,mean abs shap\nage,0.213\nincome,0.120"))


TREE = """|--- age <= 30.50
|   |--- weights: [{}, 40.00] class: 1
|--- age >  30.50
|   |--- income <= 10.10
|   |   |--- weights: [400.00, 31.00] class: 0
|   |--- income >  10.10
|   |   |--- weights: [120.00, 300.00] class: 1
"""
RPART = """n= 812

node), split, n, loss, yval, (yprob)
      * denotes terminal node

1) root 812 300 no (0.63 0.37)
  2) age< 30 {} 1 no (0.9 0.1) *
  3) age>=30 400 150 yes (0.4 0.6) *
"""


def test_r16_a_tree_with_a_small_leaf() -> None:
    assert "R16" not in rules(prose(TREE.format("160.00")))
    assert "R16" in failing(prose(TREE.format("2.00").replace("40.00", "1.00")))
    assert "R16" in failing(prose('1 [label="gini = 0.0\\nsamples = 4\\nvalue = [4, 0]"] ;'))
    assert "R16" in failing(prose(RPART.format(7)))
    assert "R16" not in rules(prose(RPART.format(412)))


def test_r16_a_tree_that_does_not_tell() -> None:
    output = prose("|--- age <= 30.50\n|   |--- class: 1\n|--- age >  30.50\n|   |--- class: 0\n")
    assert "R16" in rules(output)
    assert "R16" not in failing(output)
