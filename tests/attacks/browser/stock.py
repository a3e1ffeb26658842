"""A JupyterLab as it comes, over files that hold a secret: the control of what the workspace server refuses."""

import base64
import http.client
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.halftide_workspace.servers import ANALYSIS
from tests.system.running import free_ports

SECRET = "SECRET-record-4711"
CSV = f"name,value\n{SECRET},1\n"
BINARY = base64.b64encode(b"\x00\xff" + CSV.encode())
NOTEBOOK = json.dumps(
    {
        "cells": [{"cell_type": "raw", "id": "a1", "metadata": {}, "source": SECRET}],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)


@dataclass(frozen=True)
class Stock:
    """A JupyterLab as it comes, and the folder that it shows."""

    url: str
    files: Path

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


@contextmanager
def stock_lab(home: Path) -> Iterator[Stock]:
    """A stock JupyterLab in ``home``, without a password, on this machine only."""
    plant(home)
    fill(home / "work")
    kernel = home / ".local/share/jupyter/kernels/analysis/kernel.json"
    kernel.parent.mkdir()
    start = [str(ANALYSIS / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": start, "display_name": "Analysis", "language": "python"}))
    (port,) = free_ports(1)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "HALFTIDE"))}
    command = [sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser", f"--port={port}"]
    command += ["--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={home / 'work'}"]
    command += ["--ServerApp.disable_check_xsrf=True"]
    ours = {"HOME": str(home), "JUPYTER_PATH": str(ANALYSIS / "share" / "jupyter")}
    server = subprocess.Popen(command, env=clean | ours, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield Stock(f"http://127.0.0.1:{port}/", home / "work")
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(port: int) -> None:
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
