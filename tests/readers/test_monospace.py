"""Tables that programs print."""

import pytest

from output_checker.readers.monospace import tables

PANDAS = """\
health  fair   good  poor    All
plan
Free     858   9932   207  10997
Pay      702   8396     3   9193
All     1560  18328   302  20190"""

LEVELS = """\
                mdvis             lpi
                 mean count      mean count
plan health
Free fair    3.942890   858  3.618256   858
     good    3.003423  9932  3.680494  9932
Pay  fair    3.102564   702  5.921083   702"""

SERIES = "mdvis\n0    6308\n1    3817\n2    2797\nName: count, dtype: int64"

OLS = """\
                            OLS Regression Results
==============================================================================
Dep. Variable:                  mdvis   R-squared:                       0.011
No. Observations:               20190   AIC:                         1.179e+05
==============================================================================
                 coef    std err          t      P>|t|      [0.025      0.975]
------------------------------------------------------------------------------
const          3.2182      0.066     49.127      0.000       3.090       3.347
idp           -0.8322      0.077    -10.860      0.000      -0.982      -0.682
=============================================================================="""

R = "   plan good poor\n1  Free  120   40\n2   Pay  310    5"

STATA = """\
      plan |      good       poor |     Total
-----------+----------------------+----------
      Free |       120          4 |       124
       Pay |       310         55 |       365
-----------+----------------------+----------
     Total |       430         59 |       489"""

MARKDOWN = "| plan   |   good |\n|:-------|-------:|\n| Free   |    120 |\n| Pay    |      3 |"

PSQL = "+------+------+\n| plan |    n |\n|------+------|\n| Free |  120 |\n| Pay  |    3 |\n+------+------+"


@pytest.mark.parametrize(
    ("text", "header", "row"),
    [
        (PANDAS, 1, ("Pay", "702", "8396", "3", "9193")),
        (LEVELS, 3, ("", "good", "3.003423", "9932", "3.680494", "9932")),
        (SERIES, 0, ("0", "6308")),
        (R, 1, ("2", "Pay", "310", "5")),
        (STATA, 1, ("Free", "120", "4", "124")),
        (MARKDOWN, 1, ("Pay", "3")),
        (PSQL, 1, ("Free", "120")),
    ],
    ids=["pandas", "levels", "series", "R", "Stata", "Markdown", "psql"],
)
def test_a_printed_table_is_found(text: str, header: int, row: tuple[str, ...]) -> None:
    found = tables(f"Some words before.\n\n{text}\n\nAnd after.", "cell 1, output 1")
    assert len(found) == 1
    assert found[0].header_rows == header
    assert row in found[0].cells
    assert (found[0].language, found[0].name) == ("monospace", "cell 1, output 1, line 3")


def test_a_model_summary_is_two_tables() -> None:
    found = tables(OLS, "")
    assert len(found) == 2
    assert found[0].cells[1] == ("No. Observations:", "20190", "AIC:", "1.179e+05")
    assert found[1].header_rows == 1
    assert found[1].cells[2] == ("idp", "-0.8322", "0.077", "-10.860", "0.000", "-0.982", "-0.682")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "One line only.",
        "Dear all,\nthank you for the data.\nBest wishes",
        "def f(a, b):\n    return a + b\n",
        "2024-01-01 INFO loaded\n2024-01-02 INFO fitted the model with 3 terms",
    ],
)
def test_words_are_no_table(text: str) -> None:
    assert tables(text, "") == []
