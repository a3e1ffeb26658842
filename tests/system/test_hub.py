"""The hub as people and their browsers meet it: who comes in, what starts, what is not there."""

import json
import re
import time

import pytest

from hub_config.hardening import CLOSED
from output_checker.cli import main
from tests.system.running import Halftide, Visitor

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def researcher(halftide: Halftide) -> Visitor:
    return halftide.visitor("researcher")


def test_signing_in_leads_to_the_portal(halftide: Halftide) -> None:
    answer = halftide.visitor().login("researcher", halftide.passwords["researcher"])
    assert answer.url == halftide.portal
    assert "RAND Health Insurance Experiment" in answer.main


def test_a_members_workspace_opens_jupyterlab_on_a_host_of_its_own(halftide: Halftide, researcher: Visitor) -> None:
    answer = researcher.start_workspace("researcher", "rand-hie")
    assert answer.url == halftide.workspace("researcher", "rand-hie") + "lab"
    assert "jupyter-config-data" in answer.text
    listing = researcher.ask(halftide.workspace("researcher", "rand-hie") + "api/contents").text
    assert "visits-and-health.ipynb" in listing


@pytest.mark.parametrize(
    ("name", "path", "status", "words"),
    [
        ("researcher", "/hub/spawn/researcher/grunfeld", 403, "not a member of this project"),
        ("researcher", "/hub/spawn/researcher/no-such-project", 403, ""),
        ("checker1", "/hub/spawn/checker1/rand-hie", 403, "not a member of this project"),
        ("admin", "/hub/spawn/admin/rand-hie", 403, "not a member of this project"),
        ("researcher", "/hub/spawn/checker1/rand-hie", 404, ""),
        ("admin", "/hub/spawn/researcher/rand-hie", 404, ""),
        ("researcher", "/hub/spawn", 404, "belongs to a project"),
        ("researcher", "/hub/spawn/researcher", 404, "belongs to a project"),
    ],
)
def test_what_may_not_start_does_not(halftide: Halftide, name: str, path: str, status: int, words: str) -> None:
    answer = halftide.visitor(name).ask(path)
    assert answer.status == status
    assert words in answer.main
    assert "Traceback" not in answer.text


def test_nobody_gets_into_another_persons_workspace(halftide: Halftide, researcher: Visitor) -> None:
    assert researcher.start_workspace("researcher", "rand-hie").status == 200
    for name in ("checker1", "admin"):
        answer = halftide.visitor(name).ask(halftide.workspace("researcher", "rand-hie") + "lab")
        assert answer.status in {403, 404}
        assert "jupyter-config-data" not in answer.text


def test_calls_through_the_api_meet_the_same_gate(halftide: Halftide, researcher: Visitor) -> None:
    xsrf = researcher.xsrf("/hub/change-password")
    headers = {"X_XSRFToken": xsrf, "Content_Type": "application/json"}
    refused = researcher.ask("/hub/api/users/researcher/servers/grunfeld", {}, "POST", **headers)
    assert refused.status == 403
    assert "not a member" in json.loads(refused.text)["message"]


def test_closed_pages_are_not_there(halftide: Halftide, researcher: Visitor) -> None:
    paths = [pattern.replace(".*", "x").replace(".+", "x").replace("[^/]+", "researcher") for pattern in CLOSED]
    assert {path: researcher.ask(f"/hub{path}").status for path in paths} == dict.fromkeys(paths, 404)
    assert "token" not in researcher.ask("/hub/home").main.lower()


def test_a_session_can_not_become_a_token(halftide: Halftide, researcher: Visitor) -> None:
    xsrf = researcher.xsrf("/hub/change-password")
    assert researcher.ask("/hub/api/users/researcher/tokens", {}, "POST", X_XSRFToken=xsrf).status == 404
    me = json.loads(researcher.ask("/hub/api/user", X_XSRFToken=xsrf).text)
    assert me["admin"] is False
    assert not [scope for scope in me["scopes"] if scope.startswith(("tokens", "shares", "admin", "users:shares"))]


def test_a_workspaces_token_names_its_project_and_no_other(halftide: Halftide, researcher: Visitor) -> None:
    assert researcher.start_workspace("researcher", "rand-hie").status == 200
    keeper = halftide.keeper()
    assert keeper is not None
    token = keeper.environment()["JUPYTERHUB_API_TOKEN"]
    me = json.loads(halftide.visitor().ask("/hub/api/user", Authorization=f"token {token}").text)
    submit = [scope for scope in me["scopes"] if scope.startswith("custom:")]
    assert (me["name"], submit) == ("researcher", ["custom:halftide:submit!server=researcher/rand-hie"])
    start = halftide.visitor().ask(
        "/hub/api/users/researcher/servers/grunfeld", {}, "POST", Authorization=f"token {token}"
    )
    assert start.status in {403, 404}


