"""The table of states: what it must never allow, and that buttons and handlers read the same lines."""

import itertools

import pytest

from output_checker.model import Conflict, NotAllowed
from output_checker.rules.workflow import (
    ENDS,
    OPEN,
    PEOPLE_ACTIONS,
    TRANSITIONS,
    Action,
    Relation,
    Standing,
    State,
    diagram,
    offers,
    require_action,
    state_text,
)

EVERYBODY = Standing(frozenset(Relation))


def test_ends_are_ends() -> None:
    assert not [line for line in TRANSITIONS if line.source in ENDS]
    assert not [
        line
        for line in TRANSITIONS
        if line.source is State.RELEASED and line.target not in {State.RELEASED, State.RECALLED}
    ]


def test_the_only_way_out_goes_through_an_approval_that_halftide_counts() -> None:
    out = {
        (line.source, line.who)
        for line in TRANSITIONS
        if line.target is State.RELEASED and line.source is not line.target
    }
    assert out == {(State.APPROVED, Relation.SYSTEM), (State.HELD, Relation.SYSTEM)}
    approved = {(line.source, line.who) for line in TRANSITIONS if line.target is State.APPROVED}
    assert approved == {(State.IN_REVIEW, Relation.SYSTEM)}


def test_every_state_can_be_reached_and_every_open_one_can_be_left() -> None:
    reached = {State.DRAFT}
    for _ in State:
        reached |= {line.target for line in TRANSITIONS if line.source in reached}
    assert reached == set(State)
    for state in OPEN | {State.DRAFT}:
        assert [line for line in TRANSITIONS if line.source is state and line.target is not state]


def test_a_line_is_unambiguous() -> None:
    keys = [(line.source, line.action, line.who) for line in TRANSITIONS]
    assert len(keys) == len(set(keys))
    targets = {}
    for line in TRANSITIONS:
        assert targets.setdefault((line.source, line.action), line.target) is line.target


def test_deciding_against_the_author_needs_a_reason() -> None:
    assert all(
        line.needs_reason for line in TRANSITIONS if line.action in {Action.RETURN, Action.REJECT, Action.RECALL}
    )


@pytest.mark.parametrize(("state", "action", "relation"), [*itertools.product(State, Action, Relation)])
def test_whatever_is_not_in_the_table_is_refused(state: State, action: Action, relation: Relation) -> None:
    standing = Standing(frozenset({relation}))
    lines = [line for line in TRANSITIONS if (line.source, line.action) == (state, action)]
    if any(line.who is relation for line in lines):
        assert require_action(state, action, standing) in lines
    else:
        # what only Halftide does here but people do elsewhere is a matter of the state, not of the person
        later = action in PEOPLE_ACTIONS and all(line.who is Relation.SYSTEM for line in lines)
        with pytest.raises(Conflict if later or not lines else NotAllowed):
            require_action(state, action, standing)


@pytest.mark.parametrize("state", State)
def test_a_button_is_on_exactly_when_its_handler_would_accept(state: State) -> None:
    for relations in ({Relation.AUTHOR}, {Relation.CHECKER}, {Relation.MEMBER}, {Relation.ADMIN}, set(Relation)):
        standing = Standing(frozenset(relations), {Relation.CHECKER: "You are a member."})
        for offer in offers(state, standing):
            if offer.allowed:
                assert require_action(state, offer.action, standing)
                assert offer.why == ""
            else:
                with pytest.raises(NotAllowed) as refusal:
                    require_action(state, offer.action, standing)
                assert offer.why == str(refusal.value) != ""


def test_the_refusal_says_what_the_person_is() -> None:
    why = "You are the author of this request."
    with pytest.raises(NotAllowed, match=why):
        require_action(State.IN_REVIEW, Action.VOTE, Standing(frozenset(), {Relation.CHECKER: why}))
    with pytest.raises(NotAllowed, match="its author"):
        require_action(State.WAITING, Action.WITHDRAW, Standing(frozenset({Relation.CHECKER})))
    with pytest.raises(Conflict, match="has been rejected"):
        require_action(State.REJECTED, Action.VOTE, EVERYBODY)


def test_every_state_is_put_in_words_for_authors_and_checkers() -> None:
    for state, relation in itertools.product(State, Relation):
        assert state_text(state, relation).endswith(".")


def test_the_diagram_shows_every_move() -> None:
    text = diagram()
    for line in TRANSITIONS:
        if line.source is not line.target:
            assert f"{line.source} --> {line.target}: {line.action}" in text
    assert "rejected --> [*]" in text
