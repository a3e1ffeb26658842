"""The chart of what was shown: one row of bars for each person, all on one scale, and the same numbers as words."""

from dataclasses import dataclass
from typing import Final

from output_checker.desk.shown import PersonShown, Shown
from output_checker.web.render import day as day_words
from output_checker.web.render import size

WIDTH: Final = 600
HEIGHT: Final = 64
_GAP: Final = 3


@dataclass(frozen=True)
class Bar:
    """A day. Places are those of an SVG of ``WIDTH`` by ``HEIGHT``."""

    x: float
    y: float
    width: float
    height: float
    words: str
    is_full: bool


@dataclass(frozen=True)
class Row:
    """A person: bars, and what a reader who sees no bars is told."""

    name: str
    today: int
    total: int
    words: str
    bars: tuple[Bar, ...]
    busy_days: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Chart:
    """All of it. ``top`` is what the full height stands for, ``limit`` where the line of the day's amount lies."""

    rows: tuple[Row, ...]
    first: str
    last: str
    top: int
    limit: float


def chart(shown: Shown, per_day: int) -> Chart:
    """The chart of a project whose workspaces may show ``per_day`` bytes each."""
    most = max((count for person in shown.people for count in person.per_day), default=0)
    top = max(most, 1) if most > per_day / 4 else max(per_day // 4, 1)
    rows = tuple(_row(person, shown, top, per_day) for person in shown.people)
    limit = HEIGHT - HEIGHT * per_day / top if per_day <= top else -1.0
    return Chart(rows, day_words(shown.days[0]), day_words(shown.days[-1]), top, limit)


def _row(person: PersonShown, shown: Shown, top: int, per_day: int) -> Row:
    step = WIDTH / len(shown.days)
    bars, busy = [], []
    for place, (day, count) in enumerate(zip(shown.days, person.per_day, strict=True)):
        if not count:
            continue
        height = max(2.0, HEIGHT * count / top)
        words = f"{day_words(day)}: {size(count)}"
        x, full = place * step + _GAP / 2, count >= 0.9 * per_day
        bars.append(Bar(round(x, 1), round(HEIGHT - height, 1), round(step - _GAP, 1), round(height, 1), words, full))
        busy.append((day_words(day), count))
    total, most = sum(person.per_day), max(person.per_day)
    words = f"{person.hub_name}: {size(total)} in 30 days, at most {size(most)} in a day"
    return Row(person.hub_name, person.per_day[-1], total, words, tuple(bars), tuple(reversed(busy)))
