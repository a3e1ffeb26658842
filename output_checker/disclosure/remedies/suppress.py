"""Hides the cells that rules object to, the numbers that were made from them, and what else would give them away.

Promises to look at the sheet as it was before anything was hidden: what a reader can add up is judged by the numbers
that were there.
"""

from collections import Counter
from collections.abc import Collection, Iterable

import numpy as np

from output_checker.disclosure.audit import Audit, Interval, audit
from output_checker.disclosure.numbers import Flags, Floats, Mark
from output_checker.disclosure.remedies.edits import Edits
from output_checker.disclosure.remedies.protection import Demand, Task, protect
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.sizes import sizes
from output_checker.disclosure.sums import Ledger
from output_checker.disclosure.words import Meaning
from output_checker.model import Finding

USUAL_MARK = "[c]"
"""The mark of the Government Statistical Service for a value that is confidential."""
MOST_TURNS = 4
COST_OF_A_TOTAL = 5.0
_SHARES = (Meaning.PERCENT, Meaning.PROPORTION, Meaning.RATE)
_STATISTICS = (*_SHARES, Meaning.MEAN, Meaning.SUM, Meaning.PERCENTILE, Meaning.SPREAD)
_CLOSE = 0.006


def mark_of(sheet: Sheet) -> str:
    """The mark of suppression that the table has already, or the usual one."""
    marked = sheet.hidden & np.asarray(sheet.numeric.any(axis=0), bool)  # a row may be called "x"
    shown = Counter(sheet.text(int(row), int(column)).strip() for row, column in np.argwhere(marked)[:1000])
    return shown.most_common(1)[0][0] if shown else USUAL_MARK


def named_cells(sheet: Sheet, findings: Iterable[Finding], rules: Collection[str]) -> Flags:
    """The cells of a sheet at which findings of these rules point; a whole row's finding means its statistics."""
    found = np.zeros(sheet.values.shape, bool)
    heads = sheet.table.header_rows
    for finding in findings:
        for where in finding.where if finding.rule in rules else ():
            if where.part != sheet.part or where.row is None or where.column is None or where.row < heads:
                continue
            row = where.row - heads
            if finding.rule == "F06":
                found[row] |= sheet.cells_of(*_STATISTICS)[row]
            else:
                found[row] |= (np.array(sheet.source) == where.column) & sheet.numeric[row]
    return found


def hiding(sheet: Sheet, cells: Flags) -> Edits:
    """These cells, each replaced by a mark."""
    mark = mark_of(sheet)
    heads = sheet.table.header_rows
    return Edits({(sheet.part, int(row) + heads, sheet.source[column]): mark for row, column in np.argwhere(cells)})


def protected(sheet: Sheet, shown: Ledger, hidden: Flags, threshold: int) -> Flags | None:
    """Further cells to hide, so that neither the ``hidden`` cells nor those that the file hides already can be worked
    out. ``shown`` holds the sums of the sheet and what is known of its cells while all of them are shown. None where
    nothing protects them."""
    closed = shown.hidden | hidden.ravel()
    demands = {int(place): Demand(0, threshold - 1) for place in np.flatnonzero(hidden)}
    for _ in range(MOST_TURNS):
        demands |= _endangered(_as_hidden(shown, closed), threshold, set(demands))
        if not demands:
            break
        task = Task(shown, shown.hidden | hidden.ravel(), _may_be_hidden(sheet), _costs(sheet), demands)
        pattern = protect(task)
        if pattern is None:
            return None
        closed = pattern
        if is_safe(audit(_as_hidden(shown, closed), threshold), threshold):
            return np.asarray((closed & ~shown.hidden).reshape(hidden.shape) & ~hidden, bool)
    return np.zeros(hidden.shape, bool) if not demands else None


def _as_hidden(shown: Ledger, closed: Flags) -> Ledger:
    """The ledger as a reader has it when these cells are hidden."""
    keep = shown.hidden | ~closed
    return Ledger(np.where(keep, shown.low, 0.0), np.where(keep, shown.high, np.inf), closed, shown.sums)


