"""``halftide up`` as somebody meets it who starts, kills and stops it."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.system.running import Halftide, environment, launch, start

pytestmark = pytest.mark.system


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def _refused(running: Halftide) -> str:
    assert running.process.wait(60) == 3
    return running.said()


def _eventually(condition: object, patience: float = 40.0) -> None:
    deadline = time.monotonic() + patience
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


def test_ctrl_c_stops_everything_and_a_second_start_makes_nothing_again(folder: Path) -> None:
    env = environment(folder / "state")
    first = start(folder, env)
    researcher = first.visitor("researcher")
    assert researcher.start_workspace("researcher", "rand-hie").status == 200
    everything = first.everything()
    assert {"bwrap", "node"} <= {Path(process.command()[0]).name for process in everything}

    assert first.stop(signal.SIGINT) == 0
    assert [process.command() for process in everything if process.is_running()] == []
    assert first.everything() == []

    second = start(folder, env)
    try:
        assert "Making the demo's two datasets" not in second.said(), "what is there is not made again"
        assert set(second.passwords) == {"researcher", "checker1", "checker2", "admin"}
        assert not set(second.passwords.values()) & set(first.passwords.values())
        assert second.visitor().login("researcher", first.passwords["researcher"]).status == 403
        assert second.visitor("researcher").ask("/hub/home").status == 200
    finally:
        assert second.stop(signal.SIGTERM) == 0


def test_a_killed_hub_comes_back_and_finds_the_workspace_again(folder: Path) -> None:
    running = start(folder)
    try:
        researcher = running.visitor("researcher")
        assert researcher.start_workspace("researcher", "rand-hie").status == 200
        keeper, hub = running.keeper(), running.hub()
        hub.send(signal.SIGKILL)
        _eventually(lambda: "The hub is back" in running.said())

        assert running.hub() != hub
        assert running.keeper() == keeper
        page = researcher.ask(running.workspace("researcher", "rand-hie") + "lab")
        assert (page.status, "JupyterLab" in page.text) == (200, True)
        assert "rand-hie running" in researcher.ask("/hub/home").main
        assert researcher.ask(running.portal).status == 200
    finally:
        everything = running.everything()
        assert running.stop() == 0
    assert [process.command() for process in everything if process.is_running()] == []


def test_when_all_but_the_workspace_is_killed_the_next_start_finds_it_again(folder: Path) -> None:
    env = environment(folder / "state")
    first = start(folder, env)
    assert first.visitor("researcher").start_workspace("researcher", "rand-hie").status == 200
    keeper = first.keeper()
    kept = next(first.state.glob("projects/*/*/workspace")) / "kept.txt"
    kept.write_text("mine")
    first.process.kill()
    first.process.wait()
    first.hub().send(signal.SIGKILL)

    second = start(folder, env)
    try:
        assert keeper is not None
        assert second.keeper() == keeper
        researcher = second.visitor("researcher")
        assert researcher.ask(second.workspace("researcher", "rand-hie") + "lab").status == 200
        assert researcher.ask(second.workspace("researcher", "rand-hie") + "api/contents/kept.txt").status == 200
    finally:
        assert second.stop() == 0
    assert not keeper.is_running()
    assert kept.read_text() == "mine"


def test_a_hub_that_nobody_watches_any_more_is_replaced(folder: Path) -> None:
    env = environment(folder / "state")
    first = start(folder, env)
    first.process.kill()
    first.process.wait()
    orphan = first.hub()
    second = start(folder, env)
    try:
        assert not orphan.is_running()
        assert second.visitor("researcher").ask("/hub/home").status == 200
    finally:
        assert second.stop() == 0


def test_a_taken_port_is_named_with_the_setting_that_moves_it(folder: Path) -> None:
    env = environment(folder / "state")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(env["HALFTIDE_HUB_API_PORT"])))
        taken.listen()
        said = _refused(launch(folder, env))
    assert f"port {env['HALFTIDE_HUB_API_PORT']} can't be used" in said
    assert "HALFTIDE_HUB_API_PORT" in said
    assert "Traceback" not in said


def test_two_may_not_use_one_state_folder(folder: Path) -> None:
    state = folder / "state"
    running = start(folder, environment(state), "--no-demo")
    try:
        assert running.passwords == {}
        assert "another `halftide up` is using" in _refused(launch(folder, environment(state)))
        assert state.stat().st_mode & 0o777 == 0o700
    finally:
        assert running.stop() == 0


def test_without_a_sandbox_nothing_starts(folder: Path) -> None:
    bwrap = folder / "bin" / "bwrap"
    bwrap.parent.mkdir()
    bwrap.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    bwrap.chmod(0o755)
    env = environment(folder / "state", PATH=f"{bwrap.parent}:{os.environ['PATH']}")
    said = _refused(launch(folder, env))
    assert "can't seal a workspace" in said
    assert "No permissions to create new namespace" in said
    assert not (folder / "state").exists()


def test_no_secret_shows_in_the_list_of_processes_or_in_a_log(folder: Path) -> None:
    running = start(folder)
    try:
        researcher = running.visitor("researcher")
        assert researcher.start_workspace("researcher", "rand-hie").status == 200
        secrets = set(running.passwords.values()) | {running.hub().environment()["HALFTIDE_HUB_GATE_TOKEN"]}
        secrets |= {p.environment().get("JUPYTERHUB_API_TOKEN", "-") for p in running.everything()} - {"-"}
        assert len(secrets) >= 7
        shown = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        logs = "".join(log.read_text(errors="replace") for log in running.state.rglob("*.log"))
        assert [secret for secret in secrets if secret in shown + logs] == []
    finally:
        assert running.stop() == 0
