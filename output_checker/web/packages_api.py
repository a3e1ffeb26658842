"""Packages for workspaces: the list and the questions as JSON, and the files themselves.

The person and the project come from the token alone. Nothing of a request but its path is looked at: a query is
refused, headers and bodies go nowhere.
"""

import json
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response, StreamingResponse

from output_checker.desk import packages
from output_checker.desk.packages import PackageView, Question
from output_checker.model import BadInput, NotFound
from output_checker.web.api import InWorkspace
from output_checker.web.errors import TooLarge

router = APIRouter(prefix="/api/v1/packages")

_QUESTION_LIMIT = 8 * 1024
_CHUNK = 1 << 18


@router.get("")
def my_packages(submitter: InWorkspace) -> Response:
    """The project's packages and open questions, and for which kinds this site has a mirror."""
    found = packages.of_project(submitter.portal.desk, submitter.person, submitter.slug)
    page = f"{submitter.portal.settings.portal_url}projects/{submitter.slug}/packages"
    kinds = [kind.value for kind in submitter.portal.library.kinds]
    return JSONResponse({"mirrors": kinds, "page": page, "packages": [_told(package) for package in found]})


@router.post("")
async def ask_for_package(request: Request, submitter: InWorkspace) -> Response:
    """Ask for a package; asking again gives the same question again."""
    question = await _question(request)
    asked = await run_in_threadpool(
        packages.ask, submitter.portal.desk, submitter.person, submitter.slug, question
    )  # fmt: skip
    return JSONResponse(_told(asked), status_code=201)


@router.get("/files/{path:path}")
def package_file(request: Request, submitter: InWorkspace, path: str) -> Response:
    """An index or a file for pip, conda or R, when the project's list allows it."""
    if request.url.query:
        raise NotFound("An address with a query is not looked at.")
    stack = ExitStack()
    portal = submitter.portal
    served = stack.enter_context(packages.serve(portal.desk, portal.library, submitter.person, submitter.slug, path))

    async def pieces() -> AsyncIterator[bytes]:
        with stack:
            while piece := await run_in_threadpool(served.file.read, _CHUNK):
                yield piece

    headers = {"Content-Length": str(served.size)}
    return StreamingResponse(pieces(), media_type=served.media_type, headers=headers)


async def _question(request: Request) -> Question:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _QUESTION_LIMIT:
            raise TooLarge("That is too much for a question about one package.")
    try:
        raw = json.loads(bytes(body))
    except ValueError as error:
        raise BadInput("A question about a package is a JSON mapping.") from error
    names = ("kind", "name", "versions", "reason")
    if not isinstance(raw, dict) or not all(isinstance(raw.get(name, ""), str) for name in names):
        raise BadInput("A question about a package has the texts kind, name, versions and reason.")
    return Question.from_text(*(raw.get(name, "") for name in names))


def _told(package: PackageView) -> dict[str, Any]:
    return {
        "id": package.id,
        "kind": package.kind.value,
        "name": package.name,
        "versions": package.versions,
        "state": package.state.value,
        "everywhere": not package.project,
        "asked_by": package.asked_by,
        "asked_at": package.asked_at.isoformat(),
        "decision": package.decision,
    }