def test_every_page_says_what_a_browser_may_do_with_it(halftide: Halftide, researcher: Visitor) -> None:
    for path in ("/hub/login", "/hub/home", "/hub/spawn", "/hub/nothing", "/hub/api/user"):
        headers = researcher.ask(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"


def test_guessing_gets_slower_for_this_name_from_this_address(halftide: Halftide) -> None:
    visitor = halftide.visitor()
    tries = [visitor.login("nobody-known", "wrong wrong wrong") for _ in range(6)]
    assert [answer.status for answer in tries] == [403, 403, 403, 403, 403, 429]
    assert "Please wait" in tries[-1].main
    assert 0 < int(tries[-1].headers["retry-after"]) <= 2
    assert halftide.visitor().login("checker2", halftide.passwords["checker2"]).status == 200


def test_an_unknown_name_is_refused_as_a_wrong_password_is(halftide: Halftide) -> None:
    took: dict[str, float] = {}
    for name in ("checker2", "nobody-else"):
        visitor = halftide.visitor()
        xsrf = visitor.xsrf("/hub/login")
        began = time.monotonic()
        answer = visitor.ask("/hub/login", {"_xsrf": xsrf, "username": name, "password": "wrong wrong wrong"})
        took[name] = time.monotonic() - began
        assert "That name and password don't go together" in answer.main
    assert took["nobody-else"] > took["checker2"] / 3


def test_data_that_were_changed_are_not_mounted(halftide: Halftide, researcher: Visitor) -> None:
    stop = researcher.ask(
        "/hub/api/users/researcher/servers/rand-hie",
        method="DELETE",
        X_XSRFToken=researcher.xsrf("/hub/change-password"),
    )
    assert stop.status in {202, 204, 400, 404}
    data = halftide.state / "datasets" / "rand-hie" / "1" / "rand-hie.parquet"
    original = data.read_bytes()
    while halftide.keeper():
        time.sleep(0.1)
    try:
        data.write_bytes(original + b"\0")
        answer = researcher.start_workspace("researcher", "rand-hie")
        assert answer.status == 503
        assert "rand-hie.parquet has changed since it was approved" in answer.main
        assert halftide.keeper() is None
    finally:
        data.write_bytes(original)
    assert researcher.start_workspace("researcher", "rand-hie").status == 200


def test_people_change_their_own_password(halftide: Halftide) -> None:
    visitor = halftide.visitor("checker1")
    old, new = halftide.passwords["checker1"], "a tide comes twice a day"

    def change(old_password: str, new_password: str, again: str) -> str:
        form = {"old_password": old_password, "new_password": new_password, "new_password_confirmation": again}
        return visitor.ask("/hub/change-password", form | {"_xsrf": visitor.xsrf("/hub/change-password")}).main

    assert "not right" in change("wrong wrong wrong", new, new)
    assert "differ" in change(old, new, "something else")
    assert "12 to 72 characters" in change(old, "short", "short")
    assert "12 to 72 characters" in change(old, "é" * 72, "é" * 72)
    other = halftide.visitor("checker1")
    assert "is changed" in change(old, new, new)
    assert "Log in" in other.ask("/hub/home").main
    assert halftide.visitor().login("checker1", old).status == 403
    assert halftide.visitor().login("checker1", new).status == 200


@pytest.mark.long
def test_a_lease_that_ends_stops_the_running_workspace(halftide: Halftide, researcher: Visitor) -> None:
    assert researcher.start_workspace("researcher", "rand-hie").status == 200
    keeper = halftide.keeper()
    assert keeper is not None
    token = keeper.environment()["JUPYTERHUB_API_TOKEN"]
    state = ["--state", str(halftide.state)]
    assert main(["admin", *state, "end-member", "rand-hie", "researcher"]) == 0
    try:
        deadline = time.monotonic() + 75
        while keeper.is_running() and time.monotonic() < deadline:
            time.sleep(0.5)
        assert not keeper.is_running()
        assert halftide.visitor().ask("/hub/api/user", Authorization=f"token {token}").status == 403
        assert researcher.start_workspace("researcher", "rand-hie").status == 403
    finally:
        assert main(["admin", *state, "member", "rand-hie", "researcher"]) == 0


def test_an_administrator_makes_an_account_while_the_hub_runs(
    halftide: Halftide, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["admin", "--state", str(halftide.state), "account", "newcomer"]) == 0
    password = re.findall(r"the password (\S+) ", capsys.readouterr().out)[0]
    answer = halftide.visitor().login("newcomer", password)
    assert (answer.status, answer.url) == (200, halftide.portal)
