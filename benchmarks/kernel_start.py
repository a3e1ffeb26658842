"""How long a kernel takes to start and answer: sealed in the sandbox against bare, side by side.

``python benchmarks/kernel_start.py [runs]`` starts the two in turn and prints one line of figures. Both kernels run on
the analysis environment; the bare one is what jupyter_client starts by itself.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from output_checker.seccomp import write_filter

ROOT = Path(__file__).resolve().parents[1]
ANALYSIS = ROOT / ".venv-analysis"
SEALED = ROOT / "extensions" / "halftide_workspace" / "kernelspecs" / "python3"


def prepare(folder: Path) -> None:
    """Two kernelspecs, and the folders that the sandbox is made of."""
    shutil.copytree(SEALED, folder / "kernels" / "sealed")
    bare = folder / "kernels" / "bare"
    bare.mkdir()
    python = str(ANALYSIS / "bin" / "python")
    argv = [python, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (bare / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "bare", "language": "python"}))
    for name in ("workspace", "run", "run/packages"):  # with the door to packages, as a server has it
        (folder / name).mkdir()
    write_filter(folder / "run" / "seccomp.bpf")
    os.environ["HALFTIDE_SANDBOX"] = json.dumps(
        {
            "workspace": str(folder / "workspace"),
            "data": [],
            "analysis": str(ANALYSIS),
            "runtime": str(folder / "run"),
        }
    )


def start(name: str, specs: KernelSpecManager) -> float:
    """Seconds from the request to the answer of a first cell."""
    manager = KernelManager(kernel_name=name, kernel_spec_manager=specs)
    began = time.perf_counter()
    manager.start_kernel(stdout=-3, stderr=-3)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    client.execute_interactive("1 + 1", timeout=60, output_hook=lambda _: None)
    took = time.perf_counter() - began
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    return took


def main(runs: int) -> None:
    """Print the medians and their ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        specs = KernelSpecManager(kernel_dirs=[str(folder / "kernels")])
        start("bare", specs), start("sealed", specs)  # both environments read once
        pairs = [(start("bare", specs), start("sealed", specs)) for _ in range(runs)]
    bare, sealed = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(after / before for before, after in pairs)
    print(f"bench kernel_start: runs={runs} bare={bare:.3f}s sealed={sealed:.3f}s ratio={ratio:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
