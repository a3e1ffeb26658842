"""What people can do to a request, told as their stories."""

import pytest

from output_checker.desk import fetch, people, projects, queue, release, review
from output_checker.desk.verify import verify
from output_checker.model import BadInput, Broken, Conflict, NotAllowed, NotFound, Policy
from output_checker.rules.votes import Decision
from output_checker.rules.workflow import State
from tests.desk.kit import SMALL, Site


def test_two_checkers_approve_and_the_author_downloads_the_canonical_bytes(site: Site) -> None:
    request_id = site.submitted(b"Group,N\nA,25\n")
    assert site.state(request_id) is State.WAITING
    first = site.vote("checker1", request_id)
    assert (first.state, first.recorded, first.released) == (State.IN_REVIEW, 1, False)
    second = site.vote("checker2", request_id)
    assert (second.state, second.recorded, second.released) == (State.RELEASED, 1, True)
    output = site.page(request_id).outputs()[0]
    fetched = fetch.fetch_file(site.desk, site["researcher"], request_id, output.id)
    assert fetched.data == b"group,n\na,25\n"
    assert fetched.sha256 == output.canonical_sha256
    assert verify(site.desk.state_dir).ok


def test_one_vote_releases_nothing(site: Site) -> None:
    request_id = site.submitted()
    site.vote("checker1", request_id)
    with pytest.raises(Conflict):
        release.release(site.desk, request_id)
    with pytest.raises(Conflict):
        fetch.fetch_all(site.desk, site["researcher"], request_id)
    assert site.page(request_id).release is None


def test_the_same_checker_twice_releases_nothing(site: Site) -> None:
    request_id = site.submitted()
    assert site.vote("checker1", request_id).recorded == 1
    assert site.vote("checker1", request_id).recorded == 0
    assert site.vote("checker1", request_id, reason="looked again").recorded == 1
    assert site.state(request_id) is State.IN_REVIEW


@pytest.mark.parametrize("who", ["researcher", "colleague", "admin"])
def test_author_member_and_non_checker_may_not_vote(site: Site, who: str) -> None:
    people.give_role(site.desk, None, "researcher", people.SiteRole.CHECKER)
    request_id = site.submitted()
    with pytest.raises(NotAllowed):
        site.vote(who, request_id)
    assert site.state(request_id) is State.WAITING


def test_somebody_who_was_a_member_during_the_work_may_not_vote(site: Site) -> None:
    projects.add_member(site.desk, None, "visits", "checker3")
    request_id = site.submitted()
    projects.end_membership(site.desk, None, "visits", "checker3")
    with pytest.raises(NotAllowed, match="were a member"):
        site.vote("checker3", request_id)


def test_a_declared_conflict_refuses_the_vote_and_takes_an_earlier_one_away(site: Site) -> None:
    request_id = site.submitted()
    site.vote("checker1", request_id)
    people.declare_conflict(site.desk, site["checker1"], "checker1", "visits", "my sister leads it")
    with pytest.raises(NotAllowed, match="conflict"):
        site.vote("checker1", request_id, reason="again")
    assert site.vote("checker2", request_id).state is State.IN_REVIEW
    assert site.vote("checker3", request_id).state is State.RELEASED


