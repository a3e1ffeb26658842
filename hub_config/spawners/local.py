"""Runs workspaces on this machine, each server in the outer bubblewrap sandbox.

Promises: a workspace starts only after the portal's yes and only with data whose digests were verified just before; it
gets a clean environment and its own session; it outlives a hub that was killed and is found again by process id and
start time; stopping it ends everything in it, kernels too. Never falls back to running anything outside the sandbox,
and never deletes a file of the researcher's.
"""

import asyncio
import hashlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen
from typing import Any

from jupyterhub.spawner import Spawner, SpawnException
from jupyterhub.utils import random_port
from traitlets import Instance

from hub_config.access_gate import Ask, NotProvenYet, WorkspaceGrant, ask_portal, require_alone, require_workspace
from hub_config.datasets import verified_mount
from hub_config.processes import Process, descendants, read_record, write_record
from hub_config.settings import Settings
from output_checker import sandbox, sandbox_pixels
from output_checker.control_groups import Group, Tree
from output_checker.model import Broken, Conflict, Display, HalftideError, NotAllowed

COMMAND = [sys.executable, "-P", "-m", "halftide_workspace"]
"""What runs in the sandbox: the trusted server."""
PROVING = 90.0
"""Seconds that a start waits for the proof that its workspace is sealed."""
POLITE = 8.0
"""Seconds that a server has to end its kernels before it is ended."""

# The sandbox dies with its parent, so its parent must not be the hub, which may be killed and come back. This shell is:
# it does nothing but wait, and when it is killed the kernel ends the whole sandbox.
_KEEPER = ["/bin/sh", "-c", '"$@"; exit $?', "halftide-workspace"]
_STATUS = {NotAllowed: 403, Conflict: 409}
_WRAPPERS = {"sh", "bwrap", "unshare", "setpriv"}


