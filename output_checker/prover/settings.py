"""What the prover is told from outside: the one place of this package that reads environment variables."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from output_checker.model import BadInput

Address = tuple[str, int, str]
"""Host, port and path of something that answers HTTP."""


@dataclass(frozen=True)
class Settings:
    """Addresses of Halftide's parts, its folder, and when probes run by themselves. Hours are those of UTC."""

    state: Path
    analysis: Path
    hub_api: str
    public: str
    portal_port: int
    proxy_api_port: int
    automatic: bool
    hour: int
    path: str
    token: str = field(repr=False)

    @property
    def folder(self) -> Path:
        """Where the workspaces of the probes are made and thrown away."""
        return self.state / "probes"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read what the hub set. Raises BadInput that names what is missing."""
        wanted = ("HALFTIDE_STATE", "HALFTIDE_ANALYSIS", "JUPYTERHUB_API_URL", "HALFTIDE_URL", "JUPYTERHUB_API_TOKEN")
        missing = [name for name in wanted if not environment.get(name)]
        if missing:
            raise BadInput(f"the prover needs {', '.join(missing)} in its environment; the hub sets it")
        return cls(
            state=Path(environment["HALFTIDE_STATE"]),
            analysis=Path(environment["HALFTIDE_ANALYSIS"]),
            hub_api=environment["JUPYTERHUB_API_URL"].rstrip("/"),
            public=environment["HALFTIDE_URL"],
            portal_port=int(environment["HALFTIDE_PORTAL_PORT"]),
            proxy_api_port=int(environment["HALFTIDE_PROXY_API_PORT"]),
            automatic=environment.get("HALFTIDE_PROBES", "1") != "0",
            hour=int(environment.get("HALFTIDE_PROBE_HOUR", "3")),
            path=environment.get("PATH", os.defpath),
            token=environment["JUPYTERHUB_API_TOKEN"],
        )


def address_of(url: str, path: str = "/") -> Address:
    """The parts of an address, as the probes know them."""
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or (443 if parts.scheme == "https" else 80), path
