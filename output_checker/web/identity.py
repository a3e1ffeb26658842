"""Who is asking, from the hub's own answer about the caller's token, never from anything else that was sent.

The hub is asked through HubOAuth (PKCE, no tornado handlers). Its answers are kept for ``KEPT_SECONDS`` at the most, so
a token that was revoked is refused after that; when the hub gives no answer, nobody is let in.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

import aiohttp
from jupyterhub.services.auth import HubOAuth
from tornado.web import HTTPError

from output_checker.model import BadInput, NotAllowed
from output_checker.web.errors import HubDown
from output_checker.web.settings import GATE_SERVICE, SUBMIT_SCOPE, Settings

log = logging.getLogger("halftide.portal")

KEPT_SECONDS = 30
HUB_PATIENCE = 10.0
LOGIN_SECONDS = 600


class Hub(Protocol):
    """The two questions that the hub is asked."""

    async def user_of(self, token: str, session: str) -> Mapping[str, Any] | None:
        """The hub's user or service model of this token; None when the hub does not know it. Raises HubDown."""

    async def token_for(self, code: str, verifier: str) -> str:
        """The token that a finished login is worth. Raises BadInput when the hub refuses the code, or HubDown."""


@dataclass(frozen=True)
class Caller:
    """The hub's answer: a user or a service, and what this token of theirs may do."""

    hub_name: str
    is_service: bool
    scopes: frozenset[str]

    def submits_to(self) -> str:
        """The project slug that this token may submit to. Raises NotAllowed when it is not a workspace's token."""
        start = f"{SUBMIT_SCOPE}{self.hub_name}/"
        slugs = [scope.removeprefix(start) for scope in self.scopes if scope.startswith(start)]
        if self.is_service or len(slugs) != 1 or not slugs[0] or "/" in slugs[0]:
            raise NotAllowed("Only the server of a project's workspace may do this, with the token the hub gave it.")
        return slugs[0]

    def require_gate(self) -> None:
        """Raises NotAllowed unless this is the hub's own gate service."""
        if not self.is_service or self.hub_name != GATE_SERVICE:
            raise NotAllowed("Only the hub's gate may ask this.")


class HubOverHttp:
    """The real hub, asked through HubOAuth in the running event loop."""

    def __init__(self, settings: Settings) -> None:
        self._auth = HubOAuth(
            api_url=settings.hub_api_url,
            api_token=settings.api_token,
            base_url=settings.prefix,
            hub_host=settings.hub_origin,
            hub_prefix=settings.hub_prefix,
            oauth_client_id=settings.client_id,
            oauth_redirect_uri=settings.callback_url,
            cache_max_age=KEPT_SECONDS,
        )

    async def user_of(self, token: str, session: str) -> Mapping[str, Any] | None:
        """See ``Hub``."""
        try:
            async with asyncio.timeout(HUB_PATIENCE):
                model = await self._auth.user_for_token(token, session_id=session, sync=False)
        except (HTTPError, TimeoutError, ValueError, OSError, aiohttp.ClientError) as error:
            raise HubDown("The hub did not say who you are, so nobody is let in for the moment.") from error
        return model if isinstance(model, dict) else None

    async def token_for(self, code: str, verifier: str) -> str:
        """See ``Hub``."""
        try:
            async with asyncio.timeout(HUB_PATIENCE):
                return str(await self._auth.token_for_code(code, code_verifier=verifier, sync=False))
        except (HTTPError, KeyError) as error:
            raise BadInput("The hub did not accept this login. Log in again.") from error
        except (TimeoutError, ValueError, OSError, aiohttp.ClientError) as error:
            raise HubDown("The hub did not finish your login.") from error


@dataclass(frozen=True)
class Login:
    """A login under way: where the browser goes, and the cookie that ties the way back to this browser."""

    url: str
    cookie: str
    value: str


class Identity:
    """Logins and callers of one portal. Holds no state of its own: a login under way lives in its signed cookie."""

    def __init__(self, settings: Settings, hub: Hub) -> None:
        self._settings = settings
        self._hub = hub
        self._key = hashlib.sha256(b"halftide login " + settings.api_token.encode()).digest()

    @property
    def cookie(self) -> str:
        """The name of the session cookie; over TLS no subdomain can plant it (``__Host-``)."""
        return "__Host-halftide" if self._settings.secure else "halftide"

    @property
    def cookie_path(self) -> str:
        """``__Host-`` cookies must be for the whole host; others are for the portal's own paths."""
        return "/" if self._settings.secure else self._settings.prefix

    def begin(self, back_to: str, now: float) -> Login:
        """Start a login that comes back to the path ``back_to``."""
        state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.callback_url,
            "response_type": "code",
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        url = f"{self._settings.hub_url}api/oauth2/authorize?{urlencode(query)}"
        held = {"state": state, "verifier": verifier, "back_to": back_to, "until": now + LOGIN_SECONDS}
        return Login(url, self.login_cookie(state), self._sign(held))

    def login_cookie(self, state: str) -> str:
        """The name of the cookie of one login, so that two tabs can log in at once."""
        return f"{self.cookie}-login-{hashlib.sha256(state.encode()).hexdigest()[:12]}"

    async def finish(self, state: str, code: str, value: str, now: float) -> tuple[str, str]:
        """End a login: the session's token and the path to go back to. Raises BadInput when it is not ours."""
        held = self._read(value)
        if not held or held["until"] < now or not hmac.compare_digest(str(held["state"]).encode(), state.encode()):
            raise BadInput("This login was not started in this browser, or it took too long. Log in again.")
        token = await self._hub.token_for(code, str(held["verifier"]))
        return token, safe_path(str(held["back_to"]), self._settings.prefix)

    async def caller(self, token: str, session: str = "") -> Caller | None:
        """Who holds this token; None when the hub does not know it. Raises HubDown."""
        if not token or not token.isascii() or not token.isprintable():
            return None
        model = await self._hub.user_of(token, session)
        if model is None or model.get("kind") not in {"user", "service"} or not isinstance(model.get("name"), str):
            return None
        return Caller(model["name"], model["kind"] == "service", frozenset(map(str, model.get("scopes", ()))))

    async def visitor(self, token: str, session: str) -> Caller | None:
        """Who holds this session; None when nobody does. Raises NotAllowed for a token that doesn't open the portal."""
        caller = await self.caller(token, session)
        if caller and (caller.is_service or not caller.scopes & self._settings.access_scopes):
            raise NotAllowed("The hub does not let this account into the output checker.")
        return caller

    def _sign(self, held: Mapping[str, Any]) -> str:
        body = base64.urlsafe_b64encode(json.dumps(held).encode()).decode()
        return f"{body}.{hmac.new(self._key, body.encode(), hashlib.sha256).hexdigest()}"

    def _read(self, value: str) -> dict[str, Any]:
        body, _, mark = value.partition(".")
        if not hmac.compare_digest(
            hmac.new(self._key, body.encode(), hashlib.sha256).hexdigest().encode(), mark.encode()
        ):
            return {}
        try:
            held = json.loads(base64.urlsafe_b64decode(body))
        except (ValueError, binascii.Error):
            return {}
        return held if isinstance(held, dict) else {}


def safe_path(path: str, prefix: str) -> str:
    """``path`` when it lies inside the portal, else the portal's first page: a login never leads elsewhere."""
    return path if path.startswith(prefix) and "\\" not in path and path.isprintable() else prefix


def token_of_header(header: str) -> str:
    """The token of an ``Authorization`` header; "" when it has none."""
    scheme, _, token = header.strip().partition(" ")
    return token.strip() if scheme.lower() in {"token", "bearer"} else ""
