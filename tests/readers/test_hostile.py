"""Whatever a file is, reading it ends in an Output, within the limits, and with nothing lost in silence."""

import time
from pathlib import Path

import hostile
import pytest
from hostile import CSV, SECRET, Case, png
from hostile_archives import ARCHIVE_CARRIERS, ARCHIVES
from hostile_documents import SOURCES, SPREADSHEET_CARRIERS, SPREADSHEETS

from output_checker.model import Kind
from output_checker.readers import DEFAULT, read_in_cage
from output_checker.readers.reading import read

HOSTILE = (*hostile.HOSTILE, *SPREADSHEETS, *SOURCES, *ARCHIVES)
CARRIERS = (*hostile.CARRIERS, *SPREADSHEET_CARRIERS, *ARCHIVE_CARRIERS)


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.name)
def test_a_hostile_file_ends_in_an_answer_within_the_limits(case: Case) -> None:
    data = case.make()
    start = time.monotonic()
    output = read_in_cage(data)
    assert time.monotonic() - start < DEFAULT.wall_seconds + 2
    if case.refused:
        assert output.kind is Kind.UNKNOWN
        assert output.problem.endswith((".", "!"))
        assert output.parts == ()
        assert output.canonical == b""
    else:
        assert output.problem == ""
        assert case.drops <= {loss.what for loss in output.dropped}


def test_there_are_enough_hostile_files_and_carriers() -> None:
    assert len(HOSTILE) >= 40
    assert len(CARRIERS) >= 40
    assert len({case.name for case in HOSTILE}) == len(HOSTILE)


@pytest.mark.parametrize(("name", "make", "code"), CARRIERS, ids=[name for name, _, _ in CARRIERS])
def test_a_carrier_is_named_and_gone(name: str, make: object, code: str) -> None:
    data = make()  # type: ignore[operator]
    output = read(data)
    assert output.problem == ""
    assert code in {loss.what for loss in output.dropped}
    assert SECRET.encode() not in output.canonical
    for word in SECRET.split():  # nor any of it
        assert word.encode() not in output.canonical
    assert all(SECRET not in loss.detail for loss in output.dropped), "a detail quotes no more than a few characters"
    again = read(output.canonical)
    assert (again.canonical, again.parts, again.dropped) == (output.canonical, output.parts, ())


@pytest.mark.parametrize("name", ["PNG tEXt", "PNG zTXt", "notebook metadata", "HTML comment", "text tag characters"])
def test_the_rules_can_search_what_was_hidden(name: str) -> None:
    make = next(make for label, make, _ in CARRIERS if label == name)
    assert any(SECRET in loss.sample for loss in read(make()).dropped)


def test_a_clean_file_drops_nothing() -> None:
    """The control: the same files without a carrier."""
    assert read(CSV).dropped == ()
    assert read(png()).dropped == ()
    assert read(b"All is well.\nEnd of log.\n").dropped == ()


def test_a_sparse_file_of_2_gb_is_refused_before_the_cage(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(2 << 30)
    start = time.monotonic()
    output = read_in_cage(path)
    assert time.monotonic() - start < 0.5
    assert "2,147,483,648 bytes" in output.problem


def test_links_folders_and_devices_are_refused(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to("/etc/passwd")
    assert "link" in read_in_cage(tmp_path / "link.csv").problem
    assert "no ordinary file" in read_in_cage(tmp_path).problem
    assert "no ordinary file" in read_in_cage(Path("/dev/zero")).problem


def test_a_named_pipe_does_not_hold_the_reader_up(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.csv")
    start = time.monotonic()
    assert "no ordinary file" in read_in_cage(tmp_path / "pipe.csv").problem
    assert time.monotonic() - start < 1


def test_a_file_that_disappeared_is_a_problem_and_no_exception(tmp_path: Path) -> None:
    output = read_in_cage(tmp_path / "gone.csv")
    assert output.kind is Kind.UNKNOWN
    assert "No such file" in output.problem
