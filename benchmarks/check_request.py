"""How long the automated check of a request of 20 files takes, end to end with a cage for each file.

``python benchmarks/check_request.py [runs]`` makes 20 files of the kinds that researchers send (tables, figures, texts,
a notebook), checks them as ``halftide check`` does, and prints one line of figures.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image, ImageDraw

from output_checker.desk.check import check_files
from output_checker.desk.policies import load_policy

ROOT = Path(__file__).resolve().parents[1]


def make(folder: Path) -> list[Path]:
    """Fourteen tables, three figures, two texts and a notebook."""
    files = []
    for number in range(14):
        rows = "\n".join(f"area {row},{100 + row * number},{200 + row},{300 + row}" for row in range(40))
        files.append(folder / f"table-{number}.csv")
        files[-1].write_text(f"area,people,visits,referrals\n{rows}\n")
    for number in range(3):
        figure = Image.new("RGB", (900, 500), "white")
        draw = ImageDraw.Draw(figure)
        for bar in range(12):
            draw.rectangle((60 + 65 * bar, 480 - 30 * bar, 100 + 65 * bar, 480), fill="#0b6e75")
        files.append(folder / f"figure-{number}.png")
        figure.save(files[-1])
    for number in range(2):
        files.append(folder / f"log-{number}.txt")
        files[-1].write_text("The model converged.\n" * 50)
    files.append(folder / "notebook.ipynb")
    shown = ROOT / "demo" / "notebooks" / "rand-hie" / "visits-and-health.ipynb"
    files[-1].write_bytes(shown.read_bytes())
    return files


def main(runs: int) -> None:
    """Print the median."""
    policy = load_policy("default")
    with tempfile.TemporaryDirectory() as name:
        files = make(Path(name))
        took = []
        for _ in range(runs):
            began = time.perf_counter()
            check_files([(file, file.name) for file in files], policy)
            took.append(time.perf_counter() - began)
    median = statistics.median(took)
    print(f"bench check_request: runs={runs} files={len(files)} median={median:.2f}s each={median / len(files):.3f}s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
