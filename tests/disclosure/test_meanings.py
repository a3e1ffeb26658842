"""Headers and values that sound like counts, or hide that they are (semantics, keys, sizes, monospace)."""

import pytest
from outputs import failing, findings, prose, rules, table

from output_checker.disclosure.monospace import read_printed
from output_checker.disclosure.words import Meaning, key_named, statistic_named
from output_checker.model import Kind, Output, Severity, Table, Text


def test_a_percentage_in_a_category_s_name_is_no_unit() -> None:
    assert statistic_named("25 % reduction") is None
    assert statistic_named("95 % CI") is Meaning.INTERVAL
    assert statistic_named("smokers %") is Meaning.PERCENT
    assert "F01" in failing(table("limit,25 % plan,50 % plan,Free\nNo,142,54,64\nPartly,6,5,13\nYes,62,16,30"))


@pytest.mark.parametrize("header", ["n_above_median", "number below the limit", "count over mean"])
def test_counts_beyond_a_limit_are_counts(header: str) -> None:
    assert statistic_named(header) is Meaning.COUNT
    assert "F01" in failing(table(f"district,{header}\na,28\nb,3\nc,44"))


def test_median_is_no_count() -> None:
    assert statistic_named("median number") is Meaning.PERCENTILE


def test_settings_of_an_algorithm_say_nothing_of_people() -> None:
    assert key_named("max_depth") is Meaning.SETTING
    assert statistic_named("max_cost") is Meaning.MAXIMUM
    assert not rules(table("max_depth,n_estimators,auc\n2,50,0.71\n3,100,0.74\n4,200,0.75"))
    assert "P01" in failing(table("group,max_cost\na,1511\nb,2200\nc,1873"))


def test_sizes_of_households_are_keys_beside_their_counts() -> None:
    assert not rules(table("household_size,households\n1,2101\n2,3321\n3,1540\n4,1333"))
    assert "F01" in failing(table("household_size,households\n1,2101\n2,3321\n3,1540\n4,3"))
    assert "F01" in failing(table("group,n\na,1\nb,2\nc,3\nd,4"))


def test_a_first_row_of_default_names_is_a_header() -> None:
    rows = [["affair", "faith", "0"], *([a, f, "135"] for a in ("No", "Yes") for f in ("low", "high"))]
    text = "\n".join(",".join(row) for row in rows)

    assert not rules(table(text, header_rows=0))
    assert "F03" in failing(table(text.replace("high,135", "high,0"), header_rows=0))


def test_m_beside_sd_is_a_mean() -> None:
    assert not rules(table("school,N,M,SD\nlow,330,9.88,7.27\nhigh,248,14.54,7.84"))
    assert "U01" in rules(table("school,N,M\nlow,330,9.88\nhigh,248,14.54"))


def test_f01_parts_of_a_named_count_are_counts() -> None:
    assert "F01" in failing(table("faith,N,good,poor\na,344,337,7\nb,401,380,21"))
    assert "F01" not in failing(table("faith,N,score,points\na,344,37,7\nb,401,38,21"))


def test_f02_sizes_in_the_labels_of_rows() -> None:
    assert "F02" in failing(table("limit,low,mid,high\nNo (n=1235),80.1,10.2,9.7\nYes (n=114),44.7,49.1,6.1"))
    assert not rules(table("limit,low,mid,high\nNo (n=1235),60.1,20.2,19.7\nYes (n=114),44.7,29.8,25.4"))
    assert "F06" in failing(table("limit,low,mid,high\nNo (n=1235),60.1,20.2,19.7\nYes (n=4),50.0,25.0,25.0"))


def test_f02_percentages_of_the_sample_are_not_of_their_own_row() -> None:
    text = "Variable,Level,n,%\nOverall,,900,100.0\nlimit,No,741,82.3\nlimit,Partly,139,15.4\nlimit,Yes,20,2.2"

    assert "F02" not in rules(table(text))
    assert "F02" in failing(table("area,n,cured (%)\na,300,1.3\nb,450,20.0\nc,500,30.0"))


