"""The day's count survives the server, and a file that makes no sense gives nothing away."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from halftide_workspace.daybook import Daybook
from halftide_workspace.meter import Meter, Refusal
from output_checker.model import Window

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = Window(at_once=1000, burst=10_000, per_minute=60, per_day=10_000)


def opened(folder: Path, now: datetime = NOON) -> Daybook:
    book = Daybook(folder / "shown.json", Meter(WINDOW, 0))
    book.open(now)
    return book


def test_a_server_that_ends_in_order_loses_and_adds_nothing(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.meter.weigh(700, 0)
    first.turn(NOON)
    assert opened(tmp_path).meter.today == 700


@pytest.mark.attack
def test_a_server_that_ends_suddenly_does_not_give_the_day_back(tmp_path: Path) -> None:
    for _ in range(3):
        opened(tmp_path).meter.weigh(700, 0)
    meter = opened(tmp_path).meter
    assert meter.weigh(700, 0) is Refusal.DAY_USED_UP
    (tmp_path / "shown.json").unlink()
    assert opened(tmp_path).meter.weigh(700, 0) is None, "the control"


def test_the_next_day_begins_at_midnight_also_while_the_server_runs(tmp_path: Path) -> None:
    book = opened(tmp_path)
    book.meter.weigh(700, 0)
    book.turn(NOON + timedelta(hours=12))
    assert book.meter.today == 0
    assert opened(tmp_path, NOON + timedelta(days=1)).meter.today == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"day": "2026-03-01"}', '{"day": "2026-03-01", "shown": "x"}'])
def test_a_file_without_sense_counts_as_a_full_day(tmp_path: Path, text: str) -> None:
    (tmp_path / "shown.json").write_text(text)
    assert opened(tmp_path).meter.weigh(1, 0) is Refusal.DAY_USED_UP
