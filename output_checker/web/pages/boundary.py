"""What a project's workspaces may take and show, as an administrator reads and changes it.

The fields are those of ``model.Boundary``; this module only says each of them in plain words and in a unit that people
use. What a form sends is judged by the model, never here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from output_checker import sandbox_pixels
from output_checker.model import BadInput, Boundary, Display, Figures
from output_checker.web.security import Form

_KIBIBYTE: Final = 1024
_MEBIBYTE: Final = 1024 * 1024
_LARGEST: Final = 10**15


@dataclass(frozen=True)
class Amount:
    """A number. ``scale`` of the model's unit make one of the form's ``unit``."""

    name: str
    label: str
    unit: str
    hint: str
    scale: int = 1

    def text(self, value: float) -> str:
        """The value in the form's unit, without an empty fraction."""
        return f"{(Decimal(str(value)) / self.scale).normalize():f}"

    def read(self, text: str) -> float:
        """The model's value. Raises BadInput for what is no number."""
        try:
            number = Decimal(text) * self.scale
        except ArithmeticError:  # no number, or beyond all numbers
            number = Decimal("NaN")
        if not number.is_finite() or abs(number) > _LARGEST:
            raise BadInput(f"“{self.label}” is a number, such as 512, not {text[:40]!r}. Nothing was changed.")
        return int(number) if number == number.to_integral_value() else float(number)


@dataclass(frozen=True)
class Choice:
    """One of several words; ``options`` holds each with what it means."""

    name: str
    label: str
    options: tuple[tuple[str, str, str], ...]

    def text(self, value: Any) -> str:
        """The word that the form sends for a value."""
        return ("yes" if value else "no") if isinstance(value, bool) else str(value)

    def read(self, text: str) -> Any:
        """The model's value."""
        return {"yes": True, "no": False}.get(text, text)


Field = Amount | Choice
Section = tuple[str, str, tuple[Field, ...]]

SECTIONS: Final[tuple[Section, ...]] = (
    (
        "What the page is shown",
        "Output, files that are opened and terminals are counted together. Code runs on when an amount is used up.",
        (
            Amount(
                "window.at_once",
                "At once",
                "KiB",
                "The largest single output or piece of a file, and all text and tables of one cell.",
                _KIBIBYTE,
            ),
            Amount("window.burst", "In a burst", "MiB", "What may be shown before it has to trickle.", _MEBIBYTE),
            Amount("window.per_minute", "Each minute", "KiB", "How fast the burst fills up again.", _KIBIBYTE),
            Amount(
                "window.per_day", "Each day", "MiB", "All together until midnight UTC, restarts included.", _MEBIBYTE
            ),
            Choice(
                "figures",
                "Figures that carry their data (Plotly, Vega)",
                (
                    (Figures.IMAGE, "As images", "The data behind the figure stay in the workspace."),
                    (Figures.INTERACTIVE, "Interactive", "The data reach the browser, within the amounts above."),
                ),
            ),
            Choice(
                "display",
                "The page itself",
                (
                    (Display.PAGE, "JupyterLab", "What is shown is text and images that can be copied."),
                    (Display.PIXELS, "Nothing but pixels", "JupyterLab runs on our side; its picture is sent."),
                ),
            ),
        ),
    ),
    (
        "Where nothing but pixels is shown",
        "The picture is one stream. Too much of it comes later; only the amount of a day ends it.",
        (
            Amount("pixels.burst", "Picture in a burst", "MiB", "What may be sent at full speed.", _MEBIBYTE),
            Amount("pixels.per_second", "Picture each second", "KiB", "Typing needs 20, scrolling 300.", _KIBIBYTE),
            Amount("pixels.per_day", "Picture each day", "MiB", "All together until midnight UTC.", _MEBIBYTE),
            Amount("pixels.frames", "Frames", "each second", "At the most, and 60 is the highest."),
        ),
    ),
    (
        "What a workspace takes",
        "A cell that reaches one of these fails with a message that says which.",
        (
            Amount("resources.memory_mb", "Memory", "MiB", "Of all kernels and terminals together."),
            Amount("resources.cpus", "Processors", "cores", "May be a fraction, such as 1.5."),
            Amount("resources.processes", "Processes", "at a time", "Threads count too."),
            Amount("resources.open_files", "Open files", "of one process", "Sockets and pipes count too."),
            Amount("resources.file_mb", "Largest file", "MiB", "That code may write."),
            Amount("resources.disk_mb", "Workspace", "MiB", "All files of one person in this project."),
            Amount("resources.cpu_hours", "Processor time", "hours", "Of one process."),
            Amount("resources.run_hours", "Run time", "hours", "Of one kernel or terminal."),
            Amount("resources.tmp_mb", "Temporary files", "MiB", "In /tmp of one kernel."),
            Amount("resources.shared_memory_mb", "Shared memory", "MiB", "In /dev/shm of one kernel."),
        ),
    ),
    (
        "Beside other projects",
        "Two projects of one person share an origin in the browser.",
        (
            Choice(
                "one_project_at_a_time",
                "While a workspace of this project is open",
                (
                    ("no", "Others may be open", "Each is kept apart by path."),
                    ("yes", "No other may be open", "And this one starts only when no other runs."),
                ),
            ),
        ),
    ),
)


def _fields() -> Iterator[Field]:
    for _, _, fields in SECTIONS:
        yield from fields


def filled(boundary: Boundary) -> dict[str, str]:
    """What stands in each field of the form."""
    values = boundary.values()
    return {field.name: field.text(values[field.name]) for field in _fields()}


def facts(boundary: Boundary) -> list[tuple[str, str]]:
    """What members should know of it, in words."""
    values, told = boundary.values(), []
    for field in SECTIONS[0][2]:
        value = field.text(values[field.name])
        if isinstance(field, Amount):
            told.append((f"Shown {field.label.lower()}", f"{value} {field.unit}"))
        else:
            told.append((field.name.capitalize(), next(label for word, label, _ in field.options if word == value)))
    taken = boundary.resources
    return [*told, ("Memory", f"{taken.memory_mb:,} MiB"), ("Processors", f"{taken.cpus:g}")]


def trouble(boundary: Boundary) -> str:
    """Why workspaces of this boundary can't start on this machine, with the way on; empty when they can."""
    if boundary.display is not Display.PIXELS:
        return ""
    return sandbox_pixels.what_is_missing(sandbox_pixels.missing_packages())


def values_of(form: Form) -> dict[str, Any]:
    """The values that a form sends, by their dotted names; a field that it leaves empty stays as it is."""
    return {field.name: field.read(form.text(field.name)) for field in _fields() if form.text(field.name)}
