"""A request's page for one reader: what matters to them, and nothing that they may not see yet.

Authors and members see findings, public messages and the outcome; checkers also see evidence and, once their own votes
are complete, what others voted. Names of checkers are not told to authors.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from output_checker.desk import corrections, datasets, reports
from output_checker.desk.ballots import Box, open_box, outputs_of
from output_checker.desk.context import Desk
from output_checker.desk.events import DECIDED, event_views, is_own_or_open, sees_votes
from output_checker.desk.moves import find_request, refuse_unknown, roles_of, standing_of
from output_checker.desk.projects import grants_of, policy_of_row
from output_checker.desk.release import files_of, find_release
from output_checker.desk.rows import request_views
from output_checker.desk.views import (
    EarlierView,
    EventView,
    GroupView,
    MessageView,
    OutputView,
    Person,
    ReleasedFileView,
    ReleaseView,
    RequestPage,
    SiteRole,
    VoteView,
)
from output_checker.model import BadInput, Finding, Image, NotFound, Part, RequestId, Verdict
from output_checker.rules import votes
from output_checker.rules.changes import Filed
from output_checker.rules.votes import Decision, Tally
from output_checker.rules.workflow import OPEN, Relation, Standing, State, offers
from output_checker.storage import schema

AUTHOR_PLACES = 24
AUTHOR_LABEL = 80
"""So many places of a finding, with labels of so many characters, are shown to authors and members."""


@dataclass(frozen=True)
class _Look:
    """A reader in front of a request."""

    desk: Desk
    session: Session
    who: Person
    request: schema.RequestRow
    standing: Standing
    role: Relation
    now: datetime
    box: Box
    tally: Tally
    sees_votes: bool

    @property
    def is_desk(self) -> bool:
        """Whether this reader looks from the desk's side: a checker, admin or auditor outside the project."""
        return self.role in {Relation.CHECKER, Relation.ADMIN}


def request_page(desk: Desk, who: Person, request_id: str) -> RequestPage:
    """Everything that this reader may see of the request. Raises NotFound when they may not know that it exists."""
    with desk.reading() as session:
        look = _look(desk, session, who, find_request(session, request_id))
        policy = policy_of_row(look.request.project)
        row = request_views(session, who, look.now, [look.request], look.role)[0]
        granted = grants_of(session, look.request.project_id, look.now)
        return RequestPage(
            row=row,
            viewer_is=look.role,
            shows_content=_may_see_content(look.role, look.request, look.request.round),
            groups=_groups(look),
            messages=_messages(look),
            actions=offers(State(look.request.state), look.standing),
            votes_needed=policy.approvals,
            policy=policy,
            datasets=tuple(datasets.dataset_view(desk, grant.version, grant.ends) for grant in granted),
            release=_release(look),
            timeline=_timeline(look),
            rounds=look.request.round,
            my_votes_complete=votes.has_voted_on_all(who.id, look.box.candidates, look.box.ballots, look.box.ask),
            earlier=_earlier(look),
        )


def find_by_number(desk: Desk, who: Person, number: int) -> RequestId:
    """The key of the request with this number. Raises NotFound when there is none or this reader may not know it."""
    with desk.reading() as session:
        wanted = select(schema.RequestRow).where(schema.RequestRow.number == number)
        request = session.scalar(wanted) if number < 2**31 else None
        if request is None:
            raise NotFound("There is no such request, or you may not see it.")
        _require_reader(session, who, request, desk.clock())
        return RequestId(request.id)


def read_parts(desk: Desk, who: Person, output_id: str) -> tuple[Part, ...]:
    """The parts of an output's canonical form, for the viewer. Raises NotFound; empty when nothing could be read."""
    with desk.reading() as session:
        output = session.get(schema.OutputRow, output_id) if len(output_id) <= 36 else None
        if output is None:
            raise NotFound("There is no such output, or you may not see it.")
        request = find_request(session, output.request_id)
        relation = _require_reader(session, who, request, desk.clock())[1]
        digest = output.parts_sha256 if _may_see_content(relation, request, output.round) else None
    return reports.parts_from_bytes(desk.blobs.read(digest)) if digest else ()


