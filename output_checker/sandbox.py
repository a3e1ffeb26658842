"""Builds the command lines of bubblewrap: with ``sandbox_parts`` the one place that knows its flags.

Promises: a command line is a pure function of the values that are passed in, and each argument stands beside its
reason. What is not named here does not exist inside: a sandbox starts from an empty root, never from the host's.
Never starts anything, never falls back to running a command bare, and never puts a secret on a command line.

Three sandboxes, by how far what runs in them is trusted (`docs/threat-model.md` has the zones):

``workspace_server``
    OUTER and trusted: jupyter-server with our extension. Shares the network, so that hub and portal can be reached.
``kernel``
    INNER and hostile: a kernel or a shell of the researcher. No network, no secret, no capability.
``reader_cage``
    Hostile: one child that parses one untrusted file. No network and nothing to write to.
"""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from shlex import quote

from output_checker import sandbox_parts as parts
from output_checker.limits import CAGE_LIMITS, Limits, limited, limited_together
from output_checker.model.boundary import MEBIBYTE
from output_checker.model.errors import BadInput, Broken
from output_checker.sandbox_parts import UID, Argument

WORKSPACE = "/workspace"
DATA = "/data"
SERVER = "/srv/halftide"
RUNTIME = "/run/halftide"
GROUPS = "/run/groups"
"""Where the workspace server finds the control group that its kernels join."""
HOME = "/home/researcher"


@dataclass(frozen=True)
class Mount:
    """One folder or file of the host that is visible inside, at ``target``; read-only unless ``writable``."""

    source: Path
    target: Path
    writable: bool = False

    def __post_init__(self) -> None:
        for path in (self.source, self.target):
            if not path.is_absolute() or ".." in path.parts:
                raise BadInput(f"a mount wants absolute paths without '..', not {str(path)!r}")


@dataclass(frozen=True)
class WorkspacePaths:
    """The host's folders of one workspace: the researcher's files, the server's own, and the analysis environment."""

    workspace: Path
    server: Path
    analysis: Path
    groups: Mapping[str, Path] = field(default_factory=dict)
    """The control group of the workspace's kernels, one folder for each controller (``control_groups``)."""


@dataclass(frozen=True)
class KernelPaths:
    """What a kernel or shell sees: its files, its data, its environment, and the folder that holds its sockets.

    Sources are paths of whoever starts the kernel: of the host in a test, of the outer sandbox in a workspace.
    """

    workspace: Path
    data: tuple[Mount, ...]
    analysis: Path
    sockets: Path | None = None
    extra: tuple[Mount, ...] = field(default=())
    """Read-only folders of kernels that an administrator installed beside the analysis environment."""
    groups: tuple[Path, ...] = ()
    """Control groups to join, as folders that whoever starts the kernel may write to."""


def reader_cage(command: Sequence[str], limits: Limits = CAGE_LIMITS, seccomp: Path | None = None) -> list[str]:
    """The command line that runs ``command`` with nothing of the host; the untrusted file comes on its standard input.

    The platform's Python environment and our packages are readable, nothing is writable but a small private /tmp, and
    there is neither a network nor a /proc. The caller owns the wall clock and kills the process group when it is over.
    """
    arguments = [
        *parts.isolation(),
        *parts.system(),
        *parts.private_tmp(limits),  # before what may lie below it
        *parts.python(Path(sys.prefix)),
        *parts.packages(),
        ("--remount-ro", "/"),  # the empty root itself takes no files
        ("--clearenv",),  # the portal's environment holds tokens
        ("--setenv", "PATH", search_path(Path(sys.prefix))),
        ("--setenv", "LANG", "C.UTF-8"),  # text is UTF-8 whatever the host speaks
        ("--setenv", "PYTHONNOUSERSITE", "1"),
        ("--setenv", "PYTHONSAFEPATH", "1"),
        ("--setenv", "PYTHONDONTWRITEBYTECODE", "1"),
        ("--setenv", "HOME", "/tmp"),  # noqa: S108 the cage's own tmpfs
        ("--chdir", "/"),
    ]
    return hostile_line(arguments, limited(command, limits), seccomp)


def workspace_server(
    paths: WorkspacePaths,
    mounts: Sequence[Mount],
    command: Sequence[str],
    *,
    as_root: bool | None = None,
) -> list[str]:
    """The command line of the trusted workspace server. ``mounts`` are the project's data, under /data, read-only.

    The environment is inherited (it carries the hub's token, which may not stand on a command line); the caller passes
    a clean one. ``as_root`` says whether the host's user is root, and is looked up when it is left out.
    Raises BadInput for a mount outside /data or a writable one.
    """
    for mount in mounts:
        _require_data(mount)
    root = os.getuid() == 0 if as_root is None else as_root
    arguments: list[Argument] = [
        ("--die-with-parent",),  # no workspace outlives its spawner
        ("--unshare-user",),  # no capability over the host, even when the hub runs as root
        ("--uid", UID),  # never 0 inside: a map of 0 would need CAP_SETFCAP for the nested sandboxes
        ("--gid", UID),
        ("--unshare-ipc",),  # no shared memory or queues of other workspaces
        ("--unshare-uts",),  # a host name of its own
        ("--hostname", "workspace"),
        # the host's cgroup tree stays unseen; but a process can't be moved into a group outside of its namespace
        *([] if paths.groups else [("--unshare-cgroup-try",)]),
        *parts.system(),
        *parts.network_names(),
        ("--tmpfs", "/tmp"),  # noqa: S108 a private one; bubblewrap itself needs it when it nests
        ("--dev", "/dev"),  # null, zero, full, random, urandom, tty, pts, shm: no device of the host
        *parts.python(Path(sys.prefix)),
        *parts.packages(),
        *parts.python(paths.analysis),
        ("--bind", str(paths.workspace), WORKSPACE),
        ("--dir", DATA),  # exists also in a project without data
        *(("--ro-bind", str(mount.source), str(mount.target)) for mount in mounts),
        ("--bind", str(paths.server), SERVER),  # settings, layouts, checkpoints: never seen by a kernel
        ("--size", str(64 * MEBIBYTE)),
        ("--tmpfs", RUNTIME),  # sockets and connection files; short, as a socket's path has 107 bytes
        *(("--bind", str(folder), f"{GROUPS}/{name}") for name, folder in paths.groups.items()),
        *(parts.root_processes() if root else parts.own_processes()),
        ("--remount-ro", "/"),
        ("--setenv", "HOME", f"{SERVER}/home"),
        ("--setenv", "PATH", search_path(Path(sys.prefix))),
        ("--setenv", "PYTHONSAFEPATH", "1"),  # a module in the current folder is never imported by the server
        ("--setenv", "PYTHONNOUSERSITE", "1"),
        ("--chdir", SERVER),  # not the researcher's folder, where a planted file could be taken for configuration
    ]
    return _line(arguments, _entered(command, root=root))


