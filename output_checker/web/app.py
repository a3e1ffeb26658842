"""The portal as one ASGI application: routes, the answer to each failure, and the headers of every answer.

No route is added anywhere else; nothing of the framework's own (its documentation pages, its error texts) is served.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from output_checker.desk.context import Desk, portal_dir, utc_now
from output_checker.desk.views import Person, ProjectView, SiteRole
from output_checker.mirror.library import Library
from output_checker.mirror.source import Source
from output_checker.model import BadInput, HalftideError, NotFound
from output_checker.rules.packages import Kind
from output_checker.web import api, packages_api, shown_api
from output_checker.web.errors import LoginNeeded, Told, tell
from output_checker.web.identity import Hub, Identity
from output_checker.web.pages import audit, corrections, home, login, packages, projects, proofs, releases, requests
from output_checker.web.portal import Portal
from output_checker.web.render import HERE, Pages
from output_checker.web.security import HEADERS, NOTHING, page_policy
from output_checker.web.settings import Settings


@dataclass(frozen=True)
class Place:
    """A link of the main navigation."""

    key: str
    label: str
    path: str


def places(person: Person) -> list[Place]:
    """Where this person can go. A link is a convenience; each page asks again."""
    found = [Place("mine", "My work", "")] if not person.roles else []
    if person.has(SiteRole.CHECKER) or person.has(SiteRole.ADMIN):
        found.append(Place("queue", "Queue", "queue"))
    if person.has(SiteRole.ADMIN):
        found += [Place("projects", "Projects", "projects"), Place("people", "People", "people")]
        found.append(Place("packages", "Packages", "packages"))
    if person.roles:
        found.append(Place("audit", "Audit", "audit"))
    return found


def create_app(settings: Settings, desk: Desk, hub: Hub) -> FastAPI:
    """The application over these parts. The caller opens and closes the desk."""

    def workspace(person: Person, project: ProjectView) -> str:
        return f"{settings.hub_url}spawn/{person.hub_name}/{project.slug}"

    pages = Pages(base=settings.prefix, places=places, workspace=workspace, hub_url=settings.hub_url)
    app = FastAPI(title="Halftide output checker", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.portal = Portal(settings, desk, Identity(settings, hub), pages, _library(settings))
    # releases before requests: both live beneath one request, and the more exact path must be asked first
    for module in (
        login,
        home,
        projects,
        proofs,
        packages,
        releases,
        corrections,
        requests,
        audit,
        api,
        packages_api,
        shown_api,
    ):
        app.include_router(module.router, prefix=settings.prefix.rstrip("/"))
    app.mount(f"{settings.prefix}static", _Static(directory=HERE / "static"), name="static")
    app.add_exception_handler(HalftideError, _explain)
    app.add_exception_handler(HTTPException, _explain_http)
    app.add_exception_handler(RequestValidationError, _explain_validation)
    app.add_exception_handler(Exception, _explain)
    return app


def _library(settings: Settings) -> Library:
    sources = {kind: Source(settings.mirrors[kind]) for kind in Kind if kind in settings.mirrors}
    return Library(sources, portal_dir(settings.state) / "packages", utc_now)


class SafeAnswers:
    """Puts the headers of ``security.HEADERS`` on every answer, and allows nothing where a view asked for nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through and complete the headers of the answer."""

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(message)
            await send(message)

        await self._app(scope, receive, complete if scope["type"] == "http" else send)


def _complete(message: MutableMapping[str, Any]) -> None:
    present = {name.lower() for name, _ in message["headers"]}
    wanted = {**HEADERS, "Content-Security-Policy": NOTHING}
    missing = [(k.lower().encode(), v.encode()) for k, v in wanted.items() if k.lower().encode() not in present]
    message["headers"] = [*message["headers"], *missing]


class _Static(StaticFiles):
    """Our own files: kept by the browser, asked about each time."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


async def _explain(request: Request, error: Exception) -> Response:
    if isinstance(error, LoginNeeded) and _is_visit(request):
        return login.send_to_login(request, request.app.state.portal)
    return _answer(request, tell(error))


async def _explain_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404:
        return _answer(request, tell(NotFound("No page has this address.")))
    told = tell(BadInput(f"This address does not take a {request.method} request."))
    response = _answer(request, told)
    response.status_code = status
    return response


async def _explain_validation(request: Request, _error: Exception) -> Response:
    return _answer(request, tell(BadInput("A part of the address is not of the kind that this page takes.")))


def _is_visit(request: Request) -> bool:
    """Whether a person opened a page, so that sending them elsewhere makes sense."""
    return request.method == "GET" and request.headers.get("sec-fetch-mode", "navigate") == "navigate"


def _answer(request: Request, told: Told) -> Response:
    portal: Portal = request.app.state.portal
    path = request.url.path
    if path.startswith(f"{portal.settings.prefix}api/") or request.headers.get("accept") == "application/json":
        body = {"error": {"kind": told.shape.kind, "message": told.message, "id": told.id}}
        return JSONResponse(body, status_code=told.shape.status)
    values = {"person": None, "told": told, "hub_url": portal.settings.hub_url}
    return portal.pages.show("error.html", values, policy=page_policy(), status=told.shape.status)
