"""The proof of the seal on a project's page: what each reader sees of it, and what an administrator does about it."""

from web_world import World

from output_checker.desk import probes
from output_checker.probes import CATALOGUE

PAGE = "projects/rand-hie"


def test_a_project_without_a_proof_says_what_follows(world: World) -> None:
    page = world.get(PAGE, "admin").text
    assert "The next start of a workspace waits for one." in page
    assert "Test the seal now" in page
    assert "Test the seal now" not in world.get(PAGE, "researcher").text


def test_a_proof_is_shown_with_its_date_and_its_probes_to_administrators_only(world: World) -> None:
    world.prove()
    page, mine = world.get(PAGE, "admin").text, world.get(PAGE, "researcher").text
    assert f"{len(CATALOGUE)} attacks were tried, 0 got out." in page
    assert f"{len(CATALOGUE)} blocked" in page
    assert "tcp-loopback" in page
    assert f"{len(CATALOGUE)} attacks were tried, 0 got out." in mine
    assert "tcp-loopback" not in mine


def test_a_failure_stands_first_and_is_answered_for(world: World) -> None:
    world.prove(hole=True)
    page, mine = world.get(PAGE, "admin").text, world.get(PAGE, "researcher").text
    assert "The seal of this project's workspaces failed its test." in page.replace("&#39;", "'")
    assert "&lt;b&gt;an answer&lt;/b&gt;" in page
    assert "dns-udp" not in mine
    assert "has to answer for it" in mine
    assert "Open workspace" not in mine

    assert world.post(f"{PAGE}/proof/answer", "admin", {"reason": " "}).status_code == 400
    assert world.post(f"{PAGE}/proof/answer", "researcher", {"reason": "let me in"}).status_code == 403
    assert world.post(f"{PAGE}/proof/answer", "admin", {"reason": "a trial <i>only</i>"}).status_code == 303
    assert "a trial &lt;i&gt;only&lt;/i&gt;" in world.get(PAGE, "admin").text
    assert "Open workspace" in world.get(PAGE, "researcher").text
    assert world.post(f"{PAGE}/proof/answer", "admin", {"reason": "again"}).status_code == 409


def test_a_run_is_asked_for_once_and_its_progress_shows(world: World) -> None:
    assert world.post(f"{PAGE}/proof", "researcher", {}).status_code == 403
    assert world.post(f"{PAGE}/proof", "admin", {}).status_code == 303
    order = probes.take(world.desk)
    assert order is not None
    probes.tell(world.desk, order.id, "Trying to get out: 20 of 284 tries")
    page = world.get(f"{PAGE}?done=proving", "admin").text
    assert "Trying to get out: 20 of 284 tries" in page
    probes.give_up(world.desk, order.id, "the hub was busy")
    assert "The last test could not be made." in world.get(PAGE, "admin").text
