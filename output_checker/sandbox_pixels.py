"""Builds the command lines of pixel mode: a screen (TigerVNC) and a browser (Chromium), each in a sandbox of its own.

Promises: as ``sandbox``, each line is a pure function of its arguments. Neither of the two has a network. The screen
has two doors, the socket of its X clients and the one that its pixels leave by; the browser has the X socket and the
socket by which it reaches its workspace's server. Kernels and terminals have none of these.
Never starts anything, and never puts a secret on a command line.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from output_checker import sandbox
from output_checker import sandbox_parts as parts
from output_checker.limits import Limits, limited
from output_checker.model.boundary import MEBIBYTE
from output_checker.model.errors import Broken
from output_checker.sandbox_parts import Argument

DISPLAY = 7
"""The screen's number: each workspace has a folder of its own for X sockets, so all may use the same."""
DOOR = "/door"
"""Where the browser's sandbox has the folder with the socket of the workspace's server."""
_X_SOCKETS = "/tmp/.X11-unix"  # noqa: S108 private; the place that X clients know
_AUTHORITY = "/etc/X11/authority"
_POLICIES = "/etc/chromium/policies/managed/halftide.json"
_SCREEN_SOCKET = "/screen/rfb"

PACKAGES = {
    "tigervnc-standalone-server": "/usr/bin/Xtigervnc",
    "novnc": "/usr/share/novnc/core/rfb.js",
    "matchbox-window-manager": "/usr/bin/matchbox-window-manager",
    "chromium": "/usr/lib/chromium/chromium",
}
"""Debian's packages that pixel mode is made of, and the file of each that is used."""
CHROMIUM = PACKAGES["chromium"]
NOVNC = Path("/usr/share/novnc")

SCREEN_LIMITS = Limits(
    memory=512 * MEBIBYTE, processes=64, open_files=256, file_size=64 * MEBIBYTE, tmp=16 * MEBIBYTE, shared_memory=0
)
BROWSER_LIMITS = Limits(
    memory=4096 * MEBIBYTE,
    processes=512,
    open_files=4096,
    file_size=256 * MEBIBYTE,
    tmp=256 * MEBIBYTE,
    shared_memory=512 * MEBIBYTE,
)


@dataclass(frozen=True)
class PixelPaths:
    """The folders of one screen, all of them the server's own and below ``root``."""

    root: Path

    @property
    def clients(self) -> Path:
        """The folder of the X socket."""
        return self.root / "x"

    @property
    def screen(self) -> Path:
        """The folder of the socket that the pixels leave by."""
        return self.root / "screen"

    @property
    def door(self) -> Path:
        """The folder of the socket by which the browser inside reaches the server."""
        return self.root / "door"

    @property
    def authority(self) -> Path:
        """The X cookie's file."""
        return self.root / "authority"

    @property
    def policies(self) -> Path:
        """Chromium's managed policies."""
        return self.root / "policies.json"

    @property
    def client_socket(self) -> Path:
        """The X socket itself."""
        return self.clients / f"X{DISPLAY}"

    @property
    def screen_socket(self) -> Path:
        """Where the screen speaks RFB."""
        return self.screen / Path(_SCREEN_SOCKET).name

    @property
    def door_socket(self) -> Path:
        """Where the server listens for the browser inside."""
        return self.door / "http"


def missing_packages() -> tuple[str, ...]:
    """The Debian packages that pixel mode lacks on this machine."""
    return tuple(package for package, file in PACKAGES.items() if not Path(file).exists())


def what_is_missing(missing: Sequence[str]) -> str:
    """``missing`` packages in words, with the way on; empty when nothing is."""
    if not missing:
        return ""
    return f"Pixel mode needs {', '.join(missing)} on this machine: sudo apt-get install {' '.join(missing)}"


def require_pixels() -> None:
    """Raises Broken, naming what is to be installed, when this machine can't show a workspace as pixels."""
    text = what_is_missing(missing_packages())
    if text:
        raise Broken(f"This project shows nothing but pixels, and this machine can't do that yet. {text}")


