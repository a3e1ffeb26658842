"""What a project's workspaces may take and show: the boundary, as an administrator sets it for each project.

A value, as a policy is: it travels as JSON from the portal through the hub to the workspace server, and each of them
refuses what it does not know. Never says who may work in the project, nor how outputs are judged.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, TypeVar

from output_checker.model.errors import BadInput

MEBIBYTE = 1024 * 1024
_MOST_FRAMES = 60


class Figures(StrEnum):
    """How figures that carry their data (Plotly, Vega) are shown; Bokeh's are pictures everywhere."""

    IMAGE = "image"
    INTERACTIVE = "interactive"


class Display(StrEnum):
    """What reaches the browser: JupyterLab itself, or nothing but its pixels."""

    PAGE = "page"
    PIXELS = "pixels"


@dataclass(frozen=True)
class Resources:
    """What one workspace, with all its kernels and terminals, may take."""

    memory_mb: int = 4096
    cpus: float = 2.0
    processes: int = 512
    open_files: int = 4096
    """Open files of one process."""
    file_mb: int = 16 * 1024
    """Largest file that may be written."""
    disk_mb: int = 64 * 1024
    """The workspace's folder."""
    cpu_hours: float = 168.0
    """Processor time of one process."""
    run_hours: float = 168.0
    """How long one kernel or terminal may run."""
    tmp_mb: int = 1024
    """Private /tmp of one kernel."""
    shared_memory_mb: int = 512
    """Shared memory of one kernel."""


@dataclass(frozen=True)
class Window:
    """How much of the workspace's content the browser may be shown, in bytes."""

    at_once: int = 1 * MEBIBYTE
    """One message, and all text and tables of one cell; or one piece of a file."""
    burst: int = 8 * MEBIBYTE
    per_minute: int = 240 * 1024
    """What refills the burst."""
    per_day: int = 64 * MEBIBYTE


@dataclass(frozen=True)
class Pixels:
    """How much of the picture is sent, in bytes, where the display is pixels. People need some 20 kB a second."""

    burst: int = 8 * MEBIBYTE
    per_second: int = 384 * 1024
    """What refills the burst; above it the picture comes later, and nothing of it is cut."""
    per_day: int = 1024 * MEBIBYTE
    frames: int = 15
    """Pictures a second at the most."""


@dataclass(frozen=True)
class Boundary:
    """All of it."""

    resources: Resources = field(default_factory=Resources)
    window: Window = field(default_factory=Window)
    figures: Figures = Figures.IMAGE
    display: Display = Display.PAGE
    pixels: Pixels = field(default_factory=Pixels)
    one_project_at_a_time: bool = False
    """Whether a person who works here may have no other project's workspace open: two projects of one person share an
    origin in the browser."""

    @classmethod
    def from_mapping(cls, raw: Mapping[str, Any]) -> "Boundary":
        """A boundary from parsed JSON; what is left out is as usual. Raises BadInput for anything it does not know."""
        values = dict(_known(cls, raw))
        if "resources" in values:
            values["resources"] = _numbers(Resources, values["resources"])
        if "window" in values:
            values["window"] = _numbers(Window, values["window"])
        if "pixels" in values:
            values["pixels"] = _numbers(Pixels, values["pixels"])
        if "figures" in values:
            values["figures"] = _choice(Figures, "figures", values["figures"])
        if "display" in values:
            values["display"] = _choice(Display, "display", values["display"])
        if not isinstance(values.get("one_project_at_a_time", False), bool):
            raise BadInput("one_project_at_a_time is true or false")
        boundary = cls(**values)
        boundary._require_sense()
        return boundary

    def as_mapping(self) -> dict[str, Any]:
        """The boundary as JSON can say it."""
        return asdict(self)

    def values(self) -> dict[str, Any]:
        """Every value by its dotted name, as in ``window.per_day``."""
        return dict(_flat(self.as_mapping()))

    def with_values(self, values: Mapping[str, Any]) -> "Boundary":
        """This boundary with other values, by their dotted names. Raises BadInput as ``from_mapping`` does."""
        raw: dict[str, Any] = self.as_mapping()
        for name, value in values.items():
            part, dot, last = name.partition(".")
            if dot and not isinstance(raw.get(part), dict):
                raise BadInput(f"boundary has no {name}; it has {', '.join(self.values())}")
            (raw[part] if dot else raw)[last or part] = value
        return Boundary.from_mapping(raw)

    def unusual_values(self) -> dict[str, Any]:
        """The values that differ from the usual, by their dotted names."""
        usual = Boundary().values()
        return {name: value for name, value in self.values().items() if value != usual[name]}

    def unusual(self) -> dict[str, Any]:
        """The same as ``from_mapping`` reads it."""
        found: dict[str, Any] = {}
        for name, value in self.unusual_values().items():
            part, dot, last = name.partition(".")
            (found.setdefault(part, {}) if dot else found)[last or part] = value
        return found

    def _require_sense(self) -> None:
        window = self.window
        if not window.at_once <= window.burst <= window.per_day:
            raise BadInput("what is shown at once fits into a burst, and a burst into a day")
        if self.pixels.frames > _MOST_FRAMES:
            raise BadInput(f"a screen shows {_MOST_FRAMES} pictures a second at the most")


def _flat(raw: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in raw.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield above + name, value


_Numbers = TypeVar("_Numbers", Resources, Window, Pixels)
_Choice = TypeVar("_Choice", Figures, Display)


def _known(kind: type, raw: Any) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise BadInput(f"{kind.__name__.lower()} is a mapping, not {raw!r}")
    names = sorted(each.name for each in fields(kind))
    unknown = sorted(set(raw) - set(names))
    if unknown:
        raise BadInput(f"{kind.__name__.lower()} has no {', '.join(unknown)}; it has {', '.join(names)}")
    return raw


def _numbers(kind: type[_Numbers], raw: Any) -> _Numbers:
    for name, value in _known(kind, raw).items():
        wanted = (int, float) if isinstance(getattr(kind(), name), float) else (int,)
        if isinstance(value, bool) or not isinstance(value, wanted) or not 0 < value < 2**53:
            raise BadInput(f"{kind.__name__.lower()}: {name} must be a number above 0, not {value!r}")
    return kind(**raw)


def _choice(kind: type[_Choice], name: str, value: Any) -> _Choice:
    try:
        return kind(value)
    except ValueError as error:
        raise BadInput(f"{name} is one of {', '.join(kind)}, not {value!r}") from error
