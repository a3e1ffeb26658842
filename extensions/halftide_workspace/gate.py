"""The gate in front of every route of the workspace server: what is not on the list does not exist.

Promises: a route that some extension adds later is refused until it is listed here; the list is compared with the raw
path, as tornado's own routing does, so no spelling gets around it; no answer is embedded in another page, and each
carries the security headers.
Never decides who somebody is: that is the hub's identity provider, which still runs behind the gate.
"""

import json
import re
from collections.abc import Mapping
from functools import partial
from html import escape
from typing import Any, cast

from jupyter_server.auth import Authorizer, User
from tornado import web
from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.routing import Matcher, Rule

from halftide_workspace.meter import ASK
from halftide_workspace.page import is_foreign_use

REFUSAL = f"Nothing leaves this workspace by download. {ASK}"

_ID = r"\w+-\w+-\w+-\w+-\w+"
_LAB = r"/(?:lab|doc)(?:/workspaces/[a-zA-Z0-9\-_]+)?(?:/tree(?:/.*)?)?/?"
_LOCKED_SETTINGS = r"@jupyterlab/apputils-extension:sanitizer"  # what may stand in untrusted output
# no other spelling of a name: `./` and `//` would end in the same file as the locked one
_SETTING = r"(?:@\w[\w.\-]*/)?\w[\w.\-]*:\w[\w.\-]*"
ROUTES: tuple[tuple[frozenset[str], re.Pattern[str]], ...] = tuple(
    (frozenset(methods.split()), re.compile(pattern))
    for methods, pattern in (
        # the page and what it is made of: files of our environment, never of the researcher
        ("GET", r"/?"),
        ("GET", _LAB),
        ("GET HEAD", r"/static/.*"),
        ("GET HEAD", r"/lab/extensions/.*"),
        ("GET HEAD", r"/lab/api/themes/.*"),
        ("GET HEAD", r"/(?:favicon\.ico|robots\.txt)"),
        ("GET", r"/lab/api/translations(?:/.*)?"),
        ("GET", r"/lab/api/settings(?:/.*)?"),
        ("PUT", rf"/lab/api/settings/(?!{_LOCKED_SETTINGS}$){_SETTING}"),
        ("GET PUT DELETE", r"/lab/api/workspaces(?:/.*)?"),
        # who and what is there
        ("GET", r"/api/?"),
        ("GET", r"/api/me"),
        ("GET", r"/api/status"),
        ("GET", r"/api/kernelspecs(?:/[\w.\-]+)?"),
        ("GET HEAD", r"/kernelspecs/[\w.\-]+/logo-(?:32x32\.png|64x64\.png|svg\.svg)"),
        ("GET", r"/api/events/subscribe"),
        ("POST", r"/api/security/csp-report"),
        # kernels, whose messages are metered
        ("GET POST", r"/api/kernels"),
        ("GET DELETE", rf"/api/kernels/{_ID}"),
        ("POST", rf"/api/kernels/{_ID}/(?:restart|interrupt)"),
        ("GET", rf"/api/kernels/{_ID}/channels"),
        ("GET POST", r"/api/sessions"),
        ("GET PATCH DELETE", rf"/api/sessions/{_ID}"),
        # files, by our own contents manager; trusting a notebook's saved HTML and scripts is left out
        ("GET PUT PATCH DELETE", r"/api/contents(?:/.*)?"),
        ("POST", r"/api/contents(?!.*/trust/?$)(?:/.*)?"),
        # sealed shells, which are metered too
        ("GET POST", r"/api/terminals"),
        ("GET DELETE", r"/api/terminals/\w+"),
        ("GET", r"/terminals/websocket/\w+"),
        # the way out
        ("GET POST", r"/halftide/[\w\-/]+"),
        # the hub
        ("GET", r"/logout"),
        ("GET", r"/oauth_callback"),
    )
)

