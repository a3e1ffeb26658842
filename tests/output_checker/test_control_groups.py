"""Control groups: real ones where this machine grants them, and otherwise what is written and asked for.

Version 2 and systemd's scopes are not on every machine that runs these tests; what stands here about them is what files
get which text, on plain folders, and which command line is made. The limits themselves are shown by
``tests/halftide_workspace/test_limits.py`` with whatever this machine has.
"""

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from output_checker import control_groups
from output_checker.control_groups import CPU, MEMORY, PROCESSES, Counters, Group, Kind, Tree
from output_checker.model.boundary import Resources

SMALL = Resources(memory_mb=64, processes=20, cpus=0.5)


@pytest.fixture
def group() -> Iterator[Group]:
    tree = control_groups.find()
    made = tree.group(f"test-{uuid.uuid4().hex[:8]}", SMALL)
    if made is None:
        pytest.skip(tree.why)
    yield made
    assert made.remove()


def joined(group: Group, program: str) -> "subprocess.Popen[str]":
    """A shell in the group, which tells when it is."""
    joins = " && ".join(f"echo 0 >{folder}/cgroup.procs" for folder in group.to_join())
    line = ["/bin/sh", "-c", f"{joins} && echo in && {program}"]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "in\n"
    return process


def test_looking_twice_finds_the_same() -> None:
    assert control_groups.find() == control_groups.find()


def test_it_is_told_what_is_in_force() -> None:
    assert "version" in control_groups.find().told() or "without control groups" in control_groups.find().told()
    assert "processors not at all" in Tree(Kind.NONE, why="nothing is mounted").told()
    partly = Tree(Kind.LEGACY, {MEMORY: Path("/m"), PROCESSES: Path("/p")})
    assert "shares of the processors are not bounded" in partly.told()


def test_memory_is_bounded_and_its_end_is_counted(group: Group) -> None:
    assert group.counters() == Counters()
    process = joined(group, "head -c 200000000 /dev/zero | tail -c 190000000 | wc -c")
    process.communicate(timeout=60)
    assert group.counters().ended_for_memory >= 1
    line = ["/bin/sh", "-c", "head -c 200000000 /dev/zero | tail -c 190000000 | wc -c"]
    control = subprocess.run(line, capture_output=True, text=True, check=True)
    assert control.stdout.strip() == "190000000"


def test_processes_are_bounded_and_refusals_are_counted(group: Group) -> None:
    process = joined(group, "for n in $(seq 40); do sleep 60 & done; echo all")
    assert process.stdout is not None
    assert "fork" in process.stdout.readline().lower()
    assert group.counters().refused_processes >= 1
    assert len(group.members()) <= 20
    process.kill()
    process.wait()
    process.stdout.close()


def test_removing_a_group_ends_what_is_in_it(group: Group) -> None:
    process = joined(group, "exec sleep 60")
    assert process.pid in group.members()
    assert group.remove()
    assert process.wait(10) == -9
    assert process.stdout is not None
    process.stdout.close()
    assert group.members() == set()


def test_what_is_written_under_version_2(tmp_path: Path) -> None:
    for name in ("memory.max", "memory.swap.max", "pids.max", "cpu.max"):
        (tmp_path / name).write_text("max")
    (tmp_path / "memory.events").write_text("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\n")
    (tmp_path / "pids.events").write_text("max 7\n")
    group = Group(dict.fromkeys((MEMORY, PROCESSES, CPU), tmp_path))
    group.bound(SMALL)
    written = {name: (tmp_path / name).read_text() for name in ("memory.max", "memory.swap.max", "pids.max", "cpu.max")}
    assert written == {
        "memory.max": str(64 << 20),
        "memory.swap.max": "0",
        "pids.max": "20",
        "cpu.max": "50000 100000",
    }
    assert group.counters() == Counters(ended_for_memory=2, refused_processes=7)
    assert group.to_join() == (tmp_path,)


def test_a_scope_is_asked_for_with_the_right_to_make_groups() -> None:
    ordinary = control_groups.scope(["halftide", "up"], root=False)
    assert ordinary[:3] == ["systemd-run", "--user", "--scope"]
    assert ordinary[-4:] == ["--property=Delegate=yes", "--", "halftide", "up"]
    assert "--user" not in control_groups.scope(["x"], root=True)
