"""A small site for tests: people, a project, a made-up check, and a clock that a test turns."""

import hashlib
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

from output_checker.desk import assess, people, projects, queue, review, submit
from output_checker.desk.context import Desk, open_desk, prepare_state
from output_checker.desk.views import Person, RequestPage, SiteRole
from output_checker.model import Assessment, Correction, Finding, Kind, Output, Policy, Severity, Table, Where
from output_checker.rules.votes import Decision
from output_checker.rules.workflow import State

GOOD = b"group,n\na,25\nb,31\n"
SMALL = b"group,n\na,25\nb,3\n"


@dataclass(frozen=True)
class FakeChecked:
    output: Output
    assessment: Assessment
    sha256: str


def fake_check(
    data: bytes, name: str, policy: Policy, folders: Sequence[Path], corrections: Sequence[Correction] = ()
) -> FakeChecked:
    """A check without a cage: canonical bytes are the lower-case text, a cell of 3 fails, "crash" crashes."""
    if b"crash" in data:
        raise RuntimeError("the cage died")
    text = data.decode().lower()
    problem = "could not be read" if "unreadable" in text else ""
    cells = tuple(tuple(line.split(",")) for line in text.splitlines())
    findings = [
        Finding("F01", Severity.FAIL, (Where(0, r, c, "", "3"),), "a cell of 3", "suppress it", evidence="secret")
        for r, row in enumerate(cells)
        for c, cell in enumerate(row)
        if cell == "3"
    ]
    output = Output(Kind.TABLE, "text/csv", (Table("", cells),), b"" if problem else text.encode(), (), problem)
    sha256 = hashlib.sha256(data).hexdigest()
    return FakeChecked(output, Assessment(tuple(findings), policy.digest), sha256)


@dataclass
class Clock:
    """A clock that moves a millisecond whenever somebody looks, and as far as a test wants."""

    now: datetime = datetime(2026, 3, 1, 9, tzinfo=UTC)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> datetime:
        with self.lock:
            self.now += timedelta(milliseconds=1)
            return self.now

    def forward(self, **step: float) -> None:
        with self.lock:
            self.now += timedelta(**step)


@dataclass
class Site:
    """The desk with its people: researcher (member), colleague (member and checker), three checkers, admin."""

    desk: Desk
    clock: Clock
    people: dict[str, Person]

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    def check_all(self) -> None:
        while assess.work_once(self.desk, fake_check):
            pass

    def submit(self, *files: bytes, replaces: str | None = None, client_id: str | None = None) -> str:
        contents = files or (GOOD,)
        paths = [f"out/table-{n}.csv" for n in range(len(contents))]
        wish = submit.Wish.from_json(
            {
                "client_id": client_id or str(uuid4()),
                "title": "Visits by group",
                "groups": [{"name": "Tables", "context": "all people", "controls": "none", "paths": paths}],
                "replaces": replaces,
            }
        )
        sent = [(path, BytesIO(data)) for path, data in zip(paths, contents, strict=True)]
        return submit.submit(self.desk, self["researcher"], "visits", wish, sent).request_id

    def submitted(self, *files: bytes) -> str:
        """A request that waits for checkers."""
        request_id = self.submit(*files)
        self.check_all()
        return request_id

    def page(self, request_id: str, who: str = "admin") -> RequestPage:
        return queue.request_page(self.desk, self[who], request_id)

    def state(self, request_id: str) -> State:
        return self.page(request_id).row.state

    def vote(self, who: str, request_id: str, decision: str = "approve", reason: str = "") -> review.VoteResult:
        """The person votes the same on every output that they see now."""
        page = self.page(request_id)
        choices = [
            review.Choice(output.id, output.canonical_sha256 or "", Decision(decision), reason)
            for output in page.outputs()
        ]
        return review.vote(self.desk, self[who], request_id, page.row.round, choices)

    def released(self, *files: bytes) -> str:
        request_id = self.submitted(*files)
        self.vote("checker1", request_id)
        self.vote("checker2", request_id)
        return request_id


CHECKERS = ("checker1", "checker2", "checker3", "colleague")


def build_site(state: Path) -> Site:
    """A new site in this folder."""
    prepare_state(state)
    clock = Clock()
    desk = open_desk(state, clock)
    for name in CHECKERS:
        people.give_role(desk, None, name, SiteRole.CHECKER)
    people.give_role(desk, None, "admin", SiteRole.ADMIN)
    projects.create(desk, None, "visits", "Visits to the doctor")
    projects.create(desk, None, "other", "Another project")
    for name in ("researcher", "colleague"):
        projects.add_member(desk, None, "visits", name)
    projects.add_member(desk, None, "other", "stranger")
    return _with_people(desk, clock)


def copy_site(template: Path, state: Path) -> Site:
    """A site that starts where the template stands, which is quicker than building it."""
    shutil.copytree(template, state)
    clock = Clock(Clock().now + timedelta(seconds=10))
    return _with_people(open_desk(state, clock), clock)


def _with_people(desk: Desk, clock: Clock) -> Site:
    names = (*CHECKERS, "admin", "researcher", "stranger")
    return Site(desk, clock, {name: people.recognise(desk, name) for name in names})
