"""Projects: who works in them, on which data, under which policy, and the answer whether somebody may start now.

Access is a lease: the answer carries the moment at which it ends. Nothing here is decided from what a caller claims.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from output_checker.desk import datasets, jobs
from output_checker.desk.context import Change, Desk, actor_of
from output_checker.desk.moves import SYSTEM_STANDING, move
from output_checker.desk.people import ensure, find_row, require_admin, require_row
from output_checker.desk.views import Person
from output_checker.model import BadInput, Boundary, Broken, Conflict, NotFound, Policy, ProjectId
from output_checker.rules.access import Condition, Decision, may_start
from output_checker.rules.spans import Span
from output_checker.rules.workflow import Action, State
from output_checker.storage.schema import (
    DatasetRow,
    DatasetVersionRow,
    GrantRow,
    MembershipRow,
    PersonRow,
    ProjectRow,
    RequestRow,
    new_key,
)

STATES: Final = ("proposed", "approved", "active", "frozen", "closed", "archived", "destroyed")
"""The life of a project; only an active one can be worked in."""

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def create(
    desk: Desk, by: Person | None, slug: str, title: str, *, lay_summary: str = "", policy: Policy | None = None
) -> ProjectId:
    """Make an active project. Raises BadInput for a name that can't be one, Conflict when it is taken."""
    if not _SLUG.fullmatch(slug) or len(slug) > 63:
        raise BadInput("A project's short name has 1 to 63 letters a-z and digits, with single hyphens between them.")
    if not title.strip() or len(title) > 255:
        raise BadInput("A project needs a title of 1 to 255 characters.")
    with desk.changing(actor_of(by)) as change:
        require_admin(change, by)
        if find_project(change.session, slug) is not None:
            raise Conflict(f"There already is a project called {slug}.")
        row = ProjectRow(
            id=new_key(),
            slug=slug,
            title=title.strip(),
            lay_summary=lay_summary,
            state="active",
            policy=asdict(policy or Policy()),
            begins=change.now,
            created_at=change.now,
        )
        change.session.add(row)
        change.record("create_project", row.subject(), slug=slug, policy_digest=policy_of_row(row).digest)
        return ProjectId(row.id)


def set_state(desk: Desk, by: Person | None, slug: str, state: str) -> None:
    """Freeze, close or reopen a project. Raises BadInput for an unknown state."""
    if state not in STATES:
        raise BadInput(f"A project can be {', '.join(STATES)}, not {state}.")
    with desk.changing(actor_of(by)) as change:
        require_admin(change, by)
        row = require_project(change.session, slug)
        if row.state != state:
            change.record("set_project_state", row.subject(), **{"from": row.state, "to": state})
            row.state = state


def set_policy(desk: Desk, by: Person | None, slug: str, policy: Policy) -> None:
    """Give a project another policy. Its requests under review are checked again: votes were cast under the old one."""
    with desk.changing(actor_of(by)) as change:
        require_admin(change, by)
        row = require_project(change.session, slug)
        old = policy_of_row(row)
        if old.digest == policy.digest:
            return
        row.policy = asdict(policy)
        change.record("set_policy", row.subject(), **{"from": old.digest, "to": policy.digest})
        under_review = select(RequestRow).where(
            RequestRow.project_id == row.id,
            RequestRow.state.in_((State.CHECKING, State.WAITING, State.IN_REVIEW, State.APPROVED)),
        )
        for request in change.session.scalars(under_review):
            move(change, request, Action.CHECK_AGAIN, SYSTEM_STANDING, "The project's policy was changed.")
            jobs.cancel_all(change, request)
            jobs.order_checks(change, request)


def set_boundary(desk: Desk, by: Person | None, slug: str, values: Mapping[str, Any]) -> Boundary:
    """Change what a project's workspaces may take and show, by dotted names; the rest stays. Holds for workspaces that
    start after it. Returns the whole boundary. Raises BadInput for what makes no sense, and then changes nothing."""
    with desk.changing(actor_of(by)) as change:
        require_admin(change, by)
        row = require_project(change.session, slug)
        old = boundary_of_row(row)
        new = old.with_values(values)
        before, after = old.values(), new.values()
        changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        if changed:
            row.boundary = new.unusual() or None
            change.record("set_boundary", row.subject(), changed=changed, names=", ".join(changed))
        return new


