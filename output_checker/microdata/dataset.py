"""A dataset version on disk, proved by its manifest, and what DuckDB knows of its columns.

Promises that every file has the digest that the manifest names (else Broken), that nothing outside the folder is read
and
nothing is written. The values of a column are counted once and kept while the dataset is open.
"""

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from output_checker.model import BadInput, Broken, Column, DatasetManifest

MEMORY = "2GB"
THREADS = 2
MOST_KEPT_ROWS = 5_000_000
"""A dataset of more rows stays in its Parquet files."""
MOST_DISTINCT = 2_000_000
_STEP = 1 << 20
_NUMBERS = ("INT", "DOUBLE", "FLOAT", "REAL", "DECIMAL", "NUMERIC", "BOOL")


@dataclass(frozen=True)
class Values:
    """The distinct values of a column with the number of records that have each: numbers sorted, or words."""

    numbers: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]
    words: dict[str, int]


class Dataset:
    """A proved dataset version. Safe to use from several threads; each takes a cursor of its own."""

    def __init__(self, manifest: DatasetManifest, files: tuple[Path, ...]) -> None:
        self.manifest = manifest
        self.files = files
        self._lock = threading.Lock()
        self._connection: Any = None
        self._values: dict[tuple[str, bool], Values] = {}
        self._rows = 0

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.manifest.name} {self.manifest.version}"

    @property
    def rows(self) -> int:
        """How many records it has."""
        return self._rows

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """A DuckDB cursor with the dataset as ``data``. Raises Broken for data that can't be read."""
        try:
            with self._lock:
                if self._connection is None:
                    self._connection = self._open()
                cursor = self._connection.cursor()
            try:
                yield cursor
            finally:
                cursor.close()
        except duckdb.Error as error:
            raise Broken(f"dataset {self.title} can't be compared: {error}") from error

    def values(self, cursor: Any, column: Column, *, numeric: bool) -> Values:
        """The distinct values of a column as numbers or as words; empty where there are too many."""
        with self._lock:
            key = column.name, numeric
            if key not in self._values:
                self._values[key] = _distinct(cursor, column.name, numeric=numeric)
            return self._values[key]

    def close(self) -> None:
        """Let go of the data."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> Any:
        connection = duckdb.connect(":memory:", config={"memory_limit": MEMORY, "threads": THREADS})
        names = ", ".join(f"'{str(path).replace(chr(39), chr(39) * 2)}'" for path in self.files)
        kind = "TABLE" if self.manifest.rows <= MOST_KEPT_ROWS else "VIEW"
        connection.execute(f"CREATE {kind} data AS SELECT * FROM read_parquet([{names}])")  # noqa: S608 - own paths, quoted
        counted = connection.execute("SELECT count(*) FROM data").fetchone()
        self._rows = int(counted[0]) if counted else 0
        return connection


def _distinct(cursor: Any, name: str, *, numeric: bool) -> Values:
    value = f"TRY_CAST({quoted(name)} AS DOUBLE)" if numeric else f"lower(trim(CAST({quoted(name)} AS VARCHAR)))"
    query = (
        f"SELECT {value} AS v, count(*) AS n FROM data WHERE v IS NOT NULL GROUP BY 1 ORDER BY 1 LIMIT {MOST_DISTINCT}"  # noqa: S608 - quoted name
    )
    found = cursor.execute(query).fetchnumpy()
    nothing = np.zeros(0)
    if numeric:
        return Values(np.asarray(found["v"], np.float64), np.asarray(found["n"], np.int64), {})
    return Values(nothing, nothing.astype(np.int64), dict(zip(map(str, found["v"]), map(int, found["n"]), strict=True)))


def open_dataset(folder: Path) -> Dataset:
    """Open a dataset version. Raises BadInput for a folder that is none, Broken for a file that is missing or
    differs."""
    try:
        text = (folder / "manifest.json").read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{folder} is no dataset version: its manifest.json can't be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{folder}/manifest.json is not UTF-8 text") from error
    manifest = DatasetManifest.from_json(text)
    if not manifest.files:
        raise BadInput(f"{folder}/manifest.json names no files")
    for file in manifest.files:
        found = _digest(folder / file.path)
        if found != file.sha256:
            raise Broken(f"{manifest.name} {manifest.version}: {file.path} is not the file that its manifest names")
    return Dataset(manifest, tuple(folder / file.path for file in manifest.files))


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            while piece := file.read(_STEP):
                digest.update(piece)
    except OSError as error:
        raise Broken(f"{path.name} of the dataset can't be read ({error.strerror})") from error
    return digest.hexdigest()


def quoted(name: str) -> str:
    """A column name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def is_number(column: Column) -> bool:
    """Whether the column holds numbers (or yes/no)."""
    kind = column.type.upper().removesuffix(")").replace("DECIMAL(", "DECIMAL")
    return any(mark in kind for mark in _NUMBERS) and "[" not in kind and "(" not in kind
