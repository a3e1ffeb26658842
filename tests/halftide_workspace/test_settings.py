"""Settings are understood whole or refused."""

import json
from pathlib import Path

import pytest

from halftide_workspace.settings import sandbox_from, settings_from
from output_checker.model.errors import BadInput


def test_the_defaults_are_those_of_the_outer_sandbox() -> None:
    settings = settings_from({"HALFTIDE_PROJECT": "tides", "HALFTIDE_ANALYSIS": "/opt/analysis"})
    assert settings.sandbox.workspace == Path("/workspace")
    assert settings.sandbox.analysis == Path("/opt/analysis")
    assert settings.private == Path("/srv/halftide")
    assert settings.project_title == "tides"


def test_limits_come_as_the_portal_gives_them() -> None:
    raw = json.dumps({"limits": {"memory_mb": 100, "processes": 9, "cpus": 1.5}, "data": [["/a", "/data/a"]]})
    sandbox = sandbox_from({"HALFTIDE_SANDBOX": raw})
    assert sandbox.limits.memory == 100 << 20
    assert sandbox.limits.processes == 9
    assert sandbox.data[0].target == Path("/data/a")


@pytest.mark.parametrize(
    "raw", ["[]", "{", '{"wrong": 1}', '{"limits": {"processes": 0}}', '{"limits": {"memory_mb": "a"}}',
            '{"limits": {"wrong": 1}}', '{"data": [["a", "/data/a"]]}']
)  # fmt: skip
def test_what_can_not_be_understood_is_refused(raw: str) -> None:
    with pytest.raises((BadInput, TypeError)):
        sandbox_from({"HALFTIDE_SANDBOX": raw})


@pytest.mark.parametrize("raw", ['{"burst": -1}', '{"bursts": 1}', "3"])
def test_so_is_a_budget(raw: str) -> None:
    with pytest.raises(BadInput):
        settings_from({"HALFTIDE_BUDGET": raw})
