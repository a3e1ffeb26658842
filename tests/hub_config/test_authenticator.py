"""Guessing gets slower and slower, for the one who guesses."""

from hub_config.authenticator import Throttle


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_waits_double_after_the_free_failures_and_end_with_a_success() -> None:
    clock = Clock()
    throttle = Throttle(clock=clock)
    waits = []
    for _ in range(16):
        throttle.failed("ann", "1.2.3.4")
        waits.append(throttle.wait("ann", "1.2.3.4"))
        clock.now += waits[-1]
        assert throttle.wait("ann", "1.2.3.4") == 0
    assert waits[:7] == [0, 0, 0, 0, 2, 4, 8]
    assert max(waits) == waits[-1] == 900
    throttle.succeeded("ann", "1.2.3.4")
    throttle.failed("ann", "1.2.3.4")
    assert throttle.wait("ann", "1.2.3.4") == 0


def test_nobody_is_locked_out_from_elsewhere() -> None:
    throttle = Throttle(clock=Clock())
    for _ in range(20):
        throttle.failed("ann", "6.6.6.6")
    assert throttle.wait("ann", "6.6.6.6") > 0
    assert throttle.wait("ann", "1.2.3.4") == 0
    assert throttle.wait("bob", "6.6.6.6") == 0


def test_its_memory_is_bounded() -> None:
    throttle = Throttle(clock=Clock(), size=3)
    for number in range(10):
        throttle.failed(f"name-{number}", "6.6.6.6")
    assert len(throttle._failures) == 3
