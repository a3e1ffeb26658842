"""A fix is shown before it is written, is written beside the old file, and never over anything."""

from pathlib import Path

import pytest

from halftide_workspace.fixes import Fixes
from output_checker.model import Policy
from output_checker.model.errors import BadInput, Conflict, NotFound

GRID = "g,a,b,c,Total\nx,20,33,40,93\ny,21,3,45,69\nz,30,35,39,104\nw,50,41,22,113\nTotal,121,112,146,379\n"
DESCRIBED = "stat,age\ncount,200\nmean,41.2\nmin,18.3\nmax,97.1\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "grid.csv").write_text(GRID)
    (tmp_path / "ages.csv").write_text(DESCRIBED)
    (tmp_path / "log.txt").write_text("n = 3 patients\n")
    return tmp_path


def files(workspace: Path) -> list[str]:
    return sorted(str(path.relative_to(workspace)) for path in workspace.rglob("*") if path.is_file())


def test_a_proposal_shows_the_table_before_and_after_and_writes_nothing(workspace: Path) -> None:
    before = files(workspace)
    shown = Fixes(workspace).propose("results/grid.csv", Policy())
    (table,) = shown["tables"]

    assert files(workspace) == before
    assert (shown["name"], shown["verdict"], shown["remains"]) == ("results/grid-safe.csv", "pass", [])
    assert shown["steps"][0]["changes"] == [{"label": "y, b", "before": "3", "after": "[c]"}]
    assert table["before"][2] == ["y", "21", "3", "45", "69"]
    assert table["after"][2] == ["y", "[c]", "[c]", "45", "69"]
    assert table["header_rows"] == 1


def test_what_is_left_out_has_no_after(workspace: Path) -> None:
    (table,) = Fixes(workspace).propose("ages.csv", Policy())["tables"]

    assert table["after"][3:] == [[None, None], [None, None]]


def test_of_a_large_table_the_touched_rows_are_shown(workspace: Path) -> None:
    rows = "\n".join(f"area {k},{120 + k},{60 + k}" for k in range(200))
    (workspace / "long.csv").write_text(f"area,n,m\n{rows}\nlast,40,3\n")
    (table,) = Fixes(workspace).propose("long.csv", Policy())["tables"]

    assert table["left_out"] == {"rows": 200, "columns": 0}
    assert table["before"] == [["area", "n", "m"], ["last", "40", "3"]]


def test_the_fix_is_written_beside_the_file_under_a_free_name(workspace: Path) -> None:
    fixes = Fixes(workspace)
    sha256 = fixes.propose("results/grid.csv", Policy())["sha256"]
    (workspace / "results" / "grid-safe.csv").symlink_to(workspace / "ages.csv")

    assert fixes.write("results/grid.csv", Policy(), sha256) == "results/grid-safe-2.csv"
    assert fixes.write("results/grid.csv", Policy(), sha256) == "results/grid-safe-3.csv"
    assert (workspace / "ages.csv").read_text() == DESCRIBED
    assert (workspace / "results" / "grid.csv").read_text() == GRID
    assert (workspace / "results" / "grid-safe-2.csv").read_text().splitlines()[2] == "y,[c],[c],45,69"
    assert not [name for name in files(workspace) if ".halftide" in name]


def test_a_file_that_changed_since_is_shown_again_first(workspace: Path) -> None:
    fixes = Fixes(workspace)
    sha256 = fixes.propose("results/grid.csv", Policy())["sha256"]
    (workspace / "results" / "grid.csv").write_text(GRID.replace("y,21,3,45,69", "y,20,4,45,69"))

    with pytest.raises(Conflict, match="changed since"):
        fixes.write("results/grid.csv", Policy(), sha256)
    assert files(workspace) == ["ages.csv", "log.txt", "results/grid.csv"]


@pytest.mark.parametrize(("path", "error"), [("log.txt", NotFound), ("results", BadInput), ("../x.csv", BadInput)])
def test_where_nothing_can_be_done_the_way_on_is_said(workspace: Path, path: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        Fixes(workspace).propose(path, Policy())


def test_cwe_59_a_link_in_place_of_the_folder_is_not_followed(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The researcher's code swaps the folder for a link after the fix was shown; the control is the folder itself."""
    fixes = Fixes(workspace)
    sha256 = fixes.propose("results/grid.csv", Policy())["sha256"]
    assert fixes.write("results/grid.csv", Policy(), sha256)
    outside = tmp_path_factory.mktemp("outside")
    (workspace / "results").rename(workspace / "moved")
    (outside / "grid.csv").write_text(GRID)
    (workspace / "results").symlink_to(outside)

    with pytest.raises(BadInput):
        fixes.write("results/grid.csv", Policy(), sha256)
    assert [path.name for path in outside.iterdir()] == ["grid.csv"]
