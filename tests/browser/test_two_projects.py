"""Two projects of one person share an origin in the browser. A page of the one tries to drive the other's server.

The attacker is a script that runs in the first project's page, as a notebook's output would have to make one run. What
counts is whether a request arrives: the other server's own checks (the token against forged requests, which a browser
gives to pages below its path only; no embedding) are a second wall, and stay up in the controls too.
"""

import re
import shutil
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Route, sync_playwright

from output_checker.cli import main
from tests.browser.people import CHROMIUM, Researcher
from tests.system.running import Halftide, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.system]

PATIENCE = 5.0
"""Seconds that what was let out of the page has to arrive; the controls take a part of one."""
MINE, OTHER = "rand-hie", "grunfeld"

PRELUDE = """
const own = location.pathname;
const body = JSON.stringify({ type: 'file', format: 'text', content: 'planted' });
const token = document.cookie.split('; ').find((one) => one.startsWith('_xsrf='))?.slice(6) ?? '';
const at = (path) => `${OTHER}${path}?attack=${MARK}.&_xsrf=${token}`;
const put = (name) => fetch(at(`api/contents/${name}`), { method: 'PUT', body });
const worker = (code) => URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
const element = (name, values) => document.body.append(Object.assign(document.createElement(name), values));
"""

ATTACKS = {
    # same-origin, and yet not "cors": the server takes it for the request of an image, and asks for no token
    "fetch that reads": "return (await fetch(at('api/contents'), { mode: 'no-cors' })).text()",
    "fetch that writes": "await put('fetch.txt')",
    "fetch from a path that claims to be the other's": """
        history.replaceState({}, '', `${OTHER}lab`);
        const sent = put('moved.txt');
        history.replaceState({}, '', own);
        await sent;""",
    "XMLHttpRequest": """
        const request = new XMLHttpRequest();
        request.open('PUT', at('api/contents/xhr.txt'), false);
        request.send(body);""",
    "sendBeacon": "navigator.sendBeacon(at('api/contents'), body)",
    "fetch that outlives the page": "await fetch(at('api/contents'), { method: 'POST', body, keepalive: true })",
    "EventSource": "new EventSource(at('api/status'))",
    "websocket": """
        return new Promise((done) => {
          const socket = new WebSocket(`${location.origin.replace('http', 'ws')}${at('api/events/subscribe')}`);
          socket.onopen = () => done('open'); socket.onerror = () => done('closed');
        })""",
    "image": "element('img', { src: at('api/status') })",
    "style sheet": "element('link', { rel: 'stylesheet', href: at('static/other.css') })",
    "script": "element('script', { src: at('static/other.js') })",
    "module": "await import(at('static/module.js'))",
    "iframe": "element('iframe', { src: at('lab') })",
    "object": "element('object', { data: at('lab') })",
    "embed": "element('embed', { src: at('lab'), type: 'text/html' })",
    "worker": "new Worker(at('static/worker.js'))",
    "worker made of a blob": """
        const url = location.origin + at('api/contents/blob.txt');
        new Worker(worker(`fetch('${url}', { method: 'PUT', body: '{}' })`))""",
    "shared worker": "new SharedWorker(at('static/shared.js'))",
    "service worker": "await navigator.serviceWorker.register(at('static/service.js'))",
    "prefetch": "element('link', { rel: 'prefetch', href: at('api/status') })",
    "window": "window.open(at('lab'))",
    "form": """
        const form = Object.assign(document.createElement('form'), {
          action: at('api/contents'), method: 'post', enctype: 'text/plain', target: '_blank' });
        form.append(Object.assign(document.createElement('input'), { name: '{"type":"file","x":"', value: '"}' }));
        document.body.append(form);
        form.submit();""",
    "navigation": "location.assign(at('lab'))",  # the last: it takes the page with it
}


