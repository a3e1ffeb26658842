"""What changed since the last round, as a request's page says it. Pure; whether a vote stands is not decided here."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from output_checker.desk.views import GroupView, OutputView, PartSummary, RequestPage
from output_checker.model import Part
from output_checker.rules.changes import (
    Change,
    Difference,
    Filed,
    PartChange,
    compare,
    compare_files,
    match_files,
)

Read = Callable[[Collection[str]], Mapping[str, Sequence[Part]]]
"""Gives the parts of these outputs, of the last round too."""

COMPARED_WEIGHT = 100_000
"""How much of two outputs is compared for a page, in cells; beyond it the page says "changed" alone."""

_FACTS = re.compile(r"Population: (.*?)\nVariables: (.*?)\nRecords: (.*)", re.DOTALL)
"""The three answers that the form in JupyterLab puts together into a context."""


@dataclass(frozen=True)
class Since:
    """What happened to an output. ``change`` is None while that is not known; ``parts`` is empty when they were not
    compared; ``was_called`` is its earlier path, where it had another."""

    change: Change | None
    words: str
    was_called: str = ""
    parts: tuple[PartChange, ...] = ()


@dataclass(frozen=True)
class LastRound:
    """What a page tells about the round before."""

    number: int
    outputs: Mapping[str, Since] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    said: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    """The earlier context and control of each group, None for what is as it was."""

    @property
    def same(self) -> int:
        """How many outputs are as they were."""
        return sum(since.change is Change.SAME for since in self.outputs.values())


def last_round(page: RequestPage, read: Read, shown: Collection[str]) -> LastRound | None:
    """What changed; None in the first round. Of the outputs in ``shown``, cell by cell and line by line."""
    if not page.earlier:
        return None
    weights = {earlier.file.id: weigh(earlier.parts) for earlier in page.earlier}
    weights |= {view.id: weigh(view.parts) for view in page.outputs()}
    files = {view.id: _filed(view, group) for group in page.groups for view in group.outputs}
    matched = match_files([earlier.file for earlier in page.earlier], list(files.values()))
    changes = {key: compare_files(matched.earlier.get(key), file) for key, file in files.items()}
    both = {
        key: matched.earlier[key].id
        for key in shown
        if changes.get(key) is Change.CHANGED and weights[key] + weights[matched.earlier[key].id] <= COMPARED_WEIGHT
    }
    parts = read({*both, *both.values()}) if both else {}
    found = {key: compare(parts[then], parts[key]) for key, then in both.items()}
    return LastRound(
        number=page.row.round - 1,
        outputs={
            key: _since(change, matched.earlier.get(key), files[key], found.get(key)) for key, change in changes.items()
        },
        removed=tuple(file.path for file in matched.removed),
        said={group.id: _said(group, matched.earlier) for group in page.groups},
    )


def weigh(parts: Sequence[PartSummary]) -> int:
    """About as many cells as comparing these parts takes."""
    return sum(part.rows * max(part.columns, 1) + part.characters // 20 for part in parts)


def count_changes(found: Difference) -> str:
    """The changes in words: "2 cells changed, 1 column removed"."""
    tables = [part.table for part in found.parts if part.table]
    texts = [part.text for part in found.parts if part.text]
    pictures = [p for p in found.parts if p.change is Change.CHANGED and not p.table and not p.text]
    counts = (
        (sum(len(t.was) for t in tables), "cell", "changed"),
        (sum(len(t.rows_added) for t in tables), "row", "added"),
        (sum(len(t.rows_removed) for t in tables), "row", "removed"),
        (sum(len(t.columns_added) for t in tables), "column", "added"),
        (sum(len(t.columns_removed) for t in tables), "column", "removed"),
        (sum(t.added for t in texts), "line", "added"),
        (sum(t.removed for t in texts), "line", "removed"),
        (len(pictures), "picture", "changed"),
        (sum(part.change is Change.NEW for part in found.parts), "part", "added"),
        (found.removed, "part", "removed"),
    )
    return ", ".join(f"{n:,} {noun}{'s' if n != 1 else ''} {verb}" for n, noun, verb in counts if n)


def context_facts(context: str) -> tuple[tuple[str, str], ...]:
    """A context as facts: the three answers where it has the form's shape, else one."""
    answers = _FACTS.fullmatch(context)
    if answers is None:
        return (("Context", context),)
    return tuple(zip(("Population", "Variables", "Records"), answers.groups(), strict=True))


def _since(change: Change | None, then: Filed | None, now: Filed, found: Difference | None) -> Since:
    renamed = then.path if then is not None and then.path != now.path else ""
    if change is Change.CHANGED:
        # two files that read the same can differ in how they are written (quotes, line ends)
        words = (count_changes(found) or "written differently, with the same content") if found else "changed"
        return Since(change, words, renamed, found.parts if found else ())
    words = {Change.NEW: "new in this round", Change.SAME: "unchanged", None: "being checked"}[change]
    return Since(change, words, renamed)


def _filed(view: OutputView, group: GroupView) -> Filed:
    canonical = view.canonical_sha256 if view.verdict is not None else None
    return Filed(view.id, view.path, view.sha256, canonical, group.context, group.controls)


def _said(group: GroupView, earlier: Mapping[str, Filed]) -> tuple[str | None, str | None]:
    then = next((earlier[view.id] for view in group.outputs if view.id in earlier), None)
    if then is None:
        return None, None
    return (
        None if then.context == group.context else then.context,
        None if then.controls == group.controls else then.controls,
    )
