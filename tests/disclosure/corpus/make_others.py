"""Outputs of the corpus that are no plain tables: models as R and Stata print them, figures, workbooks, notes, code."""

# ruff: noqa: E501, ICN001 - lines as programs print them; names as the libraries call themselves

import io
import json

import altair
import matplotlib as mpl
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import seaborn
import statsmodels.api as sm
from measured import Study
from shelf import keep
from written import as_rows, notebook, timeless

mpl.use("svg")
mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "corpus"})
RECORDS = ("G01", "G02", "G03", "N01", "H16", "X01", "F01")


def r_summary(fit: sm.regression.linear_model.RegressionResultsWrapper, call: str) -> str:
    """A linear model as R's summary() prints it."""
    rows = "\n".join(
        f"{name:<12}{b:>11.4f}{se:>12.4f}{t:>9.3f}  {p:8.3g}"
        for name, b, se, t, p in zip(fit.params.index, fit.params, fit.bse, fit.tvalues, fit.pvalues, strict=True)
    )
    return (
        f"\nCall:\nlm(formula = {call})\n\nCoefficients:\n              Estimate Std. Error t value Pr(>|t|)\n{rows}\n\n"
        f"Residual standard error: {fit.mse_resid**0.5:.4g} on {int(fit.df_resid)} degrees of freedom\n"
        f"Multiple R-squared:  {fit.rsquared:.4f},\tAdjusted R-squared:  {fit.rsquared_adj:.4f}\n"
        f"F-statistic: {fit.fvalue:.4g} on {int(fit.df_model)} and {int(fit.df_resid)} DF,  p-value: {fit.f_pvalue:.3g}\n"
    )


def stata_regress(fit: sm.regression.linear_model.RegressionResultsWrapper, outcome: str) -> str:
    """A linear model as Stata's regress prints it."""
    low_high = fit.conf_int()
    rows = "\n".join(
        f"{name[:12]:>12} | {b:>10.5g}  {se:>9.5g} {t:>8.2f}   {p:>5.3f}    {low:>9.5g}    {high:>9.5g}"
        for name, b, se, t, p, (low, high) in zip(
            fit.params.index, fit.params, fit.bse, fit.tvalues, fit.pvalues, low_high.to_numpy(), strict=True
        )
    )
    return (
        f"      Source |       SS           df       MS      Number of obs   = {int(fit.nobs):>9,}\n"
        f"-------------+----------------------------------   F({int(fit.df_model)}, {int(fit.df_resid)})"
        f"        = {fit.fvalue:>9.2f}\n"
        f"       Model | {fit.ess:>10.8g} {int(fit.df_model):>9} {fit.mse_model:>11.8g}   Prob > F        = {fit.f_pvalue:>9.4f}\n"
        f"    Residual | {fit.ssr:>10.8g} {int(fit.df_resid):>9} {fit.mse_resid:>11.8g}   R-squared       = {fit.rsquared:>9.4f}\n\n"
        f"{outcome[:12]:>12} | Coefficient  Std. err.      t    P>|t|     [95% conf. interval]\n"
        f"-------------+----------------------------------------------------------------\n{rows}\n"
    )


def models(studies: list[Study]) -> None:
    """The same model of everybody, and of so few that hardly a degree of freedom is left."""
    for study in studies:
        outcome, *others = list(study.numbers)[:4]
        for kind, frame in (("all", study.numbers), ("few", study.numbers.sample(11, random_state=4))):
            fit = sm.OLS(frame[outcome], sm.add_constant(frame[others])).fit()
            rules = ("R01",) if fit.df_resid < 10 else ()
            keep(
                f"model-r-{study.name}-{kind}", r_summary(fit, f"{outcome} ~ {' + '.join(others)}"), rules, suffix="txt"
            )
            keep(f"model-stata-{study.name}-{kind}", stata_regress(fit, outcome), rules, suffix="log")
            table = pd.DataFrame({"B": fit.params.round(3), "SE": fit.bse.round(3), "p": fit.pvalues.round(3)})
            told = f"{table.to_csv()}\nObservations,{int(fit.nobs)},,\nResidual df,{int(fit.df_resid)},,\n"
            keep(f"model-table-{study.name}-{kind}", told, rules)


