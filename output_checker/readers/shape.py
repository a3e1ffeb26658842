"""The shape of a table by its content: which cells are numbers, which rows are column labels, what a spreadsheet would
calculate. Pure, and linear in the cells."""

import re
from collections.abc import Sequence

Row = Sequence[str]

MOST_CELLS = 2_000_000
MOST_COLUMNS = 16_384
MOST_HEADER_ROWS = 5

# a number as people write it: sign, currency, thousands in groups, decimals, exponent, per cent, stars, brackets
_NUMBER = re.compile(
    r"[(<>≤≥~=]?\s?[-+\u2212±]?\s?[£$€]?\s?"
    r"(?:\d{1,3}(?:[,. '\u2019]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d*)?|[.,]\d+)"
    r"(?:[eE][-+]?\d{1,4})?\s?(?:%|\*{1,3}|\))?\*{0,3}",
)
_BLANKED = frozenset(
    ("*", "**", "***", "-", "--", "\u2013", "\u2014", ".", "..", "...", "…", "x", "[c]", "[x]", "[z]", "[low]", "c",
     "z", "s", "na", "n/a", "nan", "<na>", "none", "null", "nat", "inf", "-inf", "redacted", "[redacted]", "suppressed")
)  # fmt: skip
_DATE = re.compile(r"\d{4}-\d\d?(?:-\d\d?)?(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?|\d\d?[/.]\d\d?[/.]\d{2,4}")
_YEAR = re.compile(r"(?:19|20)\d\d(?:\.0)?")
_CALCULATED = re.compile(r"[=+@\t\r]|-[^\s-].*[(|!=@]", re.DOTALL)


def is_number(cell: str) -> bool:
    """Whether the cell is a number in any of the usual ways of writing one."""
    return len(cell) <= 400 and _NUMBER.fullmatch(cell) is not None


def is_value(cell: str) -> bool:
    """Whether the cell stands where a number stands: a number, a date, or a mark for one that is not shown."""
    return is_number(cell) or cell.lower() in _BLANKED or (len(cell) < 40 and _DATE.fullmatch(cell) is not None)


def is_year(cell: str) -> bool:
    """Whether the cell may be a year."""
    return _YEAR.fullmatch(cell) is not None


def is_calculated(cell: str) -> bool:
    """Whether a spreadsheet would take the cell for a formula (OWASP, "CSV injection")."""
    return cell[0] in "=+@\t\r-" and len(cell) > 1 and _CALCULATED.match(cell) is not None and not is_number(cell)


def header_rows(rows: Sequence[Row]) -> int:
    """How many of the first rows are column labels.

    A label row has words in most of the columns that hold values further down. Years and running numbers over a
    body of numbers are labels, too.
    """
    if len(rows) < 2:
        return len(rows) if rows and not any(is_value(cell) for cell in rows[0]) else 0
    columns = _value_columns(rows)
    if not columns:
        return 1
    count = 0
    for row in rows[: min(MOST_HEADER_ROWS, len(rows) - 1)]:
        cells = [row[c] for c in columns if row[c]]
        valued = 2 * sum(map(is_value, cells)) >= len(cells)  # fewer numbers than words are labels: "3", "2021"
        if (
            cells
            and valued
            and not (count == 0 and (_names_columns(rows, columns) or _years_over_labels(rows, columns)))
        ):
            break
        if not cells and count < 2:  # a row without a value is a row of data, but for pandas' line of index names
            break
        count += 1
    return count or int(_numbers_as_labels(rows))


def _value_columns(rows: Sequence[Row]) -> list[int]:
    """The columns in which most cells below the first rows are values, at least one of them a number."""
    start = _first_numbers(rows) if len(rows) < 8 else MOST_HEADER_ROWS
    body = rows[start : start + 400]
    found = []
    for column in range(len(rows[0])):
        cells = [row[column] for row in body if row[column]]
        values = sum(1 for cell in cells if is_value(cell))
        if cells and values * 10 >= len(cells) * 6 and any(is_number(cell) for cell in cells):
            found.append(column)
    return found


def _first_numbers(rows: Sequence[Row]) -> int:
    """The first row below the top that holds a number which is no year; 1 when none of the first rows does."""
    for at, row in enumerate(rows[1 : MOST_HEADER_ROWS + 1], 1):
        if any(is_value(cell) and not is_year(cell) for cell in row):
            return at
    return 1


def _years_over_labels(rows: Sequence[Row], columns: Sequence[int]) -> bool:
    """Whether the first row holds years, each over a word: outer labels ("2020 | 2020" over "men | women")."""
    pairs = [(rows[0][column], rows[1][column]) for column in columns]
    return len(pairs) > 1 and all((not top or is_year(top)) and below and not is_value(below) for top, below in pairs)


def _names_columns(rows: Sequence[Row], columns: Sequence[int]) -> bool:
    """Whether the first row has a word over a column that holds nothing but values."""
    body = rows[1:50]
    return any(
        rows[0][column] and not is_value(rows[0][column]) and all(is_value(row[column]) for row in body if row[column])
        for column in columns
    )


def _numbers_as_labels(rows: Sequence[Row]) -> bool:
    """A first row of years, or of 0, 1, 2, ... as pandas names columns that have no name."""
    first = [cell for cell in rows[0][1:] if cell] if not is_number(rows[0][0]) else [c for c in rows[0] if c]
    if len(first) < 2 or len(set(first)) < len(first):
        return False
    years = all(_YEAR.fullmatch(cell) for cell in first) and first == sorted(first)
    running = first in ([str(n) for n in range(len(first))], [str(n + 1) for n in range(len(first))])
    below = rows[1][1:] if not is_number(rows[0][0]) else rows[1]
    return (years or running) and not all(_YEAR.fullmatch(cell) or not cell for cell in below)
