"""Counting votes, against a slow count; and who may see which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from output_checker.model import BadInput, PersonId
from output_checker.rules.votes import (
    Ask,
    Ballot,
    Candidate,
    Decision,
    Reader,
    has_voted_on_all,
    require_sense,
    tally,
    visible,
)

A, B, C = PersonId("a"), PersonId("b"), PersonId("c")
ASK = Ask(round=2, policy_digest="p", approvals=2)
ONE = Candidate("one", "d1", "p", has_fail=False)
TWO = Candidate("two", "d2", "p", has_fail=True)


def ballot(checker: PersonId, output: str = "one", **changes: object) -> Ballot:
    digest = {"one": "d1", "two": "d2"}.get(output, "")
    values: dict[str, object] = {"decision": Decision.APPROVE, "reason": "", "canonical_sha256": digest, "round": 2}
    return Ballot(checker=checker, output=output, policy_digest="p", **{**values, **changes})  # type: ignore[arg-type]


def complete(*ballots: Ballot, excluded: frozenset[PersonId] = frozenset(), ask: Ask = ASK) -> bool:
    return tally([ONE], ballots, ask, excluded).complete


def test_two_different_people_complete_it_and_one_twice_does_not() -> None:
    assert complete(ballot(A), ballot(B))
    assert not complete(ballot(A))
    assert not complete(ballot(A), ballot(A))


@pytest.mark.parametrize("change", [{"round": 1}, {"round": 3}, {"canonical_sha256": "d2"}, {"output": "two"}])
def test_a_vote_on_another_round_or_other_bytes_does_not_count(change: dict[str, object]) -> None:
    assert not complete(ballot(A), ballot(B, **change))  # type: ignore[arg-type]


def test_a_vote_under_another_policy_does_not_count() -> None:
    assert not complete(ballot(A), ballot(B), ask=Ask(2, "q", 2))
    stale = Candidate("one", "d1", "q", has_fail=False)
    assert not tally([stale], [ballot(A), ballot(B)], ASK, frozenset()).complete


def test_the_last_word_counts() -> None:
    objection = ballot(A, decision=Decision.OBJECT, reason="too small")
    assert not complete(ballot(A), ballot(B), objection)
    assert complete(objection, ballot(B), ballot(A))


def test_excluded_people_do_not_count() -> None:
    assert not complete(ballot(A), ballot(B), excluded=frozenset({B}))
    assert complete(ballot(A), ballot(B), ballot(C), excluded=frozenset({B}))


def test_nothing_is_never_approved_and_zero_approvals_mean_one() -> None:
    assert not tally([], [ballot(A), ballot(B)], ASK, frozenset()).complete
    assert not complete(ask=Ask(2, "p", 0))
    unreadable = Candidate("one", None, "p", has_fail=False)
    assert not tally([unreadable], [ballot(A, canonical_sha256="") for A in "xyz"], ASK, frozenset()).complete


def test_a_failed_output_counts_only_approvals_with_a_reason() -> None:
    silent, spoken = ballot(A, "two"), ballot(A, "two", reason="public already")
    assert not tally([TWO], [silent, ballot(B, "two")], ASK, frozenset()).complete
    assert tally([TWO], [spoken, ballot(B, "two", reason="yes")], ASK, frozenset()).complete


def test_every_output_needs_it() -> None:
    both = [ballot(A), ballot(B), ballot(A, "two", reason="r")]
    assert tally([ONE, TWO], both, ASK, frozenset()).approved == ("one",)
    assert not tally([ONE, TWO], both, ASK, frozenset()).complete


def test_votes_that_need_a_reason_say_so() -> None:
    for wrong, candidate in (
        (ballot(A, decision=Decision.OBJECT, reason=" "), ONE),
        (ballot(A, "two"), TWO),
        (ballot(A, reason="please"), Candidate("one", None, "p", has_fail=False)),
    ):
        with pytest.raises(BadInput):
            require_sense(wrong, candidate)
    require_sense(ballot(A), ONE)


BALLOTS = st.lists(
    st.builds(
        Ballot,
        checker=st.sampled_from([A, B, C]),
        output=st.sampled_from(["one", "two"]),
        round=st.sampled_from([1, 2]),
        decision=st.sampled_from(Decision),
        canonical_sha256=st.sampled_from(["d1", "d2"]),
        policy_digest=st.sampled_from(["p", "p", "q"]),
        reason=st.sampled_from(["", "because"]),
    ),
    max_size=20,
)


@given(BALLOTS, st.sets(st.sampled_from([A, B, C])), st.integers(1, 3))
def test_the_count_is_that_of_a_slow_clerk(ballots: list[Ballot], excluded: set[PersonId], needed: int) -> None:
    ask = Ask(2, "p", needed)
    result = tally([ONE, TWO], ballots, ask, frozenset(excluded))
    for candidate in (ONE, TWO):
        yes = 0
        for person in {A, B, C} - excluded:
            theirs = [b for b in ballots if (b.checker, b.output, b.round) == (person, candidate.output, 2)]
            if not theirs:
                continue
            last = theirs[-1]
            exact = last.canonical_sha256 == candidate.canonical_sha256 and last.policy_digest == "p"
            if exact and last.decision is Decision.APPROVE and (last.reason or not candidate.has_fail):
                yes += 1
        assert len(result.approvers[candidate.output]) == yes
        assert (candidate.output in result.approved) == (yes >= needed)
    assert result.complete == (len(result.approved) == 2)


@given(BALLOTS, st.sampled_from([A, B, C]))
def test_before_ones_own_votes_are_complete_one_sees_only_ones_own(ballots: list[Ballot], person: PersonId) -> None:
    seen = visible(Reader(person, may_vote=True, decided=False), [ONE, TWO], ballots, ASK)
    if not has_voted_on_all(person, [ONE, TWO], ballots, ASK):
        assert all(b.checker == person for b in seen)
    else:
        assert seen == tuple(ballots)
    outside = visible(Reader(person, may_vote=False, decided=False), [ONE, TWO], ballots, ASK)
    assert all(b.checker == person for b in outside)
    assert visible(Reader(person, may_vote=False, decided=True), [ONE, TWO], ballots, ASK) == tuple(ballots)
