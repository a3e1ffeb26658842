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
    assert meter.wait(100) == 5
    assert meter.weigh(100, 5) is None


def test_the_texts_say_how_to_ask_for_a_release() -> None:
    meter = Meter(Window(at_once=100, burst=150, per_minute=60, per_day=10**9), 0)
    for refusal in Refusal:
        assert "release" in meter.explain(refusal, 5_000_000, "this output")
    assert human(5_000_000) == "5.0 MB"


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
