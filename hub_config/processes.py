"""Processes that outlive the program that started them: recognised by more than a number, found again, ended whole.

A process id alone is never enough to send a signal: numbers are used again, and the hub may run as root. A process is
the one that was meant when its start time is the same, or when its environment names our state folder.
"""

import json
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """A running process and the clock tick of its start, which together name it for as long as the machine is up."""

    pid: int
    started: int

    @classmethod
    def find(cls, pid: int) -> "Process | None":
        """The process with this number, if it runs (a zombie does not)."""
        fields = _stat(pid)
        return None if fields is None or fields[0] in "ZX" else cls(pid, int(fields[19]))

    def is_running(self) -> bool:
        """Whether this very process still runs."""
        return Process.find(self.pid) == self

    def send(self, number: signal.Signals) -> None:
        """Send a signal to this very process, if it still runs."""
        try:
            handle = os.pidfd_open(self.pid)
        except (ProcessLookupError, OSError):
            return
        try:
            if self.is_running():  # looked at after the handle was taken: from here on the number can't change owners
                signal.pidfd_send_signal(handle, number)
        except ProcessLookupError:
            return
        finally:
            os.close(handle)

    def command(self) -> list[str]:
        """Its command line; empty when it is gone."""
        try:
            return (PROC / str(self.pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
        except OSError:
            return []

    def environment(self) -> Mapping[str, str]:
        """Its environment at its start, as far as we may read it; empty otherwise."""
        try:
            words = (PROC / str(self.pid) / "environ").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            return {}
        return dict(word.split("=", 1) for word in words if "=" in word)

    def children(self) -> "list[Process]":
        """The processes that it started and that still run, in any of its threads."""
        found: list[Process] = []
        for tasks in (PROC / str(self.pid) / "task").glob("*/children"):
            with suppress(OSError):
                found += [child for pid in tasks.read_text().split() if (child := Process.find(int(pid)))]
        return found


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on."""
    try:
        # the name in brackets may hold blanks and brackets itself
        return (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def descendants(process: Process) -> Iterator[Process]:
    """Everything below a process, nearest first."""
    level = process.children()
    while level:
        yield from level
        level = [child for parent in level for child in parent.children()]


def of_state(state: Path) -> Iterator[Process]:
    """Processes whose environment names this state folder, other than this one."""
    for folder in PROC.iterdir():
        if folder.name.isdecimal() and int(folder.name) != os.getpid():
            process = Process.find(int(folder.name))
            if process and process.environment().get("HALFTIDE_STATE") == str(state):
                yield process


def leftovers(state: Path) -> list[Process]:
    """Proxy, portal and prover that a killed hub left behind: they belong to this state folder, and may hold ports."""
    return [process for process in of_state(state) if _serves(process.command())]


def hubs(state: Path) -> list[Process]:
    """Hubs over this state folder that nobody watches any more, because ``halftide up`` was killed."""
    return [process for process in of_state(state) if process.command()[1:4] == ["-P", "-m", "jupyterhub"]]


def _serves(command: Sequence[str]) -> bool:
    ours = {"output_checker.web", "output_checker.prover"}
    return bool(ours & set(command)) or any(word.endswith("configurable-http-proxy") for word in command[:3])


def end(processes: Sequence[Process], patience: float = 5.0) -> None:
    """Ask these processes to end, and make the ones end that don't within ``patience`` seconds. Blocks."""
    for process in processes:
        process.send(signal.SIGTERM)
    deadline = time.monotonic() + patience
    while any(process.is_running() for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in processes:
        process.send(signal.SIGKILL)


def write_record(path: Path, process: Process) -> None:
    """Keep a process's name in a file, whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(asdict(process) | {"boot": _boot()}), encoding="utf-8")
    part.replace(path)


def read_record(path: Path) -> Process | None:
    """The process that a file names, if it still runs."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        process = Process(int(raw["pid"]), int(raw["started"]))
        same_boot = raw["boot"] == _boot()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return process if same_boot and process.is_running() else None


def _boot() -> str:
    """Names this start of the machine: clock ticks begin anew with each."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()