class Attacker:
    """A page of one project from which the other is attacked, and what its server wrote down of that."""

    def __init__(self, context: BrowserContext, halftide: Halftide, *, defended: bool) -> None:
        self._page = context.new_page()
        # any page of the workspace will do: all of them have the same headers, and this one is there at once
        self._address = halftide.workspace("researcher", MINE) + "view/notebook.html"
        self._log = next(
            log for log in halftide.state.glob("projects/*/*/server.log") if f"/{OTHER}/lab" in log.read_text()
        )
        self._mark = "defended" if defended else "bare"  # a window that the one opened does not speak for the other
        self.said: dict[str, str] = {}
        if not defended:
            self._page.route(self._address, _undress)

    def attack(self) -> set[str]:
        """Run all attacks, one after the other; the names of those that reached the other's server."""
        self._page.goto(self._address)
        codes = [self._code(number) for number in range(len(ATTACKS))]
        steps = "".join(f"said.push(await {code});" for code in codes[:-1])
        answers = self._page.evaluate(f"(async () => {{ const said = []; {steps} return said; }})()")
        self.said = dict(zip(ATTACKS, answers, strict=False))
        self._page.evaluate(f"() => {{ {codes[-1]} }}")
        deadline = time.monotonic() + PATIENCE
        while len(self._arrived()) < len(ATTACKS) and time.monotonic() < deadline:
            self._page.wait_for_timeout(200)
        return self._arrived()

    def close(self) -> None:
        self._page.close()

    def _arrived(self) -> set[str]:
        """What the server's log says; a websocket that was opened is not in it."""
        numbers = {int(one) for one in re.findall(rf"attack={self._mark}-(\d+)\.", self._log.read_text())}
        names = list(ATTACKS)
        opened = {name for name, words in self.said.items() if words == "open"}
        return {names[number] for number in numbers} | opened

    def _code(self, number: int) -> str:
        values = f"const OTHER = '/user/researcher/{OTHER}/', MARK = '{self._mark}-{number}';"
        return f"(async () => {{ {values} {PRELUDE} {list(ATTACKS.values())[number]} }})().then(String, String)"


def _undress(route: Route) -> None:
    """A page at the same address that says nothing of what is allowed."""
    route.fulfill(content_type="text/html", body="<!DOCTYPE html><title>Notebook</title><body>")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium that does not ask whether a page that came from no address, as the control's, may use this machine."""
    unasked = "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*CHROMIUM, unasked])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def both(halftide: Halftide) -> Halftide:
    """The researcher is a member of both projects."""
    assert main(["admin", "--state", str(halftide.state), "member", OTHER, "researcher"]) == 0
    return halftide


@pytest.fixture(scope="module")
def context(browser: Browser, both: Halftide) -> Iterator[BrowserContext]:
    """A browser in which both workspaces were opened."""
    researcher = Researcher(browser, both, "researcher")
    for project in (OTHER, MINE):
        researcher.page.goto(f"{both.url}/hub/spawn/researcher/{project}")
        researcher.page.wait_for_url("**/lab", timeout=60_000)
        researcher.page.wait_for_selector(".jp-DirListing-content")
    yield researcher.context
    researcher.context.close()


@pytest.mark.attack
def test_a_page_of_one_project_does_not_reach_the_others_server(context: BrowserContext, both: Halftide) -> None:
    bare = Attacker(context, both, defended=False)
    controls = bare.attack()
    bare.close()
    assert set(ATTACKS) - controls == set(), "the controls: without our headers each of them arrives"
    assert '"type": "directory"' in bare.said["fetch that reads"], "and what it reads is there to be read"

    defended = Attacker(context, both, defended=True)
    succeeded = defended.attack()
    defended.close()
    print(f"\nattacks: cases={len(ATTACKS)} succeeded={len(succeeded)} controls={len(controls)}/{len(ATTACKS)}")
    assert succeeded == set()
    assert [path.name for path in both.state.glob("projects/*/*/workspace/*.txt")] == []


def stop_all(visitor: Visitor) -> None:
    """Stop the researcher's workspaces and wait until nothing of them runs."""
    for project in (MINE, OTHER):
        token = visitor.xsrf("/hub/change-password")
        visitor.ask(f"/hub/api/users/researcher/servers/{project}", method="DELETE", X_XSRFToken=token)
    deadline = time.monotonic() + 60
    while "Nothing of yours is running" not in visitor.ask("/hub/home").main:
        assert time.monotonic() < deadline, "the workspaces do not stop"
        time.sleep(0.2)


@pytest.mark.long
def test_a_project_that_is_worked_on_alone_starts_beside_no_other_and_no_other_beside_it(both: Halftide) -> None:
    visitor = both.visitor("researcher")
    change = ["admin", "--state", str(both.state), "boundary", MINE]
    for first, second in ((OTHER, MINE), (MINE, OTHER)):
        assert main([*change, "one_project_at_a_time=false"]) == 0
        stop_all(visitor)
        assert visitor.start_workspace("researcher", first).status == 200
        assert main([*change, "one_project_at_a_time=true"]) == 0
        refused = visitor.start_workspace("researcher", second)
        assert refused.status == 409
        assert "is worked on alone" in refused.main
        assert "stop" in refused.main
        assert "Running workspaces" in refused.main, "the page leads to where it is stopped"
        assert f"{first} running" in visitor.ask("/hub/home").main
    stop_all(visitor)
    assert visitor.start_workspace("researcher", OTHER).status == 200
