"""Control groups: what bounds a workspace's kernels and terminals as a whole, where this machine grants them.

Promises: a group is made below the one that Halftide itself was started in, never beside it, so that whatever bounds
Halftide bounds its workspaces too. The trusted server stays outside of the group: a kernel that takes all it may can't
end the server that says so. Where no group can be had, ``find`` says why, and nobody pretends otherwise.

Linux has two versions (`man 7 cgroups`). Version 2 is one tree that can be handed to an ordinary user; in it only
groups without processes of their own may bound others, so Halftide's processes move into a leaf first. Version 1 has a
tree for each controller, and only root may make groups.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from output_checker.model.boundary import MEBIBYTE, Resources

MEMORY, PROCESSES, CPU = "memory", "pids", "cpu"
CONTROLLERS = (MEMORY, PROCESSES, CPU)
_NEEDED = {MEMORY, PROCESSES}
_LEAF = "halftide-itself"
_PERIOD = 100_000
"""Microseconds over which shares of the processors are counted."""


class Kind(StrEnum):
    """What bounds a workspace as a whole on this machine."""

    UNIFIED = "control groups, version 2"
    LEGACY = "control groups, version 1"
    NONE = "no control groups"


@dataclass(frozen=True)
class Counters:
    """How often a group met its limits since it was made."""

    ended_for_memory: int = 0
    refused_processes: int = 0


@dataclass(frozen=True)
class Group:
    """The control group of one workspace: a folder for each controller; under version 2 it is the same one."""

    folders: Mapping[str, Path]

    @classmethod
    def at(cls, place: Path) -> "Group":
        """The group whose folders were mounted below ``place``, by their controllers' names; empty when none were."""
        return cls({name: place / name for name in CONTROLLERS if (place / name).is_dir()})

    def to_join(self) -> tuple[Path, ...]:
        """The folders that a process has to be moved into."""
        return tuple(dict.fromkeys(self.folders.values()))

    def bound(self, resources: Resources) -> None:
        """Sets the limits. Raises OSError when the machine takes one of them not."""
        memory = resources.memory_mb * MEBIBYTE
        # what is swapped out counts too: without this a limit on memory would only move data to the disk
        self._write(MEMORY, {"memory.max": memory, "memory.swap.max": 0})
        self._write(MEMORY, {"memory.memsw.limit_in_bytes": -1})  # must never be below the next
        self._write(MEMORY, {"memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory})
        self._write(PROCESSES, {"pids.max": resources.processes})
        share = round(resources.cpus * _PERIOD)
        self._write(CPU, {"cpu.max": f"{share} {_PERIOD}"})
        self._write(CPU, {"cpu.cfs_period_us": _PERIOD, "cpu.cfs_quota_us": share})

    def counters(self) -> Counters:
        """How often its limits were met."""
        ended = self._count(MEMORY, "memory.events", "oom_kill") + self._count(MEMORY, "memory.oom_control", "oom_kill")
        return Counters(ended, self._count(PROCESSES, "pids.events", "max"))

    def members(self) -> set[int]:
        """The processes in it."""
        files = [folder / "cgroup.procs" for folder in self.folders.values()]
        return {int(word) for file in files if file.exists() for word in file.read_text().split()}

    def remove(self, patience: float = 3.0) -> bool:
        """Ends what still runs in it and takes it away. False when something would not end in time."""
        deadline = time.monotonic() + patience
        while True:
            for pid in self.members():
                self._end(pid)
            if all(_gone(folder) for folder in self.folders.values()):
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)

    def _end(self, pid: int) -> None:
        try:
            handle = os.pidfd_open(pid)
        except OSError:
            return  # it ended by itself
        try:
            if pid in self.members():  # asked after the handle was taken: it still is the one that was meant
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            os.close(handle)

    def _write(self, controller: str, values: Mapping[str, object]) -> None:
        """Writes those of ``values`` that this version of the controller has."""
        folder = self.folders.get(controller)
        for name, value in values.items():
            if folder is not None and (folder / name).exists():
                (folder / name).write_text(str(value))

    def _count(self, controller: str, name: str, event: str) -> int:
        folder = self.folders.get(controller)
        if folder is None or not (folder / name).exists():
            return 0
        lines = (line.split() for line in (folder / name).read_text().splitlines())
        return next((int(words[1]) for words in lines if words[0] == event), 0)


@dataclass(frozen=True)
class Tree:
    """Where groups may be made: for each controller a folder. ``why`` is for the administrator."""

    kind: Kind
    folders: Mapping[str, Path] = field(default_factory=dict)
    why: str = ""

    def group(self, name: str, resources: Resources) -> Group | None:
        """The group of this name with these limits, made if need be; None where no groups can be had."""
        if self.kind is Kind.NONE:
            return None
        group = Group({controller: folder / f"halftide-{name}" for controller, folder in self.folders.items()})
        for folder in group.folders.values():
            folder.mkdir(exist_ok=True)
        group.bound(resources)
        return group

    def told(self) -> str:
        """A sentence for the hub's log: what bounds a workspace as a whole, and what does not."""
        if self.kind is Kind.NONE:
            return (
                f"Workspaces are bounded without control groups ({self.why}): processes for each workspace as a whole, "
                "memory for each process and by a look each second, shares of the processors not at all."
            )
        missing = (
            "" if CPU in self.folders else "; shares of the processors are not bounded: that controller is missing"
        )
        return f"Each workspace as a whole is bounded by {self.kind}, below {self.folders[MEMORY]}{missing}."


def find() -> Tree:
    """Where this process may make groups. Under version 2 it may move itself, and whatever shares its group, into a
    leaf below; asking again gives the same answer."""
    reasons = []
    for look in (_unified, _legacy):
        try:
            return look()
        except _NotGranted as reason:
            reasons.append(str(reason))
        except OSError as error:
            reasons.append(f"{error.filename}: {error.strerror}")
    return Tree(Kind.NONE, why="; ".join(reasons))


def scope(command: Sequence[str], *, root: bool) -> list[str]:
    """``command`` in a systemd scope of its own, in which it may make groups, also as an ordinary user."""
    user = [] if root else ["--user"]
    return ["systemd-run", *user, "--scope", "--quiet", "--collect", "--property=Delegate=yes", "--", *command]


def scope_is_granted() -> bool:
    """Whether systemd runs this machine and makes scopes for us."""
    if not Path("/run/systemd/system").is_dir() or shutil.which("systemd-run") is None:
        return False
    line = scope(["true"], root=os.getuid() == 0)
    return subprocess.run(line, capture_output=True, timeout=20, check=False).returncode == 0


class _NotGranted(Exception):
    """Why one version can't be used."""


def _unified() -> Tree:
    base = _own_folder("cgroup2", "")
    base = base.parent if base.name == _LEAF else base
    if not set((base / "cgroup.controllers").read_text().split()) >= _NEEDED:
        raise _NotGranted(f"version 2 has no memory and pids controllers in {base}")
    if not os.access(base / "cgroup.procs", os.W_OK) or not os.access(base, os.W_OK):
        raise _NotGranted(f"{base} may not be written to")
    if (base / "cgroup.type").exists():  # the machine's own root group alone may hold processes beside groups
        if not (_is_delegated(base) or (base / _LEAF).exists()):
            raise _NotGranted(f"{base} was not handed over to Halftide (Delegate=yes)")
        _make_room(base)
    granted = [name for name in CONTROLLERS if name in (base / "cgroup.controllers").read_text().split()]
    (base / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in granted))
    return Tree(Kind.UNIFIED, dict.fromkeys(granted, base))


