"""The JupyterLab extension's own tests (jest, over the form's and the panel's models) pass."""

import os
import subprocess
import sys
from pathlib import Path

LAB = Path(__file__).resolve().parents[2] / "extensions" / "halftide-lab"
NODE = LAB.parents[1] / ".setup" / "node" / "bin"


def test_the_extensions_own_tests_pass() -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), str(NODE), os.environ["PATH"]])
    run = subprocess.run(
        ["jlpm", "test"], cwd=LAB, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
