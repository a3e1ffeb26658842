"""Marks, numbers and pages of what a checker looks at."""

from output_checker.model import Finding, Image, Severity, Table, Text, Where
from output_checker.web.viewer import (
    LONGEST_TEXT,
    ROWS_PER_PAGE,
    anchor_of,
    marks_of,
    number_findings,
    page_of,
    page_of_line,
    show_part,
)


def _finding(severity: Severity, *where: Where) -> Finding:
    return Finding("F01", severity, where, "message", "remedy")


def test_the_heaviest_finding_is_number_one_and_equals_keep_their_order() -> None:
    note, review, fail = (_finding(s) for s in (Severity.NOTE, Severity.REVIEW, Severity.FAIL))
    assert [n.finding for n in number_findings([note, review, fail])] == [fail, review, note]


def test_a_cell_carries_the_numbers_of_all_its_findings_and_the_heaviest_colour() -> None:
    cell = Where(0, 1, 1)
    numbered = number_findings([_finding(Severity.NOTE, cell), _finding(Severity.FAIL, cell)])
    mark = marks_of(numbered, "o1").at(0, 1, 1)
    assert mark is not None
    assert mark.numbers == (1, 2)
    assert mark.severity is Severity.FAIL
    assert mark.anchor == "o1-p0r1c1"


def test_a_whole_row_column_or_part_is_marked_at_its_head() -> None:
    table = Table("", (("a", "b"), ("1", "2"), ("3", "4")))
    places = (Where(0, 2, None), Where(0, None, 1), Where(0))
    shown = show_part(0, table, marks_of(number_findings([_finding(Severity.REVIEW, *places)]), "o1"))
    assert shown.mark is not None
    assert shown.head[0].cells[1].mark is not None
    assert shown.head[0].cells[0].mark is None
    assert shown.body[1].mark is not None


def test_a_long_table_comes_in_pages_with_its_header_on_each() -> None:
    table = Table("", (("n",), *((str(i),) for i in range(1, 1200))))
    none = marks_of((), "v")
    first, last = show_part(0, table, none, 1), show_part(0, table, none, 3)
    assert first.pages == 3
    assert [row.cells[0].text for row in last.head] == ["n"]
    assert first.body[0].number == 2
    assert first.body[-1].number + 1 == show_part(0, table, none, 2).body[0].number
    assert last.body[-1].cells[0].text == "1199"
    shown = sum(len(show_part(0, table, none, page).body) for page in (1, 2, 3))
    assert shown == 1199
    assert show_part(0, table, none, 99).page == 3
    assert show_part(0, table, none, -5).page == 1
    assert page_of(Where(0, ROWS_PER_PAGE, 0)) == 2


def test_odd_shapes_do_not_break_the_viewer() -> None:
    none = marks_of((), "v")
    assert show_part(0, Table("", ()), none).rows == 0
    assert show_part(0, Table("", (("1", "2"),), header_rows=0), none).head == ()
    assert show_part(0, Table("", (("a",),), header_rows=5), none).body == ()
    assert show_part(0, Text("", "x" * (LONGEST_TEXT + 1)), none).pages == 2
    assert show_part(0, Text("", ""), none).pages == 1
    assert show_part(0, Image("", b"", 3, 2), none).width == 3


def test_numbers_are_set_right_and_words_left() -> None:
    cells = ("1,204", "-3.5", "12 %", "£1.20", "1e-5", "n = 3", "", "12/03", "(4)")
    row = show_part(0, Table("", (cells,), header_rows=0), marks_of((), "v")).body[0]
    assert [cell.is_number for cell in row.cells] == [True, True, True, True, True, False, False, False, True]


def test_anchors_differ_between_outputs_and_places() -> None:
    places = [Where(0), Where(1), Where(0, 1), Where(0, None, 1), Where(0, 1, 1), Where(0, 11)]
    anchors = {anchor_of(prefix, where) for prefix in ("o1", "o2") for where in places}
    assert len(anchors) == 12


def test_a_line_to_which_a_finding_points_stands_out_with_its_number() -> None:
    places = (Where(0, 1, None), Where(0, 1, 3), Where(0, 3))
    marks = marks_of(number_findings([_finding(Severity.REVIEW, *places), _finding(Severity.FAIL, Where(0, 3))]), "o1")
    shown = show_part(0, Text("", "one\ntwo\nthree\nfour\n\nsix"), marks)
    assert [(run.number, run.text) for run in shown.runs] == [
        (0, "one\n"),
        (2, "two"),
        (0, "three\n"),
        (4, "four"),
        (0, "\nsix"),
    ]
    assert {mark.anchor for mark in shown.runs[1].marks} == {"o1-p0r1", "o1-p0r1c3"}
    assert shown.runs[1].numbers == ((2, Severity.REVIEW),)
    assert shown.runs[3].severity is Severity.FAIL
    assert show_part(0, Text("", "one"), marks).runs[0].text == "one"


def test_the_page_of_a_line_in_a_long_text_is_found_and_shows_it() -> None:
    part = Text("", "\n".join(f"{n:09d}" for n in range(45_000)))
    marks = marks_of(number_findings([_finding(Severity.FAIL, Where(0, 30_000))]), "v")
    page = page_of_line(part, 30_000)
    assert page == 2
    assert [run.text for run in show_part(0, part, marks, page).runs if run.marks] == ["000030000"]
    assert not [run for run in show_part(0, part, marks, 1).runs if run.marks]
    assert "".join(run.text for n in (1, 2, 3) for run in show_part(0, part, marks_of((), "v"), n).runs) == part.text
    assert page_of_line(part, -5) == 1
