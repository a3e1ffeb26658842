"""A process is found and ended by more than its number."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub_config import processes
from hub_config.processes import Process


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    env = os.environ | {"HALFTIDE_STATE": str(tmp_path / "state")}
    child = subprocess.Popen(["/bin/sh", "-c", "sleep 60; exit 0"], env=env, start_new_session=True)
    yield child
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _process(child: subprocess.Popen[bytes]) -> Process:
    found = Process.find(child.pid)
    assert found is not None
    return found


def test_a_number_that_was_used_again_is_another_process(sleeper: subprocess.Popen[bytes]) -> None:
    real = _process(sleeper)
    stranger = Process(real.pid, real.started - 1)
    assert (real.is_running(), stranger.is_running()) == (True, False)
    stranger.send(signal.SIGKILL)
    time.sleep(0.1)
    assert sleeper.poll() is None
    real.send(signal.SIGKILL)
    assert sleeper.wait(5) == -signal.SIGKILL


def test_one_that_ended_but_was_not_waited_for_does_not_run(sleeper: subprocess.Popen[bytes]) -> None:
    real = _process(sleeper)
    real.send(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while real.is_running() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not real.is_running()


def test_a_record_is_believed_only_for_the_same_process_and_boot(
    sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    record = tmp_path / "process.json"
    real = _process(sleeper)
    processes.write_record(record, real)
    assert processes.read_record(record) == real
    text = record.read_text()
    record.write_text(text.replace('"boot": "', '"boot": "x'))
    assert processes.read_record(record) is None
    for broken in ("", "[]", "{}", '{"pid": "many"}'):
        record.write_text(broken)
        assert processes.read_record(record) is None
    processes.write_record(record, Process(real.pid, real.started + 1))
    assert processes.read_record(record) is None


def test_processes_of_a_state_folder_are_known_by_their_environment(
    sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    mine = {process.pid for process in processes.of_state(tmp_path / "state")}
    assert sleeper.pid in mine
    assert os.getpid() not in mine
    assert list(processes.of_state(tmp_path / "other")) == []
    assert processes.leftovers(tmp_path / "state") == []


def test_a_portal_that_was_left_behind_is_recognised(tmp_path: Path) -> None:
    env = os.environ | {"HALFTIDE_STATE": str(tmp_path)}
    code = "import time; time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", code, "-m", "output_checker.web"], env=env)
    try:
        assert [process.pid for process in processes.leftovers(tmp_path)] == [child.pid]
        assert processes.leftovers(tmp_path / "another") == []
        processes.end(processes.leftovers(tmp_path))
        assert child.wait(5) == -signal.SIGTERM
    finally:
        child.kill()
        child.wait()


def test_what_will_not_end_politely_is_ended(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    code = "import signal, sys, time; signal.signal(15, signal.SIG_IGN); open(sys.argv[1], 'x'); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-W", "ignore", "-c", code, str(ready)])
    while not ready.exists():
        time.sleep(0.01)
    processes.end([_process(child)], patience=0.3)
    assert child.wait(5) == -signal.SIGKILL


def test_everything_below_a_process_is_found(sleeper: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    below: list[list[str]] = []
    while below != [["sleep"]] and time.monotonic() < deadline:  # the shell first forks, then becomes sleep
        below = [process.command()[:1] for process in processes.descendants(_process(sleeper))]
    assert below == [["sleep"]]
