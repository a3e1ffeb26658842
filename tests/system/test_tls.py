"""Halftide over TLS: with a certificate of its own, with and without subdomains, and behind a proxy that ends TLS."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.system.certificates import make_certificate, tls_proxy
from tests.system.running import Halftide, environment, free_ports, start

pytestmark = pytest.mark.system

HOST = "tide.localhost"
HSTS = "max-age=31536000"


def over_tls(folder: Path, **more: str) -> Iterator[Halftide]:
    certificate, key = make_certificate(folder, HOST)
    env = environment(folder / "state", **more)
    port = env["HALFTIDE_URL"].rpartition(":")[2]
    env |= {
        "HALFTIDE_URL": f"https://{HOST}:{port}",
        "HALFTIDE_TLS_CERTIFICATE": str(certificate),
        "HALFTIDE_TLS_KEY": str(key),
    }
    running = start(folder, env)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Halftide]:
    yield from over_tls(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def one_origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Halftide]:
    yield from over_tls(tmp_path_factory.mktemp("tls-one-origin"), HALFTIDE_SUBDOMAINS="0")


def test_it_is_ready_when_it_says_so_and_every_host_answers_over_tls(secure: Halftide) -> None:
    researcher = secure.visitor("researcher")  # the certificate is checked, for each host's name
    assert researcher.ask(secure.portal).status == 200
    lab = researcher.start_workspace("researcher", "rand-hie")
    assert lab.url == secure.workspace("researcher", "rand-hie") + "lab"
    for path in ("/hub/login", "/hub/nothing", secure.portal, lab.url, f"{secure.portal}static/halftide.css"):
        assert researcher.ask(path).headers["strict-transport-security"] == HSTS, path


def test_cookies_stay_on_tls_and_can_not_be_planted_by_a_neighbouring_host(secure: Halftide) -> None:
    researcher = secure.visitor("researcher")
    researcher.ask(secure.portal)
    researcher.start_workspace("researcher", "rand-hie")
    kept = researcher.cookies.kept
    names = {name for _, _, name in kept}
    assert {name: bool(morsel["secure"]) for (_, _, name), morsel in kept.items()} == dict.fromkeys(names, True)
    # the two that are not prefixed: a script must read `_xsrf`, under this name, and its value is signed for the
    # session; the session's number opens nothing without the cookies of hub, portal or workspace
    plain = {name for name in names if not name.startswith("__Host-")}
    assert plain == {"_xsrf", "jupyterhub-session-id"}
    assert {"__Host-jupyterhub-hub-login", "__Host-halftide"} <= names
    assert any(name.startswith("__Host-jupyterhub-user-researcher") for name in names)
    for (_, path, name), morsel in kept.items():
        if name.startswith("__Host-"):
            assert (path, morsel["domain"], bool(morsel["httponly"])) == ("/", "", True), name
    assert ("researcher." + HOST, "/user/researcher/rand-hie/", "_xsrf") in kept


@pytest.mark.long
def test_it_works_on_one_origin_and_cookies_are_still_for_tls_alone(one_origin: Halftide) -> None:
    researcher = one_origin.visitor("researcher")
    portal = researcher.ask("/services/output-checker/")
    assert (portal.status, portal.headers["strict-transport-security"]) == (200, HSTS)
    lab = researcher.start_workspace("researcher", "rand-hie")
    assert lab.url == f"{one_origin.url}/user/researcher/rand-hie/lab"
    kept = researcher.cookies.kept
    assert [name for (_, _, name), morsel in kept.items() if not morsel["secure"]] == []
    # no __Host- here: it would take the path away, which is all that is left to keep one server's cookie from another
    paths = {name: path for _, path, name in kept if name.startswith("jupyterhub-user-")}
    assert set(paths.values()) == {"/user/researcher/rand-hie/"}


def test_nothing_is_answered_without_tls(secure: Halftide) -> None:
    port = int(secure.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        plain.sendall(f"GET /hub/login HTTP/1.1\r\nHost: {HOST}:{port}\r\n\r\n".encode())
        answer = b""
        with suppress(ConnectionResetError):
            answer = plain.recv(64)
    assert b"200" not in answer


# --- behind a proxy that ends TLS -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Halftide]:
    folder = tmp_path_factory.mktemp("behind")
    certificate, key = make_certificate(folder, HOST)
    public, listen = free_ports(2)
    more = {"HALFTIDE_URL": f"https://{HOST}:{public}", "HALFTIDE_LISTEN_PORT": str(listen), "HALFTIDE_TLS": "proxy"}
    running = start(folder, environment(folder / "state", **more))
    running.certificate = certificate
    try:
        with tls_proxy(public, listen, certificate, key):
            yield running
    finally:
        running.stop()


def test_behind_a_tls_proxy_people_log_in_and_cookies_stay_on_tls(behind: Halftide) -> None:
    researcher = behind.visitor("researcher")
    assert researcher.ask(behind.portal).headers["strict-transport-security"] == HSTS
    lab = researcher.start_workspace("researcher", "rand-hie")
    assert lab.url == behind.workspace("researcher", "rand-hie") + "lab"
    assert f"connect-src {behind.workspace('researcher', 'rand-hie')} wss://" in lab.headers["content-security-policy"]
    kept = researcher.cookies.kept
    assert [name for (_, _, name), morsel in kept.items() if not morsel["secure"]] == []
    assert {"__Host-jupyterhub-hub-login", "__Host-halftide"} <= {name for _, _, name in kept}


def test_behind_a_tls_proxy_what_did_not_come_over_tls_is_refused(behind: Halftide) -> None:
    listen = next(
        int(process.environment()["HALFTIDE_LISTEN_PORT"]) for process in behind.everything()
        if process.environment().get("HALFTIDE_LISTEN_PORT")
    )  # fmt: skip
    found = {}
    for told in ("", "http", "https, http", "https"):
        with closing(http.client.HTTPConnection("127.0.0.1", listen, timeout=10)) as connection:
            headers = {"Host": behind.url.partition("://")[2]} | ({"X-Forwarded-Proto": told} if told else {})
            connection.request("GET", "/hub/login", headers=headers)
            found[told] = connection.getresponse().status
    assert found == {"": 403, "http": 403, "https, http": 403, "https": 200}
