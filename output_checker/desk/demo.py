"""The demo: four people, two projects, two datasets, and the notebooks of the story. Doing it again adds nothing.

It makes no passwords; the hub does. What a researcher has changed in their workspace is never overwritten.
"""

import shutil
from pathlib import Path
from typing import Final

from output_checker.desk import datasets, people, projects
from output_checker.desk.context import Desk, open_desk, prepare_state
from output_checker.desk.views import SiteRole
from output_checker.model import Conflict

_NOTEBOOKS: Final = Path(__file__).parents[2] / "demo" / "notebooks"

_ROLES: Final = {"checker1": SiteRole.CHECKER, "checker2": SiteRole.CHECKER, "admin": SiteRole.ADMIN}

_TITLES: Final = {"rand-hie": "RAND Health Insurance Experiment", "grunfeld": "Grunfeld investment data"}

_LAY_SUMMARIES: Final = {
    "rand-hie": (
        "Do people see a doctor less often when they pay a share of the bill? About 20,000 person-years of a large "
        "experiment that gave families health insurance of different kinds."
    ),
    "grunfeld": (
        "How eleven large American firms invested between 1935 and 1954. A few of them hold most of every total, which "
        "makes their figures easy to work out."
    ),
}

_MEMBERS: Final = {"rand-hie": "researcher"}
_VERSION: Final = "1"


def seed_demo(state: Path) -> tuple[str, ...]:
    """Fill a state folder with the demo; the lines say what there is and what is still missing."""
    prepare_state(state)
    desk = open_desk(state)
    try:
        told = ["people: researcher, checker1, checker2, admin"]
        people.recognise(desk, "researcher")
        for hub_name, role in _ROLES.items():
            people.give_role(desk, None, hub_name, role)
        for slug, title in _TITLES.items():
            _ensure_project(desk, slug, title)
            told.append(_give_data(desk, slug))
        for slug, hub_name in _MEMBERS.items():
            projects.add_member(desk, None, slug, hub_name)
            told.append(_give_notebooks(desk, slug, hub_name))
        return tuple(told)
    finally:
        desk.close()


def _ensure_project(desk: Desk, slug: str, title: str) -> None:
    try:
        projects.create(desk, None, slug, title, lay_summary=_LAY_SUMMARIES[slug])
    except Conflict:
        return  # it is there from an earlier start


def _give_data(desk: Desk, slug: str) -> str:
    folder = desk.state_dir / "datasets" / slug / _VERSION
    if not (folder / "manifest.json").exists():
        return f"project {slug}: its dataset is not there yet; demo/build_datasets.py makes it"
    view = datasets.register(desk, None, slug, folder)
    projects.grant_dataset(desk, None, slug, slug, view.version)
    return f"project {slug}: dataset {view.name} {view.version}, {view.rows:,} rows"


def _give_notebooks(desk: Desk, slug: str, hub_name: str) -> str:
    """Copy the project's notebooks into a workspace that has never had them."""
    workspace = projects.workspace_dir(desk, slug, hub_name)
    first_time = not workspace.exists()
    for folder in (workspace.parent.parent, workspace.parent, workspace):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sources = sorted((_NOTEBOOKS / slug).glob("*.ipynb"))
    copied = 0
    for source in sources if first_time else ():
        unfinished = workspace / f".{source.name}.new"
        shutil.copyfile(source, unfinished)
        unfinished.replace(workspace / source.name)
        copied += 1
    return (
        f"workspace of {hub_name} in {slug}: {copied} notebooks copied"
        if copied
        else f"workspace of {hub_name} is there"
    )
