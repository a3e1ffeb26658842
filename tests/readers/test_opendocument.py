"""OpenDocument spreadsheets: what shows is read, the clean file reads as itself, LibreOffice's habits are met."""

import zipfile
from io import BytesIO

from hostile_documents import PLAIN, number, ods, words
from hypothesis import given
from hypothesis import strategies as st
from test_roundtrip import cells, relaxed, settled

from output_checker.model import Kind, Table
from output_checker.readers.clean_opendocument import written
from output_checker.readers.reading import read


def only_table(data: bytes) -> Table:
    (table,) = read(data).parts
    assert isinstance(table, Table)
    return table


def test_a_plain_sheet_gives_its_values_and_drops_nothing() -> None:
    output = read(ods())
    assert output.kind is Kind.WORKBOOK
    assert output.media_type == "application/vnd.oasis.opendocument.spreadsheet"
    assert output.dropped == ()
    assert only_table(ods()) == Table("First", (("plan", "n"), ("Free", "120"), ("Pay", "310")), 1, "ods")


def test_a_number_is_its_value_and_not_the_rounded_text() -> None:
    output = read(ods(PLAIN + number("Mean", "12.345678", "12.35 %")))
    assert only_table(ods(PLAIN + number("Mean", "12.345678", "12.35 %"))).cells[-1] == ("Mean", "12.345678")
    assert output.dropped == ()


def test_repeated_cells_and_rows_are_all_there() -> None:
    rows = words("plan", "n") + words("x", attributes="table:number-columns-repeated='2'",
                                      row="table:number-rows-repeated='3'")  # fmt: skip
    assert only_table(ods(rows)).cells == (("plan", "n"), *(("x", "x"),) * 3)


def test_blanks_and_lines_are_as_opendocument_has_them() -> None:
    text = only_table(ods(words("a  <text:s text:c='2'/>b</text:p><text:p>c<text:tab/>d"))).cells[0][0]
    assert text == "a   b\nc\td"


def test_the_clean_file_says_its_type_first_and_uncompressed() -> None:
    with zipfile.ZipFile(BytesIO(read(ods()).canonical)) as archive:
        first = archive.infolist()[0]
    assert (first.filename, first.compress_type, first.extra) == ("mimetype", zipfile.ZIP_STORED, b"")


@relaxed
@given(st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=8))
def test_spreadsheets_round_trip(rows: list[list[str]]) -> None:
    plain = [["".join(c for c in cell if c.isprintable() or c in "\n\t") for cell in row] for row in rows]
    clean = [[cell.encode("utf-8", "replace").decode() for cell in row] for row in plain]
    settled(written([Table("S", tuple(map(tuple, clean)), 0)]))
