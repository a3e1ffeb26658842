"""``halftide admin packages`` as an administrator uses it."""

from pathlib import Path

import pytest

from output_checker.cli import main
from output_checker.desk.context import prepare_state


@pytest.fixture
def state(tmp_path: Path) -> Path:
    prepare_state(tmp_path / "state")
    return tmp_path / "state"


def said(capsys: pytest.CaptureFixture[str], state: Path, *words: str) -> str:
    assert main(["admin", "--state", str(state), *words]) == 0
    return capsys.readouterr().out


def test_a_package_is_allowed_listed_and_taken_off(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nobody has asked" in said(capsys, state, "packages", "list")
    said(capsys, state, "project", "tides", "Tides")
    made = said(capsys, state, "packages", "allow", "python", "Tidal", "--versions", ">=1,<2", "--project", "tides")
    assert "allowed  python tidal <2,>=1 for tides" in made
    key = made.split()[0]
    assert "for the whole site" in said(capsys, state, "packages", "allow", "r", "survey")
    assert "ended" in said(capsys, state, "packages", "end", key, "a hole was found")
    assert said(capsys, state, "packages", "list").count("\n") == 2


def test_what_can_not_be_is_said(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["allow", "rust", "a"], ["allow", "python", "a b"], ["approve", "nothing"], ["refuse", "no", " "]):
        assert main(["admin", "--state", str(state), "packages", *words]) == 3
    assert "halftide admin:" in capsys.readouterr().err
