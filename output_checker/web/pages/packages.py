"""Packages: what a project's members may install and have asked for, and what an administrator decides."""

from fastapi import APIRouter
from starlette.responses import Response

from output_checker.desk import packages, queue
from output_checker.desk.packages import PackageView, Question, State
from output_checker.desk.views import SiteRole
from output_checker.model import BadInput
from output_checker.rules.packages import Kind
from output_checker.web.portal import CheckedForm, Visiting

router = APIRouter()

DONE = {
    "asked": "Your question was sent. An administrator decides; the answer stands here and in JupyterLab.",
    "allowed": "The package may be installed now; workspaces that run already can use it at once.",
    "refused": "The question was answered with no. The researcher reads your reason.",
    "ended": "The package is off the list. Where it is installed already, it stays installed.",
    "mirrors": "The mirrors are asked again where they refused.",
}
KIND_WORDS = {Kind.PYTHON: "Python", Kind.CONDA: "conda", Kind.R: "R"}


@router.get("/packages")
def packages_page(visit: Visiting, done: str = "") -> Response:
    """The open questions, the list and the last wishes of workspaces."""
    visit.require_role(SiteRole.ADMIN)
    found = packages.everything(visit.desk, visit.person)
    return visit.show(
        "packages.html",
        asked=_in(found, State.ASKED),
        allowed=_in(found, State.ALLOWED),
        closed=_in(found, State.REFUSED, State.ENDED)[:50],
        uses=packages.uses(visit.desk, visit.person),
        projects=[project.slug for project in queue.all_projects(visit.desk, visit.person)],
        kinds=KIND_WORDS,
        mirrors=visit.portal.library.kinds,
        done=DONE.get(done, ""),
    )


@router.post("/packages")
def allow_package(visit: Visiting, form: CheckedForm) -> Response:
    """An administrator puts packages on a project's list or the site's: one to a line, as “name” or “name >=1,<2”."""
    visit.require_role(SiteRole.ADMIN)
    lines = [line.strip() for line in form.text("names").splitlines() if line.strip()]
    if not 0 < len(lines) <= 100:
        raise BadInput("Write between one and a hundred packages, each on a line of its own.")
    wanted = [_question(form.text("kind"), line, form.text("reason")) for line in lines]
    for question in wanted:
        packages.allow(visit.desk, visit.person, question, form.text("project") or None)
    return visit.go("packages?done=allowed")


@router.post("/packages/mirrors")
def ask_mirrors_again(visit: Visiting, form: CheckedForm) -> Response:  # noqa: ARG001 - the form proves the page
    """An administrator has the mirrors asked again where they refused."""
    visit.require_role(SiteRole.ADMIN)
    visit.portal.library.shelf.forget_refusals()
    return visit.go("packages?done=mirrors")


@router.post("/packages/{package_id}/approve")
def approve_package(visit: Visiting, form: CheckedForm, package_id: str) -> Response:
    """An administrator answers a question with yes."""
    visit.require_role(SiteRole.ADMIN)
    packages.approve(visit.desk, visit.person, package_id, form.text("versions"), form.text("reason"))
    return visit.go("packages?done=allowed")


@router.post("/packages/{package_id}/refuse")
def refuse_package(visit: Visiting, form: CheckedForm, package_id: str) -> Response:
    """An administrator answers a question with no, and says why."""
    visit.require_role(SiteRole.ADMIN)
    packages.refuse(visit.desk, visit.person, package_id, form.text("reason"))
    return visit.go("packages?done=refused")


@router.post("/packages/{package_id}/end")
def end_package(visit: Visiting, form: CheckedForm, package_id: str) -> Response:
    """An administrator takes a package off the list, and says why."""
    visit.require_role(SiteRole.ADMIN)
    packages.end(visit.desk, visit.person, package_id, form.text("reason"))
    return visit.go("packages?done=ended")


@router.get("/projects/{slug}/packages")
def project_packages(visit: Visiting, slug: str, done: str = "", kind: str = "", name: str = "") -> Response:
    """What may be installed in a project's workspaces, and what was asked for."""
    found = packages.of_project(visit.desk, visit.person, slug)
    return visit.show(
        "project_packages.html",
        slug=slug,
        packages=found,
        kinds=KIND_WORDS,
        mirrors=visit.portal.library.kinds,
        wanted={"kind": kind, "name": name[:100]},
        done=DONE.get(done, ""),
    )


@router.post("/projects/{slug}/packages")
def ask_for_package(visit: Visiting, form: CheckedForm, slug: str) -> Response:
    """A member asks for a package."""
    texts = (form.text(name) for name in ("kind", "name", "versions", "reason"))
    packages.ask(visit.desk, visit.person, slug, Question.from_text(*texts))
    return visit.go(f"projects/{slug}/packages?done=asked")


def _in(found: tuple[PackageView, ...], *states: State) -> list[PackageView]:
    return [package for package in found if package.state in states]


def _question(kind: str, line: str, reason: str) -> Question:
    name = line.rstrip()
    cut = min((name.find(mark) for mark in " <>=!~" if mark in name), default=len(name))
    return Question.from_text(kind, name[:cut], name[cut:], reason)
