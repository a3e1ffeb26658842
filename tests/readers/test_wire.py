"""The frame between the cage and its parent."""

import contextlib

import pytest
from hostile import CSV, code, notebook, png, shown
from hypothesis import given, settings
from hypothesis import strategies as st

from output_checker.model import Dropped, Image, Kind, Output, Table, Text
from output_checker.readers import wire
from output_checker.readers.reading import read

FULL = Output(
    Kind.NOTEBOOK,
    "application/x-ipynb+json",
    (
        Table("a", (("x", "é\n"), ("1", "")), 1, "html"),
        Image("b", png(), 2, 2),
        Text("c", "hello", "stream"),
        Image("d", png(), 2, 2),
    ),
    b"canonical",
    (Dropped("png-chunk", "cell 1", "tEXt", 12, "sample"),),
)


@pytest.mark.parametrize("output", [FULL, read(CSV), read(png()), read(b""), read(notebook(code(shown({}))))])
def test_an_output_arrives_as_it_was_sent(output: Output) -> None:
    assert wire.unpacked(wire.packed(output)) == output


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"kind":"notebook"', b'"kind":"evil"    '),
        (b'"canonical":9', b'"canonical":8'),
        (b'"canonical":9', b'"canonical":-'),
        (b'"problem":""', b'"problem":1 '),
        (b'"head":1', b'"head":9'),
        (b'[["x","', b'[[1  ,"'),
        (b'["1",""]', b'["1"   ]'),
        (b'"t":"table"', b'"t":"texts"'),
        (b'"size":', b'"sizf":'),
        (b'"w":2', b'"w":x'),
        (b"\x89PNG", b"\x88PNG"),
        (b'12,"sample"', b'1.,"sample"'),
        (b"canonical\x89", b"canonica\x89l"),
    ],
)
def test_an_answer_that_was_tampered_with_is_refused(old: bytes, new: bytes) -> None:
    frame = wire.packed(FULL)
    assert old in frame
    with pytest.raises(wire.Malformed):
        wire.unpacked(frame.replace(old, new, 1))


def test_bytes_after_the_end_are_refused() -> None:
    with pytest.raises(wire.Malformed, match="after its end"):
        wire.unpacked(wire.packed(FULL) + b"x")


def test_a_problem_comes_without_anything_else() -> None:
    with pytest.raises(wire.Malformed, match="neither read nor refused"):
        wire.unpacked(wire.packed(Output(Kind.UNKNOWN, "", (), b"x", (), "It failed.")))
    with pytest.raises(wire.Malformed, match="neither read nor refused"):
        wire.unpacked(wire.packed(Output(Kind.TEXT, "", (), b"x", (), "It failed.")))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2000), st.binary(max_size=12), st.integers(0, 12))
def test_any_damage_is_an_output_or_a_refusal(at: int, new: bytes, length: int) -> None:
    frame = wire.packed(FULL)
    with contextlib.suppress(wire.Malformed):
        assert isinstance(wire.unpacked(frame[:at] + new + frame[at + length :]), Output)
