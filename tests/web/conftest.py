"""A fresh small Halftide for each test."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if "web_world" not in sys.modules:
    spec = importlib.util.spec_from_file_location("web_world", Path(__file__).with_name("world.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["web_world"] = module
    spec.loader.exec_module(module)

from web_world import World, make_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """See ``make_world``."""
    made = make_world(tmp_path / "state")
    yield made
    made.desk.close()
