"""XLSX workbooks: the values that show, sheet by sheet, in a workbook that holds nothing else.

Promises: hidden sheets, rows and columns, formulas, caches, comments, drawings, macros, properties and every other part
are named and gone; dates are written as dates; the canonical workbook is written by our own hands, with one date in
its archive and texts in their cells. Reads the XML with defusedxml, so entities and their bombs are refused.
"""

import datetime as dt
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from output_checker.model import Kind, Output, Table
from output_checker.readers import archive as zips
from output_checker.readers import clean_workbook, shape
from output_checker.readers.characters import cleaned
from output_checker.readers.losses import Losses, Unreadable
from output_checker.readers.sheet import rectangle

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_SHEETS = 200
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_USED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/styles\.xml"
    r"|xl/sharedStrings\.xml|xl/worksheets/sheet\d+\.xml|xl/theme/theme1\.xml|.*/"
)
_CACHES = re.compile(r"xl/(?:pivotCache|externalLinks|model|queryTables|connections)")
_SHEET_PARTS = frozenset(
    ("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "mergeCells", "pageMargins",
     "pageSetup", "autoFilter", "sheetCalcPr", "ignoredErrors", "printOptions")
)  # fmt: skip
_DATE_FORMATS = frozenset((*range(14, 23), *range(45, 48)))
_DATE_LETTERS = re.compile(r"[ymdhs]", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\\.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")


@dataclass
class _Book:
    """A workbook while it is read."""

    archive: zipfile.ZipFile
    losses: Losses
    budget: list[int] = field(default_factory=lambda: [zips.MOST_UNPACKED])
    strings: list[str] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    dates: frozenset[int] = frozenset()
    unseen: frozenset[int] = frozenset()
    since_1904: bool = False

    def xml(self, name: str) -> Any:
        """The root of a part, or None when the workbook has no such part."""
        if name not in self.archive.namelist():
            return None
        try:
            return fromstring(zips.unpacked(self.archive, name, self.budget), forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
            raise Unreadable("This workbook is damaged: a part of it is no XML that a workbook has.") from error


def read(archive: zipfile.ZipFile, data: bytes, losses: Losses) -> Output:
    """The visible values of the workbook."""
    book = _Book(archive, losses)
    zips.report_parts(archive, data, losses, used=_USED, caches=_CACHES)
    _load_strings(book)
    _load_styles(book)
    root = book.xml("xl/workbook.xml")
    book.since_1904 = any(node.get("date1904") in ("1", "true") for node in root.iter(_MAIN + "workbookPr"))
    tables = [table for table in _sheets(book, root) if table.cells]
    for node in root.iter(_MAIN + "definedName"):
        losses.count("workbook-part", "", "defined names", 1, sort=str(node.get("name"))[:40], sample=node.text or "")
    unused = [text for at, text in enumerate(book.strings) if at not in book.used and text]
    if unused:
        losses.count("cached-data", "", "texts that no cell shows", len(unused), sample="\n".join(unused)[:2000])
    if not tables:
        raise Unreadable("This workbook shows no values.")
    return Output(Kind.WORKBOOK, MEDIA_TYPE, tuple(tables), clean_workbook.written(tables))


def _load_strings(book: _Book) -> None:
    root = book.xml("xl/sharedStrings.xml")
    if root is not None:
        book.strings = [_text(node) for node in root.iter(_MAIN + "si")]


def _text(node: Any) -> str:
    """The text of a string; phonetic readings are no part of it."""
    return "".join(
        t.text or ""
        for child in node
        if child.tag in (_MAIN + "t", _MAIN + "r")
        for t in ([child] if child.tag == _MAIN + "t" else child.iter(_MAIN + "t"))
    )


def _load_styles(book: _Book) -> None:
    """Which cell styles show dates, and which show nothing."""
    root = book.xml("xl/styles.xml")
    if root is None:
        return
    codes = {_number(node.get("numFmtId")): str(node.get("formatCode")) for node in root.iter(_MAIN + "numFmt")}
    holder = root.find(_MAIN + "cellXfs")
    formats = [_number(node.get("numFmtId")) for node in holder] if holder is not None else []
    book.dates = frozenset(
        at
        for at, n in enumerate(formats)
        if n in _DATE_FORMATS or _DATE_LETTERS.search(_QUOTED.sub("", codes.get(n, "")))
    )
    book.unseen = frozenset(at for at, n in enumerate(formats) if set(codes.get(n, "x").replace('""', "")) == {";"})


def _sheets(book: _Book, root: Any) -> Iterator[Table]:
    links = _links(book)
    found = list(root.iter(_MAIN + "sheet"))
    if len(found) > MOST_SHEETS:
        raise Unreadable(f"This workbook has more than {MOST_SHEETS} sheets.")
    for number, node in enumerate(found, 1):
        name = cleaned(str(node.get("name") or f"Sheet{number}"), "", book.losses)[:31].strip() or f"Sheet{number}"
        path = links.get(str(node.get(_LINK)), "")
        sheet = book.xml(path)
        if sheet is None or not sheet.tag.endswith("worksheet"):
            book.losses.add("workbook-part", name, "a sheet without cells (a chart or a macro)")
            continue
        state = node.get("state", "visible")
        if state != "visible":
            values = [text for _, _, text in _cells(book, sheet)]
            sample = "\n".join(values)[:2000]
            book.losses.add("hidden-sheet", name, f"a {state} sheet with {len(values)} cells", len(values), sample)
            continue
        yield _table(book, name, sheet)


def _links(book: _Book) -> Mapping[str, str]:
    root = book.xml("xl/_rels/workbook.xml.rels")
    if root is None:
        return {}
    return {
        str(node.get("Id")): posixpath.normpath(posixpath.join("/xl", str(node.get("Target")))).lstrip("/")
        for node in root
        if node.get("TargetMode") != "External"
    }


def _table(book: _Book, name: str, sheet: Any) -> Table:
    hidden_columns = {
        column
        for node in sheet.iter(_MAIN + "col")
        if _is_hidden(node.get("hidden"), node.get("width"))
        for column in range(_number(node.get("min")), min(_number(node.get("max")), shape.MOST_COLUMNS) + 1)
    }
    hidden_rows = {
        _number(node.get("r")) for node in sheet.iter(_MAIN + "row") if _is_hidden(node.get("hidden"), node.get("ht"))
    }
    for node in sheet:
        tag = node.tag.rpartition("}")[2]
        if tag not in _SHEET_PARTS:
            sample = " ".join(word for word in node.itertext() if word.strip())
            book.losses.count("workbook-part", name, "parts of the sheet without cells", 1, sort=tag, sample=sample)
    values: dict[tuple[int, int], str] = {}
    for row, column, text in _cells(book, sheet, name):
        if row in hidden_rows or column in hidden_columns:
            book.losses.count("hidden-cells", name, "cells in hidden rows or columns", 1, sample=text)
        elif text:
            values[row, column] = text
    cells = rectangle(values)
    return Table(name, cells, shape.header_rows(cells) if cells else 0, "xlsx")


def _is_hidden(flag: str | None, size: str | None) -> bool:
    return flag in ("1", "true") or (size is not None and re.fullmatch(r"0(?:\.0*)?", size) is not None)


def _cells(book: _Book, sheet: Any, name: str = "") -> Iterator[tuple[int, int, str]]:
    row = 0
    for line in sheet.iter(_MAIN + "row"):
        row, column = _number(line.get("r")) or row + 1, 0
        for cell in line:
            place = _REFERENCE.fullmatch(cell.get("r") or "")
            column = _column(place.group(1)) if place else column + 1
            text = cleaned(_value(book, cell), name, book.losses).strip(" \t\n")
            formula = cell.find(_MAIN + "f")
            if formula is not None and name:
                noun = (
                    "formulas, of which the values stay" if text else "formulas without a value; their cells are empty"
                )
                book.losses.count("formula", name, noun, 1, sample=formula.text or "")
            if text and _number(cell.get("s")) in book.unseen:
                book.losses.count("hidden-cells", name, "cells in a format that shows nothing", 1, sample=text)
            elif text:
                yield row, column, text


def _value(book: _Book, cell: Any) -> str:
    kind, raw = cell.get("t", "n"), cell.findtext(_MAIN + "v") or ""
    if kind == "s":
        at = _number(raw)
        if not raw or at >= len(book.strings):
            raise Unreadable("This workbook is damaged: a cell points to a text that is not there.")
        book.used.add(at)
        return book.strings[at]
    if kind == "inlineStr":
        holder = cell.find(_MAIN + "is")
        return _text(holder) if holder is not None else ""
    if kind == "b":
        return {"1": "TRUE", "0": "FALSE"}.get(raw, raw)
    if kind == "n" and raw and _number(cell.get("s")) in book.dates:
        return _date(raw, since_1904=book.since_1904)
    return raw


def _date(raw: str, *, since_1904: bool) -> str:
    """A serial number as a date; one that is none stays a number."""
    start = dt.datetime(1904, 1, 1) if since_1904 else dt.datetime(1899, 12, 30)  # noqa: DTZ001 - no zone
    try:
        moment = start + dt.timedelta(seconds=round(float(raw) * 86400))
    except (ValueError, OverflowError):
        return raw
    if float(raw) < 1:
        return moment.time().isoformat()
    return moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat(" ")


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
