"""What is behind the picture, when it can't be there."""

import asyncio
from pathlib import Path

import pytest

from halftide_workspace.pixels import stage
from halftide_workspace.pixels.stage import Set, Stage, State
from output_checker import sandbox_pixels
from output_checker.sandbox_pixels import PixelPaths


def test_what_can_not_start_says_why_and_is_tried_again_when_somebody_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "_TRIES", 1)
    monkeypatch.setattr(sandbox_pixels, "missing_packages", lambda: ("novnc",))
    one = Stage(Set(PixelPaths(tmp_path), "http://localhost/lab", 15, tmp_path, ()), str, lambda: None)

    async def told() -> str:
        for _ in range(200):
            if one.state is State.FAILED:
                return one.trouble
            await asyncio.sleep(0.05)
        return "it never failed"

    async def story() -> None:
        assert (one.state, one.is_ready) == (State.RESTING, False)
        one.begin()
        assert "sudo apt-get install novnc" in await told()
        one.begin()
        assert one.state is State.FAILED, "looking at a failure does not hide it"
        one.begin_again()
        assert one.trouble == "", "another try"
        assert "sudo apt-get install novnc" in await told()

    asyncio.run(story())
