"""What notebooks carry besides their outputs (N03-N08, N10, G03): records are caught, habits are left alone."""

import base64
import json
import random
from typing import Any

import pytest
from outputs import dropping, failing, findings, rules

from output_checker.disclosure.carriers import load_of
from output_checker.disclosure.rules.identifiers import passes_nhs
from output_checker.model import Dropped, Finding, Kind, Output, Severity, Table


def numbers(count: int) -> list[str]:
    """Ten-digit numbers with the check digit."""
    source = random.Random(3)  # noqa: S311 - test data
    found: list[str] = []
    while len(found) < count:
        digits = str(source.randrange(4_000_000_000, 5_000_000_000))
        if passes_nhs(digits):
            found.append(digits)
    return found


def records(count: int) -> list[dict[str, Any]]:
    source = random.Random(4)  # noqa: S311 - test data
    return [
        {"case": source.randrange(10**6), "stay": source.randrange(9), "cost": round(source.lognormvariate(5, 1), 4),
         "score": round(source.uniform(10, 90), 3), "ward": source.choice("ABC")}
        for _ in range(count)
    ]  # fmt: skip


def carried(what: str, sample: Any, detail: str = "scratch", where: str = "cell 1") -> Dropped:
    text = sample if isinstance(sample, str) else json.dumps(sample)
    return Dropped(what, where, detail, len(text), text)


def severity(dropped: Dropped) -> Severity:
    """The weight of the one finding of the carrier's rule."""
    found = [f for f in findings(dropping(dropped)) if f.rule in ("N03", "N04", "N05", "N06", "N07", "N10", "G03")]
    assert len(found) == 1
    return found[0].severity


ENCODED = base64.b64encode(random.Random(5).randbytes(3000)).decode()  # noqa: S311 - test data
CSV = "case,cost,score,stay\n" + "\n".join(f"{r['case']},{r['cost']},{r['score']},{r['stay']}" for r in records(12))
HTML = "<table><tr><th>case</th><th>cost</th><th>score</th></tr>" + "".join(
    f"<tr><td>{r['case']}</td><td>{r['cost']}</td><td>{r['score']}</td></tr>" for r in records(12)
)
STATE = "application/vnd.jupyter.widget-state+json"
SLIDER = {
    "state": {
        "a1": {"model_name": "IntSliderModel", "model_module_version": "2.0.0",
               "state": {"value": 5, "min": 0, "max": 100, "step": 1, "description": "n"}},
        "b2": {"model_name": "HTMLModel", "state": {"value": " 100/100 [00:01<00:00, 98.2it/s]"}},
        "c3": {"model_name": "LayoutModel", "state": {"width": "50px", "height": None}},
    },
    "version_major": 2,
}  # fmt: skip


def widget(value: Any) -> dict[str, Any]:
    return {STATE: {"state": {"a": {"model_name": "AnyModel", "state": {"value": value}}}}}


@pytest.mark.parametrize(
    "value",
    [records(8), CSV, HTML, json.dumps(records(8)), numbers(3), {k: [r[k] for r in records(9)] for k in records(1)[0]},
     ENCODED, [i * 1.37 for i in range(200)]],
    ids=["records", "csv", "html", "nested", "numbers", "columns", "encoded", "array"],
)  # fmt: skip
def test_n05_fails_for_data_in_a_widget(value: Any) -> None:
    assert severity(carried("widget-state", widget(value))) is Severity.FAIL


@pytest.mark.parametrize("state", [SLIDER, {STATE: {"state": {}, "version_major": 2}}], ids=["slider", "empty"])
def test_n05_notes_a_slider(state: dict[str, Any]) -> None:
    assert severity(carried("widget-state", state)) is Severity.NOTE


