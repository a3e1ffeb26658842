"""A proof: what one run of the probes found, and whether that proves the workspace sealed. Pure.

Unknown is never safe. A proof passes only when each probe was blocked in each of its places and its control succeeded.
A probe may be left out where its control was refused by the machine itself, if the catalogue says that this can be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from output_checker.model import BadInput
from output_checker.probes.catalogue import CATALOGUE, DIGEST, LEAST
from output_checker.probes.model import Outcome, Place, Probe, Verdict


class Shown(StrEnum):
    """What a probe's control and its tries say together."""

    BLOCKED = "blocked"
    LEFT_OUT = "left out"
    SUCCEEDED = "succeeded"
    UNKNOWN = "could not tell"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True)
class Finding:
    """One probe with its control and its tries."""

    name: str
    control: Outcome
    tries: Mapping[Place, Outcome]

    @property
    def probe(self) -> Probe | None:
        """The probe in today's catalogue; None when it is not there any more."""
        return CATALOGUE.get(self.name)

    @property
    def shown(self) -> Shown:
        """The finding in one word."""
        places = self.probe.places if self.probe else tuple(self.tries)
        verdicts = [self.tries[place].verdict if place in self.tries else Verdict.UNKNOWN for place in places]
        if Verdict.SUCCEEDED in verdicts:
            return Shown.SUCCEEDED
        if set(verdicts) != {Verdict.BLOCKED}:
            return Shown.UNKNOWN
        if self.control.verdict is Verdict.SUCCEEDED:
            return Shown.BLOCKED
        refused = self.control.verdict is Verdict.BLOCKED and self.probe is not None
        return Shown.LEFT_OUT if refused and self.probe and self.probe.machine_may_refuse else Shown.NOT_SHOWN


@dataclass(frozen=True)
class Proof:
    """One run: on which project, with which data and limits, on which machine, and what it found."""

    project: str
    about: Mapping[str, Any]
    findings: tuple[Finding, ...]
    catalogue: str = DIGEST

    def of(self, *shown: Shown) -> tuple[Finding, ...]:
        """The findings of these kinds."""
        return tuple(finding for finding in self.findings if finding.shown in shown)

    @property
    def failures(self) -> tuple[Finding, ...]:
        """What keeps this from being a proof."""
        return self.of(Shown.SUCCEEDED, Shown.UNKNOWN, Shown.NOT_SHOWN)

    @property
    def passed(self) -> bool:
        """Whether it proves that the workspace is sealed."""
        complete = self.catalogue == DIGEST and {finding.name for finding in self.findings} == set(CATALOGUE)
        return complete and not self.failures and len(self.of(Shown.BLOCKED)) >= LEAST

    def figures(self) -> str:
        """The run in one line, for people and programs."""
        left_out = len(self.of(Shown.LEFT_OUT))
        cases = len(self.findings) - left_out
        controls = sum(finding.control.verdict is Verdict.SUCCEEDED for finding in self.findings)
        told = f"attacks: cases={cases} succeeded={len(self.of(Shown.SUCCEEDED))} controls={controls}/{cases}"
        unknown = len(self.of(Shown.UNKNOWN))
        return told + (f" unknown={unknown}" if unknown else "") + (f" left_out={left_out}" if left_out else "")

    def summary(self) -> str:
        """The run in words."""
        got_out, unclear = len(self.of(Shown.SUCCEEDED)), len(self.of(Shown.UNKNOWN, Shown.NOT_SHOWN))
        left_out = len(self.of(Shown.LEFT_OUT))
        told = f"{len(self.findings) - left_out} attacks were tried, {got_out} got out"
        told += f", {unclear} could not be told" if unclear else ""
        return told + (f"; {left_out} left out, as this machine refuses that to everybody" if left_out else "") + "."

    def as_mapping(self) -> dict[str, Any]:
        """The proof as JSON can say it: what is signed."""
        return {
            "project": self.project,
            "about": dict(self.about),
            "catalogue": self.catalogue,
            "findings": [
                {
                    "name": finding.name,
                    "control": [finding.control.verdict.value, finding.control.detail],
                    "tries": {
                        place.value: [outcome.verdict.value, outcome.detail] for place, outcome in finding.tries.items()
                    },
                    "shown": finding.shown.value,
                }
                for finding in self.findings
            ],
            "passed": self.passed,
            "figures": self.figures(),
        }

    @classmethod
    def from_mapping(cls, raw: Mapping[str, Any]) -> "Proof":
        """A proof from parsed JSON. Raises BadInput when it is none."""
        try:
            findings = tuple(
                Finding(
                    str(each["name"]),
                    _outcome(each["control"]),
                    {Place(place): _outcome(told) for place, told in each["tries"].items()},
                )
                for each in raw["findings"]
            )
            return cls(str(raw["project"]), dict(raw["about"]), findings, str(raw["catalogue"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInput(f"this is not the record of a probe run: {error}") from error


def _outcome(raw: Any) -> Outcome:
    verdict, detail = raw
    return Outcome(Verdict(verdict), str(detail))
