"""The control of what is planted: a stock Jupyter server, shell, Python, IPython and git over the same files.

It has a home and a folder of the run, a token that nobody else knows, and ends with the run.
"""

import asyncio
import json
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from output_checker.model import Broken
from output_checker.probes.model import Outcome, Verdict
from output_checker.probes.planting import PLANTS, Plant, python_mark

PATIENCE = 60.0


def plant(home: Path, seen_as: str, out: Path) -> None:
    """Leave all files of ``PLANTS`` in ``home``, which its user sees as ``seen_as``; their marks also go to ``out``."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    for each in PLANTS:
        pth = python_mark(each.probe.name).replace("{out!r}", repr(str(out)))
        for name, text in each.files.items():
            path = home / name.replace("{python}", python)
            path.parent.mkdir(parents=True, exist_ok=True)
            filled = text.replace("{pth!r}", repr(pth)).replace("{out!r}", repr(str(out)))
            path.write_text(filled.replace("{out}", str(out)).replace("{folder}", seen_as), encoding="utf-8")
        for name, target in each.links.items():
            (home / name).symlink_to(target)


def ran(folder: Path, each: Plant) -> bool:
    """Whether planted code left its mark in ``folder``."""
    return (folder / f"ran-{each.probe.name}").exists()


async def stock(folder: Path, analysis: Path) -> dict[str, Outcome]:
    """How the plants end where nothing is sealed. Raises Broken when the stock server does not start."""
    home, out = folder / "stock-home", folder / "stock-marks"
    home.mkdir()
    out.mkdir()
    plant(home, str(home), out)
    async with asyncio.TaskGroup() as group:
        server = group.create_task(_server(home))
        for command in _commands(analysis):
            group.create_task(_run(home, *command))
    shown = server.result()
    found = {}
    for each in PLANTS:
        worked = each.probe.name in shown if each.question else ran(out, each)
        found[each.probe.name] = Outcome(Verdict.SUCCEEDED if worked else Verdict.UNKNOWN, "" if worked else "no trace")
    return found


def _commands(analysis: Path) -> tuple[tuple[str, ...], ...]:
    interpreter = str(Path(getattr(sys, "_base_executable", sys.executable)))
    return (
        (interpreter, "-c", "pass"),
        (str(analysis / "bin" / "python"), "-m", "IPython", "-c", "pass"),
        ("bash", "--login", "-c", "true"),
        ("git", "status"),
    )


def _environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LANG": "C.UTF-8"}


async def _run(home: Path, *command: str) -> None:
    """Run a command to its end; what it says and whether it likes the files is of no interest, only the marks are."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=home, env=_environment(home), stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await asyncio.wait_for(process.wait(), PATIENCE)
    finally:
        if process.returncode is None:
            process.kill()


async def _server(home: Path) -> frozenset[str]:
    """The plants that a stock JupyterLab shows when it is asked."""
    with ExitStack() as stack:
        probe = stack.enter_context(socket.socket())
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    arguments = ["--allow-root", "--no-browser", f"--port={port}", f"--ServerApp.root_dir={home}"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jupyterlab", *arguments),
        cwd=home, env=_environment(home) | {"JUPYTER_TOKEN": token, "JUPYTER_PREFER_ENV_PATH": "0"},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        base = f"http://127.0.0.1:{port}/"
        await asyncio.wait_for(_until_up(base, process), PATIENCE)
        return frozenset([each.probe.name for each in PLANTS if each.question and await shows(base, token, each)])
    except TimeoutError as error:
        raise Broken("the stock server of the probes' controls did not start") from error
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _until_up(base: str, process: asyncio.subprocess.Process) -> None:
    while process.returncode is None:
        try:
            await AsyncHTTPClient().fetch(base + "api", request_timeout=5)
        except (OSError, HTTPClientError):
            await asyncio.sleep(0.1)
        else:
            return
    raise Broken("the stock server of the probes' controls ended while it started")


async def shows(base: str, token: str, each: Plant) -> bool:
    """Whether the server at ``base`` answers a plant's question with what was planted."""
    headers: Mapping[str, str] = {"Authorization": f"token {token}"}
    try:
        answer = await AsyncHTTPClient().fetch(base + each.question, headers=headers, request_timeout=20)
    except HTTPClientError as error:
        if error.code == 599:  # tornado's word for no answer at all
            raise Broken(f"a server did not answer when it was asked for {each.question}") from error
        return False
    text = answer.body.decode(errors="replace")
    return each.answer in text or each.answer in str(_content(text))


def _content(text: str) -> object:
    """A document's content, where the answer is one in JSON."""
    try:
        return json.loads(text).get("content")
    except (ValueError, AttributeError):
        return None
