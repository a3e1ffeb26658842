"""The private way of the browser inside to its server, and the wall that the person's browser meets instead.

Promises: a request is the inner browser's when it came in by the door, a Unix socket in a folder that only the server
and that browser's sandbox have; no header can say so. Whoever comes by the door is the workspace's owner, as the hub
says of the server's own token: when the hub revokes it, the door shows nobody anything. Whoever comes by the network
gets the picture's few routes and a refusal for all others, whether there is something behind them or not.
"""

import re
import socket
from html import escape
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyterhub.singleuser.extension import JupyterHubIdentityProvider, JupyterHubUser
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.netutil import bind_unix_socket
from tornado.routing import Matcher, Rule

from halftide_workspace.gate import Refused
from halftide_workspace.page import is_foreign_use

LEFT_TO_THE_HUB = ("oauth_callback", "logout")
"""Routes that a person's browser needs to log in and out; jupyterhub's own handlers answer them."""


def came_by_the_door(request: HTTPServerRequest) -> bool:
    """Whether the inner browser sent this: the server's other listener is a TCP port."""
    family: int | None = getattr(getattr(request.connection, "context", None), "address_family", None)
    return family == socket.AF_UNIX


def open_door(application: web.Application, path: Path) -> HTTPServer:
    """Lets the inner browser in at ``path``, for this user alone. The caller closes what it gets."""
    server = HTTPServer(application)
    server.add_socket(bind_unix_socket(str(path), mode=0o600))
    return server


class DoorIdentity(JupyterHubIdentityProvider):  # type: ignore[misc] # jupyterhub is untyped
    """The hub's identity provider, for which the inner browser is the server's owner."""

    async def get_user(self, handler: JupyterHandler) -> JupyterHubUser | None:
        """Who is asking, or None."""
        if not came_by_the_door(handler.request):
            return await super().get_user(handler)
        self._patch_xsrf(handler)
        owner = await self.hub_auth.user_for_token(self.hub_auth.api_token, sync=False)
        if owner is None or not self.hub_auth.check_scopes(self.hub_auth.access_scopes, owner):
            return None
        return JupyterHubUser(owner)


def close_the_rest(application: web.Application, base_url: str, routes: list[Any]) -> None:
    """Gives the person's browser ``routes`` (below ``base_url``) and nothing else; what comes by the door is left to
    the rules behind."""
    router = application.default_router
    shown = [(re.escape(base_url) + path, *rest) for path, *rest in routes]
    home = {"home": base_url}
    rule = Rule(_OfThePerson(base_url), [(_Foreign(), OnlyAPicture, home), *shown, (r".*", OnlyAPicture, home)])
    router.rules.insert(0, router.process_rule(rule))


class _OfThePerson(Matcher):
    def __init__(self, base_url: str) -> None:
        self._left = frozenset(base_url + path for path in LEFT_TO_THE_HUB)

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        if came_by_the_door(request) or (request.method == "GET" and request.path in self._left):
            return None
        return {}


class _Foreign(Matcher):
    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        return {} if is_foreign_use(request.method or "", request.headers) else None


class OnlyAPicture(Refused):
    """The answer to every other route."""

    def initialize(self, home: str) -> None:
        """Take the address of the picture."""
        self._home = home

    def prepare(self) -> None:
        """Refuses, as a page to somebody who navigates and as JSON to everything else."""
        self.set_status(403)
        if "text/html" in self.request.headers.get("Accept", ""):
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.finish(_PAGE.replace("$HOME", escape(self._home, quote=True)))
        else:
            self.finish({"message": "Only the picture of this workspace is shown.", "reason": "pixels"})


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Only the picture of this workspace is shown</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 38rem; margin: 15vh auto; padding: 0 1.5rem; }
h1 { font-size: 1.4rem; }
</style>
</head>
<body>
<h1>Only the picture of this workspace is shown</h1>
<p>The data of this project may not reach a browser, so JupyterLab runs on our side and you see its screen.</p>
<p><a href="$HOME">Go to the workspace</a></p>
</body>
</html>
"""
