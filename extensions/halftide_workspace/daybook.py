"""What was shown today, in the server's own folder: the day's count survives the server.

Promises: what the file says was shown is never less than what was. Never a place that a kernel sees.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from halftide_workspace.meter import Meter


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
        """Writes ``shown`` down for today, all or nothing."""
        beside = self.file.with_suffix(".new")
        beside.write_text(json.dumps({"day": self.day, "shown": shown}), encoding="utf-8")
        beside.replace(self.file)

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
