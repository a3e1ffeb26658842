"""Looks each second whether the workspace has reached one of its limits, says which, and holds it to those that the
operating system can't hold it to: the folder's size, the run time and, without control groups, memory as a whole.

Promises: whatever is ended here is told first, with its limit. Never touches a file of the researcher's.
"""

import asyncio
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tornado.ioloop import PeriodicCallback

from halftide_workspace import reached, resident
from halftide_workspace.kernels import SandboxProvisioner, SealedKernels
from halftide_workspace.settings import Settings
from halftide_workspace.terminals import MeteredTerminals
from halftide_workspace.told import tell_all
from output_checker.control_groups import Counters
from output_checker.model.boundary import MEBIBYTE

_PATIENCE = 1.1
"""How far past the limit for the disk everything is ended: before that it is only interrupted."""


class Watch:
    """The limits of one running server."""

    def __init__(self, settings: Settings, kernels: SealedKernels, application: Mapping[str, Any]) -> None:
        self._settings = settings
        self._resources = settings.boundary.resources
        self._group = settings.sandbox.group
        self._seen = self._group.counters()
        self._ended = 0
        self._kernels = kernels
        self._application = application
        self._disk_used = 0
        self._disk_due = 0.0
        self._callback = PeriodicCallback(self.look, 1000)

    def start(self) -> None:
        """Looks from now on, for as long as the server runs."""
        SandboxProvisioner.ended_so_far = self._ended_so_far
        self._callback.start()

    async def look(self) -> None:
        """One look."""
        self._look_at_group()
        if not self._group.folders:
            await self._look_at_processes()
        await self._look_at_clock()
        if time.monotonic() >= self._disk_due:
            await self._look_at_disk()

    def _ended_so_far(self) -> int:
        return self._ended + self._group.counters().ended_for_memory

    def _tell(self, text: str) -> None:
        tell_all(text)
        for terminals in self._terminals():
            terminals.tell(text)

    def _look_at_group(self) -> None:
        now: Counters = self._group.counters()
        if now.ended_for_memory > self._seen.ended_for_memory:
            self._tell(reached.of_memory(self._resources))
        if now.refused_processes > self._seen.refused_processes:
            self._tell(reached.of_processes(self._resources))
        self._seen = now

    async def _look_at_processes(self) -> None:
        if await asyncio.to_thread(resident.end_biggest, self._resources.memory_mb * MEBIBYTE):
            self._ended += 1
            self._tell(reached.of_memory(self._resources))
        if await asyncio.to_thread(resident.end_crowd, self._resources.processes):
            self._tell(reached.of_processes(self._resources))

    async def _look_at_clock(self) -> None:
        text = reached.of_run_time(self._resources)
        longest = self._resources.run_hours * 3600
        for provisioner in self._provisioners():
            if time.monotonic() - provisioner.started > longest:
                await provisioner.end_for(text)
        for terminals in self._terminals():
            await terminals.end_older_than(longest, text)

    async def _look_at_disk(self) -> None:
        began = time.monotonic()
        used, before = await _disk_used(self._settings.sandbox.workspace), self._disk_used
        took = time.monotonic() - began
        self._disk_due, self._disk_used = began + max(2.0, 5 * took), used  # a large folder is looked at less often
        limit = self._resources.disk_mb * MEBIBYTE
        if used <= limit or used <= before:  # who is removing files is left alone
            return
        if used > _PATIENCE * limit:
            text = reached.of_disk_past_warning(self._resources)
            for provisioner in self._provisioners():
                await provisioner.end_for(text)
            for terminals in self._terminals():
                await terminals.end_older_than(0, text)
            return
        self._tell(reached.of_disk(self._resources, used))
        for provisioner in self._provisioners():
            await provisioner.send_signal(signal.SIGINT)

    def _terminals(self) -> list[MeteredTerminals]:
        """The server's terminals; jupyter makes their keeper after the server's own parts."""
        found = self._application.get("terminal_manager")
        return [found] if isinstance(found, MeteredTerminals) else []

    def _provisioners(self) -> list[SandboxProvisioner]:
        """Those of the kernels that run."""
        all_of_them = [self._kernels.get_kernel(name).provisioner for name in self._kernels.list_kernel_ids()]
        return [one for one in all_of_them if isinstance(one, SandboxProvisioner) and one.is_running()]


async def _disk_used(folder: Path) -> int:
    """Bytes that a folder takes on the disk. What is written meanwhile may or may not count."""
    process = await asyncio.create_subprocess_exec(
        "nice", "du", "--summarize", "--one-file-system", "--block-size=1", "--", str(folder),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    answer, _ = await process.communicate()  # du's own exit code only says that a file went away meanwhile
    words = answer.split()
    return int(words[0]) if words else 0
