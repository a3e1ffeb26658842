"""Logging in through the hub and out again. The session cookie holds the hub's token for this portal and browser."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from output_checker.model import NotAllowed
from output_checker.web.identity import LOGIN_SECONDS
from output_checker.web.portal import CheckedForm, InPortal, Portal, Visiting
from output_checker.web.security import page_policy

router = APIRouter()


def send_to_login(request: Request, portal: Portal) -> Response:
    """Send a browser to the hub; it comes back to the page that it asked for."""
    back_to = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    login = portal.identity.begin(back_to, portal.desk.clock().timestamp())
    response = RedirectResponse(login.url, status_code=302)
    response.set_cookie(
        login.cookie,
        login.value,
        max_age=LOGIN_SECONDS,
        path=portal.identity.cookie_path,
        secure=portal.settings.secure,
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/oauth_callback")
async def oauth_callback(
    request: Request, portal: InPortal, state: str = "", code: str = "", error: str = ""
) -> Response:
    """The way back from the hub: set the session's cookie when this browser began the login."""
    if error:
        raise NotAllowed("The hub did not let you in. If you pressed Cancel, open the portal again.")
    name = portal.identity.login_cookie(state)
    now = portal.desk.clock().timestamp()
    token, back_to = await portal.identity.finish(state, code, request.cookies.get(name, ""), now)
    response = RedirectResponse(back_to, status_code=302)
    where = portal.identity.cookie_path
    secure = portal.settings.secure
    response.delete_cookie(name, path=where, secure=secure, httponly=True, samesite="lax")
    response.set_cookie(portal.identity.cookie, token, path=where, secure=secure, httponly=True, samesite="lax")
    return response


@router.post("/logout")
def logout(visit: Visiting, form: CheckedForm) -> Response:  # noqa: ARG001 - asking for the form is the check
    """End the session in this browser and offer to end the hub's too."""
    portal = visit.portal
    policy = page_policy()
    values = {"person": None, "hub_url": portal.settings.hub_url}
    response = portal.pages.show("goodbye.html", values, policy=policy)
    response.delete_cookie(
        portal.identity.cookie,
        path=portal.identity.cookie_path,
        secure=portal.settings.secure,
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/health")
def health() -> Response:
    """Says that the portal answers; nothing else."""
    return JSONResponse({"ok": True})
