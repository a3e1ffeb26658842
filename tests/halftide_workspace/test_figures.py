"""Figures that carry their data: in the page they are pictures, the cells keep their order, and no data came along."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from halftide_workspace.bundles import Figure
from halftide_workspace.figures import Drawing
from output_checker import sandbox_figures
from output_checker.model import Broken
from tests.halftide_workspace.servers import ANALYSIS, OWNER, workspace
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
    for kind in ("plotly", "bokeh", "vega"):
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


@dataclass
class Notebook:
    """A notebook in a browser, whose kernel is ready, and all that came over the page's sockets."""

    page: Page
    received: list[bytes] = field(default_factory=list)

    def holds(self, number: bytes) -> bool:
        """Whether the browser has a number, on its way or in the page."""
        return number in b"".join(self.received) or number in self.page.content().encode()


@contextmanager
def opened(browser: Browser, boundary: str = "{}") -> Iterator[Notebook]:
    """A workspace of its own, in a page of its own."""
    folder = Path(tempfile.mkdtemp(prefix="halftide-figures-"))
    with workspace(folder, JUPYTERHUB_ALLOW_TOKEN_IN_URL="1", HALFTIDE_BOUNDARY=boundary) as space:
        page = browser.new_page()
        notebook = Notebook(page)
        keep = notebook.received.append
        page.on("websocket", lambda socket: socket.on("framereceived", lambda data: keep(_bytes(data))))
        page.set_default_timeout(60_000)
        page.goto(f"{space.url}lab?token={OWNER}")
        page.wait_for_selector(".jp-DirListing-content")
        page.wait_for_selector("#jupyterlab-splash", state="detached")
        page.click('.jp-LauncherCard[data-category="Notebook"]')
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
        cell_that_shows(page, "print(6 * 7)", 'text="42"')
        yield notebook
        page.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def notebook(browser: Browser) -> Iterator[Notebook]:
    with opened(browser) as notebook:
        yield notebook


_PLOTLY_CELL = "import plotly.graph_objects as go\ngo.Figure(go.Scatter(y=[7000000 + 654321, 2])).show()"
_ALTAIR_CELL = "import altair as alt\nalt.Chart(alt.Data(values=[{'a': 7000000 + 654321}])).mark_bar().encode(x='a:Q')"

_BOKEH_CELL = (
    "from bokeh.plotting import figure, output_notebook, show\noutput_notebook()\nfig = figure(height=200)\n"
    "fig.scatter([1, 2], [2, 7000000 + 654321])\nshow(fig)"
)


@pytest.mark.browser
@pytest.mark.attack
def test_a_figure_is_a_picture_in_the_page_and_its_data_stay(notebook: Notebook) -> None:
    """The control is a number that the same cell prints: it does arrive."""
    page = notebook.page
    cell(page, f"print(1234567 + 1)\n{_PLOTLY_CELL}\nprint('after', 'the', 'figure')")
    page.wait_for_selector(".jp-RenderedImage img")
    page.wait_for_selector("text=after the figure")
    outputs = page.locator(".jp-CodeCell", has_text="go.Scatter").locator(".jp-OutputArea-output").last
    picture = page.locator(".jp-RenderedImage img")
    assert picture.count() == 1
    assert picture.evaluate("image => image.naturalWidth") == 1600
    assert "after the figure" in outputs.inner_text(), "the cell's outputs keep their order"
    assert notebook.holds(b"1234568"), "the control"
    assert not notebook.holds(b"7654321")
    cell(page, _ALTAIR_CELL)
    page.wait_for_function("document.querySelectorAll('.jp-RenderedImage img').length === 2")
    assert not notebook.holds(b"7654321")
    cell(page, _BOKEH_CELL)
    page.wait_for_function("document.querySelectorAll('.jp-RenderedImage img').length === 3")
    assert not notebook.holds(b"7654321")
    assert "jupyterlab-plotly" not in page.content(), "nothing that could draw it is there"


@pytest.mark.browser
def test_a_project_may_have_its_figures_drawn_by_the_page(browser: Browser) -> None:
    downloads: list[str] = []
    with opened(browser, '{"figures": "interactive"}') as notebook:
        page = notebook.page
        page.on("download", lambda download: downloads.append(download.suggested_filename))
        cell(page, _PLOTLY_CELL)
        page.wait_for_selector(".js-plotly-plot .main-svg .scatterlayer .point")
        cell(page, _ALTAIR_CELL)
        page.wait_for_selector(".vega-embed .marks")
        assert notebook.holds(b"7654321")
        page.hover(".js-plotly-plot")
        page.click(".js-plotly-plot .modebar-btn[data-title^=Download]")
        page.wait_for_function("document.querySelector('.js-plotly-plot')._snapshotInProgress === false")
        page.click(".vega-embed summary")
        page.click(".vega-embed .vega-actions a >> nth=0")
        cell_that_shows(page, "print('still', 'here')", "text=still here")
        assert downloads == [], "the page's policy covers the buttons of the figures"
        cell(page, _BOKEH_CELL)
        page.wait_for_selector(".jp-RenderedImage img")


@pytest.mark.browser
def test_the_status_bar_tells_how_much_was_shown(notebook: Notebook) -> None:
    page = notebook.page
    button = page.get_by_role("button", name="shown today")
    assert "of 67.1 MB shown today" in button.inner_text()
    button.click()
    assert "midnight UTC" in page.locator(".jp-Dialog").inner_text()
    page.keyboard.press("Escape")


def _bytes(data: bytes | str) -> bytes:
    return data if isinstance(data, bytes) else data.encode()
