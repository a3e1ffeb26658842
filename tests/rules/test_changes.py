"""What changed between two rounds, as a checker would say it, for small tables, long ones and hostile ones."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from output_checker.model import Image, Table, Text
from output_checker.rules.changes import (
    Change,
    Filed,
    compare,
    compare_files,
    compare_tables,
    compare_texts,
    match_files,
)


def _table(text: str, **more: int) -> Table:
    return Table("", tuple(tuple(line.split(",")) for line in text.splitlines()), **more)


OLD = _table("plan,good,poor\nFree,5210,94\nCo-pay 25 %,2408,41\nCo-pay 50 %,980,3\nCo-pay 95 %,2310,7")


def test_a_suppressed_cell_is_the_only_change() -> None:
    new = _table("plan,good,poor\nFree,5210,94\nCo-pay 25 %,2408,41\nCo-pay 50 %,980,\nCo-pay 95 %,2310,7")
    found = compare_tables(OLD, new)
    assert found.was == {(3, 2): "3"}
    assert not any((found.rows_added, found.rows_removed, found.columns_added, found.columns_removed))


def test_a_removed_column_changes_no_cell() -> None:
    found = compare_tables(OLD, _table("plan,poor\nFree,94\nCo-pay 25 %,41\nCo-pay 50 %,3\nCo-pay 95 %,7"))
    assert found.columns_removed == ("good",)
    assert not found.was


def test_a_column_put_in_the_middle_is_found_with_a_changed_cell_beside_it() -> None:
    new = _table(
        "plan,fair,good,poor\nFree,1,5210,94\nCo-pay 25 %,2,2408,40\nCo-pay 50 %,3,980,3\nCo-pay 95 %,4,2310,7"
    )
    found = compare_tables(OLD, new)
    assert found.columns_added == {1}
    assert found.was == {(2, 3): "41"}


def test_merged_groups_are_rows_removed_and_a_row_added() -> None:
    found = compare_tables(OLD, _table("plan,good,poor\nFree,5210,94\nCo-pay 25 %,2408,41\nCo-pay above,3290,10"))
    assert found.rows_removed == ("Co-pay 50 %", "Co-pay 95 %")
    assert found.rows_added == {3}
    assert not found.was


def test_a_renamed_heading_and_a_renamed_row_are_changed_cells() -> None:
    new = _table("plan,good,bad\nFree,5210,94\nCo-pay 25 %,2408,41\nHalf,980,3\nCo-pay 95 %,2310,7")
    assert compare_tables(OLD, new).was == {(0, 2): "poor", (3, 0): "Co-pay 50 %"}


def test_a_row_taken_from_a_table_whose_first_column_repeats_moves_nothing_else() -> None:
    old = _table("sex,age,n\nf,1,10\nf,2,20\nf,3,30\nm,1,11\nm,2,21")
    found = compare_tables(old, _table("sex,age,n\nf,1,10\nf,3,30\nm,1,11\nm,2,99"))
    assert (found.rows_removed, found.was, found.rows_added) == (("f",), {(4, 2): "21"}, frozenset())


def test_tables_without_a_heading_or_without_anything() -> None:
    assert compare_tables(_table("1,2", header_rows=0), _table("1,3", header_rows=0)).was == {(0, 1): "2"}
    assert compare_tables(_table("a\n1"), _table("1", header_rows=0)).rows_removed == ("a",)
    assert compare_tables(Table("", ()), OLD).columns_added == {0, 1, 2}
    assert compare_tables(OLD, Table("", ())).rows_removed[-1] == "Co-pay 95 %"


@given(
    st.lists(st.lists(st.sampled_from("abc"), min_size=3, max_size=3), min_size=1, max_size=9),
    st.lists(st.lists(st.sampled_from("abc"), min_size=3, max_size=3), min_size=1, max_size=9),
)
def test_the_old_rows_can_be_told_from_the_new_ones_and_the_changes(old: list[list[str]], new: list[list[str]]) -> None:
    one = Table("", tuple(map(tuple, old)), header_rows=0)
    other = Table("", tuple(map(tuple, new)), header_rows=0)
    found = compare_tables(one, other)
    kept = [r for r in range(len(new)) if r not in found.rows_added]
    back = [tuple(found.was.get((r, c), other.cells[r][c]) for c in range(3)) for r in kept]
    assert len(back) == len(old) - len(found.rows_removed)
    rest = iter(one.cells)
    assert all(row in rest for row in back), "the kept rows, put back, stand in the old table in this order"
    assert (found == compare_tables(other, other)) is (one.cells == other.cells)


def test_a_text_shows_its_changed_lines_with_two_around() -> None:
    old = "\n".join(f"line {n}" for n in range(1, 21))
    found = compare_texts(old, old.replace("line 10", "line ten") + "\nend")
    assert [(line.sign, line.number) for line in found.lines] == [
        *[("…", 0), (" ", 8), (" ", 9), ("-", 10), ("+", 10), (" ", 11), (" ", 12)],
        *[("…", 0), (" ", 19), (" ", 20), ("+", 21)],
    ]
    assert (found.added, found.removed) == (2, 1)
    assert compare_texts("same", "same").lines == ()


@given(st.lists(st.sampled_from("ab\n")).map("".join), st.lists(st.sampled_from("ab\n")).map("".join))
def test_a_text_difference_counts_what_was_added_and_removed(old: str, new: str) -> None:
    found = compare_texts(old, new)
    assert found.added - found.removed == new.count("\n") - old.count("\n")
    assert (found.lines == ()) is (old == new)


def test_parts_of_a_notebook_find_each_other_when_a_cell_is_put_in_before_them() -> None:
    picture, other = Image("cell 3", b"1", 1, 1), Image("cell 4", b"2", 1, 1)
    old = (Text("cell 1", "hello"), OLD, picture)
    found = compare(old, (Text("cell 0", "new"), Text("cell 1", "hello"), OLD, other))
    assert [part.change for part in found.parts] == [Change.NEW, Change.SAME, Change.SAME, Change.CHANGED]
    assert compare(old, old[:1]).removed == 2
    assert compare((), old).parts[0].change is Change.NEW


def test_files_find_each_other_by_path_and_then_by_bytes() -> None:
    old = (Filed("1", "a.csv", "x", "A"), Filed("2", "b.csv", "y", "B"), Filed("3", "c.csv", "z", "C"))
    new = (Filed("4", "a.csv", "x2", "A2"), Filed("5", "renamed.csv", "y", "B"), Filed("6", "d.csv", "q", "D"))
    found = match_files(old, new)
    assert {key: file.id for key, file in found.earlier.items()} == {"4": "1", "5": "2"}
    assert [file.path for file in found.removed] == ["c.csv"]
    states = [compare_files(found.earlier.get(file.id), file) for file in new]
    assert states == [Change.CHANGED, Change.SAME, Change.NEW]


@pytest.mark.parametrize(
    ("canonical", "sha256", "expected"), [("A", "other", Change.SAME), (None, "x", Change.SAME), (None, "other", None)]
)
def test_the_same_is_what_would_go_out_and_unread_bytes_only_if_they_are_the_same(
    canonical: str | None, sha256: str, expected: Change | None
) -> None:
    assert compare_files(Filed("1", "a", "x", "A"), Filed("2", "a", sha256, canonical)) is expected


def test_nothing_that_somebody_puts_into_a_file_makes_comparing_slow() -> None:
    same, mixed = "a\nb\n" * 50_000, "b\na\na\n" * 33_000
    began = time.process_time()
    compare_texts(same, mixed)
    rows = tuple((str(n % 2), str(n % 7)) for n in range(20_000))
    compare_tables(Table("", rows), Table("", rows[::-1]))
    assert time.process_time() - began < 5
