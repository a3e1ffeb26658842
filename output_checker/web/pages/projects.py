"""Projects: what a member may know of theirs, and what an administrator decides about any."""

from collections.abc import Mapping
from datetime import UTC, datetime, time

from fastapi import APIRouter
from starlette.responses import Response

from output_checker.desk import policies, projects, queue, shown
from output_checker.desk.views import DatasetView, ProjectView, SiteRole
from output_checker.model import BadInput, NotFound
from output_checker.web import seal
from output_checker.web.errors import tell
from output_checker.web.pages import boundary, proofs, shown_chart, tighten
from output_checker.web.portal import CheckedForm, Visit, Visiting
from output_checker.web.security import Form

router = APIRouter()

DONE = {
    "added": "The member was added.",
    "ended": "The membership has ended; a running workspace is stopped within a minute.",
    "state": "The project's state was changed.",
    "granted": "The project may use the dataset version; workspaces see it when they start next.",
    "boundary": "The project's workspaces have these limits when they start next; a running one keeps the ones it "
    "started with.",
    "policy": "The project has the policy now. Requests under review are being checked again.",
}

STATES = {
    "active": "Members can start their workspaces and ask for releases.",
    "frozen": "Nobody can start a workspace; running ones are stopped within a minute. Nothing is lost.",
    "closed": "The work is over. Nobody can start a workspace; running ones are stopped within a minute.",
}
"""What an administrator can make of a project here, and what that means."""


@router.get("/projects")
def projects_page(visit: Visiting) -> Response:
    """All projects, and how the site is sealed, for administrators."""
    visit.require_role(SiteRole.ADMIN)
    found = queue.all_projects(visit.desk, visit.person)
    return visit.show("projects.html", projects=found, sealed=seal.facts(visit.portal.settings, found))


@router.get("/projects/{slug}")
def project_page(visit: Visiting, slug: str, done: str = "") -> Response:
    """A project, for its members and for administrators."""
    return _show(visit, slug, done=DONE.get(done) or proofs.DONE.get(done, ""))


def _show(
    visit: Visit,
    slug: str,
    *,
    done: str = "",
    problem: BadInput | None = None,
    typed: Mapping[str, str] = tighten.NOTHING_TYPED,
) -> Response:
    project = _project(visit, slug)
    told = None if problem is None else tell(problem)
    manages = visit.has(SiteRole.ADMIN)
    return visit.show(
        "project.html",
        project=project,
        manages=manages,
        done=done,
        problem=told,
        status=told.shape.status if told else 200,
        parameters=tighten.PARAMETERS,
        typed=typed or tighten.tightened(project.policy),
        states={name: told for name, told in STATES.items() if name != project.state},
        versions=_grantable(visit, project) if manages else (),
        presets=policies.preset_names(),
        limits=boundary.facts(project.boundary),
        trouble=boundary.trouble(project.boundary),
        shown=_shown(visit, project) if manages else None,
        limit_sections=boundary.SECTIONS,
        limit_values=boundary.filled(project.boundary),
        seal_proof=proofs.shown(visit, slug),
    )


@router.post("/projects/{slug}/members")
def add_member(visit: Visiting, form: CheckedForm, slug: str) -> Response:
    """An administrator adds a member, until the end of a day or without an end."""
    visit.require_role(SiteRole.ADMIN)
    name = form.text("hub_name")
    projects.add_member(visit.desk, visit.person, slug, name, until=_end_of_day(form.text("until")))
    return visit.go(f"projects/{slug}?done=added")


@router.post("/projects/{slug}/members/end")
def end_membership(visit: Visiting, form: CheckedForm, slug: str) -> Response:
    """An administrator ends a membership."""
    visit.require_role(SiteRole.ADMIN)
    projects.end_membership(visit.desk, visit.person, slug, form.text("hub_name"))
    return visit.go(f"projects/{slug}?done=ended")


@router.post("/projects/{slug}/state")
def change_state(visit: Visiting, form: CheckedForm, slug: str) -> Response:
    """An administrator freezes, closes or reopens a project."""
    visit.require_role(SiteRole.ADMIN)
    state = form.text("state")
    if state not in STATES:
        raise BadInput(f"Choose what the project shall be: {', '.join(STATES)}.")
    _require_sure(form)
    projects.set_state(visit.desk, visit.person, slug, state)
    return visit.go(f"projects/{slug}?done=state")


@router.post("/projects/{slug}/datasets")
def grant_dataset(visit: Visiting, form: CheckedForm, slug: str) -> Response:
    """An administrator lets a project use a dataset version, until the end of a day or without an end."""
    visit.require_role(SiteRole.ADMIN)
    dataset, _, version = form.text("version").partition(" ")
    if not dataset or not version:
        raise BadInput("Choose the dataset version that the project may use.")
    _require_sure(form)
    until = _end_of_day(form.text("until"))
    projects.grant_dataset(visit.desk, visit.person, slug, dataset, version, until=until)
    return visit.go(f"projects/{slug}?done=granted")


@router.post("/projects/{slug}/policy")
def change_policy(visit: Visiting, form: CheckedForm, slug: str) -> Response:
    """An administrator gives a project one of the policies that come with Halftide, as it is or tightened. A file is
    never read by its name here: only what is in the list."""
    visit.require_role(SiteRole.ADMIN)
    try:
        policy = tighten.policy_of(form)
        _require_sure(form)
    except BadInput as problem:
        return _show(visit, slug, problem=problem, typed=tighten.typed(form))
    projects.set_policy(visit.desk, visit.person, slug, policy)
    return visit.go(f"projects/{slug}?done=policy")


@router.post("/projects/{slug}/boundary")
def change_boundary(visit: Visiting, form: CheckedForm, slug: str) -> Response:
    """An administrator changes what the project's workspaces may take and show."""
    visit.require_role(SiteRole.ADMIN)
    _require_sure(form)
    projects.set_boundary(visit.desk, visit.person, slug, boundary.values_of(form))
    return visit.go(f"projects/{slug}?done=boundary")


def _project(visit: Visit, slug: str) -> ProjectView:
    mine = queue.my_projects(visit.desk, visit.person)
    others = queue.all_projects(visit.desk, visit.person) if visit.has(SiteRole.ADMIN) else ()
    for project in (*mine, *others):
        if project.slug == slug:
            return project
    raise NotFound("There is no such project, or you have no part in it.")


def _end_of_day(text: str) -> datetime | None:
    if not text:
        return None
    try:
        last = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadInput("The end is a day, as 2027-01-31, or empty.") from error
    return datetime.combine(last.date(), time(23, 59, 59), UTC)


def _shown(visit: Visit, project: ProjectView) -> shown_chart.Chart:
    return shown_chart.chart(shown.last_days(visit.desk, visit.person, project.slug), project.boundary.window.per_day)


def _grantable(visit: Visit, project: ProjectView) -> tuple[DatasetView, ...]:
    held = {(dataset.slug, dataset.version, None) for dataset in project.datasets if dataset.until is None}
    versions = queue.all_versions(visit.desk, visit.person)
    return tuple(version for version in versions if (version.slug, version.version, None) not in held)


def _require_sure(form: Form) -> None:
    """Raise BadInput unless the box that says so was ticked: the button alone is too easily pressed."""
    if form.text("sure") != "yes":
        raise BadInput("Tick the box to say that this is what you want. Nothing was changed.")
