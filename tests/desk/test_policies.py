"""Policies by name and from files, and the nonsense that is refused."""

from pathlib import Path

import pytest

from output_checker.desk.policies import PRESETS, load_policy, preset_names
from output_checker.model import BadInput, Policy


def test_the_presets_are_there_and_explained() -> None:
    assert set(preset_names()) == {
        "default",
        "acro-default",
        "ons-10-5",
        "uk-llc",
        "opensafely",
        "nhs-hes",
        "eurostat",
        "sdclog",
        "tau-argus-business",
    }
    for name in preset_names():
        lines = (PRESETS / f"{name}.toml").read_text(encoding="utf-8").split("\n")
        for number, line in enumerate(lines):
            if "=" in line and not line.startswith(("#", "name", "version")):
                assert lines[number - 1].startswith("#"), f"{name}: {line} has no explanation"


def test_the_default_file_is_the_default() -> None:
    assert load_policy("default") == Policy()


def test_known_numbers() -> None:
    assert load_policy("opensafely").threshold == 8
    assert load_policy("ons-10-5").rounding_base == 5
    assert load_policy("uk-llc").zeros_are_disclosive


@pytest.mark.parametrize("text", ["threshold = 20", '{"threshold": 20}'])
def test_a_file_of_ones_own(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")

    assert load_policy(str(path)) == Policy(name="mine", threshold=20)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("threshold = 0", "threshold"),
        ("threshold = -3", "threshold"),
        ('threshold = "ten"', "threshold"),
        ("treshold = 10", "treshold"),
        ("dominance = [[0, 2]]", "dominance"),
        ("threshold = ", "TOML"),
        ("[1, 2]", "TOML"),
        ("", ""),
    ],
)
def test_nonsense_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    if not text:
        assert load_policy(str(path)).threshold == 10
        return
    with pytest.raises(BadInput, match=says):
        load_policy(str(path))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(BadInput, match="opensafely"):
        load_policy("opensavely")
