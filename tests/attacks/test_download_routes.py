"""From the browser's side: every route by which a stock Jupyter hands out a file, with a session that is allowed in.

The control of each is the same request to a stock JupyterLab over the same files, which answers with the secret.
"""

import base64
import http.client
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.system.conftest import halftide
from tests.system.running import Halftide, Visitor, free_ports

__all__ = ["halftide"]
pytestmark = [pytest.mark.attack, pytest.mark.system]

SECRET = "SECRET-record-4711"
CSV = f"name,value\n{SECRET},1\n"
NOTEBOOK = json.dumps(
    {
        "cells": [{"cell_type": "raw", "id": "a1", "metadata": {}, "source": SECRET}],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)
ROUTES = [
    "files/secret.csv",
    "files/secret.csv?download=1",
    "files/notes/..%2fsecret.csv",
    "view/secret.html",
    "nbconvert/html/secret.ipynb",
    "nbconvert/html/secret.ipynb?download=true",
    "nbconvert/script/secret.ipynb",
    "nbconvert/notebook/secret.ipynb",
    "api/contents/secret.bin?format=base64&content=1",
    "api/contents/link.csv?content=1",
    "kernelspecs/planted/secret.csv",
    "lab/extensions/planted/secret.csv",
    "api/config/planted",
    "lab/api/licenses/?full_text=1",
    "metrics",
    "api/spec.yaml",
]
NO_FILE = {
    "files/notes/..%2fsecret.csv",
    "view/secret.html",
    "lab/api/licenses/?full_text=1",
    "metrics",
    "api/spec.yaml",
}
"""Routes that give something else than a file's content in a stock server: that they are refused is enough."""
BINARY = base64.b64encode(b"\x00\xff" + CSV.encode())


@dataclass(frozen=True)
class Stock:
    """A JupyterLab as it comes."""

    url: str

    def ask(self, route: str) -> str:
        """The body of the answer, whatever its status."""
        try:
            with urllib.request.urlopen(self.url + route, timeout=30) as answer:  # noqa: S310 - loopback
                return str(answer.read().decode(errors="replace"))
        except urllib.error.HTTPError as error:
            with error:
                return ""


def plant(home: Path) -> None:
    """What a kernel can write beneath its home, and a stock server gives out."""
    data, config = home / ".local/share/jupyter", home / ".jupyter"
    spec = {"argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "x"}
    for folder in (data / "kernels/planted", data / "labextensions/planted", config / "serverconfig"):
        folder.mkdir(parents=True)
        (folder / "secret.csv").write_text(CSV)
    (data / "kernels/planted/kernel.json").write_text(json.dumps(spec | {"language": "python"}))
    (config / "serverconfig/planted.json").write_text(json.dumps({"x": SECRET}))


def fill(folder: Path) -> None:
    """The researcher's files: every one holds the secret."""
    folder.mkdir(exist_ok=True)
    (folder / "notes").mkdir()
    for name, text in {"secret.csv": CSV, "secret.html": f"<p>{SECRET}</p>", "secret.ipynb": NOTEBOOK}.items():
        (folder / name).write_text(text)
    (folder / "secret.bin").write_bytes(base64.b64decode(BINARY))
    (folder / "outside.csv").write_text(CSV)
    (folder / "link.csv").symlink_to(folder / "outside.csv")


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    """A stock JupyterLab over the same files, without a password, on this machine only."""
    home = tmp_path_factory.mktemp("stock")
    plant(home)
    fill(home / "work")
    (port,) = free_ports(1)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "HALFTIDE"))}
    command = [sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser", f"--port={port}"]
    command += ["--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={home / 'work'}"]
    command += ["--ServerApp.disable_check_xsrf=True"]
    server = subprocess.Popen(
        command, env=clean | {"HOME": str(home)}, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        yield Stock(f"http://127.0.0.1:{port}/")
    finally:
        server.terminate()
        server.wait(20)


def wait_for(port: int) -> None:
    """Until something answers on this port."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/api")
            connection.getresponse()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise AssertionError("the stock JupyterLab does not answer")


@pytest.fixture(scope="module")
def insider(halftide: Halftide) -> Visitor:
    """The researcher with a session in a workspace whose files hold the secret."""
    visitor = halftide.visitor("researcher")
    answer = visitor.start_workspace("researcher", "rand-hie")
    assert "/user/researcher/rand-hie/" in answer.url, answer.text[-500:]
    (workspace,) = halftide.state.glob("projects/*/*/workspace")
    shutil.rmtree(workspace / "results", ignore_errors=True)
    fill(workspace)
    plant(workspace)
    return visitor


@pytest.mark.parametrize("route", ROUTES)
def test_no_route_gives_a_file(route: str, halftide: Halftide, insider: Visitor, stock: Stock) -> None:
    answer = insider.ask(halftide.workspace("researcher", "rand-hie") + route)
    assert SECRET not in answer.text
    assert answer.status in {400, 403, 404}
    if route in NO_FILE:
        return
    told = stock.ask(route)
    assert SECRET in told or BINARY.decode() in told, "the control: a stock server gives it out"


def test_the_refusal_says_how_to_get_it_out(halftide: Halftide, insider: Visitor) -> None:
    answer = insider.ask(halftide.workspace("researcher", "rand-hie") + "files/secret.csv")
    assert answer.status == 403
    assert "release" in answer.text.lower()


def test_the_workspace_itself_works(halftide: Halftide, insider: Visitor) -> None:
    """The control of the refusals: with the same session, what a notebook needs is there."""
    space = halftide.workspace("researcher", "rand-hie")
    assert insider.ask(space + "lab").status == 200
    assert SECRET in insider.ask(space + "api/contents/secret.csv?content=1").text


def test_somebody_elses_workspace_is_refused(halftide: Halftide, insider: Visitor) -> None:
    stranger = halftide.visitor("checker1")
    address = halftide.workspace("researcher", "rand-hie") + "api/contents"
    assert insider.ask(address).status == 200, "the control: its owner may"
    answer = stranger.ask(address)
    assert "secret.csv" not in answer.text
    assert answer.status in {403, 404}
