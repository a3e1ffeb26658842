"""The verdict on one output: every rule, asked in turn, over one understanding of it.

Pure: the same output, policy and evidence give the same findings, with no file, clock or chance involved. A rule that
breaks on an output nobody foresaw becomes a finding of its own, so that a defect here can never become a pass.
"""

from collections.abc import Sequence

from output_checker.disclosure.corrections import tell_set_aside
from output_checker.disclosure.rules import RULES
from output_checker.disclosure.subject import make_subject
from output_checker.model import Assessment, Correction, Evidence, Finding, Output, Policy, Severity

_RECORDS = frozenset({"H16", "N01", "X01"})
_ECHOES = frozenset({"F03", "F04", "F05", "F09", "F17", "F19", "M01", "M02", "U01", "P11"})
_ORDER = {Severity.FAIL: 0, Severity.REVIEW: 1, Severity.NOTE: 2}


def assess(
    output: Output,
    policy: Policy,
    evidence: Evidence | None = None,
    name: str = "",
    corrections: Sequence[Correction] = (),
) -> Assessment:
    """Judge an output. ``name`` is searched for identifiers like any other text and decides nothing else.

    ``corrections`` say how its tables are meant; what they set aside is a finding of its own, never nothing.
    """
    findings = _findings(output, policy, evidence, name, corrections)
    if corrections:
        as_it_stands = _findings(output, policy, evidence, name, ())
        findings = [tell_set_aside(output, corrections, as_it_stands, findings), *findings]
    findings.sort(key=lambda finding: _ORDER[finding.severity])
    return Assessment(tuple(findings), policy.digest)


def _findings(
    output: Output, policy: Policy, evidence: Evidence | None, name: str, corrections: Sequence[Correction]
) -> list[Finding]:
    """What every rule says."""
    findings: list[Finding] = []
    try:
        subject = make_subject(output, policy, evidence, name, corrections)
    except Exception as error:  # noqa: BLE001 - whatever fails, the output is not waved through
        return [_broken("reading the output's tables", error)]
    for rule in RULES:
        try:
            findings += rule(subject)
        except Exception as error:  # noqa: BLE001 - see the module's promise
            findings.append(_broken(rule.__name__.replace("_", " "), error))
    return _without_echoes(findings)


def _without_echoes(findings: list[Finding]) -> list[Finding]:
    """Records read as a table of counts give a finding for every zero; once a table fails as records, that is noise."""
    records = {
        where.part
        for finding in findings
        if finding.rule in _RECORDS and finding.severity is Severity.FAIL
        for where in finding.where
    }
    return [f for f in findings if not (f.rule in _ECHOES and f.where and all(w.part in records for w in f.where))]


def _broken(what: str, error: Exception) -> Finding:
    return Finding(
        "U02",
        Severity.REVIEW,
        (),
        f"A part of the check did not work ({what}: {type(error).__name__}), so a person must look at the whole "
        f"output.",
        "Nothing is wrong with your file as far as we know; the checkers are told.",
    )
