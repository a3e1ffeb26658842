"""Rounds counts to the policy's base, each for itself, and computes the percentages that were made from them anew.

Each number is rounded on its own, totals too: a total computed from rounded parts would be off by more, and one that
was not rounded would tell the parts.
"""

import numpy as np

from output_checker.disclosure.numbers import Flags, decimals
from output_checker.disclosure.remedies.edits import Edits
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.words import Meaning

_CLOSE = 0.006


def rounding(sheet: Sheet, cells: Flags, base: int) -> Edits:
    """These counts as multiples of the base, halves away from zero, and the percentages made from them."""
    heads = sheet.table.header_rows
    values = np.where(cells, base * np.floor(sheet.values / base + 0.5), sheet.values)
    texts = {
        (sheet.part, int(row) + heads, sheet.source[column]): f"{int(values[row, column])}"
        for row, column in np.argwhere(cells & (values != sheet.values))
        if sheet.source.count(sheet.source[column]) == 1
    }
    for column in sheet.columns_of(Meaning.PERCENT, Meaning.PROPORTION):
        pair = _made_of(sheet, column)
        if pair is None or sheet.source.count(sheet.source[column]) > 1:
            continue
        part, of = pair
        scale = 100.0 if sheet.column_meaning[column] is Meaning.PERCENT else 1.0
        for row in np.flatnonzero((cells[:, part] | cells[:, of]) & sheet.numeric[:, column]):
            if sheet.counts[row, part] and sheet.counts[row, of] and values[row, of] > 0:
                old = sheet.text(int(row), column)
                new = f"{scale * values[row, part] / values[row, of]:.{decimals(old)}f}"
                texts[sheet.part, int(row) + heads, sheet.source[column]] = new + ("%" if "%" in old else "")
    return Edits(texts)


def _made_of(sheet: Sheet, column: int) -> tuple[int, int] | None:
    """The two count columns whose ratio the percentages are."""
    scale = 100.0 if sheet.column_meaning[column] is Meaning.PERCENT else 1.0
    for part in sheet.count_columns:
        for of in sheet.count_columns:
            with np.errstate(invalid="ignore", divide="ignore"):
                error = np.abs(sheet.values[:, part] / sheet.values[:, of] - sheet.values[:, column] / scale)
            good = np.isfinite(error)
            if part != of and np.count_nonzero(good) >= 2 and np.all(error[good] < _CLOSE):
                return part, of
    return None
