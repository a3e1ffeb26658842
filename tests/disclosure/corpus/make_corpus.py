"""Write the labelled corpus from data that ship inside statsmodels. Run with the analysis environment's Python; what it
writes is committed, so that tests need neither statsmodels nor chance.

Each output's label follows from how it was made (the true counts are known here), never from what the engine says.
"""

import io
import itertools
import json
import re
import shutil

import make_others
import make_tables
import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
from measured import studies
from shelf import HERE, LABELS, keep

RNG = np.random.default_rng(20190)


def frames() -> dict[str, pd.DataFrame]:
    fair = sm.datasets.fair.load_pandas().data
    fair = pd.DataFrame(
        {
            "marriage": fair["rate_marriage"].map({1: "very poor", 2: "poor", 3: "fair", 4: "good", 5: "very good"}),
            "religious": fair["religious"].map({1: "not", 2: "mildly", 3: "fairly", 4: "strongly"}),
            "education": fair["educ"].map(
                {
                    9: "grade school",
                    12: "high school",
                    14: "some college",
                    16: "graduate",
                    17: "some graduate school",
                    20: "advanced",
                }
            ),
            "occupation": fair["occupation"].map(
                {1: "student", 2: "unskilled", 3: "white collar", 4: "teacher", 5: "managerial", 6: "professional"}
            ),
            "age": fair["age"],
            "children": fair["children"],
            "affair": np.where(fair["affairs"] > 0, "yes", "no"),
            "affairs": fair["affairs"],
        }
    )
    anes = sm.datasets.anes96.load_pandas().data
    anes = pd.DataFrame(
        {
            "party": anes["PID"].map(
                {0: "strong dem", 1: "weak dem", 2: "ind-dem", 3: "ind", 4: "ind-rep", 5: "weak rep", 6: "strong rep"}
            ),
            "education": anes["educ"].map(lambda v: f"level {int(v)}"),
            "vote": np.where(anes["vote"] == 1, "Dole", "Clinton"),
            "news": anes["TVnews"].map(lambda v: f"{int(v)} days"),
            "age": anes["age"],
            "income": anes["income"],
        }
    )
    hie = sm.datasets.randhie.load_pandas().data
    health = np.select([hie.hlthp == 1, hie.hlthf == 1, hie.hlthg == 1], ["poor", "fair", "good"], "excellent")
    hie = pd.DataFrame(
        {
            "coinsurance": np.where(hie.idp == 1, "deductible", np.where(hie.lncoins == 0, "free", "shared")),
            "health": health,
            "limitation": np.where(hie.physlm > 0, "limited", "not limited"),
            "diseases": pd.cut(hie.disea, [-1, 5, 10, 20, 60], labels=["0-5", "6-10", "11-20", "over 20"]).astype(str),
            "visits": pd.cut(
                hie.mdvis, [-1, 0, 2, 5, 10, 20, 200], labels=["none", "1-2", "3-5", "6-10", "11-20", "21 and more"]
            ).astype(str),
            "mdvis": hie.mdvis,
            "disea": hie.disea,
        }
    )
    return {"fair": fair, "anes": anes, "hie": hie}


def judge(table: pd.DataFrame, threshold: int = 10) -> tuple[str, ...]:
    """The rules that a table of true counts breaks: by definition, from its cells alone."""
    cells = table.to_numpy()
    rules = []
    if ((cells > 0) & (cells < threshold)).any():
        rules.append("F01")
    if (cells == 0).any():
        rules.append("F03")
    shares = [cells / np.maximum(cells.sum(axis=axis, keepdims=True), 1) for axis in (0, 1) if cells.shape[axis] > 1]
    if any((share >= 0.9).any() for share in shares):
        rules.append("F04")
    return tuple(rules)


