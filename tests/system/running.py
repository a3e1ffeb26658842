"""A real Halftide for tests: ``halftide up`` on free ports over its own state folder, and visitors without a browser.

``halftide`` (in conftest.py) is the fixture; ``start`` is for tests that stop, kill or break what they start.
"""

import atexit
import html
import http.client
import http.cookies
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

from hub_config import processes
from hub_config.processes import Process
from hub_config.settings import CHECKOUT

START = 120.0
_ACCOUNT = re.compile(r"^ {2}(\w+) +(\w{4}-\w{4}-\w{4}) ", re.MULTILINE)
_XSRF = re.compile(r'name="_xsrf" value="([^"]+)"')


@dataclass
class Halftide:
    """One running ``halftide up``."""

    url: str
    state: Path
    process: subprocess.Popen[bytes]
    passwords: Mapping[str, str] = field(default_factory=dict)
    screen: Path = Path()
    certificate: Path | None = None

    @property
    def portal(self) -> str:
        """The portal's front page."""
        return f"{self.origin('output-checker--service')}/services/output-checker/"

    def origin(self, label: str) -> str:
        """The origin of a person or service."""
        return self.url.replace("://", f"://{label}.")

    def workspace(self, person: str, project: str) -> str:
        """The address of somebody's workspace."""
        return f"{self.origin(person)}/user/{person}/{project}/"

    def visitor(self, name: str = "") -> "Visitor":
        """Somebody without a browser, logged in unless ``name`` is empty."""
        visitor = Visitor(self.url, self.certificate)
        if name:
            answer = visitor.login(name, self.passwords[name])
            assert answer.status == 200, answer.text
        return visitor

    def said(self) -> str:
        """What it printed so far."""
        return self.screen.read_text()

    def hub(self) -> Process:
        """The hub's process."""
        found = [p for p in processes.of_state(self.state) if "jupyterhub" in p.command()[1:4]]
        assert len(found) == 1, found
        return found[0]

    def keeper(self) -> Process | None:
        """The process that keeps the only running workspace."""
        found = [processes.read_record(record) for record in self.state.glob("projects/*/*/process.json")]
        return next((process for process in found if process), None)

    def everything(self) -> list[Process]:
        """Every process that belongs to it, workspaces with all that runs in them."""
        found = list(processes.of_state(self.state))
        keeper = self.keeper()
        return found + ([keeper, *processes.descendants(keeper)] if keeper else [])

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Stop it as a person would; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(90)


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def environment(state: Path, **more: str) -> dict[str, str]:
    """The environment of a ``halftide up`` on free ports, whose workspaces start without a proof of their seal."""
    public, portal, hub, proxy = free_ports(4)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HALFTIDE_", "JUPYTER"))}
    return clean | {
        "HALFTIDE_STATE": str(state),
        "HALFTIDE_URL": f"http://localhost:{public}",
        "HALFTIDE_PORTAL_PORT": str(portal),
        "HALFTIDE_HUB_API_PORT": str(hub),
        "HALFTIDE_PROXY_API_PORT": str(proxy),
        "HALFTIDE_PROBES": "0",  # the tests of the seal ask for it: elsewhere no start waits for a proof
        **more,
    }


def launch(folder: Path, env: Mapping[str, str], *arguments: str) -> Halftide:
    """Start ``halftide up`` and come back at once."""
    screen = folder / f"screen-{time.monotonic_ns()}.txt"
    command = [sys.executable, "-c", "import sys; from output_checker.cli import main; sys.exit(main())", "up"]
    with screen.open("wb") as output:
        process = subprocess.Popen(
            [*command, *arguments], env=dict(env), cwd=folder, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    certificate = Path(env["HALFTIDE_TLS_CERTIFICATE"]) if "HALFTIDE_TLS_CERTIFICATE" in env else None
    return Halftide(env["HALFTIDE_URL"], Path(env["HALFTIDE_STATE"]), process, screen=screen, certificate=certificate)


@cache
def demo_datasets() -> Path:
    """The demo's dataset versions, built once for all tests of this run."""
    built = Path(tempfile.mkdtemp(prefix="halftide-datasets-"))
    atexit.register(shutil.rmtree, built, ignore_errors=True)
    command = [CHECKOUT / ".venv-analysis" / "bin" / "python", CHECKOUT / "demo" / "build_datasets.py", built]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return built / "datasets"


def start(folder: Path, env: Mapping[str, str] | None = None, *arguments: str) -> Halftide:
    """Start ``halftide up`` and come back when it is ready."""
    env = env or environment(folder / "state")
    if "--no-demo" not in arguments:
        shutil.copytree(demo_datasets(), Path(env["HALFTIDE_STATE"]) / "datasets", dirs_exist_ok=True)
    running = launch(folder, env, *arguments)
    deadline = time.monotonic() + START
    while "Press Ctrl-C" not in running.said():
        if running.process.poll() is not None or time.monotonic() > deadline:
            said = running.said()
            running.stop(signal.SIGTERM)
            raise AssertionError(f"halftide up did not start:\n{said}")
        time.sleep(0.05)
    running.passwords = dict(_ACCOUNT.findall(running.said()))
    return running


# --- visitors ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What came back, after all redirects."""

    status: int
    url: str
    text: str
    headers: Mapping[str, str]

    @property
    def main(self) -> str:
        """The words of the page's main part, as somebody reads them."""
        part = self.text.partition("<main")[2].partition(">")[2].partition("</main")[0]
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", part))).strip()


class _Loopback(http.client.HTTPConnection):
    """Connects to this machine whatever the host is called: not every resolver knows ``*.localhost``."""

    def connect(self) -> None:
        self.sock = socket.create_connection(("127.0.0.1", self.port), self.timeout)


class _LoopbackHandler(urllib.request.HTTPHandler):
    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Loopback, request)


