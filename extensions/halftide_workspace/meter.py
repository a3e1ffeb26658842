"""Counts what the browser is shown. One meter for each server: notebook messages, answers and terminals share it.

Never reads a clock by itself: the time is passed in, as seconds that only grow. Which day it is, and what the day's
count was before the server started, is the business of ``daybook``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from output_checker.model import Window

METER = "halftide_meter"
"""Where the server's application keeps its meter."""
ASK = "To get results out, ask for a release: right-click the file and choose “Request release…”."
RESERVE = 4 * 1024 * 1024
"""Bytes of the day that are written down before they are shown, so that an end without a warning forgets none."""


class Refusal(StrEnum):
    """Why something is not shown."""

    TOO_LARGE = "too large"
    CELL_USED_UP = "cell used up"
    USED_UP = "used up"
    DAY_USED_UP = "day used up"


@dataclass
class Bucket:
    """So many bytes at most, that refill with time."""

    size: float
    per_minute: float
    at: float
    left: float = -1.0

    def __post_init__(self) -> None:
        if self.left < 0:
            self.left = self.size

    def fill(self, now: float) -> None:
        """Lets the time until ``now`` pass; a clock that goes back gives nothing."""
        self.left = min(self.size, self.left + max(0.0, now - self.at) * (self.per_minute / 60))
        self.at = max(now, self.at)

    def wait(self, size: float) -> float:
        """Seconds until ``size`` bytes would be there."""
        return max(0.0, (min(size, self.size) - self.left) / (self.per_minute / 60))


def _nothing(_reserved: int) -> None:
    """Writes nothing down: a meter of its own, without a daybook."""


@dataclass
class Meter:
    """What may still be shown: a bucket that refills slowly, and the day's amount. ``shown`` is for ever."""

    window: Window
    now: float
    shown: int = 0
    today: int = 0
    reserve: Callable[[int], None] = _nothing
    """Told how much of the day to take for shown, before it is."""
    reserved: int = 0
    bucket: Bucket = field(init=False)

    def __post_init__(self) -> None:
        self.bucket = Bucket(self.window.burst, self.window.per_minute, self.now)

    @property
    def left(self) -> float:
        """Bytes that may be shown at once, all together; below zero after what had to be shown."""
        return self.bucket.left

    def weigh(self, size: int, now: float) -> Refusal | None:
        """Takes ``size`` bytes at time ``now`` for one message, or says why not and takes nothing."""
        if size > self.window.at_once:
            return Refusal.TOO_LARGE
        return self.weigh_file(size, now)

    def weigh_file(self, size: int, now: float) -> Refusal | None:
        """The same for something that may be larger than one message."""
        self.bucket.fill(now)
        if self.today + size > self.window.per_day:
            return Refusal.DAY_USED_UP
        if size > self.bucket.left:
            return Refusal.USED_UP
        self._take(size)
        return None

    def weigh_necessary(self, size: int, now: float) -> Refusal | None:
        """The same for what a page can't work without: it is shown on credit, of one burst at most."""
        self.bucket.fill(now)
        if self.bucket.left - size < -self.window.burst or self.today + size > self.window.per_day + self.window.burst:
            return Refusal.USED_UP
        self._take(size)
        return None

    def take_on_credit(self, size: int, now: float) -> float:
        """Takes ``size`` bytes of something that can't be cut, and returns the seconds until they are paid for."""
        self.bucket.fill(now)
        self._take(size)
        return self.bucket.wait(0)

    @property
    def day_is_used_up(self) -> bool:
        """Whether nothing more may be shown today."""
        return self.today >= self.window.per_day

    def begin_day(self, shown: int = 0) -> None:
        """Another day, of which ``shown`` bytes are used already."""
        self.today = shown
        self.reserved = shown

    def explain(self, refusal: Refusal, size: int, what: str) -> str:
        """``refusal`` in words for the researcher; ``what`` is what was not shown, as in "this output"."""
        if refusal is Refusal.TOO_LARGE:
            limit = human(self.window.at_once)
            return f"Halftide did not show {what}: it has {human(size)}, and at most {limit} is shown at once. {ASK}"
        if refusal is Refusal.CELL_USED_UP:
            limit = human(self.window.at_once)
            return f"Halftide does not show more of this cell: {limit} of text and tables is what one cell shows. {ASK}"
        if refusal is Refusal.DAY_USED_UP:
            return (
                f"Halftide did not show {what}: too little is left of the {human(self.window.per_day)} that this "
                f"workspace shows in a day. After midnight UTC it goes on; your code and its files are kept. {ASK}"
            )
        minutes = max(1, round(self.bucket.wait(size) / 60))
        wait = f"about {minutes} minute{'s' if minutes > 1 else ''}"
        return (
            f"Halftide did not show {what}: this workspace has used up what may be shown for now. "
            f"It can be shown in {wait}; your code runs on and its files are kept. {ASK}"
        )

    def _take(self, size: int) -> None:
        if self.today + size > self.reserved:
            self.reserved = self.today + size + RESERVE
            self.reserve(self.reserved)
        self.bucket.left -= size
        self.shown += size
        self.today += size


def human(size: int) -> str:
    """A number of bytes for people."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1e3:.0f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"
