"""``halftide check --fix`` and ``--html``: mended files beside the others, and one page for a checker."""

import csv
import html.parser
import json
import re
from pathlib import Path

import openpyxl
import pytest

from output_checker.cli import main

GRID = "g,a,b,c,Total\nx,20,33,40,93\ny,21,3,45,69\nz,30,35,39,104\nw,50,41,22,113\nTotal,121,112,146,379\n"
LOW = "plan\tgood\tpoor\nfree\t120\t3\nother\t45\t20\n"


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """A table that can be mended, one in a folder beneath, a text that can't, and a file that is fine."""
    folder = tmp_path / "outputs"
    (folder / "sub").mkdir(parents=True)
    (folder / "grid.csv").write_text(GRID, encoding="utf-8")
    (folder / "sub" / "low.tsv").write_text(LOW, encoding="utf-8")
    (folder / "log.txt").write_text("n = 3 patients\n", encoding="utf-8")
    (folder / "ok.csv").write_text("plan,n\nfree,120\nother,45\n", encoding="utf-8")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_mended_files_are_written_elsewhere_and_pass(outputs: Path, tmp_path: Path) -> None:
    before = contents(outputs)
    fixed = tmp_path / "fixed"

    assert main(["check", "--fix", str(fixed), str(outputs)]) == 2
    assert contents(outputs) == before
    assert sorted(contents(fixed)) == ["grid-safe.csv", "sub/low-safe.csv"]
    assert main(["check", str(fixed)]) == 0
    rows = list(csv.reader((fixed / "grid-safe.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[2][2] == "[c]"
    assert sum(row.count("[c]") for row in rows) == 4


def test_the_answer_says_what_was_done_to_which_cell(outputs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--json", "--fix", str(outputs), str(outputs)])
    found = {item["path"]: item["fix"] for item in json.loads(capsys.readouterr().out)["outputs"]}

    assert found["log.txt"] is None
    assert found["ok.csv"] is None
    fix = found["grid.csv"]
    assert (fix["path"], fix["verdict"], fix["answered"]) == ("grid-safe.csv", "pass", ["F01"])
    assert fix["steps"][0]["changes"] == [{"part": 0, "row": 2, "column": 2, "before": "3", "after": "[c]"}]
    assert (outputs / "grid-safe.csv").is_file()
    assert (outputs / "grid.csv").read_text(encoding="utf-8") == GRID


def test_a_person_reads_what_was_done(outputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--fix", str(tmp_path / "fixed"), str(outputs)])
    text = capsys.readouterr().out

    assert "mended: grid-safe.csv  (checked again: pass)" in text
    assert "y, b: 3 -> [c]" in text
    assert "not mended" in text


@pytest.mark.parametrize("taken", ["file", "link"])
def test_nothing_is_written_over(outputs: Path, tmp_path: Path, taken: str) -> None:
    fixed = tmp_path / "fixed"
    (fixed / "sub").mkdir(parents=True)
    mine = fixed / "sub" / "low-safe.csv"
    target = tmp_path / "elsewhere.csv"
    target.write_text("mine", encoding="utf-8")
    if taken == "link":
        mine.symlink_to(target)
    else:
        mine.write_text("mine", encoding="utf-8")

    assert main(["check", "--fix", str(fixed), str(outputs)]) == 3
    assert mine.read_text(encoding="utf-8") == target.read_text(encoding="utf-8") == "mine"
    assert not (fixed / "grid-safe.csv").exists()


def test_a_workbook_stays_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ("g", "a", "b", "Total"),
        ("x", 20, 33, 53),
        ("y", 21, 3, 24),
        ("z", 40, 50, 90),
        ("Total", 81, 86, 167),
    ):
        book.active.append(row)
    second = book.create_sheet("ages")
    for row in (("stat", "age"), ("count", 200), ("mean", 41.2), ("min", 18.3), ("max", 97.1)):
        second.append(row)
    book.save(tmp_path / "book.xlsx")

    main(["check", "--fix", str(tmp_path / "fixed"), str(tmp_path / "book.xlsx")])
    mended = openpyxl.load_workbook(tmp_path / "fixed" / "book-safe.xlsx")

    assert mended.sheetnames == ["Sheet", "ages"]
    assert [row[0].value for row in mended["ages"].rows] == ["stat", "count", "mean"]
    assert mended["Sheet"]["C3"].value == "[c]"
    assert main(["check", str(tmp_path / "fixed")]) == 0


class Page(html.parser.HTMLParser):
    """What a page loads, runs and links to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "action"}]
        self.ids |= {value or "" for name, value in attrs if name == "id"}
        assert not any(name.startswith("on") or name == "style" for name, _ in attrs)


def test_the_report_is_one_page_that_loads_and_runs_nothing(outputs: Path, tmp_path: Path) -> None:
    (outputs / "evil.csv").write_text('<script>alert(1)</script>,n\n"<img src=//x>",3\nb,20\n', encoding="utf-8")
    report = tmp_path / "report.html"

    assert main(["check", "--html", str(report), str(outputs)]) == 2
    assert sorted(contents(outputs)) == ["evil.csv", "grid.csv", "log.txt", "ok.csv", "sub/low.tsv"]
    text = report.read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert not {"script", "link", "iframe", "object", "embed", "form"} & set(page.tags)
    assert all(address.startswith(("#", "data:image/")) for address in page.addresses)
    assert {address[1:] for address in page.addresses if address.startswith("#")} <= page.ids
    assert re.search(r"Content-Security-Policy\" content=\"default-src (?:'|&#39;)none(?:'|&#39;); style-src", text)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    for words in ("A few people stand behind a number", "Mitigation", "What remains", "Nothing found is no approval"):
        assert words in text


def test_the_same_check_gives_the_same_report(outputs: Path, tmp_path: Path) -> None:
    for name in ("one.html", "two.html"):
        main(["check", "--html", str(tmp_path / name), str(outputs)])

    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()
