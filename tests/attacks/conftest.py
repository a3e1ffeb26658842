"""One running workspace for the attacks of a module, and an ordinary process as their control."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.halftide_workspace.servers import SERVER_TOKEN, Kernel, Terminal, Workspace, workspace


@pytest.fixture(scope="module")
def space() -> Iterator[Workspace]:
    folder = Path(tempfile.mkdtemp(prefix="halftide-space-"))
    with workspace(folder) as running:
        yield running
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def kernel(space: Workspace) -> Iterator[Kernel]:
    kernel = Kernel(space)
    yield kernel
    kernel.close()


@pytest.fixture(scope="module")
def terminal(space: Workspace) -> Iterator[Terminal]:
    terminal = Terminal(space)
    yield terminal
    terminal.close()


def outside(program: str) -> str:
    """What ``program`` writes when it runs on the host as the user of the tests: the control."""
    environment = {"PATH": os.environ["PATH"], "TOKEN_OF_SERVER": SERVER_TOKEN}
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    return run.stdout + run.stderr
