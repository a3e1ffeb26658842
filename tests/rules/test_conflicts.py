"""Who may decide about a request, and who is too close to it."""

from datetime import UTC, datetime, timedelta

import pytest

from output_checker.model import NotAllowed
from output_checker.rules.conflicts import Independence, refusal, require_may_vote
from output_checker.rules.spans import Span

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def person(**changes: object) -> Independence:
    return Independence(**{"is_checker": True, "is_author": False, "work_began": BEGAN, **changes})  # type: ignore[arg-type]


def test_a_checker_from_outside_may_vote() -> None:
    assert refusal(person()) == ""
    require_may_vote(person())


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"is_checker": False}, "Only checkers"),
        ({"is_author": True}, "author"),
        ({"memberships": (Span(BEGAN - DAY),)}, "member"),
        ({"memberships": (Span(BEGAN - DAY, BEGAN + DAY),)}, "member"),
        ({"memberships": (Span(BEGAN + 9 * DAY),)}, "member"),
        ({"conflicts": (Span(BEGAN + DAY),)}, "conflict"),
    ],
)
def test_whoever_is_too_close_is_told_why(change: dict[str, object], text: str) -> None:
    assert text in refusal(person(**change))
    with pytest.raises(NotAllowed, match=text):
        require_may_vote(person(**change))


def test_a_membership_that_ended_before_the_work_began_is_no_obstacle() -> None:
    assert refusal(person(memberships=(Span(BEGAN - 9 * DAY, BEGAN),), conflicts=(Span(BEGAN - 9 * DAY, BEGAN),))) == ""


def test_being_the_author_counts_more_than_any_role() -> None:
    assert "author" in refusal(person(is_author=True, is_checker=True))
