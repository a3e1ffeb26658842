"""The request form in a browser: a fix is shown before and after, written beside the file, and taken back; a column
that was misread is corrected."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.halftide_workspace.servers import OWNER, Workspace, workspace

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
GRID = "g,a,b,c,Total\nx,20,33,40,93\ny,21,3,45,69\nz,30,35,39,104\nw,50,41,22,113\nTotal,121,112,146,379\n"


@pytest.fixture(scope="module")
def space() -> Iterator[Workspace]:
    folder = Path(tempfile.mkdtemp(prefix="halftide-fix-"))
    with workspace(folder, JUPYTERHUB_ALLOW_TOKEN_IN_URL="1") as running:
        (running.files / "grid.csv").write_text(GRID)
        (running.files / "note.txt").write_text("n = 3 patients\n")
        yield running
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def page(space: Workspace) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 1100})
        page.set_default_timeout(45_000)
        page.goto(f"{space.url}lab?token={OWNER}")
        page.wait_for_selector(".jp-DirListing-content")
        page.wait_for_selector("#jupyterlab-splash", state="detached")
        yield page
        browser.close()


def test_a_fix_is_proposed_written_and_taken_back(space: Workspace, page: Page) -> None:
    page.locator(".jp-DirListing-item", has_text="grid.csv").click(button="right")
    page.get_by_role("menuitem", name="Request Release").click()
    file = page.locator(".halftide-File")
    file.get_by_role("button", name="Propose a fix").click()
    fix = file.locator(".halftide-Fix")
    expect(fix.get_by_text("Suppressed 1 cell (F01).")).to_be_visible(timeout=45_000)
    expect(fix.locator("table").first.locator("tr").nth(2)).to_have_text("y213" + "4569")
    expect(fix.locator("table").last.locator("tr").nth(2)).to_have_text("y[c][c]4569")
    assert not (space.files / "grid-safe.csv").exists()

    fix.get_by_role("button", name="Write grid-safe.csv and use it").click()
    expect(file.locator(".halftide-File-name")).to_have_text("grid-safe.csv", timeout=45_000)
    expect(file.get_by_text("Nothing found by the automatic check")).to_be_visible(timeout=45_000)
    assert (space.files / "grid-safe.csv").read_text().splitlines()[2] == "y,[c],[c],45,69"
    assert (space.files / "grid.csv").read_text() == GRID

    file.get_by_role("button", name="Use grid.csv again").click()
    expect(file.locator(".halftide-File-name")).to_have_text("grid.csv")
    expect(file.get_by_role("button", name="Propose a fix")).to_be_visible(timeout=45_000)


def test_a_column_that_was_misread_is_corrected_and_taken_back(page: Page) -> None:
    """The form is the one that the test above left, with grid.csv in it."""
    file = page.locator(".halftide-File")
    expect(file.get_by_text("Would be questioned by a checker")).to_be_visible(timeout=45_000)
    file.get_by_text("This is not a count…").click()
    file.get_by_label("Which").select_option(label="column 3")
    file.get_by_label("What it holds").select_option(label="a year")
    file.get_by_label("How a checker can tell").fill("it is in the codebook")
    file.get_by_role("button", name="Check again with this").click()

    expect(file.get_by_text("The author says that column 'b' holds a year")).to_be_visible(timeout=45_000)
    expect(file.get_by_text("You say that column 3 holds a year: “it is in the codebook”.")).to_be_visible()

    file.get_by_role("button", name="Take back what you say about column 3").click()
    expect(file.get_by_text("The author says")).to_have_count(0, timeout=45_000)
