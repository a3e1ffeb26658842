"""What counts as a proof: unknown is never safe."""

from dataclasses import replace

import pytest

from output_checker.model import BadInput
from output_checker.probes import CATALOGUE, LEAST, Finding, Outcome, Place, Proof, Shown, Verdict

BLOCKED, SUCCEEDED, UNKNOWN = (Outcome(verdict) for verdict in (Verdict.BLOCKED, Verdict.SUCCEEDED, Verdict.UNKNOWN))


def all_good() -> Proof:
    findings = [Finding(probe.name, SUCCEEDED, dict.fromkeys(probe.places, BLOCKED)) for probe in CATALOGUE.values()]
    return Proof("project", {"run": "1"}, tuple(findings))


def with_one(proof: Proof, finding: Finding) -> Proof:
    others = (each for each in proof.findings if each.name != finding.name)
    return replace(proof, findings=(*others, finding))


def strict() -> str:
    """A probe that no machine may refuse outside."""
    return next(probe.name for probe in CATALOGUE.values() if not probe.machine_may_refuse and len(probe.places) == 2)


def lenient() -> str:
    return next(probe.name for probe in CATALOGUE.values() if probe.machine_may_refuse and len(probe.places) == 2)


def test_there_are_enough_probes_of_every_family() -> None:
    assert len(CATALOGUE) > 2 * LEAST
    families = {probe.family for probe in CATALOGUE.values()}
    assert len(families) == 17


def test_all_blocked_beside_controls_that_succeed_is_a_proof() -> None:
    proof = all_good()
    assert proof.passed
    count = len(CATALOGUE)
    assert proof.figures() == f"attacks: cases={count} succeeded=0 controls={count}/{count}"


@pytest.mark.parametrize("place", Place)
@pytest.mark.parametrize(("outcome", "shown"), [(SUCCEEDED, Shown.SUCCEEDED), (UNKNOWN, Shown.UNKNOWN)])
def test_one_try_that_is_not_blocked_is_none(place: Place, outcome: Outcome, shown: Shown) -> None:
    tries = {Place.KERNEL: BLOCKED, Place.TERMINAL: BLOCKED} | {place: outcome}
    finding = Finding(strict(), SUCCEEDED, tries)
    assert finding.shown is shown
    assert not with_one(all_good(), finding).passed


def test_a_place_that_was_not_heard_of_is_unknown() -> None:
    finding = Finding(strict(), SUCCEEDED, {Place.KERNEL: BLOCKED})
    assert finding.shown is Shown.UNKNOWN
    assert not with_one(all_good(), finding).passed


@pytest.mark.parametrize("control", [BLOCKED, UNKNOWN])
def test_without_its_control_a_probe_shows_nothing(control: Outcome) -> None:
    finding = Finding(strict(), control, dict.fromkeys(Place, BLOCKED))
    assert finding.shown is Shown.NOT_SHOWN
    assert not with_one(all_good(), finding).passed


def test_what_the_machine_refuses_everybody_is_left_out_by_name() -> None:
    refused = with_one(all_good(), Finding(lenient(), BLOCKED, dict.fromkeys(Place, BLOCKED)))
    assert [finding.name for finding in refused.of(Shown.LEFT_OUT)] == [lenient()]
    assert refused.passed
    assert refused.figures().endswith(" left_out=1")
    broken = with_one(all_good(), Finding(lenient(), UNKNOWN, dict.fromkeys(Place, BLOCKED)))
    assert not broken.passed, "a control that could not be told is no refusal"


def test_a_run_of_fewer_probes_or_of_another_catalogue_is_none() -> None:
    proof = all_good()
    assert not replace(proof, findings=proof.findings[1:]).passed
    assert not replace(proof, findings=()).passed
    assert not replace(proof, catalogue="0" * 64).passed


def test_a_machine_that_refuses_nearly_everything_proves_nothing() -> None:
    proof = all_good()
    findings = tuple(
        replace(finding, control=BLOCKED) if finding.probe and finding.probe.machine_may_refuse else finding
        for finding in proof.findings
    )
    assert replace(proof, findings=findings).passed
    assert len(replace(proof, findings=findings).of(Shown.BLOCKED)) >= LEAST


def test_a_proof_survives_being_written_down() -> None:
    proof = with_one(all_good(), Finding(strict(), Outcome(Verdict.SUCCEEDED, "x"), {Place.KERNEL: UNKNOWN}))
    assert Proof.from_mapping(proof.as_mapping()) == proof
    with pytest.raises(BadInput):
        Proof.from_mapping({"findings": [{"name": "x"}]})
