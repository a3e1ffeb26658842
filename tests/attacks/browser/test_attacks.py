"""From the browser's side: what a page, a request and an output can try against a real hub and a real workspace.

The tables ``page_attacks``, ``wire_attacks``, ``output_attacks`` and ``decisions`` say what is tried and what success
would look like; here it is tried. Each attack stands beside the same attack where the defence is missing, and succeeds.
"""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.attacks.browser import output_attacks, page_attacks, wire_attacks
from tests.attacks.browser.conftest import Tally
from tests.attacks.browser.decisions import HUB, PIXELS, WORKSPACE, Row
from tests.attacks.browser.lab import Lab
from tests.attacks.browser.output_attacks import OutputAttack
from tests.attacks.browser.outside import RULE, Outside, bare_pages, outside, wait_until
from tests.attacks.browser.page_attacks import PageAttack
from tests.attacks.browser.smuggling import SMUGGLED, TWO_IN_ORDER, Smuggled
from tests.attacks.browser.stock import SECRET, Stock, fill, stock_lab
from tests.attacks.browser.surface import hub_routes, workspace_routes
from tests.attacks.browser.wire import NOBODY, OWNER, SPACE, STRANGER, Ask, Reply, Site
from tests.attacks.browser.wire_attacks import WireAttack
from tests.attacks.browser.yard import Ground, Yard, tried
from tests.browser.people import CHROMIUM
from tests.system.running import Halftide, environment, start

pytestmark = [pytest.mark.attack, pytest.mark.system, pytest.mark.browser]


@pytest.fixture(scope="module")
def halftide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Halftide]:
    """One Halftide for all of it. The probes from inside have tests of their own."""
    folder = tmp_path_factory.mktemp("halftide")
    running = start(folder, environment(folder / "state", HALFTIDE_PROBES="0"))
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Outside]:
    """The host to which nothing may come."""
    with outside() as there:
        yield there


@pytest.fixture(scope="module")
def site(halftide: Halftide, elsewhere: Outside) -> Site:
    """The running site; the researcher's files hold the secret, and the workspace runs."""
    visitors = {name: halftide.visitor(name) for name in (OWNER, STRANGER, NOBODY)}
    answer = visitors[OWNER].start_workspace(OWNER, "rand-hie")
    assert SPACE in answer.url, answer.main
    visitors[OWNER].ask(halftide.portal)
    (workspace,) = halftide.state.glob("projects/*/*/workspace")
    shutil.rmtree(workspace / "results", ignore_errors=True)
    fill(workspace)
    (workspace / "worker.js").write_text("self.onfetch = () => 0")
    site = Site(halftide, visitors, elsewhere)
    site.make()
    return site


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    """A JupyterLab as it comes, over the same files."""
    with stock_lab(tmp_path_factory.mktemp("stock")) as running:
        yield running


# --- every route ------------------------------------------------------------------------------------------------------


def refused(reply: Reply) -> bool:
    """Whether nothing was given or done: an error, or the way to the login."""
    if reply.status in {301, 302}:
        place = urlsplit(reply.headers["location"])
        return place.path in {"/hub/login", "/hub/api/oauth2/authorize"}
    return reply.status in {400, 401, 403, 404, 405, 424, 501}


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
KEEPS = {"logout"}
"""Addresses that would end the session with which all else is tried."""


def test_every_route_has_a_row_and_every_row_a_route(tmp_path: Path) -> None:
    """A route that a package brings along, or that we add, is decided upon here or the build fails."""
    applications = (
        ("workspace", workspace_routes(tmp_path / "workspace"), WORKSPACE),
        ("pixels", workspace_routes(tmp_path / "pixels", display="pixels"), WORKSPACE + PIXELS),
        ("hub", hub_routes(tmp_path / "hub"), HUB),
    )
    for name, routes, rows in applications:
        found, decided = {route.pattern for route in routes}, {row.pattern for row in rows}
        assert found - decided == set(), f"{name}: decide in decisions.py to whom these are open"
        assert decided - found == set(), f"{name}: there is no such route any more"


@pytest.mark.parametrize("row", WORKSPACE, ids=lambda row: row.pattern)
def test_a_workspace_route_opens_what_its_row_says_and_nothing_else(row: Row, site: Site, tally: Tally) -> None:
    for method in METHODS:
        for who in (OWNER, STRANGER, NOBODY):
            is_open = method in row.methods and (row.public or who == OWNER)
            if is_open and who == OWNER and row.example in KEEPS:
                continue
            reply = site.send(Ask(SPACE + row.example, method, who, body={} if method in {"POST", "PUT"} else None))
            got_in = "not on the list" not in reply.body and reply.status not in {401, 405}
            right = got_in if is_open else refused(reply)
            tally.expect(f"{method} by {who or 'nobody'}: {reply.status} {reply.body[:200]}", right)


