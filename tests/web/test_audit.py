"""The audit page and its files."""

import csv
import io
import json

import pytest
from web_world import World

from output_checker.web.pages import audit


def test_rows_are_found_paged_and_downloaded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "CHUNK", 3)
    request_id = world.submit({"a.csv": b"a,b\n1000,2000\n"})
    page = world.get("audit", "auditor").text
    assert "Merkle root" in page
    assert "halftide verify" in page
    lines = [json.loads(line) for line in world.get("audit.json", "auditor").text.splitlines()]
    assert [line["seq"] for line in lines] == list(range(len(lines)))[::-1]
    rows = list(csv.DictReader(io.StringIO(world.get("audit.csv", "auditor").text)))
    assert len(rows) == len(lines)
    assert rows[0]["subject"] == f"request:{request_id}"
    found = world.get("audit.json?search=%231", "auditor").text.splitlines()
    assert 0 < len(found) < len(lines)
    assert "No row matches" in world.get("audit?search=nothing-like-this", "auditor").text
    assert world.get("audit?before=x", "auditor").status_code == 400
    assert world.get("audit?before=5", "auditor").text.count("<time") == 5


def test_a_cell_that_a_spreadsheet_would_run_is_defused() -> None:
    assert [audit._harmless(text) for text in ("=1+1", "@x", "-2", "plain", None)] == [
        "'=1+1",
        "'@x",
        "'-2",
        "plain",
        "",
    ]
