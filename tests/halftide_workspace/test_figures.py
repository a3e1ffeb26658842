"""Figures that carry their data: in the page they are pictures, the cells keep their order, and no data came along."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from halftide_workspace.bundles import Figure
from halftide_workspace.figures import Drawing
from output_checker import sandbox_figures
from output_checker.model import Broken
from tests.halftide_workspace.servers import ANALYSIS, OWNER, Workspace, workspace
from tests.halftide_workspace.test_lab import CHROMIUM, FLAGS, cell, cell_that_shows

PLOTLY = {"data": [{"type": "bar", "x": ["a", "b"], "y": [3, 5]}], "layout": {"title": {"text": "Two bars"}}}
VEGA = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"values": [{"a": 1, "b": 2}, {"a": 2, "b": 3}]},
    "mark": "bar",
    "encoding": {"x": {"field": "a", "type": "ordinal"}, "y": {"field": "b", "type": "quantitative"}},
}


@pytest.mark.parametrize("figure", [Figure("plotly", PLOTLY), Figure("vega-lite", VEGA)], ids=lambda f: f.kind)
async def test_a_figure_becomes_a_picture(figure: Figure) -> None:
    image = await Drawing(ANALYSIS, None, seconds=60).draw(figure)
    assert image.startswith(b"\x89PNG")
    assert len(image) > 2000


async def test_what_makes_no_sense_and_what_is_not_installed_are_said(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="makes no sense"):
        await Drawing(ANALYSIS, None, seconds=60).draw(Figure("vega-lite", {"mark": 5}))
    for kind in ("plotly", "vega"):
        with pytest.raises(Broken, match="ask your administrator"):
            await Drawing(tmp_path, None).draw(Figure(kind, {}))


@pytest.mark.attack
async def test_a_drawing_reaches_neither_files_nor_network(tmp_path: Path) -> None:
    """The control is the same figure with the numbers written into it: that is another picture."""
    secret = tmp_path / "secret.json"
    secret.write_text('[{"a": 1, "b": 2}]')
    drawing = Drawing(ANALYSIS, None, seconds=60)
    pictures = [
        await drawing.draw(Figure("vega-lite", {**VEGA, "data": data}))
        for data in ({"url": f"file://{secret}"}, {"url": "file:///nowhere.json"}, {"values": [{"a": 1, "b": 2}]})
    ]
    assert pictures[0] == pictures[1] != pictures[2]
    line = sandbox_figures.browser(ANALYSIS, None)
    assert "--unshare-all" in line
    assert str(tmp_path) not in " ".join(line)


@pytest.fixture(scope="module")
def space() -> Iterator[Workspace]:
    folder = Path(tempfile.mkdtemp(prefix="halftide-figures-"))
    with workspace(folder, JUPYTERHUB_ALLOW_TOKEN_IN_URL="1") as running:
        yield running
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def page(space: Workspace) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{space.url}lab?token={OWNER}")
        page.wait_for_selector(".jp-DirListing-content")
        page.wait_for_selector("#jupyterlab-splash", state="detached")
        yield page
        browser.close()


@pytest.mark.browser
@pytest.mark.attack
def test_a_figure_is_a_picture_in_the_page_and_its_data_stay(space: Workspace, page: Page) -> None:
    """The control is a number that the same cell prints: it does arrive."""
    seen: list[bytes] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: seen.append(_bytes(data))))
    page.click('.jp-LauncherCard[data-category="Notebook"]')
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    cell_that_shows(page, "print(6 * 7)", 'text="42"')
    cell(
        page,
        "import plotly.graph_objects as go\nprint(1234567 + 1)\n"
        "go.Figure(go.Scatter(y=[7000000 + 654321, 2])).show()\nprint('after', 'the', 'figure')",
    )
    page.wait_for_selector(".jp-RenderedImage img")
    page.wait_for_selector("text=after the figure")
    outputs = page.locator(".jp-CodeCell", has_text="go.Scatter").locator(".jp-OutputArea-output").last
    picture = page.locator(".jp-RenderedImage img")
    assert picture.count() == 1
    assert picture.evaluate("image => image.naturalWidth") == 1600
    assert "after the figure" in outputs.inner_text(), "the cell's outputs keep their order"
    received = b"".join(seen)
    assert b"1234568" in received, "the control"
    assert b"7654321" not in received
    cell(page, "import altair as alt\nalt.Chart(alt.Data(values=[{'a': 7000000 + 654321}])).mark_bar().encode(x='a:Q')")
    page.wait_for_function("document.querySelectorAll('.jp-RenderedImage img').length === 2")
    assert b"7654321" not in b"".join(seen)
    assert "7654321" not in page.content()


@pytest.mark.browser
def test_the_status_bar_tells_how_much_was_shown(page: Page) -> None:
    button = page.get_by_role("button", name="shown today")
    assert "of 67.1 MB shown today" in button.inner_text()
    button.click()
    assert "midnight UTC" in page.locator(".jp-Dialog").inner_text()
    page.keyboard.press("Escape")


def _bytes(data: bytes | str) -> bytes:
    return data if isinstance(data, bytes) else data.encode()
