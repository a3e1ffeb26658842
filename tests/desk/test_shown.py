"""What was shown is noted by the day, only grows, and belongs to whom the token is of."""

from datetime import timedelta
from uuid import uuid4

import pytest

from output_checker.desk import queue, shown
from output_checker.desk.shown import Told
from output_checker.desk.verify import verify
from output_checker.model import BadInput, Conflict, NotAllowed, NotFound
from tests.desk.kit import Site

RUN = str(uuid4())


def tell(site: Site, count: int, *, session: str = RUN, who: str = "researcher", later: float = 60) -> bool:
    site.clock.forward(seconds=later)
    day = site.clock().date().isoformat()
    return shown.record(site.desk, site[who], "visits", Told.from_text(session, day, str(count)))


def today(site: Site, who: str = "researcher") -> int:
    people = shown.last_days(site.desk, site["admin"], "visits").people
    return next((person.per_day[-1] for person in people if person.hub_name == who), 0)


def test_a_days_count_only_grows_and_runs_add_up(site: Site) -> None:
    assert tell(site, 1000)
    assert tell(site, 700)
    assert today(site) == 1000
    tell(site, 1500)
    tell(site, 200, session=str(uuid4()))
    assert today(site) == 1700
    assert today(site, "colleague") == 0
    site.clock.forward(days=1)
    assert today(site) == 0
    assert sum(shown.last_days(site.desk, site["admin"], "visits").people[0].per_day) == 1700
    site.clock.forward(days=shown.DAYS)
    assert shown.last_days(site.desk, site["admin"], "visits").people == ()


def test_it_is_no_fact_and_leaves_the_ledger_alone(site: Site) -> None:
    before = queue.audit(site.desk, site["admin"]).size
    tell(site, 5)
    assert queue.audit(site.desk, site["admin"]).size == before
    assert verify(site.desk.state_dir).ok


@pytest.mark.attack
def test_a_flood_is_not_noted(site: Site) -> None:
    assert tell(site, 1)
    assert not any(tell(site, n, later=0) for n in range(100))
    for _ in range(99):
        tell(site, 1, session=str(uuid4()), later=0)
    with pytest.raises(Conflict):
        tell(site, 1, session=str(uuid4()))
    assert tell(site, 2), "the control: a run that is known goes on"


@pytest.mark.parametrize(
    ("session", "day", "count"),
    [
        ("mine", "2026-03-01", "1"),
        (RUN, "yesterday", "1"),
        (RUN, "2026-03-01", "-1"),
        (RUN, "2026-03-01", "1e3"),
        (RUN, "2026-03-01", "9" * 16),
    ],
)
def test_what_can_not_be_is_refused(session: str, day: str, count: str) -> None:
    with pytest.raises(BadInput):
        Told.from_text(session, day, count)


def test_another_day_another_project_and_another_reader_are_refused(site: Site) -> None:
    past = (site.clock() - timedelta(days=3)).date().isoformat()
    with pytest.raises(BadInput):
        shown.record(site.desk, site["researcher"], "visits", Told.from_text(RUN, past, "1"))
    with pytest.raises(NotFound):
        shown.record(site.desk, site["researcher"], "nowhere", Told.from_text(RUN, "2026-03-01", "1"))
    for who in ("researcher", "checker1"):
        with pytest.raises(NotAllowed):
            shown.last_days(site.desk, site[who], "visits")
