"""All probes, in the order in which they are shown, and the digest that names this very list."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Final

from output_checker.probes import calls, files, network, processes, services
from output_checker.probes.model import Control, Probe
from output_checker.probes.planting import PLANTS

_ALL = (
    *network.PROBES,
    *services.PROBES,
    *processes.PROBES,
    *files.PROBES,
    *(plant.probe for plant in PLANTS),
    *calls.PROBES,
)

CATALOGUE: Final[Mapping[str, Probe]] = MappingProxyType({probe.name: probe for probe in _ALL})
"""Every probe by its name."""
DIGEST: Final = hashlib.sha256(json.dumps([asdict(probe) for probe in _ALL], sort_keys=True).encode()).hexdigest()
"""Changes with any probe: an older proof does not speak of a newer catalogue."""
LEAST: Final = 60
"""Probes whose control has to succeed for a proof to count: a machine that refuses everything proves nothing."""

if len(CATALOGUE) != len(_ALL):
    raise ValueError("two probes have the same name")


def programs(*controls: Control) -> tuple[Probe, ...]:
    """The probes whose control is one of these."""
    return tuple(probe for probe in _ALL if probe.control in controls)
