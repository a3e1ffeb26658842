"""What is done to one table in one round: hide, round, protect what is hidden, leave out.

Promises steps that follow from the findings and from the table as it was read; it judges nothing itself.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from output_checker.disclosure.numbers import Flags
from output_checker.disclosure.phrases import many
from output_checker.disclosure.remedies.edits import Edits, Step
from output_checker.disclosure.remedies.extremes import without_extremes
from output_checker.disclosure.remedies.rounded import rounding
from output_checker.disclosure.remedies.suppress import hiding, made_from, named_cells, protected
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.sums import Ledger
from output_checker.model import Finding, Policy, Severity

HIDDEN = frozenset({"F01", "F02", "F03", "F05", "F06", "F16", "P02", "M15"})
"""Findings that are answered by hiding the cells that they name."""
GIVEN_AWAY = frozenset({"F10", "F11"})
"""Findings about cells that are hidden and not protected."""
ROUNDED = frozenset({"F15"})
DROPPED = frozenset({"P01"})
ANSWERED = HIDDEN | GIVEN_AWAY | ROUNDED | DROPPED


class Unprotected(Exception):
    """There is no way to protect what has to be hidden."""


Way = Callable[["Original", Flags, int], Edits]
"""How the hidden cells of a table are kept from being worked out again. Raises Unprotected."""


@dataclass(frozen=True)
class Original:
    """A table as it was read, with its sums. ``base`` is what its counts have been rounded to since, 0 for nothing."""

    sheet: Sheet
    ledger: Ledger
    base: int = 0

    def known(self) -> Ledger:
        """The sums, and what a reader knows of the cells if all are shown, rounded as they are now."""
        if not self.base:
            return self.ledger
        counted = ~self.ledger.hidden & self.sheet.counts.ravel()
        nearest = self.base * np.floor(self.ledger.low / self.base + 0.5)
        slack = self.base // 2
        low = np.where(counted, np.maximum(nearest - slack, 0), self.ledger.low)
        return replace(self.ledger, low=low, high=np.where(counted, nearest + slack, self.ledger.high))


def by_suppression(original: Original, hidden: Flags, threshold: int) -> Edits:
    """Hides further cells."""
    more = protected(original.sheet, original.known(), hidden, threshold)
    if more is None:
        raise Unprotected
    return hiding(original.sheet, more)


def by_leaving_out_totals(original: Original, _: Flags, __: int) -> Edits:
    """Leaves out every row and column of totals. Raises Unprotected where there is none."""
    sheet = original.sheet
    heads = sheet.table.header_rows
    edits = Edits(
        rows=frozenset((sheet.part, int(row) + heads) for row in np.flatnonzero(sheet.total_rows)),
        columns=frozenset((sheet.part, sheet.source[int(c)]) for c in np.flatnonzero(sheet.total_columns)),
    )
    if not edits:
        raise Unprotected
    return edits


def steps_for(
    original: Original, sheet: Sheet, findings: Collection[Finding], policy: Policy, way: Way
) -> Iterator[Step]:
    """The steps of one round; ``sheet`` is the table as it is by now, of the same shape as the original's."""
    mine = [f for f in findings if f.severity is not Severity.NOTE and any(w.part == sheet.part for w in f.where)]
    failing = [finding for finding in mine if finding.severity is Severity.FAIL]
    primary = named_cells(sheet, failing, HIDDEN)
    if primary.any():
        rules = _named(failing, HIDDEN)
        yield Step(
            rules, f"Suppressed {many(int(primary.sum()), 'cell')} ({', '.join(rules)}).", hiding(sheet, primary)
        )
    if _named(mine, ROUNDED):
        base = policy.rounding_base
        original = replace(original, base=base)
        words = f"Rounded every count to base {base}, totals on their own, and computed their percentages anew."
        yield Step(_named(mine, ROUNDED), words, rounding(sheet, sheet.counts & ~primary, base))
    if primary.any() or _named(mine, GIVEN_AWAY):
        hidden = primary | (sheet.hidden & ~original.sheet.hidden)
        yield from _protection(original, hidden, policy.threshold, way)
    extremes = named_cells(sheet, failing, DROPPED)
    if extremes.any():
        yield Step(_named(failing, DROPPED), "Left out minima and maxima.", without_extremes(sheet, extremes))


def _protection(original: Original, hidden: Flags, threshold: int, way: Way) -> Iterator[Step]:
    """What keeps the hidden counts from being worked out, and the numbers that were made from all of these."""
    sheet = original.sheet
    counts = hidden & sheet.counts
    further = way(original, counts, threshold)
    number = len(set(further.cells) - set(hiding(sheet, hidden).cells))
    if number:
        words = f"Suppressed {many(number, 'further cell')}, so that totals do not give the others away."
        yield Step(tuple(sorted(GIVEN_AWAY)), words, further)
    elif further.rows or further.columns:
        yield Step(tuple(sorted(GIVEN_AWAY)), "Left out the totals, which give suppressed cells away.", further)
    everything = counts | _cells_of(sheet, further)
    linked = made_from(sheet, everything & sheet.counts, threshold) & ~hidden
    if linked.any():
        words = f"Suppressed {many(int(linked.sum()), 'statistic')} made from suppressed counts."
        yield Step(("F02", "F06"), words, hiding(sheet, linked))


def _cells_of(sheet: Sheet, edits: Edits) -> Flags:
    found = np.zeros(sheet.values.shape, bool)
    for _, row, column in edits.cells:
        found[row - sheet.table.header_rows] |= np.array(sheet.source) == column
    return found


def _named(findings: Iterable[Finding], rules: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted({finding.rule for finding in findings} & rules))
