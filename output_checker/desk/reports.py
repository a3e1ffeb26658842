"""The automated check's report and an output's parts, as JSON and back. Pure."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from output_checker.desk.views import FindingCounts, PartSummary
from output_checker.model import Dropped, Finding, Image, Part, Severity, Table, Text, Where


def report_json(
    findings: Sequence[Finding], dropped: Sequence[Dropped], parts: Sequence[Part], problem: str
) -> dict[str, Any]:
    """What the database keeps of a check."""
    return {
        "findings": [{**finding_json(finding), "evidence": finding.evidence} for finding in findings],
        "dropped": [dropped_json(item) for item in dropped],
        "parts": [_summary_json(index, part) for index, part in enumerate(parts)],
        "problem": problem,
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding without its evidence, which stays with those who may see the data."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "where": [
            {"part": w.part, "row": w.row, "column": w.column, "label": w.label, "value": w.value}
            for w in finding.where
        ],
        "message": finding.message,
        "remedy": finding.remedy,
    }


def dropped_json(item: Dropped) -> dict[str, Any]:
    """Something that was left out, without the sample that only rules see."""
    return {"what": item.what, "where": item.where, "detail": item.detail, "size": item.size}


def findings_of(report: Mapping[str, Any] | None) -> tuple[Finding, ...]:
    """The findings that a report holds."""
    return tuple(
        Finding(
            rule=raw["rule"],
            severity=Severity(raw["severity"]),
            where=tuple(Where(**place) for place in raw["where"]),
            message=raw["message"],
            remedy=raw["remedy"],
            evidence=raw.get("evidence", ""),
        )
        for raw in (report or {}).get("findings", ())
    )


def dropped_of(report: Mapping[str, Any] | None) -> tuple[Dropped, ...]:
    """What a report says was left out."""
    return tuple(Dropped(**raw) for raw in (report or {}).get("dropped", ()))


def summaries_of(report: Mapping[str, Any] | None) -> tuple[PartSummary, ...]:
    """The parts that a report names."""
    return tuple(PartSummary(**raw) for raw in (report or {}).get("parts", ()))


def count(findings: Sequence[Finding]) -> FindingCounts:
    """How many findings of each weight."""
    weights = [finding.severity for finding in findings]
    return FindingCounts(weights.count(Severity.FAIL), weights.count(Severity.REVIEW), weights.count(Severity.NOTE))


def parts_bytes(parts: Sequence[Part]) -> bytes:
    """The parts as the bytes that the viewer reads again."""
    return json.dumps([_part_json(part) for part in parts], ensure_ascii=False, separators=(",", ":")).encode()


def parts_from_bytes(data: bytes) -> tuple[Part, ...]:
    """The parts that these bytes hold."""
    return tuple(_part(raw) for raw in json.loads(data))


def _part_json(part: Part) -> dict[str, Any]:
    if isinstance(part, Table):
        cells, rows = part.cells, part.header_rows
        return {"kind": "table", "name": part.name, "cells": cells, "header_rows": rows, "language": part.language}
    if isinstance(part, Text):
        return {"kind": "text", "name": part.name, "text": part.text, "role": part.role}
    return {
        "kind": "image",
        "name": part.name,
        "data": base64.b64encode(part.data).decode(),
        "width": part.width,
        "height": part.height,
        "media_type": part.media_type,
    }


def _part(raw: Mapping[str, Any]) -> Part:
    values = {key: value for key, value in raw.items() if key != "kind"}
    if raw["kind"] == "table":
        return Table(**{**values, "cells": tuple(tuple(row) for row in values["cells"])})
    if raw["kind"] == "text":
        return Text(**values)
    return Image(**{**values, "data": base64.b64decode(values["data"])})


def _summary_json(index: int, part: Part) -> dict[str, Any]:
    if isinstance(part, Table):
        columns = len(part.cells[0]) if part.cells else 0
        return {"index": index, "kind": "table", "name": part.name, "rows": len(part.cells), "columns": columns}
    if isinstance(part, Text):
        return {"index": index, "kind": "text", "name": part.name, "characters": len(part.text)}
    return {"index": index, "kind": "image", "name": part.name, "width": part.width, "height": part.height}
