"""Builds the command lines of bubblewrap: the one place that knows its flags.

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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from output_checker.model.errors import BadInput, Broken

Argument = tuple[str, ...]

CAGE_INPUT = "/input"
"""Where the reader cage finds its only file."""
WORKSPACE = "/workspace"
DATA = "/data"
SERVER = "/srv/halftide"
RUNTIME = "/run/halftide"
HOME = "/home/researcher"
UID = "1000"
"""The user that everything inside is: never 0, so that nothing believes itself root."""

MEBIBYTE = 1024 * 1024


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
class Limits:
    """What one process, and the private file systems of one sandbox, may take. Bytes unless the name says otherwise."""

    memory: int = 4096 * MEBIBYTE
    processes: int = 512
    open_files: int = 4096
    file_size: int = 16 * 1024 * MEBIBYTE
    cpu_seconds: int | None = None
    tmp: int = 1024 * MEBIBYTE
    shared_memory: int = 512 * MEBIBYTE


@dataclass(frozen=True)
class WorkspacePaths:
    """The host's folders of one workspace: the researcher's files, the server's own, and the analysis environment."""

    workspace: Path
    server: Path
    analysis: Path


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


CAGE_LIMITS = Limits(
    memory=512 * MEBIBYTE,
    processes=64,
    open_files=64,
    file_size=64 * MEBIBYTE,
    cpu_seconds=20,
    tmp=64 * MEBIBYTE,
    shared_memory=0,
)


def reader_cage(
    input_file: Path, command: Sequence[str], limits: Limits = CAGE_LIMITS, seccomp: Path | None = None
) -> list[str]:
    """The command line that runs ``command`` with ``input_file`` at ``CAGE_INPUT`` and nothing else of the host.

    The platform's Python environment and our packages are readable, nothing is writable but a small private /tmp, and
    there is neither a network nor a /proc. The caller owns the wall clock and kills the process group when it is over.
    """
    arguments = [
        *_isolation(),
        *_system(),
        *_private_tmp(limits),  # before what may lie below it
        *_python(Path(sys.prefix)),
        *_packages(),
        ("--ro-bind", str(input_file), CAGE_INPUT),  # the one untrusted file
        ("--remount-ro", "/"),  # the empty root itself takes no files
        ("--clearenv",),  # the portal's environment holds tokens
        ("--setenv", "PATH", _path(Path(sys.prefix))),
        ("--setenv", "LANG", "C.UTF-8"),  # text is UTF-8 whatever the host speaks
        ("--setenv", "PYTHONNOUSERSITE", "1"),
        ("--setenv", "PYTHONSAFEPATH", "1"),
        ("--setenv", "PYTHONDONTWRITEBYTECODE", "1"),
        ("--setenv", "HOME", "/tmp"),  # noqa: S108 the cage's own tmpfs
        ("--chdir", "/"),
    ]
    return _hostile_line(arguments, _limited(command, limits), seccomp)


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
        ("--unshare-cgroup-try",),  # where the kernel has it: the host's cgroup tree stays unseen
        *_system(),
        *_network_names(),
        ("--tmpfs", "/tmp"),  # noqa: S108 a private one; bubblewrap itself needs it when it nests
        ("--dev", "/dev"),  # null, zero, full, random, urandom, tty, pts, shm: no device of the host
        *_python(Path(sys.prefix)),
        *_packages(),
        *_python(paths.analysis),
        ("--bind", str(paths.workspace), WORKSPACE),
        ("--dir", DATA),  # exists also in a project without data
        *(("--ro-bind", str(mount.source), str(mount.target)) for mount in mounts),
        ("--bind", str(paths.server), SERVER),  # settings, layouts, checkpoints: never seen by a kernel
        ("--size", str(64 * MEBIBYTE)),
        ("--tmpfs", RUNTIME),  # sockets and connection files; short, as a socket's path has 107 bytes
        *(_root_processes() if root else _own_processes()),
        ("--remount-ro", "/"),
        ("--setenv", "HOME", f"{SERVER}/home"),
        ("--setenv", "PATH", _path(Path(sys.prefix))),
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
        *_isolation(new_session=not terminal),
        *_system(),
        *_private_tmp(limits),  # before what may lie below it
        *_private_proc(),
        *_python(paths.analysis),
        *(("--ro-bind", str(mount.source), str(mount.target)) for mount in paths.extra),
        ("--size", str(limits.tmp)),
        ("--tmpfs", HOME),  # dot-files live as long as the kernel, so none can be planted for the next one
        ("--bind", str(paths.workspace), WORKSPACE),
        ("--dir", DATA),
        *(("--ro-bind", str(mount.source), str(mount.target)) for mount in paths.data),
        *_sockets(paths.sockets),
        ("--remount-ro", "/"),
        ("--clearenv",),  # the server's environment holds the hub's token
        *(("--setenv", name, value) for name, value in sorted(_kernel_environment(paths, environment).items())),
        ("--chdir", folder),
    ]
    if info_fd is not None:
        arguments.append(("--info-fd", str(info_fd)))
    return _hostile_line(arguments, _limited(command, limits), seccomp)


# --- parts -----------------------------------------------------------------------------------------------------------


def _isolation(*, new_session: bool = True) -> Iterator[Argument]:
    yield ("--unshare-all",)  # user, pid, ipc, uts, cgroup and network namespaces: a loopback and nothing to talk to
    yield ("--unshare-user",)  # as --unshare-all only tries: without a user namespace there is no sandbox
    yield ("--uid", UID)
    yield ("--gid", UID)
    yield ("--hostname", "sealed")
    yield ("--die-with-parent",)  # nothing is left behind when the server goes
    yield ("--cap-drop", "ALL")
    if new_session:
        yield ("--new-session",)  # no controlling terminal to push characters into (CVE-2017-5226)