class LocalSandboxSpawner(Spawner):  # type: ignore[misc] # JupyterHub ships no types
    """A workspace server per person and project; the server's name is the project's slug."""

    settings = Instance(Settings, config=True)
    control_groups = Instance(Tree, config=True)

    _process: Process | None = None
    _group: Group | None = None
    _record: Path | None = None
    _grant: WorkspaceGrant | None = None
    _stage = (10, "Asking whether you may work in this project")

    # -- start ---------------------------------------------------------------------------------------------------------

    async def start(self) -> str:
        """Start the workspace and give its address. Raises SpawnException with a text for the person."""
        if not self.name:
            raise self._no_project()
        try:
            ask = ask_portal(self.settings)
            grant = await self._proven(ask)
            await require_alone(ask, grant, self.user.name, self._others())
            if grant.boundary.display is Display.PIXELS:
                sandbox_pixels.require_pixels()
            self._stage = (30, "Verifying the project's data")
            mounts = [await asyncio.to_thread(verified_mount, dataset) for dataset in grant.datasets]
            self._stage = (60, "Sealing the workspace")
            return await self._start(grant, mounts)
        except HalftideError as error:
            status = _STATUS.get(type(error), 503)
            failure = SpawnException(str(error), reason=type(error).__name__, status_code=status)
            failure.jupyterhub_message = str(error)  # for the page of somebody who has waited for it
            raise failure from error

    async def _proven(self, ask: Ask) -> WorkspaceGrant:
        """The portal's grant; while the workspace is being proved to be sealed, this waits for it."""
        for _ in range(int(PROVING / 0.5)):
            try:
                return await require_workspace(ask, self.user.name, self.name)
            except NotProvenYet as error:
                self._stage = (20, f"Proving that the workspace is sealed. {error}")
                await asyncio.sleep(0.5)
        raise Broken(
            "It takes unusually long to prove that the workspace is sealed, so nothing was started. Please try again "
            "in a minute. If it stays like this, tell your administrator."
        )

    def _others(self) -> list[str]:
        """The projects of the person's other workspaces, also of those that are starting or stopping."""
        return [name for name, other in self.user.spawners.items() if name != self.name and other.active]

    async def _start(self, grant: WorkspaceGrant, mounts: list[sandbox.Mount]) -> str:
        home = self.settings.state / ("probes" if grant.throwaway else "projects") / grant.project / grant.person
        self._record = home / "process.json"
        await self._end(read_record(self._record))  # of a hub that was killed while it started this one
        self._group = self._bounds(home, grant)
        paths = sandbox.WorkspacePaths(
            home / "workspace", home / "server", self.settings.analysis, self._group.folders if self._group else {}
        )
        for folder in (home.parent, home, paths.workspace, paths.server):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sandbox.require_bubblewrap()
        self._grant = grant
        self.ip, self.port = "127.0.0.1", random_port()
        line = sandbox.workspace_server(paths, mounts, COMMAND)
        self._process = Process.find(self._launch([*_KEEPER, *line], home / "server.log"))
        if self._process is not None:
            write_record(self._record, self._process)
            self._stage = (80, "Opening JupyterLab")
            await self._wait_for_port(self._process)
        if self._process is None or not self._process.is_running():
            self.log.error("The workspace %s ended while it started: see %s", self._log_name, home / "server.log")
            raise Broken(
                "The workspace ended while it was starting. Your files are untouched. Please try again; if it happens "
                "again, tell your administrator, who finds the cause in the workspace's log."
            )
        return f"http://{self.ip}:{self.port}"

    def _bounds(self, home: Path, grant: WorkspaceGrant) -> Group | None:
        """The control group of this workspace's kernels, with the project's limits; None where there is none to have.
        Raises Broken where there should be one and can't be: a workspace never starts with less than was announced."""
        try:
            name = hashlib.sha256(bytes(home)).hexdigest()[:16]  # two Halftides on one machine keep apart
            return self.control_groups.group(name, grant.boundary.resources)
        except OSError as error:
            raise Broken(f"The workspace's limits can't be set, so it was not started: {error}.") from error

    async def _wait_for_port(self, process: Process) -> None:
        """Come back when the server listens, or has ended: its end is told at once, not after a minute's wait."""
        while process.is_running():
            try:
                _reader, writer = await asyncio.open_connection(self.ip, self.port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return

    def _launch(self, command: list[str], log: Path) -> int:
        with log.open("ab") as file:
            started = Popen(
                command, env=self.get_env(), cwd="/", stdin=DEVNULL, stdout=file, stderr=STDOUT,
                start_new_session=True, umask=0o077,
            )  # fmt: skip
        return started.pid

    @staticmethod
    def _no_project() -> SpawnException:
        return SpawnException(
            "A workspace belongs to a project. Please choose the project under “My work” and start from there.",
            reason="no project",
            status_code=404,
        )

    def get_env(self) -> dict[str, str]:
        """The whole environment of the server: what the hub tells it, and nothing of the hub's own."""
        env = {key: str(value) for key, value in super().get_env().items()}
        env |= {
            "LANG": "C.UTF-8",
            # no configuration, kernel or extension that a researcher could have written (BOUNDARY 2.2)
            "JUPYTERHUB_DISABLE_USER_CONFIG": "1",
            "PYTHONNOUSERSITE": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HALFTIDE_ANALYSIS": str(self.settings.analysis),
            "HALFTIDE_PORTAL_API": self.settings.portal_api,
            "HALFTIDE_PORTAL_PAGE": self.settings.portal_page,
            "HALFTIDE_PROJECT": self.name,
        }
        if self._grant:
            env["HALFTIDE_PROJECT_TITLE"] = self._grant.project_title
            env["HALFTIDE_BOUNDARY"] = json.dumps(self._grant.boundary.as_mapping())
        return env

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """What is being done, in words, for the page that waits."""
        shown = None
        while self._spawn_pending:
            if self._stage != shown:
                shown = self._stage
                yield {"progress": shown[0], "message": shown[1]}
            await asyncio.sleep(0.2)

    # -- while it runs -------------------------------------------------------------------------------------------------

    async def poll(self) -> int | None:
        """None while the server runs; 0 when it does not."""
        if self._process is None:
            return None if self._start_pending and self.name else 0
        return None if self._process.is_running() else 0

    def get_state(self) -> dict[str, Any]:
        """What a hub that was killed needs to find this workspace again."""
        state: dict[str, Any] = super().get_state()
        if self._record and self._process:
            state["record"] = str(self._record)
        if self._group:
            state["group"] = {name: str(folder) for name, folder in self._group.folders.items()}
        return state

    def load_state(self, state: dict[str, Any]) -> None:
        """Find the workspace again."""
        super().load_state(state)
        if "record" in state:
            self._record = Path(state["record"])
            self._process = read_record(self._record)
        if "group" in state:
            self._group = Group({name: Path(folder) for name, folder in state["group"].items()})

    def clear_state(self) -> None:
        """Forget the workspace that has ended."""
        super().clear_state()
        self._process = self._record = self._grant = self._group = None

    async def rename(self, _old_name: str, _new_name: str) -> None:
        """Refuse: a workspace's name is its project's."""
        raise SpawnException("A workspace has the name of its project.", reason="no rename", status_code=403)

    # -- stop ----------------------------------------------------------------------------------------------------------

    async def stop(self, now: bool = False) -> None:
        """Stop the server and everything in it. Comes back when nothing of it runs any more."""
        await self._end(self._process, patience=0 if now else POLITE)
        if self._record:
            self._record.unlink(missing_ok=True)
        if self._group and not await asyncio.to_thread(self._group.remove):
            self.log.error("The workspace %s leaves a control group behind: %s", self._log_name, self._group.folders)

    async def _end(self, keeper: Process | None, patience: float = POLITE) -> None:
        if keeper is None:
            return
        everything = [keeper, *descendants(keeper)]
        server = _server_in(everything)
        if server and patience:
            server.send(signal.SIGTERM)
            await _until_gone(keeper, patience)
        # the sandbox dies with its keeper, and with the first process of its PID namespace everything else
        everything += [process for process in descendants(keeper) if process not in everything]
        keeper.send(signal.SIGKILL)
        for process in everything:
            if not await _until_gone(process, 2.0):
                process.send(signal.SIGKILL)
        self._reap(keeper)

    @staticmethod
    def _reap(keeper: Process) -> None:
        """Take the keeper's exit status, if it is our own child, so that it does not stay as a zombie."""
        try:
            os.waitpid(keeper.pid, os.WNOHANG)
        except ChildProcessError:
            return  # an earlier hub's


def _server_in(processes: list[Process]) -> Process | None:
    """The server itself: the first process below the sandbox's own."""
    for process in processes:
        command = process.command()
        if command and Path(command[0]).name not in _WRAPPERS:
            return process
    return None


async def _until_gone(process: Process, patience: float) -> bool:
    for _ in range(max(1, int(patience / 0.05))):
        if not process.is_running():
            return True
        await asyncio.sleep(0.05)
    return not process.is_running()
