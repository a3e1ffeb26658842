"""What stands for elsewhere: a host that hears every request and every datagram, and pages that carry no defence."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "elsewhere.test"
RULE = f"--host-resolver-rules=MAP *.{HOST} 127.0.0.1"
"""Chromium's flag that makes every name below ``HOST`` this machine."""
SECRET = "SECRET-record-4711"
BARE = b"<!doctype html><html><head><title>Bare</title></head><body><main></main></body></html>"


@dataclass
class Outside:
    """The host elsewhere. ``heard`` holds the first label of each name that was asked, and of each datagram's port."""

    port: int = 0
    heard: list[str] = field(default_factory=list)
    datagrams: dict[str, socket.socket] = field(default_factory=dict)

    def address(self, label: str, path: str = "") -> str:
        """An address elsewhere whose host name begins with ``label``, by which its caller is known."""
        return f"http://{label}.{HOST}:{self.port}/{path}?d={SECRET}"

    def datagram_port(self, label: str) -> int:
        """The UDP port that belongs to ``label``."""
        if label not in self.datagrams:
            opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            opened.bind(("127.0.0.1", 0))
            self.datagrams[label] = opened
            threading.Thread(target=self._hear, args=(label, opened), daemon=True).start()
        return int(self.datagrams[label].getsockname()[1])

    def _hear(self, label: str, opened: socket.socket) -> None:
        while True:
            try:
                data, _ = opened.recvfrom(2000)
            except OSError:
                return
            if data:
                self.heard.append(label)

    def arrived(self, label: str) -> bool:
        """Whether anything came under this label."""
        return label in self.heard


@contextmanager
def outside() -> Iterator[Outside]:
    """The host elsewhere, listening. It answers everything, and lets every page read its answers."""
    there = Outside()

    class Answer(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            there.heard.append(self.headers.get("Host", "").partition(".")[0])
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            for name, value in (("Origin", "*"), ("Headers", "*"), ("Methods", "*"), ("Private-Network", "true")):
                self.send_header(f"Access-Control-Allow-{name}", value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_OPTIONS = _answer  # noqa: N815 - the names by which they are called

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with _serving(Answer) as port:
        there.port = port
        yield there
    for opened in there.datagrams.values():
        opened.close()


@contextmanager
def bare_pages() -> Iterator[int]:
    """The port of a server of empty pages without a single security header: where every control is tried."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            worker = self.path.endswith(".js")
            body = b"self.onfetch = () => 0" if worker else BARE
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if worker else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with _serving(Page) as port:
        yield port


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def wait_until(condition: Callable[[], bool], patience: float) -> bool:
    """Whether ``condition`` came true within ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
