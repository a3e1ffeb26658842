"""Runs of the probes at the desk: one permission each, signed records, and no start without a proof."""

import shutil
from datetime import timedelta

import pytest
from sqlalchemy import text

from output_checker.desk import probes, projects, queue
from output_checker.desk.probes import Why
from output_checker.desk.proofs import HOLDS, OrderState, Standing, proof_view
from output_checker.desk.verify import verify
from output_checker.model import PROVER, BadInput, Conflict, NotAllowed
from output_checker.probes import CATALOGUE, Finding, Outcome, Place, Proof, Verdict
from tests.desk.kit import Site

BLOCKED, SUCCEEDED = Outcome(Verdict.BLOCKED), Outcome(Verdict.SUCCEEDED)
SLUG, MEMBER = "visits", "researcher"


def proof(project: str, *, hole: bool = False) -> Proof:
    tries = {name: dict.fromkeys(probe.places, BLOCKED) for name, probe in CATALOGUE.items()}
    if hole:
        tries["tcp-loopback"] = dict.fromkeys(Place, SUCCEEDED)
    return Proof(project, {}, tuple(Finding(name, SUCCEEDED, tried) for name, tried in tries.items()))


def run(site: Site, *, hole: bool = False) -> bool:
    probes.order(site.desk, None, SLUG, Why.ASKED)
    order = probes.take(site.desk)
    assert order is not None
    return probes.record(site.desk, order.id, proof(order.project_id, hole=hole))


def start(site: Site, who: str = MEMBER) -> dict[str, object]:
    return probes.workspace_answer(site.desk, who, SLUG, required=True)


def test_the_first_start_orders_a_proof_and_goes_on_when_it_is_there(site: Site) -> None:
    answer = start(site)
    assert (answer["allowed"], answer["proving"], answer["datasets"]) == (False, True, [])
    assert start(site)["proving"] is True
    order = probes.take(site.desk)
    assert order is not None
    assert order.slug == SLUG
    assert probes.take(site.desk) is None, "asking twice orders one"
    probes.tell(site.desk, order.id, "Trying to get out")
    assert start(site)["reason"] == "Trying to get out"
    assert probes.record(site.desk, order.id, proof(order.project_id))
    assert start(site)["allowed"] is True
    assert proof_view(site.desk, SLUG).standing is Standing.PROVEN


def test_a_site_may_do_without_but_never_past_a_failure(site: Site) -> None:
    assert probes.workspace_answer(site.desk, MEMBER, SLUG, required=False)["allowed"] is True
    run(site, hole=True)
    assert probes.workspace_answer(site.desk, MEMBER, SLUG, required=False)["allowed"] is False


def test_who_may_not_work_here_orders_nothing(site: Site) -> None:
    answer = start(site, "nobody")
    assert "proving" not in answer
    assert probes.take(site.desk) is None


def test_a_run_may_start_one_workspace_once(site: Site) -> None:
    assert start(site, PROVER)["allowed"] is False, "nothing runs"
    probes.order(site.desk, None, SLUG, Why.ASKED)
    assert start(site, PROVER)["allowed"] is False, "it waits"
    order = probes.take(site.desk)
    assert order is not None
    assert probes.workspaces(site.desk) == [{"person": PROVER, "project": SLUG, "allowed": True, "until": None}]
    first = start(site, PROVER)
    assert (first["allowed"], first["throwaway"], first["person_id"]) == (True, True, order.id)
    assert start(site, PROVER)["allowed"] is False, "the permission is used"
    probes.give_up(site.desk, order.id, "it broke")
    assert probes.workspaces(site.desk) == []


def test_a_permission_ends_by_itself(site: Site) -> None:
    probes.order(site.desk, None, SLUG, Why.ASKED)
    assert probes.take(site.desk) is not None
    site.clock.forward(minutes=4)
    assert start(site, PROVER)["allowed"] is False
    site.clock.forward(minutes=10)
    assert probes.workspaces(site.desk) == []


def test_a_failure_stops_new_workspaces_until_it_is_answered_for(site: Site) -> None:
    assert run(site, hole=True) is False
    answer = start(site)
    assert answer["allowed"] is False
    assert "has to answer for it" in str(answer["reason"])
    (mine,) = [p for p in queue.my_projects(site.desk, site[MEMBER]) if p.slug == SLUG]
    assert not mine.may_start
    run(site)
    assert start(site)["allowed"] is False, "a later success does not answer for it"
    with pytest.raises(NotAllowed):
        probes.answer(site.desk, site[MEMBER], SLUG, "it is fine")
    with pytest.raises(BadInput):
        probes.answer(site.desk, site["admin"], SLUG, " ")
    assert probes.answer(site.desk, site["admin"], SLUG, "the cable was pulled") == 1
    assert start(site)["allowed"] is True
    with pytest.raises(Conflict):
        probes.answer(site.desk, site["admin"], SLUG, "again")
    assert run(site, hole=True) is False
    assert start(site)["allowed"] is False, "an answer is for one failure"


