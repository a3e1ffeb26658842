"""YAML: its records are seen as tables, its text is what is released."""

import json

import yaml
from hypothesis import given
from hypothesis import strategies as st
from test_roundtrip import relaxed, settled, values

from output_checker.model import Kind, Table, Text
from output_checker.readers.reading import read

RESULTS = b"""model: ols
n: 1204
rows:
  - {plan: Free, n: 1204567890123456789012, mean: 2.50}
  - plan: Pay
    n: 4
    mean: ~
printed: |

  plan   n
  Free  12
  Pay    3
"""


def tables(data: bytes) -> list[Table]:
    return [part for part in read(data).parts if isinstance(part, Table)]


def test_records_are_a_table_with_their_digits() -> None:
    output = read(RESULTS)
    assert (output.kind, output.canonical) == (Kind.TEXT, RESULTS)
    cells = (("plan", "n", "mean"), ("Free", "1204567890123456789012", "2.50"), ("Pay", "4", ""))
    assert Table("rows", cells, 1, "json") in output.parts


def test_a_table_that_is_printed_in_it_is_found_as_in_any_text() -> None:
    assert any(table.cells == (("plan", "n"), ("Free", "12"), ("Pay", "3")) for table in tables(RESULTS))


def test_columns_and_aliases_are_read_where_they_stand() -> None:
    data = b"x: &x\n  - 1\n  - 2\ny: *x\n"
    assert Table("", (("x", "y"), ("1", "1"), ("2", "2")), 1, "json") in tables(data)


def test_prose_and_logs_are_text_alone() -> None:
    for data in (b"Note: all is well.\nWe saw it.\nAnd it was good.\n", b"Date: Monday\nTime: 12:30\n"):
        assert [type(part) for part in read(data).parts] == [Text]


def test_a_tag_builds_nothing() -> None:
    data = b"rows:\n  - !!python/object/apply:os.system ['touch /tmp/never']\n  - 2\n"
    assert read(data).kind is Kind.TEXT


@relaxed
@given(st.dictionaries(st.text("abcdef ", min_size=1, max_size=6), values, min_size=1, max_size=4), st.booleans())
def test_yaml_round_trips(value: dict[str, object], flow: bool) -> None:
    settled(yaml.safe_dump(json.loads(json.dumps(value)), default_flow_style=flow, allow_unicode=True).encode())
