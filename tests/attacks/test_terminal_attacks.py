"""From a terminal of a real server: the same attacks as from a kernel, and the shell's own."""

import os

import pytest

from tests.attacks.conftest import Host, in_terminal, outside
from tests.attacks.programs import NEEDS_ROOT, PROGRAMS, written
from tests.halftide_workspace.servers import Terminal, Workspace

pytestmark = pytest.mark.attack


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_terminal_reaches_nothing_outside(name: str, host: Host, space: Workspace, terminal: Terminal) -> None:
    if name in NEEDS_ROOT and os.getuid() != 0:
        pytest.skip("its control needs root")
    program = written(name, host.names(space))
    assert f"GOT {host.prize}" in outside(program), "the control must succeed"
    assert "GOT" not in in_terminal(terminal, program)


def test_a_terminal_still_does_its_work(terminal: Terminal, space: Workspace) -> None:
    assert "340" in terminal.run("expr 17 '*' 20")
    assert "researcher" in terminal.run("id -un")
    terminal.run("echo kept > /workspace/from-shell.txt")
    assert (space.files / "from-shell.txt").read_text() == "kept\n"
    assert "no job control" not in terminal.run("sleep 30 & kill %1; jobs")
