"""How long a request's page takes with many tables, and how much reading them in one go saves.

Run ``python benchmarks/request_page.py [--tables 20] [--times 40]``. It makes a Halftide in a temporary folder with a
request of so many tables in its second round (some cells differ in each), opens the page as a checker, and does it
once more with the tables read one by one, each asking anew who may see them. It prints milliseconds and the ratio.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "web"))
import world as web_world

from output_checker.desk import queue, review
from output_checker.desk.context import Desk
from output_checker.desk.views import Person
from output_checker.model import Part


def make_request(world: web_world.World, tables: int) -> str:
    """A request of so many tables of 12 rows and 6 columns, in its second round."""
    rows = "\n".join(f"group {row}," + ",".join(str(1000 + row * column) for column in range(5)) for row in range(11))
    files = {f"tables/t{n}.csv": f"group,a,b,c,d,e{n}\n{rows}\n".encode() for n in range(tables)}
    request_id = world.submit(files)
    review.return_for_changes(world.desk, world.person("checker1"), request_id, 1, "One cell less, please.")
    again = {path: data.replace(b"1010", b"1011") for path, data in files.items()}
    return world.submit(again, replaces=request_id)


def read_one_by_one(
    desk: Desk, who: Person, _request_id: str, only: Collection[str] | None = None
) -> Mapping[str, Sequence[Part]]:
    """What the page did before: an access question for each output."""
    return {output: queue.read_parts(desk, who, output) for output in only or ()}


def measure(open_page: Callable[[], None], times: int) -> list[float]:
    """Milliseconds of each opening, after two that warm up."""
    taken = []
    for _ in range(times + 2):
        began = time.perf_counter()
        open_page()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken[2:])


def in_words(name: str, taken: list[float]) -> str:
    """A line of the table."""
    return f"{name:<12} median {statistics.median(taken):7.1f} ms   p95 {taken[int(len(taken) * 0.95) - 1]:7.1f} ms"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=20)
    parser.add_argument("--times", type=int, default=40)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = web_world.make_world(Path(folder))
        path = f"requests/{make_request(world, wanted.tables)}"

        def open_page() -> None:
            answer = world.get(path, "checker1")
            if answer.status_code != 200 or "cells changed" not in answer.text:
                raise SystemExit(f"the page answered {answer.status_code}")

        at_once = measure(open_page, wanted.times)
        with patch.object(queue, "read_all_parts", read_one_by_one):
            one_by_one = measure(open_page, wanted.times)
        world.desk.close()
    ratio = statistics.median(one_by_one) / statistics.median(at_once)
    sys.stdout.write(
        f"{in_words('one by one', one_by_one)}\n{in_words('at once', at_once)}\nratio        {ratio:.1f}\n"
    )


if __name__ == "__main__":
    main()
