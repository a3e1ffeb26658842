"""Writes an OpenDocument spreadsheet that holds tables and nothing else.

Promises, as for the workbooks of ``clean_workbook``: equal tables give equal bytes, and a cell is a number or a text,
never a formula.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from html import escape

from output_checker.model import Table

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?(?:[eE][-+]?\d{1,3})?")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
_MANIFEST = (
    f'<manifest:manifest xmlns:manifest="{_NAMES}manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{MEDIA_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
_BLANKS = re.compile(r"  +|\t")


def written(tables: Sequence[Table]) -> bytes:
    """A spreadsheet with these tables and nothing else; equal tables give equal bytes."""
    content = (
        f'<office:document-content xmlns:office="{_NAMES}office:1.0" xmlns:table="{_NAMES}table:1.0" '
        f'xmlns:text="{_NAMES}text:1.0" office:version="1.3"><office:body><office:spreadsheet>'
        f"{''.join(map(_sheet, tables))}</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype", _EPOCH), MEDIA_TYPE, zipfile.ZIP_STORED)
        for path, text in (("content.xml", content), ("META-INF/manifest.xml", _MANIFEST)):
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), _HEAD + text, zipfile.ZIP_DEFLATED, 6)
    return out.getvalue()


def _sheet(table: Table) -> str:
    rows = "".join(f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in table.cells)
    columns = f'<table:table-column table:number-columns-repeated="{len(table.cells[0])}"/>'
    return f'<table:table table:name="{escape(table.name)}">{columns}{rows}</table:table>'


def _cell(text: str) -> str:
    if not text:
        return "<table:table-cell/>"
    if _PLAIN_NUMBER.fullmatch(text):
        kind = f'office:value-type="float" office:value="{text}"'
    else:
        kind = 'office:value-type="string"'
    lines = "".join(f"<text:p>{_line(line)}</text:p>" for line in text.split("\n"))
    return f"<table:table-cell {kind}>{lines}</table:table-cell>"


def _line(line: str) -> str:
    """A line whose blanks stay: OpenDocument takes a run of them, or one at an end, for less."""
    bare = line.strip(" ")
    before = len(line) - len(line.lstrip(" ")) if bare else len(line)
    after = len(line) - before - len(bare)
    inner = _BLANKS.sub(
        lambda run: "<text:tab/>" if run[0] == "\t" else _spaces(len(run[0])), escape(bare, quote=False)
    )
    return _spaces(before) + inner + _spaces(after)


def _spaces(count: int) -> str:
    return f'<text:s text:c="{count}"/>' if count else ""
