"""Several people at the same instant: whatever the order, one outcome."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from uuid import uuid4

from sqlalchemy import func, select

from output_checker.desk import queue, release, review, submit
from output_checker.desk.verify import verify
from output_checker.model import Conflict, HalftideError
from output_checker.rules.workflow import State
from output_checker.storage.schema import ReleaseRow, RequestRow, VoteRow
from tests.desk.kit import GOOD, Site, fake_check

RACES = 50


def at_once(*attempts: Callable[[], object]) -> list[object]:
    """Run all attempts from one starting shot; errors of Halftide are results, others fail the test."""
    shot = threading.Barrier(len(attempts))

    def run(attempt: Callable[[], object]) -> object:
        shot.wait()
        try:
            return attempt()
        except HalftideError as error:
            return error

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))


def count(site: Site, table: type, request_id: str) -> int:
    with site.desk.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(table.request_id == request_id)) or 0  # type: ignore[attr-defined]


def entries(site: Site, request_id: str, action: str) -> int:
    return sum(event.action == action for event in site.page(request_id).timeline)


def test_two_checkers_at_the_same_instant_make_exactly_one_release(site: Site) -> None:
    for _ in range(RACES):
        request_id = site.submitted()
        results = at_once(lambda r=request_id: site.vote("checker1", r), lambda r=request_id: site.vote("checker2", r))
        assert not [result for result in results if isinstance(result, HalftideError)]
        assert site.state(request_id) is State.RELEASED
        assert count(site, ReleaseRow, request_id) == 1
        assert entries(site, request_id, "release") == entries(site, request_id, "approve") == 1
    assert verify(site.desk.state_dir).ok


def test_the_same_click_four_times_at_once_is_one_vote(site: Site) -> None:
    for _ in range(10):
        request_id = site.submitted()
        at_once(*[lambda r=request_id: site.vote("checker1", r)] * 4)
        assert count(site, VoteRow, request_id) == 1
        assert site.state(request_id) is State.IN_REVIEW


def test_approving_while_another_returns_ends_in_one_of_the_two(site: Site) -> None:
    for _ in range(10):
        request_id = site.submitted()
        site.vote("checker1", request_id)
        at_once(
            lambda r=request_id: site.vote("checker2", r),
            lambda r=request_id: review.return_for_changes(site.desk, site["checker3"], r, 1, "wait"),
            lambda r=request_id: review.withdraw(site.desk, site["researcher"], r),
        )
        state = site.state(request_id)
        assert state in {State.RELEASED, State.RETURNED, State.WITHDRAWN}
        assert count(site, ReleaseRow, request_id) == (state is State.RELEASED)
    assert verify(site.desk.state_dir).ok


def test_releasing_from_several_workers_at_once_makes_one_release(site: Site, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    request_id = site.submitted()
    site.vote("checker1", request_id)
    with monkeypatch.context() as patched:
        patched.setattr(review, "release", lambda desk, key: None)
        site.vote("checker2", request_id)
    keys = at_once(*[lambda: release.release(site.desk, request_id)] * 6)
    assert len(set(keys)) == 1
    assert count(site, ReleaseRow, request_id) == 1


def test_the_same_submission_sent_at_once_is_one_request(site: Site) -> None:
    wish = submit.Wish.from_json(
        {
            "client_id": str(uuid4()),
            "title": "twice",
            "groups": [{"name": "", "context": "", "controls": "", "paths": ["t.csv"]}],
        }
    )
    send = lambda: submit.submit(site.desk, site["researcher"], "visits", wish, [("t.csv", BytesIO(GOOD))])  # noqa: E731
    receipts = at_once(send, send, send, send)
    assert len({receipt.request_id for receipt in receipts}) == 1  # type: ignore[attr-defined]
    assert sum(receipt.created for receipt in receipts) == 1  # type: ignore[attr-defined]
    assert len(queue.my_requests(site.desk, site["researcher"])) == 1


def test_requests_at_the_same_instant_get_different_numbers(site: Site) -> None:
    at_once(*[site.submit] * 6)
    with site.desk.reading() as session:
        numbers = list(session.scalars(select(RequestRow.number).order_by(RequestRow.number)))
    assert numbers == [1, 2, 3, 4, 5, 6]


def test_several_workers_check_every_file_once(site: Site) -> None:
    from output_checker.desk import assess

    request_id = site.submit(*[b"a,%d\n" % n for n in range(20, 32)])
    calls: list[str] = []

    def counting(data, name, policy, folders, corrections):  # type: ignore[no-untyped-def]
        calls.append(name)
        return fake_check(data, name, policy, folders, corrections)

    def work(worker: str) -> None:
        while assess.work_once(site.desk, counting, worker):
            pass

    at_once(*[lambda w=f"w{n}": work(w) for n in range(4)])
    assert sorted(calls) == sorted(set(calls))
    assert len(calls) == 12
    assert site.state(request_id) is State.WAITING
    assert entries(site, request_id, "checked") == 1


def test_resubmitting_twice_at_once_is_one_round(site: Site) -> None:
    request_id = site.submitted()
    review.return_for_changes(site.desk, site["checker1"], request_id, 1, "again")
    results = at_once(lambda: site.submit(replaces=request_id), lambda: site.submit(replaces=request_id))
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert site.page(request_id).row.round == 2
