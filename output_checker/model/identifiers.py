"""Keys. Names are labels that may change; these never do."""

import hashlib
from typing import Final, NewType

Digest = NewType("Digest", str)
"""SHA-256 in 64 lower-case hexadecimal digits: the name of some bytes."""

PersonId = NewType("PersonId", str)
ProjectId = NewType("ProjectId", str)
RequestId = NewType("RequestId", str)

PROVER: Final = "halftide-prover"
"""The hub's name for whoever the workspaces of the probes belong to. No person has it: nobody can log in as it."""


def digest_of(data: bytes) -> Digest:
    """The name of these bytes."""
    return Digest(hashlib.sha256(data).hexdigest())
