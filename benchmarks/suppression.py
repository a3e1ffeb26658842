"""How long it takes to find which further cells protect the small ones, and to audit a suppressed table.

``python benchmarks/suppression.py [runs]`` makes 50 x 20 tables with their totals, in which 6 % of the cells are below
10, and prints one line of figures: the audit of the table with only its small cells hidden (F10), the choice of further
cells, the whole proposal with its checks, and what the attack recovers before and after.
"""

import statistics
import sys
import time
from dataclasses import dataclass, replace

import numpy as np

from output_checker.disclosure.audit import audit
from output_checker.disclosure.remedies import propose
from output_checker.disclosure.remedies.suppress import is_near, protected
from output_checker.disclosure.subject import make_subject
from output_checker.disclosure.sums import Ledger, ledger_of
from output_checker.model import Kind, Output, Policy, Table

ROWS, COLUMNS, SMALL = 50, 20, 0.06


@dataclass(frozen=True)
class Run:
    """Seconds and cells of one table."""

    audit: float
    choice: float
    proposal: float
    small: int
    further: int
    recovered_before: int
    recovered_after: int


def make(seed: int) -> Output:
    """A table of counts as surveys have them: many middling ones, a few large, a few small."""
    random = np.random.default_rng(seed)
    counts = np.maximum(random.lognormal(4, 1, (ROWS, COLUMNS)).round(), 10).astype(int)
    small = random.random((ROWS, COLUMNS)) < SMALL
    counts[small] = random.integers(1, 10, small.sum())
    header = ("area", *(f"kind {j}" for j in range(COLUMNS)), "Total")
    body = [(f"place {i}", *map(str, row), str(row.sum())) for i, row in enumerate(counts)]
    total = ("Total", *map(str, counts.sum(axis=0)), str(counts.sum()))
    return Output(Kind.TABLE, "text/csv", (Table("", (header, *body, total)),), b"x")


def measure(output: Output, policy: Policy) -> Run:
    """One table, step by step."""
    subject = make_subject(output, policy, None, "")
    sheet = subject.sheets[0]
    shown = ledger_of(sheet, subject.frames[0])
    small = sheet.counts & (sheet.values > 0) & (sheet.values < policy.threshold)

    def recovered(hidden: np.typing.NDArray[np.bool_]) -> tuple[int, float]:
        flat = hidden.ravel()
        now = Ledger(np.where(flat, 0, shown.low), np.where(flat, np.inf, shown.high), flat, shown.sums)
        began = time.perf_counter()
        found = audit(now, policy.threshold).intervals
        return sum(is_near(found[int(p)], policy.threshold) for p in np.flatnonzero(small)), time.perf_counter() - began

    before, audit_took = recovered(small)
    began = time.perf_counter()
    further = protected(sheet, shown, small, policy.threshold)
    choice_took = time.perf_counter() - began
    if further is None:
        raise SystemExit("no pattern was found")
    after, _ = recovered(small | further)
    began = time.perf_counter()
    if propose(replace(output), policy) is None:
        raise SystemExit("nothing was proposed")
    took = time.perf_counter() - began
    return Run(audit_took, choice_took, took, int(small.sum()), int(further.sum()), before, after)


def main(runs: int) -> None:
    """Print medians and sums."""
    done = [measure(make(seed), Policy()) for seed in range(runs)]
    audited, choice, whole = (statistics.median(getattr(r, n) for r in done) for n in ("audit", "choice", "proposal"))
    small, further, before, after = (
        sum(getattr(r, n) for r in done) for n in ("small", "further", "recovered_before", "recovered_after")
    )
    print(
        f"bench suppression: table={ROWS}x{COLUMNS} runs={runs} audit={audited:.3f}s choice={choice:.3f}s "
        f"proposal={whole:.3f}s slowest={max(r.proposal for r in done):.3f}s small={small} further={further} "
        f"recovered_before={before} recovered_after={after}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
