"""A project that shows nothing but pixels, from the administrator's choice to a cell that is run by keyboard."""

import pytest
from playwright.sync_api import Browser

from output_checker.cli import main
from tests.attacks.browser.decisions import WORKSPACE
from tests.browser.people import PATIENCE, Researcher
from tests.halftide_workspace.pictures import Screen, insist, wait_for
from tests.system.running import Halftide

pytestmark = [pytest.mark.system, pytest.mark.browser]

PROJECT = "rand-hie"
OPEN = {"", "oauth_callback", "logout"}
"""The picture's own page, and what the hub needs."""


@pytest.fixture(scope="module")
def person(halftide: Halftide, browser: Browser) -> Researcher:
    """The demo's researcher in a workspace of pixels."""
    assert main(["admin", "--state", str(halftide.state), "boundary", PROJECT, "display=pixels"]) == 0
    person = Researcher(browser, halftide, "researcher")
    person.go_home()
    person.page.get_by_role("link", name="Open workspace").click()
    person.page.wait_for_selector("#screen canvas", timeout=3 * PATIENCE)
    Screen(person.page).wait()
    return person


def test_a_researcher_works_in_a_picture(person: Researcher) -> None:
    assert person.page.url == person.halftide.workspace("researcher", PROJECT)
    screen = Screen(person.page)
    before = screen.picture().tobytes()
    made = person.workspace / "by-keys.txt"

    def run_in_a_terminal() -> None:
        screen.press("Escape")
        screen.click(0.5, 0.9)
        screen.press("Control+Shift+c")
        person.page.wait_for_timeout(700)
        screen.write("New Terminal")
        person.page.wait_for_timeout(700)
        screen.press("Enter")
        person.page.wait_for_timeout(3000)
        screen.write("id > by-keys.txt")
        screen.press("Enter")

    insist(run_in_a_terminal, made.exists, "the file")
    assert "uid=1000" in made.read_text()
    wait_for(lambda: screen.picture().tobytes() != before, "another picture")


@pytest.mark.attack
def test_the_persons_cookies_open_nothing_else(person: Researcher) -> None:
    """The control, with the same routes in a workspace that is shown as a page, is tests/attacks/browser."""
    visitor = person.halftide.visitor("researcher")
    base = person.halftide.workspace("researcher", PROJECT)
    assert "pixels/page/screen.js" in visitor.ask(base).text, "the visitor is let in, as the person is"
    answers = {example: visitor.ask(base + example).status for example in {row.example for row in WORKSPACE} - OPEN}
    assert set(answers.values()) == {403}, answers
