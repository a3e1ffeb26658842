"""Turn two real datasets that ship inside statsmodels into dataset versions.

Run by set-up with the analysis environment's Python: ``build_datasets.py STATE`` writes
``STATE/datasets/rand-hie/1`` and ``STATE/datasets/grunfeld/1``, each a Parquet file beside its ``manifest.json``.
A version that is there already is left as it is: versions are immutable.
"""

import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import statsmodels.api as sm

TYPES = {"int64": "BIGINT", "float64": "DOUBLE", "object": "VARCHAR", "bool": "BOOLEAN"}


def rand_hie() -> tuple[pd.DataFrame, dict[str, str]]:
    """The RAND Health Insurance Experiment: 20,190 person-years. The ten published columns keep their names;
    ``record``, ``plan`` and ``health`` are derived from them so that tables can be read."""
    frame = sm.datasets.randhie.load_pandas().data
    coinsurance = np.round(np.exp(frame["lncoins"]) - 1).astype(int)
    plan = np.where(frame["idp"] == 1, "Individual deductible", coinsurance.map({0: "Free"} | _percent_labels()))
    health = np.select(
        [frame["hlthg"] == 1, frame["hlthf"] == 1, frame["hlthp"] == 1], ["Good", "Fair", "Poor"], "Excellent"
    )
    frame = frame.astype({"mdvis": "int64", "idp": "int64", "hlthg": "int64", "hlthf": "int64", "hlthp": "int64"})
    frame.insert(0, "record", np.arange(1, len(frame) + 1))
    frame["plan"] = plan
    frame["health"] = health
    roles = {"record": "record_id", "plan": "quasi_identifier", "health": "quasi_identifier"}
    roles |= {"physlm": "quasi_identifier", "disea": "quasi_identifier"}
    return frame, roles


def _percent_labels() -> dict[int, str]:
    return {share: f"{share} % coinsurance" for share in (25, 50, 95, 100)}


def grunfeld() -> tuple[pd.DataFrame, dict[str, str]]:
    """Grunfeld's investment data: 11 firms over 20 years, where a few firms hold most of every total."""
    frame = sm.datasets.grunfeld.load_pandas().data.astype({"year": "int64"})
    return frame, {"firm": "unit_id", "year": "date"}


def write_version(frame: pd.DataFrame, roles: dict[str, str], name: str, folder: Path) -> bool:
    """Write the version's folder whole or not at all; False when it is there already."""
    if (folder / "manifest.json").exists():
        return False
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    data = unfinished / f"{name}.parquet"
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), data, compression="zstd")
    manifest = {
        "name": name,
        "version": folder.name,
        "files": [{"path": data.name, "sha256": hashlib.sha256(data.read_bytes()).hexdigest()}],
        "rows": len(frame),
        "columns": [
            {"name": column, "type": TYPES[str(kind)], "role": roles.get(column, "value")}
            for column, kind in frame.dtypes.items()
        ],
    }
    (unfinished / "manifest.json").write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)
    return True


def main(state: Path) -> None:
    """Write both versions and say what was done."""
    for name, build in (("rand-hie", rand_hie), ("grunfeld", grunfeld)):
        frame, roles = build()
        made = write_version(frame, roles, name, state / "datasets" / name / "1")
        sys.stdout.write(f"dataset {name}, version 1: {len(frame):,} rows{'' if made else ' (already there)'}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
