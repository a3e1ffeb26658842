"""The cells of a workbook's sheet, by their places, on their way to a rectangle. Pure."""

from collections.abc import Mapping

from output_checker.readers import shape
from output_checker.readers.losses import Unreadable


def rectangle(values: Mapping[tuple[int, int], str]) -> tuple[tuple[str, ...], ...]:
    """The cells from the first to the last that has a value; empty rows between blocks stay, empty columns go."""
    if not values:
        return ()
    rows = sorted({row for row, _ in values})
    columns = sorted({column for _, column in values})
    everything = range(rows[0], rows[-1] + 1)
    span = everything if len(columns) * len(everything) <= shape.MOST_CELLS else rows  # far apart: no empty rows
    if len(columns) * len(span) > shape.MOST_CELLS:
        raise Unreadable(f"A sheet of this workbook has more than {shape.MOST_CELLS:,} cells.")
    return tuple(tuple(values.get((row, column), "") for column in columns) for row in span)
