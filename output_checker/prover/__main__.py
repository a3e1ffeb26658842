"""``python -m output_checker.prover``: takes one order after the other, and orders what is due by itself.

Runs for as long as the hub does. A run that can't be made is told and given up; it never ends the prover.
"""

import asyncio
import logging
import os
import signal
import threading
import time
from datetime import datetime, timedelta

from output_checker.desk import probes
from output_checker.desk.context import Desk, open_desk
from output_checker.desk.probes import Order, Why
from output_checker.model import HalftideError
from output_checker.probes import Proof
from output_checker.prover.run import prove
from output_checker.prover.settings import Settings
from output_checker.prover.victims import throw_away

log = logging.getLogger("halftide.prover")
PAUSE = 0.3
"""Seconds between two looks for an order."""


def main() -> None:
    """Run until the hub ends us."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = Settings.from_environment(os.environ)
    os.environ.clear()  # what is started from here inherits nothing
    os.environ["PATH"] = settings.path
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    desk = open_desk(settings.state)
    try:
        probes.site_signer(settings.state)  # there from the beginning: a probe tries to read it
        work(desk, settings, over)
    finally:
        desk.close()


def work(desk: Desk, settings: Settings, over: threading.Event) -> None:
    """Take orders until it is over; what an earlier prover left in the middle is cleared away first."""
    probes.interrupt(desk)
    throw_away(settings.folder)
    if settings.automatic:
        probes.order_due(desk, Why.BEGINNING)
    looked = desk.clock()
    while not over.wait(PAUSE):
        now = desk.clock()
        if settings.automatic and is_night(looked, now, settings.hour):
            probes.order_due(desk, Why.NIGHT, timedelta(hours=12))
        looked = now
        order = probes.take(desk)
        if order is not None and not _make(desk, settings, order):
            return


def is_night(before: datetime, now: datetime, hour: int) -> bool:
    """Whether the hour of the nightly run (UTC) began between these two moments."""
    tonight = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return before < tonight <= now


def _make(desk: Desk, settings: Settings, order: Order) -> bool:
    """Make one run; whether the prover goes on after it."""
    began = time.monotonic()
    try:
        proof = asyncio.run(_stoppable(desk, settings, order))
        passed = probes.record(desk, order.id, proof)
    except asyncio.CancelledError:
        return False  # the hub stops, and with it the workspace; the next prover clears the rest away
    except Exception as error:
        log.warning("the probes of %s could not run", order.slug, exc_info=not isinstance(error, HalftideError))
        probes.give_up(desk, order.id, str(error) if isinstance(error, HalftideError) else "an error in the prover.")
        return True
    took = time.monotonic() - began
    log.info("%s: %s, %s, %.1f s", order.slug, "passed" if passed else "FAILED", proof.figures(), took)
    for finding in proof.failures:
        log.warning("%s: %s: %s", order.slug, finding.name, finding.shown)
    return True


async def _stoppable(desk: Desk, settings: Settings, order: Order) -> Proof:
    """One run, which a signal ends at once."""
    run = asyncio.create_task(prove(settings, order, lambda text: probes.tell(desk, order.id, text)))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, run.cancel)
    return await run


if __name__ == "__main__":
    main()
