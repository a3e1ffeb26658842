"""Suppressed cells that can be worked out again, and categories that were left out (F09, F10, F11).

Promises arithmetic, not suspicion: a cell is called recoverable when the shown totals leave one value for it, or a
range inside the counts that had to be hidden.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from output_checker.disclosure.audit import Interval, audit
from output_checker.disclosure.frames import Frame
from output_checker.disclosure.numbers import Floats, Mark
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.subject import Subject
from output_checker.disclosure.sums import Ledger
from output_checker.model import Finding, Severity, Where

Places = dict[int, Where]
"""Cells of a sheet, each by row * columns + column, with their places for a reader."""
_SECOND = "Suppress a second cell in the same row and the same column, or leave out the totals, or round everything."


def find_single_suppressions(subject: Subject) -> Iterator[Finding]:
    """F11 single-suppression: one suppressed cell in a line whose total is shown. UK LLC: at least two per line. Where
    the line's numbers were rounded each on its own, the slack protects the cell if it may be anything from 0 to t-1."""
    for sheet, ledger in subject.sheets_with_ledgers():
        certain, near = _alone(sheet, ledger, subject.policy.threshold)
        if certain:
            yield Finding(
                "F11",
                Severity.FAIL,
                tuple(certain.values()),
                f"{len(certain)} suppressed cells are the only ones in a row or column with a total: total minus the "
                f"rest gives them away.",
                _SECOND,
            )
        if near:
            yield Finding(
                "F11",
                Severity.REVIEW,
                tuple(near.values()),
                f"{len(near)} suppressed cells are the only ones in a row or column with a rounded total: total minus "
                f"the rest narrows them down, though not to one value.",
                _SECOND,
            )


def _alone(sheet: Sheet, ledger: Ledger, threshold: int) -> tuple[Places, Places]:
    """Hidden cells that are alone in a line with a known total: those given away, and those narrowed down by rounded
    numbers."""
    certain: Places = {}
    rounded: dict[int, int] = {}
    for line in ledger.sums:
        hidden = line.parts[ledger.hidden[line.parts]]
        if len(hidden) != 1 or ledger.hidden[line.total]:
            continue
        alone = int(hidden[0])
        shown = line.cells[line.cells != alone]
        if (ledger.low[shown] < ledger.high[shown]).any():
            rounded[alone] = sheet.rounding_of(line.total % sheet.columns).base
        else:
            certain[alone] = _where(sheet, alone)
    near: Places = {}
    doubtful = [place for place in rounded if place not in certain]
    for place, interval in audit(ledger, threshold - 1, doubtful, small=0).intervals.items():
        if interval.low >= threshold or (interval.low <= 0 and interval.high >= threshold - 1):
            continue
        wide = interval.high - interval.low >= rounded[place] - 1
        (near if wide else certain)[place] = _where(sheet, place)
    return certain, near


def _where(sheet: Sheet, place: int) -> Where:
    return sheet.where(*divmod(place, sheet.columns))


@dataclass
class _Recovered:
    """Cells that are known, that are surely fewer than they had to look like, and that may be."""

    exact: Places = field(default_factory=dict)
    tight: Places = field(default_factory=dict)
    narrow: Places = field(default_factory=dict)
    values: set[int] = field(default_factory=set)


def find_recoverable_cells(subject: Subject) -> Iterator[Finding]:
    """F10 suppressed-recoverable: the feasible interval of a suppressed cell is a point or lies inside 1..t-1.
    tau-argus and sdcTable audit, by linear programming."""
    for sheet, ledger in subject.sheets_with_ledgers():
        found = _recovered(sheet, ledger, subject.policy.threshold)
        if found.exact:
            yield Finding(
                "F10",
                Severity.FAIL,
                tuple(found.exact.values()),
                f"{len(found.exact)} suppressed cells can be worked out exactly from the totals (values such as "
                f"{', '.join(map(str, sorted(found.values)[:5]))}).",
                _SECOND,
            )
        for severity, places in ((Severity.FAIL, found.tight), (Severity.REVIEW, found.narrow)):
            if places:
                text = f"The totals pin {len(places)} suppressed cells down to a few small values."
                yield Finding("F10", severity, tuple(places.values()), text, _SECOND)


def _recovered(sheet: Sheet, ledger: Ledger, threshold: int) -> _Recovered:
    """Narrow are cells in rounded numbers, in gaps and in tables that contradict themselves, where less is sure."""
    found = _Recovered()
    audited = audit(ledger, threshold)
    for place, interval in audited.intervals.items():
        row, column = divmod(place, sheet.columns)
        rounded = sheet.rounding_of(column).base > 1
        if interval.exact and audited.sure:
            found.exact[place] = _where(sheet, place)
            found.values.add(round(interval.low))
        elif _is_tight(interval, threshold):
            doubt = rounded or not audited.sure or sheet.marks[row, column] == Mark.EMPTY
            (found.narrow if doubt else found.tight)[place] = _where(sheet, place)
        elif interval.high < threshold and interval.low >= threshold / 3:
            found.narrow[place] = _where(sheet, place)
    return found


def _is_tight(interval: Interval, threshold: int) -> bool:
    return interval.high < threshold - 1 or (interval.high < threshold and interval.low >= threshold / 2)


def find_missing_categories(subject: Subject) -> Iterator[Finding]:
    """F09 missing-difference: the shown categories leave 1..t-1 of their total over. Exact counts only."""
    threshold = subject.policy.threshold
    for sheet, frames in subject.sheets_with_frames():
        places: list[Where] = []
        own = False
        for frame in frames:
            found = _left_over(sheet, frame, threshold)
            places += found
            own |= bool(found) and not frame.borrowed
        if places:
            yield Finding(
                "F09",
                Severity.FAIL if own else Severity.REVIEW,
                tuple(dict.fromkeys(places)),
                f"The shown categories leave fewer than {threshold} of {len(set(places))} totals over: a category "
                f"that is not "
                "shown can be worked out.",
                "Merge the missing category into another, or compute the totals over the shown categories alone.",
            )


def _left_over(sheet: Sheet, frame: Frame, threshold: int) -> list[Where]:
    if frame.rounded > 1 or frame.hidden.any():
        return []
    found: list[Where] = []
    rows, columns = frame.inner
    if frame.total_column and frame.values[:, columns].shape[1] >= 2:
        rest = frame.values[:, -1] - np.nansum(frame.values[:, columns], axis=1)
        found += _gaps(sheet, frame, rest, threshold, across=True)
    if frame.total_row and frame.values[rows, :].shape[0] >= 2:
        rest = frame.values[-1, :] - np.nansum(frame.values[rows, :], axis=0)
        found += _gaps(sheet, frame, rest, threshold, across=False)
    return found


def _gaps(sheet: Sheet, frame: Frame, rest: Floats, threshold: int, *, across: bool) -> list[Where]:
    with np.errstate(invalid="ignore"):
        small = (rest > 0) & (rest < threshold)
        fine = (rest >= 0) | ~np.isfinite(rest)
    if not fine.all():
        return []
    found = []
    for k in np.flatnonzero(small)[:100]:
        i, j = (int(k), -1) if across else (-1, int(k))
        found.append(sheet.where(int(frame.rows[i, j]), int(frame.columns[i, j])))
    return found


RULES = (find_single_suppressions, find_recoverable_cells, find_missing_categories)
