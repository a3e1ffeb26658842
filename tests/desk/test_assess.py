"""The automated check: resumed after a crash, never lost, never passed by accident."""

import threading

import pytest

from output_checker.desk import assess, jobs, projects, queue, review
from output_checker.desk.verify import verify
from output_checker.model import Kind, Output, Policy, Verdict, digest_of
from output_checker.rules.workflow import State
from output_checker.storage.schema import OutputRow
from tests.desk.kit import GOOD, SMALL, FakeChecked, Site, fake_check


def test_what_was_found_is_on_the_page_and_in_the_store(site: Site) -> None:
    request_id = site.submitted(SMALL.upper())
    output = site.page(request_id, "checker1").outputs()[0]
    assert (output.verdict, output.kind, output.findings[0].where[0].row) == (Verdict.FAIL, "table", 2)
    assert output.canonical_sha256 == digest_of(SMALL)
    assert site.desk.blobs.read(digest_of(SMALL)) == SMALL
    assert output.parts[0].rows == 3
    assert queue.read_parts(site.desk, site["checker1"], output.id)[0].cells[2] == ("b", "3")  # type: ignore[union-attr]
    assert queue.open_requests(site.desk, site["checker1"])[0].findings.fail == 1


def test_a_check_that_keeps_crashing_becomes_a_review_with_its_reason(site: Site) -> None:
    request_id = site.submit(b"crash", GOOD)
    for _ in range(10):
        site.check_all()
        site.clock.forward(minutes=1)
    outputs = site.page(request_id).outputs()
    assert [output.verdict for output in outputs] == [Verdict.REVIEW, Verdict.PASS]
    assert "failed" in outputs[0].problem
    assert outputs[0].canonical_sha256 is None
    assert site.state(request_id) is State.WAITING


def test_a_worker_that_dies_loses_its_lease_and_another_resumes(site: Site) -> None:
    request_id = site.submit()
    assert jobs.take(site.desk, "dies") is not None
    assert not assess.work_once(site.desk, fake_check)
    site.clock.forward(minutes=5)
    site.check_all()
    assert site.state(request_id) is State.WAITING


def test_a_file_that_takes_its_workers_down_is_not_tried_for_ever(site: Site) -> None:
    request_id = site.submit()
    for _ in range(jobs.MOST_ATTEMPTS):
        assert jobs.take(site.desk, "dies") is not None
        site.clock.forward(minutes=5)
    site.check_all()
    output = site.page(request_id).outputs()[0]
    assert (output.verdict, output.canonical_sha256) == (Verdict.REVIEW, None)
    assert "never came back" in output.problem


def test_a_result_that_comes_after_another_worker_finished_is_dropped(site: Site) -> None:
    request_id = site.submit()

    def slow(data, name, policy, folders, corrections):  # type: ignore[no-untyped-def]
        site.clock.forward(minutes=5)
        assess.work_once(site.desk, fake_check, "quick")
        return fake_check(data.replace(b"25", b"26"), name, policy, folders, corrections)

    def slow_and_honest_about_its_bytes(data, name, policy, folders, corrections):  # type: ignore[no-untyped-def]
        other = slow(data, name, policy, folders, corrections)
        return FakeChecked(other.output, other.assessment, digest_of(data))

    assess.work_once(site.desk, slow_and_honest_about_its_bytes)
    assert site.page(request_id).outputs()[0].canonical_sha256 == digest_of(GOOD)


def test_an_answer_about_other_bytes_or_another_policy_is_not_believed(site: Site) -> None:
    request_id = site.submit()

    def lies(data, name, policy, folders, corrections):  # type: ignore[no-untyped-def]
        return fake_check(data + b"x", name, policy, folders, corrections)

    def other_policy(data, name, policy, folders, corrections):  # type: ignore[no-untyped-def]
        return fake_check(data, name, Policy(threshold=3), folders, corrections)

    for check in (lies, other_policy, lies):
        assess.work_once(site.desk, check)
        site.clock.forward(minutes=5)
    assert site.page(request_id).outputs()[0].verdict is Verdict.REVIEW


def test_an_unreadable_file_never_passes(site: Site) -> None:
    request_id = site.submit()

    def unread(data, name, policy, folders, corrections):  # type: ignore[no-untyped-def]
        checked = fake_check(data, name, policy, folders, corrections)
        empty = Output(Kind.UNKNOWN, "application/octet-stream", (), b"", problem="unknown kind")
        return FakeChecked(empty, checked.assessment, checked.sha256)

    assess.work_once(site.desk, unread)
    assert site.page(request_id).outputs()[0].verdict is Verdict.REVIEW


def test_a_policy_that_changes_during_the_check_starts_it_again(site: Site) -> None:
    request_id = site.submit(GOOD, SMALL)
    assess.work_once(site.desk, fake_check)
    projects.set_policy(site.desk, None, "visits", Policy(threshold=7))
    site.check_all()
    assert {output.policy_digest for output in site.page(request_id).outputs()} == {Policy(threshold=7).digest}
    assert verify(site.desk.state_dir).ok


def test_damaged_evidence_is_not_checked(site: Site) -> None:
    request_id = site.submit()
    path = site.desk.blobs._path(digest_of(GOOD))
    path.chmod(0o600)
    path.write_bytes(b"other")
    for _ in range(5):
        site.check_all()
        site.clock.forward(minutes=1)
    assert "damaged" in site.page(request_id).outputs()[0].problem


def test_a_withdrawn_request_is_not_checked_any_more(site: Site) -> None:
    request_id = site.submit()

    def withdrawn_meanwhile(data, name, policy, folders, corrections):  # type: ignore[no-untyped-def]
        review.withdraw(site.desk, site["researcher"], request_id)
        return fake_check(data, name, policy, folders, corrections)

    assess.work_once(site.desk, withdrawn_meanwhile)
    assert site.page(request_id).outputs()[0].verdict is None
    with site.desk.reading() as session:
        assert session.query(OutputRow).count() == 1


def test_the_worker_outlives_a_job_that_fails_and_stops_when_told(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site.submit()
    stop, seen = threading.Event(), []

    def work(desk, check, worker):  # type: ignore[no-untyped-def]
        seen.append(worker)
        if len(seen) == 1:
            raise RuntimeError("once")
        stop.set()
        return False

    monkeypatch.setattr(assess, "work_once", work)
    monkeypatch.setattr(assess, "_IDLE_SECONDS", 0.01)
    thread = threading.Thread(target=assess.run_worker, args=(site.desk, stop, fake_check))
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    assert len(seen) == 2
    assert "tried again" in caplog.text
