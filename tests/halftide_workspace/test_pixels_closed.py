"""A workspace that shows nothing but pixels: every other way into it and out of it is closed.

Without a browser, as Playwright keeps an event loop running in which no kernel can be talked to.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.browser.decisions import WORKSPACE
from tests.attacks.conftest import outside
from tests.halftide_workspace.pictures import inside, pixels, root_of, wait_for
from tests.halftide_workspace.servers import STRANGER, Kernel, Terminal, Workspace, workspace

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OPEN = {"", "oauth_callback", "logout"}
"""The picture's own page, and what the hub needs."""


@pytest.fixture(scope="module")
def space() -> Iterator[Workspace]:
    folder = Path(tempfile.mkdtemp(prefix="halftide-pixels-"))
    with workspace(folder, groups=None, **pixels()) as running:
        wait_for(lambda: running.ask("pixels/state").json["state"] == "ready", "the screen")
        yield running
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def seen(space: Workspace) -> Iterator[Workspace]:
    """The workspace as the browser inside sees it."""
    with inside(space) as seen:
        yield seen


@pytest.mark.attack
@pytest.mark.parametrize("example", sorted({row.example for row in WORKSPACE} - OPEN))
def test_no_route_of_the_workspace_answers_its_person(space: Workspace, example: str) -> None:
    assert {method: space.ask(example, method).status for method in METHODS} == dict.fromkeys(METHODS, 403)


@pytest.mark.attack
def test_the_same_routes_answer_the_browser_inside(seen: Workspace) -> None:
    """The control of the closed routes."""
    for path in ("lab", "api/contents", "api/kernels", "api/sessions", "halftide/status", "lab/api/settings"):
        assert seen.ask(path).status == 200, path


@pytest.mark.attack
def test_the_picture_is_the_owners_alone(space: Workspace) -> None:
    for token in (None, STRANGER, "made-up"):
        for path in ("", "pixels/state", "pixels/screen"):
            answer = space.ask(path, token=token)
            assert answer.status in {403, 404} or b"pixels/page" not in answer.body, (token, path)
            assert b'"told"' not in answer.body


SEARCH = """
import glob, os, socket
def reached(name, family, address):
    with socket.socket(family) as peer:
        peer.settimeout(2)
        try:
            peer.connect(address)
        except OSError as error:
            return
        print('REACHED', name)
below = ROOTS or [''] + glob.glob('/proc/[0-9]*/root')
for root in below:
    for name in ('x/X7', 'screen/rfb', 'door/http'):
        reached(name, socket.AF_UNIX, root + '/run/halftide/pixels/' + name)
    reached('x/X7', socket.AF_UNIX, root + '/tmp/.X11-unix/X7')
    reached('door/http', socket.AF_UNIX, root + '/door/http')
for name in ('/tmp/.X11-unix/X7', '/door/http', '/screen/rfb'):
    reached(name, socket.AF_UNIX, chr(0) + name)
for port in (8888, 5900, 5907, 6000, 6007):
    for family, host in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
        reached(port, family, (host, port))
for name in ('/run/halftide/pixels/authority', '/etc/X11/authority'):
    if os.path.exists(name):
        print('REACHED', name)
print('LOOKED')
"""


@pytest.mark.attack
def test_code_in_a_kernel_or_terminal_reaches_no_socket_of_the_picture(space: Workspace, seen: Workspace) -> None:
    """The control is the same search with the server's own root folder, as its user on the host has it."""
    control = outside(f"ROOTS = {[str(root_of(space))]!r}\n{SEARCH}")
    assert {"x/X7", "screen/rfb", "door/http"} == {line.split()[1] for line in control.split("\n") if "REACHED" in line}
    kernel, terminal = Kernel(seen), Terminal(seen)
    (space.files / "search.py").write_text(f"ROOTS = []\n{SEARCH}")
    found = kernel.run(f"ROOTS = []\n{SEARCH}"), terminal.run("python3 search.py")
    kernel.close()
    terminal.close()
    for said in found:
        assert "LOOKED" in said
        assert "REACHED" not in said


@pytest.mark.attack
def test_the_door_is_its_users_alone_and_no_header_opens_it(space: Workspace) -> None:
    door = root_of(space) / "run/halftide/pixels/door/http"
    assert door.stat().st_mode & 0o777 == 0o600
    assert door.parent.stat().st_mode & 0o777 == 0o700
    space.more.update({"X-Forwarded-For": "unix:", "X-Real-IP": "0.0.0.0", "X-Halftide-Door": "1"})  # noqa: S104
    try:
        assert space.ask("api/contents").status == 403
    finally:
        space.more.clear()
