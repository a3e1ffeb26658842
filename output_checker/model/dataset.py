"""A dataset version: an immutable folder of Parquet files and the manifest that names each by its digest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from output_checker.model.errors import BadInput
from output_checker.model.identifiers import Digest


class ColumnRole(StrEnum):
    """What a column says about people, which decides what a rule does with it."""

    DIRECT_IDENTIFIER = "direct_identifier"
    QUASI_IDENTIFIER = "quasi_identifier"
    UNIT_ID = "unit_id"
    RECORD_ID = "record_id"
    HOUSEHOLD_ID = "household_id"
    HOLDING_ID = "holding_id"
    WEIGHT = "weight"
    FREE_TEXT = "free_text"
    DATE = "date"
    VALUE = "value"


@dataclass(frozen=True)
class Column:
    """A column as the manifest declares it; ``type`` is DuckDB's name of the type."""

    name: str
    type: str
    role: ColumnRole


@dataclass(frozen=True)
class DataFile:
    """A file of the version, by its path beneath the version's folder."""

    path: str
    sha256: Digest


@dataclass(frozen=True)
class DatasetManifest:
    """``manifest.json``: what the version holds. ``rows`` counts the rows of all files together."""

    name: str
    version: str
    files: tuple[DataFile, ...]
    rows: int
    columns: tuple[Column, ...]

    @classmethod
    def from_json(cls, text: str) -> "DatasetManifest":
        """Read a manifest. Raises BadInput that names the field that is missing, of a wrong kind or unsafe."""
        try:
            raw: Mapping[str, Any] = json.loads(text)
            manifest = cls(
                name=str(raw["name"]),
                version=str(raw["version"]),
                files=tuple(DataFile(str(f["path"]), Digest(str(f["sha256"]))) for f in raw["files"]),
                rows=int(raw["rows"]),
                columns=tuple(
                    Column(str(c["name"]), str(c["type"]), ColumnRole(c.get("role", "value"))) for c in raw["columns"]
                ),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInput(f"manifest.json is not a dataset manifest: {error!r}") from error
        for file in manifest.files:
            if PurePosixPath(file.path).is_absolute() or ".." in PurePosixPath(file.path).parts:
                raise BadInput(f"manifest.json names a file outside its folder: {file.path}")
        return manifest

    def to_json(self) -> str:
        """The manifest as text, with sorted keys and a final line end, so that equal manifests have equal digests."""
        value = {
            "name": self.name,
            "version": self.version,
            "files": [{"path": f.path, "sha256": f.sha256} for f in self.files],
            "rows": self.rows,
            "columns": [{"name": c.name, "type": c.type, "role": c.role.value} for c in self.columns],
        }
        return json.dumps(value, indent=2, sort_keys=True) + "\n"
