"""JupyterLab in a browser on the sealed server: what people do all day works, and nothing is asked of anyone else."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as Silence

from tests.halftide_workspace.servers import OWNER, Workspace, workspace

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]


@pytest.fixture(scope="module")
def space() -> Iterator[Workspace]:
    folder = Path(tempfile.mkdtemp(prefix="halftide-lab-"))
    with workspace(folder, JUPYTERHUB_ALLOW_TOKEN_IN_URL="1") as running:
        (running.files / "table.csv").write_text("a,b\n1,2\n")
        (running.files / "records.parquet").write_bytes(b"PAR1\0\xff")
        yield running
    shutil.rmtree(folder)


@pytest.fixture
def page(space: Workspace) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.set_default_timeout(45_000)
        page.goto(f"{space.url}lab?token={OWNER}")
        page.wait_for_selector(".jp-DirListing-content")
        page.wait_for_selector("#jupyterlab-splash", state="detached")
        yield page
        browser.close()


def cell(page: Page, code: str) -> None:
    editor = page.locator(".jp-Notebook .jp-Cell.jp-mod-active .cm-content")
    editor.fill(code)
    editor.press("Shift+Enter")


def cell_that_shows(page: Page, code: str, selector: str) -> None:
    """Run the code, and again as a person would when nothing comes: JupyterLab, bare too, loses messages of a kernel's
    first moments, before its widget manager listens."""
    for _ in range(4):
        cell(page, code)
        try:
            page.wait_for_selector(selector, timeout=12_000)
        except Silence:
            continue
        return
    raise AssertionError(f"{selector} never came")


def test_a_day_in_the_workspace(space: Workspace, page: Page) -> None:
    elsewhere: list[str] = []
    here = (f"http://127.0.0.1:{space.port}/", f"ws://127.0.0.1:{space.port}/", "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(here) else elsewhere.append(request.url))
    page.click('.jp-LauncherCard[data-category="Notebook"]')
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    page.wait_for_timeout(2500)  # JupyterLab, bare too, forgets a cell that is run in the first moment of a kernel
    cell_that_shows(page, "print(6 * 7)", 'text="42"')
    cell_that_shows(page, "import ipywidgets; ipywidgets.IntSlider()", ".widget-slider")
    cell(page, "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()")
    page.wait_for_selector(".jp-RenderedImage img")
    cell(page, "from IPython.display import display; display({'text/plain': 'x' * 3000000}, raw=True)")
    page.wait_for_selector("text=Halftide did not show this output")
    page.keyboard.press("Control+s")
    page.click(".jp-Dialog .jp-mod-accept")  # the notebook's first name
    page.wait_for_selector(".jp-DirListing-item:has-text('Untitled.ipynb')")
    page.dblclick("text=table.csv")
    page.wait_for_selector(".jp-CSVViewer")
    page.dblclick("text=records.parquet")
    page.wait_for_selector("text=neither text nor a small image")
    assert elsewhere == []
    assert "6 * 7" in (space.files / "Untitled.ipynb").read_text()


@pytest.mark.attack
def test_a_page_can_not_start_a_download(page: Page) -> None:
    """The control is a page without our headers: the same script downloads there."""
    script = """() => { const a = document.createElement('a'); a.href = 'data:text/csv,secret'; a.download = 'x.csv';
                        document.body.append(a); a.click(); }"""
    started: list[str] = []
    page.on("download", lambda download: started.append(download.suggested_filename))
    page.evaluate(script)
    page.wait_for_timeout(1000)
    assert started == []
    page.goto("about:blank")
    with page.expect_download() as control:
        page.evaluate(script)
    assert control.value.suggested_filename == "x.csv"
