"""The command line: verbs are found, failures are told in words, exit codes mean what they say."""

import importlib
import sys
from pathlib import Path

import pytest

from output_checker.cli import VERBS, main
from output_checker.desk.context import open_desk, prepare_state
from output_checker.desk.projects import workspace_answer


@pytest.fixture
def state(tmp_path: Path) -> Path:
    prepare_state(tmp_path / "state")
    return tmp_path / "state"


def admin(state: Path, *words: str) -> int:
    return main(["admin", "--state", str(state), *words])


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([verb, "--help"])
    assert end.value.code == 0
    assert f"halftide {verb}" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["fly"], ["up", "--wings"], ["admin"], ["admin", "project"]])
def test_a_wrong_command_line_is_not_taken_for_a_verdict(words: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 3


def test_a_verb_does_not_pay_for_the_others() -> None:
    for name in [name for name in sys.modules if name.startswith("output_checker.cli.")]:
        del sys.modules[name]
    with pytest.raises(SystemExit):
        main(["verify", "--help"])
    loaded = {name for name in sys.modules if name.startswith("output_checker.cli.")}
    assert loaded == {"output_checker.cli.verify"}
    importlib.import_module("output_checker.cli.up")


def test_verify_says_what_it_looked_at_and_can_be_held_to_it(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert admin(state, "project", "visits", "Visits to doctors") == 0
    assert main(["verify", "--state", str(state)]) == 0
    said = capsys.readouterr().out
    checkpoint = said.rpartition("--checkpoint: ")[2].strip()
    assert main(["verify", "--state", str(state), "--checkpoint", checkpoint]) == 0
    size, _, root = checkpoint.partition(":")
    assert main(["verify", "--state", str(state), "--checkpoint", f"{size}:{root[::-1]}"]) == 2
    assert main(["verify", "--state", str(state), "--checkpoint", "yesterday"]) == 3


def test_a_site_is_made_from_nothing(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert admin(state, "project", "visits", "Visits to doctors") == 0
    assert admin(state, "give-role", "cleo", "checker") == 0
    assert admin(state, "member", "visits", "ann", "--until", "2999-12-31") == 0
    desk = open_desk(state)
    try:
        assert workspace_answer(desk, "ann", "visits")["allowed"] is True
        assert admin(state, "set-state", "visits", "frozen") == 0
        assert workspace_answer(desk, "ann", "visits")["allowed"] is False
        assert admin(state, "set-state", "visits", "active") == 0
        assert admin(state, "end-member", "visits", "ann") == 0
        assert workspace_answer(desk, "ann", "visits")["allowed"] is False
    finally:
        desk.close()
    assert "2999-12-31" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["project", "Not A Slug", "T"], "short name"),
        (["give-role", "cleo", "emperor"], "a role is"),
        (["member", "no-such", "ann"], ""),
        (["boundary", "no-such"], "no project"),
        (["account", "ann"], "no hub yet"),
        (["dataset", "visits", "/nowhere"], ""),
    ],
)
def test_a_failure_is_told_without_a_traceback(
    state: Path, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert admin(state, *words) == 3
    said = capsys.readouterr().err
    assert said.startswith("halftide admin: ")
    assert told in said


def test_a_boundary_is_shown_changed_and_refused(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert admin(state, "project", "visits", "Visits to doctors") == 0
    assert admin(state, "boundary", "visits", "window.per_day=33554432", "figures=interactive") == 0
    assert "window.per_day=33554432, figures=interactive" in capsys.readouterr().out
    assert admin(state, "boundary", "visits") == 0
    assert {"window.per_day=33554432", "one_project_at_a_time=false"} <= set(capsys.readouterr().out.split("\n"))
    for wrong in ("window.per_day", "window.per_day=0", "window.colour=1", "colour=1", "figures.size=1", "window=5"):
        assert admin(state, "boundary", "visits", wrong) == 3, wrong
    assert main(["verify", "--state", str(state)]) == 0
