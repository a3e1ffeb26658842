"""Lists and the audit trail: complete for those who may see, silent for the others."""

import json
from dataclasses import asdict

import pytest

from output_checker.desk import describe, people, queue, review
from output_checker.desk.views import SiteRole
from output_checker.model import BadInput, NotAllowed, NotFound, Policy
from output_checker.rules.workflow import State
from tests.desk.kit import SMALL, Site


def test_the_queue_shows_what_is_open_the_oldest_first_with_my_progress(site: Site) -> None:
    first, second, third = site.submitted(b"a,20\n", b"b,30\n"), site.submitted(SMALL), site.submitted()
    review.reject(site.desk, site["checker1"], third, 1, "no")
    page = site.page(first)
    half = review.Choice(page.outputs()[0].id, page.outputs()[0].canonical_sha256 or "", review.Decision.APPROVE)
    review.vote(site.desk, site["checker1"], first, 1, [half])
    rows = queue.open_requests(site.desk, site["checker1"])
    assert [(row.id, row.my_progress, row.outputs) for row in rows] == [
        (first, "started", 2),
        (second, "not started", 1),
    ]
    assert asdict(rows[1].findings) == {"fail": 1, "review": 0, "note": 0}
    site.vote("checker1", first)
    assert queue.open_requests(site.desk, site["checker1"])[0].my_progress == "done"
    assert queue.open_requests(site.desk, site["checker2"])[0].my_progress == "not started"
    assert [row.id for row in queue.decided_requests(site.desk, site["checker1"])] == [third]


def test_a_checker_who_may_not_vote_is_told_why_in_the_list(site: Site) -> None:
    site.submitted()
    row = queue.open_requests(site.desk, site["colleague"])[0]
    assert (row.may_vote, row.my_progress) == (False, "")
    assert "member of this project" in row.why_not
    assert queue.open_requests(site.desk, site["checker1"])[0].may_vote


def test_lists_count_the_current_round_only(site: Site) -> None:
    request_id = site.submitted(SMALL, SMALL)
    review.return_for_changes(site.desk, site["checker1"], request_id, 1, "suppress")
    site.submit(replaces=request_id)
    site.check_all()
    row = queue.my_requests(site.desk, site["researcher"], "visits")[0]
    assert (row.outputs, row.findings.fail, row.round, row.state) == (1, 0, 2, State.WAITING)
    assert queue.my_requests(site.desk, site["researcher"], "other") == ()


def test_the_desks_lists_are_for_the_desk(site: Site) -> None:
    for who in ("researcher", "stranger"):
        for attempt in (queue.open_requests, queue.decided_requests, queue.audit):
            with pytest.raises(NotAllowed):
                attempt(site.desk, site[who])


def test_the_audit_trail_is_searched_by_number_person_action_and_text(site: Site) -> None:
    site.submitted()
    second = site.submitted()
    review.reject(site.desk, site["checker1"], second, 1, "100 % row-level_data")
    admin = site["admin"]
    assert {event.request_number for event in queue.audit(site.desk, admin, "#2").events} == {2}
    assert queue.audit(site.desk, admin, "#99").events == ()
    assert {event.actor for event in queue.audit(site.desk, admin, "checker1").events} >= {"checker1"}
    assert {event.action for event in queue.audit(site.desk, admin, "submit").events} >= {"submit"}
    assert [event.action for event in queue.audit(site.desk, admin, "100 % ROW-LEVEL_DATA").events] == ["reject"]
    assert queue.audit(site.desk, admin, "row-level%data").events == ()


def test_the_audit_trail_is_turned_page_by_page_without_gaps(site: Site) -> None:
    site.released()
    everything = queue.audit(site.desk, site["admin"], limit=500)
    pages, before = [], None
    while True:
        page = queue.audit(site.desk, site["admin"], before=before, limit=7)
        pages += page.events
        before = page.next_before
        if before is None:
            break
    assert tuple(pages) == everything.events
    assert len(pages) == everything.size


def test_an_auditor_reads_the_trail_and_the_pages_but_decides_nothing(site: Site) -> None:
    people.give_role(site.desk, None, "auditor", SiteRole.AUDITOR)
    auditor = people.recognise(site.desk, "auditor")
    request_id = site.released()
    assert queue.audit(site.desk, auditor).events
    page = queue.request_page(site.desk, auditor, request_id)
    assert not any(offer.allowed for offer in page.actions)
    with pytest.raises(NotFound):
        review.reject(site.desk, auditor, request_id, 1, "no")


