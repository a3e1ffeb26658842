"""Files beneath a folder: what is saved is whole, and links lead nowhere, also when they are swapped in mid-way."""

import errno
import os
import threading
from pathlib import Path

import pytest

from halftide_workspace.folder import TEMPORARY, Folder
from output_checker.model.errors import BadInput, Broken, Conflict, NotAllowed, NotFound


@pytest.fixture
def top(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("SECRET")
    (tmp_path / "top" / "sub").mkdir(parents=True)
    (tmp_path / "top" / "a.txt").write_text("old")
    return tmp_path / "top"


@pytest.fixture
def folder(top: Path) -> Folder:
    return Folder(top)


def test_reads_writes_moves_and_removes(folder: Folder, top: Path) -> None:
    folder.write("sub/b.txt", b"new")
    assert folder.read("sub/b.txt", 10)[0] == b"new"
    folder.rename("sub/b.txt", "c.txt")
    folder.copy("c.txt", "d.txt", 10)
    folder.append("d.txt", b"er")
    assert (top / "d.txt").read_text() == "newer"
    assert sorted(name for name, _ in folder.entries("")) == ["a.txt", "c.txt", "d.txt", "sub"]
    folder.make_folder("sub/deep")
    folder.remove("sub")
    assert not (top / "sub").exists()


def test_a_save_keeps_the_files_permissions(folder: Folder, top: Path) -> None:
    (top / "a.txt").chmod(0o640)
    folder.write("a.txt", b"new")
    assert (top / "a.txt").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "path", ["../secret.txt", "/etc/passwd", "sub/../../secret.txt", "a//b", ".", "..", "a\0b", "sub/"]
)
def test_paths_that_climb_are_refused(folder: Folder, path: str) -> None:
    for action in (lambda: folder.read(path, 99), lambda: folder.write(path, b"x"), lambda: folder.remove(path)):
        with pytest.raises((BadInput, NotFound)):
            action()


@pytest.mark.attack
def test_links_are_refused_in_every_place(folder: Folder, top: Path) -> None:
    (top / "link.txt").symlink_to(top.parent / "secret.txt")
    (top / "linked").symlink_to(top.parent)
    assert (top / "link.txt").read_text() == "SECRET", "the control: an ordinary open follows the link"
    for action in (
        lambda: folder.read("link.txt", 99),
        lambda: folder.read("linked/secret.txt", 99),
        lambda: folder.write("link.txt", b"x"),
        lambda: folder.write("linked/x.txt", b"x"),
        lambda: folder.append("link.txt", b"x"),
        lambda: folder.copy("link.txt", "copy.txt", 99),
        lambda: folder.rename("a.txt", "linked/a.txt"),
        lambda: folder.remove("linked/secret.txt"),
        lambda: folder.entries("linked"),
    ):
        with pytest.raises(NotAllowed, match="link"):
            action()
    folder.remove("linked")
    assert (top.parent / "secret.txt").read_text() == "SECRET"


@pytest.mark.attack
def test_a_link_that_is_swapped_in_meanwhile_is_never_followed(folder: Folder, top: Path) -> None:
    (top / "real").mkdir()
    (top / "real" / "secret.txt").write_text("mine")
    (top / "fake").symlink_to(top.parent)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for source in ("real", "fake"):
                (top / source).rename(top / "now")
                (top / "now").rename(top / source)

    thread = threading.Thread(target=swap)
    thread.start()
    seen: set[bytes] = set()
    try:
        for _ in range(3000):
            try:
                seen.add(folder.read("now/secret.txt", 99)[0])
            except (NotFound, NotAllowed):
                continue
    finally:
        stop.set()
        thread.join()
    assert b"SECRET" not in seen


@pytest.mark.attack
def test_pipes_and_devices_do_not_hang_or_open(folder: Folder, top: Path) -> None:
    os.mkfifo(top / "pipe")
    for action in (
        lambda: folder.read("pipe", 9),
        lambda: folder.write("pipe", b""),
        lambda: folder.append("pipe", b""),
    ):
        with pytest.raises(NotAllowed, match="neither a file nor a folder"):
            action()


def test_too_large_is_refused_before_and_while_reading(folder: Folder) -> None:
    with pytest.raises(BadInput, match="3 bytes"):
        folder.read("a.txt", 2)


def test_nothing_is_replaced_by_a_move(folder: Folder, top: Path) -> None:
    (top / "b.txt").write_text("other")
    with pytest.raises(Conflict):
        folder.rename("a.txt", "b.txt")
    with pytest.raises(Conflict):
        folder.rename("a.txt", "sub")
    assert (top / "b.txt").read_text() == "other"


@pytest.mark.parametrize("step", ["fsync", "rename"])
def test_a_full_disk_leaves_the_old_file(folder: Folder, top: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(Broken, match="disk is full"):
        folder.write("a.txt", b"new")
    assert (top / "a.txt").read_text() == "old"
    assert not list(top.glob(TEMPORARY + "*"))