def screen(paths: PixelPaths, *, frames: int, size: tuple[int, int], seccomp: Path | None) -> list[str]:
    """The command line of the screen: an X server whose only picture goes to ``paths.screen_socket``."""
    arguments: list[Argument] = [
        *parts.isolation(),
        *parts.system(),
        *parts.private_tmp(SCREEN_LIMITS),
        *parts.private_proc(),
        ("--bind", str(paths.clients), _X_SOCKETS),
        ("--bind", str(paths.screen), str(Path(_SCREEN_SOCKET).parent)),
        ("--ro-bind", str(paths.authority), _AUTHORITY),
        ("--remount-ro", "/"),
        ("--clearenv",),
        ("--setenv", "PATH", "/usr/bin:/bin"),  # it starts xkbcomp
        ("--setenv", "LANG", "C.UTF-8"),
        ("--setenv", "HOME", "/tmp"),  # noqa: S108 private
        ("--chdir", "/"),
    ]
    command = [PACKAGES["tigervnc-standalone-server"], *(word for flag in _screen_flags(frames, size) for word in flag)]
    return sandbox.hostile_line(arguments, limited(command, SCREEN_LIMITS), seccomp)


def _screen_flags(frames: int, size: tuple[int, int]) -> Iterator[Argument]:
    yield (f":{DISPLAY}",)
    yield ("-geometry", f"{size[0]}x{size[1]}")
    yield ("-depth", "24")
    yield ("-auth", _AUTHORITY)  # a cookie on top of the socket's place
    yield ("-nolisten", "tcp")
    yield ("-nolisten", "local")  # no abstract socket
    yield ("-noreset",)  # the screen outlives its clients
    yield ("-rfbport", "-1")  # no TCP port for the picture either
    yield ("-rfbunixpath", _SCREEN_SOCKET)
    yield ("-rfbunixmode", "0600")
    yield ("-SecurityTypes", "None")  # who gets here was asked by the server; nobody else reaches the socket
    yield ("-AllowOverride=",)  # essential: by default any X client may switch the clipboard on again
    yield ("-SendCutText=0",)  # no clipboard to the person's machine
    yield ("-SendPrimary=0",)  # nor the selection
    yield ("-AcceptCutText=0",)  # nor from it
    yield ("-SetPrimary=0",)
    yield ("-AcceptSetDesktopSize=1",)  # the window's size is the person's
    yield ("-NeverShared",)  # one viewer; who comes later takes over
    yield ("-DisconnectClients=1",)
    yield (f"-FrameRate={frames}",)
    yield ("-desktop", "Halftide")
    for extension in (
        "XTEST",
        "RECORD",
        "MIT-SCREEN-SAVER",
        "DPMS",
        "GLX",
    ):  # nobody here needs to drive or tap another
        yield ("-extension", extension)


def browser(paths: PixelPaths, command: Sequence[str]) -> list[str]:
    """The command line that runs ``command`` (our starter of window manager, relay and Chromium) beside the screen.

    Without our system-call filter, which refuses namespaces: Chromium's own sandbox makes one for each page and puts a
    narrower filter of its own on it, and a page is where the researcher's bytes are parsed.
    """
    arguments: list[Argument] = [
        *parts.isolation(),
        *parts.system(),
        *parts.private_tmp(BROWSER_LIMITS),
        *parts.private_proc(),
        *parts.python(Path(sys.prefix)),
        *parts.packages(),
        ("--size", str(BROWSER_LIMITS.tmp)),
        ("--tmpfs", sandbox.HOME),  # the profile: nothing of it is kept
        ("--ro-bind", str(paths.clients), _X_SOCKETS),
        ("--ro-bind", str(paths.door), DOOR),
        ("--ro-bind", str(paths.authority), _AUTHORITY),
        ("--ro-bind", str(paths.policies), _POLICIES),
        ("--remount-ro", "/"),
        ("--clearenv",),  # the server's environment holds the hub's token
        ("--setenv", "PATH", sandbox.search_path(Path(sys.prefix))),
        ("--setenv", "LANG", "C.UTF-8"),
        ("--setenv", "HOME", sandbox.HOME),
        ("--setenv", "DISPLAY", f":{DISPLAY}"),
        ("--setenv", "XAUTHORITY", _AUTHORITY),
        ("--setenv", "PYTHONNOUSERSITE", "1"),
        ("--setenv", "PYTHONSAFEPATH", "1"),
        ("--setenv", "PYTHONDONTWRITEBYTECODE", "1"),
        ("--chdir", sandbox.HOME),
    ]
    return sandbox.hostile_line(arguments, limited(command, BROWSER_LIMITS), None)
