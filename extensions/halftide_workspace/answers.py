"""Every answer over HTTP passes the meter here, whichever handler gives it: files, checks, requests, lists.

Promises: the bytes of an answer are counted before they leave, unless they come from our own environment; an answer
over what is left is replaced by a sentence. A route that is added later is counted and refused like a file until it is
named here. What the page can't work without (saving, a kernel's state) is shown on credit, which is limited too.
"""

import json
import re
import time
from collections import OrderedDict
from enum import Enum
from functools import partial
from hashlib import blake2b
from typing import Any

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import Application, OutputTransform

from halftide_workspace.meter import Meter, Refusal


class Worth(Enum):
    """How an answer is counted."""

    OURS = "a file of our environment: not counted"
    NECESSARY = "counted, on credit when nothing is left"
    CONTENT = "counted, and refused when nothing is left"


_WORTH: tuple[tuple[str, re.Pattern[str], Worth], ...] = tuple(
    (methods, re.compile(pattern), worth)
    for methods, pattern, worth in (
        ("GET HEAD", r"/?|/(?:lab|doc)(?:/(?!api/|extensions/).*)?", Worth.OURS),
        ("GET HEAD", r"/(?:static|lab/extensions|kernelspecs)/.*|/favicon\.ico|/robots\.txt", Worth.OURS),
        ("GET HEAD", r"/lab/api/(?:themes|translations|settings)(?:/.*)?", Worth.OURS),
        ("GET", r"/logout|/oauth_callback", Worth.OURS),
        ("GET PUT DELETE POST PATCH", r"/lab/api/.*", Worth.NECESSARY),
        ("GET", r"/api/?|/api/(?:me|status|kernelspecs(?:/.*)?)", Worth.NECESSARY),
        ("GET POST PATCH DELETE", r"/api/(?:kernels|sessions|terminals)(?:/.*)?", Worth.NECESSARY),
        ("POST", r"/api/security/csp-report", Worth.NECESSARY),
        ("PUT POST PATCH DELETE", r"/api/contents(?:/.*)?", Worth.NECESSARY),
        ("GET", r"/halftide/(?:status|shown)", Worth.NECESSARY),
        ("POST", r"/halftide/(?:requests(?:/.*)?|fix/accept)", Worth.NECESSARY),
    )
)
_BETWEEN = b"}, {"
_KNOWN_COST = 16
"""Bytes that a piece costs which was shown before: which of them comes when is all that it can still say."""
_KNOWN_PIECES = 8192


def worth_of(method: str, path: str, base_url: str) -> Worth:
    """How the answer to ``method`` on the raw ``path`` is counted on a server that lives at ``base_url``."""
    below = "/" + path[len(base_url) :]
    found = (worth for methods, pattern, worth in _WORTH if method in methods.split() and pattern.fullmatch(below))
    return next(found, Worth.CONTENT)


class Pieces:
    """What was shown before, in pieces: a page asks for the same lists all day, and learns nothing new from them."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, None] = OrderedDict()

    def cost(self, body: bytes) -> int:
        """The bytes of ``body`` that are new, and a little for those that are not. Remembers them."""
        return sum(self._cost(piece) for piece in body.split(_BETWEEN)) if body else 0

    def _cost(self, piece: bytes) -> int:
        length = len(piece) + len(_BETWEEN)
        if length <= _KNOWN_COST:
            return length
        name = blake2b(piece, digest_size=16).digest()
        known = name in self._known
        self._known[name] = None
        self._known.move_to_end(name)
        if len(self._known) > _KNOWN_PIECES:
            self._known.popitem(last=False)
        return _KNOWN_COST if known else length


class MeteredAnswer(OutputTransform):
    """The way of one answer to the browser."""

    def __init__(self, request: HTTPServerRequest, *, meter: Meter, pieces: Pieces, base_url: str) -> None:
        super().__init__(request)
        self._meter = meter
        self._pieces = pieces
        self._path = request.path
        self._worth = worth_of(request.method or "", request.path, base_url)

    def transform_first_chunk(
        self,
        status_code: int,
        headers: HTTPHeaders,
        chunk: bytes,
        finishing: bool,  # noqa: ARG002 tornado's signature
    ) -> tuple[int, HTTPHeaders, bytes]:
        """The answer, or in its place a refusal with the reason."""
        refusal, size = self._weigh(chunk)
        if refusal is None:
            return status_code, headers, chunk
        self._worth = Worth.CONTENT  # nothing of what follows is part of our refusal
        text = self._meter.explain(refusal, size, "what was asked for")
        body = json.dumps({"kind": "refused", "message": text, "reason": "Used up for now", "id": ""}).encode()
        for name in ("Etag", "Last-Modified", "Content-Disposition", "Location"):
            headers.pop(name, None)
        headers["Content-Type"] = "application/json"
        headers["Content-Length"] = str(len(body))
        return 429, headers, body

    def transform_chunk(self, chunk: bytes, finishing: bool) -> bytes:  # noqa: ARG002 tornado's signature
        """The next part of an answer that comes in parts, or nothing."""
        return chunk if self._weigh(chunk)[0] is None else b""

    def _weigh(self, chunk: bytes) -> tuple[Refusal | None, int]:
        if self._worth is Worth.OURS or not chunk:
            return None, 0
        size, now = self._pieces.cost(chunk), time.monotonic()
        if self._worth is Worth.NECESSARY:
            return self._meter.weigh_necessary(size, now), size
        return self._meter.weigh_file(size, now), size


def meter_answers(application: Application, meter: Meter, base_url: str) -> None:
    """Puts the meter before everything else that changes an answer on its way (compression would hide its size)."""
    transform: Any = partial(MeteredAnswer, meter=meter, pieces=Pieces(), base_url=base_url)
    application.transforms.insert(0, transform)
