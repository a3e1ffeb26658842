"""The lease: every condition alone refuses, the earliest end limits, boundaries to the microsecond."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from output_checker.rules.access import Condition, may_start
from output_checker.rules.spans import Span

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def condition(name: str, *spans: Span) -> Condition:
    return Condition(name, spans, f"{name} is missing")


def test_without_conditions_nobody_may() -> None:
    assert not may_start([], NOW).allowed


def test_each_condition_alone_refuses_with_its_own_words() -> None:
    good = condition("good", Span(NOW))
    for position in range(3):
        conditions = [good] * 3
        conditions[position] = condition("bad")
        decision = may_start(conditions, NOW)
        assert (decision.allowed, decision.reason) == (False, "bad is missing")


def test_the_beginning_is_inside_and_the_end_is_outside() -> None:
    span = condition("x", Span(NOW, NOW + timedelta(hours=1)))
    assert not may_start([span], NOW - TICK).allowed
    assert may_start([span], NOW).allowed
    assert may_start([span], NOW + timedelta(hours=1) - TICK).allowed
    assert not may_start([span], NOW + timedelta(hours=1)).allowed


def test_the_earliest_end_limits_and_is_named() -> None:
    late, early = NOW + timedelta(days=2), NOW + timedelta(days=1)
    decision = may_start(
        [condition("a", Span(NOW, late)), condition("b", Span(NOW, early)), condition("c", Span(NOW))], NOW
    )
    assert (decision.until, decision.limited_by) == (early, "b")


def test_of_several_spans_of_one_condition_the_longest_that_holds_counts() -> None:
    spans = (Span(NOW, NOW + TICK), Span(NOW, NOW + 5 * TICK), Span(NOW + 9 * TICK))
    assert may_start([condition("a", *spans)], NOW).until == NOW + 5 * TICK


def test_time_zones_are_only_another_way_to_write_a_moment() -> None:
    leap_day = datetime(2028, 2, 29, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    decision = may_start([condition("a", Span(NOW, leap_day))], leap_day.astimezone(UTC) - TICK)
    assert decision.allowed
    assert not may_start([condition("a", Span(NOW, leap_day))], leap_day.astimezone(UTC)).allowed


MOMENTS = st.integers(-50, 50).map(lambda n: NOW + timedelta(hours=n))
SPANS = st.builds(Span, MOMENTS, st.none() | MOMENTS)


@given(st.lists(st.lists(SPANS, max_size=3), min_size=1, max_size=4), MOMENTS)
def test_the_answer_is_that_of_a_slow_clerk_with_a_calendar(calendar: list[list[Span]], now: datetime) -> None:
    decision = may_start([condition(str(n), *spans) for n, spans in enumerate(calendar)], now)
    inside = [[s for s in spans if s.begins <= now and (s.ends is None or now < s.ends)] for spans in calendar]
    assert decision.allowed == all(inside)
    if decision.allowed:
        ends = [max((s.ends or datetime.max.replace(tzinfo=UTC)) for s in spans) for spans in inside]
        first = min(ends)
        assert decision.until == (None if first == datetime.max.replace(tzinfo=UTC) else first)
        # nothing changes before the end of the lease, and something does at it
        if decision.until:
            conditions = [condition(str(n), *spans) for n, spans in enumerate(inside)]
            assert may_start(conditions, decision.until - TICK).allowed
            assert not may_start(conditions, decision.until).allowed
