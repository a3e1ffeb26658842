"""Every failure a browser or a program can meet: one table from its kind to the HTTP status and the words around it.

A failure that is not in the table is a defect: it becomes 500 with an id that is also in the log, says nothing about
its cause to the outside, and changes nothing.
"""

import logging
import secrets
from dataclasses import dataclass

from output_checker.model import BadInput, Broken, Conflict, HalftideError, NotAllowed, NotFound

log = logging.getLogger("halftide.portal")


class TooLarge(BadInput):
    """What was sent is larger than the project's policy takes."""


class HubDown(Broken):
    """The hub gave no answer about who is asking, so nobody is let in."""


class LoginNeeded(HalftideError):
    """Nobody is logged in here; a browser is sent to the hub and comes back to where it was."""


@dataclass(frozen=True)
class Shape:
    """How a kind of failure shows: HTTP status, the API's ``kind``, the page's heading and the way on."""

    status: int
    kind: str
    heading: str
    way_on: str


TABLE: dict[type[HalftideError], Shape] = {
    BadInput: Shape(
        400, "bad_input", "That could not be used", "Nothing was changed. Go back, mend it and send it again."
    ),
    TooLarge: Shape(413, "bad_input", "That is too large", "Nothing was stored. Send a smaller file or fewer files."),
    LoginNeeded: Shape(403, "not_allowed", "Please log in", "Log in to Halftide and try again."),
    NotAllowed: Shape(403, "not_allowed", "You may not do this", "If you think you should, ask your administrator."),
    NotFound: Shape(404, "not_found", "There is nothing here", "The address may be wrong, or it is not yours to see."),
    Conflict: Shape(
        409, "conflict", "Something changed meanwhile", "Open the page again to see where things stand now."
    ),
    HubDown: Shape(
        503, "broken", "Halftide can't check who you are", "Nothing was changed. Wait a minute and try again."
    ),
    Broken: Shape(500, "broken", "Halftide failed", "Nothing was released. Tell your administrator the number below."),
}
UNKNOWN = Shape(500, "broken", "Halftide failed", TABLE[Broken].way_on)


@dataclass(frozen=True)
class Told:
    """A failure as it is told: its shape, its text, and the id under which the log has the cause ("" when expected)."""

    shape: Shape
    message: str
    id: str = ""


def tell(error: BaseException) -> Told:
    """Turn a failure into what may be said about it. Failures of ours (5xx) are logged with an id."""
    if getattr(error, "too_large", False):
        return Told(TABLE[TooLarge], str(error))
    shape = next((TABLE[kind] for kind in type(error).__mro__ if kind in TABLE), UNKNOWN)
    if shape.status < 500:
        return Told(shape, str(error))
    number = secrets.token_hex(6)
    log.error("failure %s: %s", number, error, exc_info=error)
    message = str(error) if shape is not UNKNOWN else "Something went wrong that we did not expect."
    return Told(shape, message, number)
