"""The meter counts, refills and explains."""

from hypothesis import given
from hypothesis import strategies as st

from halftide_workspace.meter import Meter, Refusal, human
from output_checker.model import Window


def test_what_is_too_large_is_refused_and_takes_nothing() -> None:
    meter = Meter(Window(at_once=100, burst=1000, per_minute=60, per_day=10**9), 0)
    assert meter.weigh(101, 0) is Refusal.TOO_LARGE
    assert meter.left == 1000
    assert meter.shown == 0


def test_the_bucket_empties_and_refills() -> None:
    meter = Meter(Window(at_once=100, burst=150, per_minute=600, per_day=10**9), 0)
    assert meter.weigh(100, 0) is None
    assert meter.weigh(100, 0) is Refusal.USED_UP
    assert meter.bucket.wait(100) == 5
    assert meter.weigh(100, 5) is None


def test_the_texts_say_how_to_ask_for_a_release() -> None:
    meter = Meter(Window(at_once=100, burst=150, per_minute=60, per_day=10**9), 0)
    for refusal in Refusal:
        assert "release" in meter.explain(refusal, 5_000_000, "this output")
    assert human(5_000_000) == "5.0 MB"


def test_a_day_has_an_end_and_another_follows() -> None:
    meter = Meter(Window(at_once=100, burst=100, per_minute=60_000, per_day=250), 0)
    assert [meter.weigh(100, now) for now in (1, 2)] == [None, None]
    assert meter.weigh(100, 3) is Refusal.DAY_USED_UP
    assert "midnight" in meter.explain(Refusal.DAY_USED_UP, 100, "this output")
    meter.begin_day()
    assert meter.weigh(100, 3) is None
    assert (meter.shown, meter.today) == (300, 100)


def test_what_the_page_needs_is_shown_on_credit_that_has_an_end() -> None:
    meter = Meter(Window(at_once=100, burst=100, per_minute=60, per_day=10**9), 0)
    assert meter.weigh(100, 0) is None
    assert [meter.weigh_necessary(40, 0) for _ in range(3)] == [None, None, Refusal.USED_UP]
    assert meter.weigh(1, 50) is Refusal.USED_UP, "credit is paid back first"
    assert meter.weigh(1, 90) is None


def test_the_day_is_written_down_before_it_is_shown() -> None:
    written: list[int] = []
    meter = Meter(Window(at_once=100, burst=10**6, per_minute=60, per_day=10**9), 0, reserve=written.append)
    for _ in range(10_000):
        meter.weigh(100, 0)
        assert written[-1] >= meter.today
    assert len(written) < 10


@given(st.lists(st.tuples(st.integers(0, 200), st.floats(0, 50)), max_size=50))
def test_no_more_than_the_budget_passes_in_any_time(steps: list[tuple[int, float]]) -> None:
    window = Window(at_once=150, burst=300, per_minute=420, per_day=10**9)
    meter, now = Meter(window, 0), 0.0
    for size, later in steps:
        now += later
        meter.weigh(size, now)
        assert meter.shown <= window.burst + now * window.per_minute / 60 + 1e-6


def test_a_clock_that_goes_back_gives_nothing() -> None:
    meter = Meter(Window(at_once=100, burst=100, per_minute=600, per_day=10**9), 100)
    assert meter.weigh(100, 100) is None
    assert meter.weigh(1, 0) is Refusal.USED_UP