def svg_of(figure: mpl.figure.Figure) -> str:
    """The figure's SVG, without a time."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    mpl.pyplot.close(figure)
    return out.getvalue()


def figures(studies: list[Study]) -> None:
    """Bars of enough and of few people, points that are people: as SVG, Plotly, Vega-Lite and Bokeh-like JSON."""
    for number, study in enumerate(studies):
        a, b, *_ = study.numbers
        fine, coarse = study.fine(a).value_counts().sort_index(), study.coarse(a).value_counts().sort_index()
        for kind, bars in (("enough", coarse), ("few", fine)):
            rules = ("G06", "F01", "G04", "G02", "G03", "F03") if bars.min() < 10 else ()
            if kind == "few" and not rules:
                continue
            figure, axes = mpl.pyplot.subplots(figsize=(4, 3))
            if number % 2:
                seaborn.barplot(x=bars.index, y=bars.to_numpy(), ax=axes)
            else:
                axes.bar(bars.index, bars.to_numpy())
            axes.set(ylabel="Number of people", xlabel=a)
            keep(f"bars-{study.name}-{kind}", svg_of(figure), rules, suffix="svg")
            drawn = go.Figure(go.Bar(x=list(bars.index), y=[int(v) for v in bars], name="people"))
            drawn.update_layout(template="none", yaxis_title="Number of people")
            keep(f"plotly-{study.name}-{kind}", drawn.to_json(pretty=True), rules, suffix="json")
            told = pd.DataFrame({a: bars.index, "people": bars.to_numpy()})
            keep(
                f"vega-{study.name}-{kind}",
                chart_of(altair.Chart(told).mark_bar().encode(x=a, y="people:Q")),
                rules,
                suffix="json",
            )
        figure, axes = mpl.pyplot.subplots(figsize=(4, 3))
        part = study.numbers.sample(120, random_state=number)
        axes.plot(part[a], part[b], "o", markersize=3)
        keep(f"points-{study.name}", svg_of(figure), RECORDS, suffix="svg")
        drawn = go.Figure(go.Scatter(x=part[a].round(3).tolist(), y=part[b].round(3).tolist(), mode="markers"))
        drawn.update_layout(template="none")
        keep(f"plotly-points-{study.name}", drawn.to_json(pretty=True), RECORDS, suffix="json")
        hidden = part.head(60).reset_index(drop=True)
        chart = altair.Chart(hidden).mark_bar().encode(x=altair.X(a, bin=True), y="count()")
        keep(f"vega-records-{study.name}", chart_of(chart), ("G03", *RECORDS), suffix="json")


def chart_of(chart: altair.Chart) -> str:
    """The chart's specification."""
    with altair.data_transformers.enable("default", consolidate_datasets=True):
        return chart.to_json() + "\n"


def workbooks(studies: list[Study]) -> None:
    """A fine sheet alone, and one with the records in a hidden sheet behind it."""
    import openpyxl

    for number, study in enumerate(studies):
        a, b, *_ = study.numbers
        table = pd.crosstab(study.coarse(a, 2), study.coarse(b, 2))
        if table.to_numpy().min() < 10:
            table = table + 10
        for hides in (False, True):
            book = openpyxl.Workbook()
            sheet = book.active
            sheet.title = "Table 1"
            for row in as_rows(table):
                sheet.append(row)
            if hides:
                other = book.create_sheet("raw")
                for row in as_rows(study.numbers.head(30).round(3)):
                    other.append(row)
                other.sheet_state = "hidden" if number % 2 else "veryHidden"
            out = io.BytesIO()
            book.save(out)
            rules = ("H03", "H04", "H16", "H05", "H06", "H01", "H02", "F01") if hides else ()
            keep(f"book-{study.name}-{'hides' if hides else 'fine'}", timeless(out.getvalue()), rules, suffix="xlsx")


