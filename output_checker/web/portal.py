"""What every handler starts from: the portal it runs in, and the visit of the person who asks.

A handler that takes a ``Visit`` runs for a logged-in person whom Halftide knows; one that takes a ``CheckedForm`` runs
for a form of our own page in that person's session. There is no other way to get either.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse

from output_checker.desk import people
from output_checker.desk.context import Desk
from output_checker.desk.views import Person, SiteRole
from output_checker.mirror.library import Library
from output_checker.model import NotAllowed
from output_checker.web.errors import LoginNeeded
from output_checker.web.identity import Caller, Identity, token_of_header
from output_checker.web.render import Pages
from output_checker.web.security import Form, form_token, page_policy, read_form, require_form_token, require_own_page
from output_checker.web.settings import Settings


@dataclass(frozen=True)
class Portal:
    """The parts of one running portal."""

    settings: Settings
    desk: Desk
    identity: Identity
    pages: Pages
    library: Library


@dataclass(frozen=True)
class Visit:
    """A person on a page: who they are, in which session, and the portal."""

    portal: Portal
    person: Person
    session: str
    path: str

    @property
    def desk(self) -> Desk:
        """Where the work is done."""
        return self.portal.desk

    @property
    def now(self) -> datetime:
        """The desk's time, so that pages and rules agree."""
        return self.portal.desk.clock()

    def has(self, *roles: SiteRole) -> bool:
        """Whether the person has one of these roles on this site."""
        return any(self.person.has(role) for role in roles)

    def require_role(self, *roles: SiteRole) -> None:
        """Raises NotAllowed when the person has none of these roles: a page that only they need."""
        if not self.has(*roles):
            names = " or ".join(f"{role}s" for role in roles)
            raise NotAllowed(f"This page is for {names} of this site.")

    def show(self, template: str, *, live: bool = False, status: int = 200, **values: Any) -> HTMLResponse:
        """Render a page for this person."""
        policy = page_policy(forms_to=self.portal.settings.hub_origin, live=live)
        frame = {"visit": self, "person": self.person, "csrf": form_token(self.session), "now": self.now}
        return self.portal.pages.show(template, {**frame, **values}, policy=policy, status=status)

    def go(self, path: str) -> RedirectResponse:
        """Send the browser on after a form, so that a reload does not send the form again."""
        return RedirectResponse(self.portal.settings.prefix + path, status_code=303)


def portal_of(request: Request) -> Portal:
    """The portal that this request came to."""
    return cast("Portal", request.app.state.portal)


async def _visitor(request: Request, portal: Annotated[Portal, Depends(portal_of)]) -> Caller:
    session = request.cookies.get(portal.identity.cookie, "")
    caller = await portal.identity.visitor(session, request.cookies.get("jupyterhub-session-id", ""))
    if caller is None:
        raise LoginNeeded("Nobody is logged in here, or the login has ended.")
    return caller


def _visit(
    request: Request, caller: Annotated[Caller, Depends(_visitor)], portal: Annotated[Portal, Depends(portal_of)]
) -> Visit:
    person = people.find(portal.desk, caller.hub_name)
    if person is None:
        raise NotAllowed(
            f"The hub knows you as {caller.hub_name}, but you have no part in any project here yet. "
            "Ask your administrator to add you."
        )
    return Visit(portal, person, request.cookies[portal.identity.cookie], request.url.path)


async def _checked_form(request: Request, visit: Annotated[Visit, Depends(_visit)]) -> Form:
    require_own_page(request.headers, visit.portal.settings.public_origin)
    form = await read_form(request)
    require_form_token(form.text("csrf"), visit.session)
    return form


async def _program(request: Request, portal: Annotated[Portal, Depends(portal_of)]) -> Caller:
    caller = await portal.identity.caller(token_of_header(request.headers.get("authorization", "")))
    if caller is None:
        raise NotAllowed("This needs a token of the hub in the Authorization header; there is none, or it has ended.")
    return caller


InPortal = Annotated[Portal, Depends(portal_of)]
Visiting = Annotated[Visit, Depends(_visit)]
CheckedForm = Annotated[Form, Depends(_checked_form)]
Program = Annotated[Caller, Depends(_program)]
