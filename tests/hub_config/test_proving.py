"""What the hub does for the proof of the seal: a service with one right, a start that waits, a name that nobody has."""

from pathlib import Path
from typing import Any

import pytest

from hub_config.access_gate import NotProvenYet, require_workspace
from hub_config.accounts import set_password
from hub_config.roles import ROLES, services
from hub_config.settings import Settings, read_settings
from output_checker.model import PROVER, BadInput, NotAllowed

YES = {
    "allowed": True, "person_id": "run", "project_id": "project", "project_title": "A project", "datasets": [],
    "boundary": {}, "throwaway": True,
}  # fmt: skip


def portal_that_says(answer: dict[str, Any]) -> Any:
    async def ask(_path: str) -> Any:
        return answer

    return ask


async def test_what_is_worth_waiting_for_is_told_apart_from_a_no() -> None:
    waiting = {"allowed": False, "proving": True, "reason": "Trying to get out: 40 of 284 tries"}
    with pytest.raises(NotProvenYet, match="40 of 284"):
        await require_workspace(portal_that_says(waiting), "ada", "tides")
    with pytest.raises(NotAllowed) as no:
        await require_workspace(portal_that_says({**waiting, "proving": False}), "ada", "tides")
    assert not isinstance(no.value, NotProvenYet)


async def test_only_a_clear_word_makes_a_workspace_throwaway() -> None:
    assert (await require_workspace(portal_that_says(YES), PROVER, "tides")).throwaway
    for said in ("yes", 1, None):
        assert not (await require_workspace(portal_that_says({**YES, "throwaway": said}), "ada", "tides")).throwaway


def test_the_prover_has_the_workspaces_of_nobody_and_no_other_right() -> None:
    (role,) = [role for role in ROLES if role["name"] == "prover"]
    assert set(role["scopes"]) == {f"servers!user={PROVER}", f"access:servers!user={PROVER}"}
    assert (role["services"], "users" in role) == (["prover"], False)
    (probed,) = [role for role in ROLES if PROVER in role.get("users", ())]
    assert "scopes" not in probed


def test_the_service_is_told_whether_and_when(tmp_path: Path) -> None:
    told = {service["name"]: service.get("environment", {}) for service in services(Settings(tmp_path, probe_hour=22))}
    assert (told["prover"]["HALFTIDE_PROBES"], told["prover"]["HALFTIDE_PROBE_HOUR"]) == ("1", "22")
    off = {service["name"]: service.get("environment", {}) for service in services(Settings(tmp_path, probes=False))}
    assert off["prover"]["HALFTIDE_PROBES"] == off["output-checker"]["HALFTIDE_PROBES"] == "0"


def test_the_settings_say_whether_and_when(tmp_path: Path) -> None:
    settings = read_settings({"HALFTIDE_PROBES": "0", "HALFTIDE_PROBE_HOUR": "23"}, tmp_path)
    assert (settings.probes, settings.probe_hour) == (False, 23)
    assert read_settings({}, tmp_path).probes
    for wrong in ("24", "-1", "night"):
        with pytest.raises(BadInput, match="0 to 23"):
            read_settings({"HALFTIDE_PROBE_HOUR": wrong}, tmp_path)


def test_nobody_gets_the_provers_name() -> None:
    with pytest.raises(BadInput, match="nobody has it"):
        set_password(None, PROVER, "a password that is long")
