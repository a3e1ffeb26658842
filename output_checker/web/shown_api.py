"""Where a workspace's server tells how much it has shown. The person and the project come from its token alone."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from output_checker.desk import shown
from output_checker.web.api import InWorkspace

router = APIRouter(prefix="/api/v1/shown")


@router.post("/{day}/{session}/{count}")
def tell_shown(submitter: InWorkspace, day: str, session: str, count: str) -> Response:
    """How many bytes this run has shown on this day so far; more often than every few seconds is not noted."""
    told = shown.Told.from_text(session, day, count[:20])
    noted = shown.record(submitter.portal.desk, submitter.person, submitter.slug, told)
    return JSONResponse({"noted": noted})
