"""What a reader makes of an untrusted file.

A reader turns bytes into an ``Output``: parts that rules and viewers understand, the canonical bytes that were
re-encoded from those parts, and a list of everything that did not come along. Rules, viewer, votes and release
use nothing else of the file.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a file is by its content; its name has no say in it."""

    TABLE = "table"
    TEXT = "text"
    IMAGE = "image"
    NOTEBOOK = "notebook"
    HTML = "html"
    JSON = "json"
    WORKBOOK = "workbook"
    VECTOR = "vector"
    ARCHIVE = "archive"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Table:
    """A rectangle of cell texts.

    ``cells[r][c]`` is the text of row ``r``, column ``c`` as it is released, header rows included; every row has the
    same length. The first ``header_rows`` rows are column labels. ``name`` says where in the file the table is
    ("" for a file that is one table, "cell 3, output 1" in a notebook). ``language`` is how it was written
    ("csv", "html", "monospace"); "bars", "points" and "line" were measured in a drawing, "chart" and "chart-source" are
    the columns that a figure draws and those that it computes its marks from.
    """

    name: str
    cells: tuple[tuple[str, ...], ...]
    header_rows: int = 1
    language: str = "csv"


@dataclass(frozen=True)
class Text:
    """Running text, a log, a heading: Unicode NFC with LF line ends. ``role`` is "body", "stream", "traceback" or
    "source"."""

    name: str
    text: str
    role: str = "body"


@dataclass(frozen=True)
class Image:
    """A picture as it is released: ``data`` are re-encoded PNG bytes, ``width`` and ``height`` in pixels."""

    name: str
    data: bytes
    width: int
    height: int
    media_type: str = "image/png"


Part = Table | Text | Image


@dataclass(frozen=True)
class Dropped:
    """Something of the original that is not in the canonical bytes.

    ``what`` is a stable code that rules look at ("png-chunk", "trailing-bytes", "widget-state", "metadata", ...);
    ``where`` places it ("cell 3, output 1"), ``detail`` describes it for a person in one line without quoting more than
    a few characters, ``size`` is in bytes. ``sample`` is the beginning of its text for the rules to search
    (identifiers may hide there): at most 65,536 characters of what can carry data and 2,000 of the rest. It is never
    shown and never leaves the assessment.
    """

    what: str
    where: str
    detail: str
    size: int = 0
    sample: str = field(default="", repr=False)


@dataclass(frozen=True)
class Output:
    """One file, read. ``canonical`` are the bytes that may be released; empty when the file could not be read, and
    then ``problem`` says why in a sentence and the file can't pass."""

    kind: Kind
    media_type: str
    parts: tuple[Part, ...]
    canonical: bytes = field(repr=False)
    dropped: tuple[Dropped, ...] = ()
    problem: str = ""
