"""Who may use which route: a row for every route of the application, tried as every kind of person."""

import re

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from web_world import ORIGIN, PREFIX, World

from output_checker.desk import queue
from output_checker.web.security import HEADERS

PEOPLE = ("", "stranger", "researcher", "other", "checker1", "admin", "auditor")
"""Nobody; known to the hub only; author; member of another project; checker; administrator; auditor."""

LOGIN, NO, OK, GONE, BAD, AWAY = 302, 403, 200, 404, 400, 303

# every route and its answer to each of PEOPLE, for a waiting request of researcher's. A form of a person who may do it
# is sent without its fields, so that BAD (400) or a conflict (409) shows that the person got past the gate.
MATRIX: dict[tuple[str, str], tuple[int, ...]] = {
    ("GET", "health"): (OK, OK, OK, OK, OK, OK, OK),
    ("GET", "oauth_callback"): (BAD, BAD, BAD, BAD, BAD, BAD, BAD),
    ("POST", "logout"): (NO, NO, OK, OK, OK, OK, OK),
    ("GET", ""): (LOGIN, NO, OK, OK, AWAY, AWAY, AWAY),
    ("GET", "queue"): (LOGIN, NO, NO, NO, OK, OK, NO),
    ("GET", "projects"): (LOGIN, NO, NO, NO, NO, OK, NO),
    ("GET", "projects/{slug}"): (LOGIN, NO, OK, GONE, GONE, OK, GONE),
    ("POST", "projects/{slug}/members"): (NO, NO, NO, NO, NO, BAD, NO),
    ("POST", "projects/{slug}/members/end"): (NO, NO, NO, NO, NO, GONE, NO),
    ("POST", "projects/{slug}/state"): (NO, NO, NO, NO, NO, BAD, NO),
    ("POST", "projects/{slug}/datasets"): (NO, NO, NO, NO, NO, BAD, NO),
    ("POST", "projects/{slug}/policy"): (NO, NO, NO, NO, NO, BAD, NO),
    ("POST", "projects/{slug}/boundary"): (NO, NO, NO, NO, NO, BAD, NO),
    ("POST", "projects/{slug}/proof"): (NO, NO, NO, NO, NO, AWAY, NO),
    ("POST", "projects/{slug}/proof/answer"): (NO, NO, NO, NO, NO, BAD, NO),
    ("GET", "packages"): (LOGIN, NO, NO, NO, NO, OK, NO),
    ("POST", "packages"): (NO, NO, NO, NO, NO, BAD, NO),
    ("POST", "packages/mirrors"): (NO, NO, NO, NO, NO, AWAY, NO),
    ("POST", "packages/{package_id}/approve"): (NO, NO, NO, NO, NO, GONE, NO),
    ("POST", "packages/{package_id}/refuse"): (NO, NO, NO, NO, NO, BAD, NO),
    ("POST", "packages/{package_id}/end"): (NO, NO, NO, NO, NO, BAD, NO),
    ("GET", "projects/{slug}/packages"): (LOGIN, NO, OK, NO, NO, OK, NO),
    ("POST", "projects/{slug}/packages"): (NO, NO, BAD, BAD, BAD, BAD, BAD),
    ("GET", "people"): (LOGIN, NO, NO, NO, NO, OK, NO),
    ("POST", "people/roles"): (NO, NO, NO, NO, NO, BAD, NO),
    ("GET", "audit"): (LOGIN, NO, NO, NO, OK, OK, OK),
    ("GET", "audit.csv"): (LOGIN, NO, NO, NO, OK, OK, OK),
    ("GET", "audit.json"): (LOGIN, NO, NO, NO, OK, OK, OK),
    ("GET", "requests/{request_id}"): (LOGIN, NO, OK, GONE, OK, OK, OK),
    ("GET", "requests/{request_id}/progress"): (LOGIN, NO, OK, GONE, OK, OK, OK),
    ("GET", "requests/{request_id}/outputs/{output_id}"): (LOGIN, NO, OK, GONE, OK, OK, OK),
    ("GET", "requests/{request_id}/outputs/{output_id}/images/{index}"): (LOGIN, NO, GONE, GONE, OK, OK, OK),
    ("GET", "requests/{request_id}/files.zip"): (LOGIN, NO, 409, GONE, 409, 409, GONE),
    ("GET", "requests/{request_id}/files/{output_id}"): (LOGIN, NO, 409, GONE, 409, 409, GONE),
    ("POST", "requests/{request_id}/votes"): (NO, NO, BAD, GONE, BAD, BAD, BAD),
    ("POST", "requests/{request_id}/start"): (NO, NO, NO, GONE, AWAY, NO, GONE),
    ("POST", "requests/{request_id}/return"): (NO, NO, BAD, GONE, BAD, BAD, BAD),
    ("POST", "requests/{request_id}/reject"): (NO, NO, BAD, GONE, BAD, BAD, BAD),
    ("POST", "requests/{request_id}/comment"): (NO, NO, BAD, GONE, BAD, NO, GONE),
    ("POST", "requests/{request_id}/corrections"): (NO, NO, GONE, GONE, GONE, GONE, GONE),
    ("POST", "requests/{request_id}/corrections/{correction_id}/refuse"): (NO, NO, GONE, GONE, GONE, GONE, GONE),
    ("POST", "requests/{request_id}/withdraw"): (NO, NO, AWAY, GONE, NO, NO, GONE),
    ("POST", "requests/{request_id}/check-again"): (NO, NO, NO, GONE, AWAY, NO, GONE),
}
API = {
    ("GET", "api/v1/workspaces"),
    ("GET", "api/v1/workspaces/{hub_name}/{project_slug}"),
    ("GET", "api/v1/policy"),
    ("POST", "api/v1/shown/{day}/{session}/{count}"),
    ("GET", "api/v1/packages"),
    ("POST", "api/v1/packages"),
    ("GET", "api/v1/packages/files/{path:path}"),
    ("GET", "api/v1/requests"),
    ("POST", "api/v1/requests"),
    ("GET", "api/v1/requests/{request_id}"),
    ("POST", "api/v1/requests/{request_id}/withdraw"),
}


