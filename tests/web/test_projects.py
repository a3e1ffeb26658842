"""What an administrator decides about a project on its page, and that a word of confirmation is needed."""

import re

import pytest
from web_world import World

from output_checker import sandbox_pixels
from output_checker.desk import datasets, policies, projects, queue
from output_checker.model import (
    Boundary,
    Column,
    ColumnRole,
    DataFile,
    DatasetManifest,
    Figures,
    Window,
    digest_of,
)
from output_checker.model.boundary import MEBIBYTE
from output_checker.rules.workflow import State
from output_checker.web.pages import boundary

PAGE = "projects/rand-hie"
SURE = {"sure": "yes"}
GOOD = b"plan,visits\nfree,1000\nco-pay,2000\n"


def _register(world: World, version: str = "2") -> None:
    folder = world.desk.state_dir / "datasets" / "hie" / version
    folder.mkdir(parents=True)
    (folder / "a.parquet").write_bytes(b"data")
    columns = (Column("n", "BIGINT", ColumnRole.VALUE),)
    manifest = DatasetManifest("Health", version, (DataFile("a.parquet", digest_of(b"data")),), 3, columns)
    (folder / "manifest.json").write_text(manifest.to_json())
    datasets.register(world.desk, None, "hie", folder)


def _actions(world: World) -> list[str]:
    return [event.action for event in queue.audit(world.desk, world.person("admin"), limit=3).events]


def test_a_frozen_project_lets_nobody_start_and_is_opened_again(world: World) -> None:
    assert world.post(f"{PAGE}/state", "admin", {"state": "frozen", **SURE}).status_code == 303
    assert not projects.workspace_answer(world.desk, "researcher", "rand-hie")["allowed"]
    assert _actions(world)[0] == "set_project_state"
    page = world.get(f"{PAGE}?done=state", "admin").text
    assert "The project is frozen." in page
    assert 'value="active"' in page
    assert 'value="frozen"' not in page
    assert world.post(f"{PAGE}/state", "admin", {"state": "active", **SURE}).status_code == 303
    assert projects.workspace_answer(world.desk, "researcher", "rand-hie")["allowed"]


def test_a_dataset_version_is_granted_until_a_day(world: World) -> None:
    assert "There is no other version." in world.get(PAGE, "admin").text
    _register(world)
    assert '<option value="hie 2">Health, version 2</option>' in world.get(PAGE, "admin").text
    form = {"version": "hie 2", "until": "2999-01-31", **SURE}
    assert world.post(f"{PAGE}/datasets", "admin", form).status_code == 303
    assert _actions(world)[0] == "grant_dataset"
    page = world.get(PAGE, "researcher").text
    assert "<code>/data/hie</code>" in page
    assert "31 January 2999" in page
    assert world.post(f"{PAGE}/datasets", "admin", {**form, "version": "hie 9"}).status_code == 404
    assert world.post(f"{PAGE}/datasets", "admin", {**form, "until": "soon"}).status_code == 400


def test_another_policy_is_chosen_by_name_and_open_requests_are_checked_again(world: World) -> None:
    request_id = world.submit({"a.csv": GOOD})
    name = next(name for name in policies.preset_names() if name != "default")
    assert world.post(f"{PAGE}/policy", "admin", {"policy": name, **SURE}).status_code == 303
    assert projects.policy_of(world.desk, "rand-hie") == policies.load_policy(name)
    assert queue.request_page(world.desk, world.person("admin"), request_id).row.state is State.CHECKING
    assert "set_policy" in _actions(world)


def test_single_parameters_are_tightened_and_the_page_shows_it(world: World) -> None:
    form = {"policy": "ons-10-5", "threshold": "15", "class_share": "0.8", "zeros_are_disclosive": "yes", **SURE}
    assert world.post(f"{PAGE}/policy", "admin", form).status_code == 303
    policy = projects.policy_of(world.desk, "rand-hie")
    assert (policy.threshold, policy.class_share, policy.zeros_are_disclosive) == (15, 0.8, True)
    page = world.get(PAGE, "admin").text
    assert "tightened: threshold 15" in page
    assert policy.digest in page
    assert 'name="threshold" inputmode="decimal" maxlength="20" autocomplete="off" value="15"' in page


@pytest.mark.parametrize(
    ("field", "typed", "reason"),
    [
        ("threshold", "3", "looser than the 10"),
        ("threshold", "many", "Smallest count: &#39;many&#39; is no number"),
        ("threshold", "10.5", "whole number"),
        ("class_share", "7", "from 0.5 to 1"),
        ("approvals", "1", "looser"),
        ("p_percent", "nan", "from 0 to 1"),
    ],
)
def test_nonsense_in_a_policy_is_explained_and_what_was_typed_stays(
    world: World, field: str, typed: str, reason: str
) -> None:
    before = projects.policy_of(world.desk, "rand-hie")
    answer = world.post(f"{PAGE}/policy", "admin", {"policy": "ons-10-5", field: typed, **SURE})
    assert answer.status_code == 400
    assert reason in answer.text
    assert f'value="{typed}"' in answer.text
    assert projects.policy_of(world.desk, "rand-hie") == before


