"""What a browser may do with the pages and answers of one workspace, as response headers.

Promises: a page of this workspace reaches this workspace's own addresses and nothing else, not even another project's
workspace of the same person, whose origin it shares; it opens no window, frame or worker, sends no form, and starts no
download. Never relies on what a script can change: not on the path that the page claims to have, nor on a cookie's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from output_checker.model import BadInput


@dataclass(frozen=True)
class Place:
    """Where browsers reach this workspace: its origin, and the path below which all of it lies."""

    origin: str
    path: str

    @classmethod
    def of(cls, url: str) -> "Place":
        """The place of ``url``, such as https://ada.example.org/user/ada/tides/. Raises BadInput for anything else."""
        parts = urlsplit(url)
        path = f"{parts.path.rstrip('/')}/"
        # neither may end a directive, or be a source of its own
        if parts.scheme not in {"http", "https"} or not parts.hostname or set("; ,'\"") & set(parts.netloc + path):
            raise BadInput(f"a workspace lives at an address of its own, not at {url!r}")
        return cls(f"{parts.scheme}://{parts.netloc}", path)

    @property
    def secure(self) -> bool:
        """Whether it is reached over TLS."""
        return self.origin.startswith("https://")

    @property
    def url(self) -> str:
        """All of it, as a source of a Content-Security-Policy: a path that ends in a slash means all below it."""
        return self.origin + self.path


def content_security_policy(place: Place) -> str:
    """Measured with JupyterLab 4.6: it needs 'unsafe-eval', and no inline script, worker, frame or form that is sent.

    Sources are whole addresses, because 'self' would be the origin, and that is all of the person's projects.
    """
    here, sockets = place.url, f"ws{place.url.removeprefix('http')}"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {here}static/ {here}lab/extensions/ 'unsafe-eval'",
            f"style-src {here} 'unsafe-inline'",
            f"img-src {here} data: blob:",
            f"font-src {here} data:",
            f"connect-src {here} {sockets}",
            f"manifest-src {here}",
            "worker-src 'none'",  # a service worker would stay, and answer for all projects
            "object-src 'none'",
            "frame-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "webrtc 'block'",
            # without allow-downloads, allow-popups and allow-top-navigation. Forms must be allowed for a page's own
            # dialogs to hear of them; form-action keeps them from going anywhere
            "sandbox allow-scripts allow-same-origin allow-forms allow-modals",
        )
    )


def connection_allowlist(place: Place, leads_to: Iterable[str]) -> str:
    """Where the page may connect and go: here, and to the origins of the addresses ``leads_to`` (the hub's, the
    portal's).

    A Content-Security-Policy says nothing of where a page goes next or of WebRTC, and both carry data away; this list
    covers them. Chromium keeps to it from version 152 on; other browsers do not know it yet.
    """
    parts = [urlsplit(address) for address in leads_to]
    origins = sorted({f'"{part.scheme}://{part.netloc}"' for part in parts if part.netloc})
    sockets = f"ws{place.url.removeprefix('http')}"
    # redirects are our own servers' answers: signing in again leads through the hub
    here = [f'"{address}*"' for address in (place.url, sockets)]
    return f"({' '.join([*here, *origins])});redirects=allow"


def headers(place: Place, leads_to: Iterable[str] = ()) -> dict[str, str]:
    """The headers of every answer of a workspace whose page may lead on to the origins of ``leads_to``."""
    found = {
        "Content-Security-Policy": content_security_policy(place),
        "Connection-Allowlist": connection_allowlist(place, leads_to),
        "Referrer-Policy": "same-origin",  # not no-referrer: jupyter_server lets a GET in by its Referer
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
        "X-DNS-Prefetch-Control": "off",
    }
    if place.secure:
        found["Strict-Transport-Security"] = "max-age=31536000"
    return found


_FEATURES = (
    "clipboard-write",
    "display-capture",
    "camera",
    "microphone",
    "geolocation",
    "usb",
    "serial",
    "hid",
    "bluetooth",
    "midi",
    "payment",
)


def xsrf_cookie(place: Place) -> dict[str, object]:
    """The attributes of the cookie against forged requests; jupyterhub adds this workspace's path to them. A script of
    ours must read it, so it can't be HttpOnly."""
    return {"secure": place.secure, "samesite": "Strict"}


_FRAMED = frozenset({"embed", "fencedframe", "frame", "iframe", "object", "serviceworker", "sharedworker", "worker"})


def is_foreign_use(method: str, sent: Mapping[str, str]) -> bool:
    """Whether the browser says that this request embeds an answer of ours, runs it as a worker, or comes from another
    origin and is not somebody following a link. A program that is no browser says nothing of the kind."""
    use = sent.get("Sec-Fetch-Dest", "")
    if use in _FRAMED or sent.get("Service-Worker"):
        return True
    if sent.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}:
        return False
    return not (method in {"GET", "HEAD"} and sent.get("Sec-Fetch-Mode") == "navigate" and use == "document")
