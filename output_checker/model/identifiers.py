"""Keys. Names are labels that may change; these never do."""

import hashlib
from typing import NewType

Digest = NewType("Digest", str)
"""SHA-256 in 64 lower-case hexadecimal digits: the name of some bytes."""

PersonId = NewType("PersonId", str)
ProjectId = NewType("ProjectId", str)
RequestId = NewType("RequestId", str)


def digest_of(data: bytes) -> Digest:
    """The name of these bytes."""
    return Digest(hashlib.sha256(data).hexdigest())
