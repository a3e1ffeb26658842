"""Terminals: a shell in the same sandbox as a kernel, seen through the same meter.

Never starts a shell of the server's own.
"""

import time
from typing import Any

from jupyter_server_terminals.terminalmanager import TerminalManager

from halftide_workspace.meter import Meter
from halftide_workspace.packages import furnishing
from halftide_workspace.settings import Sandbox
from output_checker import sandbox


def shell_command(settings: Sandbox) -> list[str]:
    """The command line of a sealed login shell."""
    door = furnishing(settings)
    return sandbox.kernel(
        sandbox.KernelPaths(
            settings.workspace,
            settings.data,
            settings.analysis,
            extra=door.mounts,
            groups=settings.group.to_join(),
        ),
        [*door.before, "/bin/bash", "--login"],
        limits=settings.limits,
        environment={**door.environment, "TERM": "xterm-256color", "PS1": r"\w $ "},
        seccomp=settings.filter_file,
        terminal=True,
    )


class MeteredTerminals(TerminalManager):
    """The server's terminals; ``meter`` is set when the server starts, and without one nothing is shown."""

    meter: Meter | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._started: dict[str, float] = {}

    def create(self, **kwargs: Any) -> dict[str, Any]:
        """Starts a terminal."""
        model: dict[str, Any] = super().create(**kwargs)
        self._started[model["name"]] = time.monotonic()
        return model

    def tell(self, text: str, name: str | None = None) -> None:
        """Says ``text`` in all terminals, or in one."""
        for each, terminal in self.terminals.items():
            if name in {None, each}:
                for client in terminal.clients:
                    client.on_pty_read(f"\r\n{text.strip()}\r\n")

    async def end_older_than(self, seconds: float, text: str) -> None:
        """Ends the terminals that were started longer ago, and says ``text`` in them."""
        self._started = {name: since for name, since in self._started.items() if name in self.terminals}
        for name, since in list(self._started.items()):
            if time.monotonic() - since > seconds:
                self.tell(text, name)
                await self.terminate(name, force=True)

    def pty_read(self, fd: int, events: Any = None) -> None:
        """Passes on what a shell wrote, or one line that says why it does not."""
        shell = self.ptys_by_fd.get(fd)
        if shell is not None and not isinstance(shell.ptyproc, _MeteredShell):
            shell.ptyproc = _MeteredShell(shell.ptyproc, self)
        super().pty_read(fd, events)


class _MeteredShell:
    """A terminal's process whose output is weighed as it is read, before the server keeps or sends any of it."""

    def __init__(self, process: Any, terminals: MeteredTerminals) -> None:
        self._process = process
        self._terminals = terminals
        self._silent = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._process, name)

    def read(self, size: int) -> str:
        """The next output, or a note once and then nothing for as long as the meter has no bytes."""
        text: str = self._process.read(size)
        meter = self._terminals.meter
        length = len(text.encode("utf-8", "replace"))
        refusal = meter.weigh(length, time.monotonic()) if meter else None
        if meter and refusal is None:
            self._silent = False
            return text
        if self._silent or meter is None or refusal is None:
            return ""
        self._silent = True
        return f"\r\n[{meter.explain(refusal, length, 'what this terminal wrote')}]\r\n"
