"""The prover around its runs: when it runs by itself, what it knows, and the controls without a workspace."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from output_checker.model import BadInput
from output_checker.probes import CATALOGUE, Control, Verdict
from output_checker.prover import controls
from output_checker.prover.__main__ import is_night
from output_checker.prover.settings import Settings, address_of
from output_checker.prover.victims import victims

ENVIRONMENT = {
    "HALFTIDE_STATE": "/state",
    "HALFTIDE_ANALYSIS": "/analysis",
    "HALFTIDE_URL": "http://localhost:8000",
    "HALFTIDE_PORTAL_PORT": "8082",
    "HALFTIDE_PROXY_API_PORT": "8001",
    "JUPYTERHUB_API_URL": "http://127.0.0.1:8081/hub/api",
    "JUPYTERHUB_API_TOKEN": "a token",
}


@pytest.mark.parametrize(
    ("before", "now", "due"),
    [
        ((1, 2, 59), (1, 3, 0), True),
        ((1, 3, 0), (1, 3, 1), False),
        ((1, 2, 58), (1, 2, 59), False),
        ((1, 1, 0), (1, 9, 0), True),
        ((1, 23, 59), (2, 0, 1), False),
    ],
)
def test_the_nightly_run_begins_once_at_its_hour(
    before: tuple[int, int, int], now: tuple[int, int, int], due: bool
) -> None:
    first, second = (datetime(2026, 3, day, hour, minute, tzinfo=UTC) for day, hour, minute in (before, now))
    assert is_night(first, second, 3) is due


def test_the_prover_is_told_everything_by_the_hub() -> None:
    settings = Settings.from_environment(ENVIRONMENT)
    assert (settings.automatic, settings.hour, settings.folder) == (True, 3, Path("/state/probes"))
    assert "a token" not in repr(settings)
    assert not Settings.from_environment(ENVIRONMENT | {"HALFTIDE_PROBES": "0"}).automatic
    with pytest.raises(BadInput, match="JUPYTERHUB_API_TOKEN"):
        Settings.from_environment(ENVIRONMENT | {"JUPYTERHUB_API_TOKEN": ""})


def test_addresses_are_taken_apart() -> None:
    assert address_of("http://127.0.0.1:8081/hub/api", "/x") == ("127.0.0.1", 8081, "/x")
    assert address_of("https://tides.example") == ("tides.example", 443, "/")


async def test_the_stand_in_network_answers_at_every_address() -> None:
    found = await controls.in_stand_in({"DATA": ["/nowhere"]}, "nonce")
    wanted = {name for name, probe in CATALOGUE.items() if probe.control is Control.STAND_IN}
    assert set(found) == wanted
    assert [name for name, outcome in found.items() if outcome.verdict is not Verdict.SUCCEEDED] == []


def test_nothing_of_the_victims_stays_on_the_machine() -> None:
    with victims() as planted:
        places = [Path(planted.values[name]) for name in ("SECRET", "SHM", "TMP", "VAR_TMP", "SOCKET")]
        process = Path(f"/proc/{planted.values['VICTIM']}")
        assert all(place.exists() for place in places)
        assert process.exists()
    assert not [place for place in [*places, process] if place.exists()]
