"""Tables with a delimiter, as people's tools write them."""

from pathlib import Path

import pytest

from output_checker.model import Kind, Output, Table, Text
from output_checker.readers.reading import read

REAL = Path(__file__).resolve().parents[3] / "shared" / "real-outputs"


def table(output: Output, at: int = 0) -> Table:
    assert output.kind is Kind.TABLE, output.problem
    return [part for part in output.parts if isinstance(part, Table)][at]


def notes(output: Output) -> list[tuple[str, str]]:
    return [(part.name, part.text) for part in output.parts if isinstance(part, Text)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter_becomes_a_comma(delimiter: str) -> None:
    output = read("\n".join(delimiter.join(row) for row in (["plan", "good"], ["Free", "120"], ["Pay", "5"])).encode())
    assert table(output).cells == (("plan", "good"), ("Free", "120"), ("Pay", "5"))
    assert table(output).header_rows == 1
    assert output.canonical == b"plan,good\nFree,120\nPay,5\n"


def test_decimal_commas_do_not_win_over_semicolons() -> None:
    output = read(b"plan;mean;sd\nFree;1,5;0,2\nPay;2,5;0,3\n")
    assert table(output).cells[1] == ("Free", "1,5", "0,2")
    assert output.canonical == b'plan,mean,sd\nFree,"1,5","0,2"\nPay,"2,5","0,3"\n'


def test_decimal_commas_under_a_title() -> None:
    lines = [f"{n};{n},{n + 30};0,{n};{n * 3},125;Free" for n in range(2, 30)]
    output = read("\n".join(["Table 4: summary", "n;a;b;c;plan", *lines]).encode())
    assert table(output).cells[0] == ("n", "a", "b", "c", "plan")
    assert table(output).cells[1] == ("2", "2,32", "0,2", "6,125", "Free")


def test_lists_in_cells_stay_in_their_cells() -> None:
    output = read(b"group,n\na;b,120\nc;d,340\ne;f,77\n")
    assert table(output).cells[1] == ("a;b", "120")


def test_half_open_intervals_are_labels_of_a_table() -> None:
    output = read(b'age,n\n"(17.4, 22.4]",1939\n"(22.4, 27.4]",2041\n"[27.4, 32.4)",1500\n')
    assert table(output).cells[1] == ("(17.4, 22.4]", "1939")
    assert table(output).header_rows == 1


def test_thousands_and_quoted_line_ends_stay_as_they_are() -> None:
    output = read(b'plan,n\n"Free\n(95 %)","1,204"\nPay,"12,310"\n')
    assert table(output).cells[1] == ("Free\n(95 %)", "1,204")
    assert output.dropped == ()


def test_several_rows_of_labels_as_pandas_writes_them() -> None:
    text = (
        "health,fair,fair,good,good\nidp,False,True,False,True\nplan,,,,\nFree,541,317,6145,3787\nPay,620,82,7410,986\n"
    )
    assert table(read(text.encode())).header_rows == 3


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("plan,2019,2020,2021\nFree,10,20,30\nPay,11,21,31\n", 1),  # years are labels
        (",0,1,2\nFree,10,20,30\nPay,11,21,31\n", 1),  # so are pandas' running numbers
        ("1,10,3\n2,20,5\n3,30,9\n", 0),
        ("date,1 most deprived,2,3,4\n2021-08-04,7,14,7,14\n2021-08-05,14,21,14,21\n", 1),
        ("a,b\nA,\nB,12\nC,13\n", 1),  # a first row without a value is data
        ("Year,2020,2020,2021,2021\nSex,M,F,M,F\nUnit,n,n,n,n\nNorth,10,20,30,40\nSouth,11,21,31,41\n", 3),
        ("Region,Good,,Poor,\n,n,%,n,%\nNorth,120,40.0,30,10.0\nSouth,210,50.0,45,12.5\n", 2),
        ("name,town\nAda,London\nBob,Leeds\n", 1),
        ("plan,n\n", 1),
    ],
)
def test_rows_of_labels_are_found_by_content(text: str, rows: int) -> None:
    assert table(read(text.encode())).header_rows == rows


def test_titles_and_notes_are_text_and_stay_in_their_place() -> None:
    text = (
        "Table 1: Visits by plan, 2020\n\nplan,good,poor\nFree,120,40\nPay,310,55\n\n"
        "Note: counts under 10 are suppressed\nSource: RAND, HIE\n"
    )
    output = read(text.encode())
    assert table(output).cells[0] == ("plan", "good", "poor")
    assert notes(output) == [
        ("title", "Table 1: Visits by plan, 2020"),
        ("note", "Note: counts under 10 are suppressed"),
        ("note", "Source: RAND, HIE"),
    ]
    assert output.canonical.decode().splitlines()[0] == '"Table 1: Visits by plan, 2020"'


def test_titles_with_the_commas_of_a_spreadsheet() -> None:
    output = read(b"Table 1: Visits,,\nplan,good,poor\nFree,120,40\nPay,310,55\nNote: rounded to 5,,\n")
    assert notes(output) == [("title", "Table 1: Visits"), ("note", "Note: rounded to 5")]
    assert len(table(output).cells) == 3


