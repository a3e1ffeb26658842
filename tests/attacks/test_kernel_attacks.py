"""From a kernel of a real server: nothing outside is reached. Every attack succeeds on the host, as its control."""

import os

import pytest

from tests.attacks.conftest import Host, outside
from tests.attacks.programs import NEEDS_ROOT, PROGRAMS, written
from tests.halftide_workspace.servers import Kernel, Workspace

pytestmark = pytest.mark.attack


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_kernel_reaches_nothing_outside(name: str, host: Host, space: Workspace, kernel: Kernel) -> None:
    if name in NEEDS_ROOT and os.getuid() != 0:
        pytest.skip("its control needs root")
    program = written(name, host.names(space))
    assert f"GOT {host.prize}" in outside(program), "the control must succeed"
    assert "GOT" not in kernel.run(program)


def test_a_kernel_still_does_its_work(space: Workspace, kernel: Kernel) -> None:
    assert "340" in kernel.run("print(17 * 20)")
    assert "170" in kernel.run("print(open('/data/people/people.csv').read())")
    kernel.run("open('/workspace/mine.txt', 'w').write('kept')")
    assert (space.files / "mine.txt").read_text() == "kept"
    assert "20000" in kernel.run("import pandas as pd; print(pd.DataFrame({'a': range(20000)}).shape[0])")


def test_a_kernel_reads_its_own_sockets_only(kernel: Kernel, space: Workspace) -> None:
    other = Kernel(space)
    try:
        mine = kernel.run("import os; print(sorted(os.listdir('/run/halftide')))")
        theirs = other.run("import os; print(sorted(os.listdir('/run/halftide')))")
    finally:
        other.close()
    assert mine.count("'k") == theirs.count("'k") == 1
    assert mine != theirs