def read_all_parts(
    desk: Desk, who: Person, request_id: str, only: Collection[str] | None = None
) -> Mapping[str, tuple[Part, ...]]:
    """The parts of a request's outputs, of earlier rounds too, by output; of those in ``only`` where it is given.

    Asks once whether this reader may see the request. Raises NotFound; empty where nothing could be read.
    """
    output = schema.OutputRow
    with desk.reading() as session:
        request = find_request(session, request_id)
        relation = _require_reader(session, who, request, desk.clock())[1]
        found = select(output.id, output.parts_sha256, output.round).where(output.request_id == request.id)
        if only is not None:
            found = found.where(output.id.in_(only))
        digests = {
            row.id: row.parts_sha256 if _may_see_content(relation, request, row.round) else None
            for row in session.execute(found)
        }
    kept = {digest: reports.parts_from_bytes(desk.blobs.read(digest)) for digest in {*digests.values()} if digest}
    return {key: kept[digest] if digest else () for key, digest in digests.items()}


def read_part_image(desk: Desk, who: Person, output_id: str, index: int) -> Image:
    """A picture among an output's parts. Raises NotFound, BadInput when the part is no picture."""
    parts = read_parts(desk, who, output_id)
    if not 0 <= index < len(parts):
        raise NotFound("The output has no such part.")
    part = parts[index]
    if not isinstance(part, Image):
        raise BadInput("This part of the output is no picture.")
    return part


def _look(desk: Desk, session: Session, who: Person, request: schema.RequestRow) -> _Look:
    now = desk.clock()
    standing, role = _require_reader(session, who, request, now)
    box = _box_of_its_time(open_box(session, request, now), State(request.state))
    sees = sees_votes(who, State(request.state), standing, box)
    return _Look(desk, session, who, request, standing, role, now, box, box.tally(), sees)


def _may_see_content(relation: Relation, request: schema.RequestRow, round_: int) -> bool:
    """Whether this reader is shown what stands in an output. Author and members have it in the workspace; from the
    portal they get it once it is released, or a request would itself be a way out."""
    if relation in {Relation.AUTHOR, Relation.MEMBER}:
        return request.state == State.RELEASED and round_ == request.round
    return True


def _require_reader(
    session: Session, who: Person, request: schema.RequestRow, now: datetime
) -> tuple[Standing, Relation]:
    """As what somebody looks at a request. Raises what ``refuse_unknown`` says when they may not know of it."""
    standing = standing_of(session, who, request, now)
    for relation in (Relation.AUTHOR, Relation.MEMBER, Relation.CHECKER):
        if relation in standing.relations:
            return standing, relation
    if roles_of(session, who.id, now) & {SiteRole.ADMIN, SiteRole.AUDITOR}:
        return standing, Relation.ADMIN
    raise refuse_unknown(session, who, standing, now)


def _earlier(look: _Look) -> tuple[EarlierView, ...]:
    """The files of the last round with what was said about them."""
    if look.request.round == 1:
        return ()
    group, number = schema.OutputGroupRow, look.request.round - 1
    found = select(group).where(group.request_id == look.request.id, group.round == number)
    said = {row.id: row for row in look.session.scalars(found)}
    return tuple(
        EarlierView(
            Filed(row.id, row.path, row.sha256, row.canonical_sha256, one.context, one.controls),
            reports.summaries_of(row.report),
        )
        for row in outputs_of(look.session, look.request, number)
        for one in (said[row.group_id],)
    )


def _box_of_its_time(box: Box, state: State) -> Box:
    """For showing what is over: its votes were given under the policy of their time, whatever the project's is now."""
    digest = next((candidate.policy_digest for candidate in box.candidates if candidate.policy_digest), None)
    if state in OPEN or digest is None:
        return box
    return replace(box, ask=replace(box.ask, policy_digest=digest))


def _groups(look: _Look) -> tuple[GroupView, ...]:
    group = schema.OutputGroupRow
    found = select(group).where(group.request_id == look.request.id, group.round == look.request.round)
    shown = _visible_votes(look)
    said = corrections.views_of(look.session, [output.id for output in look.box.outputs])
    return tuple(
        GroupView(
            id=row.id,
            name=row.name,
            context=row.context,
            controls=row.controls,
            outputs=tuple(
                replace(_output(look, output, shown), corrections=said[output.id])
                for output in look.box.outputs
                if output.group_id == row.id
            ),
        )
        for row in look.session.scalars(found.order_by(group.position))
    )


