"""A policy: the numbers a project's outputs are judged by.

A value, never a global; its digest goes into every verdict.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from output_checker.model.errors import BadInput


@dataclass(frozen=True)
class Policy:
    """Parameters of the disclosure rules and of the review. Counts are of people or records; shares are in 0..1."""

    name: str = "default"
    version: str = "1"
    threshold: int = 10
    """Smallest count that may be shown (F01). Handbook on SDC for Outputs; ESSnet guidelines: 10."""
    zeros_are_disclosive: bool = True
    """Whether an empty cell is a finding (F03)."""
    class_share: float = 0.9
    """Largest share of a row or column that one cell may hold (F04). ESSnet guidelines: 0.9."""
    rounding_base: int = 0
    """Base that all counts must be rounded to; 0 when the policy asks for none (F15)."""
    dominance: tuple[tuple[int, float], ...] = ((1, 0.5), (2, 0.9))
    """(n, k) rules: the n largest contributors may not hold a share k or more (M02)."""
    p_percent: float = 0.1
    """p% rule: (total - x1 - x2) / x1 may not be below this (M03)."""
    residual_dof: int = 10
    """Smallest residual degrees of freedom of a model (R01)."""
    significant_digits: int = 0
    """Longest number that is released, in significant digits; 0 leaves numbers as they are (M12, H17)."""
    row_level_rows: int = 1000
    """More rows than this look like records (H16)."""
    row_level_uniqueness: float = 0.5
    """A larger share of near-unique rows than this looks like records (H16)."""
    max_file_bytes: int = 64 * 1024 * 1024
    """Largest file that a request may hold, in bytes."""
    max_request_files: int = 100
    """Most files that a request may hold."""
    approvals: int = 2
    """Different people who must approve every output."""

    @classmethod
    def from_mapping(cls, raw: Mapping[str, Any]) -> "Policy":
        """A policy from a parsed file. Raises BadInput for an unknown name, a wrong kind or a nonsensical number."""
        known = {field.name: field for field in fields(cls)}
        unknown = sorted(set(raw) - set(known))
        if unknown:
            raise BadInput(f"a policy has no parameter called {', '.join(unknown)}; it has {', '.join(sorted(known))}")
        values = dict(raw)
        if "dominance" in values:
            values["dominance"] = _pairs(values["dominance"])
        policy = cls(**values)
        policy._require_sense()
        return policy

    @property
    def digest(self) -> str:
        """SHA-256 over the parameters in a fixed order."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def _require_sense(self) -> None:
        for name, low, high in _LIMITS:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise BadInput(f"{name} must be a number from {low} to {high}, not {value!r}")
            if isinstance(getattr(_USUAL, name), int) and value != int(value):
                raise BadInput(f"{name} must be a whole number, not {value!r}")
        if self.rounding_base == 1:
            raise BadInput("rounding_base 1 rounds nothing; it must be 0 for no rounding, or at least 2")
        if not all(isinstance(text, str) and text.strip() for text in (self.name, self.version)):
            raise BadInput("a policy has a name and a version, each a text")
        if not isinstance(self.zeros_are_disclosive, bool):
            raise BadInput("zeros_are_disclosive must be true or false")
        for n, k in self.dominance:
            if n < 1 or not 0 < k <= 1:
                raise BadInput(f"dominance wants pairs of a number of contributors and a share in 0..1, not ({n}, {k})")
        if len({n for n, _ in self.dominance}) < len(self.dominance):
            raise BadInput("dominance names a number of contributors twice; keep the smaller share of the two")


_LIMITS: tuple[tuple[str, float, float], ...] = (
    ("threshold", 1, 1000),
    ("class_share", 0.5, 1),
    ("rounding_base", 0, 1000),
    ("p_percent", 0, 1),
    ("residual_dof", 1, 1000),
    ("significant_digits", 0, 17),
    ("row_level_rows", 1, 10**9),
    ("row_level_uniqueness", 0, 1),
    ("max_file_bytes", 1, 2**40),
    ("max_request_files", 1, 10_000),
    ("approvals", 1, 10),
)

_USUAL = Policy()
"""Tells which parameters are whole numbers."""


def _pairs(raw: Any) -> tuple[tuple[int, float], ...]:
    try:
        return tuple((int(n), float(k)) for n, k in raw)
    except (TypeError, ValueError) as error:
        raise BadInput(f"dominance wants a list of pairs [n, share], not {raw!r}") from error
