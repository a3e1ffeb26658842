"""The page's routes about packages: what may be installed, what was refused just now, and asking for one."""

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join
from tornado import web

from halftide_workspace.handlers import Desk, ReleaseHandler
from halftide_workspace.packages import Door
from output_checker.model.errors import BadInput

_TEXTS = ("kind", "name", "versions", "reason")


def setup_handlers(application: web.Application, desk: Desk, door: Door) -> None:
    """Add the routes to the server's application."""
    base = url_path_join(application.settings["base_url"], "halftide", "packages")
    known = {"desk": desk, "door": door}
    routes = [(base, PackagesHandler, known), (f"{base}/refused", RefusedHandler, known)]
    application.add_handlers(".*$", routes)


class PackageHandler(ReleaseHandler):
    """What the routes share."""

    def initialize(self, desk: Desk, door: Door) -> None:  # type: ignore[override] # one thing more
        """Take what ``setup_handlers`` was given."""
        super().initialize(desk)
        self.door = door


class PackagesHandler(PackageHandler):
    """The project's packages, and a question for one more."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List them as the portal tells them."""
        self.finish(await self.desk.portal.packages())

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Ask for one; asking again gives the same question."""
        body = self.get_json_body()
        if not isinstance(body, dict) or not all(isinstance(body.get(name, ""), str) for name in _TEXTS):
            raise BadInput("a question about a package has the texts kind, name, versions and reason")
        asked = await self.desk.portal.ask_for_package({name: body.get(name, "") for name in _TEXTS})
        self.set_status(201)
        self.finish(asked)


class RefusedHandler(PackageHandler):
    """What kernels and terminals of this workspace wished for in vain."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """The last refusal of each package; the portal is not asked."""
        self.finish({"refused": self.door.refused()})
