"""Printed decision trees (R16): each leaf is a group of people, and its size a count.

Reads the print-outs of scikit-learn (text, Graphviz), R's rpart and tree, and leaves' tables with a ``samples`` column.
"""

import re
from collections.abc import Iterator

from output_checker.disclosure.phrases import many
from output_checker.disclosure.subject import Prose, Subject
from output_checker.model import Finding, Severity, Where

_BRANCH = re.compile(r"\s*(\|\s+)*\|--- ")
_WEIGHTS = re.compile(r"(?:weights|value)\s*[:=]\s*\[+([\d., ]+)\]+")
_SAMPLES = re.compile(r"(?:\\n|\b)samples = (\d+)\b")
_RPART = re.compile(r"\s*\d+\) .*?\s(\d+)\s+\S+\s+\S+(?:\s+\(.*\))?\s+\*\s*$")
"""A leaf of rpart or tree: "  4) age< 30 12 3 1 (0.75 0.25) *"."""


def find_small_leaves(subject: Subject) -> Iterator[Finding]:
    """R16 tree-dump: a leaf of 1..t-1 people, or leaves whose sizes are not shown. SACRO-ML: min_samples_leaf."""
    threshold = subject.policy.threshold
    for prose in subject.prose:
        if prose.text.role == "source":
            continue
        sizes = list(_leaves(prose))
        low = tuple(prose.where(line, f"{size:g}") for line, size in sizes if 0 < size < threshold)
        if low:
            yield Finding(
                "R16",
                Severity.FAIL,
                low,
                f"{many(len(low), 'node')} of the tree {'holds' if len(low) == 1 else 'hold'} fewer than {threshold} "
                "people.",
                f"Fit the tree with at least {threshold} people in each leaf (min_samples_leaf, minbucket).",
            )
        elif not sizes and _is_tree(prose):
            yield Finding(
                "R16",
                Severity.REVIEW,
                (Where(prose.part, label=prose.text.name or "the tree"),),
                "A tree is shown without the number of people in its leaves.",
                "Print the leaves' sizes too (export_text(..., show_weights=True)).",
            )


def _is_tree(prose: Prose) -> bool:
    return sum(bool(_BRANCH.match(line)) for line in prose.text.text.split("\n")[:2000]) >= 3


def _leaves(prose: Prose) -> Iterator[tuple[int, float]]:
    """The number of people of each leaf or node, with its line. Shares of people (weights below 1) are no sizes."""
    for number, line in enumerate(prose.text.text.split("\n")):
        if match := _SAMPLES.search(line):
            yield number, float(match[1])
        elif match := _WEIGHTS.search(line):
            values = [float(value) for value in match[1].split(",") if value.strip(" .")]
            if _BRANCH.match(line) and len(values) > 1 and sum(values) >= 1:
                yield number, sum(values)
        elif match := _RPART.fullmatch(line):
            yield number, float(match[1])


RULES = (find_small_leaves,)
