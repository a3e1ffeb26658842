"""Valid files of each kind, mutated: whatever becomes of one, reading it answers and so does the check."""

import random

import pytest
from hostile import CSV, TABLE_HTML, code, gif, html_cell, jpeg, notebook, png, stream, svg, workbook
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from output_checker.disclosure import assess
from output_checker.model import Output, Policy
from output_checker.readers.reading import read

VALID = {
    "csv": CSV,
    "text": b"Observations: 412\n\n      good poor\nfree   120   40\n",
    "markdown": b"| plan | n |\n|---|---|\n| free | 120 |\n",
    "latex": b"\\begin{tabular}{lr}\nplan & n \\\\\nfree & 120 \\\\\n\\end{tabular}\n",
    "json": b'{"plan": ["free", "pay"], "n": [120, 40]}',
    "html": f"<html><body>{TABLE_HTML}</body></html>".encode(),
    "notebook": notebook(code(stream("412 people\n"))),
    "notebook with a table": html_cell(TABLE_HTML),
    "png": png(),
    "jpeg": jpeg(),
    "gif": gif(),
    "svg": svg("<text x='1' y='9'>n = 412</text>"),
    "workbook": workbook(),
}


def mutated(data: bytes, seed: int, changes: int) -> bytes:
    """The file with bytes changed, cut out, doubled and moved."""
    chance, made = random.Random(seed), bytearray(data)  # noqa: S311 - noise
    for _ in range(changes):
        at, size = chance.randrange(len(made) + 1), chance.choice((1, 1, 2, 8, 64))
        way = chance.randrange(4)
        if way == 0:
            made[at : at + size] = chance.randbytes(size)
        elif way == 1:
            del made[at : at + size]
        elif way == 2:
            made[at:at] = made[at : at + size] * chance.choice((1, 3, 50))
        else:
            other = chance.randrange(len(made) + 1)
            made[at:at] = made[other : other + size]
    return bytes(made)


@pytest.mark.long
@pytest.mark.parametrize("kind", VALID)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), changes=st.integers(1, 12))
def test_a_mutated_file_is_read_or_refused(kind: str, seed: int, changes: int) -> None:
    output = read(mutated(VALID[kind], seed, changes))

    assert isinstance(output, Output)
    assert bool(output.problem) == (not output.canonical)
    assert "U02" not in {finding.rule for finding in assess(output, Policy()).findings}
