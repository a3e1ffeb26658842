"""The report of ``halftide check --html``: one page in one file, with marked cells and what was mended beside them.

Promises a page that loads nothing and runs nothing: no script, no address, a Content-Security-Policy that allows its
one style sheet and the pictures it holds. It reads no clock, so that the same check gives the same page.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from markupsafe import Markup

from output_checker.desk.check import CheckedOutput
from output_checker.desk.mend import Done, Mended, done_to
from output_checker.model import Finding, Image, Output, Part, Policy, Severity, Table, Verdict
from output_checker.rules.changes import PartChange, compare
from output_checker.web.render import make_environment
from output_checker.web.viewer import Marks, Numbered, Shown, anchor_of, marks_of, number_findings, page_of, show_part

STATIC = Path(__file__).parent / "static"
MOST_PARTS = 60
"""Parts of an output that are shown; the findings name all places."""
GROUPS: tuple[tuple[str, str], ...] = (
    ("Somebody could be recognised, or their record is in it", "I X H16 N F19"),
    ("A few people stand behind a number", "F01 F02 F05 F06 F16 F17 M01 M11 M15 P02 P06 R"),
    ("A hidden number can be worked out", "F09 F10 F11 F15 G02 P09"),
    ("Everybody in a group is alike, or nobody is there", "F03 F04 M08"),
    ("A number is, or gives away, one person's value", "P M"),
    ("Something travels along that is not shown", "H G03 L"),
    ("A picture or a text that only a person can judge", "G U"),
)
"""What rules mean for a person, by their ids or families; the first group that names a rule takes it."""
OTHER = "Other questions"


@dataclass(frozen=True)
class Place:
    """A place in words, with the address of its mark in this page."""

    text: str
    href: str


@dataclass(frozen=True)
class Item:
    """A finding with its number and places, as the template takes it."""

    number: int
    finding: Finding
    places: tuple[Place, ...]
    evidence: str = ""


@dataclass(frozen=True)
class Group:
    """Findings that mean the same for a person."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Seen:
    """A part as shown, with its picture's bytes as an address."""

    shown: Shown
    picture: str


@dataclass(frozen=True)
class Fix:
    """What was mended: the steps, the parts with what changed, what remains."""

    name: str
    verdict: Verdict
    steps: tuple[Done, ...]
    answered: tuple[str, ...]
    parts: tuple[Seen, ...]
    remains: tuple[Item, ...]


@dataclass(frozen=True)
class File:
    """One file of the report."""

    name: str
    anchor: str
    sha256: str
    kind: str
    verdict: Verdict
    counts: Mapping[str, int]
    groups: tuple[Group, ...]
    notes: tuple[Item, ...]
    parts: tuple[Seen, ...]
    hidden_parts: int
    dropped: tuple[str, ...]
    problem: str
    fix: Fix | None


def report(checked: Sequence[CheckedOutput], fixes: Mapping[str, Mended], policy: Policy) -> str:
    """The page. ``fixes`` are the mended files by the names of those that they answer."""
    files = [_file(item, fixes.get(item.name), f"f{number}") for number, item in zip(count(1), checked, strict=False)]
    style = (STATIC / "halftide.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        make_environment()
        .get_template("report.html")
        .render(
            files=sorted(files, key=lambda file: _ORDER[file.verdict]),
            counts=Counter(item.assessment.verdict for item in checked),
            policy=policy,
            style=Markup(style),  # noqa: S704 - our own file
            content_policy=f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
            "form-action 'none'",
        )
    )


_ORDER = {Verdict.FAIL: 0, Verdict.REVIEW: 1, Verdict.PASS: 2}


def _file(item: CheckedOutput, mended: Mended | None, prefix: str) -> File:
    numbered = number_findings(item.assessment.findings)
    items = [_item(each, prefix, item.output) for each in numbered]
    severities = Counter(finding.severity.value for finding in item.assessment.findings)
    return File(
        name=item.name,
        anchor=prefix,
        sha256=item.sha256,
        kind=item.output.kind.value,
        verdict=item.assessment.verdict,
        counts={name: severities.get(name, 0) for name in ("fail", "review", "note")},
        groups=_groups(item for item in items if item.finding.severity is not Severity.NOTE),
        notes=tuple(item for item in items if item.finding.severity is Severity.NOTE),
        parts=_parts(item.output.parts, marks_of(numbered, prefix)),
        hidden_parts=max(0, len(item.output.parts) - MOST_PARTS),
        dropped=tuple(f"{d.where}: {d.detail}" if d.where else d.detail for d in item.output.dropped),
        problem=item.output.problem,
        fix=None if mended is None else _fix(item, mended, f"{prefix}m"),
    )


def _fix(item: CheckedOutput, mended: Mended, prefix: str) -> Fix:
    numbered = number_findings(mended.assessment.findings)
    told = compare(item.output.parts, mended.output.parts).parts
    touched = {change.part for done in done_to(item, mended) for change in done.changes}
    seen = _parts(mended.output.parts, marks_of(numbered, prefix), told)
    return Fix(
        mended.name,
        mended.assessment.verdict,
        done_to(item, mended),
        mended.proposal.answered,
        tuple(part for part in seen if part.shown.index in touched),
        tuple(_item(each, prefix, mended.output) for each in numbered if each.finding.severity is not Severity.NOTE),
    )


def _parts(parts: Sequence[Part], marks: Marks, told: Sequence[PartChange] = ()) -> tuple[Seen, ...]:
    """Each part on its first page; a long table on the page of its first mark."""
    found = []
    for index, part in enumerate(parts[:MOST_PARTS]):
        rows = [row for (where, row, _) in marks.places if where == index and row is not None]
        page = 1 if not rows or not isinstance(part, Table) else min(rows) // 500 + 1
        shown = show_part(index, part, marks, page, told[index] if told else None)
        picture = ""
        if isinstance(part, Image):
            picture = f"data:{part.media_type};base64,{base64.b64encode(part.data).decode()}"
        found.append(Seen(shown, picture))
    return tuple(found)


def _item(numbered: Numbered, prefix: str, output: Output) -> Item:
    places = []
    for where in numbered.finding.where:
        text = where.label or ("" if where.row is None else f"row {where.row + 1}")
        text = f"{text} = {where.value}" if where.value and text else text or where.value
        on_first_page = page_of(where) == 1 and where.part < min(MOST_PARTS, len(output.parts))
        if text:
            places.append(Place(text, f"#{anchor_of(prefix, where)}" if on_first_page else ""))
    return Item(numbered.number, numbered.finding, tuple(places), numbered.finding.evidence)


def _groups(items: Iterable[Item]) -> tuple[Group, ...]:
    by_title: dict[str, list[Item]] = {}
    for item in items:
        by_title.setdefault(meaning_of(item.finding.rule), []).append(item)
    titles = [title for title, _ in GROUPS] + [OTHER]
    return tuple(Group(title, tuple(by_title[title])) for title in titles if title in by_title)


def meaning_of(rule: str) -> str:
    """What a rule's findings mean for a person."""
    named = next((title for title, rules in GROUPS if rule in rules.split()), None)
    return named or next((title for title, rules in GROUPS if rule[:1] in rules.split()), OTHER)
