"""Lists for pages and programs: requests, projects, the audit trail, each cut down to what its reader may see."""

from sqlalchemy import ColumnElement, Select, func, literal, or_, select
from sqlalchemy.orm import Session

from output_checker.desk import datasets
from output_checker.desk.context import Desk
from output_checker.desk.events import event_views, may_be_seen
from output_checker.desk.moves import is_member, roles_of
from output_checker.desk.page import find_by_number, read_all_parts, read_part_image, read_parts, request_page
from output_checker.desk.projects import access_of, boundary_of_row, grants_of, policy_of_row
from output_checker.desk.proofs import FAILED, unanswered
from output_checker.desk.rows import request_views
from output_checker.desk.views import AuditPage, DatasetView, ListedPerson, Person, ProjectView, RequestRow, SiteRole
from output_checker.model import NotAllowed, PersonId, ProjectId
from output_checker.rules.access import Decision
from output_checker.rules.spans import Span
from output_checker.rules.workflow import OPEN, Relation, State
from output_checker.storage import ledger, schema

__all__ = [
    "all_people",
    "all_projects",
    "all_versions",
    "audit",
    "decided_requests",
    "find_by_number",
    "my_projects",
    "my_requests",
    "open_requests",
    "read_all_parts",
    "read_part_image",
    "read_parts",
    "request_page",
]

_MOST_ROWS = 500


def open_requests(desk: Desk, who: Person) -> tuple[RequestRow, ...]:
    """Every request that somebody still has something to do about, the oldest first. For checkers and admins."""
    found = select(schema.RequestRow).where(schema.RequestRow.state.in_(OPEN))
    return _desk_list(desk, who, found.order_by(schema.RequestRow.submitted_at, schema.RequestRow.number))


def decided_requests(desk: Desk, who: Person, limit: int = 50) -> tuple[RequestRow, ...]:
    """The requests that were decided last. For checkers and admins."""
    found = select(schema.RequestRow).where(schema.RequestRow.state.not_in({*OPEN, State.DRAFT}))
    return _desk_list(desk, who, found.order_by(schema.RequestRow.updated_at.desc()), min(limit, _MOST_ROWS))


def my_requests(desk: Desk, who: Person, project_slug: str | None = None) -> tuple[RequestRow, ...]:
    """The requests that this person wrote, the newest first."""
    found = select(schema.RequestRow).where(schema.RequestRow.author_id == who.id)
    if project_slug is not None:
        found = found.join(schema.ProjectRow).where(schema.ProjectRow.slug == project_slug)
    with desk.reading() as session:
        rows = session.scalars(found.order_by(schema.RequestRow.number.desc()).limit(_MOST_ROWS)).all()
        return request_views(session, who, desk.clock(), rows, Relation.AUTHOR)


def my_projects(desk: Desk, who: Person) -> tuple[ProjectView, ...]:
    """The projects that this person is a member of now."""
    with desk.reading() as session:
        found = select(schema.ProjectRow).join(schema.MembershipRow).where(schema.MembershipRow.person_id == who.id)
        rows = session.scalars(found.distinct().order_by(schema.ProjectRow.slug)).all()
        mine = [row for row in rows if is_member(session, who.id, row.id, desk.clock())]
        return tuple(_project_view(session, desk, who, row) for row in mine)


def all_projects(desk: Desk, who: Person) -> tuple[ProjectView, ...]:
    """Every project, for an administrator."""
    with desk.reading() as session:
        _require_role(session, desk, who, SiteRole.ADMIN)
        rows = session.scalars(select(schema.ProjectRow).order_by(schema.ProjectRow.slug)).all()
        return tuple(_project_view(session, desk, who, row) for row in rows)


def all_people(desk: Desk, who: Person) -> tuple[ListedPerson, ...]:
    """Everybody who was ever here, by name, for an administrator."""
    with desk.reading() as session:
        _require_role(session, desk, who, SiteRole.ADMIN)
        now, member = desk.clock(), schema.MembershipRow
        held = session.execute(
            select(member, schema.ProjectRow.slug).join(schema.ProjectRow).order_by(schema.ProjectRow.slug)
        )
        projects: dict[str, list[str]] = {}
        for row, slug in held:
            if Span(row.begins, row.ends).holds(now) and slug not in projects.setdefault(row.person_id, []):
                projects[row.person_id].append(slug)
        roles: dict[str, set[SiteRole]] = {}
        for holding in session.scalars(select(schema.SiteRoleRow)):
            if Span(holding.begins, holding.ends).holds(now):
                roles.setdefault(holding.person_id, set()).add(SiteRole(holding.role))
        people = session.scalars(select(schema.PersonRow).order_by(schema.PersonRow.hub_name))
        return tuple(
            ListedPerson(
                Person(PersonId(row.id), row.hub_name, row.name, frozenset(roles.get(row.id, ()))),
                tuple(projects.get(row.id, ())),
            )
            for row in people
        )