def _output(look: _Look, row: schema.OutputRow, shown: Mapping[str, Sequence[VoteView]]) -> OutputView:
    findings = reports.findings_of(row.report)
    mine = [vote for vote in shown.get(row.id, ()) if vote.checker == look.who.hub_name]
    others = [vote for vote in shown.get(row.id, ()) if vote.checker != look.who.hub_name]
    return OutputView(
        id=row.id,
        path=row.path,
        sha256=row.sha256,
        size=row.size,
        canonical_sha256=row.canonical_sha256,
        canonical_size=row.canonical_size or 0,
        kind=row.kind,
        media_type=row.media_type or "",
        verdict=Verdict(row.verdict) if row.verdict else None,
        problem=(row.report or {}).get("problem", ""),
        policy_digest=row.policy_digest,
        findings=findings if look.is_desk else tuple(_for_author(finding) for finding in findings),
        dropped=reports.dropped_of(row.report),
        parts=reports.summaries_of(row.report),
        my_vote=mine[-1] if mine else None,
        votes=tuple(others),
        approvals=len(look.tally.approvers[row.id]) if look.is_desk and look.sees_votes else None,
    )


def _for_author(finding: Finding) -> Finding:
    """A finding without what the data say, and with some of its places: enough to find the cells in the workspace, and
    no way to read a table through what is wrong with it."""
    places = tuple(replace(where, label=where.label[:AUTHOR_LABEL]) for where in finding.where[:AUTHOR_PLACES])
    return replace(finding, evidence="", where=places)


def _visible_votes(look: _Look) -> Mapping[str, Sequence[VoteView]]:
    """The latest vote of each person on each output that this reader may see; authors see outcomes, not votes."""
    if not look.is_desk:
        return {}
    box = look.box
    reader = votes.Reader(
        look.who.id, Relation.CHECKER in look.standing.relations, State(look.request.state) in DECIDED
    )
    seen = set(votes.latest(votes.visible(reader, box.candidates, box.ballots, box.ask)))
    people = select(schema.PersonRow).where(schema.PersonRow.id.in_({row.checker_id for row in box.votes}))
    names = {person.id: person.hub_name for person in look.session.scalars(people)}
    candidates = {candidate.output: candidate for candidate in box.candidates}
    shown: dict[str, dict[str, VoteView]] = {}
    for row, ballot in zip(box.votes, box.ballots, strict=True):
        candidate = candidates.get(row.output_id)
        if ballot in seen and candidate is not None:
            shown.setdefault(row.output_id, {})[row.checker_id] = VoteView(
                checker=names[row.checker_id],
                decision=Decision(row.decision),
                reason=row.reason,
                at=row.at,
                round=row.round,
                counts=votes.counts(ballot, candidate, box.ask) and ballot.checker not in box.excluded,
            )
    return {output: tuple(views.values()) for output, views in shown.items()}


def _messages(look: _Look) -> tuple[MessageView, ...]:
    message, person = schema.MessageRow, schema.PersonRow
    found = select(message, person).join(person).where(message.request_id == look.request.id).order_by(message.at)
    open_to_desk = look.is_desk and look.sees_votes
    return tuple(
        MessageView(
            at=row.at,
            sender="author" if row.person_id == look.request.author_id else "checker",
            sender_name=sender.hub_name if look.is_desk or row.person_id == look.request.author_id else "",
            kind=row.kind,
            text=row.text,
            public=row.public,
            round=row.round,
        )
        for row, sender in look.session.execute(found)
        if row.public or row.person_id == look.who.id or open_to_desk
    )


def _release(look: _Look) -> ReleaseView | None:
    row = find_release(look.session, look.request)
    if row is None:
        return None
    fetch = schema.FetchRow
    fetches = look.session.scalar(select(func.count()).select_from(fetch).where(fetch.release_id == row.id))
    files = tuple(ReleasedFileView(f.output_id, f.path, f.sha256, f.size, f.media_type) for f in files_of(row))
    return ReleaseView(row.id, row.at, row.round, files, fetches or 0)


def _timeline(look: _Look) -> tuple[EventView, ...]:
    entry = schema.LedgerRow
    found = select(entry).where(entry.subject == look.request.subject()).order_by(entry.seq)
    rows = [row for row in look.session.scalars(found) if look.sees_votes or is_own_or_open(look.who, row)]
    events = event_views(look.session, rows)
    if look.is_desk:
        return events
    own = look.request.author.hub_name
    people = {look.who.hub_name, own, "Halftide"}
    return tuple(
        replace(event, actor=event.actor if event.actor in people else "a checker", payload={})
        for event in events
        if event.action not in {"vote", "comment"}
    )
