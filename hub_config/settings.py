"""The hub's settings: one frozen value from ``halftide.toml`` and the environment.

Promises that everything else in this zone may trust: paths are absolute, ports differ, the address is one that browsers
keep apart from others. Refuses a name it does not know and a value it does not find safe, in words that say what to
write instead. Never reads a setting anywhere else, and never guesses.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from output_checker.model import BadInput
from output_checker.model.mirrors import mirror_address

CHECKOUT = Path(__file__).resolve().parent.parent


class Tls(StrEnum):
    """Who ends the encrypted connections of browsers."""

    OWN = "own"
    PROXY = "proxy"


ENVIRONMENT = {
    "HALFTIDE_STATE": "state",
    "HALFTIDE_URL": "url",
    "HALFTIDE_BIND": "bind",
    "HALFTIDE_PORTAL_PORT": "portal_port",
    "HALFTIDE_HUB_API_PORT": "hub_api_port",
    "HALFTIDE_PROXY_API_PORT": "proxy_api_port",
    "HALFTIDE_SUBDOMAINS": "subdomains",
    "HALFTIDE_ANALYSIS": "analysis",
    "HALFTIDE_TLS_CERTIFICATE": "tls_certificate",
    "HALFTIDE_TLS_KEY": "tls_key",
    "HALFTIDE_PYPI_MIRROR": "pypi_mirror",
    "HALFTIDE_CONDA_MIRROR": "conda_mirror",
    "HALFTIDE_CRAN_MIRROR": "cran_mirror",
    "HALFTIDE_PROBES": "probes",
    "HALFTIDE_PROBE_HOUR": "probe_hour",
    "HALFTIDE_TLS": "tls",
    "HALFTIDE_TRUSTED_PROXIES": "trusted_proxies",
    "HALFTIDE_LISTEN_PORT": "listen_port",
}
"""Environment variable → setting. The environment wins over the file. Two secrets come from the environment alone."""


@dataclass(frozen=True)
class Settings:
    """What the hub needs to know before it starts."""

    state: Path
    """Folder for everything that Halftide keeps."""
    url: str = "http://localhost:8000"
    """Public address: scheme, host and port, nothing else."""
    bind: str = "127.0.0.1"
    """IP address on which the proxy listens."""
    portal_port: int = 8082
    hub_api_port: int = 8081
    proxy_api_port: int = 8001
    subdomains: bool = True
    """Every person and the portal on a host name of their own, so that browsers keep their pages apart."""
    analysis: Path = CHECKOUT / ".venv-analysis"
    """Python environment of the kernels."""
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls: Tls = Tls.OWN
    """Who ends TLS: `own` is our proxy, with the certificate and key; `proxy` is another one in front of it, at one of
    the trusted addresses."""
    trusted_proxies: tuple[str, ...] = ("127.0.0.1",)
    """With `tls = "proxy"`: IP addresses of the TLS proxy. Nobody else is answered, and nobody else's word about the
    visitor's address is taken."""
    listen_port: int | None = None
    """Port on which the proxy listens, where it is another than that of the public address."""
    pypi_mirror: str = ""
    """Mirror of Python packages: a simple index, or a folder of wheels (`file:///…`). Without it none can be had."""
    conda_mirror: str = ""
    """Mirror of conda packages: the address or folder of one channel."""
    cran_mirror: str = ""
    """Mirror of R packages: the address or folder in which `src/contrib` lies."""
    probes: bool = True
    """Whether a workspace starts only where a test that was run here has proved that it is sealed."""
    probe_hour: int = 3
    """Hour (UTC) at which this is proved again each night."""
    gate_token: str = field(default="", repr=False)
    """Secret by which the hub names itself to the portal."""
    demo_passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Accounts of the demo and their passwords of this start."""

    @property
    def host(self) -> str:
        """Host name of the public address."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """Port on which the proxy listens: that of the public address, if nothing else is said."""
        if self.listen_port:
            return self.listen_port
        parts = urlsplit(self.url)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over TLS."""
        return self.url.startswith("https://")

    @property
    def behind_proxy(self) -> bool:
        """Whether TLS ends in front of us, at ``trusted_proxies``."""
        return self.tls is Tls.PROXY

    @property
    def portal_api(self) -> str:
        """The portal's API, as programs on this machine reach it."""
        return f"http://127.0.0.1:{self.portal_port}/services/output-checker/api/v1"

    @property
    def portal_page(self) -> str:
        """The portal's front page, as browsers reach it."""
        return f"{self.origin_of('output-checker--service')}/services/output-checker/"

    def origin_of(self, label: str) -> str:
        """The origin of a person or service: a host name of its own where subdomains are on, else the hub's."""
        if not self.subdomains:
            return self.url
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{label}.{parts.netloc}"