@pytest.mark.parametrize("name", ["", "no such policy", "../policies/default", "/etc/passwd", "pyproject.toml"])
def test_a_policy_is_never_read_from_a_file_that_a_form_names(world: World, name: str) -> None:
    before = projects.policy_of(world.desk, "rand-hie")
    answer = world.post(f"{PAGE}/policy", "admin", {"policy": name, **SURE})
    assert answer.status_code == 400
    assert "in the list" in answer.text
    assert projects.policy_of(world.desk, "rand-hie") == before


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("state", {"state": "closed"}),
        ("policy", {"policy": "opensafely"}),
        ("datasets", {"version": "hie 2"}),
        ("boundary", {"window.burst": "4"}),
    ],
)
def test_nothing_happens_without_the_word_of_confirmation_or_by_somebody_else(
    world: World, path: str, form: dict[str, str]
) -> None:
    _register(world)
    before = queue.audit(world.desk, world.person("admin")).size
    assert "Tick the box" in world.post(f"{PAGE}/{path}", "admin", form).text
    for who in ("researcher", "checker1", "auditor"):
        assert world.post(f"{PAGE}/{path}", who, {**form, **SURE}).status_code == 403
    assert queue.audit(world.desk, world.person("admin")).size == before
    assert world.post(f"{PAGE}/{path}", "admin", {**form, **SURE}).status_code == 303, "the control"


def test_an_unknown_state_is_refused_and_members_see_no_forms(world: World) -> None:
    assert world.post(f"{PAGE}/state", "admin", {"state": "destroyed", **SURE}).status_code == 400
    page = world.get(PAGE, "researcher").text
    assert "Change the state" not in page
    assert "Choose another policy" not in page


WINDOW = {"window.at_once": "64", "window.burst": "0.5", "window.per_minute": "12", "window.per_day": "4"}


def test_an_administrator_changes_what_workspaces_may_show_and_take(world: World) -> None:
    form = {**WINDOW, "figures": "interactive", "resources.cpus": "1.5", "one_project_at_a_time": "yes", **SURE}
    answer = world.post(f"{PAGE}/boundary", "admin", form)
    assert answer.status_code == 303
    assert _actions(world)[0] == "set_boundary"
    told = Boundary.from_mapping(projects.workspace_answer(world.desk, "researcher", "rand-hie")["boundary"])
    assert told.window == Window(64 * 1024, 512 * 1024, 12 * 1024, 4 * MEBIBYTE)
    assert (told.figures, told.resources.cpus, told.one_project_at_a_time) == (Figures.INTERACTIVE, 1.5, True)
    assert told.resources.memory_mb == Boundary().resources.memory_mb, "what the form leaves out stays"
    page = world.get(f"{PAGE}?done=boundary", "admin").text
    assert "when they start next" in page
    for name, value in WINDOW.items():
        assert re.search(rf'name="{re.escape(name)}"[^>]* value="{value}"', page), name
    assert "0.5 MiB" in world.get(PAGE, "researcher").text


def test_a_boundary_that_says_what_is_usual_leaves_nothing_behind(world: World) -> None:
    assert world.post(f"{PAGE}/boundary", "admin", {**WINDOW, **SURE}).status_code == 303
    page = world.get(PAGE, "admin").text
    assert world.post(f"{PAGE}/boundary", "admin", {**boundary.filled(Boundary()), **SURE}).status_code == 303
    assert projects.boundary_of(world.desk, "rand-hie") == Boundary()
    before = queue.audit(world.desk, world.person("admin")).size
    assert world.post(f"{PAGE}/boundary", "admin", {**boundary.filled(Boundary()), **SURE}).status_code == 303
    assert queue.audit(world.desk, world.person("admin")).size == before, "nothing changed, nothing is told"
    assert "Change what workspaces show" in page
    assert "Change what workspaces show" not in world.get(PAGE, "researcher").text


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"window.at_once": "much"}, "is a number"),
        ({"window.at_once": "-1"}, "above 0"),
        ({"window.at_once": "NaN"}, "is a number"),
        ({"window.at_once": "Infinity"}, "is a number"),
        ({"window.at_once": "1e99999999"}, "is a number"),
        ({"window.burst": "999999"}, "fits into a burst"),
        ({"resources.processes": "1.5"}, "above 0"),
        ({"figures": "film"}, "figures is one of"),
        ({"display": "yes"}, "display is one of"),
    ],
)
def test_a_boundary_without_sense_changes_nothing(world: World, form: dict[str, str], told: str) -> None:
    answer = world.post(f"{PAGE}/boundary", "admin", {**form, **SURE})
    assert answer.status_code == 400
    assert told in answer.text
    assert projects.boundary_of(world.desk, "rand-hie") == Boundary()


def test_every_field_of_a_boundary_can_be_changed_in_the_form() -> None:
    assert set(boundary.filled(Boundary())) == set(Boundary().values())


def test_a_project_of_pixels_says_what_the_machine_lacks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lacks = "sudo apt-get install novnc"
    monkeypatch.setattr(sandbox_pixels, "missing_packages", lambda: ("novnc",))
    assert lacks not in world.get(PAGE, "admin").text
    assert world.post(f"{PAGE}/boundary", "admin", {**WINDOW, "display": "pixels", **SURE}).status_code == 303
    assert lacks in world.get(PAGE, "admin").text
    monkeypatch.setattr(sandbox_pixels, "missing_packages", tuple)
    assert lacks not in world.get(PAGE, "admin").text