def _routes(app: FastAPI) -> set[tuple[str, str]]:
    found = set()
    for route in iter_route_contexts(app.routes):
        path = (route.path or "").removeprefix(PREFIX)
        methods = route.methods or {"mounted"}
        found |= {(method, path) for method in methods - {"HEAD"}}
    return found


def _app(world: World) -> FastAPI:
    return world.client.app._app  # type: ignore[attr-defined,no-any-return]


def test_every_route_has_a_row(world: World) -> None:
    assert _routes(_app(world)) == set(MATRIX) | API | {("mounted", "static")}


@pytest.mark.parametrize(("method", "route"), sorted(MATRIX))
def test_each_route_answers_each_person_as_the_matrix_says(world: World, method: str, route: str) -> None:
    answers = []
    for name in PEOPLE:
        request_id = world.submit({"figures/visits.png": b"png"})
        output = queue.request_page(world.desk, world.person("checker1"), request_id).outputs()[0].id
        path = re.sub(r"\{(\w+)\}", lambda m: _VALUES.get(m[1], ""), route)
        path = path.replace("REQUEST", request_id).replace("OUTPUT", output)
        answer = world.get(path, name) if method == "GET" else world.post(path, name)
        answers.append(answer.status_code)
        for header in HEADERS:
            assert header in answer.headers, (name, header)
    assert tuple(answers) == MATRIX[method, route]


_PARTS = {"path": "python/simple/", "day": "2026-01-01", "session": "s", "count": "1"}
_VALUES = {
    "package_id": "none",
    "correction_id": "none",
    "slug": "rand-hie",
    "request_id": "REQUEST",
    "output_id": "OUTPUT",
    "index": "0",
}


