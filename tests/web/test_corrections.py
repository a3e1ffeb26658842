"""Corrections on a request's page: seen by everybody there, refused and added by checkers alone."""

from web_world import World

from output_checker.desk import corrections, queue
from output_checker.desk.views import OutputView
from output_checker.model import Correction, Means, Side
from output_checker.rules.workflow import State

LOW = b"plan,visits\nfree,1000\nco-pay,3\n"


def _output(world: World, request_id: str) -> OutputView:
    return queue.request_page(world.desk, world.person("admin"), request_id).outputs()[0]


def _add(world: World, request_id: str, name: str, **fields: str) -> int:
    sent = {"round": "1", "output": _output(world, request_id).id, "place": "0:column:1", "means": "year", "why": "so"}
    return world.post(f"requests/{request_id}/corrections", name, {**sent, **fields}).status_code


def test_a_checker_corrects_a_column_that_a_finding_points_at(world: World) -> None:
    request_id = world.submit({"a.csv": LOW})
    page = world.get(f"requests/{request_id}", "checker1").text
    assert '<option value="0:column:1">column 2 “visits”</option>' in page

    assert _add(world, request_id, "checker1") == 303

    assert queue.request_page(world.desk, world.person("admin"), request_id).row.state is State.CHECKING
    world.check()
    page = world.get(f"requests/{request_id}", "checker2").text
    assert "A checker: column 2 holds a year" in page
    assert "Refuse and check again" in page
    author = world.get(f"requests/{request_id}", "researcher").text
    assert "A checker: column 2 holds a year" in author
    assert "checker1" not in author
    assert "Refuse and check again" not in author


def test_a_refused_correction_is_marked(world: World) -> None:
    request_id = world.submit({"a.csv": LOW})
    _add(world, request_id, "checker1")
    world.check()
    one = _output(world, request_id).corrections[0]

    answer = world.post(f"requests/{request_id}/corrections/{one.id}/refuse", "checker2", {"round": "1"})

    assert answer.status_code == 303
    world.check()
    page = world.get(f"requests/{request_id}", "checker2").text
    assert '<span class="ht-pill">refused</span>' in page
    assert "Refuse and check again" not in page


def test_what_makes_no_sense_is_explained_and_others_may_not(world: World) -> None:
    request_id = world.submit({"a.csv": LOW})
    assert _add(world, request_id, "checker1", place="nowhere") == 400
    assert _add(world, request_id, "checker1", why="") == 400
    assert _add(world, request_id, "checker1", means="safe") == 400
    assert _add(world, request_id, "checker1", output="none") == 404
    for name in ("researcher", "colleague", "admin", "other"):
        assert _add(world, request_id, name) in {403, 404}, name
    assert not _output(world, request_id).corrections


def test_a_correction_of_another_request_is_not_refused_through_this_one(world: World) -> None:
    mine, other = world.submit({"a.csv": LOW}), world.submit({"a.csv": LOW})
    said = Correction(0, None, 1, Means.YEAR, "so", Side.CHECKER)
    corrections.add(world.desk, world.person("checker1"), _output(world, other).id, 1, said)
    world.check()
    one = _output(world, other).corrections[0]
    answer = world.post(f"requests/{mine}/corrections/{one.id}/refuse", "checker1", {"round": "1"})
    assert answer.status_code == 404
