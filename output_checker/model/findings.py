"""What the automated check says: findings, and the verdict that follows from them and from nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: a ``note`` informs, ``review`` needs a person, ``fail`` needs a reason to overrule."""

    NOTE = "note"
    REVIEW = "review"
    FAIL = "fail"


class Verdict(StrEnum):
    """The answer for a file. ``pass`` is never an approval: people approve."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    REVIEW = "review"
    FAIL = "fail"


@dataclass(frozen=True)
class Where:
    """A place in an output: a part by its index in ``Output.parts`` and, in a table, a cell (``row`` and ``column``
    count from 0 and include the header rows; ``None`` means the whole row, column or part). ``label`` says it in words
    ("plan = Free, health = poor"), ``value`` is the text that stands there, in a few characters."""

    part: int = 0
    row: int | None = None
    column: int | None = None
    label: str = ""
    value: str = ""


@dataclass(frozen=True)
class Finding:
    """One objection: the rule of RULES' catalogue, its weight, the places, and the way to mend it.

    ``message`` says what is wrong with the numbers in it; ``remedy`` is the next step in the researcher's words.
    ``evidence`` comes from the data and is for people who may see the data and for checkers; it is never sent anywhere
    else.
    """

    rule: str
    severity: Severity
    where: tuple[Where, ...]
    message: str
    remedy: str
    evidence: str = field(default="", repr=False)


@dataclass(frozen=True)
class Assessment:
    """Everything the check found in one output under one policy."""

    findings: tuple[Finding, ...]
    policy_digest: str

    @property
    def verdict(self) -> Verdict:
        """The heaviest finding decides; no finding heavier than a note is a ``pass``."""
        return heaviest(finding.severity for finding in self.findings)


def heaviest(severities: Iterable[Severity]) -> Verdict:
    """The verdict that these severities add up to."""
    found = set(severities)
    if Severity.FAIL in found:
        return Verdict.FAIL
    return Verdict.REVIEW if Severity.REVIEW in found else Verdict.PASS
