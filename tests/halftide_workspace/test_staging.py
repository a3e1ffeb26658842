"""Files are taken from the workspace as one moment of a real file, or refused with the way on."""

import errno
import hashlib
import io
import os
from pathlib import Path
from typing import IO

import pytest

from halftide_workspace import staging
from halftide_workspace.staging import human_size, require_plain_path, staged
from output_checker.model.errors import BadInput, Broken

LIMIT = 1000


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    (folder / "results").mkdir(parents=True)
    (folder / "results" / "visits.csv").write_bytes(b"plan,people\nFree,120\n")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "token").write_bytes(b"token of the server")
    return folder


def refusal(workspace: Path, path: str, limit: int = LIMIT) -> str:
    with pytest.raises(BadInput) as caught, staged(workspace, [path], limit):
        pass
    return str(caught.value)


def test_a_file_is_staged_with_its_bytes_size_and_digest(workspace: Path) -> None:
    data = (workspace / "results" / "visits.csv").read_bytes()
    with staged(workspace, ["results/visits.csv"], LIMIT) as files:
        assert [(file.path, file.size) for file in files] == [("results/visits.csv", len(data))]
        assert files[0].content.read() == data
        assert files[0].sha256 == hashlib.sha256(data).hexdigest()


def test_copies_have_no_name_and_are_gone_afterwards(workspace: Path, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with staged(workspace, ["results/visits.csv"], LIMIT, scratch) as files:
        assert list(scratch.iterdir()) == []
        content = files[0].content
    assert content.closed


def test_an_empty_file_is_staged(workspace: Path) -> None:
    (workspace / "empty.csv").touch()
    with staged(workspace, ["empty.csv"], LIMIT) as files:
        assert files[0].size == 0


def test_cwe_59_a_link_is_refused_at_the_end_and_on_the_way(workspace: Path, tmp_path: Path) -> None:
    (workspace / "table.csv").symlink_to(tmp_path / "secret" / "token")
    (workspace / "folder").symlink_to(tmp_path / "secret")
    assert (workspace / "table.csv").read_bytes() == b"token of the server"  # control: opened by name, it leaks
    assert "is a link" in refusal(workspace, "table.csv")
    assert "is a link" in refusal(workspace, "folder/token")


@pytest.mark.parametrize(
    "path",
    ["../secret/token", "results/../../secret/token", "/etc/passwd", "results//visits.csv", "./visits.csv", "a/"],
)
def test_cwe_22_a_path_that_climbs_or_is_not_plain_is_refused(workspace: Path, path: str) -> None:
    assert "does not name a file of your workspace" in refusal(workspace, path)


@pytest.mark.parametrize("name", ['say "hi".csv', "back\\slash.csv", "line\nbreak.csv", "nul\0.csv", "lone\ud800.csv"])
def test_a_name_that_parsers_read_differently_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="rename the file"):
        require_plain_path(name)


def test_ordinary_names_of_any_language_are_taken() -> None:
    for name in ["Tabelle 2, Besuche (endgültig).csv", "результаты/表.csv", "100 % of it's fine.csv"]:
        require_plain_path(name)


def test_what_is_no_ordinary_file_is_refused_without_waiting(workspace: Path) -> None:
    os.mkfifo(workspace / "pipe")
    assert "not an ordinary file" in refusal(workspace, "pipe")
    assert "is a folder" in refusal(workspace, "results")
    assert "not there any more" in refusal(workspace, "gone.csv")


def test_a_large_file_is_refused_with_both_sizes_before_it_is_read(workspace: Path) -> None:
    with (workspace / "big.csv").open("wb") as big:
        big.truncate(2_254_857_831)  # sparse
    text = refusal(workspace, "big.csv", 64 * 1024 * 1024)
    assert "big.csv is 2.1 GiB; a request takes files up to 64 MiB" in text


def test_a_file_that_grows_while_it_is_read_is_refused(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = workspace / "results" / "visits.csv"
    copy = staging._copy

    def copy_while_written(source: IO[bytes], target: IO[bytes], limit: int) -> tuple[str, int]:
        result = copy(source, target, limit)
        with file.open("ab") as more:
            more.write(b"25 percent,3\n")
        return result

    with staged(workspace, ["results/visits.csv"], LIMIT):
        pass  # control: nothing writes, nothing is refused
    monkeypatch.setattr(staging, "_copy", copy_while_written)
    assert "changed while it was being read" in refusal(workspace, "results/visits.csv")


def test_a_change_that_hides_behind_an_old_time_is_noticed(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = workspace / "results" / "visits.csv"
    copy = staging._copy

    def copy_while_swapped(source: IO[bytes], target: IO[bytes], limit: int) -> tuple[str, int]:
        result = copy(source, target, limit)
        before = file.stat()
        with file.open("r+b") as same_size:
            same_size.write(b"PLAN")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        return result

    monkeypatch.setattr(staging, "_copy", copy_while_swapped)
    assert "changed while it was being read" in refusal(workspace, "results/visits.csv")


class Endless(io.RawIOBase):
    """A file to which somebody writes faster than it is read."""

    def read(self, size: int = -1) -> bytes:
        return b"x" * size


def test_a_file_that_never_stops_growing_is_not_read_for_ever() -> None:
    target = io.BytesIO()
    _, size = staging._copy(Endless(), target, LIMIT)  # type: ignore[arg-type]
    assert LIMIT < size < 2 * staging._CHUNK


def test_a_full_disk_says_so_and_leaves_the_file(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(staging, "_copy", full)
    with pytest.raises(Broken, match="No space left on device"), staged(workspace, ["results/visits.csv"], LIMIT):
        pass


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_descriptors_are_closed_whatever_happens(workspace: Path) -> None:
    before = open_descriptors()
    for _ in range(5):
        refusal(workspace, "results")
        with staged(workspace, ["results/visits.csv"], LIMIT):
            pass
    assert open_descriptors() == before


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (64 << 20, "64 MiB"), (1 << 50, "1024 TiB")],
)
def test_sizes_are_said_as_people_say_them(size: int, text: str) -> None:
    assert human_size(size) == text
