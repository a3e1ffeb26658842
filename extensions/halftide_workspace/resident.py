"""The memory of all that runs sealed, added up by the server: what bounds it where there are no control groups.

Promises: memory that processes share is counted once, before anything is ended for it. It is a look now and then, not
a wall: what is taken and given back between two looks is not seen.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")


def end_biggest(limit: int) -> bool:
    """Ends the process that takes most, if all together take more than ``limit`` bytes; says whether it did."""
    rough = dict(_sealed())
    if sum(rough.values()) <= limit:  # counts shared memory once for each process: too much, but cheap
        return False
    exact = {pid: _proportional(pid) for pid in rough}
    if sum(exact.values()) <= limit:
        return False
    return _end(max(exact, key=lambda pid: exact[pid]))


def _sealed() -> Iterator[tuple[int, int]]:
    """Processes in a PID namespace below ours, and what they take, roughly."""
    for folder in _PROC.iterdir():
        if folder.name.isdecimal():
            fields = _fields(folder / "status")
            if len(fields.get("NSpid", [])) > 1:
                yield int(folder.name), _bytes(fields, "RssAnon") + _bytes(fields, "RssShmem")


def _proportional(pid: int) -> int:
    """What a process takes: memory that it shares with n - 1 others counts as its n-th part."""
    fields = _fields(_PROC / str(pid) / "smaps_rollup")
    return _bytes(fields, "Pss_Anon") + _bytes(fields, "Pss_Shmem")


def _end(pid: int) -> bool:
    with suppress(OSError):  # it ended meanwhile
        handle = os.pidfd_open(pid)
        try:
            if len(_fields(_PROC / str(pid) / "status").get("NSpid", [])) > 1:  # it still is one of the sealed
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                return True
        finally:
            os.close(handle)
    return False


def _fields(file: Path) -> dict[str, list[str]]:
    """Name and words of each line; empty when the process is gone."""
    try:
        lines = file.read_text(errors="replace").splitlines()
    except OSError:
        return {}
    return {name: words.split() for name, _, words in (line.partition(":") for line in lines)}


def _bytes(fields: dict[str, list[str]], name: str) -> int:
    return int(fields[name][0]) * 1024 if fields.get(name) else 0
