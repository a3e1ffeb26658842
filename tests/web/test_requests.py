"""A request's page: what each person sees, presses and gets, told as their stories."""

import re

import pytest
from web_world import PREFIX, World

from output_checker.desk import queue
from output_checker.desk.page import AUTHOR_PLACES
from output_checker.rules.votes import Decision
from output_checker.rules.workflow import State

GOOD = b"plan,visits\nfree,1000\nco-pay,2000\n"
LOW = b"plan,visits\nfree,1000\nco-pay,3\n"


def _fields(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes to ``action``, as a browser would send them."""
    form = re.search(rf'<form[^>]*action="{re.escape(PREFIX)}{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert form, action
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))


def _state(world: World, request_id: str) -> State:
    return queue.request_page(world.desk, world.person("admin"), request_id).row.state


def test_two_checkers_approve_on_the_page_and_the_author_gets_the_same_bytes(world: World) -> None:
    request_id = world.submit({"tables/visits.csv": GOOD})
    path = f"requests/{request_id}"
    for checker in ("checker1", "checker2"):
        page = world.get(path, checker).text
        fields = _fields(page, f"{path}/votes")
        output = next(name for name in fields if name.startswith("digest-")).removeprefix("digest-")
        answer = world.post(
            f"{path}/votes", checker, {**fields, f"decision-{output}": "approve", f"reason-{output}": ""}
        )
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"{PREFIX}{path}?done=")
    assert _state(world, request_id) is State.RELEASED
    page = world.get(path, "researcher").text
    link = re.search(rf'{PREFIX}({path}/files/[^"]+)"', page)
    assert link
    file = world.get(link[1], "researcher")
    assert file.content == GOOD
    assert file.headers["content-disposition"].startswith('attachment; filename="visits.csv"')
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert "downloaded released files" in world.get(path, "researcher").text
    assert world.get(f"{path}/files.zip", "colleague").content[:2] == b"PK"
    assert world.get(link[1], "checker1").status_code == 403
    assert world.get(link[1], "other").status_code == 404


def test_one_vote_and_the_same_vote_twice_release_nothing(world: World) -> None:
    request_id = world.submit({"a.csv": GOOD})
    path = f"requests/{request_id}"
    fields = _fields(world.get(path, "checker1").text, f"{path}/votes")
    output = next(name for name in fields if name.startswith("digest-")).removeprefix("digest-")
    for _ in range(2):
        world.post(f"{path}/votes", "checker1", {**fields, f"decision-{output}": "approve"})
    assert _state(world, request_id) is State.IN_REVIEW


def test_before_my_own_votes_are_complete_there_is_no_trace_of_another(world: World) -> None:
    request_id = world.submit({"a.csv": GOOD, "b.csv": GOOD})
    path = f"requests/{request_id}"
    world.post(f"{path}/start", "checker1")
    before = world.get(path, "checker2").text
    world.vote("checker1", request_id, Decision.OBJECT, "The second table can be subtracted from the first.")
    after = world.get(path, "checker2").text
    scrub = re.compile(r"\d+ min|just now")
    assert scrub.sub("", after) == scrub.sub("", before)
    assert "1 of 2 approvals" not in after
    for page in ("queue", "queue?show=in_review", "audit", "audit.json", "audit.csv"):
        text = world.get(page, "checker2").text
        assert "subtracted" not in text
        assert "voted" not in text.replace("you voted", "").replace("You have voted", "")
    world.vote("checker2", request_id)
    assert "subtracted" in world.get(path, "checker2").text  # the control: now it may be seen


def test_the_author_sees_findings_and_never_votes_or_evidence(world: World) -> None:
    request_id = world.submit({"a.csv": LOW})
    world.vote("checker1", request_id, Decision.OBJECT, "Suppress the 3.")
    page = world.get(f"requests/{request_id}", "researcher").text
    assert "counts are below 10" in page
    assert "What helps" in page
    for secret in ("Suppress the 3.", "checker1", "3 distinct people", "Save my vote", "approvals"):
        assert secret not in page
    assert "3 distinct people" in world.get(f"requests/{request_id}", "checker2").text


def test_the_finding_leads_to_the_cell_and_the_cell_to_the_finding(world: World) -> None:
    page = world.get(f"requests/{world.submit({'a.csv': LOW})}", "checker1").text
    assert 'href="#o1-p0r2c1"' in page
    cell = re.search(r'<td class="([^"]*)" id="o1-p0r2c1">3<span class="ht-ref[^>]*>1</span>', page)
    assert cell
    assert "ht-mark-fail" in cell[1]


def test_a_place_beyond_the_first_page_leads_to_the_viewer_where_it_is_marked(world: World) -> None:
    rows = b"".join(b"p%d,1000\n" % n for n in range(700))
    request_id = world.submit({"long.csv": b"plan,visits\n" + rows + b"last,3\n"})
    page = world.get(f"requests/{request_id}", "checker1").text
    link = re.search(rf'href="{PREFIX}(requests/[^"]+page=2)#v-p0r701c1"', page)
    assert link
    viewer = world.get(link[1].replace("&amp;", "&"), "checker1").text
    assert 'id="v-p0r701c1"' in viewer
    assert "Page 2 of 2" in viewer


def test_overruling_the_check_needs_a_reason_and_what_was_typed_is_kept(world: World) -> None:
    request_id = world.submit({"a.csv": LOW})
    path = f"requests/{request_id}"
    fields = _fields(world.get(path, "checker1").text, f"{path}/votes")
    output = next(name for name in fields if name.startswith("digest-")).removeprefix("digest-")
    refused = world.post(f"{path}/votes", "checker1", {**fields, f"decision-{output}": "approve"})
    assert refused.status_code == 400
    assert "say why" in refused.text
    assert re.search(rf'name="decision-{output}" value="approve" required checked', refused.text)
    given = {f"decision-{output}": "approve", f"reason-{output}": "The 3 is a year, not a count."}
    assert world.post(f"{path}/votes", "checker1", {**fields, **given}).status_code == 303


def test_a_vote_on_other_bytes_or_another_round_is_a_conflict_and_keeps_the_text(world: World) -> None:
    request_id = world.submit({"a.csv": GOOD})
    path = f"requests/{request_id}"
    fields = _fields(world.get(path, "checker1").text, f"{path}/votes")
    output = next(name for name in fields if name.startswith("digest-")).removeprefix("digest-")
    given = {f"decision-{output}": "object", f"reason-{output}": "I typed this for ten minutes."}
    for change in ({"round": "2"}, {f"digest-{output}": "0" * 64}):
        answer = world.post(f"{path}/votes", "checker1", {**fields, **given, **change})
        assert answer.status_code == 409
        assert "I typed this for ten minutes." in answer.text


def test_return_asks_for_a_reason_and_brings_it_to_the_author(world: World) -> None:
    request_id = world.submit({"a.csv": LOW})
    path = f"requests/{request_id}"
    assert world.post(f"{path}/return", "checker1", {"round": "1", "reason": "  "}).status_code == 400
    assert world.post(f"{path}/return", "checker1", {"round": "1", "reason": "Suppress the 3."}).status_code == 303
    page = world.get(path, "researcher").text
    assert "Suppress the 3." in page
    assert "/hub/spawn/researcher/rand-hie" in page
    assert "checker1" not in page
    world.submit({"a.csv": GOOD}, replaces=request_id)
    assert "Since round 1" in world.get(path, "checker1").text


def test_rejecting_ends_it_and_withdrawing_too(world: World) -> None:
    first, second = world.submit({"a.csv": LOW}), world.submit({"a.csv": LOW})
    assert world.post(f"requests/{first}/reject", "checker1", {"round": "1", "reason": "Records."}).status_code == 303
    assert world.post(f"requests/{second}/withdraw", "researcher").status_code == 303
    assert (_state(world, first), _state(world, second)) == (State.REJECTED, State.WITHDRAWN)


def test_bulk_approval_is_only_for_outputs_in_which_nothing_was_found(world: World) -> None:
    request_id = world.submit({"a.csv": GOOD, "b.csv": GOOD, "low.csv": LOW, "c.png": b"png"})
    path = f"requests/{request_id}"
    page = world.get(path, "checker1").text
    assert "Approve the 2 outputs in which nothing was found" in page
    bulk = re.search(r"<form[^>]*data-once>((?:(?!</form>).)*in which nothing was found)", page, re.DOTALL)
    assert bulk
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', bulk[1]))
    assert world.post(f"{path}/votes", "checker1", fields).status_code == 303
    mine = [o.my_vote for o in queue.request_page(world.desk, world.person("checker1"), request_id).outputs()]
    assert [vote is not None for vote in mine] == [True, True, False, False]


def test_somebody_who_may_not_vote_finds_the_buttons_off_with_the_reason(world: World) -> None:
    request_id = world.submit({"a.csv": GOOD})
    page = world.get(f"requests/{request_id}", "admin").text
    assert re.search(r'<fieldset class="ht-choice" disabled title="[^"]{10,}"', page)
    assert "Save my vote" not in page


def test_a_running_check_shows_itself_and_ends_by_itself(world: World) -> None:
    request_id = world.submit({"a.csv": GOOD}, checked=False)
    path = f"requests/{request_id}"
    page = world.get(path, "researcher").text
    assert "The automated check is running" in page
    stamp = re.search(r'data-stamp="([^"]+)"', page)
    assert stamp
    assert world.get(f"{path}/progress", "researcher").json()["stamp"] == stamp[1]
    world.check()
    assert world.get(f"{path}/progress", "researcher").json()["stamp"] != stamp[1]
    assert "data-live" not in world.get(path, "researcher").text


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"


@pytest.mark.parametrize("who", ["checker1", "researcher"])
def test_hostile_titles_names_cells_contexts_and_messages_stay_text(world: World, who: str) -> None:
    name = HOSTILE.replace("/", "") + ".csv"
    cells = f"plan,{HOSTILE.replace(',', '')}\nfree,3\n".encode()
    request_id = world.submit({name: cells, "x.txt": HOSTILE.encode()}, title=HOSTILE, context=HOSTILE)
    path = f"requests/{request_id}"
    world.post(f"{path}/comment", "checker1", {"reason": HOSTILE})
    output = queue.request_page(world.desk, world.person(who), request_id).outputs()[0].id
    pages = [path, f"{path}/outputs/{output}", "queue" if who == "checker1" else ""]
    for page in pages:
        text = world.get(page, who).text
        assert "alert(1)" in text, page  # the control: it is there, as text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert ">49<" not in text
    refused = world.post(f"{path}/return", who, {"round": "9", "reason": HOSTILE}).text
    assert "<script>alert" not in refused


def test_an_unreadable_file_has_no_approve_button(world: World) -> None:
    page = world.get(f"requests/{world.submit({'odd.bad': b'?'})}", "checker1").text
    assert "This file could not be read" in page
    assert re.search(r'value="approve" required disabled', page)


def test_the_queue_sorts_by_what_there_is_to_do(world: World) -> None:
    done, waiting = world.submit({"a.csv": GOOD}, title="Half done"), world.submit({"a.csv": GOOD}, title="Untouched")
    world.vote("checker1", done)
    mine = world.get("queue", "checker1").text
    assert "Untouched" in mine
    assert "Half done" not in mine
    assert "Half done" in world.get("queue?show=in_review", "checker1").text
    assert world.get("queue?show=nonsense", "checker1").status_code == 404
    world.vote("checker1", waiting)
    assert "Nothing waits for you" in world.get("queue", "checker1").text


def test_a_requests_number_leads_to_it_for_those_who_may_see_it(world: World) -> None:
    request_id = world.submit({"a.csv": GOOD})
    number = queue.request_page(world.desk, world.person("admin"), request_id).row.number
    for who in ("researcher", "checker1", "admin"):
        answer = world.get(f"requests/{number}", who)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PREFIX}requests/{request_id}")
    hidden, unknown = world.get(f"requests/{number}", "other"), world.get("requests/77", "other")
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert hidden.text == unknown.text, "one cannot count the requests of others"
    for odd in ("77", "999999999", "9" * 30, "0", "-1", "٣"):
        assert world.get(f"requests/{odd}", "admin").status_code == 404


def test_the_three_answers_of_the_form_are_shown_as_facts(world: World) -> None:
    context = "Population: all people\nVariables: plan, visits\nRecords: 20,190"
    page = world.get(f"requests/{world.submit({'a.csv': GOOD}, context=context)}", "checker1").text
    for name, answer in (("Population", "all people"), ("Variables", "plan, visits"), ("Records", "20,190")):
        assert f"<dt>{name}</dt><dd>{answer}</dd>" in page
    assert "<dt>Context</dt>" not in page


def test_a_finding_in_a_text_leads_to_its_line(world: World) -> None:
    request_id = world.submit({"log.txt": b"start\nworst at id=7\nend"})
    page = world.get(f"requests/{request_id}", "checker1").text
    assert 'href="#o1-p0r1"' in page
    line = re.search(r'<span class="ht-line ht-mark-review">(.*?)\bworst at id=7<span class="ht-ref', page)
    assert line
    assert 'id="o1-p0r1"' in line[1]
    assert "line 2" in line[1]


def test_a_finding_deep_in_a_long_text_leads_to_the_page_with_its_line(world: World) -> None:
    text = b"".join(b"%09d\n" % n for n in range(30_000)) + b"worst at id=7\n"
    path = f"requests/{world.submit({'log.txt': text})}"
    link = re.search(rf'href="{PREFIX}({path}/outputs/[^"#]+)#v-p0r30000"', world.get(path, "checker1").text)
    assert link
    page = world.get(link[1].replace("&amp;", "&"), "checker1").text
    assert "Page 2 of 2" in page
    assert 'id="v-p0r30000"' in page


@pytest.mark.attack
def test_a_request_is_no_way_to_look_at_what_is_not_released(world: World) -> None:
    """Authors, who are shown only so much in the workspace, get no more from the portal. The control is the checker,
    who sees it at once, and the author after the release."""
    request_id = world.submit({"plans.csv": b"plan,n\nSecretPlan,5210\n", "plot.png": b"png"})
    addresses = [f"requests/{request_id}", f"requests/{request_id}/progress"]
    page = queue.request_page(world.desk, world.person("checker1"), request_id)
    addresses += [f"requests/{request_id}/outputs/{output.id}" for output in page.outputs()]
    assert any("SecretPlan" in world.get(address, "checker1").text for address in addresses)
    for address in addresses:
        assert "SecretPlan" not in world.get(address, "researcher").text
    for checker in ("checker1", "checker2"):
        world.vote(checker, request_id, reason="seen")
    assert "SecretPlan" in world.get(addresses[0], "researcher").text


@pytest.mark.attack
def test_a_table_can_not_be_read_through_what_is_wrong_with_it(world: World) -> None:
    """Every cell a small count, and every label a value: the author is told of some. The control is the checker."""
    rows = "".join(f"value-{number},3\n" for number in range(300))
    request_id = world.submit({"secrets.csv": ("label,n\n" + rows).encode()})
    pages = {who: world.get(f"requests/{request_id}", who).text for who in ("researcher", "checker1")}
    assert len(set(re.findall(r"value-\d+", pages["checker1"]))) == 300
    assert len(set(re.findall(r"value-\d+", pages["researcher"]))) <= AUTHOR_PLACES
