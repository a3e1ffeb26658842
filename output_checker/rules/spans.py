"""Spans of time with a beginning and perhaps an end; the end itself is outside. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Span:
    """From ``begins`` (included) until ``ends`` (excluded; ``None`` is open)."""

    begins: datetime
    ends: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether the moment is inside."""
        return self.begins <= moment and (self.ends is None or moment < self.ends)

    def reaches_past(self, moment: datetime) -> bool:
        """Whether any part of the span is later than the moment."""
        return self.ends is None or (self.ends > moment and self.ends > self.begins)
