"""Counts the bytes of the picture that a workspace sends to a person, and says when it has to wait or to stop.

A picture can't be cut where a message can: too much of it is sent later, and only a whole day's share ends it. Never
reads a clock: time and day are passed in.
"""

from dataclasses import dataclass
from datetime import date

from output_checker.model import Pixels


@dataclass
class PictureBudget:
    """A bucket that may go into debt, which is paid back by waiting; and what was sent on ``day``."""

    limits: Pixels
    now: float
    day: date
    sent_today: int = 0
    sent: int = 0
    left: float = 0.0

    def __post_init__(self) -> None:
        self.left = self.limits.burst

    def take(self, size: int, now: float, day: date) -> float:
        """Counts ``size`` bytes that are sent at ``now`` and returns the seconds to wait before the next."""
        self._turn(day)
        self.left = min(self.limits.burst, self.left + max(0.0, now - self.now) * self.limits.per_second)
        self.now = max(now, self.now)
        self.left -= size
        self.sent_today += size
        self.sent += size
        return max(0.0, -self.left / self.limits.per_second)

    def is_spent(self, day: date) -> bool:
        """Whether the day's share is used up."""
        self._turn(day)
        return self.sent_today >= self.limits.per_day

    def _turn(self, day: date) -> None:
        if day != self.day:
            self.day, self.sent_today = day, 0
