"""``halftide check --data``: records of the data are found in an output, whatever its columns are called."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from output_checker.cli import main


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A dataset version of 500 made-up people."""
    folder = tmp_path / "data"
    folder.mkdir()
    source = np.random.default_rng(3)
    table = pa.table(
        {
            "age": source.integers(18, 90, 500),
            "score": source.normal(50, 9, 500).round(3),
            "kids": source.integers(0, 5, 500),
        }
    )
    pq.write_table(table, folder / "d.parquet")
    manifest = {
        "name": "d",
        "version": "1",
        "rows": 500,
        "files": [{"path": "d.parquet", "sha256": hashlib.sha256((folder / "d.parquet").read_bytes()).hexdigest()}],
        "columns": [
            {"name": n, "type": t, "role": "value"}
            for n, t in (("age", "BIGINT"), ("score", "DOUBLE"), ("kids", "BIGINT"))
        ],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_records_fail_and_the_control_shows_why(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = pq.read_table(data / "d.parquet").slice(7, 12).to_pylist()
    path = tmp_path / "means.csv"
    path.write_text(
        "area,mean_a,mean_b,n\n"
        + "".join(f"x{i},{r['age']}.0,{r['score']},{40 + r['kids']}\n" for i, r in enumerate(rows))
    )
    assert main(["check", str(path)]) == 0  # by its headers it is a table of means
    path.write_text(
        "area,mean_a,mean_b,mean_c,n\n"
        + "".join(f"x{i},{r['age']}.0,{r['score']},{r['kids']},{40 + i}\n" for i, r in enumerate(rows))
    )
    capsys.readouterr()

    assert main(["check", "--json", "--data", str(data), str(path)]) == 2
    (found,) = json.loads(capsys.readouterr().out)["outputs"]
    finding = next(f for f in found["findings"] if f["rule"] == "X01")
    assert len(finding["where"]) == 12
    assert "evidence" not in finding


def test_data_that_changed_are_not_used(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("plan,n\na,20\nb,30\n", encoding="utf-8")
    with (data / "d.parquet").open("ab") as file:
        file.write(b"x")

    assert main(["check", "--data", str(data), str(path)]) == 3
