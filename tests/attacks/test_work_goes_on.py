"""Sealed kernels and terminals do what they are for: a seal that stops the work would be taken off."""

import pytest

from tests.halftide_workspace.servers import Kernel, Terminal, Workspace

pytestmark = pytest.mark.attack


def test_a_kernel_still_does_its_work(space: Workspace, kernel: Kernel) -> None:
    assert "340" in kernel.run("print(17 * 20)")
    assert "170" in kernel.run("print(open('/data/people/people.csv').read())")
    kernel.run("open('/workspace/mine.txt', 'w').write('kept')")
    assert (space.files / "mine.txt").read_text() == "kept"
    assert "20000" in kernel.run("import pandas as pd; print(pd.DataFrame({'a': range(20000)}).shape[0])")


def test_a_terminal_still_does_its_work(terminal: Terminal, space: Workspace) -> None:
    assert "340" in terminal.run("expr 17 '*' 20")
    assert "researcher" in terminal.run("id -un")
    terminal.run("echo kept > /workspace/from-shell.txt")
    assert (space.files / "from-shell.txt").read_text() == "kept\n"
    assert "no job control" not in terminal.run("sleep 30 & kill %1; jobs")


def test_a_kernel_reads_its_own_sockets_only(kernel: Kernel, space: Workspace) -> None:
    other = Kernel(space)
    try:
        mine = kernel.run("import os; print(sorted(os.listdir('/run/halftide')))")
        theirs = other.run("import os; print(sorted(os.listdir('/run/halftide')))")
    finally:
        other.close()
    assert mine.count("'k") == theirs.count("'k") == 1
    assert mine != theirs
