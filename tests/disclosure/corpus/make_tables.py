"""Tables of the corpus from measured studies: counts, means, shares, suppressed and rounded tables, in many formats."""

# ruff: noqa: RUF001 - a dash as people write it

import itertools

import numpy as np
import pandas as pd
from measured import Study
from shelf import Cell, keep
from written import FORMS, WITH_CELLS, as_csv, as_markdown, as_print, as_semicolons

THRESHOLDS = {"default": 10, "acro-default": 10, "eurostat": 10, "uk-llc": 10, "sdclog": 5, "tau-argus-business": 3}
ZEROS = {"default", "acro-default", "uk-llc", "tau-argus-business"}


def broken_rules(table: pd.DataFrame, policy: str) -> tuple[str, ...]:
    """The rules that a table of true counts breaks, by definition."""
    cells, threshold = table.to_numpy(), THRESHOLDS[policy]
    rules = ["F01"] if ((cells > 0) & (cells < threshold)).any() else []
    if policy in ZEROS and (cells == 0).any():
        rules.append("F03")
    lines = [cells / np.maximum(cells.sum(axis=axis, keepdims=True), 1) for axis in (0, 1) if cells.shape[axis] > 1]
    if any((share >= 0.9).any() for share in lines):
        rules.append("F04")
    return tuple(rules)


def low_cells(table: pd.DataFrame, policy: str) -> list[Cell]:
    """The cells that F01 must name."""
    return [
        (str(row), str(column), str(table.loc[row, column]))
        for row, column in itertools.product(table.index, table.columns)
        if 0 < table.loc[row, column] < THRESHOLDS[policy]
    ]


def counts(studies: list[Study]) -> None:
    """Crosstabs: in thirds (mostly safe) and in bands of the same width (mostly with small ends)."""
    policies = itertools.cycle(THRESHOLDS)
    forms = itertools.cycle(FORMS)
    for study in studies:
        for a, b in itertools.combinations(study.numbers, 2):
            for parts in (2, 3):
                cross(
                    f"{study.name}-{a}-{b}-{parts}",
                    study.coarse(a, parts),
                    study.coarse(b, parts),
                    next(forms),
                    next(policies),
                )
            cross(f"{study.name}-{a}-{b}-bands", study.fine(a), study.coarse(b), next(forms), next(policies))
        for group in study.groups:
            for a in study.numbers:
                cross(f"{study.name}-{group}-{a}", study.groups[group], study.coarse(a, 4), next(forms), next(policies))


def cross(name: str, rows: "pd.Series[str]", columns: "pd.Series[str]", form: object, policy: str) -> None:
    """One crosstab in one format under one policy."""
    table = pd.crosstab(rows, columns)
    rules = broken_rules(table, policy)
    if rules == ("F04",):
        return  # whether 90 % is much depends on the policy's view of rows and columns: judged elsewhere
    suffix, content = form(table)  # type: ignore[operator]
    keep(f"cross-{name}", content, rules, policy, suffix, low_cells(table, policy) if form in WITH_CELLS else ())


def means(studies: list[Study]) -> None:
    """Means by group with their numbers: of thirds, and of bands with few people."""
    forms = itertools.cycle((as_csv, as_print, as_markdown, as_semicolons, FORMS[1], FORMS[6], FORMS[8], FORMS[10]))
    heads = itertools.cycle(
        (("n", "mean", "sd"), ("N", "Mean", "Std. dev."), ("count", "average", "std"), ("Obs", "Mean", "SD"))
    )
    for study in studies:
        for a, b in list(itertools.permutations(study.numbers, 2))[:6]:
            for kind, groups in (("thirds", study.coarse(b)), ("bands", study.fine(b))):
                table = study.numbers[a].groupby(groups).agg(["size", "mean", "std"]).round(2)
                small = table["size"].min() < 10
                if kind == "bands" and not small:
                    continue
                shown = table.set_axis(list(next(heads)), axis=1).astype(object).where(table.notna().to_numpy(), "")
                suffix, content = next(forms)(shown)
                keep(
                    f"mean-{study.name}-{a}-{b}-{kind}", content, ("F01", "M01", "F06") if small else (), suffix=suffix
                )


