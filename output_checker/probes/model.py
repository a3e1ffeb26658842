"""What a probe is, and what may be said of one after it was tried. Values only: nothing is run here."""

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """What a probe goes for."""

    NETWORK = "network"
    METADATA = "cloud metadata"
    SERVICES = "hub, proxy and portal"
    SERVER = "the workspace's own server"
    KERNELS = "other people's kernels"
    SOCKETS = "sockets of the machine"
    PROCESSES = "other processes"
    SECRETS = "secrets in environments"
    SHARED = "shared memory and caches"
    DATA = "writing to data"
    PROJECTS = "other projects and Halftide's own files"
    SYSTEM = "files of the machine"
    PLACES = "places that programs are started from"
    PLANTED = "what a server might run or show"
    MOUNTS = "mounts and namespaces"
    CALLS = "rare system calls"
    RIGHTS = "rights and devices"


class Place(StrEnum):
    """Where in the workspace a probe runs."""

    KERNEL = "kernel"
    TERMINAL = "terminal"


class Control(StrEnum):
    """Where a probe has to succeed, so that its failing in the workspace means something."""

    HOST = "an ordinary process"
    STAND_IN = "an ordinary process in a network of its own, where every address answers"
    STOCK = "a stock Jupyter server"


class Verdict(StrEnum):
    """How a probe ended. Only ``BLOCKED`` is good, and only beside a control that succeeded."""

    BLOCKED = "blocked"
    SUCCEEDED = "succeeded"
    UNKNOWN = "could not tell"


@dataclass(frozen=True)
class Probe:
    """One attack. ``program`` is the body of a Python program that ends in ``got``, ``nothing`` or an OSError.

    ``machine_may_refuse``: a machine that is set up strictly refuses this to every process, in a workspace or not. Then
    the control fails in so many words, there is nothing to stop, and the probe is left out of the proof by name.
    """

    name: str
    family: Family
    tries: str
    program: str
    control: Control = Control.HOST
    places: tuple[Place, ...] = (Place.KERNEL, Place.TERMINAL)
    machine_may_refuse: bool = False


@dataclass(frozen=True)
class Outcome:
    """How one probe ended in one place; ``detail`` is the refusal's name, or what was got."""

    verdict: Verdict
    detail: str = ""
