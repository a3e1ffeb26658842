"""None of the hostile files of any kind crashes the check, holds it up or passes."""

import time

import pytest
from hostile import HOSTILE
from hostile_kinds import KINDS, Make

from output_checker.disclosure import assess
from output_checker.model import Policy, Verdict
from output_checker.readers import DEFAULT, read_in_cage


@pytest.mark.long
@pytest.mark.parametrize(("name", "make"), KINDS, ids=[name for name, _ in KINDS])
def test_a_hostile_file_of_any_kind_ends_in_an_answer_and_never_passes(name: str, make: Make) -> None:
    data = make()
    start = time.monotonic()
    output = read_in_cage(data)
    assert time.monotonic() - start < DEFAULT.wall_seconds + 2
    assert assess(output, Policy()).verdict is not Verdict.PASS, name


def test_there_are_enough_of_them() -> None:
    names = [case.name for case in HOSTILE] + [name for name, _ in KINDS]

    assert len(set(names)) == len(names)
    assert len(names) >= 150