def add_member(
    desk: Desk, by: Person | None, slug: str, hub_name: str, *, role: str = "researcher", until: datetime | None = None
) -> None:
    """Make somebody a member until a date. A membership that holds already is given the new end."""
    with desk.changing(actor_of(by)) as change:
        require_admin(change, by)
        project = require_project(change.session, slug)
        person = ensure(change, hub_name)
        current = _current_membership(change, project.id, person.id)
        if current is None:
            current = MembershipRow(
                id=new_key(), person_id=person.id, project_id=project.id, role=role, begins=change.now, ends=until
            )
            change.session.add(current)
        elif current.ends == until and current.role == role:
            return
        current.ends, current.role = until, role
        change.record("add_member", project.subject(), person=person.id, role=role, until=_iso(until))


def end_membership(desk: Desk, by: Person | None, slug: str, hub_name: str) -> None:
    """End somebody's membership now; the hub's timer stops what is running."""
    with desk.changing(actor_of(by)) as change:
        require_admin(change, by)
        project = require_project(change.session, slug)
        person = require_row(change.session, hub_name)
        current = _current_membership(change, project.id, person.id)
        if current is not None:
            current.ends = change.now
            change.record("end_membership", project.subject(), person=person.id)


def grant_dataset(
    desk: Desk, by: Person | None, slug: str, dataset_slug: str, version: str, *, until: datetime | None = None
) -> None:
    """Let a project use a dataset version until a date. Granting it again only changes the date."""
    with desk.changing(actor_of(by)) as change:
        require_admin(change, by)
        project = require_project(change.session, slug)
        wanted = select(DatasetVersionRow).join(DatasetRow)
        wanted = wanted.where(DatasetRow.slug == dataset_slug, DatasetVersionRow.version == version)
        row = change.session.scalar(wanted)
        if row is None:
            raise NotFound(f"Dataset {dataset_slug} {version} is not registered.")
        held = [g for g in grants_of(change.session, project.id, change.now) if g.version_id == row.id]
        if held and held[0].ends == until:
            return
        grant = held[0] if held else GrantRow(id=new_key(), project_id=project.id, version=row, begins=change.now)
        grant.version_id, grant.ends = row.id, until
        change.session.add(grant)
        change.record("grant_dataset", project.subject(), dataset=dataset_slug, version=version, until=_iso(until))


def policy_of(desk: Desk, project_slug: str) -> Policy:
    """The policy that the project's outputs are judged by."""
    with desk.reading() as session:
        return policy_of_row(require_project(session, project_slug))


def boundary_of(desk: Desk, project_slug: str) -> Boundary:
    """What the project's workspaces may take and show."""
    with desk.reading() as session:
        return boundary_of_row(require_project(session, project_slug))


def workspace_answer(desk: Desk, hub_name: str, project_slug: str) -> dict[str, Any]:
    """Whether somebody may work in a project now, until when, on which folders and within which boundary."""
    with desk.reading() as session:
        person, project = find_row(session, hub_name), find_project(session, project_slug)
        if person is None or project is None:
            return {
                "allowed": False,
                "reason": "There is no such project, or you are not a member of it.",
                "until": None,
            }
        now = desk.clock()
        decision = access_of(session, person.id, project, now)
        granted = grants_of(session, project.id, now)
        if decision.allowed:
            try:
                for grant in granted:
                    datasets.require_intact(desk, grant.version)
            except Broken as error:
                decision = Decision(allowed=False, reason=str(error))
        views = [datasets.dataset_view(desk, grant.version, grant.ends) for grant in granted]
        return {
            "allowed": decision.allowed,
            "reason": decision.reason,
            "until": _iso(decision.until),
            "limited_by": decision.limited_by,
            "person_id": person.id,
            "project_id": project.id,
            "project_title": project.title,
            "datasets": [
                {"slug": v.slug, "version": v.version, "path": v.path, "manifest_sha256": v.manifest_sha256}
                for v in views
                if decision.allowed
            ],
            "boundary": boundary_of_row(project).as_mapping(),
        }


