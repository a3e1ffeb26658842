"""The portal's signature: Ed25519 (RFC 8032) with a key that lies in the state folder, readable by its owner alone.

What it proves: a text was signed by whoever held the key. What it can't prove: that the administrator of the machine,
who holds it, did not sign something else. Never hands the private half out.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from output_checker.model import Broken

KEY_BYTES = 32


@dataclass(frozen=True)
class Signed:
    """A text's signature and the public half of the key, both in hexadecimal."""

    signature: str
    public_key: str


class Signer:
    """Signs with one private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def sign(self, text: str) -> Signed:
        """The signature of the text's UTF-8 bytes."""
        return Signed(self._key.sign(text.encode()).hex(), self.public_key)

    @property
    def public_key(self) -> str:
        """The public half in hexadecimal."""
        return self._key.public_key().public_bytes_raw().hex()


def open_signer(path: Path) -> Signer:
    """The signer of the key in ``path``; made at the first time. Raises Broken for a file that is no key of ours."""
    try:
        _make(path)
        with path.open("rb") as file:
            open_to = os.fstat(file.fileno()).st_mode & 0o077
            raw = file.read(KEY_BYTES + 1)
    except OSError as error:
        raise Broken(f"the signing key {path} can't be used: {error}") from error
    if open_to or len(raw) != KEY_BYTES:
        raise Broken(f"the signing key {path} is damaged or others may read it; nothing was signed with it")
    return Signer(Ed25519PrivateKey.from_private_bytes(raw))


def _make(path: Path) -> None:
    """Whole or not at all, and never over a key that is there: two processes may come first at once."""
    if path.exists():
        return
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(Ed25519PrivateKey.generate().private_bytes_raw())
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(part)
    except FileExistsError:
        return
    finally:
        part.unlink()


def is_signed(text: str, signed: Signed) -> bool:
    """Whether this key made this signature over this text."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed.public_key))
        key.verify(bytes.fromhex(signed.signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