def kernel(
    paths: KernelPaths,
    command: Sequence[str],
    *,
    limits: Limits,
    environment: Mapping[str, str],
    seccomp: Path | None,
    folder: str = WORKSPACE,
    info_fd: int | None = None,
    terminal: bool = False,
) -> list[str]:
    """The command line of a kernel or, with ``terminal``, of a shell: hostile, without a network or anything secret.

    ``environment`` is added to a small one of ours and nothing is inherited; ``seccomp`` is the file that
    ``seccomp.write_filter`` made; ``folder`` is where it starts; bubblewrap tells on ``info_fd`` which process it made.
    """
    for mount in paths.data:
        _require_data(mount)
    arguments: list[Argument] = [
        *parts.isolation(new_session=not terminal),
        *parts.system(),
        *parts.private_tmp(limits),  # before what may lie below it
        *parts.private_proc(),
        *parts.python(paths.analysis),
        *(("--ro-bind", str(mount.source), str(mount.target)) for mount in paths.extra),
        ("--size", str(limits.tmp)),
        ("--tmpfs", HOME),  # dot-files live as long as the kernel, so none can be planted for the next one
        ("--bind", str(paths.workspace), WORKSPACE),
        ("--dir", DATA),
        *(("--ro-bind", str(mount.source), str(mount.target)) for mount in paths.data),
        *parts.sockets(paths.sockets),
        ("--remount-ro", "/"),
        ("--clearenv",),  # the server's environment holds the hub's token
        *(("--setenv", name, value) for name, value in sorted(_kernel_environment(paths, environment).items())),
        ("--chdir", folder),
    ]
    if info_fd is not None:
        arguments.append(("--info-fd", str(info_fd)))
    return [*limited_together(limits), *hostile_line(arguments, limited(command, limits), seccomp, paths.groups)]


def _entered(command: Sequence[str], *, root: bool) -> list[str]:
    if not root:
        return list(command)
    own_processes = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    no_capabilities = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    return [*own_processes, "--", *no_capabilities, "--", *command]


def _kernel_environment(paths: KernelPaths, environment: Mapping[str, str]) -> dict[str, str]:
    return {
        "HOME": HOME,
        "USER": "researcher",
        "LOGNAME": "researcher",
        "SHELL": "/bin/bash",
        "LANG": "C.UTF-8",
        "PATH": search_path(paths.analysis),
        "VIRTUAL_ENV": str(paths.analysis),
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",  # the environment is read-only
        **environment,
    }


def search_path(environment: Path) -> str:
    """Where programs are looked for inside: first in a virtual environment, then where the system has them."""
    return f"{environment}/bin:/usr/local/bin:/usr/bin:/bin"


def _require_data(mount: Mount) -> None:
    target = PurePosixPath(mount.target)
    if mount.writable:
        raise BadInput(f"data are mounted read-only, and {target} asks for more")
    if not target.is_relative_to(DATA):
        raise BadInput(f"data belong under {DATA}/, not at {target}")


def _line(arguments: Sequence[Argument], command: Sequence[str]) -> list[str]:
    return ["bwrap", *(word for argument in arguments for word in argument), "--", *command]


_SECCOMP_FD = 9


def hostile_line(
    arguments: Sequence[Argument], command: Sequence[str], seccomp: Path | None, groups: Sequence[Path] = ()
) -> list[str]:
    """The whole command line of a hostile sandbox.

    Bubblewrap's own first process stays inside with the environment that it was started with, which anybody there
    reads in /proc/1/environ; ``--clearenv`` is for the command only. So bubblewrap itself starts with an empty one.

    A shell does first what bubblewrap has no flag for, and becomes bubblewrap only when all of it was done.
    """
    steps = [
        "echo 500 >/proc/self/oom_score_adj",  # when the machine has no memory left, this ends before any server
        *(f"echo 0 >{quote(str(group / 'cgroup.procs'))}" for group in groups),  # joins, with all that it starts
    ]
    if seccomp is not None:
        steps.append(f"exec {_SECCOMP_FD}<{quote(str(seccomp))}")  # bubblewrap wants an open file
        arguments = [*arguments, ("--seccomp", str(_SECCOMP_FD))]
    script = " && ".join([*steps, 'exec "$@"'])
    empty = ["/usr/bin/env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin"]
    return [*empty, "/bin/sh", "-c", script, "sealed", *_line(arguments, command)]


def require_bubblewrap() -> None:
    """Raises Broken, naming the cause, when this machine has no bubblewrap."""
    if shutil.which("bwrap") is None:
        raise Broken("bubblewrap is not installed, so nothing can be sealed and nothing is started: install bubblewrap")