def shares(studies: list[Study]) -> None:
    """Percentages of stated bases, from true counts that aren't shown."""
    for study in studies:
        first, second = list(study.numbers)[:2]
        for column in (first, second):
            groups = study.coarse(column)
            other = study.numbers[second if column == first else first]
            for cut in (0.985, 0.6):
                hits = (other > other.quantile(cut)).groupby(groups).sum()
                sizes = groups.value_counts()[hits.index]
                left = sizes - hits
                low = bool(((hits > 0) & (hits < 10)).any() or ((left > 0) & (left < 10)).any())
                if not low and ((hits == 0).any() or (hits / sizes).max() >= 0.9):
                    continue
                table = pd.DataFrame({"people": sizes, f"high {other.name} (%)": (100 * hits / sizes).round(1)})
                keep(f"share-{study.name}-{column}-{cut}", table.to_csv(), ("F02",) if low else ())


def suppressed(studies: list[Study]) -> None:
    """One hidden cell in a line with a total can be worked out; squares of hidden cells can't."""
    marks = itertools.cycle(["*", "[c]", "x", "suppressed", "<10", "–", "n/a", ".."])
    forms = itertools.cycle([as_csv, as_markdown, FORMS[1], as_semicolons, as_print])
    for study in studies:
        a, b, *_ = study.numbers
        true = pd.crosstab(study.coarse(a, 3), study.coarse(b, 4)).clip(lower=11)
        for number, kind in enumerate(("once", "square", "once", "square", "row")):
            mark = next(marks)
            hidden = {"once": [(1, 2)], "square": [(0, 1), (0, 3), (2, 1), (2, 3)], "row": [(1, 0)]}[kind]
            few = true.copy()
            for k, (i, j) in enumerate(hidden):
                few.iloc[i, j] = 6 + k
            shown = few.astype(object)
            shown["Total"] = few.sum(axis=1)
            shown.loc["Total"] = [*few.sum(), int(few.to_numpy().sum())]
            for i, j in hidden:
                shown.iloc[i, j] = mark
            if kind == "row":
                shown = shown.drop(index="Total")
            suffix, content = next(forms)(shown)
            keep(
                f"hidden-{study.name}-{number}-{kind}",
                content,
                () if kind == "square" else ("F10", "F11"),
                suffix=suffix,
            )


def rounded(studies: list[Study]) -> None:
    """Counts in fives under the policies that ask for them, and the same with a count that isn't."""
    policies = itertools.cycle(["ons-10-5", "nhs-hes", "opensafely"])
    for study in studies:
        a, b, *_ = study.numbers
        true = pd.crosstab(study.coarse(a, 3), study.coarse(b, 3))
        policy, form = next(policies), next(iter(FORMS))
        fives = (true / 5).round().astype(int) * 5
        fives = fives.where(fives >= 15, 15)
        keep(f"fives-{study.name}", form(fives)[1], policy=policy)
        sums = fives.assign(Total=(true.sum(axis=1) / 5).round().astype(int) * 5)
        keep(f"fives-total-{study.name}", sums.to_csv(), policy=policy)
        off = fives.copy()
        off.iloc[1, 1] += 3
        cell = (str(off.index[1]), str(off.columns[1]), str(off.iloc[1, 1]))
        keep(f"fives-one-off-{study.name}", off.to_csv(), ("F15",), policy, cells=[cell])
        keep(f"not-fives-{study.name}", true.clip(lower=12).to_csv(), ("F15",), policy)


def differences(studies: list[Study]) -> None:
    """Categories that leave a few of their total over, complements of a few, sequences of sizes."""
    for number, study in enumerate(studies):
        first = next(iter(study.numbers))
        sizes = study.coarse(first, 4).value_counts().sort_index()
        for missing in (2, 7, 41):
            shown = sizes.copy()
            shown["All" if number % 2 else "Total"] = sizes.sum() + missing
            keep(
                f"left-over-{study.name}-{missing}", shown.rename("members").to_csv(), ("F09",) if missing < 10 else ()
            )
        shown = pd.DataFrame({"eligible": sizes, "took part": sizes - [3, 15, 17, 14]})
        keep(f"all-but-few-{study.name}", shown.to_csv(), ("F05", "F01"))
        enough = pd.DataFrame({"eligible": sizes, "took part": (sizes * 0.6).astype(int)})
        if enough["took part"].min() >= 10 and (sizes - enough["took part"]).min() >= 10:
            keep(f"part-{study.name}", enough.to_csv())


