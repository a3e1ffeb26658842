"""What was shown today, in the server's own folder: the day's count survives the server.

Promises: what the file says was shown is never less than what was. Never a place that a kernel sees.
"""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from halftide_workspace.meter import Meter

_LINE = 80
"""Bytes of the file, always, so that a later line covers all of an earlier one."""


@dataclass
class Daybook:
    """The file of one workspace, and the meter that it speaks of."""

    file: Path
    meter: Meter
    day: str = ""

    def open(self, now: datetime) -> None:
        """Takes up the day's count where the last server left it. A file that makes no sense counts as a full day."""
        self.day = day_of(now)
        self.meter.begin_day(self._kept())
        self.meter.reserve = self.write

    def turn(self, now: datetime) -> None:
        """Begins a new page when it is another day, and writes down what is so."""
        if day_of(now) != self.day:
            self.day = day_of(now)
            self.meter.begin_day()
        self.write(self.meter.today)
        self.meter.reserved = self.meter.today

    def write(self, shown: int) -> None:
        """Writes ``shown`` down for today. In place, as a rename waits for the disk while the page waits for its
        output; a line that was only half written makes no sense, and so counts as a full day."""
        line = json.dumps({"day": self.day, "shown": shown}).ljust(_LINE).encode()
        file = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            os.pwrite(file, line, 0)
        finally:
            os.close(file)

    def _kept(self) -> int:
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            return max(0, int(kept["shown"])) if kept["day"] == self.day else 0
        except FileNotFoundError:
            return 0
        except (OSError, ValueError, KeyError, TypeError):
            return self.meter.window.per_day


def day_of(now: datetime) -> str:
    """The day that a moment belongs to, in UTC."""
    return now.astimezone(UTC).date().isoformat()