def _is_delegated(base: Path) -> bool:
    """Whether the group is ours to order: systemd says so, or it is all that this container sees."""
    for name in ("user.delegate", "trusted.delegate"):
        try:
            if os.getxattr(base, name) == b"1":
                return True
        except OSError:
            continue
    return base.is_mount()


def _make_room(base: Path) -> None:
    leaf = base / _LEAF
    leaf.mkdir(exist_ok=True)
    for pid in (base / "cgroup.procs").read_text().split():
        (leaf / "cgroup.procs").write_text(pid)


def _legacy() -> Tree:
    folders = {}
    for name in CONTROLLERS:
        try:
            folder = _own_folder("cgroup", name)
        except _NotGranted:
            continue
        if os.access(folder, os.W_OK) and os.access(folder / "cgroup.procs", os.W_OK):
            folders[name] = folder
    if missing := sorted(_NEEDED - set(folders)):
        raise _NotGranted(f"version 1 is not there or not ours to write ({', '.join(missing)})")
    return Tree(Kind.LEGACY, folders)


def _own_folder(kind: str, controller: str) -> Path:
    """The folder of the group that this process is in. Raises _NotGranted where there is none."""
    own = _own_group(controller)
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, after = (half.split() for half in line.split(" - ", 1))
        if after[0] == kind and (not controller or controller in after[2].split(",")) and own.is_relative_to(before[3]):
            return Path(before[4]) / own.relative_to(before[3])
    raise _NotGranted(f"no {kind} is mounted" + (f" for {controller}" if controller else ""))


def _own_group(controller: str) -> Path:
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        if controller in names.split(","):  # version 2 has no names
            return Path(path)
    raise _NotGranted(f"this process is in no group{' of ' + controller if controller else ''}")


def _gone(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
