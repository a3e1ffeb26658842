"""How fast identifiers are searched for in text, beside Python's ``re``, RE2 (where installed) and reading memory.

``python benchmarks/scan_identifiers.py [megabytes]`` makes text as researchers' logs have it, searches it for all kinds
of identifiers with each engine in turn, checks that ours finds what ``re`` finds, and prints one line of figures in MB
a second of one processor. RE2 comes with ``pip install google-re2``.
"""

import random
import sys
import time
from collections.abc import Callable

import numpy as np

from output_checker.disclosure.anchors import find_lines, find_matches
from output_checker.disclosure.patterns import IDENTIFIERS

WORDS = ("the", "model", "converged", "after", "coefficient", "of", "residual", "observed", "Women", "North", "plan")


def make(megabytes: int) -> str:
    """Text with one identifier of some kind in a hundred thousand characters."""
    chance = random.Random(3)  # noqa: S311 not a secret
    lines = []
    for number in range(20_000):
        words = (chance.choice(WORDS) if chance.random() < 0.8 else f"{chance.uniform(0, 9999):.3f}" for _ in range(14))
        lines.append(" ".join(words) + (" 943 476 5919" if number % 1000 == 0 else ""))
    part = "\n".join(lines) + "\n"
    return (part * (megabytes * 10**6 // len(part) + 1))[: megabytes * 10**6]


def by_anchors(text: str) -> int:
    """Ours."""
    lines = find_lines(text, IDENTIFIERS)
    return sum(1 for wanted in IDENTIFIERS for _ in find_matches(text, wanted.pattern, lines[wanted]))


def by_re(text: str) -> int:
    """Each exact pattern over all of it."""
    return sum(1 for wanted in IDENTIFIERS for _ in wanted.pattern.finditer(text))


def by_re2(text: str) -> int:
    """Each anchor over all of it: RE2 knows no pattern that looks around."""
    import re2

    flags = {True: "(?i)", False: ""}
    return sum(1 for wanted in IDENTIFIERS for _ in re2.finditer(flags[wanted.fold] + wanted.anchor, text))


def by_memory(text: str) -> int:
    """The bound: reading each byte once."""
    return int(np.frombuffer(text.encode(), np.uint8).sum())


def speed(engine: Callable[[str], int], text: str) -> tuple[float, int]:
    """MB a second of the processor, the best of three, and what the engine counted."""
    took = []
    for _ in range(3):
        began = time.process_time()
        counted = engine(text)
        took.append(time.process_time() - began)
    return len(text) / 1e6 / min(took), counted


def main(megabytes: int) -> None:
    """Print the figures."""
    text = make(megabytes)
    small = text[: max(1, megabytes // 20) * 10**6]
    ours, memory = speed(by_anchors, text)[0], speed(by_memory, text)[0]
    exact, expected = speed(by_re, small)
    if by_anchors(small) != expected:
        raise SystemExit("the engines do not find the same")
    try:
        re2_speed = f"{speed(by_re2, small)[0]:.0f}"
    except ImportError:
        re2_speed = "not installed"
    print(
        f"bench scan_identifiers: megabytes={megabytes} ours={ours:.0f} re={exact:.1f} re2={re2_speed} "
        f"memory={memory:.0f} ratio_to_re={ours / exact:.0f}x"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
