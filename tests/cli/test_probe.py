"""``halftide probe``: what it prints, and what its exit code means."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from output_checker.cli import main, probe
from output_checker.desk import probes, projects
from output_checker.desk.context import open_desk, prepare_state
from output_checker.probes import CATALOGUE, Finding, Outcome, Place, Proof, Verdict

BLOCKED, SUCCEEDED = Outcome(Verdict.BLOCKED, "EPERM"), Outcome(Verdict.SUCCEEDED)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    prepare_state(tmp_path)
    desk = open_desk(tmp_path)
    projects.create(desk, None, "tides", "Tides")
    desk.close()
    return tmp_path


@contextmanager
def prover(state: Path, *, hole: str = "", problem: str = "") -> Iterator[None]:
    """Somebody who takes one order and finds this."""

    def work() -> None:
        desk = open_desk(state)
        while (order := probes.take(desk)) is None:
            over.wait(0.05)
        probes.tell(desk, order.id, "Trying to get out")
        over.wait(0.5)
        tries = {name: dict.fromkeys(each.places, BLOCKED) for name, each in CATALOGUE.items()}
        if hole:
            tries[hole] = dict.fromkeys(Place, SUCCEEDED)
        found = tuple(Finding(name, SUCCEEDED, tried) for name, tried in tries.items())
        if problem:
            probes.give_up(desk, order.id, problem)
        else:
            probes.record(desk, order.id, Proof(order.project_id, {}, found))
        desk.close()

    over, thread = threading.Event(), threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join(30)


def test_a_proof_is_0_and_one_line_of_figures(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with prover(state):
        assert main(["probe", "tides", "--state", str(state)]) == 0
    told = capsys.readouterr()
    count = len(CATALOGUE)
    assert told.out.splitlines()[-1] == f"attacks: cases={count} succeeded=0 controls={count}/{count}"
    assert "Trying to get out ..." in told.err


def test_a_hole_is_2_and_named(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with prover(state, hole="dns-udp"):
        assert main(["probe", "tides", "--state", str(state)]) == 2
    told = capsys.readouterr().out
    assert "succeeded  dns-udp: Ask a name server" in told
    assert "NOT PROVEN SEALED" in told
    assert "icmp" not in told


def test_the_whole_proof_as_json_with_its_signature(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with prover(state):
        assert main(["probe", "tides", "--json", "--state", str(state)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["standing"], told["proof"]["passed"], len(told["signature"])) == ("proven", True, 128)
    assert len(told["proof"]["findings"]) == len(CATALOGUE)


def test_a_run_that_can_not_be_made_is_3(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with prover(state, problem="the hub was busy"):
        assert main(["probe", "tides", "--state", str(state)]) == 3
    assert "nothing is proved: the hub was busy" in capsys.readouterr().err


def test_without_a_running_halftide_it_says_so_and_leaves_no_order(
    state: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "BEGIN", 0.3)
    assert main(["probe", "tides", "--state", str(state)]) == 3
    assert "`halftide up`" in capsys.readouterr().err
    desk = open_desk(state)
    assert probes.take(desk) is None
    desk.close()


def test_an_unknown_project_is_3(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "nothing", "--state", str(state)]) == 3
    assert "no project called nothing" in capsys.readouterr().err
