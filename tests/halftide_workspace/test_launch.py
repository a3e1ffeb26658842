"""The environment that the server starts with, whatever it was started from."""

from dataclasses import replace
from pathlib import Path

import pytest

from halftide_workspace.launch import prepare
from halftide_workspace.settings import Settings, settings_from


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    usual = settings_from({})
    sandbox = replace(usual.sandbox, runtime=tmp_path / "run", workspace=tmp_path / "workspace")
    return replace(usual, private=tmp_path / "private", sandbox=sandbox)


def test_jupyters_variables_are_ours(settings: Settings) -> None:
    given = {"JUPYTER_CONFIG_DIR": "/workspace", "JUPYTER_PATH": "/workspace", "IPYTHONDIR": "/workspace", "KEPT": "1"}
    made = prepare(settings, {**given, "JUPYTERHUB_API_TOKEN": "t"})
    assert made["KEPT"] == "1"
    assert made["JUPYTERHUB_API_TOKEN"] == "t"
    assert made["JUPYTERHUB_DISABLE_USER_CONFIG"] == "1"
    assert "/workspace" not in {made["JUPYTER_CONFIG_DIR"], made["JUPYTER_PATH"], made["IPYTHONDIR"]}


def test_every_folder_is_the_servers_own(settings: Settings) -> None:
    made = prepare(settings, {})
    for name in (
        "HOME",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTERLAB_SETTINGS_DIR",
        "JUPYTERLAB_WORKSPACES_DIR",
    ):
        assert Path(made[name]).is_relative_to(settings.private)
        assert Path(made[name]).is_dir()
    assert not settings.sandbox.workspace.exists()


def test_starting_twice_is_no_trouble(settings: Settings) -> None:
    assert prepare(settings, {}) == prepare(settings, {})
