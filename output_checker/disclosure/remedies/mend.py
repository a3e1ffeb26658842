"""From a proposal to a file: written anew, read again in a cage, judged again. What does not survive that is none.

Opens no file and starts no cage itself: the caller hands in what writes tables and what reads bytes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from output_checker.disclosure.assess import assess
from output_checker.disclosure.remedies.propose import Proposal, propose
from output_checker.model import Assessment, Kind, Output, Part, Policy, Severity, Table

Write = Callable[[Kind, Sequence[Part]], bytes]
"""Encodes tables as a file of this kind."""
Read = Callable[[bytes, str], Output]
"""Reads bytes of this name in a cage."""
_SUFFIX = {Kind.TABLE: ".csv", Kind.WORKBOOK: ".xlsx"}


@dataclass(frozen=True)
class Mended:
    """A proposed file: its bytes, what was read of them and what the rules say of it."""

    name: str
    data: bytes = field(repr=False)
    proposal: Proposal
    output: Output
    assessment: Assessment


def mend(output: Output, policy: Policy, name: str, write: Write, read: Read) -> Mended | None:
    """The mended file of an output, or None where nothing can be done safely."""
    proposal = propose(output, policy, name)
    if proposal is None:
        return None
    safe = safe_name(name, output.kind)
    again = read(write(output.kind, proposal.parts), safe)
    if again.problem or again.kind is not output.kind or _tables(again.parts) != _tables(proposal.parts):
        return None
    assessment = assess(again, policy, None, safe)
    failing = {finding.rule for finding in assessment.findings if finding.severity is Severity.FAIL}
    if failing & set(proposal.answered):
        return None
    return Mended(safe, again.canonical, proposal, again, assessment)


def safe_name(name: str, kind: Kind) -> str:
    """The name of the mended file beside the old one: "results/table.tsv" gives "results/table-safe.csv"."""
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}-safe{_SUFFIX[kind]}"))


def _tables(parts: Sequence[Part]) -> list[tuple[tuple[str, ...], ...]]:
    return [part.cells for part in parts if isinstance(part, Table)]
