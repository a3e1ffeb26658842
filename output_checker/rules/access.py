"""Access as a lease: who may work in a project, and until when. Pure over dated conditions.

The same answer is given at the start page, at the start of a server, at each renewal and by the timer that ends
sessions. Every condition alone is able to refuse; the earliest end of all of them is the end of the lease.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from output_checker.rules.spans import Span


@dataclass(frozen=True)
class Condition:
    """Something that must hold: one of ``spans`` has to contain the moment.

    ``refusal`` says, to the person who wanted to start, what is missing and who can mend it; ``name`` is what limits
    the lease ("your membership").
    """

    name: str
    spans: tuple[Span, ...]
    refusal: str


@dataclass(frozen=True)
class Decision:
    """Allowed until ``until`` (``None`` means no end is set) because of ``limited_by``, or refused for ``reason``."""

    allowed: bool
    until: datetime | None = None
    limited_by: str = ""
    reason: str = ""


def may_start(conditions: Iterable[Condition], now: datetime) -> Decision:
    """Whether the person may work now, and until when. Without any condition nobody may."""
    until: datetime | None = None
    limited_by = ""
    asked = False
    for condition in conditions:
        asked = True
        holding = [span for span in condition.spans if span.holds(now)]
        if not holding:
            return Decision(allowed=False, reason=condition.refusal)
        end = _latest_end(holding)
        if end is not None and (until is None or end < until):
            until, limited_by = end, condition.name
    if not asked:
        return Decision(allowed=False, reason="No condition is known under which this project may be used.")
    return Decision(allowed=True, until=until, limited_by=limited_by)


def _latest_end(spans: Iterable[Span]) -> datetime | None:
    ends = [span.ends for span in spans]
    return None if None in ends else max(end for end in ends if end is not None)
