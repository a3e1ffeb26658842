"""axe-core finds nothing to object to on any page, light and dark, nor in the states that a page can be in.

axe-core comes from npm with the root's lock file and is put into the page by the test alone: our own policy would not
let a page load it, so these pages are opened without that policy.
"""

import asyncio
import importlib.util
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from web_world import PREFIX, make_world

from output_checker.web.app import SafeAnswers, create_app

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def _look() -> Any:
    spec = importlib.util.spec_from_file_location("web_look", Path(__file__).with_name("look.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a Halftide with requests in every state, and its pages: "name person" to path."""
    world = make_world(tmp_path_factory.mktemp("site"))
    pages = _look().fill(world)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = SafeAnswers(create_app(replace(world.settings, public_origin=origin), world.desk, world.hub))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield origin + PREFIX, pages
    server.should_exit = True
    thread.join(10)
    listening.close()
    world.desk.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_look().CHROMIUM)
        yield launched
        launched.close()


def _open(browser: Browser, base: str, who: str, scheme: str) -> Page:
    dark = "dark" if scheme == "dark" else "light"
    window = {"width": 1366, "height": 768}
    context = browser.new_context(bypass_csp=True, color_scheme=dark, viewport=window, reduced_motion="reduce")  # type: ignore[arg-type]
    context.add_cookies([{"name": "halftide", "value": f"browser-{who}", "url": base}])
    return context.new_page()


def _violations(page: Page) -> list[str]:
    page.evaluate("() => document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = page.evaluate("(options) => axe.run(document, options)", options)["violations"]
    return [f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_on_any_page(browser: Browser, site: tuple[str, dict[str, str]], scheme: str) -> None:
    base, pages = site
    found: dict[str, list[str]] = {}
    for who in sorted({key.split()[1] for key in pages}):
        page = _open(browser, base, who, scheme)
        for key, path in pages.items():
            if key.split()[1] == who:
                page.goto(base + path)
                found[key] = _violations(page)
        page.context.close()
    assert len(found) == len(pages)
    assert not {key: said for key, said in found.items() if said}


def test_axe_would_see_what_is_wrong(browser: Browser, site: tuple[str, dict[str, str]]) -> None:
    page = _open(browser, site[0], "admin", "light")
    page.goto(site[0] + "people")
    page.evaluate(
        "() => { document.querySelector('label').remove(); document.querySelector('h1').style.color = '#f0eee8'; }"
    )
    rules = {said.partition(":")[0] for said in _violations(page)}
    page.context.close()
    assert {"label", "color-contrast"} <= rules
