"""The check ahead says what a checker would question, and nothing that is not for the researcher."""

from pathlib import Path

import pytest

from halftide_workspace import preflight
from halftide_workspace.preflight import Preflight
from output_checker.model import Assessment, Dropped, Finding, Kind, Output, Policy, Severity, Where
from output_checker.model.errors import Broken

OUTPUT = Output(Kind.TEXT, "text/plain", (), b"x", (Dropped("metadata", "cell 1", "a key", 9, sample="943 476 5919"),))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "table.csv").write_text("plan,people\nFree,120\n25 percent,3\n95 percent,88\n")
    return tmp_path


def test_a_small_cell_is_found_by_the_rules_of_the_portal(workspace: Path) -> None:
    entry = Preflight(workspace).check("results/table.csv", Policy(threshold=10))
    assert (entry["kind"], entry["verdict"], entry["refused"]) == ("table", "fail", False)
    found = [finding for finding in entry["findings"] if finding["rule"] == "F01"]
    assert found[0]["severity"] == "fail"
    assert found[0]["remedy"]
    assert any(where["value"] == "3" for where in found[0]["where"])


def test_a_file_that_can_not_be_sent_is_refused_in_its_own_entry(workspace: Path) -> None:
    entry = Preflight(workspace).check("results", Policy())
    assert entry["refused"]
    assert entry["verdict"] is None
    assert "is a folder" in entry["problem"]


def test_what_is_for_checkers_and_rules_stays_here(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finding = Finding("X01", Severity.FAIL, (Where(0, 1, 1, "", "3"),), "said", "mend", evidence="row 17 of the data")
    monkeypatch.setattr(preflight, "read_in_cage", lambda data, name: OUTPUT)
    monkeypatch.setattr(preflight, "assess", lambda *_: Assessment((finding,), "digest"))
    text = repr(Preflight(workspace).check("results/table.csv", Policy()))
    assert "said" in text
    assert "row 17" not in text
    assert "943 476 5919" not in text


def test_a_cage_that_can_not_be_started_leaves_the_file_sendable(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(data: bytes, name: str) -> Output:
        raise Broken("bubblewrap is missing")

    monkeypatch.setattr(preflight, "read_in_cage", broken)
    entry = Preflight(workspace).check("results/table.csv", Policy())
    assert (entry["problem"], entry["verdict"], entry["refused"]) == ("bubblewrap is missing", None, False)
