"""OpenDocument spreadsheets (LibreOffice): the values that show, sheet by sheet, in a file that holds nothing else.

Promises the same as ``workbook`` does for Excel: hidden sheets, rows, columns and cells, formulas, comments, drawings,
tracked changes, macros, properties and every other part are named and gone. A number is the cell's value, whatever
text the file keeps for it; a text that says something else is named.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from output_checker.model import Kind, Output, Table
from output_checker.readers import archive as zips
from output_checker.readers import clean_opendocument, shape
from output_checker.readers.characters import cleaned
from output_checker.readers.losses import Losses, Unreadable
from output_checker.readers.sheet import rectangle

MOST_SHEETS = 200
MOST_LETTERS = 30
"""More letters than a weekday, a month and a currency have are no format of a value."""
_USED = re.compile(r"mimetype|content\.xml|styles\.xml|META-INF/manifest\.xml|.*/")
_CACHES = re.compile(r"Object")
_NAMES = "{urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _TEXT, _OFFICE = f"{_NAMES}table:1.0}}", f"{_NAMES}text:1.0}}", f"{_NAMES}office:1.0}}"
_STYLE = f"{_NAMES}style:1.0}}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_ROWS = frozenset(_TABLE + name for name in ("table-rows", "table-header-rows", "table-row-group"))
_COLUMNS = frozenset(_TABLE + name for name in ("table-columns", "table-header-columns", "table-column-group"))
_CELLS = frozenset((_TABLE + "table-cell", _TABLE + "covered-table-cell"))
_VALUES = {"float": "value", "percentage": "value", "currency": "value", "date": "date-value", "time": "time-value",
           "boolean": "boolean-value"}  # fmt: skip
_NOTHING_HIGH = re.compile(r"0(?:\.0+)?[a-z]*")
_FIGURES = re.compile(r"\d+")


@dataclass
class _Book:
    """A spreadsheet while it is read: its hidden styles, and how many cells may still come."""

    losses: Losses
    unseen: frozenset[tuple[str, str]]
    cells_left: int = shape.MOST_CELLS

    def hides(self, node: Any, family: str) -> bool:
        """Whether a row, a column, a group or a sheet does not show."""
        styled = (family, node.get(_TABLE + "style-name", "")) in self.unseen
        return (
            styled or node.get(_TABLE + "visibility", "visible") != "visible" or node.get(_TABLE + "display") == "false"
        )

    def take(self, cells: int) -> None:
        """Count cells with a value. Raises Unreadable beyond the limit."""
        self.cells_left -= cells
        if self.cells_left < 0:
            raise Unreadable(f"This workbook has more than {shape.MOST_CELLS:,} cells.")


def read(archive: zipfile.ZipFile, data: bytes, losses: Losses) -> Output:
    """The visible values of the spreadsheet."""
    budget = [zips.MOST_UNPACKED]
    names = archive.namelist()
    manifest = zips.unpacked(archive, "META-INF/manifest.xml", budget) if "META-INF/manifest.xml" in names else b""
    if b"encryption-data" in manifest:
        raise Unreadable("This workbook is encrypted, so nobody can check what is in it. Save it without a password.")
    zips.report_parts(archive, data, losses, used=_USED, caches=_CACHES)
    content = _xml(zips.unpacked(archive, "content.xml", budget))
    roots = [content]
    if "styles.xml" in names:
        roots.append(_xml(zips.unpacked(archive, "styles.xml", budget)))
        _report_words(roots[1], "styles.xml", losses)
    book = _Book(losses, frozenset(_unseen_styles(roots)))
    tables = [table for table in _sheets(book, content) if table.cells]
    if not tables:
        raise Unreadable("This workbook shows no values.")
    return Output(Kind.WORKBOOK, clean_opendocument.MEDIA_TYPE, tuple(tables), clean_opendocument.written(tables))


def _xml(data: bytes) -> Any:
    try:
        return fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable("This workbook is damaged: a part of it is no XML that a workbook has.") from error


def _report_words(root: Any, where: str, losses: Losses) -> None:
    """Texts of page headers and footers stand among the styles."""
    words = [word.strip() for node in root.iter(_STYLE + "master-page") for word in node.itertext() if word.strip()]
    if words:
        losses.count("workbook-part", where, "texts of headers and footers", len(words), sample="\n".join(words))


def _unseen_styles(roots: list[Any]) -> Iterator[tuple[str, str]]:
    """Family and name of each style that hides a sheet, a row, a column, or a cell by what it prints."""
    empty = {
        str(node.get(_STYLE + "name"))
        for root in roots
        for node in root.iter()
        if node.tag.endswith(("number-style", "text-style")) and "datastyle" in node.tag and not len(node)
    }
    for root in roots:
        for style in root.iter(_STYLE + "style"):
            family = str(style.get(_STYLE + "family"))
            flat = any(
                node.get(_TABLE + "display") == "false"
                or _NOTHING_HIGH.fullmatch(node.get(_STYLE + "column-width") or node.get(_STYLE + "row-height") or "x")
                for node in style
            )
            if (flat and family != "table-cell") or style.get(_STYLE + "data-style-name") in empty:
                yield family, str(style.get(_STYLE + "name"))


def _sheets(book: _Book, content: Any) -> Iterator[Table]:
    sheets = 0
    for holder in content.iter(_OFFICE + "spreadsheet"):
        for node in holder:
            if node.tag != _TABLE + "table":
                _report_part(book, node, "")
                continue
            sheets += 1
            if sheets > MOST_SHEETS:
                raise Unreadable(f"This workbook has more than {MOST_SHEETS} sheets.")
            name = cleaned(node.get(_TABLE + "name") or "", "", book.losses)[:31].strip() or f"Sheet{sheets}"
            values = _values(book, node, name)
            if book.hides(node, "table"):
                said = "\n".join(values.values())
                book.losses.add("hidden-sheet", name, f"a hidden sheet with {len(values)} cells", len(values), said)
            else:
                cells = rectangle(values)
                yield Table(name, cells, shape.header_rows(cells) if cells else 0, "ods")


def _report_part(book: _Book, node: Any, where: str) -> None:
    sample = " ".join([*(word for word in node.itertext() if word.strip()), *node.attrib.values()])
    sort = node.tag.rpartition("}")[2]
    book.losses.count("workbook-part", where, "parts of the sheet without cells", 1, sort=sort, sample=sample)


def _values(book: _Book, sheet: Any, name: str) -> dict[tuple[int, int], str]:
    """The texts of the cells that show, by row and column."""
    hidden_columns = _hidden_columns(book, sheet)
    values: dict[tuple[int, int], str] = {}
    at = 0
    for row, hidden in _rows(book, sheet, name, hidden=False):
        times = _repeated(row, "number-rows-repeated")
        texts = list(_cells(book, row, name, times))
        for column, text, unseen in texts:
            if hidden or unseen or any(first <= column < last for first, last in hidden_columns):
                noun = "cells in hidden rows or columns, under others or in a format that shows nothing"
                book.losses.count("hidden-cells", name, noun, times, sample=text)
            else:
                values.update(((at + down, column), text) for down in range(times))
        at += times
    return values


def _rows(book: _Book, holder: Any, name: str, *, hidden: bool) -> Iterator[tuple[Any, bool]]:
    """The rows in their order, each with whether it or a group around it is hidden."""
    for node in holder:
        if node.tag in _ROWS:
            yield from _rows(book, node, name, hidden=hidden or book.hides(node, "table-row"))
        elif node.tag == _TABLE + "table-row":
            yield node, hidden or book.hides(node, "table-row")
        elif node.tag not in _COLUMNS and node.tag != _TABLE + "table-column":
            _report_part(book, node, name)


def _hidden_columns(book: _Book, sheet: Any) -> list[tuple[int, int]]:
    """First column and the one after the last, for each run of hidden columns."""
    spans: list[tuple[int, int]] = []

    def walk(holder: Any, at: int, *, hidden: bool) -> int:
        for node in holder:
            unseen = hidden or book.hides(node, "table-column")
            if node.tag in _COLUMNS:
                at = walk(node, at, hidden=unseen)
            elif node.tag == _TABLE + "table-column":
                end = at + _repeated(node, "number-columns-repeated")
                spans.extend([(at, end)] * unseen)
                at = end
        return at

    walk(sheet, 0, hidden=False)
    return spans


def _cells(book: _Book, row: Any, name: str, times: int) -> Iterator[tuple[int, str, bool]]:
    """Column, text and whether it is hidden, of the cells that hold something."""
    column = 0
    for cell in row:
        if cell.tag not in _CELLS:
            _report_part(book, cell, name)
            continue
        across = _repeated(cell, "number-columns-repeated")
        text = _text(book, cell, name)
        if text:
            book.take(across * times)
            covered = cell.tag == _TABLE + "covered-table-cell"
            unseen = covered or ("table-cell", cell.get(_TABLE + "style-name", "")) in book.unseen
            yield from ((column + offset, text, unseen) for offset in range(across))
        column += across


def _text(book: _Book, cell: Any, name: str) -> str:
    """What the cell shows: its value as it is stored, or its paragraphs when it is a text."""
    shown = "\n".join(_paragraph(book, node, name) for node in cell if node.tag == _TEXT + "p")
    for node in cell:
        if node.tag != _TEXT + "p":
            _report_part(book, node, name)
    attribute = _VALUES.get(cell.get(_OFFICE + "value-type", ""), "")
    raw = (cell.get(_OFFICE + attribute) or "") if attribute else ""
    kept = raw or cell.get(_OFFICE + "string-value") or ""
    if kept and shown and not _says(shown, kept, is_value=bool(raw)):
        book.losses.count("cached-data", name, "texts that say something else than the cells' values", 1,
                          sample=f"{shown}\n{kept}")  # fmt: skip
    text = cleaned(raw or shown or kept, name, book.losses).strip(" \t\n")
    formula = cell.get(_TABLE + "formula")
    if formula:
        noun = "formulas, of which the values stay" if text else "formulas without a value; their cells are empty"
        book.losses.count("formula", name, noun, 1, sample=formula)
    return {"true": "TRUE", "false": "FALSE"}.get(text, text) if attribute == "boolean-value" else text


def _says(shown: str, kept: str, *, is_value: bool) -> bool:
    """Whether a stored text is how its value may be printed: a number's digits in any format, no words of its own."""
    if not is_value:
        return shown == kept
    letters = sum(character.isalpha() for character in shown)
    figures = "".join(_FIGURES.findall(shown))
    return letters <= MOST_LETTERS and len(figures) <= max(len("".join(_FIGURES.findall(kept))), 8)


def _paragraph(book: _Book, node: Any, name: str) -> str:
    """A paragraph's text. Blanks are one, as OpenDocument has it; what is no text is named."""
    pieces = [re.sub(r"[ \t\r\n]+", " ", node.text or "")]
    for inner in node:
        tag = inner.tag.removeprefix(_TEXT)
        if tag == "s":
            pieces.append(" " * min(_number(inner.get(_TEXT + "c")), 1000))
        elif tag in ("tab", "line-break"):
            pieces.append("\t" if tag == "tab" else "\n")
        elif tag in ("span", "a"):
            pieces.append(_paragraph(book, inner, name))
            if inner.get(_HREF):
                book.losses.count("link", name, "addresses of links", 1, sample=inner.get(_HREF))
        else:
            _report_part(book, inner, name)
        pieces.append(re.sub(r"[ \t\r\n]+", " ", inner.tail or ""))
    return "".join(pieces)


def _repeated(node: Any, attribute: str) -> int:
    return _number(node.get(_TABLE + attribute))


def _number(text: str | None) -> int:
    """A small whole number, 1 when there is none."""
    return max(1, int(text)) if text and text.isascii() and text.isdigit() and len(text) < 9 else 1
