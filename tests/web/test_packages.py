"""The pages and the API about packages."""

from pathlib import Path
from typing import Any

import pytest
from web_world import PREFIX, World

from output_checker.desk import packages
from output_checker.desk.packages import Question
from output_checker.model import BadInput
from output_checker.web.settings import Settings

BASE = f"{PREFIX}api/v1/packages"
MINE = {"Authorization": "token server-researcher-rand-hie"}


def ask(world: World, name: str = "tidal", **more: str) -> Any:
    return world.client.post(BASE, json={"kind": "python", "name": name, **more}, headers=MINE)


def test_a_workspace_asks_and_follows_what_becomes_of_it(world: World) -> None:
    asked = ask(world, "Tidal", versions=">=1")
    assert asked.status_code == 201
    told = world.client.get(BASE, headers=MINE).json()
    assert told["mirrors"] == []
    assert told["page"].endswith("/services/output-checker/projects/rand-hie/packages")
    assert [(one["name"], one["versions"], one["state"]) for one in told["packages"]] == [("tidal", ">=1", "asked")]
    assert world.client.get(BASE, headers={"Authorization": "token server-other-grunfeld"}).json()["packages"] == []
    assert world.client.get(BASE, headers={"Authorization": "token server-stranger-rand-hie"}).status_code == 403
    assert world.client.get(BASE, headers={"Authorization": "token gate"}).status_code == 403
    assert world.client.get(BASE).status_code == 403


def test_bad_questions_are_told_apart(world: World) -> None:
    assert ask(world, "a b").json()["error"]["kind"] == "bad_input"
    assert ask(world, versions="latest").status_code == 400
    assert world.client.post(BASE, content=b"x" * 10_000, headers=MINE).status_code == 413
    for body in (b"", b"[]", b'{"kind": 1}'):
        assert world.client.post(BASE, content=body, headers=MINE).status_code == 400


def test_without_a_mirror_a_file_is_refused_with_the_reason(world: World) -> None:
    answer = world.client.get(f"{BASE}/files/python/simple/tidal/", headers=MINE)
    assert answer.status_code == 403
    assert "no mirror" in answer.json()["error"]["message"]
    assert world.client.get(f"{BASE}/files/python/simple/?a=1", headers=MINE).status_code == 404


def test_an_administrator_answers_a_question(world: World) -> None:
    key = ask(world, reason="<script>alert(1)</script>").json()["id"]
    page = world.get("packages", "admin").text
    assert "tidal" in page
    assert "<script>alert" not in page
    assert "This site has no mirror" in page
    allowed = world.post(f"packages/{key}/approve", "admin", {"versions": "<2"})
    assert allowed.headers["location"].endswith("packages?done=allowed")
    assert "&lt;2" in world.get("packages", "admin").text
    assert world.post(f"packages/{key}/end", "admin", {"reason": ""}).status_code == 400
    assert world.post(f"packages/{key}/end", "admin", {"reason": "old"}).status_code == 303
    assert "old" in world.get("projects/rand-hie/packages", "researcher").text


def test_an_administrator_adds_several_at_once(world: World) -> None:
    form = {"kind": "python", "project": "rand-hie", "names": "tidal >=1,<2\r\n\r\nEbb==3.*\r\n", "reason": "needed"}
    assert world.post("packages", "admin", form).status_code == 303
    lines = packages.package_list(world.desk, "rand-hie").lines
    assert sorted((line.name, line.versions) for line in lines) == [("ebb", "==3.*"), ("tidal", "<2,>=1")]
    assert world.post("packages", "admin", {**form, "names": ""}).status_code == 400
    assert world.post("packages", "admin", {**form, "names": "ok\nnot ok at all"}).status_code == 400
    assert world.post("packages", "admin", {**form, "names": "fine\n-no-"}).status_code == 400
    assert len(packages.package_list(world.desk, "rand-hie").lines) == 2, "all of them or none"
    assert world.post("packages/mirrors", "admin").status_code == 303


def test_a_member_asks_on_the_projects_page(world: World) -> None:
    page = world.get("projects/rand-hie/packages?kind=r&name=survey", "researcher").text
    assert 'value="survey"' in page
    assert '<option value="r" selected>' in page
    sent = world.post("projects/rand-hie/packages", "researcher", {"kind": "r", "name": "survey"})
    assert sent.status_code == 303
    assert "waiting for an answer" in world.get("projects/rand-hie/packages", "colleague").text
    assert world.get("projects/rand-hie/packages", "other").status_code == 403
    assert world.post("projects/rand-hie/packages", "other", {"kind": "r", "name": "ab"}).status_code == 403


def test_a_list_is_the_sites_or_a_projects(world: World, tmp_path: Path) -> None:
    packages.allow(world.desk, None, Question.from_text("conda", "light"))
    assert "the whole site" in world.get("projects/grunfeld/packages", "other").text


def test_the_mirrors_are_those_of_the_settings() -> None:
    told = {
        "HALFTIDE_PORTAL_PORT": "8082",
        "JUPYTERHUB_API_URL": "http://127.0.0.1:8081/hub/api",
        "JUPYTERHUB_CLIENT_ID": "service-output-checker",
        "JUPYTERHUB_API_TOKEN": "secret",
        "HALFTIDE_PYPI_MIRROR": "file:///srv/wheels/",
        "HALFTIDE_CONDA_MIRROR": "",
    }
    assert Settings.from_environment(told).mirrors == {"python": "file:///srv/wheels"}
    with pytest.raises(BadInput):
        Settings.from_environment({**told, "HALFTIDE_CRAN_MIRROR": "https://me:secret@mirror.example.org"})
