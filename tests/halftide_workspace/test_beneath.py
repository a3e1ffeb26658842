"""What is opened lies beneath the folder, whatever the path says and however the tree changes."""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from halftide_workspace.beneath import open_beneath
from output_checker.model.errors import BadInput


@pytest.fixture
def root(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "root" / "inner").mkdir(parents=True)
    (tmp_path / "root" / "inner" / "file").write_text("mine")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("not mine")
    descriptor = os.open(tmp_path / "root", os.O_RDONLY | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


def read(root: int, path: str) -> str:
    with os.fdopen(open_beneath(root, path, os.O_RDONLY), encoding="utf-8") as file:
        return file.read()


def test_a_file_beneath_is_opened(root: int) -> None:
    assert read(root, "inner/file") == "mine"


@pytest.mark.parametrize(
    "path", ["", "/inner/file", "../outside/file", "inner/../inner/file", ".", "inner//file", "a\0b"]
)
def test_cwe_22_any_other_path_is_refused(root: int, path: str) -> None:
    with pytest.raises(BadInput):
        open_beneath(root, path, os.O_RDONLY)


def test_cwe_367_a_folder_that_turns_into_a_link_meanwhile_never_leads_out(root: int, tmp_path: Path) -> None:
    place, link, aside = (tmp_path / "root" / name for name in ("inner", "link", "aside"))
    link.symlink_to(tmp_path / "outside")
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            place.rename(aside)
            link.rename(place)
            place.rename(link)
            aside.rename(place)

    swapper = threading.Thread(target=swap)
    swapper.start()
    seen, leaked = set(), set()
    try:
        for _ in range(3000):
            try:
                seen.add(read(root, "inner/file"))
            except OSError:
                seen.add("refused")
            with contextlib.suppress(OSError):
                leaked.add(place.joinpath("file").read_text())
    finally:
        stop.set()
        swapper.join()
    assert "not mine" in leaked  # control: opened by name, the race is won
    assert "not mine" not in seen
    assert "mine" in seen
