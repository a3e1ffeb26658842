"""CSV, TSV and their relatives: tables with a delimiter.

Promises: finds the delimiter by the shape of the whole, keeps the text of each cell, gives title lines, notes and
several tables in one file their own parts in their order. Canonical form: UTF-8 without a mark, commas, quotes only
where RFC 4180 needs them or another delimiter could be read, LF line ends (what the researcher's own tools write; the
CR of RFC 4180 doubles as a way to hide a bit per line), no formulas, no blanks at the ends of cells.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from output_checker.model import Kind, Output, Part, Table, Text
from output_checker.readers import shape
from output_checker.readers.losses import Losses, Unreadable

_DELIMITERS = ",;\t|"
_NAMES = {";": "semicolon", "\t": "tab", "|": "bar"}
_HINT = re.compile(r"sep=([,;|\t])\n")
_LONGEST_CELL = 1_000_000
_LOOKED_AT = 400  # lines that decide on the delimiter
_QUOTED = re.compile("[\",;\t|\n]|\x00 | \x00|\x00'|^ | $")
_LOGGED = re.compile(r"\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d$")  # Python's logs have a comma before the milliseconds
_BARRED = re.compile(r"^\s*(?:\||[-+=]{3})", re.MULTILINE)  # bars that draw a table in text, as Markdown and Stata do
_INTERVAL = re.compile(r"\s*[\[(][^()\[\]]*[,;][^()\[\]]*[\])]\s*")
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+(?:[eE][-+]?\d+)?")
_DECIMAL_REGULARITY = 0.8
_NOTE = re.compile(
    r"\s*(?:note|source|\*|†|‡|\(|\[|[a-z¹²³\d]\)|n\.?b\.?|caution|suppress|round|percentages)", re.IGNORECASE
)


@dataclass(frozen=True)
class Block:
    """One table of a file with the lines that stand before and after it."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def read(text: str, losses: Losses) -> Output | None:
    """The tables of a delimited text, or None when it has no such shape."""
    hint = _HINT.match(text)
    bare = text[hint.end() :] if hint else text
    delimiter = hint.group(1) if hint else find_delimiter(bare)
    if delimiter is None:
        return None
    own = Losses()  # counts only when this is a table after all
    if hint:
        own.add("encoding", "", "a first line that tells spreadsheets the delimiter", hint.end())
    if delimiter in _NAMES:
        own.add("encoding", "", f"the delimiter was a {_NAMES[delimiter]}; it is a comma now")
    blocks = _blocks(_tidied(_split(bare, delimiter), own))
    if not any(block.rows for block in blocks):
        return None
    losses.take(own)
    return Output(Kind.TABLE, "text/csv", _parts(blocks), written(blocks))


def written(blocks: Iterable[Block]) -> bytes:
    """The canonical bytes of a file with these tables."""
    return ("\n\n".join(_encoded(block) for block in blocks) + "\n").encode()


def find_delimiter(text: str) -> str | None:
    """The delimiter that gives the most regular table; "" for a single column of short words; None for no table."""
    head = _head(text)
    best, best_score = None, 0.0
    for delimiter in _DELIMITERS:
        score = _regularity(head, delimiter)
        if score > best_score * (1.0 if best is None else 1.2):  # a later one must be clearly better
            best, best_score = delimiter, score
    if best == "," and (other := _with_decimal_commas(head)):
        return other
    if best is None and _is_one_column(head):
        return ""
    return best


def _with_decimal_commas(head: str) -> str | None:
    """The delimiter between numbers whose decimals follow a comma: "3;5,42;0,17" are three cells."""
    for delimiter in ";\t":
        if _regularity(head, delimiter) < _DECIMAL_REGULARITY:
            continue
        cells = [cell for row in _parsed(head, delimiter, strict=False) for cell in row if "," in cell]
        decimals = sum(_DECIMAL_COMMA.fullmatch(cell.strip()) is not None for cell in cells)
        if cells and decimals > 0.9 * len(cells):
            return delimiter
    return None


def _head(text: str) -> str:
    lines = text[: 1 << 20].split("\n", _LOOKED_AT)
    cut = len(lines) > _LOOKED_AT or len(text) > 1 << 20
    return "\n".join(lines[:-1] if cut and len(lines) > 1 else lines)


