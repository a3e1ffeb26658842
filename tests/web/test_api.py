"""The JSON API as a workspace's server and the hub's gate use it."""

import json
from typing import Any
from uuid import uuid4

from web_world import PREFIX, World

GOOD = b"plan,visits\nfree,1000\nco-pay,2000\n"
BASE = f"{PREFIX}api/v1/"


def _send(world: World, token: str, files: dict[str, bytes], **changes: Any) -> Any:
    wish = {
        "client_id": str(uuid4()),
        "title": "Visits",
        "groups": [{"name": "", "context": "All.", "controls": "None.", "paths": list(files)}],
        "replaces": None,
        **changes,
    }
    parts = [("file", (path, data, "application/octet-stream")) for path, data in files.items()]
    headers = {"Authorization": f"token {token}"}
    return world.client.post(BASE + "requests", data={"request": json.dumps(wish)}, files=parts, headers=headers)


def _get(world: World, token: str, path: str) -> Any:
    return world.client.get(BASE + path, headers={"Authorization": f"token {token}"})


def test_a_workspace_submits_and_reads_its_requests(world: World) -> None:
    same = str(uuid4())
    answer = _send(world, "server-researcher-rand-hie", {'tables/a "b".csv': GOOD, "é.csv": GOOD}, client_id=same)
    assert answer.status_code == 201, answer.text
    detail = answer.json()
    assert detail["state"] == "checking"
    assert detail["url"].startswith("http://output-checker--service.localhost:8000/services/output-checker/requests/")
    assert [o["path"] for g in detail["groups"] for o in g["outputs"]] == ['tables/a "b".csv', "é.csv"]
    again = _send(world, "server-researcher-rand-hie", {'tables/a "b".csv': GOOD, "é.csv": GOOD}, client_id=same)
    assert (again.status_code, again.json()["id"]) == (200, detail["id"])
    world.check()
    listed = _get(world, "server-researcher-rand-hie", "requests").json()["requests"]
    assert [(row["id"], row["state"]) for row in listed] == [(detail["id"], "waiting")]
    assert _get(world, "server-researcher-rand-hie", f"requests/{detail['id']}").json()["groups"]
    withdrawn = world.client.post(
        f"{BASE}requests/{detail['id']}/withdraw", headers={"Authorization": "token server-researcher-rand-hie"}
    )
    assert withdrawn.json()["state"] == "withdrawn"


def test_person_and_project_come_from_the_token_alone(world: World) -> None:
    theirs = world.submit({"a.csv": GOOD})
    assert _get(world, "server-other-grunfeld", f"requests/{theirs}").status_code == 404
    assert _get(world, "server-researcher-grunfeld", f"requests/{theirs}").status_code == 404
    assert _get(world, "server-other-grunfeld", "requests").json() == {"requests": []}
    refused = _send(world, "server-researcher-grunfeld", {"a.csv": GOOD})
    assert refused.status_code == 403, "a member of another project only"
    assert _send(world, "server-stranger-rand-hie", {"a.csv": GOOD}).status_code == 403
    lying = _send(world, "server-other-grunfeld", {"a.csv": GOOD}, person="researcher", project="rand-hie")
    assert _get(world, "server-researcher-rand-hie", "requests").json()["requests"][0]["id"] == theirs
    assert lying.status_code in {201, 400}


def test_bad_submissions_are_told_apart(world: World) -> None:
    token = "server-researcher-rand-hie"
    assert _send(world, token, {}).status_code == 400
    assert _send(world, token, {"../a.csv": GOOD}).status_code == 400
    assert _send(world, token, {"a.csv": GOOD}, title="").json()["error"]["kind"] == "bad_input"
    from output_checker.desk import projects
    from output_checker.model import Policy

    projects.set_policy(world.desk, None, "rand-hie", Policy(max_file_bytes=10, max_request_files=2))
    large = _send(world, token, {"a.csv": GOOD})
    assert large.status_code == 413
    assert large.json()["error"]["kind"] == "bad_input"
    assert _send(world, token, dict.fromkeys(("a.txt", "b.txt", "c.txt"), b"1")).status_code == 413
    assert not list((world.desk.state_dir / "portal").glob("tmp*"))


def test_the_policy_is_told(world: World) -> None:
    assert _get(world, "server-researcher-rand-hie", "policy").json()["threshold"] == 10


def test_the_gate_learns_who_may_start_what(world: World) -> None:
    not_yet = _get(world, "gate", "workspaces/researcher/rand-hie").json()
    assert (not_yet["allowed"], not_yet["proving"]) == (False, True), "the seal has to be proved first"
    world.prove()
    yes = _get(world, "gate", "workspaces/researcher/rand-hie").json()
    assert yes["allowed"] is True
    assert yes["project_title"] == "RAND Health Insurance Experiment"
    for path in ("workspaces/researcher/grunfeld", "workspaces/nobody/rand-hie", "workspaces/researcher/nothing"):
        no = _get(world, "gate", path).json()
        assert no["allowed"] is False, path
        assert no["reason"]
    every = _get(world, "gate", "workspaces").json()
    assert ("researcher", "rand-hie", True) in {(row["person"], row["project"], row["allowed"]) for row in every}


def test_a_workspace_of_one_project_knows_nothing_of_the_same_persons_other_project(world: World) -> None:
    from output_checker.desk import projects, queue
    from output_checker.rules.workflow import State

    projects.add_member(world.desk, None, "grunfeld", "researcher")
    same = str(uuid4())
    there = _send(world, "server-researcher-rand-hie", {"a.csv": GOOD}, client_id=same).json()["id"]
    assert _get(world, "server-researcher-rand-hie", f"requests/{there}").status_code == 200, "the control"
    other = "server-researcher-grunfeld"
    refused = _get(world, other, f"requests/{there}")
    assert (refused.status_code, refused.json()["error"]["kind"]) == (404, "not_found")
    headers = {"Authorization": f"token {other}"}
    assert world.client.post(f"{BASE}requests/{there}/withdraw", headers=headers).status_code == 404
    assert _send(world, other, {"a.csv": GOOD}, client_id=same).status_code == 404
    assert _send(world, other, {"a.csv": GOOD}, replaces=there).status_code == 404
    assert _get(world, other, "requests").json() == {"requests": []}
    assert queue.request_page(world.desk, world.person("researcher"), there).row.state is State.CHECKING
