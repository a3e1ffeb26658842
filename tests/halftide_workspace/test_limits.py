"""A workspace as a whole is bounded, whatever runs in it, and the notebook says which limit was reached."""

import asyncio
import json
import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from output_checker import control_groups
from output_checker.control_groups import MEMORY, PROCESSES, Group, Kind
from output_checker.model.boundary import MEBIBYTE, Resources
from tests.halftide_workspace.servers import Kernel, Terminal, Workspace, workspace

SMALL = Resources(memory_mb=640, processes=160, cpus=1.0, disk_mb=64, tmp_mb=512, shared_memory_mb=512)
SERVERS_OWN = 128


@contextmanager
def bounded(resources: Resources, *, grouped: bool) -> Iterator[tuple[Workspace, Group]]:
    """A workspace with these limits, with a control group or on a machine that has none."""
    tree = control_groups.find()
    if grouped and tree.kind is Kind.NONE:
        pytest.skip(tree.why)
    group = tree.group(f"test-{uuid.uuid4().hex[:8]}", resources) if grouped else None
    group = group or Group({})
    folder = Path(tempfile.mkdtemp(prefix="halftide-limits-"))
    boundary = json.dumps({"resources": resources.__dict__})
    try:
        with workspace(folder, groups=group.folders, HALFTIDE_BOUNDARY=boundary) as space:
            yield space, group
    finally:
        assert group.remove(), "something stayed in the group after the server's end"
        shutil.rmtree(folder)


@pytest.fixture(scope="module", params=[True, False], ids=["control-group", "without"])
def place(request: pytest.FixtureRequest) -> Iterator[tuple[Workspace, Group]]:
    with bounded(SMALL, grouped=request.param) as running:
        yield running


@pytest.fixture
def kernel(place: tuple[Workspace, Group]) -> Iterator[Kernel]:
    kernel = Kernel(place[0])
    yield kernel
    kernel.close()


@pytest.fixture
def terminal(place: tuple[Workspace, Group]) -> Iterator[Terminal]:
    terminal = Terminal(place[0])
    yield terminal
    terminal.run("true")
    place[0].ask(f"api/terminals/{terminal.name}", "DELETE")
    terminal.close()


FORK = """
import os, signal, time
made = []
try:
    while len(made) < {most}:
        pid = os.fork()
        if not pid:
            time.sleep(600)
        made.append(pid)
except BlockingIOError as error:
    print(error)
print("made", len(made), flush=True)
"""
END = "[os.kill(pid, signal.SIGKILL) or os.waitpid(pid, 0) for pid in made]; made = []"


def made(text: str) -> int:
    found = re.search(r"made (\d+)", text)
    assert found, text
    return int(found[1])


@pytest.mark.attack
def test_a_fork_bomb_meets_one_bound_for_all_kernels_and_terminals(
    place: tuple[Workspace, Group], kernel: Kernel, terminal: Terminal
) -> None:
    """Where Linux itself refuses: control groups, and the limits of an ordinary user."""
    space, group = place
    if not group.folders and os.getuid() == 0:
        pytest.skip("root's processes are not limited by rlimits")
    (space.files / "fork.py").write_text(FORK.format(most=600))
    first = kernel.run(FORK.format(most=80))
    assert made(first) == 80, "the control: so many are no trouble"
    second = terminal.run("python3 /workspace/fork.py & sleep 3; kill %1")
    assert "Resource temporarily unavailable" in second
    most = SMALL.processes + (0 if group.folders else SERVERS_OWN)
    assert 1 <= made(second) <= most - 80
    kernel.run(END)


BOMB = """
import os, signal, time
made = []
while len(made) < 600:
    pid = os.fork()
    if not pid:
        time.sleep(600)
    made.append(pid)
time.sleep(30)
"""


@pytest.mark.attack
def test_the_notebook_says_that_processes_are_the_limit(place: tuple[Workspace, Group], kernel: Kernel) -> None:
    """Where Linux does not refuse them, the kernel is ended."""
    shown, restarted = until_restart(kernel, BOMB)
    assert "limit for processes: 160" in shown
    assert restarted == (not place[1].folders and os.getuid() == 0)
    if not restarted:
        kernel.run(END)
        assert "still here" in kernel.run("print('still here')")


HOG = """
import os, signal, time
made, ended, since = [], 0, time.monotonic()
told, tell = os.pipe()
os.set_blocking(told, False)
for _ in range({children}):
    pid = os.fork()
    if not pid:
        mine = bytearray(os.urandom(1 << 20) * {size})
        os.write(tell, b"x")
        time.sleep(600)
    made.append(pid)
while not ended and time.monotonic() - since < {patience}:
    time.sleep(0.1)
    ended = sum(os.waitpid(pid, os.WNOHANG)[1] == signal.SIGKILL for pid in made)
os.write(tell, b"x")  # an end before the first was filled leaves nothing else to read
print("filled", len(os.read(told, 99)) - 1, "ended", ended)
time.sleep(1.5)
for pid in made:
    os.kill(pid, signal.SIGKILL)
"""