@pytest.mark.parametrize(("method", "route"), sorted(API))
@pytest.mark.parametrize("token", ["", "browser-researcher", "browser-admin", "other-service", "unknown"])
def test_the_api_refuses_tokens_that_are_not_for_it(world: World, method: str, route: str, token: str) -> None:
    request_id = world.submit({"a.csv": b"a,b\n1000,2000\n"})
    path = route.replace(":path}", "}")
    path = path.format(hub_name="researcher", project_slug="rand-hie", request_id=request_id, **_PARTS)
    headers = {"Authorization": f"token {token}"} if token else {}
    answer = world.client.request(method, PREFIX + path, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["error"]["kind"] == "not_allowed"


def test_a_session_cookie_is_no_key_to_the_api(world: World) -> None:
    world.hub.tokens["browser-researcher"]["scopes"].append("custom:halftide:submit!server=researcher/rand-hie")
    assert world.get("api/v1/requests", "researcher").status_code == 403
    headers = {"Authorization": "token browser-researcher"}
    assert world.client.get(f"{PREFIX}api/v1/requests", headers=headers).status_code == 200  # the control


def test_every_page_allows_nothing_but_what_it_asks_for(world: World) -> None:
    request_id = world.submit({"figures/visits.png": b"png"})
    output = queue.request_page(world.desk, world.person("checker1"), request_id).outputs()[0].id
    page = world.get(f"requests/{request_id}", "checker1").headers["content-security-policy"]
    assert page.startswith("default-src 'none'")
    assert "unsafe" not in page
    assert "frame-ancestors 'none'" in page
    image = world.get(f"requests/{request_id}/outputs/{output}/images/0", "checker1")
    assert image.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert image.headers["content-type"] == "image/png"


def test_pages_use_nothing_from_elsewhere_and_no_inline_script_or_style(world: World) -> None:
    request_id = world.submit({"a.csv": b"a,b\n3,2000\n", "b.png": b"png"})
    for path, name in (("", "researcher"), (f"requests/{request_id}", "checker1"), ("audit", "admin"), ("x", "")):
        text = world.get(path, name).text
        assert not re.search(r'(src|href)="(https?:)?//(?!localhost:8000/hub/)', text), path
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text), path


def test_unknown_addresses_methods_and_failures_have_our_look_and_tell_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.get("nowhere").status_code == 404
    assert world.client.put(PREFIX + "queue").status_code == 405

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(queue, "my_projects", fail)
    answer = world.get("", "researcher")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert re.search(r"[0-9a-f]{12}", answer.text)
    assert "Halftide failed" in answer.text


def test_static_files_are_ours_and_nothing_above_them(world: World) -> None:
    assert world.get("static/halftide.css").status_code == 200
    assert world.get("static/..%2fapp.py").status_code == 404
    assert world.get("static/%2e%2e/app.py").status_code == 404


def test_the_form_of_another_origin_is_refused(world: World) -> None:
    request_id = world.submit({"a.csv": b"a,b\n1000,2000\n"})
    path = f"requests/{request_id}/withdraw"
    hub, elsewhere = "http://localhost:8000", "https://example.org"
    assert world.post(path, "researcher", Origin=hub).status_code == 403
    assert world.post(path, "researcher", Origin=elsewhere).status_code == 403
    assert world.post(path, "researcher", Origin="null").status_code == 403
    assert world.post(path, "researcher", **{"Sec-Fetch-Site": "same-site"}).status_code == 403
    assert world.post(path, "researcher", **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert world.post(path, "researcher", {"csrf": ""}).status_code == 403
    assert world.post(path, "researcher", {"csrf": "0" * 64}).status_code == 403
    bare = {"Cookie": "halftide=browser-researcher"}
    assert world.client.post(PREFIX + path, data={"csrf": "x"}, headers=bare).status_code == 403
    assert world.post(path, "researcher", Origin=ORIGIN).status_code == 303  # the control
