"""A request as its page shows it: findings numbered and linked to their cells, what remains, which button is on.

Pure: it takes what the desk gave and makes values for the template. It decides nothing; every button follows the
desk's offers.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from output_checker.desk.views import EventView, OutputView, RequestPage
from output_checker.model import Finding, Part, Severity, Verdict, Where
from output_checker.rules.votes import Decision
from output_checker.rules.workflow import Action, Offer, Relation, State
from output_checker.web.pages.corrections import Correctable, correctable
from output_checker.web.pages.since import LastRound, Read, Since, context_facts, last_round
from output_checker.web.viewer import (
    LONGEST_TEXT,
    ROWS_PER_PAGE,
    Marks,
    Numbered,
    Shown,
    anchor_of,
    marks_of,
    number_findings,
    page_of,
    show_part,
)

INLINE_WEIGHT = 30_000
"""How much content one request page shows in place, in cells; beyond it, outputs are a click away."""

STEPS = (
    ("Check", frozenset({State.CHECKING})),
    ("Queue", frozenset({State.WAITING})),
    ("Review", frozenset({State.IN_REVIEW, State.RETURNED})),
    ("Release", frozenset({State.APPROVED, State.HELD, State.RELEASED})),
)


@dataclass(frozen=True)
class Place:
    """Where a finding points: in words, and the link that leads there ("" when nothing can show it)."""

    text: str
    href: str


@dataclass(frozen=True)
class ShownFinding:
    """A finding with its number and places."""

    numbered: Numbered
    places: tuple[Place, ...]
    output: str = ""
    href: str = ""

    @property
    def finding(self) -> Finding:
        """The finding itself."""
        return self.numbered.finding

    @property
    def number(self) -> int:
        """Its number in its output."""
        return self.numbered.number

    @property
    def evidence(self) -> str:
        """What the data say, where this reader may know it."""
        return self.numbered.finding.evidence


@dataclass(frozen=True)
class ShownOutput:
    """An output with what stands on the page about it. ``parts`` is empty when the content is a click away."""

    view: OutputView
    prefix: str
    findings: tuple[ShownFinding, ...]
    parts: tuple[Shown, ...]
    is_far: bool
    since: Since | None = None
    correctable: tuple[Correctable, ...] = ()

    @property
    def overrules(self) -> bool:
        """Whether approving it overrules a finding that must change, which needs a reason."""
        return self.view.verdict is Verdict.FAIL

    @property
    def can_be_approved(self) -> bool:
        """Whether there are canonical bytes that could be released."""
        return self.view.canonical_sha256 is not None

    @property
    def is_decided_by_me(self) -> bool:
        """Whether my vote on exactly these bytes stands."""
        return self.view.my_vote is not None and self.view.my_vote.counts


@dataclass(frozen=True)
class Step:
    """A step of the way to release."""

    label: str
    is_done: bool
    is_now: bool


@dataclass(frozen=True)
class Sight:
    """Everything the template needs that is not in the desk's page itself."""

    page: RequestPage
    outputs: tuple[ShownOutput, ...]
    top: tuple[ShownFinding, ...]
    buttons: Mapping[str, Offer]
    may_vote: bool
    why_no_vote: str
    clear: tuple[ShownOutput, ...]
    open_outputs: tuple[ShownOutput, ...]
    steps: tuple[Step, ...]
    fetches: tuple[EventView, ...]
    suggestion: str
    last_round: LastRound | None
    facts: Mapping[str, tuple[tuple[str, str], ...]]
    """What the author says about each group, as facts."""

    @property
    def is_reviewer(self) -> bool:
        """Whether the reader is here to decide or to oversee, not to get something out."""
        return self.page.viewer_is not in {Relation.AUTHOR, Relation.MEMBER}

    @property
    def is_live(self) -> bool:
        """Whether the page should ask for news by itself."""
        return self.page.row.state in {State.CHECKING, State.APPROVED}


def make_sight(page: RequestPage, read: Read, base: str) -> Sight:
    """Prepare the page; ``read`` gives the parts of outputs, ``base`` is the address of the request's page."""
    near = _choose_near(page) if page.shows_content else ()
    last = last_round(page, read, near)
    outputs = _show_outputs(page, read(near) if near else {}, last, base)
    buttons = {offer.action.value: offer for offer in page.actions}
    voting = [buttons[name] for name in (Action.VOTE.value, Action.START.value) if name in buttons]
    may_vote = any(offer.allowed for offer in voting)
    undecided = tuple(output for output in outputs if not output.is_decided_by_me)
    return Sight(
        page=page,
        outputs=outputs,
        top=_most_weighty(outputs),
        buttons=buttons,
        may_vote=may_vote,
        why_no_vote="" if may_vote else next((offer.why for offer in voting), page.row.why_not),
        clear=tuple(output for output in undecided if _is_clear(output)),
        open_outputs=undecided,
        steps=_steps(page.row.state),
        fetches=tuple(event for event in page.timeline if event.action == Action.FETCH.value),
        suggestion=_suggest(outputs),
        last_round=last,
        facts={group.id: context_facts(group.context) for group in page.groups},
    )


