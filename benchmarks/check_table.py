"""How long all disclosure rules take on one large table, and whether the time grows with the cells and no faster.

``python benchmarks/check_table.py [runs]`` assesses tables of 50 columns that are counts, means, percentages and
standard deviations, and prints one line of figures: the median for 5,000 rows, and how many times longer four times as
many rows take. The time is the processor's.
"""

import random
import statistics
import sys
import time

from output_checker.disclosure.assess import assess
from output_checker.model import Policy
from output_checker.readers.reading import read

COLUMNS = 50
HEADS = ("n_{}", "mean_{}", "share_{} (%)", "sd_{}")


def make(rows: int) -> bytes:
    """A CSV table of ``rows`` areas."""
    chance = random.Random(1)  # noqa: S311 not a secret
    kinds = (
        lambda: str(chance.randint(10, 5000)),
        lambda: f"{chance.gauss(50, 9):.2f}",
        lambda: f"{chance.uniform(1, 99):.1f}",
        lambda: f"{chance.gauss(10, 1):.3f}",
    )
    head = ",".join(["area", *(HEADS[c % 4].format(c) for c in range(COLUMNS - 1))])
    body = (",".join([f"area {r}", *(kinds[c % 4]() for c in range(COLUMNS - 1))]) for r in range(rows))
    return "\n".join([head, *body, ""]).encode()


def measure(rows: int, runs: int) -> float:
    """Seconds of the processor, the median."""
    output, policy, took = read(make(rows)), Policy(), []
    for _ in range(runs):
        began = time.process_time()
        assess(output, policy, None, "areas.csv")
        took.append(time.process_time() - began)
    return statistics.median(took)


def main(runs: int) -> None:
    """Print the figures."""
    usual, large = measure(5_000, runs), measure(20_000, runs)
    print(f"bench check_table: rows=5000 columns={COLUMNS} median={usual:.3f}s growth_for_4x_rows={large / usual:.1f}x")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