def _system() -> Iterator[Argument]:
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


def _network_names() -> Iterator[Argument]:
    """What the trusted server needs to find the hub and the portal by name."""
    yield ("--ro-bind-try", "/etc/hosts", "/etc/hosts")
    yield ("--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf")
    yield ("--ro-bind-try", "/etc/nsswitch.conf", "/etc/nsswitch.conf")


def _python(environment: Path) -> Iterator[Argument]:
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


def _packages() -> Iterator[Argument]:
    """Our own packages, where they run from a checkout instead of the environment; never the checkout itself."""
    checkout = Path(__file__).resolve().parent.parent
    if checkout.is_relative_to(sys.prefix):
        return
    for package in ("output_checker", "extensions/halftide_workspace", "hub_config"):
        yield ("--ro-bind-try", str(checkout / package), str(checkout / package))


def _private_tmp(limits: Limits) -> Iterator[Argument]:
    yield ("--dev", "/dev")  # null, zero, full, random, urandom, tty, pts, shm: no device of the host
    for target, size in (("/tmp", limits.tmp), ("/dev/shm", limits.shared_memory)):  # noqa: S108 private
        if size:
            yield ("--size", str(size))
            yield ("--perms", "1777")
            yield ("--tmpfs", target)


def _private_proc() -> Iterator[Argument]:
    yield ("--proc", "/proc")  # of this PID namespace: no process of anyone else
    for name in _PROC_OF_THE_MACHINE:
        # Namespaces do not cover these: they go by the host's user, and writing to /proc/sys/kernel/core_pattern
        # runs a program on the host when the hub was started by root. Bubblewrap leaves /proc/sys writable then.
        yield ("--ro-bind-try", f"/proc/{name}", f"/proc/{name}")


_PROC_OF_THE_MACHINE = ("acpi", "asound", "bus", "driver", "fs", "irq", "mtrr", "scsi", "sys", "sysrq-trigger")


def _own_processes() -> Iterator[Argument]:
    yield ("--unshare-pid",)
    yield ("--proc", "/proc")


def _root_processes() -> Iterator[Argument]:
    """For a hub that runs as root. Bubblewrap then covers parts of the /proc that it mounts, and Linux refuses a fresh
    /proc to a nested user namespace when the one in view is partly covered; so ``unshare`` mounts it (`_entered`)."""
    yield ("--bind", "/proc", "/proc")
    yield ("--cap-add", "CAP_SYS_ADMIN")  # inside its own user namespace, and only until _entered has dropped it
    yield ("--cap-add", "CAP_SETPCAP")


def _entered(command: Sequence[str], *, root: bool) -> list[str]:
    if not root:
        return list(command)
    own_processes = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    no_capabilities = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    return [*own_processes, "--", *no_capabilities, "--", *command]


def _sockets(folder: Path | None) -> Iterator[Argument]:
    if folder is not None:
        yield ("--bind", str(folder), str(folder))  # the kernel's only door; the same path on both sides


def _kernel_environment(paths: KernelPaths, environment: Mapping[str, str]) -> dict[str, str]:
    return {
        "HOME": HOME,
        "USER": "researcher",
        "LOGNAME": "researcher",
        "SHELL": "/bin/bash",
        "LANG": "C.UTF-8",
        "PATH": _path(paths.analysis),
        "VIRTUAL_ENV": str(paths.analysis),
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",  # the environment is read-only
        **environment,
    }


def _limited(command: Sequence[str], limits: Limits) -> list[str]:
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
        flags.append(f"--cpu={limits.cpu_seconds}")
    return ["prlimit", *flags, "--", *command]


def _path(environment: Path) -> str:
    return f"{environment}/bin:/usr/local/bin:/usr/bin:/bin"


def _require_data(mount: Mount) -> None:
    target = PurePosixPath(mount.target)
    if mount.writable:
        raise BadInput(f"data are mounted read-only, and {target} asks for more")
    if not target.is_relative_to(DATA):
        raise BadInput(f"data belong under {DATA}/, not at {target}")


_SECCOMP_FD = 9
_WITH_FILTER = f'exec {_SECCOMP_FD}<"$0" && exec "$@"'
"""Opens the filter and becomes bubblewrap: a file descriptor, as bubblewrap wants, from a plain list of arguments."""


def _line(arguments: Sequence[Argument], command: Sequence[str]) -> list[str]:
    return ["bwrap", *(word for argument in arguments for word in argument), "--", *command]


def _hostile_line(arguments: Sequence[Argument], command: Sequence[str], seccomp: Path | None) -> list[str]:
    """Bubblewrap's own first process stays inside with the environment that it was started with, which anybody there
    reads in /proc/1/environ; ``--clearenv`` is for the command only. So bubblewrap itself starts with an empty one."""
    empty = ["/usr/bin/env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin"]
    if seccomp is None:
        return [*empty, *_line(arguments, command)]
    filtered = [*arguments, ("--seccomp", str(_SECCOMP_FD))]
    return [*empty, "/bin/sh", "-c", _WITH_FILTER, str(seccomp), *_line(filtered, command)]


def require_bubblewrap() -> None:
    """Raises Broken, naming the cause, when this machine has no bubblewrap."""
    if shutil.which("bwrap") is None:
        raise Broken("bubblewrap is not installed, so nothing can be sealed and nothing is started: install bubblewrap")
