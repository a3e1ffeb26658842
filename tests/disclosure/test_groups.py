"""Clusters and their exemplars, effects of single units, modal shares (R13, R07, P04)."""

import pytest
from outputs import cells_of, failing, prose, rules, table

from output_checker.model import Policy


@pytest.mark.parametrize(
    "text",
    [
        "Cluster sizes: [120, 4, 33]",
        "cluster counts = 120, 33, 9",
        "Cluster 1: 120 members\nCluster 2: 4 members",
        "Latent class 3 (n = 7)",
        "segment B: 5 patients",
    ],
)
def test_r13_a_small_cluster_in_running_text(text: str) -> None:
    assert "R13" in failing(prose(text))


@pytest.mark.parametrize(
    "text",
    [
        "Cluster sizes: [120, 44, 33]",
        "Cluster 1: 120 members\nCluster 2: 14 members",
        "3 clusters were found",
        "Cluster 2: 4 variables were left out",
        "cluster-robust standard errors, 4 lags",
        "k = 4 clusters, inertia 33.1",
    ],
)
def test_r13_no_small_cluster(text: str) -> None:
    assert "R13" not in rules(prose(text))


def test_r13_follows_the_policy_and_leaves_code_alone() -> None:
    assert "R13" not in rules(prose("Cluster sizes: [120, 4]"), Policy(threshold=3))
    assert "R13" not in rules(prose("Cluster sizes: [120, 4]", role="source"))


def test_r13_a_medoid_is_somebody_s_record() -> None:
    assert "R13" in failing(table("medoid,age,bmi\n1,34,22.1\n2,55,31.0"))
    assert "R13" in failing(table("cluster,kind,age\n1,exemplar,34.5\n1,mean,40.2"))
    assert cells_of(table("cluster,kind,age\n1,exemplar,34.5\n1,mean,40.2"), "R13") == {(1, None)}


def test_r13_a_centroid_is_a_mean() -> None:
    assert "R13" not in rules(table("centroid,mean age,n\n1,34.2,120\n2,55.4,80"))
    assert "R13" not in rules(table("method,silhouette\nk-medoids,0.4\nk-means,0.5"), Policy())


UNITS = (
    "term,coef,std err,P>|t|\nIntercept,1.2,0.1,0.000\n{0}2{1},0.3,0.1,0.02\n{0}3{1},0.1,0.1,0.2\n{0}4{1},-0.3,0.1,0.01"
)


@pytest.mark.parametrize(("before", "after"), [("C(hospital)[T.", "]"), ("factor(practice)", ""), ("firm_id: ", "")])
def test_r07_effects_of_single_units(before: str, after: str) -> None:
    assert "R07" in rules(table(UNITS.format(before, after)))


@pytest.mark.parametrize(("before", "after"), [("C(plan)[T.", "]"), ("age_group ", ""), ("hospitalised", "")])
def test_r07_effects_of_categories(before: str, after: str) -> None:
    assert "R07" not in rules(table(UNITS.format(before, after)))


def test_p04_nearly_everybody_has_the_same_value() -> None:
    described = ",sex,smoker\ncount,200,200\nunique,12,12\ntop,F,no\nfreq,110,{}"
    assert "P04" in rules(table(described.format(195)))
    assert cells_of(table(described.format(195)), "P04") == {(4, 2)}
    assert "P04" not in rules(table(described.format(150)))
    assert "P04" not in rules(table(described.format(195)), Policy(class_share=0.99))
