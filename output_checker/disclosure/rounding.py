"""Which base a table's counts were rounded to, judged from the counts alone.

Promises to name a base only where counts that nobody rounded would hardly ever look so; a handful of counts that happen
to share a factor is no evidence, unless the policy asks for that very base.
"""

import math
from dataclasses import dataclass

import numpy as np

from output_checker.disclosure.numbers import Floats

CHANCE = 1e-3
"""How often unrounded counts may share a base by luck before we stop believing it."""

MANY = 8
NEARLY_ALL = 0.9
"""Counts of which so many, and so large a part, share a base were rounded to it: by luck, a tenth as many would."""
_USUAL = (100, 10, 7, 6, 5)


@dataclass(frozen=True)
class Rounding:
    """Counts are ``base * k + offset`` (offset 0, or half the base for midpoint rounding); base 1 is no rounding. A
    count of another form was not rounded and stands for itself."""

    base: int = 1
    offset: int = 0

    def low(self, shown: Floats) -> Floats:
        """The smallest true count behind each shown one."""
        if self.offset:
            return np.asarray(np.where(self.holds(shown) & (shown > 0), shown - self.offset + 1, shown), float)
        return np.asarray(np.where(self.holds(shown), np.maximum(shown - self.base // 2, 0), shown), float)

    def high(self, shown: Floats) -> Floats:
        """The largest true count behind each shown one."""
        if self.offset:
            return np.asarray(np.where(self.holds(shown) & (shown > 0), shown + self.offset, shown), float)
        return np.asarray(np.where(self.holds(shown), shown + self.base // 2, shown), float)

    def holds(self, shown: Floats) -> np.typing.NDArray[np.bool_]:
        """Which counts have this form."""
        if self.base == 1:
            return np.ones(np.shape(shown), bool)
        rest = np.mod(shown, self.base)
        return np.asarray((rest == self.offset) | (shown == 0), bool)


EXACT = Rounding()


def detect(counts: Floats, expected: int = 0) -> Rounding:
    """The rounding that these counts show. ``expected`` is the policy's base, believed on less evidence."""
    shown = np.unique(counts[np.isfinite(counts) & (counts > 0) & (counts < 2**53)])
    whole = shown[shown == np.floor(shown)].astype(np.int64)
    if len(whole) == 0 or len(whole) < len(shown):
        return EXACT
    base = int(np.gcd.reduce(whole))
    if len(whole) > 2:
        step = int(np.gcd.reduce(np.diff(whole)))
        if step > max(2, base) and step % 2 == 0 and int(whole[0]) % step == step // 2 and _unlikely(step, len(whole)):
            return Rounding(step, step // 2)
    if base > 1 and (_unlikely(base, len(whole)) or (expected and base % expected == 0)):
        return Rounding(_believable(base, whole, expected))
    return _mostly(whole)


def _mostly(whole: np.typing.NDArray[np.int64]) -> Rounding:
    """A usual base of nearly all of many counts; the few others escaped the rounding."""
    for base in _USUAL if len(whole) >= MANY else ():
        if np.count_nonzero(whole % base == 0) >= NEARLY_ALL * len(whole):
            return Rounding(base)
    return EXACT


def _unlikely(base: int, evidence: int) -> bool:
    return base >= 3 and evidence >= 2 and evidence * math.log(base) > -math.log(CHANCE) + math.log(base)


def _believable(base: int, whole: np.typing.NDArray[np.int64], expected: int) -> int:
    """With few counts a common factor is often a multiple of the true base; keep to the smallest usual base then."""
    if len(whole) >= 8 or not base:
        return base
    if expected and base % expected == 0:
        return expected
    return next((usual for usual in (5, 6, 7, 10, 50, 100) if base % usual == 0), base)
