"""What every answer of the portal carries and every form must prove.

Answers are never stored, never framed, never sniffed, and load nothing but what their view asks for, beginning from
``default-src 'none'``. A form is taken only from our own pages: a token bound to the session, and the browser's own
word about where the request comes from.
"""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.requests import Request

from output_checker.model import BadInput, NotAllowed
from output_checker.web.errors import TooLarge

FORM_LIMIT = 256 * 1024
"""Most bytes of a form; the longest field is a reason of a few thousand characters."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
UNTRUSTED = "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def page_policy(*, forms_to: str = "", scripts: bool = True, live: bool = False) -> str:
    """The Content-Security-Policy of a page of ours. ``forms_to`` are extra origins a form may lead to (the hub's, at
    logout); ``live`` lets the page ask the portal for news."""
    parts = ["default-src 'none'", "style-src 'self'", "img-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"]
    parts.append(f"form-action 'self' {forms_to}".rstrip())
    if scripts:
        parts.append("script-src 'self'")
    if live:
        parts.append("connect-src 'self'")
    return "; ".join(parts)


def form_token(session: str) -> str:
    """The token that our forms carry: only who holds the session can make it, and it doesn't give the session away."""
    return hmac.new(session.encode(), b"halftide form", hashlib.sha256).hexdigest()


def require_own_page(headers: Mapping[str, str], origin: str) -> None:
    """Refuse a request that a page of another origin caused (ASVS 5.0 3.5.1 and 3.5.2). Raises NotAllowed."""
    site, told = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and told is None:
        raise NotAllowed("The browser did not say which page this form comes from, so it was not taken.")
    if (site is not None and site != "same-origin") or (told is not None and told != origin):
        raise NotAllowed("This form was sent from another site, so it was not taken. Open the page here and try again.")


def require_form_token(sent: str, session: str) -> None:
    """Refuse a form that we did not hand out in this session. Raises NotAllowed."""
    if not hmac.compare_digest(sent.encode(), form_token(session).encode()):
        raise NotAllowed("This form is from an earlier login. Open the page again; what you typed was not sent.")


class Form:
    """The fields of a form, each a text; a field that is missing is empty."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """The field's last value without surrounding space."""
        return self._fields.get(name, [""])[-1].strip()

    def number(self, name: str) -> int:
        """The field as a whole number. Raises BadInput."""
        text = self.text(name)
        if not text.isdecimal() or len(text) > 12:
            raise BadInput(f"The form's field {name!r} must be a number. Open the page again and retry.")
        return int(text)

    def names(self, prefix: str) -> list[str]:
        """What follows ``prefix`` in the names of the fields that begin with it, in their order."""
        return [name.removeprefix(prefix) for name in self._fields if name.startswith(prefix)]


async def read_form(request: Request) -> Form:
    """The posted form, at most ``FORM_LIMIT`` bytes of it. Raises BadInput or TooLarge."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise BadInput("This address takes a form of ours, nothing else.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_LIMIT:
            raise TooLarge(f"The form is larger than {FORM_LIMIT // 1024} KiB. Shorten the longest text.")
    try:
        return Form(parse_qs(body.decode(), keep_blank_values=True, max_num_fields=2000))
    except ValueError as error:
        raise BadInput("The form is not in UTF-8 or has too many fields.") from error
