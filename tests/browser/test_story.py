"""The whole story, as its people live it: from the login to the released bytes."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.people import PATIENCE, Checker, Researcher
from tests.system.running import Halftide

pytestmark = [pytest.mark.browser, pytest.mark.system]

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "images"
TITLE = "Visits to the doctor by plan"
FINE = "results/plan-by-visits.csv"
SAFE = "results/plan-by-health.csv"
WISH = "Please merge the two highest bands: one cell has 4 person-years."
MERGE = """
fine["11 or more"] = fine.pop("11 to 25") + fine.pop("more than 25")
fine.to_csv(results / "plan-by-visits.csv")
print("smallest cell:", fine.min().min())
""".strip()


def test_from_the_login_to_the_released_bytes(browser: Browser, halftide: Halftide, pictures: bool) -> None:
    researcher = Researcher(browser, halftide, "researcher")
    researcher.open_workspace()
    researcher.run_notebook("visits-and-health.ipynb")
    if pictures:
        researcher.page.get_by_role(
            "heading", name="Do people who pay nothing go more often?"
        ).scroll_into_view_if_needed()
        researcher.picture(PICTURES / "notebook.png")
    ask_and_learn_what_a_checker_would_object_to(researcher, pictures)

    first = Checker(browser, halftide, "checker1")
    see_the_cell_marked_and_send_it_back(first, pictures)
    merge_two_categories_and_send_it_again(researcher)

    first.open_request(TITLE)
    for path in (FINE, SAFE):
        first.approve(path)
    assert first.state() == "In review", "one person's votes release nothing"
    first.approve(FINE)
    assert first.state() == "In review", "the same person twice is one person"
    researcher.open_request(TITLE)
    expect(researcher.page.get_by_text("Download all as ZIP")).to_have_count(0)

    second = Checker(browser, halftide, "checker2")
    second.open_request(TITLE)
    expect(second.page.locator("main")).not_to_contain_text("checker1 approved")
    digest = second.page.locator("dl", has_text=FINE).locator(".ht-digest").nth(1).text_content()
    for path in (FINE, SAFE):
        second.approve(path)
    assert second.state() == "Released"

    researcher.open_request(TITLE)
    released = researcher.fetch(FINE)
    assert hashlib.sha256(released).hexdigest() == digest, "the released bytes are the approved bytes"
    assert b"11 or more" in released
    if pictures:
        researcher.picture(PICTURES / "released.png")
    require_that_the_record_proves_it(halftide)


def ask_and_learn_what_a_checker_would_object_to(researcher: Researcher, pictures: bool) -> None:
    """The form names the cell, the number and the way to mend it before anything is sent."""
    researcher.open_folder("results")
    researcher.ask_for("plan-by-visits.csv", "plan-by-health.csv")
    form = researcher.page.locator(".halftide-Form")
    expect(form).to_contain_text("1 cell shows a count below 10 (smallest: 4)")
    expect(form).to_contain_text("50 % coinsurance, more than 25")
    expect(form).to_contain_text("What to do:")
    if pictures:
        researcher.picture(PICTURES / "request-form.png")
    researcher.fill_in(
        Title=TITLE,
        Population="All person-years of the experiment; nobody left out",
        Variables="plan (randomised), visits to a doctor in a year, in bands; self-rated health",
        Number_of_records="20,190 person-years",
        Disclosure_control_applied="None so far: all but one cell are above 10",
    )
    researcher.send()


def see_the_cell_marked_and_send_it_back(checker: Checker, pictures: bool) -> None:
    """The checker's page marks the same cell."""
    checker.open_request(TITLE)
    marked = checker.page.locator("td.ht-mark-fail")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("4")
    if pictures:
        checker.picture(PICTURES / "review-desk.png", height=1240)
    checker.return_for_changes(WISH)
    assert checker.state() == "Returned"


def merge_two_categories_and_send_it_again(researcher: Researcher) -> None:
    """The researcher reads what was asked, mends the table in the notebook, and sends the request again."""
    researcher.page.get_by_role("tab", name="visits-and-health.ipynb").click()
    researcher.run_code(MERGE, "smallest cell: 52")
    panel = researcher.page.locator(".halftide-Panel")
    if not panel.is_visible():
        researcher.page.get_by_role("tab", name="Releases").click()
    expect(panel).to_contain_text(WISH, timeout=PATIENCE)
    researcher.page.get_by_role("button", name="Fix and resubmit").click()
    researcher.page.get_by_role("heading", name="Fix and resubmit").wait_for()
    researcher.fill_in(Disclosure_control_applied="The two highest bands merged: the smallest cell is 52")
    researcher.send()


def require_that_the_record_proves_it(halftide: Halftide) -> None:
    """``halftide verify`` derives everything again and finds nothing wrong."""
    verify = [sys.executable, "-c", "import sys; from output_checker.cli import main; sys.exit(main())", "verify"]
    run = subprocess.run([*verify, "--state", str(halftide.state)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
