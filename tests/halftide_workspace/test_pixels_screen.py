"""The screen of pixel mode: no clipboard passes, nothing inside can allow it, and the watermark stays above."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from halftide_workspace.pixels.watermark import GREY, Watermark, mask
from tests.halftide_workspace.screens import SIZE, Program, Screen, Viewer, eventually, screen

SECRET = b"id,diagnosis\n7,C50"
POINT = GREY.to_bytes(3, "little")


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Screen]:
    with screen(tmp_path) as running:
        yield running


@pytest.fixture
def unguarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    with screen(tmp_path_factory.mktemp("control"), guarded=False) as running:
        yield running


async def copied_outside(on: Screen, patience: float) -> bytes | None:
    """What a viewer's clipboard gets when a program on the screen copies SECRET."""
    viewer, program = await Viewer.at(on), await Program.open(on.paths.client_socket, on.cookie)
    copying = asyncio.ensure_future(program.copy(SECRET))
    try:
        return await viewer.copied(patience)
    finally:
        copying.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await copying
        program.close()
        viewer.close()


async def pasted_inside(on: Screen, patience: float) -> bool:
    """Whether a viewer's clipboard becomes that of the screen."""
    viewer, program = await Viewer.at(on), await Program.open(on.paths.client_socket, on.cookie)
    try:
        viewer.paste(b"from outside")
        for _ in range(int(patience / 0.1)):
            if await program.owner_of_clipboard():
                return True
            await asyncio.sleep(0.1)
        return False
    finally:
        program.close()
        viewer.close()


@pytest.mark.attack
def test_no_clipboard_passes_in_either_direction(guarded: Screen, unguarded: Screen) -> None:
    """The control is TigerVNC with its own settings, where both pass."""
    assert asyncio.run(copied_outside(unguarded, 20)) == SECRET
    assert asyncio.run(pasted_inside(unguarded, 20))
    assert asyncio.run(copied_outside(guarded, 2)) is None
    assert not asyncio.run(pasted_inside(guarded, 2))


@pytest.mark.attack
@pytest.mark.parametrize("flag", ["SendCutText", "AcceptCutText", "SendPrimary"])
def test_nothing_inside_can_switch_the_clipboard_on(guarded: Screen, unguarded: Screen, flag: str) -> None:
    """The control is TigerVNC's own list of what programs may override."""
    for wanted in ("0", "1"):
        assert unguarded.run("vncconfig", "-set", f"{flag}={wanted}").returncode == 0
        assert unguarded.run("vncconfig", "-get", flag).stdout.strip() == wanted
    assert "failed" in guarded.run("vncconfig", "-set", f"{flag}=1").stderr
    assert guarded.run("vncconfig", "-get", flag).stdout.strip() == "0"
    assert asyncio.run(copied_outside(guarded, 1)) is None


def grey_points(picture: bytes) -> int:
    """How many points of a picture have the watermark's colour."""
    return sum(picture[at : at + 3] == POINT for at in range(0, len(picture), 4))


async def points_after_covering(on: Screen, *, marked: bool) -> int:
    """How much of the watermark is left when a program covers the whole screen with white again and again."""
    says = "ada · tides · now"
    watermark = Watermark(lambda: says)
    standing = asyncio.ensure_future(watermark.stand(on.paths.client_socket, on.cookie)) if marked else None
    program, viewer = await Program.open(on.paths.client_socket, on.cookie), await Viewer.at(on)
    try:
        if standing:
            await eventually(watermark.up.is_set)
        for _ in range(3):
            program.cover(0xFFFFFF)
            await program.flush()
            await asyncio.sleep(0.5)
        for _ in range(20):
            points = grey_points(await viewer.picture())
            if points or not marked:
                break
            await asyncio.sleep(0.2)
        return points
    finally:
        viewer.close()
        program.close()
        if standing:
            standing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await standing


@pytest.mark.attack
def test_what_covers_the_watermark_is_covered_by_it(guarded: Screen) -> None:
    """The control is the same white window without a watermark."""
    drawn = sum(byte.bit_count() for byte in mask("ada · tides · now", *SIZE))
    assert asyncio.run(points_after_covering(guarded, marked=True)) > drawn * 0.9
    assert asyncio.run(points_after_covering(guarded, marked=False)) == 0
