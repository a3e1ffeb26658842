"""Small counts, empty cells, complements: what must be caught and what must not (F01, F03, F05, F06, F17)."""

import pytest
from outputs import cells_of, failing, findings, prose, rules, table

from output_checker.desk.policies import load_policy
from output_checker.model import Policy, Severity

LENIENT = Policy(zeros_are_disclosive=False)


@pytest.mark.parametrize(
    "text",
    [
        "plan,good,poor\nfree,120,3\nother,45,20",
        "plan,n\nfree,120\nother,9",
        "plan,health,count\nfree,good,120\nfree,poor,1\nother,good,66\nother,poor,44",
        "year,n\n2010,120\n2011,4\n2012,130\n2013,125",
        "age,deaths\n80,60\n81,44\n82,3\n83,20",
        'region,"n (%)"\nnorth,"258 (97.7)"\nsouth,"6 (2.3)"\nwest,"80 (30)"',
        "region,cases\nnorth,120.0\nsouth,4.0\nwest,80.0",
        "region,cases\nnorth,120\nsouth,<5\nwest,80",
        "region,cases\nnorth,120\nsouth,1-4\nwest,80",
        ",0,1\n0,120,3\n1,55,60",
    ],
)
def test_f01_catches_a_small_count(text: str) -> None:
    assert "F01" in failing(table(text))


@pytest.mark.parametrize(
    "text",
    [
        "plan,good,poor\nfree,120,33\nother,45,20",
        "year,n\n1,120\n2,133\n3,130\n4,125",
        "age,n\n5,120\n6,133\n7,130\n8,125",
        "decile,n\n1,120\n2,133\n3,130\n4,125",
        "visits,people\n0,120\n1,133\n2,130\n3,125",
        "code,sex,n\n1,0,120\n1,1,133\n2,0,130\n2,1,125",
        "region,cases\nnorth,120\nsouth,<10\nwest,80\neast,<10",
        "region,rate per 1000,n\nnorth,3,1200\nsouth,5,1300",
        "term,coef,se,p,n\nage,2,1,0.04,1200\nsex,3,1,0.003,1200",
        "region,n\nnorth,10\nsouth,11",
    ],
)
def test_f01_leaves_other_small_numbers_alone(text: str) -> None:
    assert "F01" not in rules(table(text), LENIENT)


def test_f01_names_the_cells() -> None:
    output = table("plan,good,poor\nfree,120,3\nother,4,20")

    assert cells_of(output, "F01") == {(1, 2), (2, 1)}


def test_f01_threshold_is_the_policys() -> None:
    output = table("plan,n\nfree,120\nother,6")

    assert "F01" not in rules(output, Policy(threshold=5))
    assert "F01" in rules(output, Policy(threshold=7))


def test_f01_in_rounded_counts_asks_what_the_count_can_be() -> None:
    rounded = "area,n\n" + "".join(f"a{i},{n}\n" for i, n in enumerate((7, 14, 49, 70, 84, 133, 210, 287)))

    assert "F01" not in rules(table(rounded))  # a 7 rounded to 7 is 4 to 10
    assert "F01" in rules(table(rounded.replace("a0,7", "a0,8")))  # one exact count, and nothing is rounded any more


@pytest.mark.parametrize(
    "text", ["n = 4 in the exposed group.", "Only 3 patients died.", "Number of cases: 7", "four deaths were seen"]
)
def test_f01_in_text(text: str) -> None:
    assert "F01" in failing(prose(text))


@pytest.mark.parametrize(
    "text", ["n = 400 in the exposed group.", "Table 3 shows 1200 patients.", "We fitted 3 models."]
)
def test_f01_in_text_near_misses(text: str) -> None:
    assert "F01" not in rules(prose(text))


def test_f03_zero_is_disclosive_where_the_policy_says_so() -> None:
    output = table("plan,good,poor\nfree,120,0\nother,45,20")

    assert "F03" in failing(output)
    assert "F03" not in rules(output, LENIENT)


def test_f03_absent_combinations_are_looked_at() -> None:
    rows = [
        ("free", "good", 20),
        ("free", "poor", 30),
        ("other", "good", 40),
        ("last", "good", 50),
        ("last", "poor", 60),
    ]
    text = "plan,health,n\n" + "\n".join(",".join(map(str, row)) for row in rows)

    assert "F03" in rules(table(text + "\nTotal,,200"))
    assert "F03" in rules(table(text.replace("60", "6")))
    assert [f.severity for f in findings(table(text)) if f.rule == "F03"] == [Severity.NOTE]


def test_f05_all_but_a_few() -> None:
    assert "F05" in failing(table("ward,vaccinated,eligible\nA,121,160\nB,96,99\nC,87,140"))
    assert "F05" not in rules(table("ward,vaccinated,eligible\nA,121,160\nB,66,99\nC,87,140"))


def test_f06_rates_of_small_groups_and_of_unknown_ones() -> None:
    assert "F06" in failing(table("ward,n,rate\nA,5,20.0\nB,90,31.5"))
    assert "F06" in rules(table("ward,rate (%)\nA,20.0\nB,31.5"))
    assert "F06" not in rules(table("ward,n,rate (%)\nA,500,20.0\nB,900,31.5"))


def test_f17_sparse_table() -> None:
    rows = "\n".join(f"a{i}," + ",".join(str((i * j) % 12 + 1) for j in range(1, 6)) for i in range(1, 9))

    assert "F17" in rules(table("area,b,c,d,e,f\n" + rows))


def test_findings_say_what_to_do() -> None:
    for finding in findings(table("plan,good,poor\nfree,120,3\nother,45,0")):
        if finding.severity is not Severity.NOTE:
            assert finding.remedy
            assert finding.message
            assert finding.where


def test_opensafely_and_hes_show_zeros_but_not_seven() -> None:
    output = table("plan,n\nfree,120\nother,7\nlast,0")
    for name in ("opensafely", "nhs-hes"):
        policy = load_policy(name)

        assert "F01" in failing(output, policy)
        assert "F03" not in rules(output, policy)
