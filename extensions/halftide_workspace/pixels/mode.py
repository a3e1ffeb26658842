"""Turns a workspace server into one that shows nothing but pixels.

Promises: from then on the network reaches the picture's few routes, and JupyterLab is reached by the door alone. The
headers of the application's other answers become those that suit the browser inside.
"""

import sys
from datetime import UTC, datetime

from tornado import web

from halftide_workspace.meter import Meter
from halftide_workspace.page import Place, headers
from halftide_workspace.pixels.door import close_the_rest, open_door
from halftide_workspace.pixels.inside import origin
from halftide_workspace.pixels.pages import HEADERS, picture_headers, routes
from halftide_workspace.pixels.stage import Set, Stage
from halftide_workspace.pixels.stream import Picture
from halftide_workspace.pixels.watermark import words
from halftide_workspace.settings import Settings
from output_checker.model import Pixels, Window
from output_checker.model.boundary import MEBIBYTE
from output_checker.sandbox_pixels import PixelPaths

_INSIDE = (f"{sys.prefix}/bin/python", "-P", "-m", "halftide_workspace.pixels.inside")
_NO_LIMIT = 1 << 50
INSIDE = Window(at_once=64 * MEBIBYTE, burst=_NO_LIMIT, per_minute=_NO_LIMIT, per_day=_NO_LIMIT)
"""What JupyterLab inside may be shown: it is the picture that is counted. One message is bounded, so that a slip does
not take the browser inside down."""


def window_of(pixels: Pixels) -> Window:
    """How much of the picture may be sent, as a meter counts."""
    return Window(pixels.per_day, pixels.burst, pixels.per_second * 60, pixels.per_day)


def show_only_pixels(
    application: web.Application, settings: Settings, base_url: str, person: str, meter: Meter
) -> None:
    """Closes every route of ``application`` to the network but those of the picture of ``person``'s screen, which
    ``meter`` counts."""
    application.settings["headers"].update(headers(Place.of(origin() + base_url)))  # JupyterLab's, inside
    application.settings[HEADERS] = picture_headers(settings.place)
    paths = PixelPaths(settings.sandbox.runtime / "pixels")
    built = Set(
        paths=paths,
        address=f"{origin()}{base_url}lab",
        frames=settings.boundary.pixels.frames,
        seccomp=settings.sandbox.filter_file,
        inside=_INSIDE,
    )

    def says() -> str:
        return words(person, settings.project, datetime.now(UTC))

    def opened() -> None:
        open_door(application, paths.door_socket)

    picture = Picture(Stage(built, says, opened), meter)
    close_the_rest(application, base_url, routes(picture, settings.project_title))
