"""Leaves out minima and maxima: whole rows or columns of them, or the single cells that stand among other numbers."""

import numpy as np

from output_checker.disclosure.numbers import Flags
from output_checker.disclosure.remedies.edits import Edits
from output_checker.disclosure.remedies.suppress import hiding
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.words import Meaning

_EXTREMES = (Meaning.MINIMUM, Meaning.MAXIMUM)


def without_extremes(sheet: Sheet, cells: Flags) -> Edits:
    """A row or column is left out when it holds nothing but extremes; other cells are replaced by a mark."""
    heads = sheet.table.header_rows
    extreme = sheet.cells_of(*_EXTREMES)
    others = sheet.numeric & ~extreme
    others[:, list(sheet.label_columns)] = False
    rows = [int(row) for row in np.flatnonzero(cells.any(axis=1)) if sheet.row_named[row] in _EXTREMES]
    rows = [row for row in rows if not others[row].any()]
    columns = [int(c) for c in np.flatnonzero(cells.any(axis=0)) if sheet.column_meaning[c] in _EXTREMES]
    columns = [column for column in columns if not others[:, column].any()]
    left = cells.copy()
    left[rows] = False
    left[:, columns] = False
    whole = Edits(
        rows=frozenset((sheet.part, row + heads) for row in rows),
        columns=frozenset((sheet.part, sheet.source[column]) for column in columns),
    )
    return whole | hiding(sheet, left)
