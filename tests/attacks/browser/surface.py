"""Every route of the applications that answer a browser, asked of the applications themselves.

The workspace server is built in its real outer sandbox with its real configuration, the hub with the one file that it
loads in production; both are put together completely, list their rules, and end before they serve anything.
"""

import json
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from output_checker import sandbox
from tests.halftide_workspace.servers import ANALYSIS, PREFIX, _environment, free_port, hub
from tests.system.running import environment

CHECKOUT = Path(__file__).resolve().parents[3]
MARK = "ROUTES "

LISTING = """
import json
from tornado.routing import RuleRouter
from tornado.web import RequestHandler

def walk(router):
    for rule in router.rules:
        if isinstance(rule.target, RuleRouter):
            yield from walk(rule.target)
        elif hasattr(rule.matcher, "regex"):
            yield rule.matcher.regex.pattern, rule.target

def tell(routes):
    def methods(handler):
        none = RequestHandler._unimplemented_method
        return [name for name in handler.SUPPORTED_METHODS if getattr(handler, name.lower()) is not none]
    print("ROUTES " + json.dumps([[pattern, handler.__name__, methods(handler)] for pattern, handler in routes]))
"""

WORKSPACE = """
import os, sys
from halftide_workspace.launch import CONFIG, prepare
from halftide_workspace.settings import settings_from
clean = prepare(settings_from(os.environ), os.environ)
os.environ.clear()
os.environ.update(clean)
sys.argv[1:] = []
from halftide_workspace.app import HalftideWorkspace
tell(walk(HalftideWorkspace.initialize_server([f"--config={CONFIG}"]).web_app.default_router))
"""

HUB = """
import asyncio, os, sys
from jupyterhub.app import JupyterHub

async def main():
    app = JupyterHub()
    await app.initialize(["-f", sys.argv[1]])
    tell(walk(app.tornado_application.default_router))
    sys.stdout.flush()
    os._exit(0)  # what it began to listen to ends with it

asyncio.run(main())
"""


@dataclass(frozen=True)
class Route:
    """One rule of an application: the pattern below its base address, and the methods that its handler knows."""

    pattern: str
    handler: str
    methods: frozenset[str]


def workspace_routes(folder: Path, **boundary: str) -> list[Route]:
    """The rules of a workspace server, in their order, without the gate that stands before them. ``boundary`` is what
    its project sets."""
    files, private = folder / "workspace", folder / "server"
    for place in (files, private):
        place.mkdir(parents=True)
    command = [sys.executable, "-c", LISTING + WORKSPACE]
    paths = sandbox.WorkspacePaths(files, private, ANALYSIS)
    with hub() as api:
        told = _environment(api, free_port()) | {"HALFTIDE_BOUNDARY": json.dumps(boundary)}
        run = subprocess.run(
            sandbox.workspace_server(paths, [], command), env=told, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
    return _read(run, PREFIX)


def hub_routes(folder: Path) -> list[Route]:
    """The rules of the hub, in their order."""
    (folder / "state" / "hub").mkdir(parents=True)
    told = environment(folder / "state", HALFTIDE_HUB_GATE_TOKEN=secrets.token_hex(32))
    command = [sys.executable, "-P", "-c", LISTING + HUB, str(CHECKOUT / "hub_config" / "jupyterhub_config.py")]
    run = subprocess.run(
        command, env=told, cwd=folder / "state" / "hub", capture_output=True, text=True, timeout=120, check=False
    )
    return _read(run, "/hub/")


def _read(run: "subprocess.CompletedProcess[str]", base: str) -> list[Route]:
    told = [line for line in run.stdout.splitlines() if line.startswith(MARK)]
    assert told, run.stderr[-4000:]
    return [
        Route(pattern.removesuffix("$").replace(base, "/", 1), handler, frozenset(methods))
        for pattern, handler, methods in json.loads(told[0].removeprefix(MARK))
    ]