def notebooks(studies: list[Study]) -> None:
    """A notebook that shows rows of the data, and one that shows words."""
    for study in studies:
        head = pd.concat([study.groups, study.numbers], axis=1).head(8)
        shown = {"text/html": [head.to_html()], "text/plain": [head.to_string()]}
        out = {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": shown}
        keep(f"notebook-head-{study.name}", notebook([out], "df.head(8)"), ("N01", *RECORDS), suffix="ipynb")
        said = {
            "output_type": "stream",
            "name": "stdout",
            "text": [f"Read {len(study.numbers):,} rows.\n", "Model converged.\n"],
        }
        keep(f"notebook-words-{study.name}", notebook([said], "fit = model.fit()"), suffix="ipynb")


def digits_of(weights: range, total: int, chance: np.random.Generator) -> str:
    """A ten-digit number whose check digit is right, as health numbers have it."""
    while True:
        number = [int(d) for d in str(chance.integers(400_000_000, 799_999_999))]
        check = (11 - sum(d * w for d, w in zip(number, weights, strict=True)) % 11) % 11
        if check != 10:
            return "".join(map(str, [*number, check]))[:total]


def notes() -> None:
    """Words with somebody in them, and words with many numbers and nobody."""
    chance = np.random.default_rng(5)
    numbers = [digits_of(range(10, 1, -1), 10, chance) for _ in range(20)]
    for number, form in enumerate(("{}", "{0:.3} {1} {2}")):
        said = [form.format(n[:3], n[3:6], n[6:]) if "{1}" in form else n for n in numbers[number * 5 : number * 5 + 5]]
        keep(
            f"note-numbers-{number}",
            "Left out of the model:\n" + "".join(f"- {n}\n" for n in said),
            ("I01",),
            suffix="md",
        )
        cells = "".join(f"<tr><td>{n}</td><td>{20 + i}</td></tr>" for i, n in enumerate(said))
        keep(
            f"page-numbers-{number}",
            f"<html><body><table><tr><th>who</th><th>score</th></tr>{cells}</table></body></html>",
            ("I01",),
            suffix="html",
        )
        listed = json.dumps({"dropped": said, "kept": 4120}, indent=1)
        keep(f"json-numbers-{number}", listed, ("I01",), suffix="json")
    safe = {
        "dates": "Data cut on 2021-03-31; follow-up to 30 June 2022. Extract of 04/05/2022, version 3.\n",
        "versions": "Analysed with R 4.3.2 and survival 3.5-7 on 2024-02-01.\n",
        "years": "Rates rose between 2004 and 2009, and fell from 2012 to 2019.\n",
        "large": "We included 12,480 people (51.3% women); 2,306 had an event, 1,118 of them in the first year.\n",
        "effects": "OR 1.84 (95% CI 1.21 to 2.80, p = 0.004), adjusted for age, sex and area.\n",
        "equation": "The model is y = 3 + 2x - 7z with z in 1..9; grid of 5 x 5 x 3 values.\n",
        "methods": "Follow-up was split into 6 bands; 4 imputations; 3 knots at the 10th, 50th and 90th percentile.\n",
        "log": "INFO read 48210 rows in 3.2 s\nINFO 5 workers, 8 threads\nINFO wrote 2 tables\n",
        "plan": "1. Clean the data\n2. Fit the 3 models\n3. Draw 2 figures\n",
        "references": "See J Epidemiol 2019;8(3):4-9. doi:10.1000/182. ISBN 978-3-16-148410-0.\n",
        "colours": "Palette: #0b6e75 #112233 #abcdef; size 6 x 4 inches, 300 dpi.\n",
    }
    for name, text in safe.items():
        keep(f"note-{name}", text, suffix="md")
    code = {
        "py": "import pandas as pd\n\nSEED = 4857773411\nLIMITS = (3, 5, 8)\n\n\ndef clean(frame):\n    return frame[frame.age > 17].dropna()\n",
        "R": "library(dplyr)\nset.seed(1234567890)\nfit <- glm(y ~ x, data = d, family = binomial)\nsummary(fit)\n",
        "do": "use cohort, clear\nset seed 20240131\ntabulate sex region if year >= 2004\nlogit y i.sex c.age\n",
        "sql": "SELECT region, COUNT(*) AS n FROM cohort WHERE year >= 2004 GROUP BY region HAVING COUNT(*) >= 10;\n",
        "yml": "version: '3'\nactions:\n  tables:\n    run: python:v2 tables.py --seed 5550199\n",
    }
    for suffix, text in code.items():
        keep(f"code-{suffix.lower()}", text, suffix=suffix)
    bad = {
        "low-words": ("Four patients in the treatment arm and 2 patients in the control arm died.\n", ("F01",)),
        "low-n": ("Mean score 4.1 (n = 6).\n", ("F01",)),
        "low-of": ("The device failed in 3 of 214 participants.\n", ("F01", "F02")),
        "low-percent": ("Of 80 participants, 2 (2.5%) withdrew.\n", ("F01", "F02")),
        "oldest": ("The oldest participant was 103 years old.\n", ("P01",)),
        "range": ("Age range: 18 to 101 years (n = 412).\n", ("P01",)),
        "postcode": ("One outlier lives at LS6 3AB and was left out.\n", ("I04",)),
        "birth": ("The case born on 14/02/1951 has a missing weight.\n", ("I07",)),
        "mail": ("Ask the participant at maria.b1962@northvale-mail.co.uk again.\n", ("I05",)),
        "person": ("Mrs Margaret Okafor reported the adverse event.\n", ("I08",)),
        "insurance": ("Record QQ123456C and AB654321A had no match.\n", ("I03",)),
    }
    for name, (text, rules) in bad.items():
        keep(f"words-{name}", text, rules, suffix="txt")


def make(studies: list[Study]) -> None:
    """All of them."""
    for maker in (models, figures, workbooks, notebooks):
        maker(studies)
    notes()