def _regularity(head: str, delimiter: str) -> float:
    """How much of the text is one table with this delimiter: 0 for none, up to 1 and a little for many columns."""
    if delimiter not in head or (delimiter == "|" and _BARRED.search(head)):
        return 0.0
    rows = [row for row in _parsed(head, delimiter, strict=False) if any(cell.strip() for cell in row)]
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    several = sum(widths.values()) / len(rows)
    regular = count / len(rows)
    filled = [cell.strip() for row in rows if len(row) > 1 for cell in row if cell.strip()]
    values = sum(1 for cell in filled if shape.is_value(cell)) / max(1, len(filled))
    if _is_prose(rows, delimiter, regular, values):
        return 0.0
    if several < 0.5 and not (count >= 2 and values > 0.3 and regular > 0.3):
        return 0.0
    if regular < 0.5 and values < 0.2:
        return 0.0
    return regular + values / 4 + min(width, 20) / 100


def _is_prose(rows: Sequence[Sequence[str]], delimiter: str, regular: float, values: float) -> bool:
    """Sentences and logs have commas, too: a blank after each, several words between them, no two lines alike."""
    cells = [cell for row in rows if len(row) > 1 for cell in row]
    words = sum(len(cell.split()) for cell in cells) / max(1, len(cells))
    if delimiter == "\t":
        return words > 12
    after = [cell for row in rows for cell in row[1:] if cell]
    spaced = sum(1 for cell in after if cell.startswith(" ")) / max(1, len(after))
    if len(rows) == 1:
        return spaced > 0.5 or words > 2
    unlike = sum(1 for row in rows if _LOGGED.match(row[0]) or any(_torn(cell) for cell in row))
    if unlike * 2 > len(rows):
        return True
    wordy = words > 3
    if regular < 0.8:
        return wordy or (values < 0.2 and spaced > 0.9)
    return wordy and not _is_heading(rows[0]) and (values < 0.2 or words > 4)


def _torn(cell: str) -> bool:
    """Whether the delimiter cut a bracket in two. A half-open interval is whole: "(17.4, 22.4]"."""
    return cell.count("(") != cell.count(")") and not _INTERVAL.fullmatch(cell)


def _is_heading(row: Sequence[str]) -> bool:
    return all(0 < len(cell.split()) <= 6 for cell in row)


def _is_one_column(head: str) -> bool:
    lines = [line.strip() for line in head.split("\n") if line.strip()]
    if len(lines) < 2 or any(len(line) > 64 for line in lines):
        return False
    numbers = sum(1 for line in lines[1:] if shape.is_value(line.strip('"')))
    single = all(len(line.split()) == 1 for line in lines)
    return numbers == len(lines) - 1 or (single and not any(line[0] in "{}[]<>#" for line in lines))


def _split(text: str, delimiter: str) -> list[list[str]]:
    """The rows. Where quotes don't pair up they are taken as they stand, so that one can't swallow the rest."""
    try:
        return _parsed(text, delimiter, strict=True)
    except csv.Error:
        return _parsed(text, delimiter, strict=False, quoted=False)


