"""What a comparison with the data found: counts, places and names of columns, never the data's values.

Evidence is for people who may see the data and for checkers; nothing of it goes into a release.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class RowMatch:
    """Rows of one output table that stand in a dataset.

    ``rows`` are row indices in the part's table (header rows included) or line numbers in a text; ``columns`` pairs the
    table's column index with the dataset's column; ``unique`` of the rows fit exactly one record, ``few`` fit fewer
    records than the threshold; ``rounded`` says that the match holds only after rounding the data. ``chance`` is the
    number of matches that rows put together at random from the same values would have had.
    """

    part: int
    dataset: str
    rows: tuple[int, ...]
    columns: tuple[tuple[int, str], ...]
    unique: int
    few: int
    compared: int
    rounded: bool = False
    chance: float = 0.0


@dataclass(frozen=True)
class IdentifierMatch:
    """Cells or words of an output that are values of a dataset's identifying column."""

    part: int
    dataset: str
    column: str
    role: str
    cells: tuple[tuple[int, int | None], ...]
    distinct: int


@dataclass(frozen=True)
class Evidence:
    """All that was found in ``datasets`` ("name version"), the datasets that the output was compared with."""

    datasets: tuple[str, ...]
    rows: tuple[RowMatch, ...] = ()
    identifiers: tuple[IdentifierMatch, ...] = ()
    limits: tuple[str, ...] = ()
    """What was not compared and why, in sentences ("only the first 20,000 rows of ...")."""
