"""The gate believes nothing but a clear yes, and ends what has lost it."""

import asyncio
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hub_config.access_gate import GRACE, LeaseTimer, ask_portal, require_alone, require_workspace
from hub_config.settings import Settings
from output_checker.model import Broken, Conflict, NotAllowed

YES = {
    "allowed": True,
    "reason": "",
    "until": None,
    "person_id": "person-key",
    "project_id": "project-key",
    "project_title": "A project",
    "datasets": [{"slug": "visits", "version": "1", "path": "/data/visits/1", "manifest_sha256": "ab" * 32}],
    "boundary": {"resources": {"memory_mb": 2048, "cpus": 2.0}},
}


def portal_that_says(answer: Any) -> Any:
    async def ask(path: str) -> Any:
        ask.paths.append(path)  # type: ignore[attr-defined]
        if isinstance(answer, Exception):
            raise answer
        return answer

    ask.paths = []  # type: ignore[attr-defined]
    return ask


async def test_a_yes_becomes_a_grant() -> None:
    ask = portal_that_says(YES)
    grant = await require_workspace(ask, "ann/../bob", "a b")
    assert ask.paths == ["/workspaces/ann%2F..%2Fbob/a%20b"]
    assert (grant.person, grant.project, grant.project_title) == ("person-key", "project-key", "A project")
    assert (grant.datasets[0].path, grant.boundary.resources.memory_mb) == (Path("/data/visits/1"), 2048)


async def test_a_no_is_told_with_the_portals_reason() -> None:
    with pytest.raises(NotAllowed, match="Your training has expired"):
        await require_workspace(portal_that_says({"allowed": False, "reason": "Your training has expired."}), "a", "b")


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        None,
        "yes",
        {"allowed": True},
        YES | {"person_id": "../../etc"},
        YES | {"person_id": ".."},
        YES | {"project_id": ""},
        YES | {"datasets": [{"slug": "x/y", "version": "1", "path": "/d", "manifest_sha256": ""}]},
        YES | {"datasets": [{"slug": "x", "version": "1", "path": "relative", "manifest_sha256": ""}]},
        YES | {"datasets": [{"slug": "x"}]},
    ],
)
async def test_an_answer_that_is_not_understood_is_no_yes(answer: object) -> None:
    with pytest.raises(Broken, match="can't be used"):
        await require_workspace(portal_that_says(answer), "ann", "visits")


@pytest.mark.parametrize("allowed", ["true", 1, None, []])
async def test_only_true_is_yes(allowed: object) -> None:
    with pytest.raises(NotAllowed):
        await require_workspace(portal_that_says(YES | {"allowed": allowed}), "ann", "visits")


async def test_a_portal_that_does_not_answer_refuses(unused_tcp_port: int) -> None:
    with pytest.raises(Broken, match="can't tell at the moment"):
        await require_workspace(ask_portal(Settings(Path("/s"), portal_port=unused_tcp_port)), "ann", "visits")


def portal_with(**alone: bool) -> Any:
    """A portal of projects, each with whether it is worked on alone; one that it does not name is refused."""

    async def ask(path: str) -> Any:
        slug = path.rpartition("/")[2]
        if slug not in alone:
            return {"allowed": False}
        return YES | {"project_title": slug.title(), "boundary": {"one_project_at_a_time": alone[slug]}}

    return ask


async def beside(portal: Any, project: str, *running: str) -> None:
    await require_alone(portal, await require_workspace(portal, "ann", project), "ann", running)


async def test_projects_that_may_be_open_together_are() -> None:
    portal = portal_with(visits=False, firms=False)
    await beside(portal, "visits")
    await beside(portal, "visits", "firms")
    await beside(portal_with(visits=True), "visits")


async def test_a_project_that_is_worked_on_alone_starts_beside_no_other() -> None:
    portal = portal_with(visits=True, firms=False, trade=False)
    with pytest.raises(Conflict, match=r"“Visits” is worked on alone.*stop the workspace of “Firms” and “Trade” first"):
        await beside(portal, "visits", "trade", "firms")


async def test_no_other_starts_beside_one_that_is_worked_on_alone() -> None:
    portal = portal_with(visits=True, firms=False, trade=False)
    with pytest.raises(Conflict, match=r"^“Visits” is open and is worked on alone"):
        await beside(portal, "firms", "visits", "trade")


async def test_a_running_workspace_of_which_nothing_can_be_learnt_is_not_joined() -> None:
    with pytest.raises(Conflict, match="“gone” is open"):
        await beside(portal_with(firms=False), "firms", "gone")


class Hub:
    """What the timer needs of JupyterHub's application."""

    def __init__(self, *running: tuple[str, str]) -> None:
        self.log = logging.getLogger("test")
        self.stopped: list[tuple[str, str]] = []
        self.broken: set[str] = set()
        self.proxy = SimpleNamespace(delete_user=self._nothing)
        self.users = {}
        for number, (person, project) in enumerate(running):
            user = SimpleNamespace(name=person, spawners={project: SimpleNamespace(ready=True)})
            user.stop = lambda name, user=user: self._stop(user, name)
            self.users[number] = user

    async def _nothing(self, _user: object, _name: str) -> None:
        return

    async def _stop(self, user: Any, name: str) -> None:
        if user.name in self.broken:
            raise RuntimeError("will not stop")
        self.stopped.append((user.name, name))
        del user.spawners[name]


def lease(person: str, project: str, *, allowed: bool = True) -> dict[str, object]:
    return {"person": person, "project": project, "allowed": allowed}


async def test_a_workspace_whose_lease_is_over_is_ended_and_others_stay() -> None:
    hub = Hub(("ann", "visits"), ("bob", "visits"), ("cleo", "firms"))
    rows = [lease("ann", "visits"), lease("bob", "visits", allowed=False)]
    await LeaseTimer(hub, portal_that_says(rows)).look()
    assert hub.stopped == [("bob", "visits"), ("cleo", "firms")]


async def test_one_that_will_not_stop_keeps_none_of_the_others_running(caplog: pytest.LogCaptureFixture) -> None:
    hub = Hub(("ann", "visits"), ("bob", "visits"))
    hub.broken = {"ann"}
    await LeaseTimer(hub, portal_that_says([])).look()
    assert hub.stopped == [("bob", "visits")]
    assert "Could not stop the workspace of ann" in caplog.text


@pytest.mark.parametrize("answer", [Broken("no answer"), {"not": "a list"}, [{}], [None]])
async def test_a_silent_portal_ends_all_after_the_grace_and_not_before(answer: object) -> None:
    now = [1000.0]
    hub = Hub(("ann", "visits"))
    timer = LeaseTimer(hub, portal_that_says(answer), clock=lambda: now[0])
    now[0] += GRACE
    await timer.look()
    assert hub.stopped == []
    now[0] += 1
    await timer.look()
    assert hub.stopped == [("ann", "visits")]


async def test_an_answer_begins_the_grace_anew() -> None:
    now = [1000.0]
    hub = Hub(("ann", "visits"))
    answers: list[Any] = [Broken("no"), [lease("ann", "visits")], Broken("no")]

    async def ask(_path: str) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    timer = LeaseTimer(hub, ask, clock=lambda: now[0])
    for _ in range(3):
        now[0] += GRACE - 1
        await timer.look()
    assert hub.stopped == []


async def test_looks_do_not_overlap() -> None:
    asked = 0

    async def slow(_path: str) -> Any:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)
        return []

    timer = LeaseTimer(Hub(), slow)
    await asyncio.gather(timer.look(), timer.look(), timer.look())
    assert asked == 1
