"""Counts that escaped a rounding, and percentages from before it (F01, F15)."""

from outputs import failing, findings, rules, table

from output_checker.model import Policy, Severity

BASE_FIVE = Policy(threshold=8, rounding_base=5, zeros_are_disclosive=False)
SEVENS = [231, 483, 686, 959, 1183, 1477, 1764, 1967, 2163, 2359, 2674]


def weeks(counts: list[int]) -> str:
    return "week,patients\n" + "\n".join(f"2021-01-{n + 1:02},{count}" for n, count in enumerate(counts))


def test_f01_a_small_count_among_rounded_ones_stands_for_itself() -> None:
    broken = table(weeks([*SEVENS[:2], 3, *SEVENS[3:]]))

    assert {"F01", "F15"} <= failing(broken, BASE_FIVE)
    assert not {"F01", "F15"} & rules(table(weeks(SEVENS)), BASE_FIVE)


def test_f15_large_counts_are_looked_at_and_small_ones_fail() -> None:
    large, small = [103, 2011, 3307, 4513, 7919], [47, 2011, 3307, 4513, 7919]

    assert [f.severity for f in findings(table(weeks(large)), BASE_FIVE) if f.rule == "F15"] == [Severity.REVIEW]
    assert "F15" in failing(table(weeks(small)), BASE_FIVE)


def test_f15_percentages_of_the_counts_before_rounding() -> None:
    text = "age,Clinton,Clinton %,Total\n18-29,40,{},50\n30-39,65,{},110\n40-49,85,{},130\n50-64,70,{},135"

    assert "F15" in rules(table(text.format("79.167", "61.111", "65.891", "51.095")), BASE_FIVE)
    assert "F15" not in rules(table(text.format("80.000", "59.091", "65.385", "51.852")), BASE_FIVE)
