"""Asks the portal who may work in which project: before a workspace starts, and again and again while it runs.

Fails closed. No answer is a refusal: a workspace does not start, and a running one is stopped when the portal has given
no answer for ``GRACE``. Never decides anything itself, and never keeps an answer for longer than one look.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.ioloop import PeriodicCallback

from hub_config.settings import Settings
from output_checker.model import BadInput, Boundary, Broken, Conflict, Digest, NotAllowed, PersonId, ProjectId

PATIENCE = 10.0
"""Seconds that the portal has for an answer."""
INTERVAL = 30.0
"""Seconds between two looks at the leases of running workspaces."""
GRACE = 300.0
"""Seconds that running workspaces outlive the portal's answers: a restart of the portal costs nobody their kernels."""


class NotProvenYet(NotAllowed):
    """Somebody may work here as soon as the workspace is proved to be sealed; the text says what is being done."""


@dataclass(frozen=True)
class GrantedDataset:
    """A dataset version that the project may read: the folder on this machine, and the digest of its manifest."""

    slug: str
    version: str
    path: Path
    manifest_sha256: Digest


@dataclass(frozen=True)
class WorkspaceGrant:
    """The portal's yes: this person may work in this project now, with these data, within this boundary."""

    person: PersonId
    project: ProjectId
    project_title: str
    datasets: tuple[GrantedDataset, ...] = ()
    boundary: Boundary = field(default_factory=Boundary)
    throwaway: bool = False
    """Whether this is a workspace of the probes, which belongs to nobody."""


class Ask(Protocol):
    """How the gate asks: a path beneath the portal's API gives the JSON that it answers."""

    async def __call__(self, path: str) -> Any:
        """Raises Broken when there is no answer."""


def ask_portal(settings: Settings) -> Ask:
    """Questions to the portal of ``settings``, as the service ``hub-gate``."""

    async def ask(path: str) -> Any:
        headers = {"Authorization": f"token {settings.gate_token}"}
        try:
            answer = await AsyncHTTPClient().fetch(
                settings.portal_api + path, headers=headers, request_timeout=PATIENCE, follow_redirects=False
            )
            return json.loads(answer.body)
        except (HTTPClientError, OSError, ValueError) as error:
            raise Broken(
                "Halftide can't tell at the moment whether you may work in this project, so nothing was started. "
                "Please try again in a minute. If it stays like this, tell your administrator that the output "
                "checker does not answer."
            ) from error

    return ask


async def require_workspace(ask: Ask, person: str, project: str) -> WorkspaceGrant:
    """The portal's grant. Raises NotAllowed with the portal's reason, NotProvenYet when it is worth asking again in a
    moment, or Broken when there is no usable answer."""
    answer = await ask(f"/workspaces/{quote(person, safe='')}/{quote(project, safe='')}")
    try:
        if answer["allowed"] is not True:
            reason = str(answer.get("reason") or "You may not work in this project.")
            raise NotProvenYet(reason) if answer.get("proving") is True else NotAllowed(reason)
        return WorkspaceGrant(
            person=PersonId(_one_name(answer["person_id"])),
            project=ProjectId(_one_name(answer["project_id"])),
            project_title=str(answer["project_title"]),
            datasets=tuple(_dataset(raw) for raw in answer["datasets"]),
            boundary=Boundary.from_mapping(answer["boundary"]),
            throwaway=answer.get("throwaway") is True,
        )
    except (KeyError, TypeError, ValueError, AttributeError, BadInput) as error:
        raise Broken("The output checker's answer about this project can't be used, so nothing was started.") from error


async def require_alone(ask: Ask, grant: WorkspaceGrant, person: str, running: Iterable[str]) -> None:
    """Keep the workspaces of a project that wants to be alone apart from the same person's other ``running`` ones,
    whichever comes first: two projects of one person share an origin in the browser.

    Raises Conflict that says which workspace to stop. One of which nothing can be learnt counts as wanting to be alone.
    """
    others = {name: await _granted(ask, person, name) for name in sorted(running)}
    titles = {name: f"“{other.project_title}”" if other else f"“{name}”" for name, other in others.items()}
    demanding = [name for name, other in others.items() if other is None or other.boundary.one_project_at_a_time]
    if others and grant.boundary.one_project_at_a_time:
        raise Conflict(
            f"“{grant.project_title}” is worked on alone: no other workspace of yours may be open beside it. "
            f"Please stop the workspace of {_and(titles.values())} first, then start this one again."
        )
    if demanding:
        raise Conflict(
            f"{_and(titles[name] for name in demanding)} is open and is worked on alone: no other workspace of yours "
            "may be open beside it. Please stop its workspace first, then start this one again."
        )


async def _granted(ask: Ask, person: str, project: str) -> WorkspaceGrant | None:
    try:
        return await require_workspace(ask, person, project)
    except NotAllowed:
        return None  # its lease is over and it is about to be stopped


def _and(titles: Iterable[str]) -> str:
    return " and ".join(titles)


def _dataset(raw: Mapping[str, Any]) -> GrantedDataset:
    path = Path(raw["path"])
    if not path.is_absolute():
        raise ValueError("a dataset's path must be absolute")
    return GrantedDataset(_one_name(raw["slug"]), str(raw["version"]), path, Digest(str(raw["manifest_sha256"])))


def _one_name(value: object) -> str:
    """``value`` if it can be the name of one folder: these names become paths."""
    text = str(value)
    if text in {"", ".", ".."} or "/" in text or "\0" in text:
        raise ValueError(f"{text!r} is not a name")
    return text


class LeaseTimer:
    """Ends the workspaces of people whose lease is over. One look at a time, whatever the interval."""

    def __init__(self, app: Any, ask: Ask, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._ask = ask
        self._clock = clock
        self._answered = clock()
        self._looking = False

    async def look(self) -> None:
        """Ask for all leases once and end what has none."""
        if self._looking:
            return
        self._looking = True
        try:
            allowed = await self._leases()
            if allowed is not None:
                await self._end_all_but(allowed)
        finally:
            self._looking = False

    async def _leases(self) -> set[tuple[str, str]] | None:
        """Who may work where. Nobody when the portal was silent for too long; None while that is still to be seen."""
        try:
            rows = await self._ask("/workspaces")
            allowed = {(str(row["person"]), str(row["project"])) for row in rows if row["allowed"] is True}
        except (Broken, KeyError, TypeError):
            silent = self._clock() - self._answered
            self._app.log.warning("The portal did not say whose leases are running (silent for %.0f s)", silent)
            return set() if silent > GRACE else None
        self._answered = self._clock()
        return allowed

    async def _end_all_but(self, allowed: set[tuple[str, str]]) -> None:
        running = [
            (user, name)
            for user in list(self._app.users.values())
            for name, spawner in list(user.spawners.items())
            if spawner.ready and (user.name, name) not in allowed
        ]
        for user, name in running:
            self._app.log.warning("The lease of %s for %s is over: stopping the workspace", user.name, name)
            try:
                await self._app.proxy.delete_user(user, name)
                await user.stop(name)  # revokes the workspace's token too
            except Exception:
                self._app.log.exception("Could not stop the workspace of %s for %s", user.name, name)


def watch_leases(app: Any, settings: Settings) -> None:
    """Look at the leases of all running workspaces every ``INTERVAL``, for as long as the hub runs."""
    timer = LeaseTimer(app, ask_portal(settings))
    PeriodicCallback(timer.look, INTERVAL * 1000, jitter=0.1).start()
