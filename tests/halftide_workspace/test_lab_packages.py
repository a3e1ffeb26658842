"""A refused package in JupyterLab: a notice, one click, and a dialog that shows what became of the question."""

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from output_checker.desk import packages
from tests.halftide_workspace.servers import OWNER, Kernel, Workspace
from tests.halftide_workspace.sites import package_site
from tests.halftide_workspace.test_lab import CHROMIUM, FLAGS

pytestmark = pytest.mark.browser


def install(space: Workspace, name: str) -> str:
    """What pip says in a kernel."""
    kernel = Kernel(space)
    said = kernel.run(f"%pip install {name}")
    kernel.close()
    return said


def test_one_click_asks_for_a_package_that_was_refused() -> None:
    folder = Path(tempfile.mkdtemp(prefix="halftide-lab-"))
    with package_site(folder, JUPYTERHUB_ALLOW_TOKEN_IN_URL="1") as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.set_default_timeout(60_000)
        with page.expect_response(lambda answer: "/halftide/packages/refused" in answer.url):
            page.goto(f"{site.workspace.url}lab?token={OWNER}")
        page.wait_for_selector("#jupyterlab-splash", state="detached")
        with ThreadPoolExecutor(1) as beside:  # the browser's driver has this thread's event loop
            assert "Halftide: “barnacle”" in beside.submit(install, site.workspace, "barnacle").result()
        page.click("button:has-text('Ask for this package')")
        page.wait_for_selector("text=“barnacle” was asked for")
        asked = packages.of_project(site.desk, site.ada, "tides")
        assert [(one.name, one.state) for one in asked] == [("barnacle", packages.State.ASKED)]
        page.keyboard.press("Control+Shift+C")
        page.fill(".lm-CommandPalette-input", "Packages…")
        page.keyboard.press("Enter")
        page.wait_for_selector(".halftide-Packages li:has-text('barnacle')")
        page.fill(".halftide-Packages input", "a b")
        page.click(".halftide-Packages button")
        page.wait_for_selector(".halftide-Packages [role=alert]:has-text('can\\'t be the name')")
        browser.close()
    shutil.rmtree(folder)
