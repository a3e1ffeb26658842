"""The story's counterparts: who may not decide, and what a double or a simultaneous click does."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from output_checker.desk import people, projects
from output_checker.desk.context import Desk, open_desk
from output_checker.desk.views import SiteRole
from tests.browser.people import Checker, Researcher
from tests.system.running import Halftide

pytestmark = [pytest.mark.browser, pytest.mark.system]

SAFE_TABLE = "plan,Excellent,Good,Fair,Poor\nFree,3782,2363,541,136\n25 % coinsurance,2183,1522,331,29\n"


@pytest.fixture(scope="module")
def desk(halftide: Halftide) -> Iterator[Desk]:
    """The running site's desk, for what an administrator would do."""
    opened = open_desk(halftide.state)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def researcher(browser: Browser, halftide: Halftide) -> Researcher:
    """The researcher, in JupyterLab."""
    person = Researcher(browser, halftide, "researcher")
    person.open_workspace()
    (person.workspace / "results").mkdir(exist_ok=True)
    person.open_folder("results")
    return person


def ask(researcher: Researcher, title: str, **files: str) -> None:
    """Ask for the release of these files (name without ending: text), as one group."""
    folder: Path = researcher.workspace / "results"
    for old in folder.iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    researcher.page.get_by_role("button", name="Refresh the file browser.").click()
    researcher.ask_for(*(f"{name}.csv" for name in files))
    researcher.fill_in(
        Title=title,
        Population="All person-years",
        Variables="plan and health",
        Number_of_records="20,190 person-years",
        Disclosure_control_applied="None needed: no cell is below 29",
    )
    researcher.send()


def ballot(page: Page) -> dict[str, str]:
    """What the page of somebody who may vote would send to approve its first output."""
    fields: dict[str, str] = page.evaluate(
        """() => {
            const form = document.querySelector('form[data-vote]');
            form.querySelector('input[value=approve]').checked = true;
            return Object.fromEntries(new FormData(form));
        }"""
    )
    return fields


def cast(page: Page, address: str, fields: dict[str, str]) -> int:
    """Send a ballot from another person's page with that person's own session and token; the answer's status."""
    status: int = page.evaluate(
        """async ([address, fields]) => {
            const csrf = document.querySelector('input[name=csrf]').value;
            const answer = await fetch(`${address}/votes`, {
                method: 'POST', body: new URLSearchParams({...fields, csrf}), redirect: 'manual'});
            return answer.status;
        }""",
        [address, fields],
    )
    return status


SENT_ON = 0
"""The status that a browser shows for a redirect that it was told not to follow: the vote was taken."""


def test_a_member_of_the_project_may_not_vote(
    browser: Browser, halftide: Halftide, researcher: Researcher, desk: Desk
) -> None:
    people.give_role(desk, None, "admin", SiteRole.CHECKER)
    projects.add_member(desk, None, "rand-hie", "admin")
    ask(researcher, "Who may vote on this?", table=SAFE_TABLE)

    member = Checker(browser, halftide, "admin")
    member.page.goto(f"{halftide.portal}queue?show=waiting")
    row = member.page.locator("tr", has_text="Who may vote on this?")
    expect(row).to_contain_text("member")

    outsider = Checker(browser, halftide, "checker1")
    outsider.open_request("Who may vote on this?")
    address, fields = outsider.page.url, ballot(outsider.page)
    member.page.goto(address)
    expect(member.page.locator("form[data-vote]")).to_have_count(0)
    assert cast(member.page, address, fields) in {403, 404}
    assert cast(outsider.page, address, fields) == SENT_ON, "the control: the same ballot of somebody outside counts"


def test_the_author_may_not_vote_even_as_a_checker(
    browser: Browser, halftide: Halftide, researcher: Researcher, desk: Desk
) -> None:
    people.give_role(desk, None, "researcher", SiteRole.CHECKER)
    try:
        ask(researcher, "My own table", table=SAFE_TABLE)
        outsider = Checker(browser, halftide, "checker1")
        outsider.open_request("My own table")
        address, fields = outsider.page.url, ballot(outsider.page)
        author = Checker(browser, halftide, "researcher")
        author.page.goto(address)
        expect(author.page.locator("form[data-vote]")).to_have_count(0)
        assert cast(author.page, address, fields) in {403, 404}
    finally:
        people.take_role(desk, None, "researcher", SiteRole.CHECKER)


def test_a_double_click_on_approve_is_one_vote(browser: Browser, halftide: Halftide, researcher: Researcher) -> None:
    ask(researcher, "Clicked twice", table=SAFE_TABLE)
    checker = Checker(browser, halftide, "checker1")
    checker.open_request("Clicked twice")
    form = checker.page.locator("form[data-vote]")
    form.get_by_label("Approve").check()
    form.get_by_role("button").dblclick()
    checker.page.wait_for_load_state("networkidle")
    assert checker.state() == "In review"
    expect(checker.page.locator("main")).to_contain_text("1 of 2 approvals")


def test_two_checkers_at_the_same_instant_release_once(
    browser: Browser, halftide: Halftide, researcher: Researcher
) -> None:
    ask(researcher, "At the same instant", table=SAFE_TABLE)
    both = [Checker(browser, halftide, name) for name in ("checker1", "checker2")]
    for checker in both:
        checker.open_request("At the same instant")
        checker.page.locator("form[data-vote]").get_by_label("Approve").check()
    for checker in both:  # sent without waiting for an answer
        checker.page.evaluate("document.querySelector('form[data-vote]').requestSubmit()")
    for checker in both:
        expect(checker.page.locator("main")).to_contain_text("approved")
        expect(checker.page.locator(".ht-head .ht-pill")).to_have_text(re.compile("In review|Released"))
    for checker in both:
        checker.page.goto(checker.page.url.partition("#")[0])
    assert {checker.state() for checker in both} == {"Released"}
    researcher_page = Researcher(browser, halftide, "researcher")
    researcher_page.open_request("At the same instant")
    assert researcher_page.fetch("results/table.csv").decode() == SAFE_TABLE
