"""A proposal: the output mended as far as that can be done safely, with words for each step.

Promises that what it proposes was judged by the same rules as the output itself: the failings that it answers are
gone, and no new ones came. Where that can't be had there is no proposal, and the findings' own words must do. Pure:
the caller encodes the new parts, reads them in a cage and checks them again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from output_checker.disclosure.assess import assess
from output_checker.disclosure.remedies.edits import Edits, Step, joined
from output_checker.disclosure.remedies.merge import MERGED, can_merge, merging
from output_checker.disclosure.remedies.steps import (
    ANSWERED,
    ROUNDED,
    Original,
    Unprotected,
    Way,
    by_leaving_out_totals,
    by_suppression,
    steps_for,
)
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.subject import Subject, make_subject
from output_checker.disclosure.sums import ledger_of
from output_checker.model import Assessment, Finding, Kind, Output, Part, Policy, Severity

KINDS = frozenset({Kind.TABLE, Kind.WORKBOOK})
"""Outputs whose tables can be written anew."""
MOST_ROUNDS = 4
MOST_CELLS = 10_000


@dataclass(frozen=True)
class Proposal:
    """The new parts, what was done to get them, and what the rules say of them. ``answered`` are the rules whose
    failings are gone."""

    parts: tuple[Part, ...]
    steps: tuple[Step, ...]
    answered: tuple[str, ...]
    assessment: Assessment

    @property
    def edits(self) -> Edits:
        """All that was done, in places of the output as it was read."""
        return joined(step.edits for step in self.steps)


def is_mendable(output: Output, assessment: Assessment) -> bool:
    """Whether a proposal is worth asking for: tables that can be written anew, and a failing that is answered so."""
    return output.kind in KINDS and not output.problem and bool(_failing(assessment) & (ANSWERED | MERGED))


def propose(output: Output, policy: Policy, name: str = "") -> Proposal | None:
    """Mend an output, or None where nothing can be done safely."""
    before = assess(output, policy, None, name)
    if not is_mendable(output, before):
        return None
    subject = make_subject(output, policy, None, name)
    if sum(sheet.values.size for sheet in subject.sheets) > MOST_CELLS:
        return None
    for way in (by_suppression, by_leaving_out_totals):
        steps = _all_steps(subject, before, way)
        proposal = steps and _judged(subject, before, steps, ANSWERED)
        if proposal:
            return proposal
    steps = _merging_steps(subject)
    return (steps and _judged(subject, before, steps, MERGED)) or None


def _merging_steps(subject: Subject) -> tuple[Step, ...]:
    """Categories merged in each table where that can be done."""

    def look(edits: Edits) -> tuple[Finding, ...]:
        merged = replace(subject.output, parts=edits.applied(subject.output.parts))
        return assess(merged, subject.policy, None, subject.name).findings

    steps = (merging(sheet, look) for sheet in subject.sheets if can_merge(sheet))
    return tuple(step for step in steps if step is not None)


def _all_steps(subject: Subject, before: Assessment, way: Way) -> tuple[Step, ...]:
    """The steps of one way, round by round until the rules find nothing more that it answers."""
    output, policy, name = subject.output, subject.policy, subject.name
    originals = [
        Original(sheet, ledger_of(sheet, frames))
        for sheet, frames in subject.sheets_with_frames()
        if sheet.first_line is None
    ]
    steps: list[Step] = []
    findings = before.findings
    sheets: tuple[Sheet, ...] = subject.sheets
    for _ in range(MOST_ROUNDS):
        so_far = joined(step.edits for step in steps)
        done: list[Step] = []
        for number, original in enumerate(originals):
            sheet = next((each for each in sheets if _same(each, original.sheet)), None)
            if sheet is None:
                return ()
            try:
                taken = steps_for(original, sheet, findings, policy, way)
                mine = [step for step in taken if so_far | step.edits != so_far]
            except Unprotected:
                return ()
            if any(ROUNDED & set(step.rules) for step in mine):
                originals[number] = replace(original, base=policy.rounding_base)
            done += mine
        if not done:
            break
        steps += done
        current = replace(output, parts=joined(step.edits for step in steps).texts(output.parts))
        findings = assess(current, policy, None, name).findings
        sheets = make_subject(current, policy, None, name).sheets
    return tuple(steps)


def _same(sheet: Sheet, original: Sheet) -> bool:
    """Whether this is the same table, understood as having the same columns."""
    return sheet.part == original.part and sheet.source == original.source and sheet.rows == original.rows


def _judged(subject: Subject, before: Assessment, steps: tuple[Step, ...], answers: frozenset[str]) -> Proposal | None:
    """The proposal, if the rules agree: what it answers is gone, no rule objects anew or more than it did."""
    parts = joined(step.edits for step in steps).applied(subject.output.parts)
    after = assess(replace(subject.output, parts=parts), subject.policy, None, subject.name)
    was, now = _weights(before.findings), _weights(after.findings)
    if any(rule not in was or weight > was[rule] for rule, weight in now.items()):
        return None
    answered = _failing(before) & answers - now.keys()
    if not answered or _failing(after) & answers:
        return None
    return Proposal(parts, steps, tuple(sorted(answered)), after)


def _failing(assessment: Assessment) -> set[str]:
    return {finding.rule for finding in assessment.findings if finding.severity is Severity.FAIL}


def _weights(findings: Iterable[Finding]) -> dict[str, tuple[int, int]]:
    """For each rule how many of its findings fail, and how many need a look."""
    found: dict[str, tuple[int, int]] = {}
    for finding in findings:
        if finding.severity is not Severity.NOTE:
            fails, looks = found.get(finding.rule, (0, 0))
            failing = finding.severity is Severity.FAIL
            found[finding.rule] = (fails + failing, looks + (not failing))
    return found
