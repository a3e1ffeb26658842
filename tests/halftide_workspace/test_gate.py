"""The list in front of every route, by raw path."""

import pytest

from halftide_workspace import gate

BASE = "/user/ada/tides/"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""), ("GET", "lab"), ("GET", "lab/tree/a.ipynb"), ("GET", "doc/tree/a.ipynb"),
        ("GET", "lab/workspaces/auto-x/tree/a"), ("GET", "static/lab/main.js"), ("PUT", "api/contents/a.ipynb"),
        ("GET", "api/contents/a%20b.csv"), ("POST", "api/contents/a.ipynb/checkpoints"), ("POST", "api/contents"),
        ("GET", "api/kernels/1-2-3-4-5/channels"), ("POST", "api/kernels/1-2-3-4-5/interrupt"),
        ("PUT", "lab/api/settings/@jupyterlab/apputils-extension:themes"), ("POST", "halftide/requests"),
        ("GET", "halftide/requests/abc-1"), ("GET", "terminals/websocket/1"), ("GET", "oauth_callback"),
    ],
)  # fmt: skip
def test_what_a_session_needs_is_listed(method: str, path: str) -> None:
    assert gate.is_listed(method, BASE + path, BASE)


@pytest.mark.attack
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "files/a.csv"), ("HEAD", "files/a.csv"), ("GET", "/files/a.csv"), ("GET", "%66iles/a.csv"),
        ("GET", "files%2fa.csv"), ("GET", "lab/../files/a.csv"), ("GET", "view/a.csv"), ("GET", "nbconvert/pdf/a"),
        ("POST", "nbconvert/html"), ("GET", "api/nbconvert"), ("GET", "metrics"), ("GET", "api/config/x"),
        ("GET", "api/spec.yaml"), ("GET", "api/resolvePath"), ("POST", "api/shutdown"), ("GET", "proxy/8888/"),
        ("GET", "lsp/status"), ("GET", "lab/api/licenses"), ("POST", "lab/api/extensions"), ("POST", "lab/api/plugins"),
        ("GET", "lab/api/news"), ("GET", "lab/api/build"), ("GET", "kernelspecs/python3/secret.csv"),
        ("POST", "api/contents/a.ipynb/trust"), ("PATCH", "api/me"), ("POST", "api/events"), ("GET", "tree/a"),
        ("PUT", "lab/api/settings/@jupyterlab/apputils-extension:sanitizer"), ("OPTIONS", "api/contents"),
        ("PUT", "lab/api/settings/%40jupyterlab%2Fapputils-extension%3Asanitizer"), ("DELETE", "lab"),
        ("GET", "api/collaboration/room/x"), ("GET", "custom/custom.css"), ("HEAD", "api/contents/a.csv"),
    ],
)  # fmt: skip
def test_everything_else_is_not(method: str, path: str) -> None:
    assert not gate.is_listed(method, BASE + path, BASE)


def test_another_servers_path_is_not_ours() -> None:
    assert not gate.is_listed("GET", "/user/eve/tides/lab", BASE)
    assert not gate.is_listed("GET", "/files/x", BASE)


def test_permissions_are_a_list_too() -> None:
    assert gate.is_permitted("read", "contents")
    assert not gate.is_permitted("execute", "contents")
    assert not gate.is_permitted("read", "nbconvert")
    assert not gate.is_permitted("write", "server")
