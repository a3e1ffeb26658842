"""The workspace server's settings: one frozen value from the environment, read here and nowhere else.

Never holds the hub's token: jupyterhub reads that itself, and ``portal_client`` takes it from the environment.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from halftide_workspace.page import Place
from output_checker.control_groups import Group
from output_checker.limits import Limits
from output_checker.model import BadInput, Boundary, Resources
from output_checker.model.boundary import MEBIBYTE
from output_checker.sandbox import DATA, GROUPS, RUNTIME, SERVER, WORKSPACE, Mount

_CHECKOUT = Path(__file__).resolve().parents[2]
_NOWHERE = "http://halftide.invalid/"  # a page that may reach nothing but this reaches nothing


@dataclass(frozen=True)
class Sandbox:
    """What kernels and shells are made of. Paths are those of the server that starts them."""

    workspace: Path = Path(WORKSPACE)
    data: tuple[Mount, ...] = (Mount(Path(DATA), Path(DATA)),)
    analysis: Path = _CHECKOUT / ".venv-analysis"
    runtime: Path = Path(RUNTIME)
    limits: Limits = field(default_factory=Limits)
    groups: Path = Path(GROUPS)
    """Where the control group lies that kernels and shells join, if the spawner made one."""

    @property
    def group(self) -> Group:
        """That group; empty where there is none."""
        return Group.at(self.groups)

    @property
    def filter_file(self) -> Path:
        """Where the system-call filter lies; the server writes it when it starts."""
        return self.runtime / "seccomp.bpf"


@dataclass(frozen=True)
class Settings:
    """All that the workspace server is told by the spawner."""

    sandbox: Sandbox
    boundary: Boundary
    private: Path
    project: str
    project_title: str
    portal_api: str
    portal_page: str
    place: Place


def settings_from(environ: Mapping[str, str]) -> Settings:
    """The settings that ``environ`` (HALFTIDE_...) holds. Raises BadInput for what can't be understood."""
    project = environ.get("HALFTIDE_PROJECT", "")
    boundary = Boundary.from_mapping(_mapping(environ, "HALFTIDE_BOUNDARY"))
    return Settings(
        sandbox=sandbox_from(environ),
        boundary=boundary,
        private=Path(environ.get("HALFTIDE_PRIVATE", SERVER)),
        project=project,
        project_title=environ.get("HALFTIDE_PROJECT_TITLE", project),
        portal_api=environ.get("HALFTIDE_PORTAL_API", ""),
        portal_page=environ.get("HALFTIDE_PORTAL_PAGE", ""),
        # the hub says how browsers come here; a server without a hub's proxy in front is reached where it listens
        place=Place.of(environ.get("JUPYTERHUB_PUBLIC_URL") or environ.get("JUPYTERHUB_SERVICE_URL") or _NOWHERE),
    )


def sandbox_from(environ: Mapping[str, str]) -> Sandbox:
    """The sandbox that HALFTIDE_SANDBOX describes, a JSON mapping in which everything may be left out.

    ``workspace``, ``analysis``, ``runtime``, ``groups``: paths; ``data``: a list of [source, target below /data]. Its
    limits are those of HALFTIDE_BOUNDARY. Raises BadInput for anything else.
    """
    raw = _mapping(environ, "HALFTIDE_SANDBOX")
    usual = Sandbox()
    unknown = sorted(set(raw) - {"workspace", "data", "analysis", "runtime", "groups"})
    if unknown:
        raise BadInput(f"HALFTIDE_SANDBOX has no field called {', '.join(unknown)}")
    data = usual.data
    if "data" in raw:
        data = tuple(Mount(Path(source), Path(target)) for source, target in raw["data"])
    return Sandbox(
        workspace=Path(raw.get("workspace", usual.workspace)),
        data=data,
        analysis=Path(raw.get("analysis") or environ.get("HALFTIDE_ANALYSIS") or usual.analysis),
        runtime=Path(raw.get("runtime", usual.runtime)),
        limits=_limits(Boundary.from_mapping(_mapping(environ, "HALFTIDE_BOUNDARY")).resources),
        groups=Path(raw.get("groups", usual.groups)),
    )


def _mapping(environ: Mapping[str, str], name: str) -> dict[str, Any]:
    try:
        raw = json.loads(environ.get(name) or "{}")
    except ValueError as error:
        raise BadInput(f"{name} is not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise BadInput(f"{name} must be a JSON mapping")
    return raw


def _limits(resources: Resources) -> Limits:
    return Limits(
        memory=resources.memory_mb * MEBIBYTE,
        processes=resources.processes,
        open_files=resources.open_files,
        file_size=resources.file_mb * MEBIBYTE,
        tmp=resources.tmp_mb * MEBIBYTE,
        shared_memory=resources.shared_memory_mb * MEBIBYTE,
        cpu_seconds=max(1, round(resources.cpu_hours * 3600)),
        all_processes=resources.processes + _SERVERS_OWN if _in_user_namespace() else None,
    )


_SERVERS_OWN = 128
"""Processes and threads of the server itself, which are counted with those of its kernels."""


def _in_user_namespace() -> bool:
    """Whether this process is sealed itself. On the host, its user's other programs would be counted too."""
    return Path("/proc/self/uid_map").read_text().split() != ["0", "0", "4294967295"]