@pytest.mark.parametrize("row", HUB, ids=lambda row: row.pattern)
def test_a_hub_route_opens_what_its_row_says_and_nothing_else(row: Row, site: Site, tally: Tally) -> None:
    address = row.example if row.example.startswith("/") else f"/hub/{row.example}"
    theirs = bool(row.foreign) or "researcher" in row.example
    for method in METHODS[:-1]:  # OPTIONS opens nothing to other origins: see wire_attacks
        for who in (OWNER, STRANGER, NOBODY):
            is_open = method in row.methods and (row.public or who == OWNER or (who == STRANGER and not theirs))
            if is_open and (method != "GET" or row.example in KEEPS):
                continue  # that it works is shown by tests/system
            reply = site.send(Ask(address, method, who, host="{hub}", body={} if method == "POST" else None))
            right = reply.status not in {401, 403, 405} if is_open else refused(reply)
            tally.expect(f"{method} by {who or 'nobody'}: {reply.status} {reply.body[:200]}", right)


@pytest.mark.parametrize("row", [row for row in HUB if row.foreign], ids=lambda row: row.foreign)
def test_what_belongs_to_somebody_else_is_refused_at_the_hub(row: Row, site: Site, tally: Tally) -> None:
    for method in METHODS[:-1]:
        reply = site.send(Ask(f"/hub/{row.foreign}", method, host="{hub}", body={} if method == "POST" else None))
        tally.expect(f"{method}: {reply.status} {reply.body[:200]}", refused(reply))


# --- requests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attack", wire_attacks.ATTACKS, ids=lambda attack: attack.name)
def test_a_request_gets_nothing_out(attack: WireAttack, site: Site, stock: Stock, tally: Tally) -> None:
    succeeded = attack.shows(site.send(attack.ask))
    if isinstance(attack.control, str):
        told = stock.ask(attack.control)
        control = SECRET in told if attack.shows is wire_attacks.gives_secret else bool(told)
    else:
        control = (attack.control_shows or attack.shows)(site.send(attack.control))
    tally.take(attack.name, succeeded, control)


@pytest.fixture(scope="module")
def smuggled(site: Site) -> dict[str, str]:
    """What came back for each of the requests that hold another, by name; the control has none."""
    heard = site.raw([TWO_IN_ORDER, *(attack.data for attack in SMUGGLED)])
    return dict(zip(["", *(attack.name for attack in SMUGGLED)], heard, strict=True))


@pytest.mark.parametrize("attack", SMUGGLED, ids=lambda attack: attack.name)
def test_a_request_can_not_hide_in_another(attack: Smuggled, smuggled: dict[str, str], tally: Tally) -> None:
    tally.take(attack.name, attack.succeeded(smuggled[attack.name]), smuggled[""].count("HTTP/1.1 ") == 2)


def test_the_proxy_leads_nowhere_but_to_us(site: Site, elsewhere: Outside, tally: Tally) -> None:
    site.send(Ask("http://proxied.elsewhere.test:{outside_port}/x"))
    site.send(Ask("/x", host="proxied.{elsewhere}"))
    tally.take("open-proxy", elsewhere.arrived("proxied"), control=True)


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, for which every name below elsewhere.test is this machine."""
    program = shutil.which("chromium")
    assert program, "the browser tests need Chromium; `make test` installs it"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=[*CHROMIUM, RULE], headless=True)
        yield started
        started.close()


def signed_in(browser: Browser, site: Site, who: str) -> Ground:
    """An empty browser with this person's cookies, on the page of the workspace that answers most quickly."""
    context = browser.new_context(accept_downloads=True)
    for (domain, path, name), morsel in site.visitors[who].cookies.kept.items():
        context.add_cookies([{"name": name, "value": morsel.value, "domain": domain, "path": path}])
    space = f"http://{site.words['workspace']}{SPACE}"
    planted = tuple(space + path for path in ("files/worker.js", "api/contents/worker.js?content=1", "view/worker.js"))
    return Ground(context, f"{space}files/none", "sealed", planted)


@pytest.fixture(scope="module")
def yard(browser: Browser, site: Site) -> Iterator[Yard]:
    """The workspace's page and a bare one, after everything was tried on both."""
    sealed = signed_in(browser, site, OWNER)
    with bare_pages() as port:
        address = f"http://localhost:{port}/"
        bare = Ground(browser.new_context(accept_downloads=True), address, "bare", (f"{address}worker.js",) * 3)
        yield tried(sealed, bare, site.outside, page_attacks.ATTACKS)
        bare.context.close()
    sealed.context.close()


def test_the_page_on_which_it_is_tried_has_the_headers_of_the_notebook_page(site: Site) -> None:
    """The attacks run on the page of a refusal, which loads at once. JupyterLab's page carries the same headers."""
    kept = ("content-security-policy", "connection-allowlist", "permissions-policy", "cross-origin-opener-policy")
    html = {"Accept": "text/html"}
    page, lab = (site.send(Ask(SPACE + path, headers=html)) for path in ("files/none", "lab"))
    assert (page.status, lab.status) == (403, 200)
    assert [page.headers[name] for name in kept] == [lab.headers[name] for name in kept]


