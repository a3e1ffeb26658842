"""The proxy in front of everything: configurable-http-proxy, with a check of who it is before it is ended."""

import os
from typing import Any

from jupyterhub.proxy import ConfigurableHTTPProxy

from hub_config.processes import Process


class CheckedProxy(ConfigurableHTTPProxy):  # type: ignore[misc] # JupyterHub ships no types
    """Ends a proxy that an earlier hub left behind, and never a stranger that has its number by now."""

    def _check_pid(self, pid: int) -> None:
        """Raises ProcessLookupError unless a proxy of ours runs under this number."""
        process = Process.find(pid)
        command: Any = process.command() if process else []
        if not any(word.endswith("configurable-http-proxy") for word in command):
            raise ProcessLookupError(pid)
        os.kill(pid, 0)
