"""The fixture ``halftide``: a real one for a module's tests. Other folders import it from here into their conftest."""

from collections.abc import Iterator

import pytest

from tests.system.running import Halftide, start


@pytest.fixture(scope="module")
def halftide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Halftide]:
    """A running Halftide with the demo, shared by the tests of one module and stopped after them."""
    running = start(tmp_path_factory.mktemp("halftide"))
    try:
        yield running
    finally:
        running.stop()
