"""Hiding places and notebooks' baggage (families H and N), and what nobody understands (H01, G08, U01)."""

import base64

import pytest
from outputs import dropping, failing, findings, prose, rules, table

from output_checker.disclosure import assess
from output_checker.model import Dropped, Image, Kind, Output, Policy, Severity, Verdict


@pytest.mark.parametrize(
    ("dropped", "severity"),
    [
        (Dropped("png-chunk", "", "tEXt Software, 44 bytes", 44), Severity.NOTE),
        (Dropped("png-chunk", "", "pHYs, 9 bytes", 9), Severity.NOTE),
        (Dropped("png-chunk", "", "tEXt Comment, 900 bytes", 900), Severity.FAIL),
        (Dropped("png-chunk", "", "tEXt Software, 90000 bytes", 90000), Severity.FAIL),
        (Dropped("trailing-bytes", "", "5000 bytes after the end", 5000), Severity.FAIL),
        (Dropped("surplus-pixels", "", "12 bytes after the pixel stream", 12), Severity.FAIL),
        (Dropped("alpha", "", "transparent pixels"), Severity.NOTE),
    ],
)
def test_h06_what_pictures_carry(dropped: Dropped, severity: Severity) -> None:
    found = [f for f in findings(dropping(dropped, kind=Kind.IMAGE)) if f.rule == "H06"]

    assert [f.severity for f in found] == [severity]


def test_h08_encoded_files() -> None:
    blob = base64.b64encode(bytes(range(256))).decode()

    assert "H08" in failing(prose(f"see {blob} here"))
    assert "H08" not in rules(prose("=" * 400))
    assert "H08" not in rules(prose("word " * 100))


def test_h09_nul_bytes_are_for_a_person() -> None:
    assert rules(dropping(Dropped("nul-bytes", "", "1 NUL characters", 1), kind=Kind.TABLE)) == {"H09"}


@pytest.mark.parametrize("character", ["\u200b", "\u202e", "\u2066", "\U000e0041", "\ufeff"])
def test_h09_invisible_characters(character: str) -> None:
    assert "H09" in failing(prose(f"no{character}rth"))
    assert "H09" in failing(table(f"region,n\nno{character}rth region of the country,20\nsouth,30"))


def test_h09_letters_of_other_scripts() -> None:
    assert "H09" in rules(prose("p\u0430tient groups"))
    assert rules(prose("Zürich, São Paulo, naïve, µ")) == set()


def test_h19_formulas_and_scripts() -> None:
    assert "H19" in rules(
        dropping(Dropped("formula", "", "1 cells that a spreadsheet would calculate", 1), kind=Kind.TABLE)
    )
    assert "H19" in rules(prose("<script>alert(document.cookie)</script>"))


@pytest.mark.parametrize(
    ("what", "detail", "rule"),
    [
        ("widget-state", "state of widgets, 5000 bytes", "N05"),
        ("metadata", "papermill, parameters", "N07"),
        ("attachment", "attached file x.png", "N06"),
        ("hidden-html", "a hidden element", "N10"),
        ("hidden-sheet", "sheet 'raw'", "H02"),
        ("cached-data", "a pivot cache", "H03"),
    ],
)
def test_what_a_reader_left_out_is_named(what: str, detail: str, rule: str) -> None:
    assert rule in rules(dropping(Dropped(what, "cell 3", detail, 5000)))


def test_ordinary_leftovers_are_notes() -> None:
    ordinary = (
        Dropped("kernel", "notebook", "kernel and language", 80),
        Dropped("source", "cell 1", "3 lines of code", 90, "x = 1"),
    )
    found = findings(dropping(*ordinary))

    assert all(f.severity is Severity.NOTE for f in found)


def test_n08_code_that_names_a_person() -> None:
    assert "N08" in rules(dropping(Dropped("source", "cell 2", "1 lines", 40, "df[df.nhs == 9434765919]")))


def test_h01_what_was_not_read() -> None:
    broken = Output(Kind.UNKNOWN, "", (), b"", (), "The reader ran out of memory.")

    assert "H01" in failing(broken)
    assert assess(Output(Kind.TABLE, "text/csv", (), b""), Policy()).verdict is Verdict.REVIEW


def test_g08_pictures_need_their_table() -> None:
    picture = Output(Kind.IMAGE, "image/png", (Image("", b"x", 10, 10),), b"x")

    assert rules(picture) == {"G08"}


def test_u01_names_the_columns() -> None:
    found = [f for f in findings(table("region,zorp\nN,3.77\nS,9.12\nW,-4.4")) if f.rule == "U01"]

    assert len(found) == 1
    assert "zorp" in found[0].message
    assert found[0].severity is Severity.REVIEW


def test_an_unknown_statistic_is_never_a_pass() -> None:
    for header in ("zorp", "", "x1", "result", "value"):
        assert assess(table(f"region,{header}\nN,3.77\nS,9.12\nW,14.4"), Policy()).verdict is not Verdict.PASS
