"""What numbers mean: cells, headers, row labels, keys, totals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outputs import table

from output_checker.disclosure.monospace import read_printed
from output_checker.disclosure.numbers import Mark, decimals, parse_cell, parse_column
from output_checker.disclosure.semantics import understand
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.words import Meaning, key_named, names_total, row_statistic, statistic_named
from output_checker.model import Table


def sheet(text: str) -> Sheet:
    part = table(text).parts[0]
    assert isinstance(part, Table)
    return understand(part, 0)


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("12", Mark.NUMBER, 12),
        ("1,234", Mark.NUMBER, 1234),
        ("1 234", Mark.NUMBER, 1234),
        ("12.5%", Mark.NUMBER, 12.5),
        ("£1,200", Mark.NUMBER, 1200),
        ("0.05**", Mark.NUMBER, 0.05),
        ("(0.12)", Mark.NUMBER, 0.12),
        ("\u22123", Mark.NUMBER, -3),
        ("<10", Mark.BOUND, 9),
        ("≤7", Mark.BOUND, 7),
        ("1-4", Mark.RANGE, 4),
        ("12 (3.4%)", Mark.PAIR, 12),
        ("*", Mark.SUPPRESSED, None),
        ("[c]", Mark.SUPPRESSED, None),
        ("redacted", Mark.SUPPRESSED, None),
        ("-", Mark.SUPPRESSED, None),
        ("", Mark.EMPTY, None),
        ("NaN", Mark.EMPTY, None),
        ("north", Mark.TEXT, None),
        ("2021-03-04", Mark.TEXT, None),
    ],
)
def test_cells(text: str, mark: Mark, value: float | None) -> None:
    cell = parse_cell(text)

    assert cell.mark is mark
    if value is not None:
        assert cell.value == value


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=20))
def test_columns_of_numbers_keep_their_values(numbers: list[float]) -> None:
    assert np.array_equal(parse_column([repr(n) for n in numbers]).values, np.array(numbers))


@settings(deadline=None)
@given(st.text(max_size=80))
def test_no_cell_breaks_the_parser(text: str) -> None:
    parse_cell(text)
    statistic_named(text)
    key_named(text)
    row_statistic(text)
    names_total(text)


def test_decimals() -> None:
    assert [decimals(text) for text in ("3", "3.5", "3.50%", "71.89999999999999")] == [0, 1, 2, 1]


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("n", Meaning.COUNT),
        ("Vaccinated at 10 Aug 2022 (n)", Meaning.COUNT),
        ("mdvis_count", Meaning.COUNT),
        ("number of patients", Meaning.COUNT),
        ("percent of patients", Meaning.PERCENT),
        ("Second doses given (% of due)", Meaning.PERCENT),
        ("mean_age", Meaning.MEAN),
        ("average number of visits", Meaning.MEAN),
        ("max age", Meaning.MAXIMUM),
        ("std", Meaning.SPREAD),
        ("std err", Meaning.STANDARD_ERROR),
        ("P>|t|", Meaning.P_VALUE),
        ("[0.025", Meaning.INTERVAL),
        ("OR", Meaning.COEFFICIENT),
        ("25%", Meaning.PERCENTILE),
        ("p90", Meaning.PERCENTILE),
        ("total expenditure", Meaning.SUM),
        ("coef", Meaning.COEFFICIENT),
        ("Bangladeshi or British Bangladeshi", None),
        ("In a risk group", None),
        ("no", None),
        ("north", None),
        ("children", Meaning.COUNT),
        ("patient_id", None),
    ],
)
def test_headers(header: str, meaning: Meaning | None) -> None:
    assert statistic_named(header) is meaning


@pytest.mark.parametrize("label", ["Total", "All", "overall", "Grand total", "All ages", "subtotal"])
def test_totals(label: str) -> None:
    assert names_total(label)


@pytest.mark.parametrize("label", ["All other causes", "north", "totally", "Alltown", ""])
def test_no_totals(label: str) -> None:
    assert not names_total(label)


def test_group_by_keys_are_labels() -> None:
    found = sheet("plan,sex,n\n0,0,120\n0,1,130\n1,0,99\n1,1,88")

    assert found.column_meaning[2] is Meaning.COUNT
    assert found.count_columns == (2,)


def test_parts_of_a_total_are_no_keys() -> None:
    assert sheet("male,female,n\n12,20,32\n14,22,36\n19,31,50").count_columns == (0, 1, 2)


def test_describe_is_read_by_its_rows() -> None:
    found = sheet(",age\ncount,120.0\nmean,44.1\nmin,18.0\n50%,41.5\nmax,97.0")

    assert [Meaning(int(m)) for m in found.meanings[:, 1]] == [
        Meaning.COUNT,
        Meaning.MEAN,
        Meaning.MINIMUM,
        Meaning.PERCENTILE,
        Meaning.MAXIMUM,
    ]


def test_pairs_are_two_columns() -> None:
    found = sheet('group,"n (%)"\na,"120 (45.5%)"\nb,"144 (54.5%)"')

    assert found.column_meaning[1:] == (Meaning.COUNT, Meaning.PERCENT)
    assert found.source == (0, 1, 1)


def test_headers_of_two_levels() -> None:
    part = table(",age,age\n,count,mean\nnorth,120,44.1\nsouth,90,40.2").parts[0]
    assert isinstance(part, Table)
    found = understand(Table("", part.cells, 2), 0)

    assert found.column_meaning[1:] == (Meaning.COUNT, Meaning.MEAN)


PRINTED = """
health
excellent    11012
good          7308
poor             6
Name: count, dtype: int64

Health |  Freq.   Percent
-------+------------------
good   |    120     95.2
poor   |      6      4.8
"""


def test_tables_printed_in_text() -> None:
    printed = read_printed(PRINTED)

    assert len(printed.tables) == 2
    line, first = printed.tables[0]
    assert PRINTED.split("\n")[line].startswith("health")
    assert first.cells[-1] == ("poor", "6")
    assert not printed.loose


@settings(deadline=None)
@given(st.text(alphabet="ab12 .,:|-=\n\t%()", max_size=300))
def test_no_text_breaks_the_reader_of_text(text: str) -> None:
    for line, found in read_printed(text).tables:
        assert line >= 0
        assert len({len(row) for row in found.cells}) == 1
