"""A dataset version of made-up people, written as the manifest's contract has it."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from output_checker.microdata import Dataset, open_dataset

PEOPLE = 3000


def people() -> dict[str, list[object]]:
    """Columns of the made-up data; the same at every call."""
    source = np.random.default_rng(5)
    return {
        "nhs": [f"S{n:07d}" for n in source.permutation(PEOPLE * 3)[:PEOPLE]],
        "age": [int(n) for n in source.integers(18, 95, PEOPLE)],
        "sex": [("F", "M")[n] for n in source.integers(0, 2, PEOPLE)],
        "region": [("north", "south", "west", "east")[n] for n in source.integers(0, 4, PEOPLE)],
        "income": [round(float(n), 2) for n in source.lognormal(10, 0.6, PEOPLE)],
        "visits": [int(n) for n in source.poisson(3, PEOPLE)],
        "note": [f"seen on ward {n} after a fall from the stairs at home" for n in source.integers(1, 999, PEOPLE)],
    }


def write_dataset(folder: Path, columns: dict[str, list[object]]) -> Path:
    """Parquet and manifest of some columns."""
    folder.mkdir(parents=True)
    table = pa.table(columns)
    pq.write_table(table, folder / "people.parquet")
    roles = {"nhs": "direct_identifier", "note": "free_text", "age": "quasi_identifier", "sex": "quasi_identifier"}
    types = {"string": "VARCHAR", "int64": "BIGINT", "double": "DOUBLE"}
    manifest = {
        "name": "people",
        "version": "1",
        "files": [
            {"path": "people.parquet", "sha256": hashlib.sha256((folder / "people.parquet").read_bytes()).hexdigest()}
        ],
        "rows": table.num_rows,
        "columns": [
            {"name": f.name, "type": types[str(f.type)], "role": roles.get(f.name, "value")} for f in table.schema
        ],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the dataset version."""
    return write_dataset(tmp_path_factory.mktemp("data") / "people", people())


@pytest.fixture(scope="session")
def dataset(folder: Path) -> Dataset:
    """The dataset version, opened."""
    return open_dataset(folder)


@pytest.fixture(scope="session")
def data() -> dict[str, list[object]]:
    """The columns that are in it."""
    return people()
