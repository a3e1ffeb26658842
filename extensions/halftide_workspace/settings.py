"""The workspace server's settings: one frozen value from the environment, read here and nowhere else.

Never holds the hub's token: jupyterhub reads that itself, and ``portal_client`` takes it from the environment.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from output_checker.model.errors import BadInput
from output_checker.sandbox import DATA, MEBIBYTE, RUNTIME, SERVER, WORKSPACE, Limits, Mount

_CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Sandbox:
    """What kernels and shells are made of. Paths are those of the server that starts them."""

    workspace: Path = Path(WORKSPACE)
    data: tuple[Mount, ...] = (Mount(Path(DATA), Path(DATA)),)
    analysis: Path = _CHECKOUT / ".venv-analysis"
    runtime: Path = Path(RUNTIME)
    limits: Limits = field(default_factory=Limits)

    @property
    def filter_file(self) -> Path:
        """Where the system-call filter lies; the server writes it when it starts."""
        return self.runtime / "seccomp.bpf"


@dataclass(frozen=True)
class Budget:
    """How many bytes the server shows to the browser: at once, in a burst, and then on average per second."""

    message: int = 1 * MEBIBYTE
    burst: int = 8 * MEBIBYTE
    per_second: int = 4096


@dataclass(frozen=True)
class Settings:
    """All that the workspace server is told by the spawner."""

    sandbox: Sandbox
    budget: Budget
    private: Path
    project: str
    project_title: str
    portal_api: str
    portal_page: str


def settings_from(environ: Mapping[str, str]) -> Settings:
    """The settings that ``environ`` (HALFTIDE_...) holds. Raises BadInput for what can't be understood."""
    project = environ.get("HALFTIDE_PROJECT", "")
    return Settings(
        sandbox=sandbox_from(environ),
        budget=_budget(environ),
        private=Path(environ.get("HALFTIDE_PRIVATE", SERVER)),
        project=project,
        project_title=environ.get("HALFTIDE_PROJECT_TITLE", project),
        portal_api=environ.get("HALFTIDE_PORTAL_API", ""),
        portal_page=environ.get("HALFTIDE_PORTAL_PAGE", ""),
    )


def sandbox_from(environ: Mapping[str, str]) -> Sandbox:
    """The sandbox that HALFTIDE_SANDBOX describes, a JSON mapping in which everything may be left out.

    ``workspace``, ``analysis``, ``runtime``: paths; ``data``: a list of [source, target below /data];
    ``limits``: the fields of ``Limits`` or ``memory_mb``. Raises BadInput for anything else.
    """
    raw = _mapping(environ, "HALFTIDE_SANDBOX")
    usual = Sandbox()
    unknown = sorted(set(raw) - {"workspace", "data", "analysis", "runtime", "limits"})
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
        limits=_limits(raw.get("limits", {})),
    )


def _mapping(environ: Mapping[str, str], name: str) -> dict[str, Any]:
    try:
        raw = json.loads(environ.get(name) or "{}")
    except ValueError as error:
        raise BadInput(f"{name} is not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise BadInput(f"{name} must be a JSON mapping")
    return raw


def _budget(environ: Mapping[str, str]) -> Budget:
    raw = _mapping(environ, "HALFTIDE_BUDGET")
    _require_whole(raw, "HALFTIDE_BUDGET")
    try:
        return Budget(**raw)
    except TypeError as error:
        raise BadInput(f"HALFTIDE_BUDGET can't be understood: {error}") from error


def _limits(raw: dict[str, Any]) -> Limits:
    values = dict(raw)
    values.pop("cpus", None)  # a share of the processors is for cgroups; no rlimit says it
    if "memory_mb" in values:
        values["memory"] = values.pop("memory_mb") * MEBIBYTE
    _require_whole(values, "the sandbox's limits")
    try:
        return Limits(**values)
    except TypeError as error:
        raise BadInput(f"the sandbox's limits can't be understood: {error}") from error


def _require_whole(values: Mapping[str, Any], what: str) -> None:
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise BadInput(f"{what}: {name} must be a whole number above 0, not {value!r}")
