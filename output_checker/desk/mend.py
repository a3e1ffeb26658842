"""Mend a checked file: a proposal from the disclosure rules, written anew, read in the cage and judged again, against
the data too where the file itself was.

Promises bytes that were read and judged, or none; writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from output_checker.desk.check import CheckedOutput, Read, judge
from output_checker.disclosure.remedies import Change, Mended, changes, mend
from output_checker.microdata import Dataset
from output_checker.model import Policy
from output_checker.readers import read_in_cage
from output_checker.readers.rewriting import rewritten

__all__ = ["Dataset", "Done", "Mended", "done_to", "mend_output"]


@dataclass(frozen=True)
class Done:
    """One step in words, the rules that asked for it, and what it did to which cell."""

    rules: tuple[str, ...]
    words: str
    changes: tuple[Change, ...]


def mend_output(
    checked: CheckedOutput, policy: Policy, datasets: Sequence[Dataset] = (), read: Read = read_in_cage
) -> Mended | None:
    """The mended file, or None where nothing can be done safely. Raises Broken when no cage can be started."""
    mended = mend(checked.output, policy, checked.name, rewritten, read)
    if mended is None or not datasets:
        return mended
    return replace(mended, assessment=judge(mended.output, mended.name, policy, datasets))


def done_to(checked: CheckedOutput, mended: Mended) -> tuple[Done, ...]:
    """What was done, step by step, in places of the file as it was."""
    return tuple(
        Done(step.rules, step.words, changes(step.edits, checked.output.parts)) for step in mended.proposal.steps
    )