def test_a_latex_table_is_read() -> None:
    rows = "good & 200 & 42 \\\\\npoor & 150 & %s \\\\"
    text = "\\begin{tabular}{lrr}\n\\hline\nhealth & 0 & 1+ \\\\\n\\hline\n" + rows + "\n\\hline\n\\end{tabular}"

    assert "F01" in failing(prose(text % "3"))
    assert not rules(prose(text % "31"))
    assert read_printed(text % "31").tables[0][1].header_rows == 1


def test_an_optimiser_s_log_is_no_result() -> None:
    log = "Optimization terminated successfully.\n         Current function value: 0.545891\n         Iterations 6"

    assert not rules(prose(log))
    assert "F01" in failing(prose("Number of patients: 6"))
    assert "F01" not in rules(prose("Number of Fisher Scoring iterations: 5"))


def test_p01_extremes_in_a_report_without_colons() -> None:
    assert "P01" in failing(prose("Summary of costs\nN = 72\nMean 262.53  SD 318.05\nMinimum 0.02  Maximum 1898.03"))
    assert "P01" not in rules(prose("Summary of costs\nN = 72\nMean 262.53  SD 318.05"))


def test_r18_limits_that_the_policy_names() -> None:
    assert "R18" not in rules(prose("c = suppressed, fewer than 10 people\nPercentages may not sum to 100."))
    assert "R18" in rules(prose("c = suppressed, fewer than 3 people"))


def test_r18_a_number_that_a_table_adds_up_to() -> None:
    counts = Table("", (("g", "a", "b"), ("x", "31", "42"), ("y", "57", "66")), 1)

    assert "R18" not in rules(Output(Kind.NOTEBOOK, "", (Text("", "196", "body"), counts), b"x"))
    assert "R18" in rules(Output(Kind.NOTEBOOK, "", (Text("", "197", "body"), counts), b"x"))


def test_r01_narrow_intervals_speak_for_many_observations() -> None:
    text = ",coef,std err,z,P>|z|,[0.025,0.975]\na,1.93,0.207,9.334,0.0,{}\nb,-0.290,0.031,-9.212,0.0,{}"
    large = table(text.format("1.525,2.335", "-0.352,-0.228"))
    small = table(text.format("1.355,2.505", "-0.376,-0.204"))

    assert not rules(large)
    assert [f.severity for f in findings(large) if f.rule == "R01"] == [Severity.NOTE]
    assert "R01" in rules(small)


def test_u01_a_difference_with_its_interval_is_an_estimate() -> None:
    assert not rules(table("outcome,difference,ci_low,ci_high,N\nvisits,-2.1,-4.2,0.1,20190\ncost,5.3,1.1,9.6,20190"))
    assert "U01" in rules(table("outcome,difference,N\nvisits,-2.1,20190\ncost,5.3,20190"))


def test_p11_ranks_of_features_are_no_units() -> None:
    assert "P11" not in rules(table("feature,importance,rank\nage,0.31,1\nsex,0.22,2\nbmi,0.12,3"))
    assert "P11" in rules(table("firm,value,rank\na,0.31,1\nb,0.22,2\nc,0.12,3"))


def test_f05_the_outer_level_of_a_header_makes_no_base() -> None:
    rows = (("", "n", "n"), ("band", "16-20", "21-30"), ("good", "421", "430"), ("poor", "133", "169"))

    assert "F05" not in rules(Output(Kind.TABLE, "text/csv", (Table("", rows, 2),), b"x"))


def test_f04_combinations_that_may_have_been_left_out() -> None:
    text = (
        "job,rate,n\na,good,18\na,fine,25\nb,fair,14\nb,good,43\nb,fine,50\nc,fair,25\nc,good,63\nc,poor,{}\nc,fine,69"
    )

    assert not rules(table(text.format(11)))
    assert "F04" in failing(table(text.format(4)))


def test_shares_without_a_fraction_are_shares_beside_others() -> None:
    assert not rules(table("visits,N,a plan,b plan,free\nfew,950,33.4,24.6,42.0\nmany,206,29.6,20.4,50.0"))
    assert "F01" in rules(table("visits,N,a plan,free\nfew,950,33.4,4.0\nmany,206,29.6,5.0"))
