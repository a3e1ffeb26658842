"""Reports and parts come back from their JSON as they went in."""

import json

from output_checker.desk import reports
from output_checker.desk.views import PartSummary
from output_checker.model import Dropped, Finding, Image, Severity, Table, Text, Where

FINDINGS = (
    Finding(
        "F01", Severity.FAIL, (Where(0, 1, 2, "plan = Free", "3"), Where()), "small", "suppress", evidence="4 people"
    ),
    Finding("X01", Severity.NOTE, (), "note", "none"),
)
DROPPED = (Dropped("png-chunk", "cell 3", "a text chunk", 12, sample="a name"),)
PARTS = (
    Table("t", (("a", "b"), ("1", "ä")), 1, "html"),
    Text("", "hello\n", "stream"),
    Image("i", b"\x89PNG\x00\xff", 3, 4),
)


def test_a_report_comes_back_without_what_only_rules_may_see() -> None:
    raw = json.loads(json.dumps(reports.report_json(FINDINGS, DROPPED, PARTS, "a problem")))
    assert reports.findings_of(raw) == FINDINGS
    assert reports.dropped_of(raw) == (Dropped("png-chunk", "cell 3", "a text chunk", 12),)
    assert raw["problem"] == "a problem"
    assert "a name" not in json.dumps(raw)
    assert reports.summaries_of(raw) == (
        PartSummary(0, "table", "t", rows=2, columns=2),
        PartSummary(1, "text", "", characters=6),
        PartSummary(2, "image", "i", width=3, height=4),
    )


def test_parts_come_back_as_they_were() -> None:
    assert reports.parts_from_bytes(reports.parts_bytes(PARTS)) == PARTS


def test_no_report_is_no_findings() -> None:
    assert (reports.findings_of(None), reports.dropped_of(None), reports.summaries_of(None)) == ((), (), ())


def test_findings_are_counted_by_weight() -> None:
    assert (reports.count(FINDINGS).fail, reports.count(FINDINGS).review, reports.count(FINDINGS).note) == (1, 0, 1)


def test_the_json_for_others_has_no_evidence() -> None:
    assert "evidence" not in reports.finding_json(FINDINGS[0])
