"""Keeps the day's count: in the server's own folder at once, and at the portal every half minute.

Promises: what the portal is told only grows within a day, so that telling it twice, late or after a failure is
harmless. A portal that does not answer stops nobody; it is told the next time.
"""

import atexit
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tornado.ioloop import PeriodicCallback

from halftide_workspace.daybook import Daybook
from halftide_workspace.portal_client import PortalClient
from output_checker.model.errors import HalftideError

_LOG = logging.getLogger(__name__)
_MILLISECONDS = 30_000


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Recorder:
    """What records the meter of one server. ``session`` is this run of it."""

    daybook: Daybook
    portal: PortalClient
    clock: Callable[[], datetime] = _now
    session: str = field(default_factory=lambda: str(uuid.uuid4()))
    _before: int = 0
    """What this session showed on the days before."""
    _told: int = 0

    def start(self) -> None:
        """Takes up the day's count, and from now on records it."""
        self.daybook.open(self.clock())
        PeriodicCallback(self.record, _MILLISECONDS).start()
        atexit.register(lambda: self.daybook.turn(self.clock()))

    async def record(self) -> None:
        """Writes the count down, begins a new day where there is one, and tells the portal what is new."""
        meter, day = self.daybook.meter, self.daybook.day
        await self._tell(day, meter.shown - self._before)
        self.daybook.turn(self.clock())
        if self.daybook.day != day:
            self._before, self._told = meter.shown, 0

    async def _tell(self, day: str, count: int) -> None:
        if count == self._told:
            return
        try:
            await self.portal.tell_shown(self.session, day, count)
        except HalftideError as error:
            _LOG.info("what was shown could not be told to the portal: %s", error)
            return
        self._told = count
