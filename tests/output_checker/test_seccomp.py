"""The system-call filter: what it holds, and what a program under it meets."""

import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from output_checker import seccomp

_CALL = """
import ctypes, errno, sys
libc = ctypes.CDLL(None, use_errno=True)
print(errno.errorcode.get(ctypes.get_errno() if libc.syscall(*map(int, sys.argv[1:])) < 0 else 0, "done"))
"""


def call(*arguments: int, filtered: Path | None = None) -> str:
    """What a bare system call gives in a bubblewrap with the whole host and, if asked for, the filter."""
    bare = ["bwrap", "--unshare-user", "--dev-bind", "/", "/"]
    line = bare if filtered is None else ["/bin/sh", "-c", 'exec 9<"$0" && exec "$@"', str(filtered), *bare]
    line = [*line, *(["--seccomp", "9"] if filtered else []), "--", sys.executable, "-c", _CALL, *map(str, arguments)]
    run = subprocess.run(line, capture_output=True, text=True, check=True, timeout=20)
    return run.stdout.strip()


@pytest.fixture(scope="module")
def filter_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seccomp.write_filter(tmp_path_factory.mktemp("seccomp") / "filter.bpf")


@pytest.mark.parametrize(("header", "column"), [("x86_64-linux-gnu/asm/unistd_64.h", 0), ("asm-generic/unistd.h", 1)])
def test_the_numbers_are_those_of_the_kernels_headers(header: str, column: int) -> None:
    path = Path("/usr/include") / header
    if not path.exists():
        pytest.skip(f"{path} is not installed")
    numbers = {m[1]: int(m[2]) for m in re.finditer(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", path.read_text())}
    named = {**seccomp._DENIED, "clone": (56, 220), "ioctl": (16, 29), "socket": (41, 198), "clone3": (435, 435)}
    assert {name: numbers.get(name) for name in named} == {name: known[column] for name, known in named.items()}


@pytest.mark.parametrize("machine", [seccomp.X86_64, seccomp.AARCH64])
def test_the_program_is_whole_steps_with_jumps_that_stay_inside(machine: str) -> None:
    program = seccomp.program(machine)
    assert len(program) % 8 == 0
    steps = list(struct.iter_unpack("=HBBI", program))
    assert len(steps) <= 4096
    for place, (code, yes, no, _) in enumerate(steps):
        if code & 0x07 == 0x05:
            assert place + 1 + max(yes, no) < len(steps)
    assert steps[-1][0] == seccomp._RETURN


def test_an_unknown_machine_is_not_sealed_by_guessing() -> None:
    with pytest.raises(RuntimeError, match="riscv64"):
        seccomp.program("riscv64")


@pytest.mark.attack
@pytest.mark.parametrize(
    ("arguments", "bare", "filtered"),
    [
        pytest.param((101, 0, 0, 0, 0), "done", "EPERM", id="ptrace"),
        pytest.param((272, 0x10000000), "done", "EPERM", id="unshare-user"),
        pytest.param((425, 1, 0), "EFAULT", "EPERM", id="io_uring"),
        pytest.param((250, 0, 0, 0), "done|EINVAL|ENOKEY", "EPERM", id="keyctl"),
        pytest.param((323, 1), "done", "EPERM", id="userfaultfd"),
        pytest.param((321, 99, 0, 0), "EINVAL|EFAULT", "EPERM", id="bpf"),
        pytest.param((165, 0, 0, 0, 0, 0), "EFAULT", "EPERM", id="mount"),
        pytest.param((308, -1, 0), "EBADF", "EPERM", id="setns"),
        pytest.param((310, 1, 0, 0, 0, 0, 1), "EINVAL", "EPERM", id="process_vm_readv"),
        pytest.param((298, 0, 0, 0, 0, 0xFFFF), "EINVAL|EFAULT", "EPERM", id="perf_event_open"),
        pytest.param((248, 0, 0, 0, 0, 0), "EFAULT", "EPERM", id="add_key"),
        pytest.param((303, -1, 0, 0, 0, 0xFFFFF), "EINVAL", "EPERM", id="name_to_handle_at"),
        pytest.param((435, 0, 0), "EINVAL", "ENOSYS", id="clone3"),
        pytest.param((56, 0x10000000 | 17, 0, 0, 0, 0), "done", "EPERM", id="clone-newuser"),
        pytest.param((16, 0, 0x5412, 0), "EFAULT|EIO|ENOTTY|EPERM|EACCES", "EPERM", id="tiocsti"),
        pytest.param((41, 40, 1, 0), "done|EAFNOSUPPORT", "EAFNOSUPPORT", id="vsock"),
        pytest.param((41, 38, 5, 0), "done|EAFNOSUPPORT", "EAFNOSUPPORT", id="af-alg"),
    ],
)
def test_a_denied_call_is_refused(filter_file: Path, arguments: tuple[int, ...], bare: str, filtered: str) -> None:
    if sys.maxsize < 2**32 or seccomp.platform.machine() != seccomp.X86_64:
        pytest.skip("these are the numbers of x86_64")
    # a forked child prints too, so only the first word counts
    assert re.match(bare, call(*arguments)), "the control must get past the filter's place"
    assert call(*arguments, filtered=filter_file).split()[0] == filtered


def test_ordinary_calls_are_left_alone(filter_file: Path) -> None:
    assert call(39, filtered=filter_file) == "done"  # getpid
    assert call(41, 1, 1, 0, filtered=filter_file) == "done"  # a Unix socket
