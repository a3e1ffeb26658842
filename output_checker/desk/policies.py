"""Policies by name or from a file. Reads TOML and JSON; a policy with a nonsensical number is refused with the
reason."""

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from output_checker.disclosure import tighten
from output_checker.model import BadInput, Policy

PRESETS = Path(__file__).parent.parent / "disclosure" / "policies"
LARGEST = 1_000_000


@cache
def preset_names() -> tuple[str, ...]:
    """The policies that ship with Halftide."""
    return tuple(sorted(path.stem for path in PRESETS.glob("*.toml")))


def tightened_preset(name: str, values: Mapping[str, Any]) -> Policy:
    """A preset with stricter values of some parameters; never a file. Raises BadInput for another name, for nonsense,
    and for what would loosen it."""
    if name not in preset_names():
        raise BadInput("Choose one of the policies in the list.")
    return tighten(load_policy(name), values)


def load_policy(name: str) -> Policy:
    """A preset by its name, or a policy file (TOML or JSON) by its path. Raises BadInput that says what is wrong."""
    if name in preset_names():
        return read_policy(PRESETS / f"{name}.toml")
    path = Path(name)
    if not path.suffix and not path.exists():
        raise BadInput(f"there is no policy called {name!r}; there are {', '.join(preset_names())}, or name a file")
    return read_policy(path)


def read_policy(path: Path) -> Policy:
    """A policy file. A file that names no policy is called after the file. Raises BadInput."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadInput(f"{path} is too large for a policy")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"the policy {path} can't be read: {error}") from error
    try:
        raw = (
            json.loads(text) if path.suffix.lower() == ".json" or text.lstrip().startswith("{") else tomllib.loads(text)
        )
    except ValueError as error:
        raise BadInput(f"the policy {path} is no valid TOML or JSON: {error}") from error
    if not isinstance(raw, dict):
        raise BadInput(f"the policy {path} must be a list of parameters and their values")
    raw = {**raw, "version": str(raw.get("version", "1"))}
    try:
        return Policy.from_mapping({"name": path.stem, **raw})
    except BadInput as error:
        raise BadInput(f"the policy {path}: {error}") from error