def crosstabs(data: dict[str, pd.DataFrame]) -> None:
    for source, frame in data.items():
        words = [c for c in frame if frame[c].dtype == object]
        for number, (a, b) in enumerate(itertools.combinations(words, 2)):
            table = pd.crosstab(frame[a], frame[b])
            rules = judge(table)
            if rules == ("F04",):
                continue
            shown = pd.crosstab(
                frame[a], frame[b], margins=number % 2 == 0, margins_name="Total" if number % 4 else "All"
            )
            form = number % 3
            if form == 0:
                keep(f"crosstab-{source}-{a}-{b}", shown.to_csv(), rules)
            elif form == 1:
                keep(f"crosstab-{source}-{a}-{b}", shown.to_string() + "\n", rules, suffix="txt")
            else:
                long = table.stack().rename("n").reset_index()
                keep(
                    f"counts-{source}-{a}-{b}",
                    long[long.n > 0].to_csv(index=False),
                    tuple(r for r in rules if r != "F03") or rules,
                )


def one_way(data: dict[str, pd.DataFrame]) -> None:
    for source, frame in data.items():
        for column in [c for c in frame if frame[c].dtype == object]:
            counts = frame[column].value_counts()
            rules = judge(counts.to_frame())
            keep(f"values-{source}-{column}", counts.to_csv(), tuple(r for r in rules if r != "F04"))
            table = pd.DataFrame({"n": counts, "%": (100 * counts / counts.sum()).round(1)})
            table.loc["Total"] = [counts.sum(), 100.0]
            table["n"] = table["n"].astype(int)
            keep(f"values-percent-{source}-{column}", table.to_csv(), tuple(r for r in rules if r != "F04"))


def means(data: dict[str, pd.DataFrame]) -> None:
    groups = [
        ("hie", "mdvis", "health"),
        ("hie", "mdvis", "visits"),
        ("hie", "disea", "coinsurance"),
        ("fair", "age", "occupation"),
        ("fair", "affairs", "education"),
        ("anes", "age", "party"),
        ("anes", "income", "education"),
    ]
    for source, value, group in groups:
        frame = data[source]
        table = frame.groupby(group)[value].agg(["count", "mean", "std"]).round(2)
        bad = ("F01", "M01", "F06") if table["count"].min() < 10 else ("M08",) if (table["std"] == 0).any() else ()
        keep(f"mean-{source}-{value}-{group}", table.to_csv(), bad)
        keep(
            f"mean-reset-{source}-{value}-{group}",
            table.reset_index()
            .rename(columns={"count": "N", "mean": f"mean_{value}", "std": "SD"})
            .to_csv(index=False),
            bad,
        )
        extremes = frame.groupby(group)[value].agg(["count", "mean", "min", "max"]).round(2)
        if extremes["max"].max() > 100 or extremes["max"].max() not in (0, 1, 100):
            keep(f"extremes-{source}-{value}-{group}", extremes.to_csv(), ("P01",))
        small = frame.sample(60, random_state=3).groupby(group)[value].agg(["size", "mean"]).round(1)
        if small["size"].min() < 10:
            keep(f"mean-small-{source}-{value}-{group}", small.to_csv(), ("F01", "M01", "F06"))
    for source, frame in data.items():
        numbers = frame.select_dtypes("number")
        keep(f"describe-{source}", numbers.describe().round(3).to_csv(), ("P01",))
        keep(f"describe-text-{source}", numbers.describe().to_string() + "\n", ("P01",), suffix="txt")
        rest = numbers.describe().drop(index=["min", "max"]).round(3)
        keep(f"describe-without-ends-{source}", rest.to_csv())
    fair = data["fair"]
    quantiles = fair.groupby("occupation")["age"].agg(
        n="size", p25=lambda s: s.quantile(0.25), median="median", p75=lambda s: s.quantile(0.75)
    )
    big = quantiles[quantiles.n >= 100]
    keep("quantiles-age-occupation", big.to_csv())
    tails = (
        data["anes"]
        .groupby("party")["age"]
        .agg(n="size", p1=lambda s: s.quantile(0.01), p99=lambda s: s.quantile(0.99))
    )
    keep("tails-age-party", tails.to_csv(), ("P02",))


