"""The parts that bubblewrap's command lines are put together from: flags in groups, each with its reason.

Promises: pure, but for looking up which links and folders of the system there are. ``sandbox`` says which part is in
which sandbox; nobody else uses this module.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from output_checker.limits import Limits

Argument = tuple[str, ...]

UID = "1000"
"""The user that everything inside is: never 0, so that nothing believes itself root."""


def isolation(*, new_session: bool = True) -> Iterator[Argument]:
    yield ("--unshare-all",)  # user, pid, ipc, uts, cgroup and network namespaces: a loopback and nothing to talk to
    yield ("--unshare-user",)  # as --unshare-all only tries: without a user namespace there is no sandbox
    yield ("--uid", UID)
    yield ("--gid", UID)
    yield ("--hostname", "sealed")
    yield ("--die-with-parent",)  # nothing is left behind when the server goes
    yield ("--cap-drop", "ALL")
    if new_session:
        yield ("--new-session",)  # no controlling terminal to push characters into (CVE-2017-5226)


def system() -> Iterator[Argument]:
    """Programs and libraries, and the few files of /etc that are about neither people nor secrets."""
    yield ("--ro-bind", "/usr", "/usr")
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        link = Path("/") / name
        if link.is_symlink():  # Debian and Ubuntu since the merge of /usr
            yield ("--symlink", str(link.readlink()), str(link))
        elif link.is_dir():
            yield ("--ro-bind", str(link), str(link))
    for name in _ETC:
        yield ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    for source in sorted(_OWN_ETC.iterdir()):  # passwd and its like: ours, so that no account of the host shows
        yield ("--ro-bind", str(source), f"/etc/{source.name}")


_OWN_ETC = Path(__file__).parent / "sandbox_etc"
_ETC = (
    "alternatives",  # Debian's links from /usr/bin and to BLAS
    "bash.bashrc",
    "debian_version",
    "fonts",
    "inputrc",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "os-release",
    "protocols",
    "services",
    "ssl/certs",  # the public ones; /etc/ssl/private stays away
    "ssl/openssl.cnf",
    "terminfo",
    "timezone",
)


def network_names() -> Iterator[Argument]:
    """What the trusted server needs to find the hub and the portal by name."""
    yield ("--ro-bind-try", "/etc/hosts", "/etc/hosts")
    yield ("--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf")
    yield ("--ro-bind-try", "/etc/nsswitch.conf", "/etc/nsswitch.conf")


def python(environment: Path) -> Iterator[Argument]:
    """A virtual environment and the Python it was made from, each at its own path: their scripts name that path."""
    yield from _own_place(environment)
    interpreter = environment / "bin" / "python3"
    real = interpreter.resolve().parent.parent
    named = _link_target(interpreter).parent.parent
    for base in dict.fromkeys((named, real)):  # a version manager may have another link between the two
        if base != Path("/"):
            yield from _own_place(base, source=real)


def _link_target(link: Path) -> Path:
    """Where ``link`` ends when only links between neighbours are followed (python3 → python3.11)."""
    seen = link
    while seen.is_symlink() and seen.parent == link.parent:
        seen = Path(os.path.normpath(seen.parent / seen.readlink()))
    return seen


def _own_place(path: Path, *, source: Path | None = None) -> Iterator[Argument]:
    if not path.is_relative_to("/usr"):
        yield ("--ro-bind", str(source or path), str(path))


def packages() -> Iterator[Argument]:
    """Our own packages, where they run from a checkout instead of the environment; never the checkout itself."""
    checkout = Path(__file__).resolve().parent.parent
    if checkout.is_relative_to(sys.prefix):
        return
    for package in ("output_checker", "extensions/halftide_workspace", "hub_config"):
        yield ("--ro-bind-try", str(checkout / package), str(checkout / package))


def private_tmp(limits: Limits) -> Iterator[Argument]:
    yield ("--dev", "/dev")  # null, zero, full, random, urandom, tty, pts, shm: no device of the host
    for target, size in (("/tmp", limits.tmp), ("/dev/shm", limits.shared_memory)):  # noqa: S108 private
        if size:
            yield ("--size", str(size))
            yield ("--perms", "1777")
            yield ("--tmpfs", target)


def private_proc() -> Iterator[Argument]:
    yield ("--proc", "/proc")  # of this PID namespace: no process of anyone else
    for name in _PROC_OF_THE_MACHINE:
        # Namespaces do not cover these: they go by the host's user, and writing to /proc/sys/kernel/core_pattern
        # runs a program on the host when the hub was started by root. Bubblewrap leaves /proc/sys writable then.
        yield ("--ro-bind-try", f"/proc/{name}", f"/proc/{name}")


_PROC_OF_THE_MACHINE = ("acpi", "asound", "bus", "driver", "fs", "irq", "mtrr", "scsi", "sys", "sysrq-trigger")


def own_processes() -> Iterator[Argument]:
    yield ("--unshare-pid",)
    yield ("--proc", "/proc")


def root_processes() -> Iterator[Argument]:
    """For a hub that runs as root. Bubblewrap then covers parts of the /proc that it mounts, and Linux refuses a fresh
    /proc to a nested user namespace when the one in view is partly covered; so ``unshare`` mounts it (`_entered`)."""
    yield ("--bind", "/proc", "/proc")
    yield ("--cap-add", "CAP_SYS_ADMIN")  # inside its own user namespace, and only until _entered has dropped it
    yield ("--cap-add", "CAP_SETPCAP")


def sockets(folder: Path | None) -> Iterator[Argument]:
    if folder is not None:
        yield ("--bind", str(folder), str(folder))  # the kernel's only door; the same path on both sides
