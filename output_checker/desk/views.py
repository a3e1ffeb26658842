"""What pages and programs are told: frozen values, already cut down to what their reader may see.

Nothing here reaches a database, and no value holds bytes of an output.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from output_checker.model import Boundary, Dropped, Finding, PersonId, Policy, ProjectId, RequestId, Side, Verdict
from output_checker.rules.changes import Filed
from output_checker.rules.votes import Decision
from output_checker.rules.workflow import Offer, Relation, State


class SiteRole(StrEnum):
    """What a person is on this site, whatever the project."""

    ADMIN = "admin"
    CHECKER = "checker"
    AUDITOR = "auditor"


@dataclass(frozen=True)
class Person:
    """Somebody whom the hub has logged in. ``hub_name`` is a label; ``id`` is the key."""

    id: PersonId
    hub_name: str
    name: str
    roles: frozenset[SiteRole] = frozenset()

    def has(self, role: SiteRole) -> bool:
        """Whether the person has the role on this site."""
        return role in self.roles


@dataclass(frozen=True)
class FindingCounts:
    """How many findings of each weight."""

    fail: int = 0
    review: int = 0
    note: int = 0


@dataclass(frozen=True)
class RequestRow:
    """A request in a list. ``my_progress`` is "", "not started", "started" or "done" (this checker's own votes)."""

    id: RequestId
    number: int
    title: str
    project_slug: str
    project_title: str
    author: str
    state: State
    state_text: str
    round: int
    submitted_at: datetime
    updated_at: datetime
    outputs: int
    findings: FindingCounts
    my_progress: str = ""
    may_vote: bool = False
    why_not: str = ""


@dataclass(frozen=True)
class VoteView:
    """A vote that the reader may see. ``counts`` is false when bytes, round or policy have changed since."""

    checker: str
    decision: Decision
    reason: str
    at: datetime
    round: int
    counts: bool


@dataclass(frozen=True)
class CorrectionView:
    """What somebody says that a column or row holds; used by the check unless it was refused."""

    id: str
    side: Side
    text: str
    why: str
    at: datetime
    refused_at: datetime | None


@dataclass(frozen=True)
class PartSummary:
    """A part of an output without its content: what it is, and how large."""

    index: int
    kind: str
    name: str
    rows: int = 0
    columns: int = 0
    characters: int = 0
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class OutputView:
    """A file of the current round. ``verdict`` is None while the check is running; sizes are in bytes."""

    id: str
    path: str
    sha256: str
    size: int
    canonical_sha256: str | None
    canonical_size: int
    kind: str | None
    media_type: str
    verdict: Verdict | None
    problem: str
    policy_digest: str | None
    findings: tuple[Finding, ...]
    dropped: tuple[Dropped, ...]
    parts: tuple[PartSummary, ...]
    corrections: tuple[CorrectionView, ...] = ()
    my_vote: VoteView | None = None
    votes: tuple[VoteView, ...] = ()
    approvals: int | None = None
    """Approvals so far, where the reader may know; None where they may not."""


@dataclass(frozen=True)
class EarlierView:
    """A file of the round before, without its content: what it was, what was said about it, and how large it is."""

    file: Filed
    parts: tuple[PartSummary, ...] = ()


@dataclass(frozen=True)
class GroupView:
    """Files that belong together, with what their author says about them."""

    id: str
    name: str
    context: str
    controls: str
    outputs: tuple[OutputView, ...]


@dataclass(frozen=True)
class MessageView:
    """A message about a request. ``kind`` is "return", "reject" or "comment"; ``sender`` is "author" or "checker"."""

    at: datetime
    sender: str
    sender_name: str
    kind: str
    text: str
    public: bool
    round: int


@dataclass(frozen=True)
class ReleasedFileView:
    """A file that is out: its digest is that of the canonical bytes that were approved."""

    output_id: str
    path: str
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True)
class ReleaseView:
    """What went out and when; ``fetches`` counts downloads."""

    id: str
    at: datetime
    round: int
    files: tuple[ReleasedFileView, ...]
    fetches: int


@dataclass(frozen=True)
class EventView:
    """A row of the ledger in words. ``payload`` is what the row holds."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    text: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    request_id: str | None = None
    request_number: int | None = None


@dataclass(frozen=True)
class DatasetView:
    """A dataset version. ``path`` is its folder on this machine; ``until`` is when a project's grant ends."""

    slug: str
    version: str
    name: str
    path: str
    manifest_sha256: str
    rows: int
    columns: int
    until: datetime | None = None


@dataclass(frozen=True)
class RequestPage:
    """Everything that this reader may see of a request."""

    row: RequestRow
    viewer_is: Relation
    shows_content: bool
    """Whether this reader is shown what stands in the outputs, see ``page.read_parts``."""
    groups: tuple[GroupView, ...]
    messages: tuple[MessageView, ...]
    actions: tuple[Offer, ...]
    votes_needed: int
    policy: Policy
    datasets: tuple[DatasetView, ...]
    release: ReleaseView | None
    timeline: tuple[EventView, ...]
    rounds: int
    my_votes_complete: bool = False
    earlier: tuple[EarlierView, ...] = ()
    """The files of the round before this one, for telling what changed; empty in the first round."""

    def outputs(self) -> tuple[OutputView, ...]:
        """The files of all groups, in order."""
        return tuple(output for group in self.groups for output in group.outputs)


@dataclass(frozen=True)
class ProjectView:
    """A project, for its member or for an administrator. ``until`` is when this reader's access ends."""

    id: ProjectId
    slug: str
    title: str
    lay_summary: str
    state: str
    role: str
    until: datetime | None
    may_start: bool
    why_not: str
    datasets: tuple[DatasetView, ...]
    members: tuple[str, ...]
    policy: Policy
    boundary: Boundary
    open_requests: int = 0


@dataclass(frozen=True)
class ListedPerson:
    """Somebody in the list of people, with the short names of the projects that they are a member of now."""

    person: Person
    projects: tuple[str, ...]


@dataclass(frozen=True)
class AuditPage:
    """A page of the ledger, newest first. ``next_before`` is where the next page begins; None when this is the last."""

    events: tuple[EventView, ...]
    next_before: int | None
    size: int
    root: str
