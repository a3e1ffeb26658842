"""A workspace that shows nothing but pixels: it can be worked in, and everything else of it is closed."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from output_checker.sandbox_pixels import missing_packages
from tests.halftide_workspace.pictures import Screen, inside, new_notebook, pixels, processes_of, run_until, wait_for
from tests.halftide_workspace.servers import Workspace, workspace
from tests.halftide_workspace.test_lab import CHROMIUM, FLAGS

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture(scope="module")
def space() -> Iterator[Workspace]:
    assert not missing_packages(), "pixel mode's packages are missing; `make test` installs them"
    folder = Path(tempfile.mkdtemp(prefix="halftide-pixels-"))
    with workspace(folder, groups=None, **pixels()) as running:
        yield running
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def screen(space: Workspace, browser: Browser) -> Screen:
    """The picture in the owner's browser."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    screen = Screen(context.new_page())
    screen.log_in(space)
    return screen


@pytest.fixture(scope="module")
def seen(space: Workspace, screen: Screen) -> Iterator[Workspace]:
    """The workspace as the browser inside sees it."""
    with inside(space) as seen:
        yield seen


def test_people_work_by_keyboard_and_mouse_and_see_what_happens(screen: Screen, seen: Workspace) -> None:
    new_notebook(screen, seen)
    before = screen.picture().tobytes()
    made = seen.files / "größe.txt"
    run_until(screen, "open('größe.txt', 'w').write('by keys')", made.exists)
    assert made.read_text() == "by keys"
    wait_for(lambda: screen.picture().tobytes() != before, "another picture")


def test_the_screen_follows_the_window(screen: Screen) -> None:
    screen.page.set_viewport_size({"width": 1000, "height": 700})
    wait_for(lambda: abs(screen.size()[0] - 1000) <= 8 and 600 < screen.size()[1] < 700, "another size")
    screen.page.set_viewport_size({"width": 1280, "height": 800})
    wait_for(lambda: abs(screen.size()[0] - 1280) <= 8, "the size before")


def test_a_session_outlives_its_page_and_is_seen_in_one_window(space: Workspace, screen: Screen) -> None:
    programs = processes_of(space, "Xtigervnc")
    screen.page.reload()
    screen.wait()
    other = Screen(screen.page.context.new_page())
    other.page.goto(space.url)
    other.wait()
    screen.page.get_by_role("button", name="Show it here").wait_for()
    assert "open in another window" in screen.page.locator("#said").inner_text()
    screen.page.get_by_role("button", name="Show it here").click()
    screen.wait()
    other.page.close()
    assert programs == processes_of(space, "Xtigervnc") != set()


def test_what_was_sent_is_counted_and_told(space: Workspace, screen: Screen) -> None:
    screen.page.reload()
    screen.wait()
    assert "of 1073.7 MB today" in screen.page.locator("#meter").inner_text()
    wait_for(lambda: json.loads((space.private / "shown.json").read_text())["shown"] > 10_000, "the day's count")


def test_a_days_share_ends_the_picture_and_the_page_says_so(browser: Browser, tmp_path: Path) -> None:
    with workspace(tmp_path, groups=None, **pixels(burst=40_000, per_second=40_000, per_day=40_000)) as space:
        page = browser.new_page()
        page.goto(f"{space.url}?token=owner-token")
        page.wait_for_selector("text=used up", timeout=60_000)
        sent = json.loads((space.private / "shown.json").read_text())["shown"]
        assert 40_000 <= sent < 400_000
        page.close()


def test_who_is_stuck_gets_another_browser_on_the_same_screen(space: Workspace, screen: Screen) -> None:
    before, programs = processes_of(space, "chromium"), processes_of(space, "Xtigervnc")
    screen.page.get_by_role("button", name="Open JupyterLab again").click()
    wait_for(lambda: (now := processes_of(space, "chromium")) and not now & before, "another browser")
    screen.wait()
    assert programs == processes_of(space, "Xtigervnc")
