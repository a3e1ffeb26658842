"""What one process of a sandbox may take, and the command that holds it to that: `prlimit`.

Promises: a limit is inherited by every child and can't be raised again from inside. These bounds are there on every
machine; what bounds a workspace as a whole is in ``control_groups``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from output_checker.model.boundary import MEBIBYTE


@dataclass(frozen=True)
class Limits:
    """What one process, and the private file systems of one sandbox, may take. Bytes unless the name says otherwise."""

    memory: int = 4096 * MEBIBYTE
    processes: int = 512
    open_files: int = 4096
    file_size: int = 16 * 1024 * MEBIBYTE
    cpu_seconds: int | None = None
    """Of one process; without it, no end."""
    all_processes: int | None = None
    """Of all sandboxes that one server starts, the server's own too; only told by a server in a user namespace."""
    tmp: int = 1024 * MEBIBYTE
    shared_memory: int = 512 * MEBIBYTE


CAGE_LIMITS = Limits(
    memory=512 * MEBIBYTE,
    processes=64,
    open_files=64,
    file_size=64 * MEBIBYTE,
    cpu_seconds=20,
    tmp=64 * MEBIBYTE,
    shared_memory=0,
)


def limited(command: Sequence[str], limits: Limits) -> list[str]:
    """``command`` under resource limits, which it inherits to its children and can't raise again."""
    # RLIMIT_DATA and not RLIMIT_AS: address space that is only reserved (arenas, mapped Parquet) costs nothing, and
    # an allocation over the limit fails with ENOMEM, which Python shows as MemoryError.
    flags = [
        f"--data={limits.memory}",
        f"--nproc={limits.processes}",
        f"--nofile={limits.open_files}",
        f"--fsize={limits.file_size}",
        "--core=0",  # a dump would be a copy of the data
    ]
    if limits.cpu_seconds is not None:
        # SIGXCPU first, which says why; SIGKILL for who goes on
        flags.append(f"--cpu={limits.cpu_seconds}:{limits.cpu_seconds + 5}")
    return ["prlimit", *flags, "--", *command]


def limited_together(limits: Limits) -> list[str]:
    """What to put before the command that makes a sandbox, so that all of one server's share a number of processes.

    A user namespace takes over RLIMIT_NPROC of whoever makes it as the bound of that user's processes in all namespaces
    below: Linux counts them level by level (`man 7 user_namespaces`). Above the namespace the server is not held to it.
    """
    return [] if limits.all_processes is None else ["/usr/bin/prlimit", f"--nproc={limits.all_processes}", "--"]