@pytest.mark.parametrize(
    ("detail", "sample", "expected"),
    [
        ("tags, scratch", {"scratch": records(9)}, Severity.FAIL),
        ("notes", {"notes": "left out: " + ", ".join(numbers(4))}, Severity.FAIL),
        ("papermill", {"papermill": {"parameters": {"nhs_number": numbers(1)[0]}}}, Severity.FAIL),
        ("blob", {"blob": ENCODED}, Severity.FAIL),
        ("papermill", {"papermill": {"parameters": {"follow_up": 30}}}, Severity.REVIEW),
        ("lookup", {"lookup": {"values": [1.5, 2.5, 9.25, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}}, Severity.REVIEW),
        ("tags, collapsed", {"tags": ["parameters"], "collapsed": True}, Severity.NOTE),
        ("toc", {"toc": {"base_numbering": 1, "sideBar": True}}, Severity.NOTE),
    ],
)
def test_n07_weighs_metadata(detail: str, sample: Any, expected: Severity) -> None:
    assert severity(carried("metadata", sample, detail)) is expected


def test_n06_attachments() -> None:
    assert severity(carried("attachment", "rows.csv\n" + CSV)) is Severity.FAIL
    assert severity(carried("attachment", "picture.png")) is Severity.REVIEW


def test_n10_hidden_text() -> None:
    assert severity(carried("hidden-html", CSV)) is Severity.FAIL
    assert severity(carried("comment", "\n" + CSV)) is Severity.FAIL
    assert severity(carried("comment", " end of header ")) is Severity.NOTE
    assert severity(carried("hidden-html", "Show more")) is Severity.REVIEW


def test_n04_a_picture_with_records_behind_it() -> None:
    assert severity(carried("second-mime", HTML, "text/html, 900 bytes", "cell 4, output 1")) is Severity.FAIL
    assert severity(carried("second-mime", "<Figure size 640x480 with 1 Axes>", "text/plain")) is Severity.NOTE


def test_n04_the_second_form_of_a_table_that_is_shown() -> None:
    cells = (("case", "n"), ("a", "120"), ("b", "340"))
    second = carried("second-mime", HTML, "text/plain, 900 bytes", "cell 4, output 1")
    shown = Output(Kind.NOTEBOOK, "", (Table("cell 4, output 1", cells),), b"x", (second,))

    assert [f.severity for f in findings(shown) if f.rule == "N04"] == [Severity.NOTE]


PLOTLY = "application/vnd.plotly.v1+json, 900 bytes"


def test_g03_a_figure_with_all_its_data() -> None:
    whole = records(120)
    scatter = {"data": [{"type": "scatter", "x": [r["cost"] for r in whole], "y": [r["score"] for r in whole]}]}
    bars = {"data": [{"type": "bar", "x": ["no", "yes"], "y": [6633, 2367]}], "layout": {"title": {"text": "all"}}}
    groups = {"datasets": {"d": [{"plan": p, "n": n} for p, n in (("a", 120), ("b", 340), ("c", 77))]}}

    assert severity(carried("mime", scatter, PLOTLY)) is Severity.FAIL
    assert severity(carried("mime", {"datasets": {"d": whole}}, "application/vnd.vegalite.v5+json")) is Severity.FAIL
    assert severity(carried("mime", bars, PLOTLY)) is Severity.NOTE
    assert severity(carried("mime", groups, "application/vnd.vegalite.v5+json")) is Severity.NOTE


def test_n03_another_media_type() -> None:
    assert severity(carried("mime", records(30), "application/json, 900 bytes")) is Severity.FAIL
    assert severity(carried("mime", "alert(1)", "application/javascript, 8 bytes")) is Severity.NOTE


def found(source: str) -> set[str]:
    return rules(dropping(Dropped("source", "cell 2", "3 lines", len(source), source)))


@pytest.mark.parametrize(
    "source",
    ["df.query(\"mail == 'mary.thornton@hospital.nhs.uk'\")", "c = 'postgresql://me:Wq77rt!zz9@db.local:5432/ehr'",
     f"df[df.n.isin([{numbers(1)[0]}])]", f'text = """{CSV}"""'],
)  # fmt: skip
def test_n08_literals_in_the_code(source: str) -> None:
    assert "N08" in found(source)


@pytest.mark.parametrize("source", ["tab = df.groupby('plan').size()", "x = [1, 2, 3]", "seed = 20240101", "a @ b"])
def test_n08_ordinary_code(source: str) -> None:
    assert found(source) == set()


def test_the_message_says_that_nothing_of_it_is_released() -> None:
    result: list[Finding] = findings(dropping(carried("widget-state", widget(records(8)))))
    (finding,) = (f for f in result if f.rule == "N05")

    assert "None of it is in what would be released" in finding.message
    assert "save the notebook again" in finding.remedy
    assert str(records(8)[0]["case"]) not in finding.message


def test_damaged_and_deep_samples_are_weighed_as_text() -> None:
    assert load_of(json.dumps(records(40))[:-5]).values > 100
    assert load_of("[" * 100_000).cells == 0
    assert "N05" in failing(dropping(carried("widget-state", json.dumps(widget(records(60)))[:-9])))
