"""The proof that a project's workspaces are sealed: what its page shows, and what an administrator does about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from output_checker.desk import probes
from output_checker.desk.probes import Why
from output_checker.desk.proofs import ProofView, Standing, proof_view
from output_checker.desk.views import SiteRole
from output_checker.probes import Finding, Shown
from output_checker.web.portal import CheckedForm, Visit, Visiting

router = APIRouter()

DONE = {
    "proving": "A test of the seal is under way; it takes some seconds. Load the page again to see what it found.",
    "answered": "You have answered for the failure. Members can start their workspaces again.",
}

WORDS = {
    Standing.PROVEN: "Everything that was tried to get out of a workspace of this project was stopped.",
    Standing.FAILED: "Something got out, or it could not be shown that it does not. No new workspace is started.",
    Standing.ANSWERED: "The last test failed, and an administrator answered for it. Workspaces are started.",
    Standing.UNPROVEN: "There is no proof that holds now. The next start of a workspace waits for one.",
}
OFF = "There is no proof that holds now. This site starts workspaces without one (probes = false)."

HEADS = {
    Shown.SUCCEEDED: "got out",
    Shown.UNKNOWN: "could not be told",
    Shown.NOT_SHOWN: "not shown, as the control did not work",
    Shown.LEFT_OUT: "left out, as this machine refuses that to everybody",
    Shown.BLOCKED: "blocked",
}
"""The kinds of findings in the order in which they matter, as headings."""
OPEN = (Shown.SUCCEEDED, Shown.UNKNOWN, Shown.NOT_SHOWN)


@dataclass(frozen=True)
class Group:
    """Findings of one kind; ``is_open`` when they keep this from being a proof."""

    head: str
    findings: tuple[Finding, ...]
    is_open: bool


@dataclass(frozen=True)
class ShownProof:
    """A proof as the page shows it; ``groups`` is empty for readers who need not know where a hole is."""

    view: ProofView
    words: str
    groups: tuple[Group, ...]


def shown(visit: Visit, slug: str) -> ShownProof:
    """The proof of a project as this reader is shown it: the single probes are for administrators."""
    view = proof_view(visit.desk, slug)
    off = view.standing is Standing.UNPROVEN and not visit.portal.settings.probes
    findings = view.proof.findings if view.proof is not None and visit.has(SiteRole.ADMIN) else ()
    return ShownProof(view, OFF if off else WORDS[view.standing], _groups(findings))


def _groups(findings: Iterable[Finding]) -> tuple[Group, ...]:
    found = tuple(findings)
    groups = (Group(head, tuple(f for f in found if f.shown is kind), kind in OPEN) for kind, head in HEADS.items())
    return tuple(group for group in groups if group.findings)


@router.post("/projects/{slug}/proof")
def prove(visit: Visiting, form: CheckedForm, slug: str) -> Response:  # noqa: ARG001 the form is checked by being asked for
    """An administrator has the seal tested now."""
    visit.require_role(SiteRole.ADMIN)
    probes.order(visit.desk, visit.person, slug, Why.ASKED)
    return visit.go(f"projects/{slug}?done=proving#proof")


@router.post("/projects/{slug}/proof/answer")
def answer(visit: Visiting, form: CheckedForm, slug: str) -> Response:
    """An administrator answers for a failure, with a reason that is kept."""
    visit.require_role(SiteRole.ADMIN)
    probes.answer(visit.desk, visit.person, slug, form.text("reason"))
    return visit.go(f"projects/{slug}?done=answered#proof")