def test_a_stranger_may_not_even_know_that_the_request_exists(site: Site) -> None:
    request_id = site.submitted()
    for attempt in (
        lambda: site.page(request_id, "stranger"),
        lambda: site.vote("stranger", request_id),
        lambda: review.withdraw(site.desk, site["stranger"], request_id),
        lambda: fetch.fetch_all(site.desk, site["stranger"], request_id),
        lambda: queue.read_parts(site.desk, site["stranger"], site.page(request_id).outputs()[0].id),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_failed_output_is_approved_only_with_a_reason(site: Site) -> None:
    request_id = site.submitted(SMALL)
    with pytest.raises(BadInput, match="say why"):
        site.vote("checker1", request_id)
    site.vote("checker1", request_id, reason="the group is public knowledge")
    site.vote("checker2", request_id, reason="agreed")
    assert site.state(request_id) is State.RELEASED


def test_what_could_not_be_read_can_be_objected_to_but_not_approved(site: Site) -> None:
    request_id = site.submitted(b"unreadable")
    with pytest.raises(BadInput, match="could not be read"):
        site.vote("checker1", request_id, reason="trust me")
    assert site.vote("checker1", request_id, "object", "send a table").recorded == 1
    assert site.page(request_id, "checker1").my_votes_complete


def test_an_objection_needs_a_reason_and_a_third_person_breaks_the_tie(site: Site) -> None:
    request_id = site.submitted()
    with pytest.raises(BadInput):
        site.vote("checker1", request_id, "object")
    site.vote("checker1", request_id, "object", "too fine")
    assert site.vote("checker2", request_id).state is State.IN_REVIEW
    assert site.vote("checker3", request_id).state is State.RELEASED


def test_every_output_needs_its_approvals(site: Site) -> None:
    request_id = site.submitted(b"a,20\n", b"b,30\n")
    page = site.page(request_id)
    one = [review.Choice(page.outputs()[0].id, page.outputs()[0].canonical_sha256 or "", Decision.APPROVE)]
    site.vote("checker1", request_id)
    assert review.vote(site.desk, site["checker2"], request_id, 1, one).state is State.IN_REVIEW
    assert site.vote("checker2", request_id).state is State.RELEASED


def test_a_returned_request_comes_back_as_a_new_round_without_its_votes(site: Site) -> None:
    request_id = site.submitted(SMALL)
    site.vote("checker1", request_id, reason="harmless")
    review.return_for_changes(site.desk, site["checker2"], request_id, 1, "suppress the cell of 3")
    assert site.page(request_id, "researcher").messages[-1].text == "suppress the cell of 3"
    assert site.submit(replaces=request_id) == request_id
    site.check_all()
    page = site.page(request_id)
    assert (page.row.round, page.row.state) == (2, State.WAITING)
    assert site.vote("checker2", request_id).state is State.IN_REVIEW
    assert site.vote("checker1", request_id).state is State.RELEASED


def test_a_vote_on_a_round_or_on_bytes_that_have_changed_is_refused(site: Site) -> None:
    request_id = site.submitted(SMALL)
    old = site.page(request_id).outputs()[0]
    review.return_for_changes(site.desk, site["checker2"], request_id, 1, "suppress it")
    site.submit(replaces=request_id)
    site.check_all()
    new = site.page(request_id).outputs()[0]
    with pytest.raises(Conflict, match="round 2"):
        review.vote(site.desk, site["checker1"], request_id, 1, [review.Choice(new.id, "", Decision.APPROVE)])
    with pytest.raises(NotFound):
        review.vote(site.desk, site["checker1"], request_id, 2, [review.Choice(old.id, "", Decision.APPROVE)])
    stale = review.Choice(new.id, old.canonical_sha256 or "", Decision.APPROVE)
    with pytest.raises(Conflict, match="changed"):
        review.vote(site.desk, site["checker1"], request_id, 2, [stale])


def test_a_double_click_on_approve_and_on_return_changes_nothing_more(site: Site) -> None:
    request_id = site.released()
    before = queue.audit(site.desk, site["admin"]).size
    again = site.vote("checker2", request_id)
    assert (again.recorded, again.released) == (0, True)
    assert queue.audit(site.desk, site["admin"]).size == before
    with pytest.raises(Conflict):
        review.return_for_changes(site.desk, site["checker2"], request_id, 1, "too late")


@pytest.mark.parametrize("verb", [review.return_for_changes, review.reject])
def test_return_and_reject_need_a_reason_and_independence(site: Site, verb: object) -> None:
    request_id = site.submitted()
    with pytest.raises(BadInput):
        verb(site.desk, site["checker1"], request_id, 1, "  ")  # type: ignore[operator]
    with pytest.raises(NotAllowed):
        verb(site.desk, site["colleague"], request_id, 1, "no")  # type: ignore[operator]
    assert site.page(request_id).messages == ()


def test_rejected_and_withdrawn_are_ends(site: Site) -> None:
    rejected, withdrawn = site.submitted(), site.submitted()
    review.reject(site.desk, site["checker1"], rejected, 1, "row-level data")
    review.withdraw(site.desk, site["researcher"], withdrawn)
    for request_id in (rejected, withdrawn):
        for attempt in (
            lambda r=request_id: site.vote("checker2", r),
            lambda r=request_id: review.start(site.desk, site["checker2"], r),
            lambda r=request_id: site.submit(replaces=r),
            lambda r=request_id: review.withdraw(site.desk, site["researcher"], r),
            lambda r=request_id: release.release(site.desk, r),
        ):
            with pytest.raises(Conflict):
                attempt()


def test_withdrawing_while_it_is_checked_cancels_the_check(site: Site) -> None:
    request_id = site.submit()
    review.withdraw(site.desk, site["researcher"], request_id)
    site.check_all()
    assert site.state(request_id) is State.WITHDRAWN


def test_another_policy_makes_old_votes_worthless(site: Site) -> None:
    request_id = site.submitted()
    site.vote("checker1", request_id)
    projects.set_policy(site.desk, site["admin"], "visits", Policy(threshold=5))
    assert site.state(request_id) is State.CHECKING
    site.check_all()
    assert site.vote("checker2", request_id).state is State.IN_REVIEW
    assert site.vote("checker1", request_id).state is State.RELEASED


def test_checking_again_keeps_votes_on_bytes_that_come_out_the_same(site: Site) -> None:
    request_id = site.submitted()
    site.vote("checker1", request_id)
    review.check_again(site.desk, site["checker2"], request_id)
    site.check_all()
    assert site.vote("checker2", request_id).state is State.RELEASED


def test_a_checker_is_blind_until_their_own_votes_are_complete(site: Site) -> None:
    request_id = site.submitted(b"a,20\n", b"b,30\n")
    before = site.page(request_id, "checker2")
    review.comment(site.desk, site["checker1"], request_id, "hm", public=False)
    site.vote("checker1", request_id, reason="fine")
    blind = site.page(request_id, "checker2")
    assert all(o.votes == () and o.approvals is None for o in blind.outputs())
    assert blind.messages == ()
    assert {event.action for event in blind.timeline} - {event.action for event in before.timeline} == {"start"}
    assert not [e for e in queue.audit(site.desk, site["checker2"]).events if e.action in {"vote", "comment"}]
    assert not [e for e in queue.audit(site.desk, site["admin"]).events if e.action in {"vote", "comment"}]
    site.vote("checker2", request_id, "object", "unsure")
    seeing = site.page(request_id, "checker2")
    assert [[v.checker for v in o.votes] for o in seeing.outputs()] == [["checker1"], ["checker1"]]
    assert [m.text for m in seeing.messages] == ["hm"]
    assert [e for e in queue.audit(site.desk, site["checker2"]).events if e.action == "vote"]


def test_a_vote_leaves_no_trace_in_the_times_that_the_other_checker_sees(site: Site) -> None:
    request_id = site.submitted()
    review.start(site.desk, site["checker2"], request_id)
    before = queue.open_requests(site.desk, site["checker2"])
    site.vote("checker1", request_id)
    assert queue.open_requests(site.desk, site["checker2"]) == before


def test_authors_see_findings_and_outcome_but_neither_votes_nor_checkers_nor_evidence(site: Site) -> None:
    request_id = site.submitted(SMALL)
    site.vote("checker1", request_id, reason="harmless")
    review.comment(site.desk, site["checker1"], request_id, "between us", public=False)
    review.return_for_changes(site.desk, site["checker1"], request_id, 1, "suppress it")
    page = site.page(request_id, "researcher")
    output = page.outputs()[0]
    assert output.findings[0].rule == "F01"
    assert (output.findings[0].evidence, output.votes, output.my_vote, output.approvals) == ("", (), None, None)
    assert [(m.text, m.sender_name) for m in page.messages] == [("suppress it", "")]
    assert "checker1" not in repr(page)
    assert site.page(request_id, "checker2").outputs()[0].findings[0].evidence == "secret"


def test_buttons_say_why_they_are_off(site: Site) -> None:
    request_id = site.submitted()
    offers = {offer.action.value: offer for offer in site.page(request_id, "colleague").actions}
    assert not offers["return"].allowed
    assert "member of this project" in offers["return"].why
    assert {o.action.value for o in site.page(request_id, "checker1").actions if o.allowed} >= {"start", "return"}


def test_damaged_bytes_stop_the_release_and_the_request_waits(site: Site) -> None:
    request_id = site.submitted()
    site.vote("checker1", request_id)
    digest = site.page(request_id).outputs()[0].canonical_sha256 or ""
    path = site.desk.blobs._path(digest)
    good = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(b"something else")
    result = site.vote("checker2", request_id)
    assert (result.state, result.released) == (State.APPROVED, False)
    with pytest.raises(Broken, match="damaged"):
        release.release(site.desk, request_id)
    path.write_bytes(good)
    site.clock.forward(minutes=10)
    site.check_all()
    assert site.state(request_id) is State.RELEASED


def test_an_approval_that_no_longer_holds_goes_back_to_review(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    request_id = site.submitted()
    site.vote("checker1", request_id)
    with monkeypatch.context() as patched:
        patched.setattr(review, "release", lambda desk, key: None)
        assert site.vote("checker2", request_id).state is State.APPROVED
    people.declare_conflict(site.desk, None, "checker2", "visits", "found out late")
    with pytest.raises(Conflict, match="Nothing was released"):
        release.release(site.desk, request_id)
    assert site.state(request_id) is State.IN_REVIEW
    assert site.vote("checker3", request_id).state is State.RELEASED


def test_an_approval_that_crashed_before_the_release_is_released_by_the_worker(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = site.submitted()
    site.vote("checker1", request_id)
    with monkeypatch.context() as patched:
        patched.setattr(review, "release", lambda desk, key: None)
        site.vote("checker2", request_id)
    site.check_all()
    assert site.state(request_id) is State.RELEASED


def test_a_policy_that_changes_after_the_release_takes_nothing_back(site: Site) -> None:
    request_id = site.released()
    projects.set_policy(site.desk, site["admin"], "visits", Policy(threshold=5))
    output = site.page(request_id, "checker1").outputs()[0]
    assert (output.approvals, output.my_vote and output.my_vote.counts) == (2, True)
    assert site.state(request_id) is State.RELEASED
