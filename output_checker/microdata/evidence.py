"""Evidence from datasets for one output: records in its tables, identifiers in its tables and texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from output_checker.microdata import membership, naming
from output_checker.microdata.cells import OutputColumn, columns_of
from output_checker.microdata.dataset import Dataset
from output_checker.model import Evidence, IdentifierMatch, RowMatch, Table, Text

MOST_TABLES = 60
MOST_TRANSPOSED = 200


@dataclass(frozen=True)
class Candidate:
    """A table of an output: the index of its part, and its first line where it was printed in a text."""

    part: int
    table: Table
    first_line: int | None = None


def find_evidence(
    tables: Sequence[Candidate], texts: Sequence[tuple[int, Text]], datasets: Sequence[Dataset], threshold: int
) -> Evidence:
    """Compare an output's tables and texts with each dataset."""
    rows: list[RowMatch] = []
    identifiers: list[IdentifierMatch] = []
    limits: list[str] = []
    if len(tables) > MOST_TABLES:
        limits.append(f"Only the first {MOST_TABLES} of {len(tables)} tables were compared with the data.")
    limits += [
        f"Only the first {membership.MOST_ROWS:,} rows of a table were compared with the data."
        for table in tables[:MOST_TABLES]
        if len(table.table.cells) - table.table.header_rows > membership.MOST_ROWS
    ][:1]
    for dataset in datasets:
        with dataset.cursor() as connection:
            for candidate in tables[:MOST_TABLES]:
                table = candidate.table
                columns = columns_of(table.cells, table.header_rows)
                rows += _row_matches(connection, dataset, candidate, columns, threshold)
                hits = naming.find_in_table(connection, dataset, columns)
                identifiers += [_identifier(dataset, candidate, hit) for hit in hits]
            for part, text in texts:
                for hit in naming.find_in_text(connection, dataset, text.text):
                    found = IdentifierMatch(part, dataset.title, hit.column, hit.role, hit.cells, hit.distinct)
                    identifiers.append(found)
    return Evidence(tuple(d.title for d in datasets), tuple(rows), tuple(identifiers), tuple(limits))


def _row_matches(
    connection: Any, dataset: Dataset, candidate: Candidate, columns: Sequence[OutputColumn], threshold: int
) -> list[RowMatch]:
    """The table as it stands; where that gives nothing and it is small, with rows and columns exchanged."""
    match = membership.find_rows(connection, dataset, columns, threshold)
    if match is not None:
        rows = tuple(row + candidate.table.header_rows for row in match.rows)
        return [_row_match(dataset, candidate, match, rows)]
    if not 3 <= len(candidate.table.cells) <= MOST_TRANSPOSED or len(candidate.table.cells[0]) > MOST_TRANSPOSED:
        return []
    turned = membership.find_rows(connection, dataset, _transposed(candidate.table), threshold)
    if turned is None:
        return []
    return [_row_match(dataset, candidate, turned, tuple(sorted({row for row, _ in turned.columns})))]


def _transposed(table: Table) -> list[OutputColumn]:
    """Rows as columns, with the first cell of each row as its header."""
    cells = [list(column) for column in zip(*table.cells, strict=True)]
    return columns_of(cells, 1)


def _row_match(dataset: Dataset, candidate: Candidate, match: membership.Match, rows: tuple[int, ...]) -> RowMatch:
    first = candidate.first_line or 0
    return RowMatch(
        part=candidate.part,
        dataset=dataset.title,
        rows=tuple(row + first for row in rows),
        columns=match.columns,
        unique=match.unique,
        few=match.few,
        compared=match.compared,
        rounded=match.rounded,
        chance=match.chance,
    )


def _identifier(dataset: Dataset, candidate: Candidate, hit: naming.Hit) -> IdentifierMatch:
    header = candidate.table.header_rows
    first = candidate.first_line or 0
    printed = candidate.first_line is not None
    cells = tuple((row + header + first, None if printed else column) for row, column in hit.cells)
    return IdentifierMatch(candidate.part, dataset.title, hit.column, hit.role, cells, hit.distinct)
