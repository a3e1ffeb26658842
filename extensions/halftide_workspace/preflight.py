"""What a checker would probably question, said before anything is sent.

Promises: a file is read in the cage and assessed by the same rules as on the portal, and whatever goes wrong with one
file is said in its own entry. Never a decision: the portal checks again what arrives, with the data beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from halftide_workspace.staging import staged
from output_checker.disclosure import assess
from output_checker.disclosure.remedies import is_mendable
from output_checker.model.corrections import Correction
from output_checker.model.errors import HalftideError
from output_checker.model.findings import Assessment, Finding
from output_checker.model.outputs import Dropped, Output
from output_checker.model.policy import Policy
from output_checker.readers import read_in_cage

Json = dict[str, Any]


@dataclass(frozen=True)
class Preflight:
    """Where the workspace is, and where private copies may lie for a moment."""

    workspace: Path
    scratch: Path | None = None

    def check(self, path: str, policy: Policy, corrections: Sequence[Correction] = ()) -> Json:
        """What the automatic check says of one file, its tables read as ``corrections`` say; takes up to 20 seconds and
        never raises for the file's sake."""
        try:
            with staged(self.workspace, [path], policy.max_file_bytes, self.scratch) as files:
                data = files[0].content.read()
        except HalftideError as error:
            return _entry(path, problem=str(error), refused=True)
        try:
            output = read_in_cage(data, path)
        except HalftideError as error:  # the cage could not be started; the portal has its own
            return _entry(path, size=len(data), problem=str(error))
        assessment = assess(output, policy, None, path, corrections)
        return _entry(path, size=len(data), output=output, assessment=assessment)


def _entry(
    path: str,
    *,
    size: int = 0,
    output: Output | None = None,
    assessment: Assessment | None = None,
    problem: str = "",
    refused: bool = False,
) -> Json:
    return {
        "path": path,
        "size": size,
        "kind": output.kind.value if output else "unknown",
        "verdict": assessment.verdict.value if assessment else None,
        "findings": [_finding(finding) for finding in assessment.findings] if assessment else [],
        "dropped": [_dropped(item) for item in output.dropped] if output else [],
        "problem": problem or (output.problem if output else ""),
        "refused": refused,
        "mendable": bool(output and assessment and is_mendable(output, assessment)),
    }


def _finding(finding: Finding) -> Json:
    """A finding for the researcher: everything but the evidence, which is for checkers."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "where": [
            {"part": where.part, "row": where.row, "column": where.column, "label": where.label, "value": where.value}
            for where in finding.where
        ],
        "message": finding.message,
        "remedy": finding.remedy,
    }


def _dropped(item: Dropped) -> Json:
    """What is not released, without the sample that only the rules look at."""
    return {"what": item.what, "where": item.where, "detail": item.detail, "size": item.size}
