"""What is found by way of anchors is what the exact patterns find on the whole text."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from output_checker.disclosure.anchors import Anchored, find_lines, find_matches
from output_checker.disclosure.patterns import IDENTIFIERS

SHOWN = (
    "943 476 5919",
    "QQ 12 34 56 C",
    "AB123456D",
    "L69 3BX",
    "somebody@hospital.nhs.uk",
    "+44 (0)7700 900123",
    "(0151) 496 0123",
    "4111 1111 1111 1111",
    "GB82 WEST 1234 5698 7654 32",
    "192.168.10.77",
    "00:1B:44:11:3A:B7",
    "Dr Mary-Jane O'Neill",
    "api_key = 'abcdef123456'",
    "postgresql://reader:hunter2@db.local/x",
    "-----BEGIN RSA PRIVATE KEY-----",
    "eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJ",
)
WORDS = st.sampled_from(
    [*SHOWN, " ", "\n", "\n\n", ".", "1", "77", "٣", "\u00a0", "\u2003", "é", "x", "-", "@", "=", "(0"]
)
TEXTS = st.lists(WORDS, max_size=30).map("".join)


def places(text: str, wanted: Anchored) -> list[tuple[int, str]]:
    lines = find_lines(text, IDENTIFIERS)[wanted]
    return [(match.start(), match[0]) for match in find_matches(text, wanted.pattern, lines)]


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_anchors_lose_nothing_and_add_nothing(text: str) -> None:
    for wanted in IDENTIFIERS:
        assert places(text, wanted) == [(match.start(), match[0]) for match in wanted.pattern.finditer(text)]


@pytest.mark.parametrize("wanted", IDENTIFIERS)
def test_every_kind_of_identifier_is_found_in_much_text(wanted: Anchored) -> None:
    filler = "the model converged after 12 iterations, 0.53 (0.02)\n" * 2000
    text = filler + "\n".join(SHOWN) + "\n" + filler
    assert places(text, wanted)
    assert places(text, wanted) == [(match.start(), match[0]) for match in wanted.pattern.finditer(text)]


def test_several_threads_may_look_at_once() -> None:
    texts = ["\n".join(SHOWN[i:]) * 200 for i in range(8)]
    alone = [[places(text, wanted) for wanted in IDENTIFIERS] for text in texts]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda text: [places(text, wanted) for wanted in IDENTIFIERS], texts))
    assert together == alone
