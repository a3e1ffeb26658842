"""The first page by what somebody does here, the queue of a checker, and people for administrators."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from output_checker.desk import people, queue
from output_checker.desk.views import RequestRow, SiteRole
from output_checker.model import BadInput, NotFound
from output_checker.rules.workflow import State
from output_checker.web.portal import CheckedForm, Visit, Visiting

router = APIRouter()

DONE = {
    "given": "The role was given.",
    "taken": "The role was taken.",
}


@dataclass(frozen=True)
class Tab:
    """A filter of the queue, its label and how many requests it shows."""

    key: str
    label: str
    count: int


_TO_REVIEW = frozenset({State.WAITING, State.IN_REVIEW})
NOTHING_THERE = {
    "mine": ("Nothing waits for you", "You have voted on everything that you may vote on. Have a cup of tea."),
    "waiting": ("Nobody is waiting", "Every request has a reviewer. New ones appear here after the automated check."),
    "in_review": ("Nothing is in review", "Open a waiting request to begin one."),
    "returned": (
        "Nothing is with its author",
        "Requests that were returned for changes appear here until they come back.",
    ),
    "decided": ("Nothing was decided yet", "Released, rejected and withdrawn requests appear here."),
}


@router.get("/")
def first_page(visit: Visiting) -> Response:
    """What this person came for: projects and requests, the queue, the projects of the site, or the audit page."""
    mine = queue.my_projects(visit.desk, visit.person)
    requests = queue.my_requests(visit.desk, visit.person)
    if not mine and not requests:
        for role, path in ((SiteRole.CHECKER, "queue"), (SiteRole.ADMIN, "projects"), (SiteRole.AUDITOR, "audit")):
            if visit.has(role):
                return visit.go(path)
    return visit.show("mine.html", projects=mine, requests=requests)


@router.get("/queue")
def queue_page(visit: Visiting, show: str = "mine") -> Response:
    """The queue, filtered by ``show``."""
    visit.require_role(SiteRole.CHECKER, SiteRole.ADMIN)
    if show not in NOTHING_THERE:
        raise NotFound(f"The queue has no list called {show[:40]!r}.")
    lists = _queue_lists(visit)
    tabs = [
        Tab("mine", "For me", len(lists["mine"])),
        Tab("waiting", "Waiting", len(lists["waiting"])),
        Tab("in_review", "In review", len(lists["in_review"])),
        Tab("returned", "With the author", len(lists["returned"])),
        Tab("decided", "Recently decided", len(lists["decided"])),
    ]
    label = next(tab.label for tab in tabs if tab.key == show)
    return visit.show(
        "queue.html",
        tabs=tabs,
        show=show,
        rows=lists[show],
        label=label,
        nothing=NOTHING_THERE[show],
        opens_all=visit.has(SiteRole.ADMIN),
    )


def _queue_lists(visit: Visit) -> dict[str, list[RequestRow]]:
    rows = queue.open_requests(visit.desk, visit.person)
    return {
        "mine": [row for row in rows if row.may_vote and row.my_progress != "done" and row.state in _TO_REVIEW],
        "waiting": [row for row in rows if row.state in {State.CHECKING, State.WAITING}],
        "in_review": [row for row in rows if row.state in {State.IN_REVIEW, State.APPROVED, State.HELD}],
        "returned": [row for row in rows if row.state is State.RETURNED],
        "decided": list(queue.decided_requests(visit.desk, visit.person)),
    }


@router.get("/people")
def people_page(visit: Visiting, done: str = "") -> Response:
    """Roles on this site, for administrators."""
    visit.require_role(SiteRole.ADMIN)
    everyone = queue.all_people(visit.desk, visit.person)
    return visit.show("people.html", everyone=everyone, roles=list(SiteRole), done=DONE.get(done, ""))


@router.post("/people/roles")
def change_role(visit: Visiting, form: CheckedForm) -> Response:
    """An administrator gives or takes a role."""
    visit.require_role(SiteRole.ADMIN)
    role = next((role for role in SiteRole if role.value == form.text("role")), None)
    if role is None or form.text("act") not in {"give", "take"}:
        raise BadInput("Choose a role and whether to give or to take it.")
    if form.text("act") == "give":
        people.give_role(visit.desk, visit.person, form.text("hub_name"), role)
        return visit.go("people?done=given")
    people.take_role(visit.desk, visit.person, form.text("hub_name"), role)
    return visit.go("people?done=taken")