def _parsed(text: str, delimiter: str, *, strict: bool, quoted: bool = True) -> list[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(
        io.StringIO(text, newline="\n"),
        delimiter=delimiter or "\x00",
        strict=strict,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
    )
    rows: list[list[str]] = []
    cells = 0
    try:
        for row in reader:
            cells += len(row)
            if cells > shape.MOST_CELLS or len(row) > shape.MOST_COLUMNS:
                raise Unreadable(_too_large(len(row)))
            rows.append(row)
    except csv.Error as error:
        if "field larger" in str(error):
            raise Unreadable(f"A cell of this table is longer than {_LONGEST_CELL:,} characters.") from error
        if not strict:
            return rows
        raise
    return rows


def _too_large(width: int) -> str:
    if width > shape.MOST_COLUMNS:
        return f"This table has more than {shape.MOST_COLUMNS:,} columns; that is no table that a person can check."
    return f"This table has more than {shape.MOST_CELLS:,} cells; that is no table that a person can check."


def _tidied(rows: list[list[str]], losses: Losses) -> list[list[str]]:
    """Cells without blanks at their ends and without formulas. The first column keeps its indentation."""
    blanks = formulas = 0
    sample: list[str] = []
    for row in rows:
        for at, cell in enumerate(row):
            if not cell:
                continue
            if cell[-1] in " \t\n" or cell[0] in " \t\n" or "\n" in cell:
                new = _without_blanks(cell, keep_indent=at == 0)
                blanks += len(cell) - len(new)
                row[at] = new
            cell = row[at]  # noqa: PLW2901 - trimmed
            if cell and cell[0] in "=+@-" and shape.is_calculated(cell):
                formulas += 1
                sample.append(cell[:100])
                row[at] = "'" + cell
    if blanks:
        losses.count("blanks", "", "blanks at the ends of cells", blanks)
    if formulas:
        losses.count("formula", "", "cells that a spreadsheet would calculate", formulas, sample="\n".join(sample[:50]))
    return rows


def _without_blanks(cell: str, *, keep_indent: bool) -> str:
    if "\n" in cell:
        cell = "\n".join(line.rstrip(" \t") for line in cell.split("\n")).strip("\n")
    bare = cell.strip(" \t\n")
    if not keep_indent or not bare or shape.is_number(bare) or cell[0] != " ":
        return bare
    return " " * min(len(cell) - len(cell.lstrip(" ")), 16) + bare


def _blocks(rows: list[list[str]]) -> list[Block]:
    """The tables, cut at blank rows; what follows a blank row without labels of its own belongs to the table before."""
    blocks: list[Block] = []
    widest = max(map(len, rows), default=0)
    for group in _groups(rows):
        block = _block(group, widest)
        last = blocks[-1] if blocks else None
        if last and _continues(last, block):
            blocks[-1] = Block(last.titles, last.rows + block.rows, block.notes)
        else:
            blocks.append(block)
    return blocks


def _groups(rows: list[list[str]]) -> list[list[list[str]]]:
    groups: list[list[list[str]]] = [[]]
    quoted_blank = len(rows) > 1 and max(map(len, rows)) == 1  # one column: "" is a missing value, no blank line
    for row in rows:
        if any(row) or (quoted_blank and row and groups[-1]):
            groups[-1].append(row)
        elif groups[-1]:
            groups.append([])
    return [group for group in groups if any(any(row) for row in group)]


def _continues(last: Block, block: Block) -> bool:
    if not last.rows or not block.rows or last.notes or block.titles or len(last.rows[0]) != len(block.rows[0]):
        return False
    together = last.rows + block.rows
    return shape.header_rows(block.rows) == 0 or not any(shape.is_number(c) for row in together for c in row)


def _block(rows: list[list[str]], widest: int) -> Block:
    used = [max((i + 1 for i, cell in enumerate(row) if cell), default=0) for row in rows]
    width = max(used)
    if width > 1 and width * len(rows) > shape.MOST_CELLS:
        raise Unreadable(_too_large(0))
    start, end = 0, len(rows)
    if width > 1:
        while start < end and _is_title(rows[start], width):
            start += 1
        while end > start and _is_note(rows[end - 1], width):
            end -= 1
        if end - start == 1 and len(rows[start]) < widest and _is_sentence(rows[start]):
            start = end  # one sentence between blank lines
    elif not _is_column(rows):
        start = end  # words without a second column: lines of text
    grid = tuple(tuple((row + [""] * width)[:width]) for row in rows[start:end])
    return Block(tuple(map(_joined, rows[:start])), grid, tuple(map(_joined, rows[end:])))


def _is_column(rows: list[list[str]]) -> bool:
    return _is_one_column("\n".join(row[0] for row in rows if row))


def _is_title(row: list[str], width: int) -> bool:
    """A line above a table: one text alone, or a sentence whose commas were taken for delimiters."""
    if not row or not row[0] or shape.is_number(row[0]):
        return False
    if not any(row[1:]):
        return True
    return False if len(row) >= width else _is_sentence(row)


def _is_note(row: list[str], width: int) -> bool:
    """A line below a table. A label whose values are all missing is no note, when its row has all its columns."""
    if not row or not row[0]:
        return False
    if not any(row[1:]):
        return (len(row) == 1 and not shape.is_number(row[0])) or len(row[0]) > 40 or _NOTE.match(row[0]) is not None
    return len(row) < width and _is_sentence(row)


def _is_sentence(row: list[str]) -> bool:
    numbers = any(shape.is_number(cell) and not shape.is_year(cell) for cell in row[1:])
    return not numbers and (len(" ".join(row).split()) > 2 * len(row) or _NOTE.match(row[0]) is not None)


def _joined(row: list[str]) -> str:
    return ", ".join(cell for cell in row if cell).strip()


def _parts(blocks: list[Block]) -> tuple[Part, ...]:
    parts: list[Part] = []
    tables = sum(1 for block in blocks if block.rows)
    number = 0
    for block in blocks:
        parts += [Text("title" if number < tables else "note", line) for line in block.titles]
        if block.rows:
            number += 1
            name = "" if tables == 1 else f"table {number}"
            parts.append(Table(name, block.rows, shape.header_rows(block.rows), "csv"))
        parts += [Text("note", line) for line in block.notes]
    return tuple(parts)


def _encoded(block: Block) -> str:
    lines = [_quoted(line) for line in block.titles]
    for row in block.rows:
        joined = "\x00".join(row)
        if not joined:
            lines.append(joined.replace("\x00", ",") or '""')
        elif _QUOTED.search(joined):
            lines.append(",".join(map(_quoted, row)))
        else:
            lines.append(joined.replace("\x00", ","))
    lines += [_quoted(line) for line in block.notes]
    return "\n".join(lines)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _QUOTED.search(cell) else cell
