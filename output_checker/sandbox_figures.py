"""Builds the command lines of the sandboxes that draw figures: one untrusted description in, one picture out.

Promises: as ``sandbox``, each line is a pure function of its arguments, but for looking up what is installed. Inside
there is no network, nothing of the project and nothing to write to but a small private /tmp; the description comes on
standard input and the picture leaves on standard output. Never starts anything.
"""

from collections.abc import Sequence
from pathlib import Path

from output_checker import sandbox
from output_checker import sandbox_parts as parts
from output_checker.limits import Limits, limited
from output_checker.model.boundary import MEBIBYTE
from output_checker.sandbox_parts import Argument

CHROMIUM = Path("/usr/lib/chromium/chromium")
"""Debian's; the script in /usr/bin reads settings that are not there inside."""
LIMITS = Limits(
    memory=2048 * MEBIBYTE,
    processes=256,
    open_files=1024,
    file_size=256 * MEBIBYTE,
    cpu_seconds=30,
    tmp=256 * MEBIBYTE,
    shared_memory=128 * MEBIBYTE,
)
_VEGA = """
import sys, vl_convert
draw = getattr(vl_convert, sys.argv[1])
sys.stdout.buffer.write(draw(sys.stdin.read(), scale=2, allowed_base_urls=[]))
"""
_SCRIPTS = {"plotly": "plotly/package_data/plotly.min.js", "bokeh": "bokeh/server/static/js/bokeh.min.js"}
_DRAWS = {"vega": "vega_to_png", "vega-lite": "vegalite_to_png"}


def script_of(analysis: Path, library: str) -> Path | None:
    """The script of ``plotly`` or ``bokeh`` for a page, as its package in the analysis environment has it, if any."""
    found = analysis.glob(f"lib/python3*/site-packages/{_SCRIPTS[library]}")
    return next(iter(found), None)


def has_vega(analysis: Path) -> bool:
    """Whether the analysis environment has what draws Vega and Vega-Lite."""
    return any(analysis.glob("lib/python3*/site-packages/vl_convert"))


def vega(analysis: Path, seccomp: Path | None, kind: str) -> list[str]:
    """The command line that draws a ``vega`` or ``vega-lite`` description from standard input."""
    command = [str(analysis / "bin" / "python3"), "-I", "-c", _VEGA, _DRAWS[kind]]
    return _cage(analysis, command, seccomp)


def browser(analysis: Path, seccomp: Path | None) -> list[str]:
    """The command line that opens the page on standard input and writes what it has become once its scripts ran.

    Without Chromium's own sandbox, which needs namespaces of its own; this one holds nothing else.
    """
    flags = [flag for flag, _ in _FLAGS]
    script = 'cat >/tmp/page.html && exec "$@" file:///tmp/page.html'
    return _cage(analysis, ["/bin/sh", "-c", script, "drawing", str(CHROMIUM), *flags], seccomp)


_FLAGS = (
    ("--headless", "no screen"),
    ("--no-sandbox", "see above"),
    ("--disable-gpu", "there is no device"),
    ("--no-first-run", "no questions"),
    ("--disable-background-networking", "there is nobody to ask"),
    ("--disable-component-update", "nor to ask for these"),
    ("--disable-extensions", "there are none"),
    ("--disable-dbus", "there is no bus"),
    ("--user-data-dir=/tmp/profile", "gone with the sandbox"),
    ("--virtual-time-budget=20000", "timers of the page don't take real time"),
    ("--dump-dom", "writes the page and ends"),
)


def _cage(analysis: Path, command: Sequence[str], seccomp: Path | None) -> list[str]:
    arguments: list[Argument] = [
        *parts.isolation(),
        *parts.system(),
        *parts.private_tmp(LIMITS),
        *parts.private_proc(),
        *parts.python(analysis),
        ("--remount-ro", "/"),
        ("--clearenv",),  # the server's environment holds the hub's token
        ("--setenv", "PATH", sandbox.search_path(analysis)),
        ("--setenv", "LANG", "C.UTF-8"),
        ("--setenv", "HOME", "/tmp"),  # noqa: S108 private
        ("--chdir", "/"),
    ]
    return sandbox.hostile_line(arguments, limited(command, LIMITS), seccomp)
