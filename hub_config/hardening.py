"""How the hub shows itself to a browser: headers, cookies, closed pages, and our own look.

Promises that a hub page runs no script and no style but the ones in ``templates/``, which the Content-Security-Policy
names by their digests, loads nothing from elsewhere, and can't be framed. The pages that would hand out tokens, shares
or admin powers don't exist.
"""

import base64
import hashlib
from pathlib import Path
from typing import Any

from jupyterhub.handlers.base import BaseHandler
from markupsafe import Markup
from tornado import web

from hub_config.accounts import NAME
from hub_config.settings import CHECKOUT, Settings

TEMPLATES = Path(__file__).resolve().parent / "templates"
STATIC = CHECKOUT / "output_checker" / "web" / "static"

CLOSED = (
    r"/signup",
    r"/authorize",
    r"/authorize/.*",
    r"/confirm/.*",
    r"/discard/.*",
    r"/change-password/.+",
    r"/token",
    r"/admin.*",
    r"/accept-share",
    r"/api/users/[^/]+/tokens",
    r"/api/users/[^/]+/tokens/.*",
    r"/api/users/[^/]+/admin-access",
    r"/api/users/[^/]+/shared.*",
    r"/api/groups/[^/]+/shared.*",
    r"/api/shares/.*",
    r"/api/share-codes/.*",
    r"/api/authorizations/.*",
)
"""Pages and calls of JupyterHub and NativeAuthenticator that Halftide has no use for."""


class ClosedHandler(BaseHandler):  # type: ignore[misc] # JupyterHub ships no types
    """A page that JupyterHub has and Halftide does not."""

    def check_xsrf_cookie(self) -> None:
        """Nothing happens here, so there is nothing to protect."""

    async def prepare(self) -> None:
        """Answer as if there were no such page."""
        await super().prepare()
        raise web.HTTPError(404)


def look() -> dict[str, Any]:
    """What every template may use: our style sheet, our mark and our scripts, to be written into the page."""
    return {
        # these come from our own files, never from a person
        "style": Markup(_style()),  # noqa: S704
        "mark": Markup(_read(STATIC / "mark.svg")),  # noqa: S704
        "icon": f"data:image/svg+xml;base64,{base64.b64encode(_read(STATIC / 'mark.svg').encode()).decode()}",
        "scripts": {name: Markup(text) for name, text in _scripts().items()},  # noqa: S704
    }


def headers(settings: Settings) -> dict[str, str]:
    """Security headers of every page and answer of the hub, and of any other answer that has none of its own."""
    found = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": content_security_policy(settings),
        # same-origin, never no-referrer: Jupyter accepts some requests only with a matching Referer (BOUNDARY 2)
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "X-DNS-Prefetch-Control": "off",
    }
    if settings.secure:
        found["Strict-Transport-Security"] = "max-age=31536000"
    return found


def content_security_policy(settings: Settings) -> str:
    """The policy of the hub's pages: nothing is allowed but what is named here."""
    # browsers apply form-action to the redirects that follow a form: signing in may lead to the portal or a workspace
    forms = f"'self' {settings.origin_of('*')}" if settings.subdomains else "'self'"
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(_digest(text) for text in _scripts().values())}",
            f"style-src {_digest(_style())}",
            "img-src 'self' data:",
            "connect-src 'self'",
            f"form-action {forms}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


def harden(c: Any, settings: Settings) -> None:
    """Write all of this into JupyterHub's configuration."""
    hub = c.JupyterHub
    hub.subdomain_host = settings.url if settings.subdomains else ""
    hub.cookie_host_prefix_enabled = settings.secure and settings.subdomains
    hub.cookie_max_age_days = 1
    hub.admin_access = False
    c.Authenticator.admin_users = set()
    c.Authenticator.username_pattern = NAME
    cookies = {"SameSite": "Lax", "Secure": settings.secure, "HttpOnly": True}
    hub.tornado_settings = {"headers": headers(settings), "cookie_options": cookies}
    hub.template_paths = [str(TEMPLATES)]
    hub.template_vars = {**look(), "portal_page": settings.portal_page}
    if settings.tls_certificate and settings.tls_key:
        hub.ssl_cert, hub.ssl_key = str(settings.tls_certificate), str(settings.tls_key)


def _style() -> str:
    return _read(STATIC / "halftide.css") + _read(TEMPLATES / "hub.css")


def _scripts() -> dict[str, str]:
    return {path.stem: _read(path) for path in sorted(TEMPLATES.glob("*.js"))}


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