def all_versions(desk: Desk, who: Person) -> tuple[DatasetView, ...]:
    """Every registered dataset version, for an administrator who grants one."""
    with desk.reading() as session:
        _require_role(session, desk, who, SiteRole.ADMIN)
        version = schema.DatasetVersionRow
        found = select(version).join(schema.DatasetRow).order_by(schema.DatasetRow.slug, version.registered_at)
        return tuple(datasets.dataset_view(desk, row) for row in session.scalars(found))


def audit(desk: Desk, who: Person, search: str = "", before: int | None = None, limit: int = 100) -> AuditPage:
    """A page of the ledger, the newest first. ``search`` finds a request's number (#12), people, actions and texts.

    For admins, auditors and checkers; what others said about an undecided request stays hidden from those who may not
    see it yet.
    """
    with desk.reading() as session:
        _require_role(session, desk, who, SiteRole.ADMIN, SiteRole.AUDITOR, SiteRole.CHECKER)
        found = select(schema.LedgerRow).where(may_be_seen(session, who, desk.clock()))
        if search.strip():
            found = found.where(_matches(session, search.strip()))
        if before is not None:
            found = found.where(schema.LedgerRow.seq < before)
        rows = session.scalars(found.order_by(schema.LedgerRow.seq.desc()).limit(limit + 1)).all()
        kept = ledger.checkpoint(session)
        more = rows[limit - 1].seq if len(rows) > limit else None
        return AuditPage(event_views(session, rows[:limit]), more, kept.size, kept.root)


def _desk_list(
    desk: Desk, who: Person, found: Select[schema.RequestRow], most: int = _MOST_ROWS
) -> tuple[RequestRow, ...]:
    with desk.reading() as session:
        _require_role(session, desk, who, SiteRole.CHECKER, SiteRole.ADMIN)
        rows = session.scalars(found.limit(most)).all()
        return request_views(session, who, desk.clock(), rows, Relation.CHECKER)


def _require_role(session: Session, desk: Desk, who: Person, *roles: SiteRole) -> None:
    if not roles_of(session, who.id, desk.clock()).intersection(roles):
        raise NotAllowed(f"This page is for people with the role {' or '.join(roles)}. An administrator can give it.")


def _project_view(session: Session, desk: Desk, who: Person, row: schema.ProjectRow) -> ProjectView:
    now = desk.clock()
    decision = access_of(session, who.id, row, now)
    if decision.allowed and unanswered(session, row):
        decision = Decision(allowed=False, reason=FAILED)
    members = session.execute(
        select(schema.MembershipRow, schema.PersonRow.hub_name)
        .join(schema.PersonRow)
        .where(schema.MembershipRow.project_id == row.id)
        .order_by(schema.PersonRow.hub_name)
    )
    current = [(m, name) for m, name in members if Span(m.begins, m.ends).holds(now)]
    count_open = select(func.count()).select_from(schema.RequestRow)
    count_open = count_open.where(schema.RequestRow.project_id == row.id, schema.RequestRow.state.in_(OPEN))
    return ProjectView(
        id=ProjectId(row.id),
        slug=row.slug,
        title=row.title,
        lay_summary=row.lay_summary,
        state=row.state,
        role=next((m.role for m, _ in current if m.person_id == who.id), ""),
        until=decision.until,
        may_start=decision.allowed,
        why_not=decision.reason,
        datasets=tuple(datasets.dataset_view(desk, g.version, g.ends) for g in grants_of(session, row.id, now)),
        members=tuple(name for _, name in current),
        policy=policy_of_row(row),
        boundary=boundary_of_row(row),
        open_requests=session.scalar(count_open) or 0,
    )


def _matches(session: Session, search: str) -> ColumnElement[bool]:
    entry = schema.LedgerRow
    if search.startswith("#") and search[1:].isdecimal():
        number = int(search[1:10])
        found = session.scalar(select(schema.RequestRow.id).where(schema.RequestRow.number == number))
        return entry.subject == f"request:{found}"
    named = select(literal("person:").concat(schema.PersonRow.id)).where(
        schema.PersonRow.hub_name.icontains(search, autoescape=True)
    )
    texts = (entry.action, entry.subject, entry.payload)
    return or_(entry.actor.in_(named), entry.subject.in_(named), *(t.icontains(search, autoescape=True) for t in texts))
