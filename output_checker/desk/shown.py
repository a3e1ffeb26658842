"""How much each workspace showed to a browser, day by day, as its server tells it.

Promises: what is told only makes a day's count larger, so that telling it twice, late or out of order is harmless; the
person and the project are the caller's. Not a fact: it changes no state, nobody decides by it, and the ledger does not
hold it. Never says what was shown.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from output_checker.desk.context import Desk
from output_checker.desk.moves import roles_of
from output_checker.desk.projects import require_project
from output_checker.desk.views import Person, SiteRole
from output_checker.model import BadInput, Conflict, NotAllowed
from output_checker.storage.schema import PersonRow, ShownRow, new_key

DAYS: Final = 30
_MOST_BYTES: Final = 2**40
_MOST_SESSIONS: Final = 100
_PAUSE: Final = timedelta(seconds=5)


@dataclass(frozen=True)
class PersonShown:
    """The bytes that somebody was shown on each day, the oldest first."""

    hub_name: str
    per_day: tuple[int, ...]


@dataclass(frozen=True)
class Shown:
    """The last days of a project, and who was shown how much on them."""

    days: tuple[date, ...]
    people: tuple[PersonShown, ...]


@dataclass(frozen=True)
class Told:
    """What a server says: this run of it (``session``) has shown ``count`` bytes on ``day`` so far."""

    session: str
    day: date
    count: int

    @classmethod
    def from_text(cls, session: str, day: str, count: str) -> "Told":
        """The same from texts. Raises BadInput for what can't be."""
        try:
            told = cls(str(UUID(session)), date.fromisoformat(day), int(count) if count.isdecimal() else -1)
        except ValueError as error:
            raise BadInput("A run is named by a UUID, and a day is told as 2027-01-31.") from error
        if not 0 <= told.count <= _MOST_BYTES:
            raise BadInput("That many bytes can't have been shown in a day.")
        return told


def record(desk: Desk, person: Person, slug: str, told: Told) -> bool:
    """Note what a workspace's server says. False when it came too soon after the last time and was left out. Raises
    BadInput for another day than this one, Conflict for more runs in a day than there are."""
    now = desk.clock()
    if abs((told.day - now.date()).days) > 1:
        raise BadInput("What was shown is told on the day itself, or right after.")
    with desk.working() as work:
        project = require_project(work, slug)
        day = told.day.isoformat()
        mine = (ShownRow.person_id == person.id, ShownRow.project_id == project.id, ShownRow.day == day)
        row = work.scalar(select(ShownRow).where(*mine, ShownRow.session == told.session))
        if row is None:
            if (work.scalar(select(func.count()).select_from(ShownRow).where(*mine)) or 0) >= _MOST_SESSIONS:
                raise Conflict("This workspace was started more often today than is noted.")
            row = ShownRow(id=new_key(), person_id=person.id, project_id=project.id, day=day, session=told.session)
            work.add(row)
            row.bytes = 0
        elif now - row.at < _PAUSE:
            return False
        row.bytes, row.at = max(row.bytes, told.count), now
        return True


def last_days(desk: Desk, by: Person, slug: str) -> Shown:
    """What the members of a project were shown in the last 30 days. Raises NotAllowed for all but administrators."""
    now = desk.clock()
    days = tuple(now.date() - timedelta(days=back) for back in reversed(range(DAYS)))
    with desk.reading() as session:
        if SiteRole.ADMIN not in roles_of(session, by.id, now):
            raise NotAllowed("Only an administrator of this site sees this.")
        project = require_project(session, slug)
        sums = (
            select(PersonRow.hub_name, ShownRow.day, func.sum(ShownRow.bytes))
            .join(PersonRow, ShownRow.person_id == PersonRow.id)
            .where(ShownRow.project_id == project.id, ShownRow.day >= days[0].isoformat())
            .group_by(PersonRow.hub_name, ShownRow.day)
        )
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for hub_name, day, count in session.execute(sums):
            found[hub_name][day] = int(count)
    people = (PersonShown(name, tuple(found[name].get(d.isoformat(), 0) for d in days)) for name in sorted(found))
    return Shown(days, tuple(people))
