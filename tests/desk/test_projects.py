"""Access as a lease: who may start what, until when, on which data."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from output_checker.desk import datasets, people, projects, queue
from output_checker.desk.views import SiteRole
from output_checker.model import BadInput, Boundary, Conflict, NotAllowed, NotFound, Policy, digest_of
from tests.desk.kit import Site


def version_folder(parent: Path, name: str = "people", version: str = "1", data: bytes = b"parquet") -> Path:
    """A dataset version; nobody reads the Parquet file here, so any bytes do."""
    folder = parent / name / version
    folder.mkdir(parents=True)
    (folder / "data.parquet").write_bytes(data)
    manifest = {
        "name": name,
        "version": version,
        "files": [{"path": "data.parquet", "sha256": digest_of(data)}],
        "rows": 3,
        "columns": [{"name": "n", "type": "BIGINT", "role": "value"}],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture
def folder(site: Site) -> Path:
    """A registered and granted dataset version of the project."""
    made = version_folder(site.desk.state_dir / "datasets")
    datasets.register(site.desk, None, "people", made)
    projects.grant_dataset(site.desk, None, "visits", "people", "1")
    return made


def answer(site: Site, who: str = "researcher", project: str = "visits") -> dict[str, object]:
    return projects.workspace_answer(site.desk, who, project)


def test_a_member_may_start_with_the_data_that_the_project_was_granted(site: Site, folder: Path) -> None:
    told = answer(site)
    assert (told["allowed"], told["reason"], told["until"]) == (True, "", None)
    assert told["project_title"] == "Visits to the doctor"
    assert told["datasets"] == [
        {
            "slug": "people",
            "version": "1",
            "path": str(folder),
            "manifest_sha256": digest_of((folder / "manifest.json").read_bytes()),
        }
    ]
    assert Boundary.from_mapping(told["boundary"]) == Boundary()


@pytest.mark.parametrize(("who", "project"), [("stranger", "visits"), ("nobody", "visits"), ("researcher", "nowhere")])
def test_nobody_else_may_and_no_folder_is_named_to_them(site: Site, folder: Path, who: str, project: str) -> None:
    told = answer(site, who, project)
    assert told["allowed"] is False
    assert "member" in str(told["reason"])
    assert str(folder) not in json.dumps(told)


def test_the_lease_ends_with_the_first_condition_that_ends(site: Site, folder: Path) -> None:
    soon, later = site.clock() + timedelta(days=1), site.clock() + timedelta(days=2)
    projects.add_member(site.desk, None, "visits", "researcher", until=later)
    assert answer(site)["until"] == later.isoformat()
    projects.grant_dataset(site.desk, None, "visits", "people", "1", until=soon)
    assert answer(site)["until"] == soon.isoformat()
    site.clock.forward(days=1, seconds=1)
    refused = answer(site)
    assert (refused["allowed"], refused["datasets"]) == (False, [])
    assert "data" in str(refused["reason"])


def test_a_membership_that_ends_ends_the_lease_and_can_be_given_again(site: Site) -> None:
    projects.end_membership(site.desk, site["admin"], "visits", "researcher")
    assert answer(site)["allowed"] is False
    assert {"person": "researcher", "project": "visits", "allowed": False, "until": None} in projects.workspaces(
        site.desk
    )
    site.clock.forward(hours=1)
    projects.add_member(site.desk, site["admin"], "visits", "researcher")
    assert answer(site)["allowed"] is True


def test_a_frozen_project_stops_everybody_at_once(site: Site) -> None:
    projects.set_state(site.desk, site["admin"], "visits", "frozen")
    assert "frozen" in str(answer(site)["reason"])
    assert not any(line["allowed"] for line in projects.workspaces(site.desk) if line["project"] == "visits")
    projects.set_state(site.desk, site["admin"], "visits", "active")
    assert answer(site)["allowed"] is True


@pytest.mark.parametrize("harm", ["change", "remove"])
def test_data_that_are_not_what_was_registered_are_not_mounted(site: Site, folder: Path, harm: str) -> None:
    manifest = folder / "manifest.json"
    if harm == "change":
        manifest.write_text(manifest.read_text().replace('"rows": 3', '"rows": 4'))
    else:
        manifest.unlink()
    told = answer(site)
    assert (told["allowed"], told["datasets"]) == (False, [])
    assert "people" in str(told["reason"])


def test_a_state_folder_that_moved_still_knows_its_data(site: Site, folder: Path) -> None:
    view = queue.my_projects(site.desk, site["researcher"])[0].datasets[0]
    assert view.path == str(site.desk.state_dir / "datasets" / "people" / "1")
    with site.desk.reading() as session:
        assert projects.grants_of(session, projects.require_project(session, "visits").id, site.clock())[
            0
        ].version.path == str(Path("datasets", "people", "1"))


def test_a_version_is_hashed_completely_when_it_is_registered(site: Site, tmp_path: Path) -> None:
    good = version_folder(tmp_path / "a")
    assert datasets.register(site.desk, None, "p", good) == datasets.register(site.desk, None, "p", good)
    (version_folder(tmp_path / "b", version="2") / "data.parquet").write_bytes(b"other")
    with pytest.raises(BadInput, match="does not hash"):
        datasets.register(site.desk, None, "p", tmp_path / "b" / "people" / "2")
    (version_folder(tmp_path / "c", version="3") / "extra.csv").write_bytes(b"hidden")
    with pytest.raises(BadInput, match=r"extra\.csv is not in the manifest"):
        datasets.register(site.desk, None, "p", tmp_path / "c" / "people" / "3")
    linked = version_folder(tmp_path / "d", version="4")
    (linked / "data.parquet").rename(tmp_path / "elsewhere")
    (linked / "data.parquet").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadInput, match="ordinary file"):
        datasets.register(site.desk, None, "p", linked)
    with pytest.raises(BadInput, match=r"no readable manifest\.json"):
        datasets.register(site.desk, None, "p", tmp_path)


def test_a_version_is_immutable(site: Site, tmp_path: Path) -> None:
    datasets.register(site.desk, None, "p", version_folder(tmp_path / "a"))
    with pytest.raises(Conflict, match="new version"):
        datasets.register(site.desk, None, "p", version_folder(tmp_path / "b", data=b"other"))


def test_verify_finds_data_that_changed_behind_their_manifest(site: Site, folder: Path) -> None:
    from output_checker.desk.verify import verify

    assert verify(site.desk.state_dir).ok
    (folder / "data.parquet").write_bytes(b"PARQUET")
    assert "people 1: data.parquet does not hash" in verify(site.desk.state_dir).to_text()


@pytest.mark.parametrize("slug", ["", "A", "a b", "-a", "a-", "a--b", "ä", "../x", "x" * 64])
def test_a_project_needs_a_name_that_can_be_one(site: Site, slug: str) -> None:
    with pytest.raises(BadInput):
        projects.create(site.desk, None, slug, "Title")


def test_a_taken_name_an_unknown_project_and_an_unknown_state_are_said(site: Site) -> None:
    with pytest.raises(Conflict, match="already"):
        projects.create(site.desk, None, "visits", "Again")
    with pytest.raises(NotFound):
        projects.set_state(site.desk, None, "nowhere", "active")
    with pytest.raises(BadInput):
        projects.set_state(site.desk, None, "visits", "asleep")
    with pytest.raises(NotFound):
        projects.grant_dataset(site.desk, None, "visits", "nothing", "1")
    with pytest.raises(BadInput, match="title"):
        projects.create(site.desk, None, "untitled", " ")


def test_only_an_administrator_changes_projects_people_and_data(site: Site, tmp_path: Path) -> None:
    made = version_folder(tmp_path)
    before = queue.audit(site.desk, site["admin"])
    for who in ("researcher", "checker1", "colleague"):
        by = site[who]
        for attempt in (
            lambda by=by: projects.create(site.desk, by, "mine", "Mine"),
            lambda by=by: projects.set_state(site.desk, by, "visits", "closed"),
            lambda by=by: projects.set_policy(site.desk, by, "visits", Policy(approvals=1)),
            lambda by=by: projects.set_boundary(site.desk, by, "visits", {"window.per_day": 10**10}),
            lambda by=by: projects.add_member(site.desk, by, "other", by.hub_name),
            lambda by=by: projects.end_membership(site.desk, by, "visits", by.hub_name),
            lambda by=by: projects.grant_dataset(site.desk, by, "visits", "people", "1"),
            lambda by=by: people.give_role(site.desk, by, by.hub_name, SiteRole.ADMIN),
            lambda by=by: people.take_role(site.desk, by, "admin", SiteRole.ADMIN),
            lambda by=by: people.declare_conflict(site.desk, by, "checker3", "visits", "I say so"),
            lambda by=by: datasets.register(site.desk, by, "p", made),
            lambda by=by: queue.all_projects(site.desk, by),
        ):
            with pytest.raises(NotAllowed):
                attempt()
    assert queue.audit(site.desk, site["admin"]) == before


def test_a_role_that_was_taken_counts_no_more_even_for_who_still_holds_an_old_page(site: Site) -> None:
    old = site["admin"]
    people.take_role(site.desk, None, "admin", SiteRole.ADMIN)
    with pytest.raises(NotAllowed):
        projects.create(site.desk, old, "late", "Late")
    assert people.find(site.desk, "admin") is not None
    assert people.recognise(site.desk, "admin").roles == frozenset()


def test_the_hub_name_is_a_label_and_the_key_stays(site: Site) -> None:
    assert people.recognise(site.desk, "researcher").id == site["researcher"].id
    assert people.find(site.desk, "never seen") is None
    for name in ("", "  ", "a\x00b", "x" * 256):
        with pytest.raises(BadInput):
            people.recognise(site.desk, name)


def test_doing_it_again_writes_nothing(site: Site, folder: Path) -> None:
    before = queue.audit(site.desk, site["admin"]).size
    projects.add_member(site.desk, None, "visits", "researcher")
    projects.grant_dataset(site.desk, None, "visits", "people", "1")
    projects.set_policy(site.desk, None, "visits", Policy())
    projects.set_state(site.desk, None, "visits", "active")
    people.give_role(site.desk, None, "checker1", SiteRole.CHECKER)
    datasets.register(site.desk, None, "people", folder)
    assert queue.audit(site.desk, site["admin"]).size == before


def test_somebody_sees_their_own_projects_and_an_administrator_all(site: Site) -> None:
    assert [p.slug for p in queue.my_projects(site.desk, site["researcher"])] == ["visits"]
    assert [p.slug for p in queue.my_projects(site.desk, site["stranger"])] == ["other"]
    assert queue.my_projects(site.desk, site["checker1"]) == ()
    mine = queue.my_projects(site.desk, site["researcher"])[0]
    assert (mine.role, mine.members, mine.may_start) == ("researcher", ("colleague", "researcher"), True)
    assert [p.slug for p in queue.all_projects(site.desk, site["admin"])] == ["other", "visits"]