def test_a_last_row_with_numbers_is_never_taken_for_a_note() -> None:
    output = read(b"plan,good,poor\nFree,120,40\nPay,310,55\nNumber of people in all plans together,525\n")
    assert table(output).cells[-1] == ("Number of people in all plans together", "525", "")


def test_a_last_row_without_values_is_no_note() -> None:
    assert len(table(read(b"plan,good,poor\nFree,120,40\nPay,310,55\nNone,,\n")).cells) == 4


def test_tables_one_below_the_other() -> None:
    output = read(b"plan,n\nFree,120\nPay,300\n\nsex,n,mean\nF,220,1.5\nM,200,2.5\n")
    assert [part.name for part in output.parts] == ["table 1", "table 2"]
    assert table(output, 1).cells[0] == ("sex", "n", "mean")


def test_a_blank_line_inside_a_table_does_not_hide_the_rest() -> None:
    output = read(b"plan,n\nFree,120\n\nPay,3\n")
    assert table(output).cells == (("plan", "n"), ("Free", "120"), ("Pay", "3"))


def test_ragged_rows_are_filled_up() -> None:
    cells = table(read(b"a,b,c\n1,2\n3,4,5,6\n7,8,9\n")).cells
    assert cells == (("a", "b", "c", ""), ("1", "2", "", ""), ("3", "4", "5", "6"), ("7", "8", "9", ""))


@pytest.mark.parametrize("text", ["n\n12\n3\n45\n", "id\nA123\nA124\nB200\n", '"n"\n"12"\n""\n"45"\n'])
def test_one_column_is_a_table(text: str) -> None:
    assert len(table(read(text.encode())).cells[0]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Dear all, thank you for the data.\nWe looked at plans, and found nothing, really.\nBest wishes, Ada\n",
        "2024-01-01 12:00:00,123 INFO Loaded 20190 rows\n2024-01-01 12:00:01,456 INFO Fitted it, all good\n" * 5,
        "Hello.\n",
        "# Title\n\nSome words; and more of them.\n\n- one, two\n- three\n",
        "def f(a, b):\n    return a, b\n\nprint(f(1, 2))\n",
    ],
)
def test_words_with_commas_are_text(text: str) -> None:
    assert read(text.encode()).kind is Kind.TEXT


@pytest.mark.parametrize(
    ("cell", "released"),
    [
        ("=1+1", "'=1+1"),
        ('"=HYPERLINK(""http://x.test"")"', '\'=HYPERLINK("http://x.test")'),
        ("+cmd", "'+cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("-5", "-5"),
        ("+3.2%", "+3.2%"),
        ("-", "-"),
        ("-x", "-x"),
        ("'=1", "'=1"),
    ],
)
def test_formulas_are_disarmed_and_numbers_left_alone(cell: str, released: str) -> None:
    output = read(f"plan,n,m\nFree,{cell},12\nPay,5,9\n".encode())
    assert table(output).cells[1][1] == released
    disarmed = released != cell.strip('"').replace('""', '"')
    disarmed = released != cell.strip('"').replace('""', '"')
    assert ("formula" in {loss.what for loss in output.dropped}) == disarmed


def test_indentation_of_labels_stays_and_other_blanks_go() -> None:
    output = read(b"plan,n\nAll,160\n  Free , 120\n  Pay,40 \n")
    assert table(output).cells == (("plan", "n"), ("All", "160"), ("  Free", "120"), ("  Pay", "40"))
    assert "blanks" in {loss.what for loss in output.dropped}


def test_an_unpaired_quote_does_not_swallow_rows() -> None:
    cells = table(read(b'plan,n\n"Free,120\nPay,3\nNone,20\n')).cells
    assert cells[1:] == (('"Free', "120"), ("Pay", "3"), ("None", "20"))


def test_the_hint_for_spreadsheets_is_followed_and_dropped() -> None:
    output = read(b"sep=;\nplan;n\nFree;120\nPay;40\n")
    assert table(output).cells[0] == ("plan", "n")
    assert output.canonical.startswith(b"plan,n")


@pytest.mark.skipif(not REAL.exists(), reason="the released tables are not on this machine")
def test_tables_that_were_really_released_all_read_as_tables() -> None:
    paths = sorted(REAL.rglob("*.csv"))
    assert len(paths) > 200
    for path in paths:
        output = read(path.read_bytes())
        assert len(output.parts) == 1, path
        assert table(output).header_rows == 1, path
        assert {loss.what for loss in output.dropped} <= {"blanks"}, path


@pytest.mark.parametrize("number", ["1,204", "1.204,5", "1 204", "1'204", "1\u00a0204", "12,5"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_numbers_of_other_countries_in_other_encodings_with_a_footnote(number: str, encoding: str) -> None:
    text = f"Région;Anzahl\nÎle;{number}\nOrléans;15\n\nQuelle: Umfrage 2020\n"
    output = read(text.encode(encoding))
    assert table(output).cells == (("Région", "Anzahl"), ("Île", number.replace("\u00a0", " ")), ("Orléans", "15"))
    assert [part.text for part in output.parts if isinstance(part, Text)] == ["Quelle: Umfrage 2020"]
