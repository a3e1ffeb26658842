"""Writes tables anew that a reader gave: the canonical bytes of an output whose tables were changed.

Promises the same form as the readers' own canonical bytes; who calls it reads what was written again, in the cage.
"""

from collections.abc import Iterable, Iterator

from output_checker.model import BadInput, Kind, Part, Table, Text
from output_checker.readers import clean_workbook, delimited


def rewritten(kind: Kind, parts: Iterable[Part]) -> bytes:
    """The bytes of a file with these tables and lines. Raises BadInput for a kind that is no file of tables."""
    if kind is Kind.WORKBOOK:
        return clean_workbook.written([part for part in parts if isinstance(part, Table)])
    if kind is Kind.TABLE:
        return delimited.written(_blocks(parts))
    raise BadInput(f"tables in a file of the kind {kind.value} are not written anew")


def _blocks(parts: Iterable[Part]) -> Iterator[delimited.Block]:
    """Each table with the titles before it and the notes after it."""
    titles: list[str] = []
    rows: tuple[tuple[str, ...], ...] = ()
    notes: list[str] = []
    for part in parts:
        if rows and (isinstance(part, Table) or (isinstance(part, Text) and part.name == "title")):
            yield delimited.Block(tuple(titles), rows, tuple(notes))
            titles, rows, notes = [], (), []
        if isinstance(part, Table):
            rows = part.cells
        elif isinstance(part, Text):
            (notes if rows else titles).append(part.text)
    yield delimited.Block(tuple(titles), rows, tuple(notes))
