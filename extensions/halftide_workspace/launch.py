"""What `python -m halftide_workspace` does before the server exists: a clean environment and the trusted settings.

Promises: jupyter's own environment variables are set here and not taken from whoever started the process, so that every
place from which configuration, kernels and extensions are read lies in our environment or in the server's own folder.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from halftide_workspace.settings import Settings, settings_from

CONFIG = Path(__file__).parent / "server_config.py"


def environment(settings: Settings) -> dict[str, str]:
    """The variables that jupyter reads, with the server's own folders as values."""
    private = settings.private
    return {
        "JUPYTERHUB_DISABLE_USER_CONFIG": "1",
        "JUPYTERHUB_SINGLEUSER_EXTENSION": "1",
        "JUPYTERHUB_ROOT_DIR": str(settings.sandbox.workspace),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_NO_CONFIG": "",
        "JUPYTER_CONFIG_DIR": str(private / "config"),
        "JUPYTER_CONFIG_PATH": "",
        "JUPYTER_DATA_DIR": str(private / "data"),
        "JUPYTER_PATH": "",
        "JUPYTER_RUNTIME_DIR": str(settings.sandbox.runtime / "rt"),
        "JUPYTERLAB_SETTINGS_DIR": str(private / "lab" / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(private / "lab" / "workspaces"),
        "IPYTHONDIR": str(private / "ipython"),
        "PYTHONNOUSERSITE": "1",
    }


def prepare(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """Makes the server's folders and returns its whole environment."""
    ours = environment(settings)
    folders = [Path(value) for name, value in ours.items() if name.endswith(("_DIR", "IPYTHONDIR")) and value]
    for folder in [*folders, settings.private / "home"]:
        if folder != settings.sandbox.workspace:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (settings.private / "config" / "migrated").touch()  # jupyter_core otherwise looks for IPython's old files
    kept = {name: value for name, value in environ.items() if not name.startswith(("JUPYTER_", "IPYTHON"))}
    return {**kept, **ours, "HOME": str(settings.private / "home")}


def main() -> None:
    """Starts the server in this process."""
    os.umask(0o077)
    clean = prepare(settings_from(os.environ), os.environ)
    os.environ.clear()
    os.environ.update(clean)
    sys.argv[1:] = []  # nothing of a command line can change a setting
    from halftide_workspace.app import HalftideWorkspace

    HalftideWorkspace.launch_instance([f"--config={CONFIG}"])
