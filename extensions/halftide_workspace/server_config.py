"""The workspace server's configuration: the only file that it loads. Jupyter passes in ``c``.

What stands here is what does not depend on the hub; ``app`` sets the rest, later and with the last word.
"""

import os
import sys
from pathlib import Path
from typing import Any

from halftide_workspace.app import lab_extensions
from halftide_workspace.contents import SealedContents
from halftide_workspace.kernels import SealedKernels, SealedSpecs
from halftide_workspace.page import headers, xsrf_cookie
from halftide_workspace.settings import settings_from
from halftide_workspace.terminals import MeteredTerminals
from halftide_workspace.window import MeteredConnection

c: Any = globals()["c"]
settings = settings_from(os.environ)
_environments = (settings.sandbox.analysis, Path(sys.prefix))

# files
c.ServerApp.root_dir = str(settings.sandbox.workspace)
c.ServerApp.contents_manager_class = SealedContents
c.SealedContents.root_dir = str(settings.sandbox.workspace)
c.SealedContents.private_dir = str(settings.private)
c.SealedContents.text_bytes = c.SealedContents.image_bytes = settings.boundary.window.at_once
c.ContentsManager.files_handler_class = None  # no /files route
c.ContentsManager.allow_hidden = False

# kernels and shells
c.ServerApp.kernel_manager_class = SealedKernels
c.ServerApp.kernel_spec_manager_class = SealedSpecs
c.ServerApp.kernel_websocket_connection_class = MeteredConnection
c.ZMQChannelsWebsocketConnection.iopub_data_rate_limit = 0  # the meter counts all messages, not only streams
c.TerminalsExtensionApp.terminal_manager_class = MeteredTerminals

# the page
c.ServerApp.tornado_settings = {
    "headers": headers(settings.place),
    "xsrf_cookie_kwargs": xsrf_cookie(settings.place),
    "websocket_max_message_size": 64 * 1024 * 1024,
}
c.ServerApp.allow_unauthenticated_access = False
c.ServerApp.disable_check_xsrf = False
c.ServerApp.quit_button = False
c.ServerApp.default_url = "/lab"
c.ServerApp.webbrowser_open_new = 0
c.LabApp.app_settings_dir = str(Path(__file__).parent / "lab_settings")
_extensions = lab_extensions(_environments, settings.sandbox.runtime / "labextensions", settings.boundary.figures)
c.LabApp.labextensions_path = [str(_extensions)]
c.LabApp.user_settings_dir = os.environ["JUPYTERLAB_SETTINGS_DIR"]
c.LabApp.workspaces_dir = os.environ["JUPYTERLAB_WORKSPACES_DIR"]
c.LabApp.extension_manager = "readonly"
c.LabApp.lock_all_plugins = True
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.custom_css = False
