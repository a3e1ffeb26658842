"""``halftide check --fix``: writes mended files beside the others, and says what was done to which cell.

Never writes over a file, follows a link or writes outside the folder: a file of that name is a reason to stop.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from output_checker.desk.check import CheckedOutput
from output_checker.desk.mend import Dataset, Mended, done_to, mend_output
from output_checker.model import BadInput, Policy, Verdict

MOST_CHANGES_SHOWN = 8
Fixes = Mapping[str, Mended]
"""The mended files by the names of the files that they answer."""


def mend_all(checked: Sequence[CheckedOutput], policy: Policy, datasets: Sequence[Dataset]) -> dict[str, Mended]:
    """A mended file for each checked one that can be mended."""
    found = {}
    for item in checked:
        mended = None if item.assessment.verdict is Verdict.PASS else mend_output(item, policy, datasets)
        if mended is not None:
            found[item.name] = mended
    return found


def write_fixes(fixes: Fixes, folder: Path) -> None:
    """Write each mended file beneath the folder. Raises BadInput, before anything is written, for a name that is
    taken."""
    targets = {mended.name: folder / mended.name for mended in fixes.values()}
    for name, path in targets.items():
        if folder.resolve() not in path.resolve().parents:
            raise BadInput(f"{name} would be written outside {folder}")
        if path.exists() or path.is_symlink():
            raise BadInput(f"{path} is there already, and nothing is written over: move it, or name another folder")
    for mended in fixes.values():
        path = targets[mended.name]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(mended.data)
        except OSError as error:
            raise BadInput(f"{path} can't be written ({error.strerror})") from error


def fix_as_json(item: CheckedOutput, mended: Mended | None) -> dict[str, Any] | None:
    """A mended file for programs; None where there is none."""
    if mended is None:
        return None
    return {
        "path": mended.name,
        "verdict": mended.assessment.verdict.value,
        "answered": list(mended.proposal.answered),
        "steps": [
            {
                "rules": list(done.rules),
                "words": done.words,
                "changes": [
                    {"part": c.part, "row": c.row, "column": c.column, "before": c.before, "after": c.after}
                    for c in done.changes
                ],
            }
            for done in done_to(item, mended)
        ],
    }


def print_fix(item: CheckedOutput, mended: Mended, out: TextIO) -> None:
    """What was done, for a person; every text is printable."""
    verdict = mended.assessment.verdict.value
    lines = [f"  mended: {mended.name}  (checked again: {verdict})"]
    for done in done_to(item, mended):
        lines.append(f"    {done.words}")
        lines += [f"      {_change(c.label, c.before, c.after)}" for c in done.changes[:MOST_CHANGES_SHOWN]]
        if len(done.changes) > MOST_CHANGES_SHOWN:
            lines.append(f"      and {len(done.changes) - MOST_CHANGES_SHOWN} more")
    out.write("\n".join("".join(c if c.isprintable() else "\ufffd" for c in line) for line in lines) + "\n")


def _change(label: str, before: str, after: str) -> str:
    return f"{label}: {before} -> {after}" if after else f"{label}: left out"
