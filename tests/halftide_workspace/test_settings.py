"""Settings are understood whole or refused."""

import json
from pathlib import Path

import pytest

from halftide_workspace.settings import sandbox_from, settings_from
from output_checker.model import BadInput, Boundary, Figures, Resources, Window


def test_the_defaults_are_those_of_the_outer_sandbox() -> None:
    settings = settings_from({"HALFTIDE_PROJECT": "tides", "HALFTIDE_ANALYSIS": "/opt/analysis"})
    assert settings.sandbox.workspace == Path("/workspace")
    assert settings.sandbox.analysis == Path("/opt/analysis")
    assert settings.private == Path("/srv/halftide")
    assert settings.project_title == "tides"


def test_the_boundary_comes_as_the_portal_gives_it() -> None:
    boundary = Boundary(Resources(memory_mb=100, processes=9, cpus=1.5), Window(at_once=1000), Figures.INTERACTIVE)
    settings = settings_from({"HALFTIDE_BOUNDARY": json.dumps(boundary.as_mapping())})
    assert settings.boundary == boundary
    assert settings.sandbox.limits.memory == 100 << 20
    assert settings.sandbox.limits.processes == 9


@pytest.mark.parametrize("raw", ["[]", "{", '{"wrong": 1}', '{"data": [["a", "/data/a"]]}', '{"limits": {}}'])
def test_a_sandbox_that_can_not_be_understood_is_refused(raw: str) -> None:
    with pytest.raises((BadInput, TypeError)):
        sandbox_from({"HALFTIDE_SANDBOX": raw})


@pytest.mark.parametrize(
    "raw", ["3", "{", '{"windows": {}}', '{"window": {"burst": -1}}', '{"window": {"bursts": 1}}', '{"figures": "a"}',
            '{"window": {"at_once": 9000000}}', '{"resources": {"memory_mb": "a"}}', '{"resources": {"cpus": true}}',
            '{"one_project_at_a_time": 1}', '{"display": null}']
)  # fmt: skip
def test_so_is_a_boundary(raw: str) -> None:
    with pytest.raises(BadInput):
        settings_from({"HALFTIDE_BOUNDARY": raw})