def test_a_proof_holds_for_a_day_and_a_half(site: Site) -> None:
    run(site)
    site.clock.forward(seconds=HOLDS.total_seconds() - 60)
    assert start(site)["allowed"] is True
    site.clock.forward(seconds=120)
    assert start(site)["proving"] is True


def test_a_run_that_can_not_be_made_proves_nothing_and_is_tried_again(site: Site) -> None:
    start(site)
    order = probes.take(site.desk)
    assert order is not None
    probes.give_up(site.desk, order.id, "there was no memory.")
    answer = start(site)
    assert "proving" not in answer
    assert "there was no memory." in str(answer["reason"])
    assert proof_view(site.desk, SLUG).problem == "there was no memory."
    site.clock.forward(minutes=2)
    assert start(site)["proving"] is True


def test_what_was_going_on_when_the_prover_died_is_given_up(site: Site) -> None:
    key = probes.order(site.desk, None, SLUG, Why.NIGHT)
    assert probes.take(site.desk) is not None
    probes.interrupt(site.desk)
    assert probes.progress(site.desk, key).state is OrderState.BROKEN
    with pytest.raises(Conflict):
        probes.record(site.desk, key, proof("x"))


def test_somebody_who_waits_comes_before_the_night(site: Site) -> None:
    projects.create(site.desk, None, "second", "Another")
    probes.order(site.desk, None, "second", Why.NIGHT)
    probes.order(site.desk, None, SLUG, Why.START)
    first, second = probes.take(site.desk), probes.take(site.desk)
    assert first is not None
    assert second is not None
    assert (first.slug, second.slug) == (SLUG, "second")


def test_the_night_proves_every_active_project_that_has_no_fresh_proof(site: Site) -> None:
    run(site)
    projects.create(site.desk, None, "second", "Another")
    projects.create(site.desk, None, "over", "Over")
    projects.set_state(site.desk, None, "over", "closed")
    known = len(queue.all_projects(site.desk, site["admin"]))
    assert probes.order_due(site.desk, Why.NIGHT, timedelta(hours=12)) == known - 2
    site.clock.forward(hours=13)
    probes.order_due(site.desk, Why.NIGHT, timedelta(hours=12))
    taken = {order.slug for order in iter(lambda: probes.take(site.desk), None)}
    assert {SLUG, "second"} <= taken
    assert "over" not in taken


def test_only_administrators_ask_for_a_run(site: Site) -> None:
    with pytest.raises(NotAllowed):
        probes.order(site.desk, site[MEMBER], SLUG, Why.ASKED)


def test_verify_reads_the_signatures_again(site: Site) -> None:
    run(site)
    run(site, hole=True)
    probes.answer(site.desk, site["admin"], SLUG, "known")
    assert verify(site.desk.state_dir).ok
    key = site.desk.state_dir / "portal" / "signing.key"
    shutil.copy(key, key.with_name("kept"))
    key.unlink()
    assert "another key" in verify(site.desk.state_dir).to_text()


def test_a_proof_that_was_changed_afterwards_is_found(site: Site) -> None:
    run(site, hole=True)
    with site.desk.database.writing() as session:
        session.execute(text("DROP TRIGGER probe_refuses_update"))
        session.execute(text("UPDATE probe SET passed = 1, report = replace(report, '\"succeeded\"', '\"blocked\"')"))
    report = verify(site.desk.state_dir).to_text()
    assert "is not what was signed" in report
    assert "is not what the ledger says" in report


def test_a_proof_of_another_project_is_not_recorded(site: Site) -> None:
    probes.order(site.desk, None, SLUG, Why.ASKED)
    order = probes.take(site.desk)
    assert order is not None
    with pytest.raises(Conflict):
        probes.record(site.desk, order.id, proof("somebody-elses"))
    assert proof_view(site.desk, SLUG).at is None


def test_the_database_refuses_to_forget_a_proof(site: Site) -> None:
    run(site, hole=True)
    with pytest.raises(Exception, match="never changed"), site.desk.database.writing() as session:
        session.execute(text("DELETE FROM probe"))