def ends(studies: list[Study]) -> None:
    """Extremes, outer percentiles, quartiles with large bases."""
    for number, study in enumerate(studies):
        whole = study.numbers.describe().round(2)
        keep(f"ends-{study.name}", (whole if number % 2 else whole.T).to_csv(), ("P01",))
        tails = study.numbers.quantile([0.01, 0.05, 0.5, 0.95, 0.99]).round(2).T
        tails.insert(0, "n", len(study.numbers))
        few = len(study.numbers) * 0.01 < 10
        tails = tails.set_axis(["n", "p1", "p5", "p50", "p95", "p99"], axis=1)
        keep(f"tails-{study.name}", tails.to_csv(), ("P02",) if few else ())
        inner = study.numbers.agg(["count", "mean", "std"]).T.join(study.numbers.quantile([0.25, 0.5, 0.75]).T).round(1)
        inner["count"] = inner["count"].astype(int)
        keep(f"quartiles-{study.name}", inner.set_axis(["n", "mean", "sd", "q25", "median", "q75"], axis=1).to_csv())
        first = next(iter(study.numbers))
        means_of = study.numbers[first].groupby(study.coarse(first)).agg(["size", "mean"])
        means_of["max"] = study.numbers[first].groupby(study.coarse(first)).max()
        keep(f"largest-{study.name}", means_of.round(2).to_csv(), ("P01",))


def rows_of(studies: list[Study]) -> None:
    """Records in disguise: a head, a sorted list, a sample with other names."""
    wanted = ("H16", "N01", "F01", "X01", "U01", "P11")
    for number, study in enumerate(studies):
        whole = pd.concat([study.groups, study.numbers], axis=1)
        keep(f"rows-{study.name}", whole.sample(35, random_state=number).to_csv(index=bool(number % 2)), wanted)
        tops = whole.nlargest(12, whole.columns[1]).rename(columns=lambda c: c[:4].upper())
        keep(f"rows-top-{study.name}", FORMS[number % 7 + 3](tops)[1], wanted, suffix=FORMS[number % 7 + 3](tops)[0])


def keys() -> None:
    """Near misses: small whole numbers that count nobody."""
    chance = np.random.default_rng(99)
    first = {
        "fiscal_year": [f"{y}/{(y + 1) % 100:02}" for y in range(2001, 2013)],
        "ward code": [f"E0500{n}" for n in range(1234, 1246)],
        "month": list(range(1, 13)),
        "quarter": [f"Q{n}" for n in range(1, 13)],
        "school id": list(range(1, 13)),
        "Jahr": list(range(1990, 2002)),
        "days since start": list(range(0, 84, 7)),
        "dose (mg)": [1, 2, 5, 8, 10, 20, 25, 30, 40, 50, 75, 80],
        "rank": list(range(1, 13)),
        "imd_decile_2019": list(range(1, 13)),
        "visit number": list(range(1, 13)),
        "LSOA": [f"E0100{n}" for n in range(4000, 4012)],
    }  # fmt: skip
    for number, (name, values) in enumerate(first.items()):
        sizes = chance.integers(120, 990, 12)
        table = pd.DataFrame({name: values, ("n", "patients", "Anzahl", "count")[number % 4]: sizes})
        slug = name.replace(" ", "-").replace("(", "").replace(")", "").lower()
        keep(f"key-{slug}", table.to_csv(index=False))
        low = table.copy()
        low.iloc[5, 1] = 1 + number % 9
        keep(
            f"key-low-{slug}",
            low.to_csv(index=False),
            ("F01",),
            cells=[(str(values[5]), low.columns[1], str(1 + number % 9))],
        )
        percent = table.assign(percent=(100 * chance.uniform(0.2, 0.7, 12)).round(0).astype(int))
        keep(f"key-percent-{slug}", percent.to_csv(index=False))


def make(studies: list[Study]) -> None:
    """All of them."""
    for maker in (counts, means, shares, suppressed, rounded, differences, ends, rows_of):
        maker(studies)
    keys()
