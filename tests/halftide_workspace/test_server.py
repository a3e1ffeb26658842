"""The real server in its real sandbox: the page, the routes, the window, and what a researcher may have planted."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from halftide_workspace import gate
from halftide_workspace.page import Place, content_security_policy, headers
from tests.halftide_workspace.servers import (
    OWNER,
    PREFIX,
    SERVER_TOKEN,
    STRANGER,
    Kernel,
    Terminal,
    Workspace,
    workspace,
)

CLOSED = [
    *("files/mine.csv", "//files/x", "nbconvert/html/a.ipynb", "api/nbconvert", "view/mine.csv", "tree", "proxy/1/"),
    *("metrics", "api/config/x", "api/spec.yaml", "lab/api/licenses/", "lab/api/extensions", "lsp/status"),
]
MARK = "planted-by-the-researcher"


def plant(files: Path) -> None:
    """Everything that some Jupyter would run or show, in the one place that a researcher writes to."""
    code = f"open('/srv/halftide/{MARK}', 'w').close()\n"
    for name in ("jupyter_server_config.py", "jupyter_config.py", "jupyterhub_singleuser_config.py", "sitecustomize.py",
                 "usercustomize.py", "jupyterhub.py", "json.py", "halftide_workspace.py", "x.pth"):  # fmt: skip
        (files / name).write_text(code)
    for top in (files, files / ".local" / "share" / "jupyter", files / ".jupyter"):
        kernel = top / "kernels" / MARK
        kernel.mkdir(parents=True)
        (kernel / "kernel.json").write_text(json.dumps({"argv": ["x"], "display_name": MARK, "language": "x"}))
        (kernel / "logo-64x64.png").write_text(MARK)
        extension = top / "labextensions" / MARK
        extension.mkdir(parents=True)
        (extension / "package.json").write_text(json.dumps({"name": MARK, "jupyterlab": {"_build": {"load": "x"}}}))
        config = top / "labconfig"
        config.mkdir()
        (config / "page_config.json").write_text(json.dumps({"disabledExtensions": {}, MARK: True}))


@pytest.fixture(scope="module")
def space() -> Iterator[Workspace]:
    folder = Path(tempfile.mkdtemp(prefix="halftide-server-"))
    (folder / "workspace").mkdir()
    plant(folder / "workspace")
    window = {"at_once": 200_000, "burst": 100_000_000, "per_minute": 60, "per_day": 100_000_000}
    with workspace(folder, HALFTIDE_BOUNDARY=json.dumps({"window": window})) as running:
        yield running
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def kernel(space: Workspace) -> Iterator[Kernel]:
    kernel = Kernel(space)
    yield kernel
    kernel.close()


def page_config(space: Workspace) -> dict[str, object]:
    html = space.ask("lab").body.decode()
    start = html.index("{", html.index("jupyter-config-data"))
    config: dict[str, object] = json.JSONDecoder().raw_decode(html[start:])[0]
    return config


def test_the_owner_gets_a_page_without_a_token(space: Workspace) -> None:
    assert page_config(space)["token"] == ""
    html = space.ask("lab").body.decode()
    assert SERVER_TOKEN not in html


def test_only_the_owner_gets_in(space: Workspace) -> None:
    for path in ("api/me", "api/contents", "api/kernels", "halftide/status"):
        assert space.ask(path).status == 200
        assert space.ask(path, token=STRANGER).status == 403
        assert space.ask(path, token=None).status == 403


@pytest.mark.attack
@pytest.mark.parametrize("path", CLOSED)
def test_ways_out_are_closed_with_an_explanation(space: Workspace, path: str) -> None:
    (space.files / "mine.csv").write_text("a\n1\n")
    answer = space.ask(path)
    assert answer.status == 403
    assert "release" in answer.json["message"]
    page = space.ask(path, accept="text/html")
    assert page.status == 403
    assert "Request release" in page.body.decode()


ANSWERS = {
    "page": ("GET", "lab", 200),
    "file of the page": ("GET", "static/favicons/favicon.ico", 200),
    "no such file": ("GET", "static/none.js", 404),
    "file of an extension": ("GET", "lab/extensions/halftide-lab/package.json", 200),
    "data": ("GET", "api/me", 200),
    "head": ("HEAD", "static/favicons/favicon.ico", 200),
    "kernel's picture": ("GET", "kernelspecs/python3/logo-svg.svg", 404),
    "not found": ("GET", "api/contents/none", 404),
    "of ours": ("GET", "halftide/nothing", 404),
    "not on the list": ("GET", "files/x", 403),
    "method not on the list": ("OPTIONS", "api/contents", 403),
    "outside": ("GET", "//elsewhere", 403),
    "websocket without its handshake": ("GET", "api/events/subscribe", 400),
    "websocket of a kernel that is not there": ("GET", f"api/kernels/{uuid.UUID(int=0)}/channels", 404),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_kind_of_answer_carries_the_headers(space: Workspace, kind: str) -> None:
    method, path, status = ANSWERS[kind]
    answer = space.ask(path, method)
    found = {name.lower(): value for name, value in answer.headers.items()}
    wanted = headers(Place.of(space.url))
    wanted.pop("Connection-Allowlist")  # which also names where the page may lead
    policy = wanted.pop("Content-Security-Policy")  # to which jupyter_server adds more for data
    assert found["content-security-policy"].startswith(policy)
    assert {name: found.get(name.lower()) for name in wanted} == wanted
    assert found["connection-allowlist"].startswith(f'("{space.url}*" ')
    assert answer.status == status


def test_a_redirect_carries_them_too(space: Workspace) -> None:
    with closing(HTTPConnection("127.0.0.1", space.port, timeout=30)) as connection:
        connection.request("GET", PREFIX, headers={"Authorization": f"token {OWNER}"})
        answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (302, f"{PREFIX}lab?")
    assert answer.headers["Content-Security-Policy"] == content_security_policy(Place.of(space.url))


def test_who_is_not_let_in_is_told_so_with_the_headers(space: Workspace) -> None:
    for token in (None, STRANGER):
        answer = space.ask("api/contents", token=token)
        assert answer.status == 403
        assert answer.headers["Content-Security-Policy"].startswith(content_security_policy(Place.of(space.url)))


SANITIZER = "@jupyterlab/apputils-extension:sanitizer"


@pytest.mark.attack
def test_a_person_can_not_make_untrusted_output_more_powerful(space: Workspace) -> None:
    other = "@jupyterlab/apputils-extension:themes"
    wish = {"raw": '{"theme": "JupyterLab Dark"}'}
    assert space.ask(f"lab/api/settings/{other}", "PUT", wish).status == 204, "the control: a wish that is granted"
    assert space.ask(f"lab/api/settings/{other}").json["settings"] == {"theme": "JupyterLab Dark"}
    before = space.ask(f"lab/api/settings/{SANITIZER}").json
    spellings = (("/", "/"), ("/", "/./"), ("/", "//"), ("/", "/../@jupyterlab/"), (":", "%3A"), ("-", "%2D"))
    for name in (SANITIZER.replace(*spelling) for spelling in spellings):
        wish = {"raw": '{"allowCommandLinker": true, "autolink": true}'}
        assert space.ask(f"lab/api/settings/{name}", "PUT", wish).status == 403, name
    assert space.ask(f"lab/api/settings/{SANITIZER}").json == before
    schema = before["schema"]["properties"]
    assert [schema[name]["default"] for name in ("allowCommandLinker", "autolink", "allowNamedProperties")] == [
        False
    ] * 3
    assert schema["allowedSchemes"]["default"] == []


@pytest.mark.attack
def test_nothing_that_is_off_can_be_switched_on(space: Workspace) -> None:
    before = page_config(space)
    for method, path, body in (
        ("POST", "lab/api/plugins", {"cmd": "enable", "plugin_name": "@jupyterlab/docmanager-extension:download"}),
        ("POST", "lab/api/extensions", {"cmd": "enable", "extension_name": "@jupyterlab/workspaces-extension"}),
        ("POST", "lab/api/extensions?refresh=1", {"cmd": "install", "extension_name": "jupyterlab-git"}),
        ("GET", "lab/api/news", None),
        ("GET", "lab/api/update", None),
        ("POST", "lab/api/build", {}),
    ):
        assert space.ask(path, method, body).status == 403, path
    wish = {"raw": '{"fetchNews": "true", "checkForUpdates": true}'}
    space.ask("lab/api/settings/@jupyterlab/apputils-extension:notification", "PUT", wish)
    after = page_config(space)
    for name in ("disabledExtensions", "lockedExtensions", "news"):
        assert after[name] == before[name]
    assert after["news"] == {"disabled": True}
    assert set(after["disabledExtensions"]) <= set(after["lockedExtensions"])


def test_the_ways_out_of_the_page_are_off_and_locked(space: Workspace) -> None:
    config = page_config(space)
    for key in ("disabledExtensions", "lockedExtensions"):
        for plugin in ("docmanager-extension:download", "filebrowser-extension:download", "notebook-extension:export",
                       "apputils-extension:print", "extensionmanager-extension:plugin"):  # fmt: skip
            assert f"@jupyterlab/{plugin}" in config[key]


def test_the_disabled_plugins_exist() -> None:
    static = Path(sys.prefix) / "share" / "jupyter" / "lab" / "static"
    built = "".join(path.read_text(errors="replace") for path in static.glob("*.js"))
    settings = Path(gate.__file__).parent / "lab_settings" / "page_config.json"
    for name in json.loads(settings.read_text())["disabledExtensions"]:
        assert name in built, name


@pytest.mark.attack
def test_what_was_planted_is_neither_run_nor_shown(space: Workspace) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(space.files), "JUPYTER_PLATFORM_DIRS": "0"}
    listed = subprocess.run([sys.executable, "-m", "jupyter_client.kernelspecapp", "list"], env=environment,
                            capture_output=True, text=True, check=False)  # fmt: skip
    assert MARK in listed.stdout, "the control: an ordinary Jupyter with this home takes it"
    imported = subprocess.run([sys.executable, "-c", "import json; print(json.__file__)"], cwd=space.files,
                              capture_output=True, text=True, check=False)  # fmt: skip
    assert MARK in imported.stdout + imported.stderr, "the control: an ordinary Python in this folder runs it"
    assert not (space.private / MARK).exists()
    assert MARK not in space.ask("api/kernelspecs").body.decode()
    assert MARK not in space.ask("lab").body.decode()
    assert space.ask(f"lab/extensions/{MARK}/package.json").status == 404
    assert space.ask(f"kernelspecs/{MARK}/logo-64x64.png").status == 404
    assert "planted" not in space.ask("lab/api/workspaces").body.decode()


@pytest.mark.attack
def test_links_that_a_kernel_makes_do_not_lead_the_server_astray(space: Workspace, kernel: Kernel) -> None:
    targets = {"environ": "/proc/self/environ", "private": "/srv/halftide", "run": "/run/halftide", "etc": "/etc"}
    kernel.run(
        f"import os\nfor n, t in {targets!r}.items(): os.symlink(t, '/workspace/' + n)\nos.mkfifo('/workspace/pipe')"
    )
    for path in ("environ", "private/config/migrated", "run/seccomp.bpf", "etc/passwd", "pipe"):
        for query in ("", "?type=file&format=text", "?content=0&hash=1"):
            answer = space.ask(f"api/contents/{path}{query}")
            assert answer.status in {403, 404}, (path, query)
            assert SERVER_TOKEN.encode() not in answer.body
    assert (space.files / "etc" / "hostname").exists(), "the control: the link leads somewhere for who follows it"


@pytest.mark.attack
@pytest.mark.parametrize(
    "code",
    [
        "print('x' * 3_000_000)",
        "from IPython.display import display; display({'text/plain': 'x' * 3_000_000}, raw=True)",
        "from IPython.display import display; display({'image/png': 'iVBORw0KGgoA' + 'iVBO' * 1_000_000}, raw=True)",
        "raise ValueError('x' * 3_000_000)",
        "from comm import create_comm; create_comm('x', data={'d': 'x' * 3_000_000})",
        "import IPython; IPython.get_ipython().kernel.comm_manager\n'x' * 3_000_000",
    ],
    ids=["stream", "text", "image", "traceback", "comm", "result"],
)
def test_bulk_output_is_cut_with_a_note(kernel: Kernel, code: str) -> None:
    shown = kernel.run(code)
    assert len(shown) < 300_000
    assert "Halftide did not show this output" in shown
    assert "release" in shown


def test_ordinary_output_is_untouched(kernel: Kernel) -> None:
    assert "x" * 150_000 in kernel.run("print('x' * 150_000)")
    table = kernel.run("import pandas as pd; pd.DataFrame({c: range(200) for c in 'abcdef'})")
    assert "text/html" in table
    assert "ZeroDivisionError" in kernel.run("1 / 0")


def test_a_terminals_output_is_counted(space: Workspace) -> None:
    terminal = Terminal(space)
    try:
        assert "sealed" in terminal.run("hostname")
    finally:
        terminal.close()


def test_a_check_ahead_of_a_request_runs_in_a_cage_within_the_sandbox(space: Workspace) -> None:
    (space.files / "counts.csv").write_text("sex,people\nf,3\nm,20\n")
    answer = space.ask("halftide/preflight", "POST", {"paths": ["counts.csv"]})
    assert answer.status == 200, answer.body
    assert answer.json["files"][0]["kind"] == "table", answer.body


def test_a_server_that_can_not_be_sealed_does_not_start() -> None:
    folder = Path(tempfile.mkdtemp(prefix="halftide-server-"))
    try:
        wrong = {"HALFTIDE_BOUNDARY": '{"window": {"burst": 0}}'}
        with pytest.raises(RuntimeError, match="burst must be a number above 0"), workspace(folder, **wrong):
            pass
    finally:
        shutil.rmtree(folder)


def test_files_survive_the_servers_sudden_end() -> None:
    folder = Path(tempfile.mkdtemp(prefix="halftide-server-"))
    try:
        with workspace(folder) as first:
            model = {"type": "file", "format": "text", "content": "kept"}
            assert first.ask("api/contents/a.txt", "PUT", model).status == 201
            kernel = Kernel(first)
            kernel.run("open('/workspace/b.txt', 'w').write('kept')")
            kernel.close()
            first.process.kill()
        with workspace(folder) as second:
            for name in ("a.txt", "b.txt"):
                assert second.ask(f"api/contents/{name}").json["content"] == "kept"
    finally:
        shutil.rmtree(folder)