@pytest.mark.parametrize("attack", page_attacks.ATTACKS, ids=lambda attack: attack.name)
def test_a_page_carries_nothing_out(attack: PageAttack, yard: Yard, tally: Tally) -> None:
    tally.take(attack.name, *yard.outcome(attack))


# --- notebooks and their outputs --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def labs(browser: Browser, site: Site, stock: Stock) -> Iterator[tuple[Lab, Lab]]:
    """JupyterLab in the workspace and a stock one, after both have run the notebook that tries everything."""
    space = f"http://{site.words['workspace']}{SPACE}"
    (workspace,) = site.halftide.state.glob("projects/*/*/workspace")
    sealed = Lab(signed_in(browser, site, OWNER).context, f"{space}lab/tree/outputs.ipynb", "sealed")
    bare = Lab(browser.new_context(accept_downloads=True), f"{stock.url}lab/tree/outputs.ipynb", "bare")
    for lab, folder, kernel in ((sealed, workspace, "python3"), (bare, stock.files, "analysis")):
        there = partial(_address_elsewhere, site.outside, lab.label)
        (folder / "outputs.ipynb").write_text(output_attacks.notebook(there, kernel))
        lab.try_all()
    page = bare.context.pages[0]
    wait_until(
        lambda: bool(page.wait_for_timeout(50)) or all(bare.succeeded(a, site.outside) for a in output_attacks.ATTACKS),
        10,
    )
    yield sealed, bare
    for lab in (sealed, bare):
        lab.context.close()


def _address_elsewhere(outside: Outside, label: str, name: str) -> str:
    return outside.address(f"{label}-{name}")


@pytest.mark.long  # two JupyterLabs and their kernels
@pytest.mark.parametrize("attack", output_attacks.ATTACKS, ids=lambda attack: attack.name)
def test_an_output_carries_nothing_out(
    attack: OutputAttack, labs: tuple[Lab, Lab], elsewhere: Outside, tally: Tally
) -> None:
    tally.take(attack.name, *(lab.succeeded(attack, elsewhere) for lab in labs))


# --- other origins ----------------------------------------------------------------------------------------------------

FRAMED = {
    "workspace": "http://{workspace}{space}lab",
    "hub": "http://{hub}/hub/login",
    "portal": "http://{portal}{desk}",
}


def shows_in_a_frame(page: Page, url: str) -> bool:
    """Whether this page gets the page at ``url`` into a frame."""
    page.evaluate("url => { const f = document.body.appendChild(document.createElement('iframe')); f.src = url }", url)
    wait_until(lambda: bool(page.wait_for_timeout(50)) or page.frames[-1].url not in {"", "about:blank"}, 20)
    return page.frames[-1].url.startswith("http")


@pytest.mark.parametrize("name", FRAMED)
def test_no_page_of_ours_shows_in_a_frame(name: str, browser: Browser, site: Site, tally: Tally) -> None:
    """Clickjacking: neither elsewhere nor a page on a sister host of ours gets one of our pages into a frame."""
    context = signed_in(browser, site, OWNER).context
    page = context.new_page()
    with bare_pages() as port, bare_pages() as other:
        page.goto(f"http://outer.localhost:{port}/")
        shown = [
            shows_in_a_frame(page, url) for url in (FRAMED[name].format(**site.words), f"http://in.localhost:{other}/")
        ]
        tally.take(f"frame-{name}", *shown)
    context.close()


TOSSED = ("_xsrf", "jupyterhub-session-id", "jupyterhub-hub-login", "halftide")


@pytest.mark.parametrize("cookie", TOSSED)
def test_a_page_can_not_toss_a_cookie_to_the_hub_or_the_portal(
    cookie: str, browser: Browser, site: Site, tally: Tally
) -> None:
    """A researcher's page sets a cookie for the parent domain. The hub's and the portal's own pages still know who is
    there; what a browser that takes such cookies would send is tried in ``wire_attacks`` (cookie-tossed)."""
    ground = signed_in(browser, site, OWNER)
    page = ground.context.new_page()
    page.goto(ground.address)
    page.evaluate(
        "name => { for (const domain of ['localhost', '.localhost', '']) for (const path of ['/', '/hub/'])"
        " document.cookie = `${name}=tossed; path=${path}` + (domain && `; domain=${domain}`) }",
        cookie,
    )
    sent = [c for host in ("hub", "portal") for c in ground.context.cookies(f"http://{site.words[host]}/hub/")]
    own = ground.context.cookies(ground.address)
    reaches = any(c["name"] == cookie and c["value"] == "tossed" for c in sent)
    tally.take(f"toss-{cookie}", reaches, any(c["value"] == "tossed" for c in own))
    ground.context.close()
