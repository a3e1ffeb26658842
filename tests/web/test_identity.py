"""Logging in through the hub, and what happens when the hub says no or says nothing."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from jupyterhub.httpclient import JupyterHubHTTPClient
from web_world import ACCESS, ORIGIN, PREFIX, World

from output_checker.model import BadInput, NotAllowed
from output_checker.web.errors import HubDown
from output_checker.web.identity import Caller, HubOverHttp, Identity, safe_path, token_of_header


def test_a_browser_is_sent_to_the_hub_and_comes_back_to_its_page(world: World) -> None:
    first = world.get("queue?show=waiting")
    assert first.status_code == 302
    target = urlsplit(first.headers["location"])
    asked = parse_qs(target.query)
    assert f"{target.scheme}://{target.netloc}{target.path}" == "http://localhost:8000/hub/api/oauth2/authorize"
    assert asked["code_challenge_method"] == ["S256"]
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "domain" not in cookie.lower()
    held = cookie.partition(";")[0]
    back = world.get(f"oauth_callback?code=code-of-checker1&state={asked['state'][0]}", Cookie=held)
    assert back.status_code == 302
    assert back.headers["location"] == f"{PREFIX}queue?show=waiting"
    session = [value for name, value in back.headers.multi_items() if name == "set-cookie"][-1]
    assert session.startswith("halftide=browser-checker1;")
    for word in ("HttpOnly", "SameSite=lax", f"Path={PREFIX}"):
        assert word in session
    assert "domain" not in session.lower()


def test_a_login_that_another_browser_began_is_refused(world: World) -> None:
    first = world.get("")
    state = parse_qs(urlsplit(first.headers["location"]).query)["state"][0]
    assert world.get(f"oauth_callback?code=code-of-checker1&state={state}").status_code == 400
    other = world.get("").headers["set-cookie"].partition(";")[0].partition("=")[2]
    name = first.headers["set-cookie"].partition("=")[0]
    answer = world.get(f"oauth_callback?code=code-of-checker1&state={state}", Cookie=f"{name}={other}")
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers


async def test_a_login_ends_after_ten_minutes_and_can_not_be_forged(world: World) -> None:
    identity = Identity(world.settings, world.hub)
    login = identity.begin(PREFIX, now=0)
    state = parse_qs(urlsplit(login.url).query)["state"][0]
    with pytest.raises(BadInput):
        await identity.finish(state, "code-of-admin", login.value, now=601)
    body, _, mark = login.value.partition(".")
    for forged in ("", "x", f"{body}.", f"{body}x.{mark}", f".{mark}", "é.é"):
        with pytest.raises(BadInput):
            await identity.finish(state, "code-of-admin", forged, now=1)
    assert await identity.finish(state, "code-of-admin", login.value, now=1) == ("browser-admin", PREFIX)


@pytest.mark.parametrize(
    "path", ["https://example.org/", "//example.org", "/hub/home", "/services/output-checker\\x", ""]
)
def test_a_login_never_leads_out_of_the_portal(path: str) -> None:
    assert safe_path(path, PREFIX) == PREFIX


def test_logging_out_takes_the_cookie_away(world: World) -> None:
    answer = world.post("logout", "checker1")
    assert answer.status_code == 200
    assert 'halftide=""' in answer.headers["set-cookie"]
    assert "http://localhost:8000/hub/logout" in answer.text


def test_somebody_whom_only_the_hub_knows_is_told_what_to_do(world: World) -> None:
    answer = world.get("", "stranger")
    assert answer.status_code == 403
    assert "Ask your administrator to add you" in answer.text


def test_a_token_that_does_not_open_the_portal_is_refused(world: World) -> None:
    world.hub.tokens["browser-checker1"]["scopes"] = ["access:servers!user=checker1"]
    assert world.get("queue", "checker1").status_code == 403


def test_when_the_hub_is_down_nobody_is_let_in(world: World) -> None:
    world.hub.down = True
    for path in ("", "queue", "audit", "api/v1/requests"):
        answer = world.get(path, "admin", Authorization="token gate")
        assert answer.status_code == 503, path


def test_a_script_that_asks_without_a_session_gets_no_redirect(world: World) -> None:
    answer = world.get("requests/x/progress", **{"Sec-Fetch-Mode": "cors", "Accept": "application/json"})
    assert answer.status_code == 403
    assert answer.json()["error"]["kind"] == "not_allowed"


@pytest.mark.parametrize(
    "scopes",
    [
        [],
        ["custom:halftide:submit"],
        ["custom:halftide:submit!server=somebody/rand-hie"],
        ["custom:halftide:submit!server=researcher/"],
        ["custom:halftide:submit!server=researcher/a/b"],
        ["custom:halftide:submit!server=researcher/a", "custom:halftide:submit!server=researcher/b"],
        ["custom:halftide:submit!user=researcher"],
    ],
)
def test_the_project_comes_from_exactly_one_scope_of_the_token(scopes: list[str]) -> None:
    with pytest.raises(NotAllowed):
        Caller("researcher", is_service=False, scopes=frozenset(scopes)).submits_to()
    good = Caller(
        "researcher", is_service=False, scopes=frozenset({"custom:halftide:submit!server=researcher/rand-hie"})
    )
    assert good.submits_to() == "rand-hie"
    with pytest.raises(NotAllowed):
        Caller("researcher", is_service=True, scopes=good.scopes).submits_to()


def test_tokens_are_read_from_the_header_in_both_spellings() -> None:
    assert token_of_header("token abc") == token_of_header("Bearer abc") == "abc"
    assert token_of_header("Basic abc") == token_of_header("") == token_of_header("abc") == ""


class _Hub(BaseHTTPRequestHandler):
    """A hub's API as far as HubOAuth asks: a user for one token, 403 for others, nonsense for a third."""

    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        told = self.headers["Authorization"]
        if told == "token broken":
            self._say(500, b"oops")
        elif told == "token good":
            self._say(200, b'{"kind": "user", "name": "checker1", "scopes": ["%s"]}' % ACCESS.encode())
        else:
            self._say(403, b'{"status": 403, "message": "Forbidden"}')

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if sent["code"] == ["right"] and sent["code_verifier"] == ["verifier"]:
            self._say(200, b'{"access_token": "good"}')
        else:
            self._say(400, b'{"error": "invalid_grant"}')

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub_url() -> Iterator[str]:
    _Hub.asked = 0
    server = HTTPServer(("127.0.0.1", 0), _Hub)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hub/api"
    server.shutdown()
    server.server_close()
    thread.join()


