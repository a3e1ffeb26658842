"""The routes under ``halftide/`` on a real jupyter server, with a portal of a few lines behind them."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from halftide_workspace.handlers import submission_from
from output_checker.model.errors import BadInput
from output_checker.model.identifiers import digest_of
from output_checker.model.policy import Policy

CHECKOUT = Path(__file__).resolve().parents[2]
API = "/services/output-checker/api/v1"
TOKEN = "of-the-browser"
EXTENSION = """
import os
from jupyter_server.auth.authorizer import AllowAllAuthorizer
from halftide_workspace.handlers import setup_handlers
from halftide_workspace.settings import settings_from

class Listed(AllowAllAuthorizer):
    def is_authorized(self, handler, user, action, resource):
        return handler.request.headers.get("X-Refuse") != f"{action} {resource}"

def _jupyter_server_extension_points():
    return [{"module": "release_routes"}]

def _load_jupyter_server_extension(app):
    app.web_app.settings["authorizer"].__class__ = Listed
    setup_handlers(app.web_app, settings_from(os.environ), "of-the-server")
"""


@dataclass
class Portal:
    """What the portal was sent, and what it is to answer next."""

    url: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)
    next_answer: Response | None = None

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route(f"{API}/policy", self.policy),
                Route(f"{API}/requests", self.requests),
                Route(f"{API}/requests", self.submit, methods=["POST"]),
                Route(f"{API}/requests/{{id}}", self.request),
                Route(f"{API}/requests/{{id}}/withdraw", self.request, methods=["POST"]),
            ]
        )

    def answer(self, body: Any, status: int = 200) -> Response:
        prepared, self.next_answer = self.next_answer, None
        return prepared or JSONResponse(body, status)

    async def policy(self, _: Request) -> Response:
        return JSONResponse({**asdict(Policy(name="tides")), "max_request_files": 3, "max_file_bytes": 1000})

    async def requests(self, _: Request) -> Response:
        return self.answer({"requests": [{"id": "r1"}]})

    async def request(self, request: Request) -> Response:
        return self.answer({"id": request.path_params["id"], "method": request.method})

    async def submit(self, request: Request) -> Response:
        async with request.form() as form:
            files = [(upload.filename, await upload.read()) for upload in form.getlist("file")]  # type: ignore[union-attr]
            said = json.loads(str(form["request"]))
        self.sent.append({"said": said, "files": files, "token": request.headers["Authorization"]})
        outputs = [{"path": name, "sha256": digest_of(data)} for name, data in files]
        return self.answer({"id": "r2", "number": 2, "groups": [{"outputs": outputs}]}, 201)


@pytest.fixture(scope="module")
def standing_portal() -> Iterator[Portal]:
    portal = Portal()
    config = uvicorn.Config(portal.app(), port=0, log_level="error", ws="none", lifespan="off")
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    portal.url = f"http://127.0.0.1:{listener.getsockname()[1]}{API}"
    yield portal
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def portal(standing_portal: Portal) -> Portal:
    standing_portal.sent.clear()
    standing_portal.next_answer = None
    return standing_portal


@dataclass
class Server:
    url: str
    workspace: Path
    http: httpx.Client

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.http.get(path, headers=headers)

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self.http.post(path, json=body, headers=headers)


@pytest.fixture(scope="module")
def server(standing_portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("server")
    workspace = home / "workspace"
    (workspace / "results").mkdir(parents=True)
    (home / "release_routes.py").write_text(EXTENSION)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={workspace}"]
    command += ["--ServerApp.jpserver_extensions={'release_routes': True}", "--ServerApp.base_url=/user/ada/tides"]
    environment = {
        **{name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ},
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join([str(home), str(CHECKOUT), str(CHECKOUT / "extensions")]),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_NO_CONFIG": "1",
        "HALFTIDE_PRIVATE": str(home),
        "HALFTIDE_SANDBOX": json.dumps({"workspace": str(workspace)}),
        "HALFTIDE_PROJECT": "tides",
        "HALFTIDE_PROJECT_TITLE": "Tides and health",
        "HALFTIDE_PORTAL_API": standing_portal.url,
        "HALFTIDE_PORTAL_PAGE": "http://portal.test/",
    }
    log = (home / "log").open("wb")
    process = subprocess.Popen(command, env=environment, cwd=home, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}/user/ada/tides/"
    try:
        with httpx.Client(
            base_url=url, headers={"Authorization": f"token {TOKEN}"}, timeout=30, trust_env=False
        ) as http:
            _wait(http, process, home / "log")
            yield Server(url, workspace, http)
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def _wait(http: httpx.Client, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if http.get("api").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(log.read_text())


def submission(*paths: str) -> dict[str, Any]:
    group = {"name": "Group 1", "context": "Population: all", "controls": "none needed", "paths": list(paths)}
    return {"client_id": str(uuid.uuid4()), "title": "Table 1", "groups": [group], "replaces": None}


def test_the_status_names_project_portal_and_policy(server: Server, portal: Portal) -> None:
    status = server.get("halftide/status").json()
    assert (status["project"], status["title"], status["portal_url"]) == (
        "tides",
        "Tides and health",
        "http://portal.test/",
    )
    assert status["policy"]["max_request_files"] == 3
    assert status["trouble"] == ""


@pytest.mark.parametrize("path", ["status", "requests", "requests/r1"])
def test_asvs_8_nothing_is_told_to_strangers(server: Server, path: str) -> None:
    with httpx.Client(base_url=server.url, trust_env=False) as stranger:
        assert stranger.get(f"halftide/{path}").status_code in {302, 403}
        assert stranger.post("halftide/requests", json=submission("a")).status_code in {302, 403}


def test_asvs_3_a_page_elsewhere_can_not_send_with_the_persons_cookie(server: Server, portal: Portal) -> None:
    (server.workspace / "a.csv").write_text("a\n")
    with httpx.Client(base_url=server.url, trust_env=False) as browser:
        browser.get("login")
        cookie = browser.cookies.get("_xsrf") or ""
        browser.post("login", data={"password": TOKEN, "_xsrf": cookie})
        assert browser.post("halftide/requests", json=submission("a.csv")).status_code == 403
        assert portal.sent == []
        # control: the page itself knows the cookie's value and may
        own = browser.post("halftide/requests", json=submission("a.csv"), headers={"X-XSRFToken": cookie})
        assert own.status_code == 201


def test_the_authorizer_is_asked_for_each_action(server: Server, portal: Portal) -> None:
    assert server.get("halftide/requests", **{"X-Refuse": "read halftide"}).status_code == 403
    assert server.post("halftide/requests", submission("a"), **{"X-Refuse": "write halftide"}).status_code == 403
    assert server.post("halftide/preflight", {"paths": ["a"]}, **{"X-Refuse": "write halftide"}).status_code == 403
    assert server.get("halftide/requests", **{"X-Refuse": "write halftide"}).status_code == 200


def test_files_are_checked_each_in_its_own_entry(server: Server, portal: Portal) -> None:
    (server.workspace / "results" / "table.csv").write_text("plan,people\nFree,120\n25 percent,3\n95 percent,88\n")
    (server.workspace / "link.csv").symlink_to("/etc/passwd")
    answer = server.post("halftide/preflight", {"paths": ["results/table.csv", "link.csv", "gone.csv"]}).json()
    table, link, gone = answer["files"]
    assert table["verdict"] == "fail"
    assert "F01" in {finding["rule"] for finding in table["findings"]}
    assert link["refused"]
    assert "is a link" in link["problem"]
    assert "not there any more" in gone["problem"]
    assert answer["policy"] == "tides"


def test_what_the_author_says_about_a_column_is_used_ahead_and_sent(server: Server, portal: Portal) -> None:
    (server.workspace / "results" / "hours.csv").write_text("shift,n\nearly,3\nlate,4\nnight,25\n")
    said = {"path": "results/hours.csv", "part": 0, "row": None, "column": 1, "means": "year", "why": "the codebook"}
    other = {**said, "path": "other.csv"}

    plain, wrong, corrected = (
        server.post("halftide/preflight", {"paths": ["results/hours.csv"], "corrections": sent}).json()["files"][0]
        for sent in ([], [other], [said])
    )
    assert (plain["verdict"], wrong["verdict"], corrected["verdict"]) == ("fail", "fail", "review")
    assert "The author says that column 'n' holds a year" in corrected["findings"][0]["message"]

    body = {**submission("results/hours.csv"), "corrections": [{**said, "side": "checker"}]}
    assert server.post("halftide/requests", body).status_code == 201
    assert portal.sent[0]["said"]["corrections"] == [said]
    for nonsense in ({}, {**said, "means": "safe"}, {**said, "path": ""}):
        assert server.post("halftide/requests", {**body, "corrections": [nonsense]}).status_code == 400


def test_a_request_arrives_with_the_bytes_of_the_files_and_the_servers_token(server: Server, portal: Portal) -> None:
    (server.workspace / "results" / "Übersicht 100 %.csv").write_bytes(b"\xff\xfea\0\r\n--boundary\r\n")
    (server.workspace / "b.csv").write_bytes(b"x" * 1000)
    answer = server.post("halftide/requests", submission("results/Übersicht 100 %.csv", "b.csv"))
    assert (answer.status_code, answer.json()["number"]) == (201, 2)
    sent = portal.sent[0]
    assert sent["files"] == [
        ("results/Übersicht 100 %.csv", b"\xff\xfea\0\r\n--boundary\r\n"),
        ("b.csv", b"x" * 1000),
    ]
    assert sent["token"] == "token of-the-server"
    assert sent["said"]["groups"][0]["controls"] == "none needed"


def test_nothing_is_sent_when_one_file_is_refused(server: Server, portal: Portal) -> None:
    (server.workspace / "good.csv").write_text("a\n")
    (server.workspace / "big.csv").write_bytes(b"x" * 1001)
    answer = server.post("halftide/requests", submission("good.csv", "big.csv"))
    assert answer.status_code == 400
    assert "big.csv is 1001 bytes" in answer.json()["message"]
    answer = server.post("halftide/requests", submission("a", "b", "c", "d"))
    assert "up to 3 files" in answer.json()["message"]
    assert portal.sent == []


def test_the_portals_refusal_reaches_the_person(server: Server, portal: Portal) -> None:
    portal.next_answer = JSONResponse({"error": {"kind": "conflict", "message": "It was released.", "id": "x"}}, 409)
    answer = server.post("halftide/requests/r1/withdraw", {})
    assert answer.status_code == 409
    assert answer.json() == {"kind": "conflict", "message": "It was released.", "id": ""}


def test_a_silent_portal_is_said_and_told_apart(server: Server, portal: Portal) -> None:
    portal.next_answer = Response(status_code=503)
    answer = server.get("halftide/requests")
    assert (answer.status_code, answer.json()["kind"]) == (503, "silent")
    assert "nothing was lost" in answer.json()["message"]


def test_a_failure_of_our_own_has_an_id_and_no_traceback(server: Server, portal: Portal) -> None:
    (server.workspace / "good.csv").write_text("a\n")
    portal.next_answer = JSONResponse({"id": "r", "groups": [{}]}, 201)
    answer = server.post("halftide/requests", submission("good.csv"))
    assert answer.status_code == 500
    assert answer.json()["id"] in answer.json()["message"]
    assert "Traceback" not in answer.text
    assert answer.json()["id"] in (server.workspace.parent / "log").read_text()


@pytest.mark.parametrize("name", ["r1/../../policy", "r1%2Fwithdraw", "r 1", "r1;x", "%2e%2e"])
def test_an_id_can_not_lead_elsewhere_on_the_portal(server: Server, portal: Portal, name: str) -> None:
    assert server.get(f"halftide/requests/{name}").status_code == 404


def test_one_request_is_asked_for_by_its_id(server: Server, portal: Portal) -> None:
    assert server.get("halftide/requests/r1").json() == {"id": "r1", "method": "GET"}
    assert server.post("halftide/requests/r1/withdraw", {}).json() == {"id": "r1", "method": "POST"}


def changed(**change: Any) -> dict[str, Any]:
    return {**submission("a.csv"), **change}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (None, "mapping"),
        ([], "mapping"),
        (changed(client_id="me"), "UUID"),
        (changed(replaces="../1"), "UUID"),
        (changed(title=" "), "title is missing"),
        (changed(groups=[]), "at least one group"),
        (changed(groups=["a"]), "mapping"),
        (changed(groups=[{"name": "G", "context": "c", "controls": "d", "paths": []}]), "has no files"),
        (changed(groups=[{"name": "G", "context": "c", "controls": "d", "paths": [1]}]), "list of texts"),
        (changed(groups=[{"name": "G", "controls": "d", "paths": ["a"]}]), "context is missing"),
        (changed(groups=[{"name": "G", "context": "c", "paths": ["a"]}]), "disclosure control"),
        (submission("a.csv", "a.csv"), "more than once"),
        (submission("../a.csv"), "does not name a file"),
    ],
)
def test_a_body_that_is_not_a_request_is_refused_in_words(body: Any, text: str) -> None:
    with pytest.raises(BadInput, match=text):
        submission_from(body)


def test_a_fix_is_shown_and_then_written(server: Server, portal: Portal) -> None:
    (server.workspace / "results" / "mine.csv").write_text("plan,good,poor\nfree,120,3\nother,45,20\n")
    shown = server.post("halftide/fix", {"path": "results/mine.csv"})
    assert shown.status_code == 200
    assert shown.json()["tables"][0]["after"][1] == ["free", "120", "[c]"]

    written = server.post("halftide/fix/accept", {"path": "results/mine.csv", "sha256": shown.json()["sha256"]})
    assert (written.status_code, written.json()) == (201, {"path": "results/mine-safe.csv"})
    assert (server.workspace / "results" / "mine-safe.csv").read_text().splitlines()[1] == "free,120,[c]"
    stale = server.post("halftide/fix/accept", {"path": "results/mine.csv", "sha256": "0" * 64})
    assert (stale.status_code, stale.json()["kind"]) == (409, "conflict")


@pytest.mark.parametrize("route", ["fix", "fix/accept"])
def test_a_fix_that_can_not_be_had_says_why(server: Server, portal: Portal, route: str) -> None:
    (server.workspace / "results" / "note.txt").write_text("n = 3 patients\n")
    answer = server.post(f"halftide/{route}", {"path": "results/note.txt", "sha256": "0" * 64})
    assert (answer.status_code, answer.json()["kind"]) == (404, "not_found")
    assert "can't mend" in answer.json()["message"]
    assert server.post(f"halftide/{route}", {}).status_code == 400
