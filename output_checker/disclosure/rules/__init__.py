"""The disclosure rules, one small module per family; ``RULES`` lists them in the order in which they are asked.

Each rule is a pure function of a Subject that yields findings. None of them reads files, the clock or the environment.
"""

from collections.abc import Callable, Iterator

from output_checker.disclosure.rules import (
    counts,
    curves,
    displays,
    dominance,
    evidence,
    figures,
    groups,
    hiding,
    identifiers,
    learned,
    models,
    notebooks,
    positions,
    ratios,
    records,
    rounded,
    shares,
    suppression,
    survival,
    trees,
    unknown,
)
from output_checker.disclosure.subject import Subject
from output_checker.model import Finding

Rule = Callable[[Subject], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    *counts.RULES,
    *shares.RULES,
    *suppression.RULES,
    *rounded.RULES,
    *dominance.RULES,
    *positions.RULES,
    *ratios.RULES,
    *models.RULES,
    *survival.RULES,
    *curves.RULES,
    *trees.RULES,
    *groups.RULES,
    *figures.RULES,
    *records.RULES,
    *learned.RULES,
    *evidence.RULES,
    *identifiers.RULES,
    *hiding.RULES,
    *notebooks.RULES,
    *displays.RULES,
    *unknown.RULES,
)
