"""The demo: there after the first time, unchanged after the second."""

from pathlib import Path

from output_checker.desk import demo, people, projects, queue
from output_checker.desk.context import open_desk
from output_checker.desk.verify import verify
from tests.desk.test_projects import version_folder


def test_the_demo_has_its_people_projects_data_and_notebooks(tmp_path: Path) -> None:
    state = tmp_path / "state"
    for slug in ("rand-hie", "grunfeld"):
        version_folder(state / "datasets", slug)
    assert not [line for line in demo.seed_demo(state) if "not there yet" in line]
    desk = open_desk(state)
    told = projects.workspace_answer(desk, "researcher", "rand-hie")
    assert told["allowed"] is True
    assert [d["path"] for d in told["datasets"]] == [str(state / "datasets" / "rand-hie" / "1")]
    assert projects.workspace_answer(desk, "researcher", "grunfeld")["allowed"] is False
    workspace = projects.workspace_dir(desk, "rand-hie", "researcher")
    assert list(workspace.glob("*.ipynb"))
    assert workspace.stat().st_mode & 0o777 == 0o700
    admin = people.recognise(desk, "admin")
    assert len(queue.open_requests(desk, people.recognise(desk, "checker1"))) == 0
    size = queue.audit(desk, admin).size
    for notebook in workspace.glob("*.ipynb"):
        notebook.write_text("mine now")
    demo.seed_demo(state)
    assert queue.audit(desk, admin).size == size
    assert {notebook.read_text() for notebook in workspace.glob("*.ipynb")} == {"mine now"}
    desk.close()
    assert verify(state).ok


def test_without_its_datasets_the_demo_says_what_is_missing(tmp_path: Path) -> None:
    lines = demo.seed_demo(tmp_path / "state")
    assert len([line for line in lines if "build_datasets" in line]) == 2
