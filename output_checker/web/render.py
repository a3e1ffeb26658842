"""Templates to HTML: autoescape on, undefined names are errors, and the words for times, sizes and numbers.

Nothing that came from outside is ever marked as safe.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from output_checker.model import Severity, Verdict
from output_checker.rules.workflow import State

HERE = Path(__file__).parent

SEVERITY_WORDS = {Severity.FAIL: "Must change", Severity.REVIEW: "Needs a look", Severity.NOTE: "For information"}
VERDICT_WORDS = {Verdict.FAIL: "Must change", Verdict.REVIEW: "Needs a look", Verdict.PASS: "Nothing found"}
STATE_WORDS = {
    State.DRAFT: ("Draft", ""),
    State.CHECKING: ("Checking", "live"),
    State.WAITING: ("Waiting", "note"),
    State.IN_REVIEW: ("In review", "live"),
    State.RETURNED: ("Returned", "review"),
    State.APPROVED: ("Approved", "pass"),
    State.HELD: ("Held", "review"),
    State.RELEASED: ("Released", "pass"),
    State.REJECTED: ("Rejected", "fail"),
    State.WITHDRAWN: ("Withdrawn", ""),
    State.EXPIRED: ("Expired", ""),
    State.RECALLED: ("Recalled", "fail"),
}


def moment(at: datetime) -> str:
    """A moment in words: "22 Nov 2026, 17:05 UTC"."""
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def day(at: date) -> str:
    """A day in words: "22 November 2026"."""
    return f"{at.day} {at:%B %Y}"


def age(since: timedelta) -> str:
    """How long something took or has lasted: "just now", "12 min", "3 h", "5 days"."""
    minutes = int(since.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


def ago(at: datetime, now: datetime) -> str:
    """How long ago: "just now", "3 h ago"."""
    words = age(now - at)
    return words if words == "just now" else f"{words} ago"


def size(count: int) -> str:
    """A number of bytes in words: "812 bytes", "14 KiB", "3.2 MiB"."""
    if count < 1024:
        return plural(count, "byte")
    if count < 1024 * 1024:
        return f"{count / 1024:.0f} KiB"
    return f"{count / 1024 / 1024:.1f} MiB"


def plural(count: int, noun: str, many: str = "") -> str:
    """A number and its noun: "1 output", "2,400 rows"."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def make_environment() -> Environment:
    """The templates with their filters."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(moment=moment, day=day, age=age, ago=ago, size=size)
    environment.globals.update(
        plural=plural, severity_words=SEVERITY_WORDS, verdict_words=VERDICT_WORDS, state_words=STATE_WORDS
    )
    return environment


class Pages:
    """The templates of one portal, with what each of them may use everywhere."""

    def __init__(self, **everywhere: Any) -> None:
        self._environment = make_environment()
        self._environment.globals.update(everywhere)

    def show(self, template: str, values: Mapping[str, Any], *, policy: str, status: int = 200) -> HTMLResponse:
        """Render a page; ``policy`` is its Content-Security-Policy."""
        text = self._environment.get_template(template).render(values)
        return HTMLResponse(text, status_code=status, headers={"Content-Security-Policy": policy})