def read_settings(environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """Settings from ``halftide.toml`` in ``folder`` (the working directory), then the environment.

    ``HALFTIDE_CONFIG`` names another file. Raises BadInput for an unknown setting and for an unsafe value.
    """
    environment = os.environ if environment is None else environment
    folder = Path.cwd() if folder is None else folder
    _require_no_misspelling(environment)
    raw = _from_file(environment.get("HALFTIDE_CONFIG"), folder)
    raw.update({name: environment[key] for key, name in ENVIRONMENT.items() if environment.get(key)})
    settings = Settings(
        state=_path(raw.pop("state", "state"), folder),
        **{name: _CONVERT[name](value, folder) for name, value in raw.items()},
        gate_token=environment.get("HALFTIDE_HUB_GATE_TOKEN", ""),
        demo_passwords=_passwords(environment.get("HALFTIDE_DEMO_PASSWORDS", "")),
    )
    _require_safe(settings)
    return settings


def _require_no_misspelling(environment: Mapping[str, str]) -> None:
    """A variable that nearly is one of ours was meant; ignoring it would start with another setting than was wanted."""
    ours = [*ENVIRONMENT, "HALFTIDE_CONFIG", "HALFTIDE_HUB_GATE_TOKEN", "HALFTIDE_DEMO_PASSWORDS"]
    for name in environment:
        if name.startswith("HALFTIDE_") and name not in ours and (near := get_close_matches(name, ours, 1, 0.92)):
            raise BadInput(f"there is no setting {name}; was {near[0]} meant?")


def _from_file(named: str | None, folder: Path) -> dict[str, Any]:
    path = folder / (named or "halftide.toml")
    if not path.is_file():
        if named:
            raise BadInput(f"there is no settings file {path}; HALFTIDE_CONFIG names it")
        return {}
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not TOML: {error}") from error
    known = set(ENVIRONMENT.values())
    unknown = sorted(set(raw) - known)
    if unknown:
        secrets = {f.name for f in fields(Settings)} - known
        hint = " (secrets are not kept in this file)" if secrets & set(unknown) else ""
        raise BadInput(
            f"{path} has no setting called {', '.join(unknown)}{hint}; the settings are {', '.join(sorted(known))}"
        )
    return raw


def _path(value: object, folder: Path) -> Path:
    if not isinstance(value, str) or not value:
        raise BadInput(f"a path must be text, not {value!r}")
    return Path(os.path.normpath(folder / Path(value).expanduser()))


def _port(value: object, _folder: Path) -> int:
    text = str(value)
    if isinstance(value, bool) or not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise BadInput(f"a port is a number from 1 to 65535, not {value!r}")
    return int(text)


def _switch(value: object, _folder: Path) -> bool:
    if isinstance(value, bool):
        return value
    if value in {"0", "1"}:
        return value == "1"
    raise BadInput(f"a switch is on or off (in the file true or false, in the environment 1 or 0), not {value!r}")


def _mirror(value: object, _folder: Path) -> str:
    if not isinstance(value, str):
        raise BadInput(f"a mirror is an address, not {value!r}")
    return mirror_address(value)


def _hour(value: object, _folder: Path) -> int:
    text = str(value)
    if isinstance(value, bool) or not text.isdecimal() or int(text) > 23:
        raise BadInput(f"an hour is a number from 0 to 23, not {value!r}")
    return int(text)


def _text(value: object, _folder: Path) -> str:
    if not isinstance(value, str):
        raise BadInput(f"expected text, not {value!r}")
    return value.strip().rstrip("/")


def _tls(value: object, _folder: Path) -> Tls:
    try:
        return Tls(str(value))
    except ValueError as error:
        raise BadInput(f'tls is "own" (with tls_certificate and tls_key) or "proxy", not {value!r}') from error


def _addresses(value: object, _folder: Path) -> tuple[str, ...]:
    """IP addresses as a list or, in the environment, with commas between them."""
    raw = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(raw, list) or not raw or not all(isinstance(one, str) and _is_ip_address(one) for one in raw):
        raise BadInput(f"trusted_proxies is a list of IP addresses, not {value!r}")
    return tuple(raw)


_CONVERT: Mapping[str, Any] = {
    "url": _text,
    "bind": _text,
    "portal_port": _port,
    "hub_api_port": _port,
    "proxy_api_port": _port,
    "subdomains": _switch,
    "probes": _switch,
    "probe_hour": _hour,
    "analysis": _path,
    "pypi_mirror": _mirror,
    "conda_mirror": _mirror,
    "cran_mirror": _mirror,
    "tls_certificate": _path,
    "tls_key": _path,
    "tls": _tls,
    "trusted_proxies": _addresses,
    "listen_port": _port,
}


def _passwords(text: str) -> dict[str, str]:
    if not text:
        return {}
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise BadInput("HALFTIDE_DEMO_PASSWORDS is not JSON") from error
    if not isinstance(raw, dict) or not all(isinstance(value, str) and len(value) >= 12 for value in raw.values()):
        raise BadInput("HALFTIDE_DEMO_PASSWORDS maps names to passwords of 12 characters or more")
    return raw


def _require_safe(settings: Settings) -> None:
    _require_safe_address(settings)
    ports = [settings.port, settings.portal_port, settings.hub_api_port, settings.proxy_api_port]
    if len(set(ports)) != len(ports):
        raise BadInput(f"the public, portal, hub and proxy ports must differ; they are {', '.join(map(str, ports))}")
    if settings.state == Path(settings.state.anchor):
        raise BadInput("state must be a folder of its own, not the root of the file system")
    try:
        ip_address(settings.bind)
    except ValueError as error:
        raise BadInput(f"bind must be an IP address of this machine, not {settings.bind!r}") from error


def _require_safe_address(settings: Settings) -> None:
    parts = urlsplit(settings.url)
    try:
        clean = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        clean = False
    if not clean or parts.path or parts.query or parts.fragment or parts.username or parts.password:
        raise BadInput(f"url must be scheme, host and port, such as http://localhost:8000, not {settings.url!r}")
    _require_tls_where_needed(settings, parts.scheme)
    if settings.subdomains and _is_ip_address(settings.host):
        raise BadInput("an IP address has no subdomains: use a host name, or set subdomains = false")


def _require_tls_where_needed(settings: Settings, scheme: str) -> None:
    local = settings.host == "localhost" or settings.host.endswith(".localhost")
    ours = bool(settings.tls_certificate or settings.tls_key)
    if scheme == "http" and not local:
        raise BadInput(
            f"{settings.url} would send passwords in the clear; use https with tls_certificate and tls_key, "
            'or with tls = "proxy" behind a TLS proxy'
        )
    if scheme == "http" and ours:
        raise BadInput("tls_certificate and tls_key need an https address")
    if scheme == "http" and settings.behind_proxy:
        raise BadInput('tls = "proxy" needs an https address: the one under which the TLS proxy is reached')
    if settings.behind_proxy and ours:
        raise BadInput('with tls = "proxy" the certificate and its key belong to that proxy, not in these settings')
    if settings.secure and not settings.behind_proxy and not (settings.tls_certificate and settings.tls_key):
        raise BadInput('an https address needs tls_certificate and tls_key, or tls = "proxy" behind a TLS proxy')
    for path in (settings.tls_certificate, settings.tls_key):
        if path and not path.is_file():
            raise BadInput(f"there is no file {path}, which the settings name for TLS")


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
