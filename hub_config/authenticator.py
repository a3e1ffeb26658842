"""Login with accounts that an administrator made. There is no sign-up, and guessing is slow.

Promises: a name that exists and one that doesn't take the same time to refuse; repeated failures wait longer and longer
for this name from this address, so that nobody can lock somebody else out; passwords are kept as bcrypt hashes and
never logged. Sign-up, approval by link and the administrator's password pages of NativeAuthenticator are not there.
"""

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import bcrypt
from jupyterhub import orm
from jupyterhub.utils import new_token
from nativeauthenticator import NativeAuthenticator
from nativeauthenticator.handlers import ChangePasswordHandler, LoginHandler
from tornado import web
from traitlets import Instance

from hub_config.access_gate import watch_leases
from hub_config.accounts import LONGEST_PASSWORD, SHORTEST_PASSWORD, matches, set_password
from hub_config.hardening import CLOSED, ClosedHandler
from hub_config.settings import Settings


@dataclass
class Throttle:
    """Counts failures per (name, address) and says how long the next try has to wait.

    The first ``free`` failures cost nothing, then the wait doubles from 2 seconds up to ``longest``. At most ``size``
    entries are kept; the oldest goes first.
    """

    free: int = 4
    longest: float = 900.0
    size: int = 10_000
    clock: Callable[[], float] = time.monotonic
    _failures: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)

    def wait(self, name: str, address: str) -> float:
        """Seconds until this name may be tried again from this address; 0 when it may be tried now."""
        _count, until = self._failures.get((name, address), (0, 0.0))
        return max(0.0, until - self.clock())

    def failed(self, name: str, address: str) -> None:
        """Note a failure."""
        count, _until = self._failures.pop((name, address), (0, 0.0))
        pause = 0.0 if count < self.free else min(self.longest, 2.0 ** (count - self.free + 1))
        self._failures[name, address] = (count + 1, self.clock() + pause)
        if len(self._failures) > self.size:
            del self._failures[next(iter(self._failures))]

    def succeeded(self, name: str, address: str) -> None:
        """Forget this name's failures from this address."""
        self._failures.pop((name, address), None)


class SignInHandler(LoginHandler):  # type: ignore[misc] # JupyterHub ships no types
    """The sign-in page. One answer for a wrong name and a wrong password."""

    async def post(self) -> None:
        """Try to sign in; on failure show the form again and say why."""
        data = {name: self.get_argument(name, strip=False) for name in self.request.arguments}
        data.setdefault("username", "")
        data.setdefault("password", "")
        wait = self.authenticator.seconds_to_wait(data["username"], self.request.remote_ip)
        if wait:
            self.set_status(429)
            self.set_header("Retry-After", str(wait))
            problem = f"Too many attempts. Please wait {wait} second{'s' if wait > 1 else ''}, then try again."
        else:
            user = await self.login_user(data)
            if user:
                self._jupyterhub_user = user
                self.redirect(self.get_next_url(user))
                return
            self.set_status(403)
            problem = "That name and password don't go together. Check both, then try again."
        self.finish(await self._render(login_error=problem, username=data["username"]))


class NewPasswordHandler(ChangePasswordHandler):  # type: ignore[misc] # JupyterHub ships no types
    """The page on which people change their own password."""

    @web.authenticated
    async def post(self) -> None:
        """Change the password if the old one is right and the new one keeps the rules; say what happened."""
        name = self.current_user.name
        old, new, again = (
            self.get_body_argument(field, "", strip=False)
            for field in ("old_password", "new_password", "new_password_confirmation")
        )
        wait = self.authenticator.seconds_to_wait(name, self.request.remote_ip)
        done = False
        if wait:
            message = f"Too many attempts. Please wait {wait} second{'s' if wait > 1 else ''}, then try again."
        elif new != again:
            message = "The two new passwords differ. Please type the same one twice."
        elif not await self.authenticator.is_right(name, old, self.request.remote_ip):
            message = "The old password is not right. Nothing was changed."
        elif not self.authenticator.change_password(name, new):
            message = (
                f"A password needs {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters and must not be a common one."
            )
        else:
            done = True
            message = "Your password is changed. Everywhere else you will be asked to sign in again."
        if done:
            self.set_login_cookie(self.current_user)
        else:
            self.set_status(429 if wait else 400)
        page = await self.render_template("change-password.html", result_message=message, done=done)
        self.finish(page)


class AccountsAuthenticator(NativeAuthenticator):  # type: ignore[misc] # it ships no types
    """NativeAuthenticator without its doors: login and changing one's own password are all there is."""

    settings = Instance(Settings, config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.allow_all = True  # everybody who has an account, and only administrators make accounts
        self.enable_signup = False
        self.minimum_password_length = SHORTEST_PASSWORD
        self.check_common_password = True
        self.throttle = Throttle()
        self._nobody = bcrypt.hashpw(b"nobody's password", bcrypt.gensalt())
        for name, password in self.settings.demo_passwords.items():
            set_password(self.db, name, password)

    def get_handlers(self, app: Any) -> list[tuple[Any, ...]]:
        """The pages of this zone's own; what is closed comes first, so that nothing behind it answers.

        The hub calls this once, while it starts: from here on it watches leases too.
        """
        watch_leases(app, self.settings)
        closed = [(pattern, ClosedHandler) for pattern in CLOSED]
        return [*closed, (r"/login", SignInHandler), (r"/change-password", NewPasswordHandler)]

    def seconds_to_wait(self, name: str, address: str) -> int:
        """Whole seconds until this name may be tried again from this address."""
        return math.ceil(self.throttle.wait(self.normalize_username(name), address))

    async def authenticate(self, handler: Any, data: Mapping[str, str]) -> str | None:
        """The person's name if name and password go together, else None."""
        name = self.normalize_username(data["username"])
        if await self.is_right(name, data["password"], handler.request.remote_ip):
            return str(name)
        self.log.warning("Sign-in refused for %r from %s", name, handler.request.remote_ip)
        return None

    async def is_right(self, name: str, password: str, address: str) -> bool:
        """Whether this is the account's password. A wrong answer is counted, and takes as long for an unknown name."""
        if self.throttle.wait(name, address):
            return False
        # counted before the slow part, so that many tries at once don't all find the door open
        self.throttle.failed(name, address)
        account = self.get_user(name)
        hashed = bytes(account.password) if account is not None and account.is_authorized else None
        right = await asyncio.to_thread(matches, password, hashed or self._nobody)
        if not (hashed and right):
            return False
        self.throttle.succeeded(name, address)
        return True

    def is_password_strong(self, password: str) -> bool:
        """Long enough, not a common one, and no longer than bcrypt reads."""
        return len(password.encode()) <= LONGEST_PASSWORD and bool(super().is_password_strong(password))

    def change_password(self, username: str, new_password: str) -> bool:
        """Set a new password and end the person's sessions at the hub. False when it does not keep the rules."""
        if not super().change_password(username, new_password):
            return False
        person = orm.User.find(self.db, self.normalize_username(username))
        if person is not None:
            person.cookie_id = new_token()
            self.db.commit()
        return True