def workspaces(desk: Desk) -> list[dict[str, Any]]:
    """For every (person, project) that ever was: whether they may work there now. The hub's timer asks for it."""
    with desk.reading() as session:
        now = desk.clock()
        pairs = session.execute(
            select(PersonRow, ProjectRow)
            .select_from(MembershipRow)
            .join(PersonRow, MembershipRow.person_id == PersonRow.id)
            .join(ProjectRow, MembershipRow.project_id == ProjectRow.id)
            .order_by(PersonRow.hub_name, ProjectRow.slug)
            .distinct()
        ).all()
        decided = [(person, project, access_of(session, person.id, project, now)) for person, project in pairs]
        return [
            {"person": person.hub_name, "project": project.slug, "allowed": d.allowed, "until": _iso(d.until)}
            for person, project, d in decided
        ]


def workspace_dir(desk: Desk, project_slug: str, hub_name: str) -> Path:
    """The folder of a person's files in a project; named by keys, so that renaming moves nothing."""
    with desk.reading() as session:
        project, person = require_project(session, project_slug), require_row(session, hub_name)
        return desk.state_dir / "projects" / project.id / person.id / "workspace"


def access_of(session: Session, person_id: str, project: ProjectRow, now: datetime) -> Decision:
    """The lease of a person on a project at this moment, from the database's dated conditions."""
    memberships = session.scalars(
        select(MembershipRow).where(MembershipRow.person_id == person_id, MembershipRow.project_id == project.id)
    )
    conditions = [
        Condition(
            "your membership",
            tuple(Span(row.begins, row.ends) for row in memberships),
            "You are not a member of this project. Its lead or an administrator can add you.",
        ),
        Condition(
            "the project's end",
            (Span(project.begins, project.ends),) if project.state == "active" else (),
            f"The project is {project.state if project.state != 'active' else 'outside its dates'}, so nobody can work "
            "in it. An administrator can change that.",
        ),
    ]
    granted = session.scalars(select(GrantRow).where(GrantRow.project_id == project.id)).all()
    if granted:
        # a project that never had data can be worked in; one whose data have all lapsed can't
        current = [Span(grant.begins, grant.ends) for grant in granted if Span(grant.begins, grant.ends).holds(now)]
        conditions += [Condition("a data grant's end", (span,), "") for span in current] or [
            Condition("a data grant", (), "The project's access to its data has ended. An administrator can renew it.")
        ]
    return may_start(conditions, now)


def grants_of(session: Session, project_id: str, now: datetime) -> list[GrantRow]:
    """The data grants of a project that hold now."""
    rows = session.scalars(select(GrantRow).where(GrantRow.project_id == project_id).order_by(GrantRow.begins))
    return [row for row in rows if Span(row.begins, row.ends).holds(now)]


def find_project(session: Session, slug: str) -> ProjectRow | None:
    """The project with this short name."""
    return session.scalar(select(ProjectRow).where(ProjectRow.slug == slug))


def require_project(session: Session, slug: str) -> ProjectRow:
    """The project with this short name. Raises NotFound."""
    row = find_project(session, slug)
    if row is None:
        raise NotFound(f"There is no project called {slug}, or you may not see it.")
    return row


def policy_of_row(row: ProjectRow) -> Policy:
    """The policy that a project's row holds."""
    return Policy.from_mapping(row.policy)


def boundary_of_row(row: ProjectRow) -> Boundary:
    """The boundary of the workspaces of a project."""
    return Boundary.from_mapping(row.boundary or {})


def _current_membership(change: Change, project_id: str, person_id: str) -> MembershipRow | None:
    rows = change.session.scalars(
        select(MembershipRow).where(MembershipRow.person_id == person_id, MembershipRow.project_id == project_id)
    )
    return next((row for row in rows if Span(row.begins, row.ends).holds(change.now)), None)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