def percentages(data: dict[str, pd.DataFrame]) -> None:
    frame = data["hie"]
    rates = frame.groupby("health").agg(N=("mdvis", "size"), none=("mdvis", lambda s: 100 * (s == 0).mean()))
    keep("rate-none-health", rates.rename(columns={"none": "no visit (%)"}).round(1).to_csv())
    many = frame.groupby("health").agg(N=("mdvis", "size"), many=("mdvis", lambda s: 100 * (s > 60).mean()))
    counts = frame.groupby("health")["mdvis"].apply(lambda s: (s > 60).sum())
    low = bool(((counts > 0) & (counts < 10)).any())
    keep(
        "rate-many-health",
        many.rename(columns={"many": "over 60 visits (%)"}).round(2).to_csv(),
        ("F02",) if low else (),
    )
    for number, (size, count) in enumerate([(200, 3), (150, 4), (80, 7), (500, 6), (120, 2)]):
        sizes = [size, size * 3, size * 5]
        parts = [count, int(size * 0.9), int(size * 2.1)]
        table = pd.DataFrame(
            {
                "area": ["north", "south", "west"],
                "patients": sizes,
                "pct_readmitted": [round(100 * p / s, 1) for p, s in zip(parts, sizes, strict=True)],
            }
        )
        keep(f"implied-count-{number}", table.to_csv(index=False), ("F02",))
        safe = [int(s * (0.3 + 0.05 * i)) for i, s in enumerate(sizes)]
        table["pct_readmitted"] = [round(100 * p / s, 1) for p, s in zip(safe, sizes, strict=True)]
        keep(f"implied-count-fine-{number}", table.to_csv(index=False))
    anes = data["anes"]
    wide = pd.crosstab(anes["party"], anes["vote"])
    share = (100 * wide.div(wide.sum(axis=1), axis=0)).round(1)
    share["n"] = wide.sum(axis=1)
    keep("row-percent-party-vote", share.to_csv(), ("F02", "F04"))


def suppression(data: dict[str, pd.DataFrame]) -> None:
    base = pd.crosstab(data["fair"]["occupation"], data["fair"]["education"])
    for number, mark in enumerate(["[c]", "*", "c", "redacted", "", "-"]):
        rows = base.loc[
            ["white collar", "teacher", "managerial", "unskilled"],
            ["high school", "some college", "graduate", "advanced"],
        ].copy()
        rows = rows.clip(lower=12)
        shown = rows.astype(str)
        totals = rows.sum(axis=1)
        shown["Total"] = totals.astype(str)
        sums = rows.sum(axis=0)
        shown.loc["Total"] = [*sums.astype(str), str(int(totals.sum()))]
        alone = shown.copy()
        alone.iloc[number % 4, number % 3] = mark
        keep(f"suppressed-once-{number}", alone.to_csv(), ("F11", "F10"))
        square = shown.copy()
        for i, j in ((0, 0), (0, 2), (2, 0), (2, 2)):
            square.iloc[i, j] = mark
        keep(f"suppressed-square-{number}", square.to_csv())
        open_ = alone.drop(index="Total").drop(columns="Total")
        keep(f"suppressed-without-totals-{number}", open_.to_csv())
        line = shown.drop(index="Total")
        line.iloc[1, 1] = mark
        keep(f"suppressed-in-row-{number}", line.to_csv(), ("F11", "F10"))
        triangle = shown.copy()
        for i, j in ((0, 0), (0, 1), (1, 1)):
            triangle.iloc[i, j] = mark
        keep(f"suppressed-chain-{number}", triangle.to_csv(), ("F11", "F10"))
    for number, bound in enumerate(["<10", "< 10", "≤9"]):
        table = pd.DataFrame({"ward": ["A", "B", "C", "D"], "cases": ["45", bound, "63", bound]})
        keep(f"bounded-{number}", table.to_csv(index=False))
        tight = table.replace(bound, ["<5", "<3", "1-4"][number])
        keep(f"bounded-tight-{number}", tight.to_csv(index=False), ("F01",))