class _SecureLoopback(http.client.HTTPSConnection):
    """The same over TLS. The certificate must be the one that was given, and must hold for the host's name."""

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)  # type: ignore[attr-defined]


class _SecureLoopbackHandler(urllib.request.HTTPSHandler):
    def __init__(self, certificate: Path | None) -> None:
        self._only = ssl.create_default_context(cafile=certificate)
        super().__init__(context=self._only)

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_SecureLoopback, request, context=self._only)


class Cookies(urllib.request.BaseHandler):
    """Keeps cookies as browsers do. Python's own jar knows no cookie for the domain ``localhost``."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str], http.cookies.Morsel[str]] = {}

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        """Send what belongs to this host and path."""
        parts = urlsplit(request.full_url)
        sent = [
            f"{name}={morsel.coded_value}"
            for (domain, path, name), morsel in self.kept.items()
            if (parts.hostname == domain or (morsel["domain"] and f".{parts.hostname}".endswith(f".{domain}")))
            and (parts.path + "/").startswith(path)
        ]
        if sent:
            request.add_unredirected_header("Cookie", "; ".join(sent))
        return request

    def http_response(
        self, request: urllib.request.Request, response: http.client.HTTPResponse
    ) -> http.client.HTTPResponse:
        """Keep what was set, forget what was ended."""
        for line in response.headers.get_all("Set-Cookie") or ():
            for name, morsel in http.cookies.SimpleCookie(line).items():
                domain = morsel["domain"].lstrip(".") or urlsplit(request.full_url).hostname or ""
                self.kept[domain, morsel["path"] or "/", name] = morsel
                if not morsel.value or morsel["max-age"] == "0":
                    del self.kept[domain, morsel["path"] or "/", name]
        return response

    https_request, https_response = http_request, http_response


class Visitor:
    """Follows links and redirects and keeps cookies by host, as a browser does."""

    def __init__(self, url: str, certificate: Path | None = None) -> None:
        self._url = url
        self.cookies = Cookies()
        self._opener = urllib.request.build_opener(
            _LoopbackHandler, _SecureLoopbackHandler(certificate), self.cookies, urllib.request.ProxyHandler({})
        )

    def ask(
        self, path: str, form: Mapping[str, str] | None = None, method: str | None = None, **headers: str
    ) -> Answer:
        """GET, or with ``form`` POST, an address of the hub or, in full, of any other host of it."""
        data = None if form is None else urlencode(form).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(urljoin(self._url, path), data, named, method=method)  # noqa: S310
        try:
            with self._opener.open(request, timeout=60) as response:
                return self._answer(response)
        except urllib.error.HTTPError as error:
            with error:
                return self._answer(error)

    @staticmethod
    def _answer(response: http.client.HTTPResponse | urllib.error.HTTPError) -> Answer:
        text = response.read().decode(errors="replace")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status or 0, response.url, text, headers)

    def xsrf(self, path: str = "/hub/home") -> str:
        """The token against forged requests that a page of the hub carries."""
        found = re.search(r'_xsrf" value="([^"]+)"|data-xsrf="([^"]+)"', self.ask(path).text)
        assert found
        return found[1] or found[2]

    def login(self, name: str, password: str) -> Answer:
        """Fill in the form of the login page."""
        return self.ask("/hub/login", {"_xsrf": self.xsrf("/hub/login"), "username": name, "password": password})

    def start_workspace(self, person: str, project: str, patience: float = 60.0) -> Answer:
        """Start a workspace and wait until it answers; the last page that was seen."""
        deadline = time.monotonic() + patience
        answer = self.ask(f"/hub/spawn/{person}/{project}")
        while answer.status < 400 and "/user/" not in urlsplit(answer.url).path and time.monotonic() < deadline:
            time.sleep(0.2)
            answer = self.ask(answer.url)
        return answer
