"""A dataset version is proved by its manifest before anything is read from it."""

import json
import shutil
from pathlib import Path

import pytest

from output_checker.microdata import open_dataset
from output_checker.model import BadInput, Broken


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def test_a_whole_version_opens(folder: Path) -> None:
    dataset = open_dataset(folder)
    with dataset.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM data").fetchone()[0] == 3000
    assert dataset.title == "people 1"


def test_a_file_that_differs_is_refused(copy: Path) -> None:
    with (copy / "people.parquet").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(Broken, match=r"people\.parquet"):
        open_dataset(copy)


def test_a_file_that_is_missing_is_refused(copy: Path) -> None:
    (copy / "people.parquet").unlink()
    with pytest.raises(Broken):
        open_dataset(copy)


def test_a_link_is_refused(copy: Path, folder: Path) -> None:
    (copy / "people.parquet").unlink()
    (copy / "people.parquet").symlink_to(folder / "people.parquet")
    with pytest.raises(Broken):
        open_dataset(copy)


@pytest.mark.parametrize("spoil", ["", "[]", '{"name": "x"}', "\x00"])
def test_a_folder_without_a_manifest_is_none(copy: Path, spoil: str) -> None:
    (copy / "manifest.json").write_text(spoil, encoding="utf-8")
    with pytest.raises(BadInput):
        open_dataset(copy)


def test_a_manifest_cannot_name_a_file_elsewhere(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][0]["path"] = "../copy/people.parquet"
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(BadInput):
        open_dataset(copy)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        open_dataset(tmp_path / "nothing")


def test_parquet_that_is_none_is_broken(copy: Path) -> None:
    import hashlib

    (copy / "people.parquet").write_bytes(b"no parquet")
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][0]["sha256"] = hashlib.sha256(b"no parquet").hexdigest()
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    dataset = open_dataset(copy)
    with pytest.raises(Broken), dataset.cursor():
        pass
