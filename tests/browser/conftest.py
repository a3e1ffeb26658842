"""Chromium, and the demo's people in it, against a real hub, proxy and portal."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.people import CHROMIUM
from tests.system.conftest import halftide

__all__ = ["halftide"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window. For one module: Playwright keeps an event loop running while it is open."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "the browser tests need Chromium; `make test` installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM, headless=True)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pictures() -> bool:
    """Whether to make the pictures of README and docs again (HALFTIDE_PICTURES=1)."""
    return os.environ.get("HALFTIDE_PICTURES") == "1"
