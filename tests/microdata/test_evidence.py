"""Does an output hold records of the data (X01, X02), its identifiers (I09) or its words (I12)?"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from output_checker.microdata import Candidate, Dataset, find_evidence, open_dataset
from output_checker.model import Evidence, RowMatch, Table, Text

Data = dict[str, list[object]]


def twins(folder: Path, *, fraction: float = 0.0) -> tuple[Dataset, list[float], list[float]]:
    """A dataset of which two columns hold the same values in different rows."""
    first = [1000 + 7 * i + fraction for i in range(400)]
    second = [*first[211:], *first[:211]]
    table = pa.table({"first": first, "second": second, "third": [i % 97 for i in range(400)]})
    pq.write_table(table, folder / "twins.parquet")
    digest = hashlib.sha256((folder / "twins.parquet").read_bytes()).hexdigest()
    columns = [{"name": name, "type": "DOUBLE", "role": "value"} for name in table.column_names]
    manifest = {"name": "twins", "version": "1", "rows": 400, "columns": columns}
    manifest["files"] = [{"path": "twins.parquet", "sha256": digest}]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return open_dataset(folder), first, second


def compared(dataset: Dataset, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Evidence:
    """Compare one table with the data."""
    cells = (tuple(header), *(tuple(str(cell) for cell in row) for row in rows))
    return find_evidence([Candidate(0, Table("", cells))], [], [dataset], 10)


def only(evidence: Evidence) -> RowMatch:
    """The one match there is."""
    (match,) = evidence.rows
    return match


def records(data: Data, names: Sequence[str], rows: Sequence[int]) -> list[list[object]]:
    return [[data[name][row] for name in names] for row in rows]


def test_records_under_their_names(dataset: Dataset, data: Data) -> None:
    names = ["age", "sex", "region", "income"]
    match = only(compared(dataset, names, records(data, names, range(40, 60))))

    assert match.rows == tuple(range(1, 21))
    assert match.unique == 20
    assert [name for _, name in sorted(match.columns)] == names


def test_records_under_other_names_and_in_another_order(dataset: Dataset, data: Data) -> None:
    names = ["income", "visits", "age", "region"]
    match = only(compared(dataset, ["v1", "v2", "v3", "v4"], records(data, names, range(100, 130))))

    assert match.unique == 30
    assert dict(match.columns)[0] == "income"
    assert dict(match.columns)[3] == "region"


def test_records_rounded_and_as_floats(dataset: Dataset, data: Data) -> None:
    rows = [[f"{data['age'][i]}.0", data["sex"][i], f"{data['income'][i]:.0f}"] for i in range(25)]
    match = only(compared(dataset, ["a", "b", "c"], rows))

    assert match.rounded
    assert match.unique >= 20


def test_a_few_records_among_other_rows(dataset: Dataset, data: Data) -> None:
    names = ["age", "sex", "region", "income", "visits"]
    rows = [*records(data, names, range(19)), [30, "F", "north", 1.23, 3]]
    match = only(compared(dataset, names, rows))

    assert match.rows == tuple(range(1, 20))


def test_one_record_written_as_a_column(dataset: Dataset, data: Data) -> None:
    names = ["age", "sex", "region", "income"]
    evidence = compared(dataset, ["", "17"], [[name, data[name][17]] for name in names])

    assert only(evidence).unique == 1


def test_a_row_number_in_front_does_not_matter(dataset: Dataset, data: Data) -> None:
    names = ["age", "sex", "region", "income"]
    rows = [[i, *row] for i, row in enumerate(records(data, names, range(30)))]

    assert only(compared(dataset, ["", *names], rows)).unique == 30


def test_made_up_people_are_no_records(dataset: Dataset) -> None:
    source = np.random.default_rng(77)
    rows = [[int(source.integers(18, 95)), "FM"[i % 2], f"{source.lognormal(10, 0.6):.2f}"] for i in range(30)]

    assert not compared(dataset, ["age", "sex", "income"], rows).rows


@pytest.mark.parametrize("by", [("sex",), ("region",), ("region", "sex")])
def test_tables_of_counts_are_no_records(dataset: Dataset, data: Data, by: tuple[str, ...]) -> None:
    keys = list(zip(*(data[name] for name in by), strict=True))
    rows = [[*key, keys.count(key)] for key in sorted(set(keys))]  # type: ignore[type-var]

    for match in compared(dataset, [*by, "n"], rows).rows:
        assert match.few <= 2 * match.chance


def test_common_combinations_are_not_unique(dataset: Dataset, data: Data) -> None:
    pairs = sorted(
        {(data["sex"][i], data["region"][i], data["visits"][i]) for i in range(3000) if data["visits"][i] in (2, 3)}
    )  # type: ignore[type-var]
    for match in compared(dataset, ["sex", "region", "visits"], pairs).rows:
        assert match.unique == 0
        assert match.few == 0


def test_identifiers_in_a_table(dataset: Dataset, data: Data) -> None:
    rows = [[data["nhs"][i], 20 + i] for i in range(8)]
    (found,) = compared(dataset, ["key", "n"], rows).identifiers

    assert (found.column, found.role, found.distinct) == ("nhs", "direct_identifier", 8)
    assert found.cells[0] == (1, 0)


def test_identifiers_and_notes_in_a_text(dataset: Dataset, data: Data) -> None:
    text = f"Left out: {data['nhs'][3]}, {data['nhs'][9]}.\nOne was {data['note'][5]}."
    evidence = find_evidence([], [(0, Text("", text))], [dataset], 10)

    assert {(found.column, found.role) for found in evidence.identifiers} == {
        ("nhs", "direct_identifier"),
        ("note", "free_text"),
    }


def test_an_innocent_text(dataset: Dataset) -> None:
    text = "We compared four regions. Age was 44.1 on average (n = 3000)."

    assert not find_evidence([], [(0, Text("", text))], [dataset], 10).identifiers


def test_no_value_of_the_data_is_in_the_evidence(dataset: Dataset, data: Data) -> None:
    names = ["nhs", "age", "income"]
    told = repr(compared(dataset, names, records(data, names, range(10))))

    for row in range(10):
        assert str(data["nhs"][row]) not in told
        assert str(data["income"][row]) not in told


def test_only_so_many_rows_are_compared(dataset: Dataset, data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("output_checker.microdata.membership.MOST_ROWS", 50)
    names = ["age", "sex", "region", "income"]
    evidence = compared(dataset, names, records(data, names, range(200)))

    assert only(evidence).compared == 50
    assert evidence.limits


@pytest.mark.parametrize("cells", [(("a",),), (("a", "b"), ("", "")), (("a", "b", "c"), ("x", "y", "z"))])
def test_odd_tables_do_no_harm(dataset: Dataset, cells: tuple[tuple[str, ...], ...]) -> None:
    assert not find_evidence([Candidate(0, Table("", cells))], [], [dataset], 10).rows


def test_two_columns_of_the_same_values_are_told_apart_by_the_rows(tmp_path: Path) -> None:
    dataset, first, second = twins(tmp_path)
    third = [i % 97 for i in range(400)]
    rows = [[second[i], first[i], third[i]] for i in range(40)]
    match = only(compared(dataset, ["x", "y", "z"], rows))

    assert match.unique == 40
    assert dict(match.columns) == {0: "second", 1: "first", 2: "third"}


def test_rounded_columns_of_like_values_are_told_apart(tmp_path: Path) -> None:
    dataset, first, second = twins(tmp_path, fraction=0.31)
    third = [i % 97 for i in range(400)]
    rows = [[f"{second[i]:.0f}", f"{first[i]:.0f}", third[i]] for i in range(30)]
    match = only(compared(dataset, ["x", "y", "z"], rows))

    assert match.rounded
    assert match.unique == 30


@pytest.mark.parametrize("count", [3, 4])
def test_three_records_are_enough(dataset: Dataset, data: Data, count: int) -> None:
    names = ["age", "sex", "region", "income"]

    assert only(compared(dataset, ["a", "b", "c", "d"], records(data, names, range(7, 7 + count)))).unique == count


def test_three_made_up_rows_are_no_records(dataset: Dataset) -> None:
    rows = [[31, "F", "north", 20111.11], [45, "M", "south", 31222.22], [62, "F", "east", 18333.33]]

    for match in compared(dataset, ["age", "sex", "region", "income"], rows).rows:
        assert match.few <= 2 * match.chance


def test_decimal_commas_are_decimals(dataset: Dataset, data: Data) -> None:
    rows = [[data["age"][i], data["sex"][i], str(data["income"][i]).replace(".", ",")] for i in range(20)]

    assert only(compared(dataset, ["a", "b", "c"], rows)).unique >= 18