def show_findings(
    view: OutputView, prefix: str, base: str, *, is_far: bool, is_linked: bool
) -> tuple[ShownFinding, ...]:
    """An output's findings with links to their places, on the request's page or (``is_far``) in the viewer; with the
    places in words alone where this reader is not shown the content (``is_linked`` is false)."""
    numbered = number_findings(view.findings)
    has_links = is_linked and view.canonical_sha256 is not None
    return tuple(_show_finding(item, view, prefix, base, is_far=is_far, has_links=has_links) for item in numbered)


def place_text(where: Where) -> str:
    """A place in words."""
    if where.label or where.value:
        return ": ".join(text for text in (where.label, where.value) if text)
    row = "" if where.row is None else f"row {where.row + 1}"
    column = "" if where.column is None else f"column {where.column + 1}"
    return ", ".join(text for text in (row, column) if text) or "the whole output"


def _by_urgency(page: RequestPage) -> list[OutputView]:
    """What must change first, then what needs a look, then the rest; within each as the author put them."""
    order = {Verdict.FAIL: 0, Verdict.REVIEW: 1, Verdict.PASS: 2}
    return sorted(page.outputs(), key=lambda view: order[view.verdict] if view.verdict else 0)


def _choose_near(page: RequestPage) -> Collection[str]:
    """The outputs that the page shows in place: what fits, the most urgent first."""
    left = INLINE_WEIGHT
    near = []
    for view in _by_urgency(page):
        weight = _weight(view)
        if view.canonical_sha256 is not None and weight <= left:
            left -= weight
            near.append(view.id)
    return near


def _show_outputs(
    page: RequestPage, parts: Mapping[str, Sequence[Part]], last: LastRound | None, base: str
) -> tuple[ShownOutput, ...]:
    shown = []
    for number, view in enumerate(_by_urgency(page), start=1):
        prefix, is_far = f"o{number}", view.id not in parts
        since = last.outputs.get(view.id) if last else None
        marks = marks_of(number_findings(view.findings), prefix)
        findings = show_findings(view, prefix, base, is_far=is_far, is_linked=page.shows_content)
        seen = show_parts(parts.get(view.id, ()), marks, since)
        shown.append(ShownOutput(view, prefix, findings, seen, is_far, since, correctable(view, seen)))
    return tuple(shown)


def show_parts(parts: Sequence[Part], marks: Marks, since: Since | None) -> tuple[Shown, ...]:
    """The first page of each part, with what changed in it."""
    changes = since.parts if since and since.parts else (None,) * len(parts)
    return tuple(
        show_part(index, part, marks, change=change)
        for index, (part, change) in enumerate(zip(parts, changes, strict=True))
    )


def _weight(view: OutputView) -> int:
    """About as many cells as the page gets from this output."""
    rows = sum(min(part.rows, ROWS_PER_PAGE) * max(part.columns, 1) for part in view.parts)
    return rows + sum(min(part.characters, LONGEST_TEXT) // 20 + 20 for part in view.parts)


def _show_finding(
    item: Numbered, view: OutputView, prefix: str, base: str, *, is_far: bool, has_links: bool
) -> ShownFinding:
    kinds = {part.index: part for part in view.parts}
    places = []
    for where in item.finding.where:
        part = kinds.get(where.part)
        is_text = part is not None and part.kind == "text"
        is_on_first = part.characters <= LONGEST_TEXT if part and is_text else page_of(where) == 1
        place = f"line={where.row or 0}" if is_text else f"page={page_of(where)}"
        far = f"{base}/outputs/{view.id}?part={where.part}&{place}#{anchor_of('v', where)}"
        near = f"#{anchor_of(prefix, where)}"
        href = "" if not has_links else near if is_on_first and not is_far else far
        places.append(Place(place_text(where), href))
    return ShownFinding(item, tuple(places), view.path, f"#{prefix}-f{item.number}")


def _most_weighty(outputs: Sequence[ShownOutput]) -> tuple[ShownFinding, ...]:
    findings = [finding for output in outputs for finding in output.findings]
    return tuple(sorted(findings, key=lambda finding: finding.numbered.weight))


def _is_clear(output: ShownOutput) -> bool:
    """Nothing was found that needs a person's look, and nobody whom the reader can see has objected."""
    objected = any(vote.decision is Decision.OBJECT and vote.counts for vote in output.view.votes)
    return output.can_be_approved and output.view.verdict is Verdict.PASS and not objected


def _steps(state: State) -> tuple[Step, ...]:
    now = next((number for number, (_, states) in enumerate(STEPS) if state in states), None)
    if now is None:
        return ()
    done = len(STEPS) if state is State.RELEASED else now
    return tuple(Step(label, number < done, number == now and done == now) for number, (label, _) in enumerate(STEPS))


def _suggest(outputs: Sequence[ShownOutput]) -> str:
    """What the check itself would answer the author, for the checker to edit."""
    lines = []
    for output in outputs:
        for shown in output.findings:
            finding = shown.numbered.finding
            if finding.severity is not Severity.NOTE and finding.remedy:
                lines.append(f"{output.view.path}: {finding.remedy}")
    return "\n".join(dict.fromkeys(lines))
