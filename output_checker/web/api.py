"""The JSON API that workspace servers and the hub's gate use, with the same rules as the pages.

The person and the project come from the hub's answer about the caller's token. A body never says who is asking.
"""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from output_checker.desk import describe, people, probes, projects, queue, review, submit
from output_checker.desk.context import portal_dir
from output_checker.desk.views import Person
from output_checker.model import NotAllowed, NotFound, RequestId
from output_checker.web.intake import Submission, receive, sent_name
from output_checker.web.portal import InPortal, Portal, Program

router = APIRouter(prefix="/api/v1")


class Submitter:
    """A workspace's server: a person in the one project that its token is for."""

    def __init__(self, portal: Portal, person: Person, slug: str) -> None:
        self.portal, self.person, self.slug = portal, person, slug

    def detail(self, request_id: RequestId) -> dict[str, Any]:
        """The request as its author is told. Raises NotFound outside this person's own project."""
        page = queue.request_page(self.portal.desk, self.person, request_id)
        if page.row.project_slug != self.slug:
            raise NotFound("There is no such request in this project.")
        url = self.portal.settings.request_url(page.row.id)
        return describe.request_detail(page, url, f"{url}/files.zip" if page.release else None)


def _submitter(portal: InPortal, caller: Program) -> Submitter:
    slug = caller.submits_to()
    person = people.find(portal.desk, caller.hub_name)
    if person is None:
        raise NotAllowed(f"{caller.hub_name} has no part in any project here. Ask your administrator.")
    return Submitter(portal, person, slug)


def _gate(portal: InPortal, caller: Program) -> Portal:
    caller.require_gate()
    return portal


InWorkspace = Annotated[Submitter, Depends(_submitter)]
AtGate = Annotated[Portal, Depends(_gate)]


@router.get("/workspaces")
def workspaces(portal: AtGate) -> Response:
    """Every membership and whether its workspace may run now."""
    return JSONResponse([*projects.workspaces(portal.desk), *probes.workspaces(portal.desk)])


@router.get("/workspaces/{hub_name}/{project_slug}")
def workspace(portal: AtGate, hub_name: str, project_slug: str) -> Response:
    """Whether this workspace may start, and with what."""
    wanted = portal.settings.probes
    return JSONResponse(probes.workspace_answer(portal.desk, hub_name, project_slug, required=wanted))


@router.get("/policy")
def policy(submitter: InWorkspace) -> Response:
    """The project's policy."""
    return JSONResponse(describe.policy(projects.policy_of(submitter.portal.desk, submitter.slug)))


@router.get("/requests")
def my_requests(submitter: InWorkspace) -> Response:
    """This person's requests in this project, newest first."""
    rows = queue.my_requests(submitter.portal.desk, submitter.person, submitter.slug)
    settings = submitter.portal.settings
    return JSONResponse({"requests": [describe.request_summary(row, settings.request_url(row.id)) for row in rows]})


@router.post("/requests")
async def submit_request(request: Request, submitter: InWorkspace) -> Response:
    """Ask for a release: the same ``client_id`` again gives the same request again."""
    portal = submitter.portal
    limits = await asyncio.to_thread(submit.limits, portal.desk, submitter.slug)
    folder = portal_dir(portal.desk.state_dir)
    with await receive(request.headers, request.stream(), limits, folder) as submission:
        receipt = await asyncio.to_thread(_submit, submitter, submission)
    detail = await asyncio.to_thread(submitter.detail, receipt.request_id)
    return JSONResponse(detail, status_code=201 if receipt.created else 200)


@router.get("/requests/{request_id}")
def my_request(submitter: InWorkspace, request_id: str) -> Response:
    """One request of this person's project."""
    return JSONResponse(submitter.detail(RequestId(request_id)))


@router.post("/requests/{request_id}/withdraw")
def withdraw(submitter: InWorkspace, request_id: str) -> Response:
    """The author takes a request back."""
    submitter.detail(RequestId(request_id))
    review.withdraw(submitter.portal.desk, submitter.person, RequestId(request_id))
    return JSONResponse(submitter.detail(RequestId(request_id)))


def _submit(submitter: Submitter, submission: Submission) -> submit.Receipt:
    wish = submit.Wish.from_json(submission.request)
    names = [part.filename or "" for part in submission.files]
    if [sent_name(path) for path in wish.paths] == names:
        names = list(wish.paths)
    files = ((name, submission.open(number)) for number, name in enumerate(names))
    return submit.submit(submitter.portal.desk, submitter.person, submitter.slug, wish, files)
