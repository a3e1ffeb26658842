"""The site's signature."""

from dataclasses import replace
from pathlib import Path

import pytest

from output_checker.model import Broken
from output_checker.storage.signing import is_signed, open_signer


def test_what_was_signed_is_known_again_and_nothing_else(tmp_path: Path) -> None:
    signed = open_signer(tmp_path / "key").sign("a proof")
    assert is_signed("a proof", signed)
    assert not is_signed("a proof.", signed)
    assert not is_signed("a proof", replace(signed, public_key=open_signer(tmp_path / "other").public_key))
    assert not is_signed("a proof", replace(signed, signature="zz"))


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = open_signer(tmp_path / "key").public_key
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert open_signer(tmp_path / "key").public_key == first
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize("damage", ["short", "open"])
def test_a_damaged_or_open_key_signs_nothing(tmp_path: Path, damage: str) -> None:
    key = tmp_path / "key"
    open_signer(key)
    if damage == "short":
        key.write_bytes(b"short")
    else:
        key.chmod(0o644)
    with pytest.raises(Broken, match="signed with it"):
        open_signer(key)
