"""A request's page, its viewer and pictures, and the decisions that are taken there.

The same address serves the author and the reviewer; the desk says what each may see and press.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from output_checker.desk import queue, review
from output_checker.desk.views import OutputView, RequestPage
from output_checker.model import BadInput, Conflict, NotFound
from output_checker.rules.votes import Decision
from output_checker.web.errors import tell
from output_checker.web.pages import corrections
from output_checker.web.pages.request_view import make_sight, show_findings
from output_checker.web.pages.since import Read, last_round
from output_checker.web.portal import CheckedForm, Visit, Visiting
from output_checker.web.security import UNTRUSTED, Form
from output_checker.web.viewer import marks_of, number_findings, page_of_line, show_part

router = APIRouter(prefix="/requests/{request_id}")

DONE = {
    "voted": "Your vote is kept.",
    "start": "The review has begun. Vote on each output below.",
    "return": "The request is back with its author, with your reason.",
    "reject": "The request is rejected, with your reason.",
    "comment": "Your message is kept.",
    "withdraw": "The request is withdrawn. Nothing was released.",
    "check-again": "The automated check runs again.",
    "corrected": "Your correction is kept, and the automated check runs again with it.",
    "refused": "The correction is refused, and the automated check runs again without it.",
    "released": "That was the last approval: the files are released.",
}
_PLACE = re.compile(r"o\d{1,5}")


@router.get("")
def request_page(visit: Visiting, request_id: str, done: str = "") -> Response:
    """The request as this person may see it. Its number, which people tell each other, leads to it as well."""
    if request_id.isdecimal() and len(request_id) <= 9:
        return visit.go(f"requests/{queue.find_by_number(visit.desk, visit.person, int(request_id))}")
    return _show(visit, request_id, done=DONE.get(done, ""))


@router.get("/progress")
def progress(visit: Visiting, request_id: str) -> Response:
    """Whether the page has news: a stamp that changes with the state and with each checked output."""
    page = queue.request_page(visit.desk, visit.person, request_id)
    return JSONResponse({"stamp": _stamp(page), "state": page.row.state.value})


@router.get("/outputs/{output_id}")
def output_page(
    visit: Visiting, request_id: str, output_id: str, *, part: int = 0, page: int = 1, line: int | None = None
) -> Response:
    """One output on its own, a page of a part at a time: the one that was asked for, or the one with the line."""
    found = queue.request_page(visit.desk, visit.person, request_id)
    view = _output(found, output_id)
    read = _reader(visit, found)
    parts = read([view.id])[view.id] if view.canonical_sha256 and found.shows_content else ()
    shown = None
    last = last_round(found, read, [view.id] if parts else [])
    since = last.outputs.get(view.id) if last else None
    if parts:
        if not 0 <= part < len(parts):
            raise NotFound(f"This output has {len(parts)} parts, counted from 0.")
        page = page if line is None else page_of_line(parts[part], line)
        change = since.parts[part] if since and since.parts else None
        shown = show_part(part, parts[part], marks_of(number_findings(view.findings), "v"), page, change)
    url = _url(visit, found)
    findings = show_findings(view, "v", url, is_far=True, is_linked=found.shows_content)
    names = [f"{index + 1}. {each.name or 'content'}" for index, each in enumerate(parts)]
    return visit.show(
        "viewer.html",
        row=found.row,
        url=url,
        output=view,
        part=shown,
        names=names,
        findings=findings,
        since=since,
        last_round=last,
        shows_content=found.shows_content,
    )


@router.get("/outputs/{output_id}/images/{index}")
def output_image(visit: Visiting, request_id: str, output_id: str, index: int) -> Response:
    """A picture of an output: re-encoded PNG bytes and nothing that a browser would run."""
    found = queue.request_page(visit.desk, visit.person, request_id)
    image = queue.read_part_image(visit.desk, visit.person, _output(found, output_id).id, index)
    return Response(image.data, media_type="image/png", headers={"Content-Security-Policy": UNTRUSTED})


@router.post("/votes")
def vote(visit: Visiting, form: CheckedForm, request_id: str) -> Response:
    """Keep this checker's votes on the outputs that the form names, each bound to the digest that was on the page."""
    here = form.text("here")

    def act() -> Response:
        result = review.vote(visit.desk, visit.person, request_id, form.number("round"), _choices(form))
        done = "released" if result.released else "voted"
        return _back(visit, request_id, "done=" + done, _next(here) if not result.released else "")

    return _or_explain(visit, request_id, form, act)


@router.post("/start")
def start(visit: Visiting, form: CheckedForm, request_id: str) -> Response:  # noqa: ARG001 - the form is the check
    """Begin the review of a waiting request."""
    review.start(visit.desk, visit.person, request_id)
    return _back(visit, request_id, "done=start")


