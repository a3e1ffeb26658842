"""Counts what the browser is shown. One meter for each server: notebook messages, files and terminals share it.

Never reads a clock by itself: the time is passed in, as seconds that only grow.
"""

from dataclasses import dataclass
from enum import StrEnum

from output_checker.model import Window

ASK = "To get results out, ask for a release: right-click the file and choose “Request release…”."


class Refusal(StrEnum):
    """Why something is not shown."""

    TOO_LARGE = "too large"
    USED_UP = "used up"


@dataclass
class Meter:
    """A bucket of bytes that refills slowly. What was let through is counted for ever in ``shown``."""

    window: Window
    now: float
    shown: int = 0
    left: float = -1.0

    def __post_init__(self) -> None:
        if self.left < 0:
            self.left = self.window.burst

    def weigh(self, size: int, now: float) -> Refusal | None:
        """Takes ``size`` bytes out of the bucket at time ``now``, or says why not and takes nothing."""
        self.left = min(self.window.burst, self.left + max(0.0, now - self.now) * (self.window.per_minute / 60))
        self.now = max(now, self.now)
        if size > self.window.at_once:
            return Refusal.TOO_LARGE
        if size > self.left:
            return Refusal.USED_UP
        self.left -= size
        self.shown += size
        return None

    def wait(self, size: int) -> float:
        """Seconds until ``size`` bytes would pass."""
        return max(0.0, (min(size, self.window.burst) - self.left) / (self.window.per_minute / 60))

    def explain(self, refusal: Refusal, size: int, what: str) -> str:
        """``refusal`` in words for the researcher; ``what`` is what was not shown, as in "this output"."""
        if refusal is Refusal.TOO_LARGE:
            limit = human(self.window.at_once)
            return f"Halftide did not show {what}: it has {human(size)}, and at most {limit} is shown at once. {ASK}"
        minutes = max(1, round(self.wait(size) / 60))
        wait = f"about {minutes} minute{'s' if minutes > 1 else ''}"
        return (
            f"Halftide did not show {what}: this workspace has used up what may be shown for now. "
            f"It can be shown in {wait}; your code runs on and its files are kept. {ASK}"
        )


def human(size: int) -> str:
    """A number of bytes for people."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1e3:.0f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"
