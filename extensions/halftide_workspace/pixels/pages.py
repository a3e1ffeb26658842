"""The routes that a person's browser meets: the page around the picture, what it is made of, and how it is going.

Promises: every one that knows something of the workspace asks who is calling; files come from our package and from
Debian's noVNC, and never from a place that a researcher writes to.
"""

from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated, authorized
from jupyter_server.base.handlers import JupyterHandler
from tornado import web
from tornado.template import Template

from halftide_workspace.meter import human
from halftide_workspace.page import Place, headers
from halftide_workspace.pixels.stream import AUTH_RESOURCE, Picture, ScreenHandler
from output_checker.sandbox_pixels import NOVNC

HEADERS = "halftide_picture_headers"
"""Where the server's application keeps the headers of these routes."""
_OURS = Path(__file__).parent / "page"


def picture_headers(place: Place) -> dict[str, str]:
    """The headers of every answer that a person's browser gets: as strict as those of a workspace's page, and no
    more scripts than the picture needs."""
    here = f"{place.url}pixels/"
    policy = (
        "default-src 'none'",
        f"script-src {here}",
        f"style-src {here}",
        "img-src data:",  # the shape of the mouse pointer
        f"connect-src {here} ws{here.removeprefix('http')}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "sandbox allow-scripts allow-same-origin",
    )
    return {**headers(place), "Content-Security-Policy": "; ".join(policy)}


def routes(picture: Picture, title: str) -> list[Any]:
    """The routes below the server's base address."""
    return [
        (r"", PageHandler, {"title": title}),
        (r"pixels/state", StateHandler, {"picture": picture}),
        (r"pixels/again", AgainHandler, {"picture": picture}),
        (r"pixels/screen", ScreenHandler, {"picture": picture}),
        (r"pixels/page/([a-z]+\.(?:css|js))", AssetHandler, {"path": str(_OURS)}),
        (r"pixels/novnc/((?:core|vendor)/[\w\-/]+\.js)", AssetHandler, {"path": str(NOVNC)}),
    ]


class PictureHandler(JupyterHandler):
    """What these routes share: headers of their own."""

    auth_resource = AUTH_RESOURCE

    def set_default_headers(self) -> None:
        """Those of the picture, not those of JupyterLab."""
        for name, value in self.settings[HEADERS].items():
            self.set_header(name, value)


class PageHandler(PictureHandler):
    """The page."""

    def initialize(self, title: str) -> None:
        """Take the project's title."""
        self._title = title

    @web.authenticated
    @authorized
    def get(self) -> None:
        """The page; a tornado template, which escapes the title."""
        template = Template((_OURS / "index.html").read_text(encoding="utf-8"), autoescape="xhtml_escape")
        self.finish(template.generate(title=self._title))


class StateHandler(PictureHandler):
    """How far the screen is, and what of the picture was sent. Asking for it starts it."""

    def initialize(self, picture: Picture) -> None:
        """Take what all viewers share."""
        self._picture = picture

    @web.authenticated
    @authorized
    def get(self) -> None:
        """As JSON."""
        stage, meter = self._picture.stage, self._picture.meter
        stage.begin()
        self.finish(
            {
                "state": "spent" if meter.day_is_used_up else "ready" if stage.is_ready else stage.state,
                "trouble": stage.trouble,
                "told": f"{human(meter.today)} of {human(meter.window.per_day)} today",
            }
        )


class AgainHandler(PictureHandler):
    """Another browser on the same screen; kernels and files are untouched."""

    def initialize(self, picture: Picture) -> None:
        """Take what all viewers share."""
        self._picture = picture

    @web.authenticated
    @authorized
    def post(self) -> None:
        """Ends the one that runs."""
        self._picture.stage.begin_again()
        self.set_status(204)


class AssetHandler(PictureHandler, web.StaticFileHandler):
    """Scripts and styles of the page: the same for everybody, and nothing of a project. A browser asks for a module's
    parts without the token that the hub wants to see with a cookie, so nobody is asked who they are."""

    @allow_unauthenticated
    async def get(self, path: str, include_body: bool = True) -> None:
        """One file."""
        await web.StaticFileHandler.get(self, path, include_body)

    @allow_unauthenticated
    async def head(self, path: str) -> None:
        """One file's headers."""
        await web.StaticFileHandler.head(self, path)
