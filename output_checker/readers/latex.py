"""Tables in LaTeX source: ``tabular`` and its relatives, as stargazer, esttab, pandas and modelsummary write them.

Promises: the cells as a reader of the typeset page sees them, labels over several columns repeated, values once; rows
that are commented out come as a table of their own. The source stays what is released. Never raises; linear in the
text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from output_checker.model import Table
from output_checker.readers import shape

_NAME = r"(?:tabular[xy*]?|longtable|xltabular|longtblr|tblr|array)"
_EDGE = re.compile(r"\\(begin|end)\s{0,9}\{" + _NAME + r"\}")
_COMMENT = re.compile(r"(?<!\\)%([^\n]*)")
_TOKEN = re.compile(r"\\\\\*?|\\tabularnewline\b|\\[^\\]|[{}&]")
_RULE = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|cline|cmidrule|addlinespace|specialrule|noalign|endhead|endfirsthead|endfoot"
    r"|endlastfoot|rowcolor)\b(?:\([^)]{0,40}\)|\[[^\]]{0,40}\]|\{[^{}]{0,40}\}){0,4}"
)
_LEAD = re.compile(rf"(?:\s|{_RULE.pattern}|\\\\(?:\[[^\]\n]{{0,20}}\])?|%[^\n]*\n)*+")
"""What may stand before the first row: rules, empty rows, remarks."""
_MIDDLE = re.compile(r"\\(?:midrule|hline|endhead)\b")
_SPREAD = re.compile(r"\s*\\multicolumn\s*\{\s*(\d{1,3})\s*\}\s*\{[^{}]{0,80}(?:\{[^{}]{0,80}\}[^{}]{0,80}){0,4}\}")
_DOWN = re.compile(r"\\multirow\s*(?:\[[^\]]{0,20}\])?\{[^{}]{0,20}\}\{[^{}]{0,20}\}")
_SKIP = re.compile(r"\s*\[[-+.\w\s]{0,20}\]")
_SIGNS = {"pm": "±", "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "textless": "<", "textgreater": ">",
          "times": "\u00d7", "textasciitilde": "~", "textbackslash": "\\", "dots": "...", "ldots": "..."}  # fmt: skip
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?\s?|\\([%&_#$ {},;:!])")
_SMALL_SPACES = frozenset(" ,;:!")
MOST_TABLES = 1_000


@dataclass(frozen=True)
class Found:
    """A table with the lines of the source from its first row to the end of its environment."""

    first: int
    last: int
    tables: tuple[Table, ...]


def find_tables(text: str, name: str) -> list[Found]:
    """The tables of a source in their order; each is named by the line of its first row."""
    if "\\begin" not in text:
        return []
    found: list[Found] = []
    line = counted = 0
    for start, end in _environments(text):
        body = _without_arguments(text[start:end])
        lead = _LEAD.match(body)
        row = end - len(body) + (lead.end() if lead else 0)
        line, counted = line + text.count("\n", counted, row), row
        first = line
        where = f"{name}, line {first + 1}" if name else f"line {first + 1}"
        tables = _tables(body, where)
        if tables:
            found.append(Found(first, first + text.count("\n", row, end), tables))
        if len(found) >= MOST_TABLES:
            break
    return found


def is_row(line: str) -> bool:
    """Whether a line of a table's source holds cells or commands, and nothing that is printed as it stands."""
    return "&" in line or line.lstrip().startswith("\\")


def _environments(text: str) -> Iterator[tuple[int, int]]:
    """Where the outermost environments begin and end; one without an end is none."""
    depth, start = 0, 0
    for edge in _EDGE.finditer(text):
        if edge[1] == "begin":
            start = edge.end() if depth == 0 else start
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                yield start, edge.start()


def _without_arguments(body: str) -> str:
    """The body behind ``{width}[position]{columns}``, whose braces may hold others."""
    at = 0
    while at < len(body) and body[at] in "{[":
        depth = 0
        for end in range(at, min(at + 2000, len(body))):
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(body[end], 0)
            if depth == 0:
                break
        else:
            return body
        at = end + 1
    return body[at:]


def _tables(body: str, where: str) -> tuple[Table, ...]:
    asides = "\n".join(match[1] for match in _COMMENT.finditer(body) if "&" in match[1])
    shown = _COMMENT.sub("", body)
    rows = list(_rows(shown))
    if len(rows) < 2 or not any(shape.is_number(cell) for row in rows for cell in row):
        rows = []
    tables = [_table(where, rows, _header_rows(shown, rows))] if rows else []
    struck = list(_rows(asides))
    if struck:
        tables.append(_table(where, struck, 0))
    return tuple(table for table in tables if len(table.cells) * len(table.cells[0]) <= shape.MOST_CELLS)


def _table(where: str, rows: Sequence[Sequence[str]], header: int) -> Table:
    width = min(max(map(len, rows)), shape.MOST_COLUMNS)
    cells = tuple(tuple([*row, *[""] * (width - len(row))][:width]) for row in rows)
    return Table(where, cells, header or shape.header_rows(cells), "monospace")


def _header_rows(shown: str, rows: Sequence[Sequence[str]]) -> int:
    """The rows above the first rule that stands between rows."""
    for rule in islice(_MIDDLE.finditer(shown), 20):
        above = sum(1 for _ in _rows(shown[: rule.start()]))
        if above:
            return above if above <= shape.MOST_HEADER_ROWS and above < len(rows) else 0
    return 0


def _rows(body: str) -> Iterator[list[str]]:
    """The rows, cut at line ends and ``&`` that stand in no braces."""
    row: list[str] = []
    depth = start = 0
    for token in _TOKEN.finditer(body):
        sign = token[0]
        if sign in "{}":
            depth = max(0, depth + (1 if sign == "{" else -1))
        elif depth == 0 and (sign == "&" or sign.startswith("\\\\") or sign == "\\tabularnewline"):
            row += _cells(body[start : token.start()])
            start = token.end()
            if sign != "&":
                skip = _SKIP.match(body, start)
                start = skip.end() if skip else start
                if any(row):
                    yield row
                row = []
    row += _cells(body[start:])
    if any(row):
        yield row


def _cells(source: str) -> list[str]:
    """The one cell that a piece of source is, or as many as it spreads over."""
    source = _RULE.sub("", source)
    spread = _SPREAD.match(source)
    if spread is None:
        return [_text(source)]
    text = _text(source[spread.end() :])
    return [text, *["" if shape.is_value(text) else text] * (max(1, int(spread[1])) - 1)]


def _text(source: str) -> str:
    """What a cell shows: commands and braces gone, signs as characters."""
    plain = _COMMAND.sub(_sign, _DOWN.sub("", source).replace("~", " ").replace("$", ""))
    plain = plain.replace("^", "").translate(str.maketrans("", "", "{}"))
    return " ".join(plain.translate(str.maketrans("\x01\x02\x03\x04", "{}$^")).split())


def _sign(command: re.Match[str]) -> str:
    if command[1]:
        return _SIGNS.get(command[1], "")
    if command[2] in _SMALL_SPACES:
        return "" if command[2] == "!" else " "
    return {"{": "\x01", "}": "\x02", "$": "\x03"}.get(command[2], command[2])