@pytest.mark.attack
def test_many_small_processes_share_the_memory_of_the_workspace(place: tuple[Workspace, Group], kernel: Kernel) -> None:
    """Each is far below the limit of a process; all together are not."""
    assert "filled 2 ended 0" in kernel.run(HOG.format(children=2, size=60, patience=3)), "the control"
    shown = kernel.run(HOG.format(children=6, size=150, patience=30))
    assert "limit for memory: 640 MiB" in shown
    assert "filled" in shown
    assert "ended 0" not in shown
    assert "still here" in kernel.run("print('still here')")
    if MEMORY in place[1].folders:
        highest = next(place[1].folders[MEMORY].glob("memory.max_usage_in_bytes"), None)
        assert highest is None or int(highest.read_text()) <= 640 * MEBIBYTE


@pytest.mark.attack
def test_a_kernel_that_is_ended_for_memory_says_so_before_it_starts_again(kernel: Kernel) -> None:
    """Memory behind a file in /dev/shm is nobody's; the kernel has most of the rest."""
    code = (
        "import mmap, os\nf = open('/dev/shm/x', 'wb+'); f.truncate(450 << 20)\nm = mmap.mmap(f.fileno(), 450 << 20)\n"
    )
    code += "for at in range(0, 450 << 20, 1 << 20): m[at:at + (1 << 20)] = os.urandom(1 << 20)\n"
    code += "mine = bytearray(250 << 20)\nmine[::4096] = b'x' * len(mine[::4096])\nimport time; time.sleep(30)"
    shown, restarted = until_restart(kernel, code)
    assert restarted
    assert "limit for memory: 640 MiB" in shown
    assert "its variables are lost" in shown


@pytest.mark.attack
def test_a_folder_that_grows_past_its_limit_is_stopped(place: tuple[Workspace, Group], kernel: Kernel) -> None:
    files = place[0].files
    small = (
        "import os, time\nf = open('/workspace/big', 'wb')\nf.write(os.urandom(58 << 20)); time.sleep(3); print('done')"
    )
    assert "done" in kernel.run(small), "the control"
    # so slow that a look falls between the limit and where everything is ended
    grow = "while True:\n    f.write(os.urandom(1 << 18)); f.flush(); time.sleep(0.3)"
    shown = kernel.run(grow)
    assert "limit for the disk" in shown
    assert "of 64 MiB" in shown
    assert "KeyboardInterrupt" in shown
    shown, restarted = until_restart(kernel, grow.replace("0.3", "0.005").replace("\n", "\n    try:\n        ", 1)
                                     + "\n    except KeyboardInterrupt: pass")  # fmt: skip
    assert restarted
    assert "all its kernels and terminals were ended" in shown
    (files / "big").unlink()


def until_restart(kernel: Kernel, code: str) -> tuple[str, bool]:
    """What a cell shows until the kernel is started again, and whether it was."""
    return kernel._loop.run_until_complete(asyncio.wait_for(_until_restart(kernel, code), 60))


async def _until_restart(kernel: Kernel, code: str) -> tuple[str, bool]:
    request = uuid.uuid4().hex
    header = {"msg_id": request, "msg_type": "execute_request", "session": "s", "username": "ada", "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False, "stop_on_error": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    await kernel._socket.write_message(json.dumps(message))
    shown = ""
    while raw := await kernel._socket.read_message():
        answer = json.loads(raw)
        body = answer["content"]
        if body.get("execution_state") == "restarting":
            return shown, True
        if answer["parent_header"].get("msg_id") == request:
            shown += body.get("text") or "\n".join(body.get("traceback", []))
            if body.get("execution_state") == "idle":
                break
    return shown, False


@pytest.mark.long
def test_run_time_ends_a_terminal_and_a_kernel_with_a_word() -> None:
    with bounded(Resources(run_hours=6 / 3600), grouped=False) as (space, _):
        kernel, terminal = Kernel(space), Terminal(space)
        shown, restarted = until_restart(kernel, "import time; time.sleep(60)")
        assert restarted
        assert "limit for run time" in shown
        assert "limit for run time" in terminal._loop.run_until_complete(asyncio.wait_for(until_closed(terminal), 60))
        assert space.ask("api/terminals").json == []
        kernel.close()
        terminal.close()


async def until_closed(terminal: Terminal) -> str:
    """What a terminal shows until it ends."""
    shown = ""
    while raw := await terminal._socket.read_message():
        kind, *rest = json.loads(raw)
        if kind == "disconnect":
            break
        shown += str(rest[0]) if kind == "stdout" else ""
    return shown


@pytest.mark.long
@pytest.mark.attack
def test_processors_are_shared_by_the_limit(request: pytest.FixtureRequest) -> None:
    with bounded(Resources(cpus=0.2), grouped=True) as (space, group):
        if control_groups.CPU not in group.folders:
            pytest.skip("no controller for processors here")
        kernel = Kernel(space)
        work = "import time; c, w = time.process_time(), time.monotonic()\nwhile time.monotonic() - w < 3: pass\n"
        shown = kernel.run(work + "print('share', (time.process_time() - c) / (time.monotonic() - w))")
        kernel.close()
        share = re.search(r"share ([\d.]+)", shown)
        assert share is not None
        assert float(share[1]) < 0.5, "without a limit it is near 1"


def test_a_group_that_can_not_be_joined_means_no_kernel() -> None:
    """A kernel without the limits that were announced would be worse than none."""
    with bounded(SMALL, grouped=True) as (space, group):
        for folder in group.folders.values():
            folder.rmdir()
        answer = space.ask("api/kernels", "POST", {"name": "python3"})
        assert answer.status == 503
        group.folders[PROCESSES].mkdir()
