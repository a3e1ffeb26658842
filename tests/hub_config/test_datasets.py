"""Only the bytes that were approved are mounted."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hub_config.access_gate import GrantedDataset
from hub_config.datasets import verified_mount
from output_checker.model import Broken, digest_of


@pytest.fixture
def version(tmp_path: Path) -> GrantedDataset:
    folder = tmp_path / "visits" / "1"
    (folder / "part").mkdir(parents=True)
    files = {"a.parquet": b"first", "part/b.parquet": b"second"}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    manifest = {
        "name": "visits",
        "version": "1",
        "rows": 2,
        "columns": [],
        "files": [{"path": name, "sha256": digest_of(data)} for name, data in files.items()],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return GrantedDataset("visits", "1", folder, digest_of((folder / "manifest.json").read_bytes()))


def test_an_unchanged_version_is_mounted_read_only_under_its_slug(version: GrantedDataset) -> None:
    mount = verified_mount(version)
    assert (mount.source, mount.target, mount.writable) == (version.path, Path("/data/visits"), False)


def _append(folder: Path) -> None:
    with (folder / "part" / "b.parquet").open("ab") as file:
        file.write(b"!")


def _other_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text((folder / "manifest.json").read_text() + " ")


def _link(folder: Path) -> None:
    (folder / "a.parquet").unlink()
    (folder / "a.parquet").symlink_to("/etc/hostname")


CHANGES: list[tuple[Callable[[Path], object], str]] = [
    (_append, "part/b.parquet has changed since it was approved"),
    (_other_manifest, "manifest.json is not the one that was approved"),
    (_link, "a.parquet is neither a file nor a folder"),
    (lambda folder: (folder / "a.parquet").unlink(), "a.parquet is missing"),
    (lambda folder: (folder / "manifest.json").unlink(), "can't be read"),
    (lambda folder: (folder / "more.parquet").write_bytes(b""), "more.parquet is not in the manifest"),
    (lambda folder: (folder / "link").symlink_to("/etc"), "link is neither a file nor a folder"),
]


@pytest.mark.parametrize(("change", "words"), CHANGES, ids=[words for _change, words in CHANGES])
def test_a_changed_version_is_not_mounted(
    version: GrantedDataset, change: Callable[[Path], object], words: str
) -> None:
    verified_mount(version)
    change(version.path)
    with pytest.raises(Broken, match=words):
        verified_mount(version)


def test_a_slug_can_not_cover_another_place(version: GrantedDataset) -> None:
    # the gate refuses such a slug before; the mount itself names a place under /data all the same
    assert verified_mount(version).target.is_relative_to("/data")