def _endangered(ledger: Ledger, threshold: int, known: Collection[int]) -> dict[int, Demand]:
    """What the hidden cells that are too well known must still be able to be."""
    found = {}
    for place, interval in audit(ledger, threshold).intervals.items():
        if place not in known and is_near(interval, threshold):
            far = interval.low >= threshold
            room = threshold // 2
            found[place] = (
                Demand(max(interval.low - room, 0), interval.high + room) if far else Demand(0, threshold - 1)
            )
    return found


def is_near(interval: Interval, threshold: int) -> bool:
    """Whether a hidden cell is known, or known to be one of the small counts that had to be hidden."""
    return interval.exact or interval.high < threshold - 1 or (interval.high < threshold and interval.low > 0)


def is_safe(audited: Audit, threshold: int) -> bool:
    """Whether no hidden cell is known too well."""
    return audited.sure and not any(is_near(interval, threshold) for interval in audited.intervals.values())


def _may_be_hidden(sheet: Sheet) -> Flags:
    return np.asarray(sheet.counts & (sheet.values > 0), bool).ravel()


def _costs(sheet: Sheet) -> Floats:
    """One for a cell, so that few are hidden; a little more for a large one; much more for a total."""
    values = np.where(sheet.counts & np.isfinite(sheet.values), sheet.values, 0.0)
    total = sheet.total_rows[:, None] | sheet.total_columns[None, :]
    largest = max(float(values[~total].max(initial=0)), 1.0)
    return np.asarray(1.0 + np.minimum(values / largest, 1.0) + COST_OF_A_TOTAL * total, float).ravel()


def made_from(sheet: Sheet, hidden: Flags, threshold: int) -> Flags:
    """Numbers that tell a hidden count: percentages that were made from it, and statistics of too few people."""
    found = np.zeros(hidden.shape, bool)
    with np.errstate(invalid="ignore"):
        few = sizes(sheet) < threshold
    found |= sheet.cells_of(*_STATISTICS) & few & np.asarray(hidden.any(axis=1), bool)[:, None]
    counts = [c for c in sheet.count_columns if hidden[:, c].any()]
    for column in sheet.columns_of(*_SHARES, Meaning.SUM):
        for count in counts:
            rows = hidden[:, count] & sheet.numeric[:, column]
            if rows.any() and _may_come_from(sheet, column, count):
                found[:, column] |= rows
                if _is_column_share(sheet, column, count) and not sheet.total_rows.any():
                    found[:, column] |= sheet.numeric[:, column]  # all the others leave the rest of 100 %
    return found & ~hidden


def _may_come_from(sheet: Sheet, column: int, count: int) -> bool:
    """Whether a share is of this count, or of no other count that it fits."""
    if _fits(sheet, column, count):
        return True
    return not any(_fits(sheet, column, other) for other in sheet.count_columns if other != count)


def _fits(sheet: Sheet, column: int, count: int) -> bool:
    """Whether the share is this count over another number, or another count over this one, in its rows."""
    if sheet.source[column] == sheet.source[count] or _is_column_share(sheet, column, count):
        return True
    return any(
        _is_ratio(sheet, column, sheet.values[:, part], sheet.values[:, base])
        for other in sheet.count_columns
        if other != count
        for part, base in ((count, other), (other, count))
    )


def _is_column_share(sheet: Sheet, column: int, count: int) -> bool:
    inner = ~sheet.total_rows & sheet.counts[:, count]
    whole = float(np.nansum(np.where(inner, sheet.values[:, count], 0)))
    totals = sheet.values[sheet.total_rows & sheet.counts[:, count], count]
    return any(
        _is_ratio(sheet, column, sheet.values[:, count], np.full(sheet.rows, base)) for base in (whole, *totals[:3])
    )


def _is_ratio(sheet: Sheet, column: int, part: Floats, base: Floats) -> bool:
    scale = 100.0 if sheet.column_meaning[column] is Meaning.PERCENT else 1.0
    shown = sheet.values[:, column] / scale
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = part / base
        good = np.isfinite(ratio) & np.isfinite(shown) & (sheet.marks[:, column] != Mark.TEXT)
    return bool(np.count_nonzero(good) >= 2 and np.all(np.abs(ratio[good] - shown[good]) < _CLOSE))
