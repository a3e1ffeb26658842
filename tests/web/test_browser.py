"""The desk's pages in Chromium: what only a browser does (scripts, focus, double clicks, policies) on the real desk."""

import asyncio
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright
from web_world import PREFIX, World

from output_checker.desk import queue
from output_checker.rules.workflow import State
from output_checker.web.app import SafeAnswers, create_app

pytestmark = pytest.mark.browser

CHROMIUM = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOW = b"plan,visits\nfree,1000\nco-pay,3\n"
GOOD = b"plan,visits\nfree,1000\nco-pay,2000\n"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield launched
        launched.close()


@pytest.fixture
def base(world: World) -> Iterator[str]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = SafeAnswers(create_app(replace(world.settings, public_origin=origin), world.desk, world.hub))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield origin + PREFIX
    server.should_exit = True
    thread.join(10)
    listening.close()


def _open(browser: Browser, base: str, who: str, path: str) -> Page:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.add_cookies([{"name": "halftide", "value": f"browser-{who}", "url": base}])
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(base + path)
    assert not [text for text in told if "Content Security Policy" in text or "Error" in text], told
    return page


def _state(world: World, request_id: str) -> State:
    return queue.request_page(world.desk, world.person("admin"), request_id).row.state


def test_two_people_approve_with_double_clicks_and_the_author_downloads(
    world: World, browser: Browser, base: str, tmp_path: Path
) -> None:
    request_id = world.submit({"tables/visits.csv": GOOD})
    for checker in ("checker1", "checker2"):
        page = _open(browser, base, checker, f"requests/{request_id}")
        page.get_by_label("Approve", exact=True).check()
        page.get_by_role("button", name="Save my vote").dblclick()
        expect(page.get_by_text("you approved").first).to_be_visible()
    assert _state(world, request_id) is State.RELEASED
    page = _open(browser, base, "researcher", f"requests/{request_id}")
    with page.expect_download() as download:
        page.get_by_role("link", name="tables/visits.csv").click()
    saved = tmp_path / "saved"
    download.value.save_as(saved)
    assert saved.read_bytes() == GOOD
    assert download.value.suggested_filename == "visits.csv"


def test_a_reason_is_asked_for_before_sending_and_the_check_can_suggest_one(
    world: World, browser: Browser, base: str
) -> None:
    request_id = world.submit({"low.csv": LOW})
    page = _open(browser, base, "checker1", f"requests/{request_id}")
    page.get_by_label("Approve", exact=True).check()
    page.get_by_role("button", name="Save my vote").click()
    assert page.evaluate("document.querySelector('form[data-vote] textarea').matches(':invalid')")
    assert _state(world, request_id) is State.WAITING
    page.get_by_text("Return for changes").first.click()
    page.get_by_role("button", name="Add what the check suggests").click()
    expect(page.get_by_label("What must change?")).to_have_value(re.compile("low.csv: Combine small groups"))
    page.get_by_role("button", name="Return for changes").click()
    expect(page.get_by_text("The request is back with its author")).to_be_visible()
    assert _state(world, request_id) is State.RETURNED


def test_a_running_check_ends_on_the_page_without_a_hand(world: World, browser: Browser, base: str) -> None:
    request_id = world.submit({"low.csv": LOW}, checked=False)
    page = _open(browser, base, "researcher", f"requests/{request_id}")
    expect(page.get_by_text("The automated check is running").first).to_be_visible()
    world.check()
    expect(page.get_by_text("counts are below 10").first).to_be_visible(timeout=8000)


def test_a_finding_leads_to_its_cell_by_keyboard_and_nothing_hostile_runs(
    world: World, browser: Browser, base: str
) -> None:
    hostile = "<img src=x onerror=document.title='owned'>"
    rows = "".join(f"p{n},1000\n" for n in range(60))
    request_id = world.submit({f"{hostile}.csv": f"plan,{hostile}\n{rows}last,3\n".encode()}, title=hostile)
    page = _open(browser, base, "checker1", f"requests/{request_id}")
    link = page.locator(".ht-places a").first
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator(":target")).to_be_in_viewport()
    assert page.locator(":target").inner_text().startswith("3")
    assert "owned" not in page.title()[:5]
    page.goto(base + "queue")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(hostile)


@pytest.mark.parametrize("width", [1366, 683, 320])
def test_no_page_is_wider_than_its_window(world: World, browser: Browser, base: str, width: int) -> None:
    request_id = world.submit({"low.csv": LOW, "c.png": b"png", "x" * 120 + ".csv": GOOD})
    for who, path in (
        ("checker1", f"requests/{request_id}"),
        ("checker1", "queue"),
        ("researcher", ""),
        ("admin", "audit"),
    ):
        page = _open(browser, base, who, path)
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (who, path)
        page.context.close()
