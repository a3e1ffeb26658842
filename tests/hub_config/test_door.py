"""The door in the proxy: what it adds to answers, what it takes from requests, and whom it lets in."""

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlencode

import pytest

from hub_config.proxy import DOOR, PROGRAM
from tests.system.running import free_ports

ADDED = {"content-security-policy": "default-src 'none'", "cache-control": "no-store", "x-added": "by the door"}


class _Behind(BaseHTTPRequestHandler):
    """Answers with the headers that it was sent, and with one of its own."""

    def do_GET(self) -> None:
        self.send_response(304 if self.path == "/known" else 200)
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.end_headers()
        if self.path != "/known":
            self.wfile.write(json.dumps({name.lower(): value for name, value in self.headers.items()}).encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def proxy(folder: Path, *, alive: bool = True, **told: object) -> Iterator[int]:
    """The real proxy with our door, before a server that tells what it was sent; the port to ask."""
    behind = ThreadingHTTPServer(("127.0.0.1", 0), _Behind)
    threading.Thread(target=behind.serve_forever, daemon=True).start()
    port, api = free_ports(2)
    settings = folder / "door of a test.json"  # the blanks are meant
    settings.write_text(json.dumps({"behindProxy": False, "trusted": [], "headers": ADDED} | told))
    command = ["node", f"--import={DOOR.as_uri()}?{urlencode({'settings': str(settings)})}", str(PROGRAM),
               "--ip", "127.0.0.1", "--port", str(port), "--api-ip", "127.0.0.1", "--api-port", str(api),
               "--log-level", "error", "--default-target", f"http://127.0.0.1:{behind.server_port}"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            if not alive:
                _end(behind)
            yield port
        finally:
            process.terminate()
            if alive:
                _end(behind)


def _end(server: ThreadingHTTPServer) -> None:
    server.shutdown()
    server.server_close()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    end = monotonic() + 60
    while monotonic() < end:
        assert process.poll() is None, "the proxy did not start"
        try:
            ask(port)
        except OSError:
            sleep(0.05)
        else:
            return
    raise AssertionError("the proxy does not answer")


def ask(port: int, path: str = "/", **headers: str) -> tuple[int, Mapping[str, str], str]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer: HTTPResponse = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, named, answer.read().decode()


CLAIMS = {
    "X_Forwarded_For": "192.0.2.66", "X_Forwarded_Proto": "https", "X_Forwarded_Host": "elsewhere",
    "X_Real_IP": "192.0.2.66", "X_Scheme": "https", "Forwarded": "for=192.0.2.66;proto=https",
}  # fmt: skip


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with proxy(tmp_path_factory.mktemp("door")) as port:
        yield port


def test_an_answers_own_headers_stand_and_the_missing_ones_are_added(front: int) -> None:
    status, headers, _ = ask(front)
    assert status == 200
    assert headers["content-security-policy"] == "default-src 'self'"
    assert (headers["cache-control"], headers["x-added"]) == ("no-store", "by the door")
    assert "cache-control" not in ask(front, "/known")[1], "what a browser has and may keep stays kept"


def test_the_proxys_own_answers_carry_them_too(tmp_path: Path, front: int) -> None:
    _, headers, _ = ask(front, "/_chp_healthz")
    assert {name: headers.get(name) for name in ADDED} == ADDED
    with proxy(tmp_path, alive=False) as port:
        for upgrade in ({}, {"Connection": "Upgrade", "Upgrade": "websocket"}):
            status, headers, _ = ask(port, "/", **upgrade)
            assert (status, {name: headers.get(name) for name in ADDED}) == (503, ADDED), upgrade


@pytest.mark.attack
def test_what_a_visitor_claims_about_the_way_here_is_not_handed_on(front: int) -> None:
    _, _, text = ask(front, **CLAIMS)
    got = json.loads(text)
    assert not [value for value in got.values() if "192.0.2.66" in value or "elsewhere" in value], got
    assert (got["x-forwarded-for"], got["x-forwarded-proto"]) == ("127.0.0.1", "http"), "the proxy's own word"


@pytest.mark.attack
def test_only_the_trusted_proxy_is_answered_and_only_over_tls(tmp_path: Path) -> None:
    with proxy(tmp_path, behindProxy=True, trusted=["127.0.0.1"]) as port:
        status, _, text = ask(port, **CLAIMS)
        assert (status, json.loads(text)["x-forwarded-for"]) == (200, "192.0.2.66,127.0.0.1"), "the control: trusted"
        status, headers, text = ask(port)
        assert (status, "over TLS" in text, headers["x-added"]) == (403, True, "by the door")
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
        status, headers, _ = ask(port, **upgrade)
        assert (status, headers["x-added"]) == (403, "by the door")
    with proxy(tmp_path, behindProxy=True, trusted=["192.0.2.1"]) as port:
        assert ask(port, **CLAIMS)[0] == 403
