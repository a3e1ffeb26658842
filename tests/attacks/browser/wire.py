"""Requests exactly as they are written: any target, any header, any cookie, by anybody, to any of our hosts."""

import http.client
import json
import re
import select
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.attacks.browser.outside import Outside
from tests.system.running import Halftide, Visitor

OWNER, STRANGER, NOBODY = "researcher", "checker1", ""
SPACE = "/user/researcher/rand-hie/"
PORTAL = "/services/output-checker/"


@dataclass(frozen=True)
class Ask:
    """One request. In ``path``, ``headers`` and ``body`` a ``{name}`` stands for what ``Site.words`` knows."""

    path: str
    method: str = "GET"
    who: str = OWNER
    host: str = "{workspace}"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    xsrf: bool = True
    cookie: str = "{own}"
    """The Cookie header; ``{own}`` is what this person's browser would send."""


@dataclass(frozen=True)
class Reply:
    """What came back, without following redirects."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass
class Site:
    """The running Halftide with its visitors, and the words that requests use."""

    halftide: Halftide
    visitors: Mapping[str, Visitor]
    outside: Outside
    made: dict[str, str] = field(default_factory=dict)

    @property
    def port(self) -> int:
        """The public port."""
        return urlsplit(self.halftide.url).port or 80

    @property
    def words(self) -> dict[str, str]:
        """Hosts, addresses and tokens."""
        return {
            "hub": f"localhost:{self.port}",
            "workspace": f"researcher.localhost:{self.port}",
            "portal": f"output-checker--service.localhost:{self.port}",
            "stranger": f"checker1.localhost:{self.port}",
            "space": SPACE,
            "desk": PORTAL,
            "elsewhere": f"elsewhere.test:{self.outside.port}",
            "outside_port": str(self.outside.port),
            **self.made,
        }

    def make(self) -> None:
        """Start a kernel and a terminal, to have something that can be connected to."""
        for name, key in (("kernel", "id"), ("terminal", "name")):
            reply = self.send(Ask(f"{SPACE}api/{name}s", "POST", body={}))
            self.made[name] = json.loads(reply.body)[key]

    def cookies(self, who: str, host: str, path: str) -> dict[str, str]:
        """What this person's browser sends to this host and path."""
        name = host.partition(":")[0]
        kept = self.visitors[who].cookies.kept
        return {
            cookie: morsel.coded_value
            for (domain, scope, cookie), morsel in kept.items()
            if (name == domain or (morsel["domain"] and f".{name}".endswith(f".{domain}"))) and path.startswith(scope)
        }

    def send(self, ask: Ask) -> Reply:
        """Send it to the public port, whatever its host is called."""
        words = self.words
        host = ask.host.format(**words)
        path = _filled(ask.path, words)
        own = self.cookies(ask.who, host, SPACE if path.startswith(SPACE) else path)
        headers = {"Host": host, **{name: _filled(value, words) for name, value in ask.headers.items()}}
        if cookie := ask.cookie.replace("{own}", "; ".join(f"{name}={value}" for name, value in own.items())):
            headers["Cookie"] = cookie.strip("; ")
        if ask.xsrf and "_xsrf" in own:
            headers.setdefault("X-XSRFToken", own["_xsrf"])
        body = None if ask.body is None else _body(ask.body, headers)
        return self._exchange(ask.method, path, headers, body)

    def _exchange(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in {**headers, "Content-Length": str(len(body or b""))}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            text = "" if answer.status == 101 else answer.read().decode(errors="replace")
            return Reply(answer.status, found, text)
        finally:
            connection.close()

    def raw(self, requests: Sequence[str]) -> list[str]:
        """What comes back for these bytes, each on a connection of its own, until two seconds brought nothing new."""
        words = self.words
        own = "; ".join(f"{k}={v}" for k, v in self.cookies(OWNER, words["workspace"], SPACE).items())
        opened, heard = [], [b""] * len(requests)
        for request in requests:
            opened.append(socket.create_connection(("127.0.0.1", self.port)))
            opened[-1].sendall(_filled(request, {**words, "own": own}).replace("\n", "\r\n").encode())
        waiting = list(opened)
        while readable := select.select(waiting, [], [], 2)[0]:
            for one in readable:
                chunk = one.recv(65536)
                heard[opened.index(one)] += chunk
                if not chunk:
                    waiting.remove(one)
        for one in opened:
            one.close()
        return [text.decode(errors="replace") for text in heard]


def _filled(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: words.get(match[1], match[0]), text)


def _body(body: Any, headers: dict[str, str]) -> bytes:
    if isinstance(body, str):
        return body.encode()
    headers.setdefault("Content-Type", "application/json")
    return json.dumps(body).encode()


WEBSOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
