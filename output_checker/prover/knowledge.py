"""What the probes know: every address and path is told to them, as an attacker may guess it.

Two sets of values with the same names. Where a probe writes, the workspace's set names the real places and the
control's set names stand-ins in a folder of the run; where it reads or connects, both name the same.
"""

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from output_checker.desk.probes import Order
from output_checker.prover.settings import Settings, address_of
from output_checker.prover.victims import Victims
from output_checker.prover.workspace import Server

_KINDS = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
CODE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Knowledge:
    """The values of the workspace and of its controls."""

    inside: dict[str, Any]
    outside: dict[str, Any]


def knowledge(settings: Settings, order: Order, server: Server, victims: Victims) -> Knowledge:
    """All that the probes of a run know."""
    shared = victims.values | _addresses(settings, server) | _secrets(settings, order, victims)
    shared |= {
        "SERVER_PID": server.pid,
        "OTHER_KERNEL": _server_places(server, server.other_kernels),
        "SERVER_FOLDERS": [
            *_server_places(server, ("rt", "labextensions")),
            *("/srv/halftide", f"/proc/{server.pid}/root/srv/halftide", str(server.home / "server")),
        ],
    }
    outside = shared | _stand_ins(victims) | {"TOKEN": settings.token}
    return Knowledge(shared | _real_places(settings, order, server) | {"TOKEN": "0" * 32}, outside)


def _server_places(server: Server, names: Iterable[str]) -> list[str]:
    """Places in the server's run-time folder, as the server sees them and as its host does."""
    return [f"{root}/run/halftide/{name}" for name in names for root in ("", f"/proc/{server.pid}/root")]


def _addresses(settings: Settings, server: Server) -> dict[str, Any]:
    return {
        "HUB_API": address_of(settings.hub_api, address_of(settings.hub_api)[2] + "hub/api/"),
        "PUBLIC": ("127.0.0.1", *address_of(settings.public, "/hub/login")[1:]),
        "PROXY_API": ("127.0.0.1", settings.proxy_api_port, "/api/routes"),
        "PORTAL": ("127.0.0.1", settings.portal_port, "/services/output-checker/"),
        "SERVER_ADDRESS": address_of(server.url, "/api"),
    }


def _secrets(settings: Settings, order: Order, victims: Victims) -> dict[str, Any]:
    """What is Halftide's own. The other project is a planted one: no researcher's file is named to anything."""
    state, portal = settings.state, settings.state / "portal"
    other = settings.folder / order.id / "other-project" / "people.csv"
    other.parent.mkdir(parents=True, exist_ok=True)
    other.write_text(victims.prize, encoding="utf-8")
    return {
        "OTHER": str(other),
        "PROJECTS": str(state / "projects"),
        "PROBES": str(settings.folder),
        "HUB_SECRETS": [str(state / "hub" / name) for name in ("jupyterhub.sqlite", "cookie_secret")],
        "PORTAL_DATABASE": [str(portal / "portal.sqlite")],
        "SIGNING_KEY": [str(portal / "signing.key")],
        "OUTPUTS": [str(portal / "blobs")],
        "DATASETS": [str(state / "datasets"), *(path for _, path in order.datasets)],
        "LOGS": [str(state / "logs"), str(state / "hub")],
        "HOST_HOME": str(Path.home()),
        "HOME_ENTRIES": sorted(path.name for path in Path.home().iterdir()),
        "NAMESPACES": {
            path.name: path.stat().st_ino for path in Path("/proc/self/ns").iterdir() if path.name in _KINDS
        },
        "HOST_NAME": socket.gethostname(),
    }


def _real_places(settings: Settings, order: Order, server: Server) -> dict[str, Any]:
    """Where the probes write in the workspace."""
    data = ["/data", *(f"/data/{slug}" for slug, _ in order.datasets), *(path for _, path in order.datasets)]
    analysis = settings.analysis
    return {
        "DATA": data,
        "DATA_FILES": [f"{folder}/manifest.json" for folder in data],
        "SITE_PACKAGES": [str(path) for path in analysis.glob("lib/python*/site-packages")],
        "INTERPRETERS": [str(analysis / "bin"), str((analysis / "bin" / "python3").resolve().parent)],
        "KERNELSPECS": [
            *(str(analysis / "share/jupyter/kernels"), "/usr/share/jupyter/kernels"),
            *(
                "/usr/local/share/jupyter/kernels",
                str(CODE.parent / "extensions/halftide_workspace/kernelspecs/python3"),
            ),
        ],
        "SYSTEM_CONFIGURATION": ["/etc", "/etc/jupyter", "/etc/ipython", "/usr/etc/jupyter", "/usr/local/etc/jupyter"],
        "PROGRAMS": ["/usr/bin", "/usr/local/bin", "/usr/local/sbin", "/usr/lib", "/usr/local/lib"],
        "OWN_CODE": [str(CODE), str(CODE.parent / "hub_config"), str(CODE.parent / "extensions/halftide_workspace")],
        "ROOT": ["", "/home", "/srv", "/run", "/opt"],
        "CORE_PATTERN": "/proc/sys/kernel/core_pattern",
        "SERVER_FOLDERS_TO_WRITE": [
            "/srv/halftide/planted",
            "/run/halftide/planted",
            str(server.home / "server/planted"),
        ],
        "SERVER_FILTERS": ["/run/halftide/seccomp.bpf.new", f"/proc/{server.pid}/root/run/halftide/planted"],
    }


def _stand_ins(victims: Victims) -> dict[str, Any]:
    """Where their controls write: a folder of the run, and a file in it."""
    folder, file = str(victims.folder / "places"), victims.folder / "places" / "records.csv"
    file.parent.mkdir()
    file.write_text("1\n", encoding="utf-8")
    names = (
        "SITE_PACKAGES",
        "INTERPRETERS",
        "KERNELSPECS",
        "SYSTEM_CONFIGURATION",
        "PROGRAMS",
        "OWN_CODE",
        "ROOT",
        "DATA",
    )
    return {name: [folder] for name in names} | {
        "DATA_FILES": [str(file)],
        "CORE_PATTERN": str(file),
        "SERVER_FOLDERS_TO_WRITE": [f"{folder}/planted"],
        "SERVER_FILTERS": [f"{folder}/seccomp.bpf.new"],
        "PATH": os.defpath,
    }