async def test_hub_oauth_is_asked_over_http_without_tornado_handlers(world: World, hub_url: str) -> None:
    from dataclasses import replace

    hub = HubOverHttp(replace(world.settings, hub_api_url=hub_url))
    try:
        model = await hub.user_of("good", "")
        assert model is not None
        assert model["name"] == "checker1"
        await asyncio.gather(*(hub.user_of("good", "") for _ in range(20)))
        assert _Hub.asked == 1  # answers are kept for half a minute
        assert await hub.user_of("revoked", "") is None
        with pytest.raises(HubDown):
            await hub.user_of("broken", "")
        assert await hub.token_for("right", "verifier") == "good"
        with pytest.raises(BadInput):
            await hub.token_for("right", "another")
    finally:
        await JupyterHubHTTPClient.loop_instance().close()


async def test_an_answer_of_the_hub_is_forgotten_in_time(world: World, hub_url: str) -> None:
    from dataclasses import replace

    hub = HubOverHttp(replace(world.settings, hub_api_url=hub_url))
    assert 0 < hub._auth.cache.max_age <= 60
    hub._auth.cache.max_age = 0.05
    try:
        await hub.user_of("good", "")
        await asyncio.sleep(0.1)
        await hub.user_of("good", "")
        assert _Hub.asked == 2
    finally:
        await JupyterHubHTTPClient.loop_instance().close()


async def test_no_hub_at_all_is_told_as_such(world: World) -> None:
    from dataclasses import replace

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    hub = HubOverHttp(replace(world.settings, hub_api_url=f"http://127.0.0.1:{port}/hub/api"))
    try:
        with pytest.raises(HubDown):
            await hub.user_of("good", "")
    finally:
        await JupyterHubHTTPClient.loop_instance().close()


def test_over_tls_the_cookie_is_secure_and_bound_to_its_host(world: World) -> None:
    from dataclasses import replace

    identity = Identity(replace(world.settings, public_origin=ORIGIN.replace("http:", "https:")), world.hub)
    assert identity.cookie == "__Host-halftide"
    assert identity.cookie_path == "/"
