"""The command lines of pixel mode, and what is said where its programs are missing."""

from pathlib import Path

import pytest

from output_checker import sandbox_pixels
from output_checker.model import Broken
from output_checker.sandbox_pixels import PixelPaths

PATHS = PixelPaths(Path("/run/halftide/pixels"))
SCREEN = sandbox_pixels.screen(PATHS, frames=15, size=(1600, 900), seccomp=Path("/run/halftide/seccomp.bpf"))
BROWSER = sandbox_pixels.browser(PATHS, ["starter"])


def mounts(line: list[str]) -> set[str]:
    """The host's folders and files of this workspace that a sandbox has."""
    return {
        line[place + 1]
        for place, word in enumerate(line)
        if word in {"--bind", "--ro-bind", "--ro-bind-try"} and line[place + 1].startswith("/run/halftide")
    }


@pytest.mark.parametrize("line", [SCREEN, BROWSER], ids=["screen", "browser"])
def test_neither_has_a_network_a_capability_or_the_servers_environment(line: list[str]) -> None:
    for flag in ("--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--clearenv"):
        assert flag in line
    assert line[line.index("--cap-drop") + 1] == "ALL"
    assert line[:2] == ["/usr/bin/env", "-i"]


def test_each_has_its_own_doors_only() -> None:
    assert mounts(SCREEN) == {str(path) for path in (PATHS.clients, PATHS.screen, PATHS.authority)}
    assert mounts(BROWSER) == {str(path) for path in (PATHS.clients, PATHS.door, PATHS.authority, PATHS.policies)}


def test_the_screen_opens_no_port_and_no_clipboard_and_lets_nobody_change_that() -> None:
    for flag in ("-SendCutText=0", "-SendPrimary=0", "-AcceptCutText=0", "-AllowOverride=", "-NeverShared"):
        assert flag in SCREEN
    assert SCREEN[SCREEN.index("-rfbport") + 1] == "-1"
    assert SCREEN[SCREEN.index("-rfbunixmode") + 1] == "0600"
    assert [SCREEN[place + 1] for place, word in enumerate(SCREEN) if word == "-nolisten"] == ["tcp", "local"]


def test_what_is_missing_is_named_with_the_way_on(monkeypatch: pytest.MonkeyPatch) -> None:
    present = dict.fromkeys(sandbox_pixels.PACKAGES, "/")
    monkeypatch.setattr(sandbox_pixels, "PACKAGES", present)
    sandbox_pixels.require_pixels()
    monkeypatch.setattr(sandbox_pixels, "PACKAGES", {**present, "novnc": "/no/such/file"})
    with pytest.raises(Broken, match="sudo apt-get install novnc"):
        sandbox_pixels.require_pixels()
