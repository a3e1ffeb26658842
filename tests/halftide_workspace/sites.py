"""A workspace server in its sandbox beside a real portal over HTTP, and the site's mirror of packages outside.

The portal's hub is a table of tokens, as in the web's tests; everything between a kernel and the mirror is real.
"""

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from output_checker.desk import people, projects
from output_checker.desk.context import Desk, open_desk, prepare_state
from output_checker.desk.packages import Question, allow
from output_checker.desk.views import Person, SiteRole
from output_checker.web.app import SafeAnswers, create_app
from output_checker.web.settings import Settings
from tests.halftide_workspace.servers import SERVER_TOKEN, Workspace, free_port, workspace
from tests.mirror.outside import Mirror, mirror

ACCESS = "access:services!service=output-checker"


class _Hub:
    """Knows the token of the workspace of ada in the project tides."""

    async def user_of(self, token: str, session: str) -> Mapping[str, Any] | None:
        if token != SERVER_TOKEN:
            return None
        return {"kind": "user", "name": "ada", "scopes": [ACCESS, "custom:halftide:submit!server=ada/tides"]}

    async def token_for(self, code: str, verifier: str) -> str:
        raise NotImplementedError


@dataclass
class PackageSite:
    """All of it."""

    mirror: Mirror
    desk: Desk
    workspace: Workspace
    portal: str

    @property
    def ada(self) -> Person:
        """The researcher."""
        found = people.find(self.desk, "ada")
        assert found is not None
        return found

    def allow(self, name: str, versions: str = "", kind: str = "python") -> None:
        """Put a package on the project's list."""
        allow(self.desk, None, Question.from_text(kind, name, versions), "tides")


@contextmanager
def package_site(folder: Path, **extra: str) -> Iterator[PackageSite]:
    """A site with one project, one member, one administrator, a mirror of each kind, and a running workspace."""
    state = folder / "state"
    prepare_state(state)
    desk = open_desk(state)
    projects.create(desk, None, "tides", "Tides")
    projects.add_member(desk, None, "tides", "ada")
    people.give_role(desk, None, "admin", SiteRole.ADMIN)
    with mirror() as outside:
        mirrors = {
            "python": f"{outside.address}/simple",
            "conda": f"{outside.address}/channel",
            "r": f"{outside.address}/cran",
        }
        with (
            portal(desk, state, mirrors) as address,
            workspace(folder, HALFTIDE_PORTAL_API=address, **extra) as space,
        ):
            yield PackageSite(outside, desk, space, address)
    desk.close()


@contextmanager
def portal(desk: Desk, state: Path, mirrors: Mapping[str, str]) -> Iterator[str]:
    """A real portal on loopback; gives the address of its API."""
    port = free_port()
    settings = Settings(
        state=state,
        port=port,
        prefix="/services/output-checker/",
        public_origin=f"http://127.0.0.1:{port}",
        hub_origin="http://localhost:8000",
        hub_prefix="/hub/",
        hub_api_url="http://127.0.0.1:1/hub/api",
        client_id="service-output-checker",
        callback_url="",
        access_scopes=frozenset({ACCESS}),
        api_token="portal-token",
        mirrors=mirrors,
    )
    app = SafeAnswers(create_app(settings, desk, _Hub()))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}/services/output-checker/api/v1"
    finally:
        server.should_exit = True
        thread.join()
