"""The demo's people, each in a Chromium of their own: what they click, in their words."""

import re
import time
from pathlib import Path

from playwright.sync_api import Browser, Download, Locator, Page, expect

from tests.system.running import Halftide

CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 60_000
"""Milliseconds for what starts a process; everything else gets Playwright's own 30 s."""


class Person:
    """Somebody who is logged in."""

    def __init__(self, browser: Browser, halftide: Halftide, name: str) -> None:
        self.halftide = halftide
        self.name = name
        self.context = browser.new_context(viewport={"width": 1366, "height": 860}, accept_downloads=True)
        self.page: Page = self.context.new_page()
        self.page.goto(halftide.url)
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(halftide.passwords[name])
        self.page.get_by_role("button", name="Log in").click()
        self.page.get_by_role("button", name="Log out").wait_for()

    def go_home(self) -> None:
        """The portal's front page."""
        self.page.goto(self.halftide.portal)

    def open_request(self, title: str) -> None:
        """The page of the request with this title, from the front page, as soon as the check has put it there."""
        link = self.page.get_by_role("link", name=title, exact=True)
        deadline = time.monotonic() + PATIENCE / 1000
        self.go_home()
        while not link.count() and time.monotonic() < deadline:
            time.sleep(0.5)
            self.go_home()
        link.first.click()
        self.page.get_by_role("heading", name=title, exact=True).wait_for()

    def picture(self, path: Path, *, height: int = 860) -> None:
        """A screenshot of what stands on the screen, once it has come to rest."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.set_viewport_size({"width": 1366, "height": height})
        self.page.wait_for_timeout(2000)
        self.page.screenshot(path=path)
        self.page.set_viewport_size({"width": 1366, "height": 860})


class Checker(Person):
    """Somebody who decides about requests."""

    def _vote(self, path: str) -> Locator:
        return self.page.locator("form[data-vote]", has_text=f"Your vote on {path}")

    def approve(self, path: str, reason: str = "") -> None:
        """Approve one output."""
        form = self._vote(path)
        form.get_by_label("Approve").check()
        if reason:
            form.get_by_label("Reason").fill(reason)
        form.get_by_role("button").click()
        self.page.wait_for_load_state()

    def may_vote_on(self, path: str) -> bool:
        """Whether the page offers a vote that can be given."""
        return self._vote(path).get_by_label("Approve").is_enabled()

    def return_for_changes(self, reason: str) -> None:
        """Send the request back to its author."""
        self.page.locator("summary", has_text="Return for changes").click()
        field = self.page.get_by_label("What must change?")
        if not field.is_visible():
            self.page.locator("summary", has_text="Return for changes").click()
        field.fill(reason)
        self.page.get_by_role("button", name="Return for changes").click()
        self.page.wait_for_load_state()

    def state(self) -> str:
        """The word for the request's state on its page."""
        return self.page.locator(".ht-head .ht-pill").inner_text().strip()


class Researcher(Person):
    """Somebody who works in a project."""

    def open_workspace(self) -> None:
        """From the front page into JupyterLab."""
        self.go_home()
        self.page.get_by_role("link", name="Open workspace").click()
        self.page.wait_for_url(re.compile(r"/lab"), timeout=PATIENCE)
        self.page.locator(".jp-DirListing-item").first.wait_for(timeout=PATIENCE)

    @property
    def workspace(self) -> Path:
        """The folder of the host that is /workspace inside."""
        (folder,) = self.halftide.state.glob("projects/*/*/workspace")
        return folder

    def item(self, name: str) -> Locator:
        """A row of the file browser."""
        return self.page.locator(".jp-DirListing-item", has=self.page.get_by_text(name, exact=True))

    def run_notebook(self, name: str) -> None:
        """Open a notebook, run all of it and wait for its end."""
        self.item(name).dblclick()
        self.page.locator(".jp-Notebook").wait_for()
        self._kernel_is("Idle")
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_text("Run All Cells", exact=True).click()
        self.item("results").wait_for(timeout=PATIENCE)  # the notebook makes this folder
        expect(self.page.locator(".jp-Notebook")).to_contain_text("No way out", timeout=PATIENCE)
        self._kernel_is("Idle")

    def run_code(self, code: str, answer: str) -> None:
        """Type a new cell beneath the last one, run it, and wait for its answer."""
        notebook = self.page.locator(".jp-Notebook")
        notebook.locator(".jp-Cell").last.click(position={"x": 10, "y": 10})
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("b")
        self.page.keyboard.press("Enter")
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Shift+Enter")
        expect(notebook).to_contain_text(answer, timeout=PATIENCE)

    def _kernel_is(self, word: str) -> None:
        self.page.locator("#jp-bottom-panel, #jp-main-statusbar").get_by_text(f"| {word}").wait_for(timeout=PATIENCE)

    def open_folder(self, name: str) -> None:
        """Go into a folder in the file browser."""
        self.item(name).dblclick()
        self.page.locator(".jp-BreadCrumbs-item", has_text=name).wait_for()

    def ask_for(self, *names: str) -> None:
        """Select files in the file browser and open the form for them."""
        self.page.locator(".jp-DirListing-content").click(position={"x": 100, "y": 300})
        for place, name in enumerate(names):
            self.item(name).click(modifiers=["Control"] if place else [])
        self.item(names[-1]).click(button="right", modifiers=[])
        self.page.locator(".lm-Menu-item", has_text="Request Release").click()
        self.page.get_by_role("heading", name="Request release").wait_for()

    def fill_in(self, **fields: str) -> None:
        """Fill the form's fields by their labels (underscores stand for blanks)."""
        for label, text in fields.items():
            self.page.get_by_role("textbox", name=label.replace("_", " ")).fill(text)

    def send(self) -> None:
        """Send the form and wait until the portal has it."""
        self.page.get_by_role("button", name="Send request").click()
        self.page.get_by_role("heading", name="has been sent").wait_for()

    def fetch(self, path: str) -> bytes:
        """Download one released file from the request's page."""
        with self.page.expect_download() as wait:
            self.page.get_by_role("link", name=path, exact=True).last.click()
        download: Download = wait.value
        return Path(download.path()).read_bytes()
