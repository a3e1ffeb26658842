"""Which limit was reached, in words for the researcher. Pure.

Promises: every sentence names the limit and its size, and what can be done. An error's name and text come from the
kernel and are only compared, never repeated.
"""

import signal

from output_checker.limits import Limits
from output_checker.model.boundary import MEBIBYTE, Resources

PREFIX = "Halftide: "
_SIGNALLED = 128
"""A shell, and bubblewrap, say of a program that a signal ended: this and the signal's number."""


def of_memory(resources: Resources) -> str:
    """The group was full and Linux, or we, ended a process."""
    return (
        f"{PREFIX}this workspace has reached its limit for memory: {resources.memory_mb} MiB for all its kernels and "
        "terminals together, files in /tmp and /dev/shm included. The process that took most was ended. Shut down "
        "kernels that you don't need, or work on fewer columns or rows at a time.\n"
    )


def of_processes(resources: Resources) -> str:
    """A process or thread was refused."""
    return (
        f"{PREFIX}this workspace has reached its limit for processes: {resources.processes} for all its kernels and "
        "terminals together, threads included. What runs goes on; no more can be started. Use fewer workers, or shut "
        "down kernels that you don't need.\n"
    )


def of_disk(resources: Resources, used: int) -> str:
    """The workspace's folder is too large and grows."""
    return (
        f"{PREFIX}this workspace has reached its limit for the disk: its files take {used // MEBIBYTE} MiB of "
        f"{resources.disk_mb} MiB, so what was running was interrupted. Remove what you don't need.\n"
    )


def of_disk_past_warning(resources: Resources) -> str:
    """It grew on after that."""
    return (
        f"{PREFIX}this workspace's files grew on past the limit for the disk ({resources.disk_mb} MiB), so all its "
        "kernels and terminals were ended. Start one again and remove what you don't need.\n"
    )


def of_run_time(resources: Resources) -> str:
    """A kernel or terminal has run for too long."""
    return (
        f"{PREFIX}the limit for run time is reached: a kernel or terminal runs for at most {resources.run_hours:g} "
        "hours, so this one was ended. Your files are kept; start it again.\n"
    )


def of_error(name: str, text: str, limits: Limits, resources: Resources) -> str | None:
    """The limit behind an error that a kernel reports, if one is."""
    if "MemoryError" in name or "OutOfMemory" in name:
        return (
            f"{PREFIX}this is the limit for memory: {limits.memory // MEBIBYTE} MiB. The kernel still runs; remove "
            "what you don't need (del), or work on fewer columns or rows at a time.\n"
        )
    if (name, text) == ("RuntimeError", "can't start new thread"):
        return of_processes(resources)
    if name == "BlockingIOError" and "[Errno 11]" in text:  # a pipe without data says the same as a refused process
        return (
            f"{PREFIX}if a process was to be started here: the limit for processes: {resources.processes} is reached.\n"
        )
    return next((told for number, told in _by_number(limits).items() if f"[Errno {number}]" in text), None)


def _by_number(limits: Limits) -> dict[int, str]:
    """What the operating system's error numbers stand for."""
    return {
        24: f"{PREFIX}this is the limit for open files: {limits.open_files} in one process. Close what is read.\n",
        27: f"{PREFIX}this is the limit for the size of a file: {limits.file_size // MEBIBYTE} MiB.\n",
        28: f"{PREFIX}this is a limit for the disk: /tmp has {limits.tmp // MEBIBYTE} MiB for each kernel, /dev/shm "
        f"{limits.shared_memory // MEBIBYTE} MiB. If the file was in /workspace, the machine's own disk is full.\n",
    }


def of_end(code: int, limits: Limits, resources: Resources, *, for_memory: bool) -> str:
    """Why a kernel's process ended, from its exit code; ``for_memory`` says whether something was ended for that."""
    number = -code if code < 0 else code - _SIGNALLED
    if number == signal.SIGKILL and for_memory:
        return f"{of_memory(resources)}{PREFIX}it was the kernel: its variables are lost, its files are kept.\n"
    if number == signal.SIGXCPU:
        hours = (limits.cpu_seconds or 0) / 3600
        return f"{PREFIX}the kernel has reached the limit for CPU time: {hours:g} hours for one process.\n"
    if number == signal.SIGXFSZ:
        return f"{PREFIX}the kernel has reached the limit for the size of a file: {limits.file_size // MEBIBYTE} MiB.\n"
    if number == signal.SIGKILL:
        return f"{PREFIX}the kernel was ended from outside (SIGKILL); perhaps the machine itself had no memory left.\n"
    if number > 0:
        return f"{PREFIX}the kernel crashed ({_name(number)}). No limit was reached; a library may be at fault.\n"
    return f"{PREFIX}the kernel's program ended by itself, with exit code {code}. No limit was reached.\n"


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