@router.post("/return")
def return_for_changes(visit: Visiting, form: CheckedForm, request_id: str) -> Response:
    """Give the request back to its author with a reason."""

    def act() -> Response:
        review.return_for_changes(visit.desk, visit.person, request_id, form.number("round"), form.text("reason"))
        return _back(visit, request_id, "done=return")

    return _or_explain(visit, request_id, form, act, "return")


@router.post("/reject")
def reject(visit: Visiting, form: CheckedForm, request_id: str) -> Response:
    """End the request with a reason."""

    def act() -> Response:
        review.reject(visit.desk, visit.person, request_id, form.number("round"), form.text("reason"))
        return _back(visit, request_id, "done=reject")

    return _or_explain(visit, request_id, form, act, "reject")


@router.post("/comment")
def comment(visit: Visiting, form: CheckedForm, request_id: str) -> Response:
    """Write to the author and the checkers, or to the checkers only."""

    def act() -> Response:
        public = form.text("private") != "yes"
        review.comment(visit.desk, visit.person, request_id, form.text("reason"), public=public)
        return _back(visit, request_id, "done=comment")

    return _or_explain(visit, request_id, form, act, "comment")


@router.post("/withdraw")
def withdraw(visit: Visiting, form: CheckedForm, request_id: str) -> Response:  # noqa: ARG001 - the form is the check
    """The author takes the request back."""
    review.withdraw(visit.desk, visit.person, request_id)
    return _back(visit, request_id, "done=withdraw")


@router.post("/check-again")
def check_again(visit: Visiting, form: CheckedForm, request_id: str) -> Response:  # noqa: ARG001 - the form is the check
    """Run the automated check once more."""
    review.check_again(visit.desk, visit.person, request_id)
    return _back(visit, request_id, "done=check-again")


def _show(
    visit: Visit,
    request_id: str,
    *,
    done: str = "",
    problem: BadInput | Conflict | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    page = queue.request_page(visit.desk, visit.person, request_id)
    url = _url(visit, page)
    sight = make_sight(page, _reader(visit, page), url)
    told = None if problem is None else tell(problem)
    values: dict[str, Any] = {
        "page": page,
        "sight": sight,
        "url": url,
        "here": "queue" if sight.is_reviewer else "mine",
        "done": done,
        "problem": told,
        "typed": typed or {},
        "stamp": _stamp(page),
        "checked_count": sum(output.verdict is not None for output in page.outputs()),
        "correction_choices": corrections.CHOICES,
        "workspace_url": f"{visit.portal.settings.hub_url}spawn/{visit.person.hub_name}/{page.row.project_slug}",
    }
    return visit.show("request.html", live=True, status=told.shape.status if told else 200, **values)


def _or_explain(visit: Visit, request_id: str, form: Form, act: Callable[[], Response], opened: str = "") -> Response:
    """Do it, or show the page again with what is wrong and with what was typed still there."""
    try:
        return act()
    except (BadInput, Conflict) as problem:
        typed = {"open": opened, "reason": form.text("reason")}
        for start_of_name in ("reason-", "decision-"):
            for output in form.names(start_of_name):
                typed[start_of_name + output] = form.text(start_of_name + output)
        return _show(visit, request_id, problem=problem, typed=typed)


def _choices(form: Form) -> list[review.Choice]:
    choices = []
    for output in form.names("decision-"):
        decision = form.text(f"decision-{output}")
        if decision not in set(Decision):
            raise BadInput("A vote is to approve or to object.")
        digest, reason = form.text(f"digest-{output}"), form.text(f"reason-{output}")
        choices.append(review.Choice(output, digest, Decision(decision), reason))
    if not choices:
        raise BadInput("Choose to approve or to object before you save your vote.")
    return choices


def _output(page: RequestPage, output_id: str) -> OutputView:
    for output in page.outputs():
        if output.id == output_id:
            return output
    raise NotFound("This request has no such output.")


def _reader(visit: Visit, page: RequestPage) -> Read:
    return lambda wanted: queue.read_all_parts(visit.desk, visit.person, page.row.id, wanted)


def _url(visit: Visit, page: RequestPage) -> str:
    return f"{visit.portal.settings.prefix}requests/{page.row.id}"


def _back(visit: Visit, request_id: str, query: str, place: str = "") -> Response:
    return visit.go(f"requests/{request_id}?{query}" + (f"#{place}" if place else ""))


def _next(here: str) -> str:
    """The output after this one, so that a vote leads on; the browser stays at the top when there is none."""
    return f"o{int(here[1:]) + 1}" if _PLACE.fullmatch(here) else ""


def _stamp(page: RequestPage) -> str:
    checked = sum(output.verdict is not None for output in page.outputs())
    return f"{page.row.state}-{page.row.round}-{checked}"
