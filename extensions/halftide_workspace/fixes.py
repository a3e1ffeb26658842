"""Mended files: a proposal shown before and after, and the new file next to the old one once it is wanted.

Promises: the proposal was read in the cage and judged again by the same rules; nothing is written before it is asked
for, nothing is ever written over, and what is written is what was shown, or nothing when the file changed meanwhile.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from halftide_workspace.folder import TEMPORARY, Folder
from halftide_workspace.staging import staged
from output_checker.disclosure.remedies import Mended, changes, mend
from output_checker.model.errors import BadInput, Conflict, NotFound
from output_checker.model.identifiers import Digest
from output_checker.model.outputs import Output, Table
from output_checker.model.policy import Policy
from output_checker.readers import read_in_cage
from output_checker.readers.rewriting import rewritten

Json = dict[str, Any]
MOST_ROWS = 40
MOST_COLUMNS = 16
MOST_CHANGES = 100
MOST_NAMES = 100
NOTHING = (
    "Halftide can't mend this file safely by itself. Follow what stands under “What to do” in your own code, write the "
    "file again, and check it again."
)


@dataclass(frozen=True)
class Fixes:
    """Where the workspace is, and where private copies may lie for a moment."""

    workspace: Path
    scratch: Path | None = None

    def propose(self, path: str, policy: Policy) -> Json:
        """What Halftide would do to a file, before and after. Raises NotFound, with the way on, where it can do
        nothing safely."""
        sha256, output, mended = self._mended(path, policy)
        return {
            "path": path,
            "sha256": sha256,
            "name": mended.name,
            "verdict": mended.assessment.verdict.value,
            "answered": list(mended.proposal.answered),
            "remains": [finding.message for finding in mended.assessment.findings if finding.severity.value != "note"],
            "steps": [
                _step(step.words, step.rules, changes(step.edits, output.parts)) for step in mended.proposal.steps
            ],
            "tables": list(_tables(output, mended)),
        }

    def write(self, path: str, policy: Policy, sha256: str) -> str:
        """Write the mended file of the bytes with this digest next to them, and answer with its path. Raises Conflict
        when the file is not what was shown any more."""
        now, _, mended = self._mended(path, policy)
        if now != sha256:
            raise Conflict(f"{path} changed since the fix was shown; ask for it again")
        with closing(Folder(self.workspace)) as folder:
            return _created(folder, mended.name, mended.data)

    def _mended(self, path: str, policy: Policy) -> tuple[Digest, Output, Mended]:
        with staged(self.workspace, [path], policy.max_file_bytes, self.scratch) as files:
            data, sha256 = files[0].content.read(), files[0].sha256
        output = read_in_cage(data, path)
        mended = mend(output, policy, path, rewritten, read_in_cage)
        if mended is None:
            raise NotFound(NOTHING)
        return sha256, output, mended


def _created(folder: Folder, name: str, data: bytes) -> str:
    """The first free name of this form, with the data in it in one step."""
    path = PurePosixPath(name)
    temporary = str(path.with_name(TEMPORARY + secrets.token_hex(8)))
    folder.write(temporary, data)
    for number in range(1, MOST_NAMES):
        free = name if number == 1 else str(path.with_stem(f"{path.stem}-{number}"))
        try:
            folder.rename(temporary, free)
        except Conflict:
            continue
        return free
    folder.remove(temporary)
    raise BadInput(f"{name} and {MOST_NAMES - 2} names like it are taken; delete the fixes that you do not need")


def _step(words: str, rules: Sequence[str], done: Sequence[Any]) -> Json:
    return {
        "words": words,
        "rules": list(rules),
        "changes": [{"label": c.label, "before": c.before, "after": c.after} for c in done[:MOST_CHANGES]],
        "more": max(0, len(done) - MOST_CHANGES),
    }


def _tables(output: Output, mended: Mended) -> Iterator[Json]:
    """The tables that change, row by row before and after; of a large one the rows and columns that are touched."""
    edits = mended.proposal.edits
    before, texts = output.parts, edits.texts(output.parts)
    for index, (old, new) in enumerate(zip(before, texts, strict=True)):
        if not isinstance(old, Table) or not isinstance(new, Table):
            continue
        gone_rows = {row for part, row in edits.rows if part == index}
        gone_columns = {column for part, column in edits.columns if part == index}
        touched = {(row, column) for part, row, column in edits.cells if part == index}
        if not (gone_rows or gone_columns or touched):
            continue
        heads = set(range(old.header_rows))
        rows = _chosen(len(old.cells), heads | gone_rows | {row for row, _ in touched}, MOST_ROWS)
        columns = _chosen(len(old.cells[0]), {0} | gone_columns | {column for _, column in touched}, MOST_COLUMNS)
        yield {
            "name": old.name,
            "header_rows": sum(row in heads for row in rows),
            "left_out": {"rows": len(old.cells) - len(rows), "columns": len(old.cells[0]) - len(columns)},
            "before": [[old.cells[row][column] for column in columns] for row in rows],
            "after": [
                [None if row in gone_rows or column in gone_columns else new.cells[row][column] for column in columns]
                for row in rows
            ],
        }


def _chosen(size: int, wanted: set[int], most: int) -> list[int]:
    """All of them where they are few, else the wanted ones."""
    return list(range(size)) if size <= most else sorted(wanted)[:most]
