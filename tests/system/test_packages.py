"""A folder of wheels, named in the settings, reaches a workspace of a real Halftide."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from output_checker.cli import main
from tests.mirror.outside import wheel
from tests.system.running import Halftide, environment, start

pytestmark = [pytest.mark.system, pytest.mark.long]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Halftide]:
    file, data = wheel("tidal", "1.0")
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / file).write_bytes(data)
    told = {"HALFTIDE_PYPI_MIRROR": f"file://{tmp_path}/wheels", "HALFTIDE_PROBES": "0"}
    started = start(tmp_path, environment(tmp_path / "state", **told))
    yield started
    started.stop(signal.SIGTERM)


def test_a_workspace_is_told_of_the_mirror_and_of_the_list(running: Halftide) -> None:
    assert main(["admin", "--state", str(running.state), "packages", "allow", "python", "tidal"]) == 0
    researcher = running.visitor("researcher")
    assert "/user/" in researcher.start_workspace("researcher", "rand-hie").url
    told = json.loads(researcher.ask(running.workspace("researcher", "rand-hie") + "halftide/packages").text)
    assert told["mirrors"] == ["python"]
    assert [(one["name"], one["state"]) for one in told["packages"]] == [("tidal", "allowed")]
    assert "tidal" in researcher.ask(f"{running.portal}projects/rand-hie/packages").main
