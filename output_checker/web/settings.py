"""What the portal is told from outside: the one place of this package that reads environment variables.

A ``Settings`` is checked once at the start; a portal that would run unsafely does not start.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from output_checker.model import BadInput
from output_checker.model.mirrors import mirror_address

SERVICE_NAME = "output-checker"
SUBMIT_SCOPE = "custom:halftide:submit!server="
GATE_SERVICE = "hub-gate"


@dataclass(frozen=True)
class Settings:
    """Addresses, the state folder and the portal's own secret towards the hub. Origins have no final slash, paths
    that end in ``prefix`` and ``hub_prefix`` begin and end with one."""

    state: Path
    port: int
    prefix: str
    public_origin: str
    hub_origin: str
    hub_prefix: str
    hub_api_url: str
    client_id: str
    callback_url: str
    access_scopes: frozenset[str]
    api_token: str = field(repr=False)
    probes: bool = True
    """Whether a workspace starts only where it is proved that it is sealed."""
    mirrors: Mapping[str, str] = field(default_factory=dict)
    """The site's package mirrors, by the kind of package."""

    tls_in_front: bool = False
    """Whether TLS ends at a proxy in front of Halftide's own."""

    @property
    def subdomains(self) -> bool:
        """Whether the portal has a host name of its own, and so has each person."""
        return self.public_origin != self.hub_origin

    @property
    def secure(self) -> bool:
        """Whether browsers reach the portal over TLS, so that cookies may be marked ``Secure``."""
        return self.public_origin.startswith("https://")

    @property
    def portal_url(self) -> str:
        """The public address of the portal's first page."""
        return self.public_origin + self.prefix

    @property
    def hub_url(self) -> str:
        """The public address of the hub's first page."""
        return self.hub_origin + self.hub_prefix

    def request_url(self, request_id: str) -> str:
        """The public address of a request's page."""
        return f"{self.portal_url}requests/{request_id}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the variables that the hub and ``halftide up`` set. Raises BadInput that names what is missing."""
        public = environment.get("HALFTIDE_URL", "http://localhost:8000").rstrip("/")
        base = environment.get("JUPYTERHUB_BASE_URL", "/")
        prefix = environment.get("JUPYTERHUB_SERVICE_PREFIX", f"{base}services/{SERVICE_NAME}/")
        origin = _portal_origin(public, environment)
        return cls(
            state=Path(environment.get("HALFTIDE_STATE", "state")).absolute(),
            port=_port(_required(environment, "HALFTIDE_PORTAL_PORT")),
            prefix=prefix if prefix.endswith("/") else f"{prefix}/",
            public_origin=origin,
            hub_origin=environment.get("JUPYTERHUB_HOST", "").rstrip("/") or _origin_of(public),
            hub_prefix=f"{base}hub/",
            hub_api_url=_required(environment, "JUPYTERHUB_API_URL").rstrip("/"),
            client_id=_required(environment, "JUPYTERHUB_CLIENT_ID"),
            callback_url=_callback(environment, origin, prefix),
            access_scopes=frozenset({f"access:services!service={SERVICE_NAME}"}),
            api_token=_required(environment, "JUPYTERHUB_API_TOKEN"),
            probes=environment.get("HALFTIDE_PROBES", "1") != "0",
            mirrors=_mirrors(environment),
            tls_in_front=environment.get("HALFTIDE_TLS") == "proxy",
        )


_MIRRORS = {"python": "HALFTIDE_PYPI_MIRROR", "conda": "HALFTIDE_CONDA_MIRROR", "r": "HALFTIDE_CRAN_MIRROR"}


def _mirrors(environment: Mapping[str, str]) -> dict[str, str]:
    told = {kind: environment.get(name, "") for kind, name in _MIRRORS.items()}
    return {kind: mirror_address(address) for kind, address in told.items() if address}


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise BadInput(f"the portal needs {name} in its environment; the hub sets it when it starts the portal")
    return value


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise BadInput(f"HALFTIDE_PORTAL_PORT must be a port number from 1 to 65535, not {text!r}")
    return int(text)


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadInput(f"{url!r} is not an address that a browser can open; HALFTIDE_URL wants http://host:port")
    return f"{parts.scheme}://{parts.netloc}"


def _portal_origin(public: str, environment: Mapping[str, str]) -> str:
    """The hub names its services' hosts after them when subdomains are on (``JUPYTERHUB_PUBLIC_URL`` says which)."""
    told = environment.get("JUPYTERHUB_PUBLIC_URL", "")
    if told:
        return _origin_of(told)
    parts = urlsplit(_origin_of(public))
    if environment.get("HALFTIDE_SUBDOMAINS", "1") == "0":
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}://{SERVICE_NAME}--service.{parts.netloc}"


def _callback(environment: Mapping[str, str], origin: str, prefix: str) -> str:
    told = environment.get("JUPYTERHUB_OAUTH_CALLBACK_URL", "")
    return told or f"{origin}{prefix.rstrip('/')}/oauth_callback"
