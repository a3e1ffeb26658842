"""Assembles the system-call filter of the hostile sandboxes: a deny list in classic BPF, for `bwrap --seccomp`.

Promises: a call on the list fails with EPERM (or ENOSYS, where programs know a way without it), a program of another
machine's instruction set is killed, and everything else is left alone. The filter is the second wall: namespaces and
dropped capabilities already refuse most of this, and it is here for the day when one of them has a hole.
Never installs anything itself. Layout of what it reads: ``struct seccomp_data`` in linux/seccomp.h.
"""

import errno
import os
import platform
import struct
from pathlib import Path

X86_64, AARCH64 = "x86_64", "aarch64"
_AUDIT_ARCH = {X86_64: 0xC000003E, AARCH64: 0xC00000B7}
_X32_BIT = 0x40000000

# name: numbers on x86_64 and aarch64 (asm/unistd_64.h, asm-generic/unistd.h); None where the machine has no such call
_DENIED: dict[str, tuple[int | None, int | None]] = {
    # looking into and driving other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "perf_event_open": (298, 241),
    # keys of the host's user, which no namespace separates
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # parts of the kernel that were holes before
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),  # its operations pass by this filter
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "modify_ldt": (154, None),
    # mounts and namespaces
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    # files by number, past every path check (the Shocker attack on containers)
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # the machine itself
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "vhangup": (153, 58),
    "fanotify_init": (300, 262),
    "lookup_dcookie": (212, 18),
}
_CLONE = {X86_64: 56, AARCH64: 220}
_CLONE3 = 435
_IOCTL = {X86_64: 16, AARCH64: 29}
_SOCKET = {X86_64: 41, AARCH64: 198}

_NEW_NAMESPACE = 0x7E020000  # CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: those that a network namespace separates

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARGUMENT_0, _ARGUMENT_1 = 0, 4, 16, 24  # offsets; the low half of an argument comes first
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000


def write_filter(path: Path) -> Path:
    """Writes this machine's filter to ``path`` and returns it. Raises RuntimeError on a machine that has no list."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_bytes(program(platform.machine()))
    temporary.chmod(0o400)
    os.replace(temporary, path)  # noqa: PTH105 the same file system, in one step
    return path


def program(machine: str) -> bytes:
    """The filter for ``machine`` ("x86_64" or "aarch64") as an array of ``struct sock_filter``."""
    if machine not in _AUDIT_ARCH:
        raise RuntimeError(
            f"there is no list of system calls for {machine} machines, so nothing can be sealed on this one"
        )
    code = [
        _step(_LOAD, _ARCH),
        _step(_JUMP_EQUAL, _AUDIT_ARCH[machine], yes=1, no=0),
        _step(_RETURN, _KILL),  # 32-bit programs have other numbers for the same calls
        _step(_LOAD, _NUMBER),
    ]
    if machine == X86_64:
        code += [_step(_JUMP_AT_LEAST, _X32_BIT, yes=0, no=1), _step(_RETURN, _KILL)]
    column = 0 if machine == X86_64 else 1
    for numbers in _DENIED.values():
        number = numbers[column]
        if number is not None:
            code += _when(number, [_refuse(errno.EPERM)])
    code += _when(_CLONE3, [_refuse(errno.ENOSYS)])  # its flags lie in memory; glibc falls back to clone
    code += _when(_CLONE[machine], _deny_bits(_NEW_NAMESPACE))
    code += _when(_IOCTL[machine], _deny_values((_TIOCSTI, _TIOCLINUX)))
    code += _when(_SOCKET[machine], _allow_values(_FAMILIES))
    code.append(_step(_RETURN, _ALLOW))
    return b"".join(code)


def _when(number: int, block: list[bytes]) -> list[bytes]:
    """``block``, which always returns, for the call ``number``; every other call jumps over it."""
    return [_step(_JUMP_EQUAL, number, yes=0, no=len(block)), *block]


def _deny_bits(bits: int) -> list[bytes]:
    return [
        _step(_LOAD, _ARGUMENT_0),
        _step(_JUMP_BITS, bits, yes=0, no=1),
        _refuse(errno.EPERM),
        _step(_RETURN, _ALLOW),
    ]


def _deny_values(values: tuple[int, ...]) -> list[bytes]:
    """Refuses a second argument that is one of ``values``; Linux itself looks at its low half only."""
    tests = [_step(_JUMP_EQUAL, value, yes=len(values) - place, no=0) for place, value in enumerate(values)]
    return [_step(_LOAD, _ARGUMENT_1), *tests, _step(_RETURN, _ALLOW), _refuse(errno.EPERM)]


def _allow_values(values: tuple[int, ...]) -> list[bytes]:
    tests = [_step(_JUMP_EQUAL, value, yes=len(values) - place, no=0) for place, value in enumerate(values)]
    return [_step(_LOAD, _ARGUMENT_0), *tests, _refuse(errno.EAFNOSUPPORT), _step(_RETURN, _ALLOW)]


def _refuse(error: int) -> bytes:
    return _step(_RETURN, _ERROR | error)


def _step(code: int, operand: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, operand)
