"""The probes: small attacks that must fail in a sealed workspace and must succeed outside it.

One catalogue serves the prover (``halftide probe``) and the attack tests. This package holds values and text only; what
runs them is ``output_checker.prover``.
"""

from output_checker.probes.catalogue import CATALOGUE, DIGEST, LEAST
from output_checker.probes.model import Control, Family, Outcome, Place, Probe, Verdict
from output_checker.probes.proof import Finding, Proof, Shown

__all__ = [
    "CATALOGUE",
    "DIGEST",
    "LEAST",
    "Control",
    "Family",
    "Finding",
    "Outcome",
    "Place",
    "Probe",
    "Proof",
    "Shown",
    "Verdict",
]
