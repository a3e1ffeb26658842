"""People: who somebody is after the hub has said so, and which roles they hold on this site.

The hub's name is a label that finds the person; the key is a UUID. Nothing here authenticates anybody.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from output_checker.desk.context import Change, Desk, actor_of
from output_checker.desk.moves import roles_of
from output_checker.desk.views import Person, SiteRole
from output_checker.model import BadInput, NotAllowed, NotFound, PersonId
from output_checker.storage.schema import ConflictRow, PersonRow, ProjectRow, SiteRoleRow, new_key


def recognise(desk: Desk, hub_name: str) -> Person:
    """The person whom the hub knows by this name; made at first sight, without any role."""
    known = find(desk, hub_name)
    if known is not None:
        return known
    with desk.changing(actor_of(None)) as change:
        row = ensure(change, hub_name)
        return _view(change.session, row, change)


def find(desk: Desk, hub_name: str) -> Person | None:
    """The person whom the hub knows by this name, if they were ever here."""
    with desk.reading() as session:
        row = find_row(session, hub_name)
        return None if row is None else person_view(session, row, desk)


def give_role(desk: Desk, by: Person | None, hub_name: str, role: SiteRole) -> Person:
    """Give somebody a role on this site. Giving it again changes nothing. Raises NotAllowed unless by an admin."""
    with desk.changing(actor_of(by)) as change:
        require_admin(change, by)
        row = ensure(change, hub_name)
        if role not in roles_of(change.session, row.id, change.now):
            change.session.add(SiteRoleRow(id=new_key(), person_id=row.id, role=role, begins=change.now))
            change.record("give_role", row.subject(), role=role)
            change.session.flush()
        return _view(change.session, row, change)


def take_role(desk: Desk, by: Person | None, hub_name: str, role: SiteRole) -> Person:
    """End somebody's role on this site. Raises NotAllowed unless by an admin, NotFound for an unknown person."""
    with desk.changing(actor_of(by)) as change:
        require_admin(change, by)
        row = require_row(change.session, hub_name)
        held = select(SiteRoleRow).where(SiteRoleRow.person_id == row.id, SiteRoleRow.role == role)
        for holding in change.session.scalars(held):
            if holding.ends is None or holding.ends > change.now:
                holding.ends = change.now
                change.record("take_role", row.subject(), role=role)
        change.session.flush()
        return _view(change.session, row, change)


def declare_conflict(desk: Desk, by: Person | None, hub_name: str, project_slug: str, reason: str) -> None:
    """Declare that somebody has a conflict of interest with a project. People declare their own, admins anybody's."""
    if not reason.strip():
        raise BadInput("Say what the conflict is, in a few words.")
    with desk.changing(actor_of(by)) as change:
        row = require_row(change.session, hub_name)
        if by is not None and by.id != row.id:
            require_admin(change, by)
        project = change.session.scalar(select(ProjectRow).where(ProjectRow.slug == project_slug))
        if project is None:
            raise NotFound(f"There is no project called {project_slug}.")
        change.session.add(
            ConflictRow(
                id=new_key(),
                person_id=row.id,
                project_id=project.id,
                reason=reason.strip(),
                declared_by=change.actor,
                begins=change.now,
            )
        )
        change.record("declare_conflict", project.subject(), person=row.id)


def ensure(change: Change, hub_name: str) -> PersonRow:
    """The row of the person with this name, made when it is missing."""
    row = find_row(change.session, hub_name)
    if row is None:
        if not hub_name.strip() or len(hub_name) > 255 or not hub_name.isprintable():
            raise BadInput("A person's name on the hub has 1 to 255 printable characters.")
        row = PersonRow(id=new_key(), hub_name=hub_name, name=hub_name, created_at=change.now)
        change.session.add(row)
        change.session.flush()
        change.record("recognise", row.subject(), hub_name=hub_name)
    return row


def find_row(session: Session, hub_name: str) -> PersonRow | None:
    """The row of the person with this name."""
    return session.scalar(select(PersonRow).where(PersonRow.hub_name == hub_name))


def require_row(session: Session, hub_name: str) -> PersonRow:
    """The row of the person with this name. Raises NotFound."""
    row = find_row(session, hub_name)
    if row is None:
        raise NotFound(f"Nobody called {hub_name} has been here yet.")
    return row


def require_admin(change: Change, by: Person | None) -> None:
    """Raise NotAllowed unless this is the site itself or somebody who is an administrator now."""
    if by is not None and SiteRole.ADMIN not in roles_of(change.session, by.id, change.now):
        raise NotAllowed("Only an administrator of this site can do this.")


def person_view(session: Session, row: PersonRow, desk: Desk) -> Person:
    """The person, with the roles of this moment."""
    return Person(PersonId(row.id), row.hub_name, row.name, roles_of(session, row.id, desk.clock()))


def _view(session: Session, row: PersonRow, change: Change) -> Person:
    return Person(PersonId(row.id), row.hub_name, row.name, roles_of(session, row.id, change.now))