def rounded(data: dict[str, pd.DataFrame]) -> None:
    table = pd.crosstab(data["fair"]["marriage"], data["fair"]["religious"])
    for base, policy in [
        (5, "ons-10-5"),
        (5, "nhs-hes"),
        (7, "opensafely"),
        (10, "ons-10-5"),
        (6, "opensafely"),
        (5, "opensafely"),
    ]:
        shown = (table / base).round().astype(int) * base
        keep(f"rounded-{base}-{policy}", shown[shown >= 20].dropna().astype(int).to_csv(), policy=policy)
    keep("not-rounded-ons", table[table >= 10].dropna().astype(int).to_csv(), ("F15",), "ons-10-5")
    one_off = (table / 5).round().astype(int).loc[["fair", "good", "very good"]] * 5
    one_off.iloc[1, 1] += 2
    keep("one-cell-not-rounded", one_off.to_csv(), ("F15",), "ons-10-5")
    hie = pd.crosstab(data["hie"]["visits"], data["hie"]["health"])
    keep("not-rounded-hes", hie.clip(lower=11).to_csv(), ("F15",), "nhs-hes")
    keep("midpoint-six", (((hie + 5) // 6) * 6 - 3).clip(lower=9).to_csv(), policy="opensafely")
    low = (table / 5).round().astype(int) * 5
    low.iloc[0, 0] = 5
    keep("rounded-five-is-low", low.to_csv(), ("F01",), "opensafely")


def keys_that_are_no_counts(data: dict[str, pd.DataFrame]) -> None:
    years = pd.DataFrame({"year": range(2010, 2020), "n": RNG.integers(100, 900, 10)})
    keep("by-year", years.to_csv(index=False))
    keep("by-age", pd.DataFrame({"age": range(1, 20), "n": RNG.integers(50, 90, 19)}).to_csv(index=False))
    keep(
        "by-decile",
        pd.DataFrame(
            {
                "decile": range(1, 11),
                "patients": RNG.integers(400, 500, 10),
                "mean_cost": RNG.normal(80, 5, 10).round(1),
            }
        ).to_csv(index=False),
    )
    keep("by-week", pd.DataFrame({"week": range(1, 31), "admissions": RNG.integers(20, 80, 30)}).to_csv(index=False))
    keep(
        "by-code",
        pd.DataFrame({"icd_code": [f"J{i}" for i in range(20, 40)], "count": RNG.integers(30, 90, 20)}).to_csv(
            index=False
        ),
    )
    keep("by-number-of-children", data["fair"].groupby("children").size().rename("n").reset_index().to_csv(index=False))
    keep("by-age-group", data["fair"].groupby("age").size().rename("n").to_csv())
    plan = data["hie"].assign(code=data["hie"]["health"].map({"poor": 4, "fair": 3, "good": 2, "excellent": 1}))
    keep(
        "by-integer-code",
        plan.groupby("code").agg(n=("mdvis", "size"), mean_visits=("mdvis", "mean")).round(2).to_csv(),
    )
    keep("by-two-codes", plan.groupby(["code", "coinsurance"]).size().rename("n").reset_index().to_csv(index=False))
    keep("value-counts-of-code", plan["code"].value_counts().to_csv())
    keep("index-column", years.to_csv())
    low = years.copy()
    low.loc[4, "n"] = 4
    keep("by-year-low", low.to_csv(index=False), ("F01",))
    age = pd.DataFrame(
        {"age": range(80, 100), "deaths": [60, 58, 51, 47, 44, 40, 33, 30, 28, 25, 22, 19, 16, 13, 11, 8, 6, 4, 2, 1]}
    )
    keep("by-age-low", age.to_csv(index=False), ("F01",))
    keep(
        "by-code-low",
        pd.DataFrame({"icd_code": ["J20", "J21", "J22"], "count": [30, 3, 55]}).to_csv(index=False),
        ("F01",),
    )
    keep(
        "sorted-counts-low",
        pd.DataFrame({"male": [3, 12, 40], "female": [11, 15, 60]}, index=["a", "b", "c"]).to_csv(),
        ("F01",),
    )
    keep("thousands", 'region,"persons"\nnorth,"12,345"\nsouth,"1,204"\nwest,"3,460"\n')
    keep("thousands-low", 'region,"persons"\nnorth,"12,345"\nsouth,"1,204"\nwest,7\n', ("F01",))
    keep("semicolons-low", "region;cases\nnorth;120\nsouth;4\nwest;66\n", ("F01",))
    keep("tabs-low", "region\tcases\nnorth\t120\nsouth\t4\nwest\t66\n", ("F01",), suffix="tsv")


def table_one(data: dict[str, pd.DataFrame]) -> None:
    frame = data["fair"]
    for name, sample, rules in (("large", frame, ()), ("small", frame.sample(90, random_state=1), ("F01", "F02"))):
        lines = ["Characteristic,Affair,No affair"]
        groups = [sample[sample.affair == "yes"], sample[sample.affair == "no"]]
        lines.append("N," + ",".join(str(len(g)) for g in groups))
        lines.append('"Age, mean (SD)",' + ",".join(f"{g.age.mean():.1f} ({g.age.std():.1f})" for g in groups))
        for level in ("mildly", "fairly", "strongly"):
            cells = [f"{(g.religious == level).sum()} ({100 * (g.religious == level).mean():.1f}%)" for g in groups]
            lines.append(f'"Religious: {level}, n (%)",' + ",".join(cells))
        for level in ("poor", "very poor"):
            if name == "small":
                cells = [f"{(g.marriage == level).sum()} ({100 * (g.marriage == level).mean():.1f}%)" for g in groups]
                lines.append(f'"Marriage {level}, n (%)",' + ",".join(cells))
        keep(f"table-one-{name}", "\n".join(lines) + "\n", rules)


def records(data: dict[str, pd.DataFrame]) -> None:
    raw = {
        name: getattr(sm.datasets, name).load_pandas().data
        for name in ("randhie", "fair", "anes96", "modechoice", "heart", "spector", "ccard")
    }
    wanted = ("H16", "N01", "F01", "X01", "U01")
    for name, frame in raw.items():
        keep(f"head-{name}", frame.head(10).to_csv(index=False), wanted)
        keep(f"sample-{name}", frame.sample(25, random_state=2).to_csv(), wanted)
        keep(f"printed-{name}", frame.head(6).to_string() + "\n", wanted, suffix="txt")
        renamed = frame.sample(30, random_state=5).reset_index(drop=True)
        renamed.columns = [f"v{i}" for i in range(len(renamed.columns))]
        keep(f"renamed-{name}", renamed.to_csv(index=False), wanted)
    labelled = data["fair"].drop(columns="affairs").sample(40, random_state=8)
    labelled.insert(0, "patient_id", RNG.integers(100000, 999999, 40))
    keep("with-patient-id", labelled.to_csv(index=False), ("H16",))
    keep("labelled-records", labelled.drop(columns="patient_id").to_csv(index=False), wanted)
    fit = sm.OLS.from_formula("affairs ~ age + children", sm.datasets.fair.load_pandas().data.head(200)).fit()
    keep("residuals", pd.DataFrame({"fitted": fit.fittedvalues, "residual": fit.resid}).to_csv(), ("R06",))
    keep("residual-column", fit.resid.rename("residuals").round(4).to_csv(index=False), ("R06",))


def summary_of(fit: object) -> str:
    """A summary without the time at which it was made."""
    text = fit.summary().as_text()  # type: ignore[attr-defined]
    return re.sub(r"(Date:|Time:)( +)[^ ](?:[^ ]| (?! ))*", lambda m: m[1] + " " * (len(m[0]) - len(m[1])), text)


def models(data: dict[str, pd.DataFrame]) -> None:
    fits = {
        "fair": smf.ols("affairs ~ age + children + religious", sm.datasets.fair.load_pandas().data).fit(),
        "hie": smf.poisson("mdvis ~ lncoins + idp + hlthp", sm.datasets.randhie.load_pandas().data).fit(disp=0),
        "anes": smf.logit("vote ~ age + income + PID", sm.datasets.anes96.load_pandas().data).fit(disp=0),
        "spector": smf.logit("GRADE ~ GPA + TUCE + PSI", sm.datasets.spector.load_pandas().data).fit(disp=0),
        "star": smf.ols("LOWINC ~ PERASIAN + PERBLACK + PERHISP", sm.datasets.star98.load_pandas().data).fit(),
    }
    for name, fit in fits.items():
        keep(f"summary-{name}", summary_of(fit) + "\n", suffix="txt")
        table = pd.DataFrame({"coef": fit.params, "std err": fit.bse, "p": fit.pvalues, "n": int(fit.nobs)}).round(4)
        keep(f"coefficients-{name}", table.to_csv())
        odds = pd.DataFrame(
            {
                "term": fit.params.index,
                "OR": np.exp(fit.params).round(2).to_numpy(),
                "95% CI": [f"{a:.2f}-{b:.2f}" for a, b in np.exp(fit.conf_int().to_numpy())],
                "p-value": fit.pvalues.round(3).to_numpy(),
                "N": int(fit.nobs),
            }
        )
        keep(f"odds-{name}", odds.to_csv(index=False))
    longley = sm.datasets.longley.load_pandas().data
    fit = smf.ols("TOTEMP ~ GNPDEFL + GNP + UNEMP + ARMED + POP + YEAR", longley).fit()
    keep("summary-longley", summary_of(fit) + "\n", ("R01",), suffix="txt")
    table = pd.DataFrame({"coef": fit.params, "std err": fit.bse, "p": fit.pvalues, "n": int(fit.nobs)}).round(4)
    keep("coefficients-longley", table.to_csv(), ("R01",))
    small = smf.ols("SIZE ~ SUBS + STAFF", sm.datasets.committee.load_pandas().data.head(12)).fit()
    keep("summary-committee", summary_of(small) + "\n", ("R01",), suffix="txt")
    exact = sm.OLS(np.arange(40.0) * 2 + 1, sm.add_constant(np.arange(40.0))).fit()
    keep("summary-perfect", summary_of(exact) + "\n", ("R04",), suffix="txt")


def dominance() -> None:
    firms = sm.datasets.grunfeld.load_pandas().data
    years = firms.groupby("year")["invest"].agg(firms="size", total="sum", largest="max")
    keep("invest-largest", years.round(1).to_csv(), ("M02", "P01"))
    years["share of largest"] = years["largest"] / years["total"]
    keep("invest-share-of-largest", years.drop(columns="largest").round(3).to_csv(), ("M02",))
    keep(
        "invest-total", years[["firms", "total"]].round(1).rename(columns={"total": "total_invest"}).to_csv(), ("M02",)
    )
    hhi = firms.groupby("year")["invest"].agg(firms="size", HHI=lambda s: ((s / s.sum()) ** 2).sum())
    keep("invest-hhi", hhi.round(3).to_csv(), ("P07",))
    keep("firm-year-records", firms.to_csv(index=False), ("H16", "U01", "X01"))
    flat = pd.DataFrame({"region": ["n", "s", "w"], "n": [30, 44, 51], "mean": [4.0, 4.2, 7.0], "sd": [1.1, 0.0, 2.3]})
    keep("all-the-same", flat.to_csv(index=False), ("M08",))


def differences(data: dict[str, pd.DataFrame]) -> None:
    table = pd.crosstab(data["fair"]["occupation"], data["fair"]["affair"], margins=True, margins_name="Total")
    counts = pd.Series({"north": 140, "south": 88, "west": 61})
    for missing in (1, 4, 8):
        shown = counts.copy()
        shown["Total"] = counts.sum() + missing
        keep(f"missing-category-{missing}", shown.rename("patients").rename_axis("region").to_csv(), ("F09",))
    shown = counts.copy()
    shown["Total"] = counts.sum()
    keep("complete-categories", shown.rename("patients").rename_axis("region").to_csv())
    shown["Total"] = counts.sum() + 57
    keep("large-missing-category", shown.rename("patients").rename_axis("region").to_csv())
    keep(
        "complement-low",
        pd.DataFrame({"ward": ["A", "B", "C"], "vaccinated": [121, 96, 87], "eligible": [160, 99, 140]}).to_csv(
            index=False
        ),
        ("F05",),
    )
    keep(
        "complement-fine",
        pd.DataFrame({"ward": ["A", "B", "C"], "vaccinated": [121, 66, 87], "eligible": [160, 99, 140]}).to_csv(
            index=False
        ),
    )
    keep("occupation-affair", table[table.min(axis=1) >= 10].drop(index="Total").to_csv())
    everybody = pd.DataFrame({"ward": ["A", "B", "C"], "positive": [40, 33, 28], "negative": [55, 0, 61]})
    keep("everybody-positive", everybody.to_csv(index=False), ("F04", "F03"))
    keep(
        "everybody-percent",
        pd.DataFrame({"ward": ["A", "B", "C"], "N": [90, 70, 88], "positive_pct": [44.4, 100.0, 31.8]}).to_csv(
            index=False
        ),
        ("F04", "F02"),
    )


def survival() -> None:
    heart = sm.datasets.heart.load_pandas().data.sort_values("survival")
    at_risk = len(heart) - np.arange(len(heart))
    km = np.cumprod(1 - heart["censors"].to_numpy() / at_risk)
    keep(
        "survival-steps",
        pd.DataFrame({"time": heart["survival"], "at_risk": at_risk, "survival": km.round(4)}).to_csv(index=False),
        ("R11", "F01"),
    )
    keep(
        "survival-alone",
        pd.DataFrame({"time": heart["survival"], "survival": km.round(4)}).to_csv(index=False),
        ("R11", "U01", "F06"),
    )
    keep(
        "life-table",
        pd.DataFrame(
            {
                "year": range(6),
                "at risk": [1200, 1050, 900, 770, 650, 540],
                "events": [110, 95, 88, 80, 71, 60],
                "survival": [0.908, 0.826, 0.745, 0.668, 0.595, 0.529],
            }
        ).to_csv(index=False),
    )


def nhs(count: int) -> list[str]:
    found: list[str] = []
    while len(found) < count:
        digits = [int(d) for d in str(RNG.integers(400_000_000, 799_999_999))]
        check = (11 - sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11) % 11
        rest = 11 - sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11
        if rest != 10:
            found.append("".join(map(str, [*digits, check])))
    return found


def identifiers() -> None:
    numbers = nhs(12)
    keep(
        "nhs-column",
        "nhs_number,admissions\n"
        + "".join(f"{n},{a}\n" for n, a in zip(numbers, RNG.integers(10, 90, 12), strict=True)),
        ("I01",),
    )
    keep(
        "nhs-spaced",
        "ref,n\n"
        + "".join(f"{n[:3]} {n[3:6]} {n[6:]},{a}\n" for n, a in zip(numbers[:4], RNG.integers(10, 90, 4), strict=True)),
        ("I01",),
    )
    keep("nhs-in-text", f"Two patients were left out ({numbers[0]} and {numbers[1]}).\n", ("I01",), suffix="txt")
    keep("nhs-unnamed", "a,b\n" + "".join(f"{n},{RNG.integers(10, 90)}\n" for n in numbers), ("I01",))
    wrong = [n[:-1] + str((int(n[-1]) + 1) % 10) for n in numbers]
    keep("ten-digit-totals", "region,total_cost\n" + "".join(f"area {i},{n}\n" for i, n in enumerate(wrong)), ("M02",))
    keep(
        "email-contact",
        "centre,n,contact\nLeeds,120,j.k.researcher@hospital.nhs.uk\nHull,88,second.person@trust.nhs.uk\n",
        ("I05",),
    )
    keep("email-in-text", "Queries to amy.somebody@university.ac.uk please.\n", ("I05",), suffix="txt")
    keep(
        "licence-text",
        "This package is licensed under the MIT licence. Maintainer: Core Team <core@stats-package.dev>\n",
        suffix="txt",
    )
    keep("postcodes", "postcode,n\nLS2 9JT,14\nHU6 7RX,22\nBD7 1DP,31\n", ("I04",))
    keep("nino", "ref,n\nAB123456C,12\nCE987654A,33\nJK112233D,28\n", ("I03",))
    keep("phones", "clinic,phone\nA,0113 496 0123\nB,020 7946 0958\nC,07700 900123\n", ("I06",))
    keep("names", "Reported by Dr Jane Smithson and Mr Alan Porter.\n", ("I08",), suffix="txt")
    keep("births", "date_of_birth,n\n1950-03-04,20\n1961-07-08,30\n1977-10-12,25\n", ("I07",))
    keep("coordinates", "lat,lon,n\n53.80123,-1.54912,20\n53.79331,-1.56004,31\n53.81002,-1.53120,44\n", ("I11",))
    keep(
        "secret", "Connected with password=hunter2secret to postgres://user:letmein1@db/data\n", ("I13",), suffix="txt"
    )
    keep("card", "account,n\n4111 1111 1111 1111,20\n5500 0000 0000 0004,30\n", ("I10",))
    keep("model-names", "model,units,n\nE5 turbo,3B,120\nX1 classic,4C,133\n".replace(",3B", ",B").replace(",4C", ",C"))


def text() -> None:
    keep(
        "methods",
        "Methods. We fitted a logistic regression. All counts were rounded. Missing values were left out.\n",
        suffix="txt",
    )
    keep("note-low", "Results: n = 4 in the exposed group, so no model was fitted.\n", ("F01",), suffix="txt")
    keep("prose-low", "Only 3 patients died in the treatment arm.\n", ("F01",), suffix="txt")
    keep("prose-max", "Mean age was 44.2 years. Maximum age: 97\n", ("P01",), suffix="txt")
    keep(
        "traceback",
        'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\nKeyError: 4857773456\n',
        ("N09",),
        suffix="txt",
    )
    keep(
        "stata-low",
        "     sex |      Freq.     Percent        Cum.\n---------+-----------------------------------\n    male |     "
        "   120       95.24       95.24\n  female |          6        4.76      "
        "100.00\n---------+-----------------------------------\n   Total |        126      100.00\n",
        ("F01",),
        suffix="txt",
    )
    keep(
        "stata-fine",
        "     sex |      Freq.     Percent        Cum.\n---------+-----------------------------------\n    male |     "
        "   120       45.45       45.45\n  female |        144       54.55      "
        "100.00\n---------+-----------------------------------\n   Total |        264      100.00\n",
        suffix="txt",
    )
    keep(
        "psql-low",
        " plan  | count \n-------+-------\n free  |   120\n other |     4\n(2 rows)\n",
        ("F01",),
        suffix="txt",
    )
    keep("r-table-low", "\n       good poor\n  free  120    3\n  paid   80   14\n", ("F01",), suffix="txt")
    keep("r-table-fine", "\n       good poor\n  free  120   33\n  paid   80   14\n", suffix="txt")
    keep("markdown-low", "| plan | n |\n|---|---|\n| free | 120 |\n| paid | 4 |\n", ("F01",), suffix="md")
    keep("markdown-fine", "| plan | n |\n|---|---|\n| free | 120 |\n| paid | 41 |\n", suffix="md")
    blob = __import__("base64").b64encode(RNG.bytes(400)).decode()
    keep("base64", f"note,n\n{blob},20\nplain,30\n", ("H08",))
    keep("invisible", "region,n\nno\u200brth,20\nsou\u200dth,30\n", ("H09",))
    keep("formula", 'region,n\n"=HYPERLINK(""http://x"")",20\nsouth,30\n', ("H19",))


def main() -> None:
    for kind in ("safe", "disclosive"):
        shutil.rmtree(HERE / kind, ignore_errors=True)
    data = frames()
    crosstabs(data)
    one_way(data)
    means(data)
    percentages(data)
    suppression(data)
    rounded(data)
    keys_that_are_no_counts(data)
    table_one(data)
    records(data)
    models(data)
    dominance()
    differences(data)
    survival()
    identifiers()
    text()
    make_tables.make(studies())
    make_others.make(studies())
    out = io.StringIO()
    json.dump(LABELS, out, indent=1, sort_keys=True)
    (HERE / "labels.json").write_text(out.getvalue() + "\n")
    print(
        sum(not label["rules"] for label in LABELS.values()),
        "safe",
        sum(bool(label["rules"]) for label in LABELS.values()),
        "disclosive",
    )


if __name__ == "__main__":
    main()
