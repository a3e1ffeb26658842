"""Memory and processes of all that runs sealed, added up by the server: a bound where there are no control groups.

Promises: memory that processes share is counted once, before anything is ended for it. It is a look now and then, not
a wall: what is taken and given back between two looks is not seen.
"""

import os
import signal
from collections import Counter
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


def end_crowd(limit: int) -> bool:
    """Ends the sandbox with most processes and threads, if there are more than ``limit`` of them in all.

    Linux holds an ordinary user to a number of processes, but never root, whose id the kernels of a hub have that root
    started; nor could whoever has as many processes as may be do anything else than be ended.
    """
    crowds: Counter[str] = Counter()
    firsts: dict[str, int] = {}
    for pid, fields in _sealed_fields():
        with suppress(OSError):  # it ended meanwhile
            sandbox = str((_PROC / str(pid) / "ns" / "pid").readlink())
            crowds[sandbox] += int(fields.get("Threads", ["0"])[0])
            if fields["NSpid"][-1] == "1":
                firsts[sandbox] = pid
    if crowds.total() <= limit:
        return False
    largest = next((firsts[sandbox] for sandbox, _ in crowds.most_common() if sandbox in firsts), None)
    return largest is not None and _end(largest)  # with the first process of its namespace all others end


def _sealed() -> Iterator[tuple[int, int]]:
    """Processes in a PID namespace below ours, and what they take, roughly."""
    for pid, fields in _sealed_fields():
        yield pid, _bytes(fields, "RssAnon") + _bytes(fields, "RssShmem")


def _sealed_fields() -> Iterator[tuple[int, dict[str, list[str]]]]:
    for folder in _PROC.iterdir():
        if folder.name.isdecimal():
            fields = _fields(folder / "status")
            if len(fields.get("NSpid", [])) > 1:
                yield int(folder.name), fields


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
