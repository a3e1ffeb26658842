"""What the desk promises by its shape: one place moves a request, one opens the way out, one begins transactions."""

import ast
from collections.abc import Iterator
from pathlib import Path

DESK = Path(__file__).parents[2] / "output_checker" / "desk"


def places(wanted: str) -> Iterator[str]:
    """The desk's modules in which an attribute of this name is assigned or called."""
    for file in sorted(DESK.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == wanted
            assigned = isinstance(node, ast.Attribute) and node.attr == wanted and isinstance(node.ctx, ast.Store)
            if called or assigned:
                yield file.stem


def test_only_moves_assigns_a_state() -> None:
    # the state of a project or of a package is not a request's
    assert sorted(set(places("state"))) == ["moves", "packages", "projects"]
    source = (DESK / "projects.py").read_text(encoding="utf-8")
    assert source.count(".state = ") == source.count("            row.state = state") == 1


def test_only_the_context_begins_transactions_that_write() -> None:
    assert set(places("writing")) == {"context"}


def test_stored_bytes_are_opened_for_release_the_check_and_the_viewer_alone() -> None:
    openers = {
        file.stem
        for file in DESK.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"read", "open_verified"}
        if isinstance(node.value, ast.Attribute) and node.value.attr == "blobs"
    }
    assert openers == {"release", "assess", "page"}


def test_a_release_is_written_in_one_module() -> None:
    writers = {
        file.stem
        for file in DESK.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ReleaseRow"
    }
    assert writers == {"release"}