RESOURCES: dict[str, frozenset[str]] = {
    "api": frozenset({"read"}),
    "contents": frozenset({"read", "write"}),
    "csp": frozenset({"write"}),
    "events": frozenset({"execute"}),
    "halftide": frozenset({"read", "write"}),
    "kernels": frozenset({"read", "write", "execute"}),
    "kernelspecs": frozenset({"read"}),
    "sessions": frozenset({"read", "write"}),
    "terminals": frozenset({"read", "write", "execute"}),
}
"""What a person who is let in may do, by jupyter_server's names; the rest is refused."""


def is_listed(method: str, path: str, base_url: str) -> bool:
    """Whether ``method`` on the raw, undecoded ``path`` is on the list of a server that lives at ``base_url``."""
    if not path.startswith(base_url) and path != base_url.rstrip("/"):
        return False
    below = "/" + path[len(base_url) :]
    return any(method in methods and pattern.fullmatch(below) for methods, pattern in ROUTES)


def close(application: web.Application, base_url: str) -> None:
    """Puts the gate before all other rules of ``application``, and the headers of its settings on all its answers."""
    application.default_router.rules.insert(0, Rule(_Unlisted(base_url), Refused))
    application.transforms.append(cast("type[web.OutputTransform]", partial(_Headed, application.settings["headers"])))


class _Headed(web.OutputTransform):
    """Adds the headers that an answer lacks. jupyter_server's own handlers set them; tornado's (redirects, websockets
    that do not come to be) do not."""

    def __init__(self, wanted: Mapping[str, str], request: HTTPServerRequest) -> None:
        super().__init__(request)
        self._wanted = wanted

    def transform_first_chunk(
        self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Completes the headers; the rest stays as it is."""
        for name, value in self._wanted.items():
            if name not in headers:
                headers[name] = value
        return super().transform_first_chunk(status_code, headers, chunk, finishing)


class _Unlisted(Matcher):
    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        method = request.method or ""
        listed = is_listed(method, request.path, self._base_url)
        return None if listed and not is_foreign_use(method, request.headers) else {}


class Refused(web.RequestHandler):
    """The answer to every route that is not listed: the same, whether there is something behind it or not."""

    def set_default_headers(self) -> None:
        """The security headers, here as everywhere."""
        for name, value in self.settings["headers"].items():
            self.set_header(name, value)

    def check_xsrf_cookie(self) -> None:
        """Nothing is done here, so nothing needs the cookie."""

    def prepare(self) -> None:
        """Refuses, as a page to somebody who navigates and as JSON to everything else."""
        self.set_status(403)
        if "text/html" in self.request.headers.get("Accept", ""):
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.finish(_PAGE)
        else:
            self.set_header("Content-Type", "application/json")
            self.finish(json.dumps({"message": REFUSAL, "reason": "not on the list of this workspace's routes"}))


_PAGE = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Nothing leaves by download</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.6 system-ui, sans-serif; max-width: 38rem; margin: 15vh auto; padding: 0 1.5rem; }}
h1 {{ font-size: 1.4rem; }}
</style>
</head>
<body>
<h1>Nothing leaves this workspace by download</h1>
<p>What you may take out of this project is decided by two people, and they see it first.</p>
<p>{escape(ASK)}</p>
<p>You can also use “Request release…” in a notebook's toolbar, or find it in the command palette.</p>
</body>
</html>
"""


def is_permitted(action: str, resource: str) -> bool:
    """Whether a person who is let in may do ``action`` on ``resource``."""
    return action in RESOURCES.get(resource, frozenset())


class ClosedAuthorizer(Authorizer):
    """Denies what is not in ``RESOURCES``; the hub's scopes are asked beside it (``app.HubAuthorizer``)."""

    def is_authorized(self, handler: web.RequestHandler, user: User, action: str, resource: str) -> bool:  # noqa: ARG002
        """Whether the list allows it, whoever asks."""
        return is_permitted(action, resource)
