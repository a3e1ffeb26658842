"""The workspace server: jupyterhub's single-user server with the gate, the meter and the way to a release built in.

Promises: it starts with all of them or not at all. That is why it is a server application of its own and not one more
extension, whose failure to load jupyter_server would only log. Never reads configuration from a place that the
researcher can write to, and finds no extension that is not named here.
"""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from jupyterhub.singleuser.extension import JupyterHubAuthorizer, JupyterHubSingleUser
from tornado.web import RequestHandler

from halftide_workspace import answers, gate, handlers, package_handlers
from halftide_workspace.contents import SealedContents
from halftide_workspace.daybook import Daybook
from halftide_workspace.figures import Drawing
from halftide_workspace.meter import METER, Meter
from halftide_workspace.packages import Door, door_folder
from halftide_workspace.page import headers
from halftide_workspace.pixels.door import DoorIdentity
from halftide_workspace.pixels.mode import INSIDE, show_only_pixels, window_of
from halftide_workspace.recorder import Recorder
from halftide_workspace.settings import settings_from
from halftide_workspace.terminals import MeteredTerminals, shell_command
from halftide_workspace.watch import Watch
from halftide_workspace.window import WINDOW, Window
from output_checker import seccomp
from output_checker.model import Display, Figures

JsonMapping = dict[str, Any]


class HubAuthorizer(JupyterHubAuthorizer):  # type: ignore[misc] # jupyterhub is untyped
    """Asks the gate's list and the hub's scopes; both must agree."""

    def is_authorized(self, handler: RequestHandler, user: Any, action: str, resource: str) -> bool:
        """Whether ``user`` may do ``action`` on ``resource``."""
        return gate.is_permitted(action, resource) and bool(super().is_authorized(handler, user, action, resource))


class HalftideWorkspace(JupyterHubSingleUser):  # type: ignore[misc] # jupyterhub is untyped
    """One person's server for one project."""

    load_other_extensions = True
    serverapp_config: ClassVar[JsonMapping] = {
        # With this list nothing is looked for: no language servers, proxies or other user interfaces
        "jpserver_extensions": {"jupyterlab": True, "jupyter_server_terminals": True},
    }

    def load_config_file(self) -> None:
        """The hub's settings, then ours, which win."""
        super().load_config_file()
        self._or_exit(self._configure)

    def initialize(self, args: list[str] | None = None) -> None:
        """Puts gate, meter and routes in place once the server stands."""
        super().initialize(args)
        self._or_exit(self._seal)

    def _configure(self) -> None:
        config = self.config.ServerApp
        door_folder(settings_from(os.environ).sandbox).mkdir(mode=0o700, parents=True, exist_ok=True)
        config.authorizer_class = HubAuthorizer
        if settings_from(os.environ).boundary.display is Display.PIXELS:
            config.identity_provider_class = DoorIdentity
        config.terminado_settings = {"shell_command": shell_command(settings_from(os.environ).sandbox)}
        self.serverapp.update_config(self.config)

    def _seal(self) -> None:
        server, settings = self.serverapp, settings_from(os.environ)
        application = server.web_app
        seccomp.write_filter(settings.sandbox.filter_file)
        pixels = settings.boundary.display is Display.PIXELS
        meter = Meter(INSIDE if pixels else settings.boundary.window, time.monotonic())
        shown = Meter(window_of(settings.boundary.pixels), time.monotonic()) if pixels else meter
        figures, drawing = settings.boundary.figures, Drawing(settings.sandbox.analysis, settings.sandbox.filter_file)
        application.settings.update({METER: shown, WINDOW: Window(meter, figures, drawing)})
        _require(server.contents_manager, SealedContents).figures = figures
        MeteredTerminals.meter = meter
        answers.meter_answers(application, meter, server.base_url)
        leads_to = (self.hub_auth.hub_host, settings.portal_page)
        application.settings["headers"].update(headers(settings.place, leads_to))
        application.settings["page_config_hook"] = _page_settings(application.settings["page_config_hook"], figures)
        desk = handlers.setup_handlers(application, settings, self.hub_auth.api_token)
        Recorder(Daybook(settings.private / "shown.json", shown), desk.portal).start()
        door = Door(desk.portal, f"{settings.portal_page}projects/{settings.project}/packages")
        door.open(door_folder(settings.sandbox))
        package_handlers.setup_handlers(application, desk, door)
        Watch(settings, server.kernel_manager, application.settings).start()
        gate.close(application, server.base_url)
        if pixels:
            show_only_pixels(application, settings, server.base_url, os.environ["JUPYTERHUB_USER"], shown)

    def _or_exit(self, step: Any) -> None:
        try:
            step()
        except Exception:
            self.log.exception("The workspace can't be sealed, so it is not started")
            self.exit(1)


def _require(value: Any, kind: type[SealedContents]) -> SealedContents:
    if not isinstance(value, kind):
        raise TypeError(f"the server was started with {type(value).__name__} in place of {kind.__name__}")
    return value


def _page_settings(hook: Any, figures: Figures) -> Any:
    """The hub's page settings without the token that it puts there: the page has its cookie, and a token in the page
    works from anywhere else. What draws figures in the page is on where the project shows them interactive."""

    def ours(handler: RequestHandler, page_config: JsonMapping) -> JsonMapping:
        page: JsonMapping = hook(handler, page_config)
        page.update(token="", fullMathjaxUrl="", news={"disabled": True}, buildAvailable=False, buildCheck=False)
        if figures is Figures.INTERACTIVE:
            for key in ("disabledExtensions", "lockedExtensions"):
                page[key] = [name for name in page[key] if name not in PLUGINS_FOR_FIGURES]
        return page

    return ours


LAB_EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "jupyter-matplotlib", "jupyterlab_pygments")
"""Extensions of the page that are used where they are installed, beside ours."""
EXTENSIONS_FOR_FIGURES = ("jupyterlab-plotly",)
"""The same, where figures are shown interactive."""
PLUGINS_FOR_FIGURES = ("@jupyterlab/vega5-extension:factory",)
"""JupyterLab's own, which lab_settings has switched off everywhere else."""


def lab_extensions(environments: Sequence[Path], folder: Path, figures: Figures) -> Path:
    """Fills ``folder`` with links to the extensions that the page may load: those named here, and nothing that some
    other package happens to bring along. The page's half of a widget fits the kernel's half where the first of
    ``environments`` is the analysis environment; kernels can't write to either."""
    installed = [environment / "share" / "jupyter" / "labextensions" for environment in environments]
    wanted = LAB_EXTENSIONS if figures is Figures.IMAGE else LAB_EXTENSIONS + EXTENSIONS_FOR_FIGURES
    places = {
        name: [top / name for top in installed if name in wanted] for name in LAB_EXTENSIONS + EXTENSIONS_FOR_FIGURES
    }
    places["halftide-lab"] = [Path(__file__).parent / "labextension", *(top / "halftide-lab" for top in installed)]
    for name, found in places.items():
        link = folder / name
        link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        place = next((place for place in found if place.is_dir()), None)
        if place is not None:
            link.symlink_to(place)
    return folder
