"""Models, tests, survival curves (family R, F14)."""

import pytest
from outputs import failing, findings, prose, rules, table

from output_checker.model import Policy

SUMMARY = """                            OLS Regression Results
==============================================================================
Dep. Variable:                      y   R-squared:                       {r2}
No. Observations:                 {n}   F-statistic:                     46.11
Df Residuals:                     {df}   AIC:                         2.799e+04
Df Model:                           3   BIC:                         2.802e+04
==============================================================================
                 coef    std err          t      P>|t|      [0.025      0.975]
------------------------------------------------------------------------------
Intercept      2.0725      0.153     13.569      0.000       1.773       2.372
age           -0.0223      0.005     -4.126      0.000      -0.033      -0.012
==============================================================================
"""


def test_r01_a_summary_of_few_degrees_of_freedom() -> None:
    assert "R01" in failing(prose(SUMMARY.format(r2="0.210", n=" 12", df="  8")))
    assert rules(prose(SUMMARY.format(r2="0.210", n="812", df="808"))) == set()


def test_r01_in_a_table() -> None:
    assert "R01" in failing(table("term,coef,std err,p,n\na,1.2,0.2,0.01,11\nb,1.1,0.3,0.02,11"))
    assert rules(table("term,coef,std err,p,n\na,1.2,0.2,0.01,1100\nb,1.1,0.3,0.02,1100")) == set()


def test_r01_the_number_of_observations_is_asked_for() -> None:
    output = table("term,coef,std err,p\na,1.25,0.2,0.01\nb,1.1,0.3,0.02")

    assert "R01" in rules(output)
    assert "R01" not in failing(output)
    assert "R01" not in rules(output, Policy(residual_dof=1))


def test_r04_a_perfect_fit() -> None:
    assert "R04" in rules(prose(SUMMARY.format(r2="0.9999", n="812", df="808")))


def test_r05_models_of_nearly_the_same_people() -> None:
    text = "Variable,Model 1,Model 2\nAge,0.52***,0.49***\n,(0.12),(0.11)\nObservations,6366,{}\nR2,0.12,0.14"

    assert "R05" in rules(table(text.format(6361)))
    assert "R05" not in rules(table(text.format(6366)))
    assert "R05" not in rules(table(text.format(6102)))


def test_r06_residuals() -> None:
    rows = "\n".join(f"{i},{i * 0.37:.3f},{i * -0.11:.3f}" for i in range(30))

    assert "R06" in failing(table("id,fitted,residual\n" + rows))


def test_r08_r09_matrices() -> None:
    assert "R08" in failing(table(",a,b\na,4,1\nb,1,60"))
    assert "R09" in rules(table(",a,b\na,1,0.25\nb,0.25,1"))


def test_r10_tests_of_few() -> None:
    assert "R10" in failing(table("comparison,t,df,p\nA,2.1,5,0.08\nB,3.3,6,0.02"))
    assert rules(table("comparison,t,df,p\nA,2.1,512,0.04\nB,3.3,612,0.001")) == set()


@pytest.mark.parametrize(("second", "found"), [(1196, True), (1100, False)])
def test_r11_steps_of_a_survival_curve(second: int, found: bool) -> None:
    output = table(f"time,n_at_risk,survival\n0,1200,1.0\n30,{second},0.95\n60,1000,0.9\n90,880,0.83")

    assert ("R11" in failing(output)) is found


def test_r11_a_curve_without_numbers() -> None:
    assert "R11" in rules(table("time,survival\n0,1.0\n30,0.95\n60,0.9\n90,0.83"))


def test_f14_small_rises_of_a_running_total() -> None:
    rows = [(f"2021-03-{d:02d}", n) for d, n in enumerate((120, 124, 160, 163, 200, 250, 300), 1)]
    text = "date,cumulative cases\n" + "\n".join(f"{d},{n}" for d, n in rows)

    assert "F14" in rules(table(text))
    assert "F14" not in rules(table(text.replace(",124", ",144").replace(",163", ",180")))


def test_r18_numbers_that_nothing_explains() -> None:
    assert "R18" in rules(prose("Iteration log 0.3341 4.22 went on."))
    assert rules(prose("Table 2. Python 3.11, 95% confidence intervals, 2021-03-04.")) == set()


def test_traceback() -> None:
    assert "N09" in rules(prose("KeyError: 17", role="traceback"))
    assert all(f.message for f in findings(prose("KeyError: 17", role="traceback")))
