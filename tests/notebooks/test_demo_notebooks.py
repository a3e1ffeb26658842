"""The demo notebooks, run again in the real sandbox on the real datasets, give what they show."""

import json
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from pytest_notebook.nb_regression import NBRegressionFixture

from output_checker.seccomp import write_filter

ROOT = Path(__file__).resolve().parents[2]
ANALYSIS_PYTHON = ROOT / ".venv-analysis" / "bin" / "python"
KERNELSPEC = ROOT / "extensions" / "halftide_workspace" / "kernelspecs" / "python3"
NOTEBOOKS = {"rand-hie": "visits-and-health.ipynb", "grunfeld": "investment.ipynb"}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with the demo's dataset versions."""
    folder = tmp_path_factory.mktemp("state")
    build = [ANALYSIS_PYTHON, ROOT / "demo" / "build_datasets.py", folder]
    subprocess.run([str(word) for word in build], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("project", sorted(NOTEBOOKS))
def test_a_demo_notebook_gives_what_it_shows(
    project: str, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    notebook = workspace / NOTEBOOKS[project]
    sealed = sealed_kernelspec(tmp_path)
    shown = nbformat.read(ROOT / "demo" / "notebooks" / project / NOTEBOOKS[project], as_version=4)
    shown.metadata.kernelspec.name = sealed
    nbformat.write(shown, notebook)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("HALFTIDE_SANDBOX", json.dumps(sandbox(project, workspace, state, tmp_path)))
    compare = NBRegressionFixture(
        exec_notebook=True,
        exec_cwd=str(workspace),
        exec_timeout=120,
        diff_ignore=("/metadata", "/cells/*/outputs/*/data/image/png", "/cells/*/execution_count"),
    )
    compare.check(str(notebook))


def sealed_kernelspec(folder: Path) -> str:
    """Put the workspace's kernelspec where Jupyter looks, under a name that nothing else has."""
    name = "halftide-sealed"
    shutil.copytree(KERNELSPEC, folder / "kernels" / name)
    return name


def sandbox(project: str, workspace: Path, state: Path, folder: Path) -> dict[str, object]:
    """The mounts of a kernel that is started outside a workspace server."""
    runtime = folder / "run"
    runtime.mkdir()
    write_filter(runtime / "seccomp.bpf")
    data = state / "datasets" / project / "1"
    return {
        "workspace": str(workspace),
        "data": [[str(data), f"/data/{project}"]],
        "analysis": str(ANALYSIS_PYTHON.parents[1]),
        "runtime": str(runtime),
    }
