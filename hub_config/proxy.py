"""The proxy in front of everything: configurable-http-proxy with our door in it (``door.mjs``).

Promises that an answer without security headers does not leave it, and that nobody but a trusted proxy says where a
visitor comes from. Never ends a process without a check of what it is.
"""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jupyterhub.proxy import ConfigurableHTTPProxy
from traitlets import Instance

from hub_config.hardening import headers
from hub_config.processes import Process
from hub_config.settings import CHECKOUT, Settings

DOOR = Path(__file__).resolve().parent / "door.mjs"
PROGRAM = CHECKOUT / "node_modules" / ".bin" / "configurable-http-proxy"


def door_settings(settings: Settings) -> dict[str, Any]:
    """What the door must know: whom it trusts, and the headers that it adds where an answer lacks them."""
    return {
        "behindProxy": settings.behind_proxy,
        "trusted": list(settings.trusted_proxies) if settings.behind_proxy else [],
        "headers": headers(settings),
    }


class CheckedProxy(ConfigurableHTTPProxy):  # type: ignore[misc] # JupyterHub ships no types
    """Starts the proxy with its door. Ends a proxy that an earlier hub left behind, and never a stranger that has its
    number by now."""

    settings = Instance(Settings, config=True)

    async def start(self) -> None:
        """Start the proxy process, behind its door."""
        told = self.settings.state / "hub" / "door.json"
        told.write_text(json.dumps(door_settings(self.settings)), encoding="utf-8")
        # one word, so that the program's name stays among the first three, by which a leftover is known
        self.command = ["node", f"--import={DOOR.as_uri()}?{urlencode({'settings': str(told)})}", str(PROGRAM)]
        await super().start()

    def _check_pid(self, pid: int) -> None:
        """Raises ProcessLookupError unless a proxy of ours runs under this number."""
        process = Process.find(pid)
        command: Any = process.command() if process else []
        if not any(word.endswith("configurable-http-proxy") for word in command):
            raise ProcessLookupError(pid)
        os.kill(pid, 0)