def test_the_json_for_programs_has_the_promised_fields_and_no_evidence(site: Site) -> None:
    request_id = site.submitted(SMALL)
    page = site.page(request_id, "researcher")
    detail = json.loads(json.dumps(describe.request_detail(page, "/requests/1", "/files")))
    assert set(detail) == {
        *("id", "number", "title", "state", "state_text", "round", "submitted_at", "updated_at", "url", "outputs"),
        *("findings", "groups", "messages", "released_at", "download_url"),
    }
    output = detail["groups"][0]["outputs"][0]
    assert (output["verdict"], output["findings"][0]["where"][0]["value"]) == ("fail", "3")
    assert "secret" not in json.dumps(describe.request_detail(site.page(request_id, "checker1"), "", None))
    assert (detail["released_at"], detail["download_url"]) == (None, None)
    assert detail["findings"] == {"fail": 1, "review": 0, "note": 0}
    assert describe.policy(Policy())["threshold"] == 10


def test_parts_are_for_those_who_may_see_the_request(site: Site) -> None:
    output = site.page(site.submitted()).outputs()[0].id
    assert queue.read_parts(site.desk, site["checker1"], output), "the control: a checker sees it"
    assert not queue.read_parts(site.desk, site["researcher"], output), "its author not before it is released"
    with pytest.raises(BadInput, match="no picture"):
        queue.read_part_image(site.desk, site["checker1"], output, 0)
    for index in (-1, 9):
        with pytest.raises(NotFound):
            queue.read_part_image(site.desk, site["checker1"], output, index)
    with pytest.raises(NotFound):
        queue.read_parts(site.desk, site["checker1"], "nothing")


def test_all_parts_are_read_at_once_for_those_who_may_see_the_request_and_of_no_other_request(site: Site) -> None:
    other = site.page(site.submitted(b"x,20\n")).outputs()[0].id
    request_id = site.submitted(SMALL, b"unreadable,1\n")
    first, second = (output.id for output in site.page(request_id).outputs())
    everything = queue.read_all_parts(site.desk, site["checker1"], request_id)
    assert everything == {key: queue.read_parts(site.desk, site["checker1"], key) for key in (first, second)}
    assert set(queue.read_all_parts(site.desk, site["checker1"], request_id, [first, other])) == {first}
    assert queue.read_all_parts(site.desk, site["checker1"], request_id, []) == {}
    with pytest.raises(NotFound):
        queue.read_all_parts(site.desk, site["stranger"], request_id)
    with pytest.raises(NotFound):
        queue.read_all_parts(site.desk, site["checker1"], "nothing")


def test_the_page_knows_the_files_of_the_round_before_and_of_no_other(site: Site) -> None:
    request_id = site.submitted(SMALL, SMALL)
    assert site.page(request_id).earlier == ()
    for number in (1, 2):
        review.return_for_changes(site.desk, site["checker1"], request_id, number, "suppress")
        site.submit(replaces=request_id)
        site.check_all()
    page = site.page(request_id, "researcher")
    assert [(view.file.path, view.file.context) for view in page.earlier] == [("out/table-0.csv", "all people")]
    assert page.earlier[0].file.id != page.outputs()[0].id
    assert page.earlier[0].file.canonical_sha256 == page.outputs()[0].canonical_sha256


def test_the_list_of_people_and_of_versions_is_for_administrators(site: Site) -> None:
    listed = {row.person.hub_name: row for row in queue.all_people(site.desk, site["admin"])}
    assert listed["colleague"].projects == ("visits",)
    assert listed["colleague"].person.roles == {SiteRole.CHECKER}
    people.take_role(site.desk, None, "colleague", SiteRole.CHECKER)
    again = {row.person.hub_name: row for row in queue.all_people(site.desk, site["admin"])}
    assert again["colleague"].person.roles == frozenset()
    assert queue.all_versions(site.desk, site["admin"]) == ()
    for who in ("researcher", "checker1"):
        for attempt in (queue.all_people, queue.all_versions):
            with pytest.raises(NotAllowed):
                attempt(site.desk, site[who])


def test_a_number_finds_the_request_for_those_who_may_know_of_it(site: Site) -> None:
    request_id = site.submitted()
    assert queue.find_by_number(site.desk, site["researcher"], 1) == request_id
    assert queue.find_by_number(site.desk, site["checker1"], 1) == request_id
    for who, number in (("stranger", 1), ("admin", 2), ("admin", 10**12)):
        with pytest.raises(NotFound):
            queue.find_by_number(site.desk, site[who], number)
