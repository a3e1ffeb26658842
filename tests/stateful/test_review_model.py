"""The whole life of requests under a random crowd, against a model that keeps its own books.

The model knows nothing of the database: it counts votes by hand from what it did and expects the desk to agree. After
each step the invariants hold; after each run ``verify`` derives everything again.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from output_checker.desk import assess, fetch, people, projects, queue, release, review
from output_checker.desk.verify import verify
from output_checker.model import HalftideError, Policy, digest_of
from output_checker.rules.votes import Decision
from output_checker.rules.workflow import ENDS, State
from output_checker.storage.schema import ReleaseRow, RequestRow
from tests.desk.kit import GOOD, SMALL, Site, build_site, copy_site, fake_check

RUNS = int(os.environ.get("HALFTIDE_STATEFUL_RUNS", "30"))
STEPS = 50
EVERYBODY = ("researcher", "colleague", "stranger", "admin", "checker1", "checker2", "checker3")
CONTENTS = (GOOD, GOOD, SMALL, SMALL, b"UPPER,20\n", b"UPPER,20\n", b"unreadable", b"crash")
FINAL = ENDS | {State.RELEASED}

who = st.sampled_from(EVERYBODY)
checkers = st.sampled_from(["checker1", "checker2", "checker3", "colleague"])
requests = st.integers(0, 2)


@dataclass
class Vote:
    """A vote as the model remembers it."""

    checker: str
    round: int
    digest: str
    policy: str
    decision: str
    reason: str


@dataclass
class Request:
    """A request in the model's books: its bytes, its votes, and the state that was last seen."""

    id: str
    rounds: list[list[bytes]]
    votes: dict[tuple[str, int], list[Vote]] = field(default_factory=dict)
    seen: State = State.CHECKING
    released: dict[str, str] | None = None

    @property
    def round(self) -> int:
        return len(self.rounds)


class Crowd(RuleBasedStateMachine):
    """Researchers, checkers and administrators who do what they like, as often as they like."""

    template: ClassVar[Path]
    steps: ClassVar[int] = 0
    releases: ClassVar[int] = 0

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=self.template.parent))
        self.site: Site = copy_site(self.template, self.folder / "state")
        self.books: list[Request] = []
        self.policy = Policy()
        self.conflicted: set[str] = set()
        self.moments = 0
        self.submit([GOOD])
        self.submit([SMALL, b"UPPER,20\n"])
        self.check()

    def teardown(self) -> None:
        if hasattr(self, "site"):
            report = verify(self.site.desk.state_dir)
            self.site.desk.close()
            shutil.rmtree(self.folder)
            assert report.ok, report.to_text()

    def ledger_size(self) -> int:
        return queue.audit(self.site.desk, self.site["admin"], limit=1).size

    def pick(self, number: int) -> Request | None:
        return self.books[number % len(self.books)] if self.books else None

    @contextmanager
    def refusable(self) -> Iterator[None]:
        """What is refused in words changes nothing."""
        before = self.ledger_size()
        refused = ""
        try:
            yield
        except HalftideError as error:
            refused = str(error)
        assert not refused or self.ledger_size() == before, f"refused ({refused}), but the ledger grew"

    @rule(files=st.lists(st.sampled_from(CONTENTS), min_size=1, max_size=2))
    def submit(self, files: list[bytes]) -> None:
        if len(self.books) < 3:
            client_id = str(uuid4())
            request_id = self.site.submit(*files, client_id=client_id)
            assert self.site.submit(*files, client_id=client_id) == request_id
            self.books.append(Request(request_id, [files]))

    @rule(number=requests, files=st.lists(st.sampled_from(CONTENTS), min_size=1, max_size=2))
    def resubmit(self, number: int, files: list[bytes]) -> None:
        request = self.pick(number)
        if request:
            with self.refusable():
                self.site.submit(*files, replaces=request.id)
                assert request.seen is State.RETURNED
                request.rounds.append(files)

    @rule()
    def check(self) -> None:
        for _ in range(4):
            self.site.check_all()
            self.site.clock.forward(minutes=2)

    @rule()
    def check_one_file_and_die(self) -> None:
        assess.work_once(self.site.desk, fake_check)

    @rule(
        number=requests,
        voter=st.one_of(checkers, checkers, who),
        says=st.sampled_from([("approve", ""), ("approve", "because"), ("object", "because"), ("object", "")]),
        only_first=st.booleans(),
        stale=st.sampled_from(["", "", "", "", "digest", "round"]),
    )
    def vote(self, number: int, voter: str, says: tuple[str, str], only_first: bool, stale: str) -> None:
        request, (decision, reason) = self.pick(number), says
        if not request:
            return
        outputs = self.site.page(request.id).outputs()[: 1 if only_first else None]
        digests = [digest_of(b"stale") if stale == "digest" else o.canonical_sha256 or "" for o in outputs]
        choices = [
            review.Choice(o.id, digest, Decision(decision), reason) for o, digest in zip(outputs, digests, strict=True)
        ]
        number_seen = request.round + 1 if stale == "round" else request.round
        with self.refusable():
            result = review.vote(self.site.desk, self.site[voter], request.id, number_seen, choices)
            assert result.recorded == 0 or (voter.startswith("checker") and voter not in self.conflicted)
            if result.recorded:
                assert not stale
                for position, digest in enumerate(digests):
                    cast = Vote(voter, request.round, digest, self.policy.digest, decision, reason)
                    request.votes.setdefault((voter, position), []).append(cast)

    @rule(number=requests, panel=st.permutations(["checker1", "checker2", "checker3"]), size=st.integers(1, 3))
    def a_panel_approves(self, number: int, panel: list[str], size: int) -> None:
        """What usually happens, so that the crowd gets as far as releases often enough."""
        self.check()
        for voter in panel[:size]:
            self.vote(number, voter, ("approve", "because"), False, "")

    @rule(number=requests, person=who)
    def start(self, number: int, person: str) -> None:
        request = self.pick(number)
        if request:
            with self.refusable():
                review.start(self.site.desk, self.site[person], request.id)

    @rule(number=requests, person=st.one_of(checkers, who), reason=st.sampled_from(["", "mend it"]))
    def return_it(self, number: int, person: str, reason: str) -> None:
        request = self.pick(number)
        if request:
            with self.refusable():
                review.return_for_changes(self.site.desk, self.site[person], request.id, request.round, reason)
                assert reason
                assert person.startswith("checker")

    @precondition(lambda self: self.settled())
    @rule(number=requests, person=who)
    def reject(self, number: int, person: str) -> None:
        request = self.pick(number)
        if request:
            with self.refusable():
                review.reject(self.site.desk, self.site[person], request.id, request.round, "no")
                assert person.startswith("checker")

    @precondition(lambda self: self.settled())
    @rule(number=requests, person=who)
    def withdraw(self, number: int, person: str) -> None:
        request = self.pick(number)
        if request:
            with self.refusable():
                review.withdraw(self.site.desk, self.site[person], request.id)
                assert person == "researcher"

    @rule(number=requests, person=who, public=st.booleans())
    def comment(self, number: int, person: str, public: bool) -> None:
        request = self.pick(number)
        if request:
            with self.refusable():
                review.comment(self.site.desk, self.site[person], request.id, f"from {person}", public=public)

    @rule(number=requests, person=who)
    def check_again(self, number: int, person: str) -> None:
        request = self.pick(number)
        if request:
            with self.refusable():
                review.check_again(self.site.desk, self.site[person], request.id)

    @rule(number=requests)
    def release_by_force(self, number: int) -> None:
        request = self.pick(number)
        if request:
            with self.refusable():
                release.release(self.site.desk, request.id)
                assert request.seen is State.RELEASED

    @rule(number=requests, person=who)
    def fetch(self, number: int, person: str) -> None:
        request = self.pick(number)
        if request:
            output = self.site.page(request.id).outputs()[0]
            with self.refusable():
                got = fetch.fetch_file(self.site.desk, self.site[person], request.id, output.id)
                assert person in {"researcher", "colleague"}
                assert request.released is not None
                assert digest_of(got.data) == request.released[output.path]

    @precondition(lambda self: self.settled())
    @rule(threshold=st.sampled_from([5, 10]))
    def change_the_policy(self, threshold: int) -> None:
        self.policy = Policy(threshold=threshold)
        projects.set_policy(self.site.desk, self.site["admin"], "visits", self.policy)

    def settled(self) -> bool:
        """Whether it is time for something that sets everybody back; more often would leave nothing else to see."""
        return self.moments % 4 == 3

    @precondition(lambda self: self.settled() and not self.conflicted)
    @rule(person=st.sampled_from(["checker2", "checker3"]))
    def declare_a_conflict(self, person: str) -> None:
        people.declare_conflict(self.site.desk, self.site[person], person, "visits", "a friend works there")
        self.conflicted.add(person)

    @rule(number=requests, person=st.sampled_from(["checker1", "checker2", "checker3"]))
    def look(self, number: int, person: str) -> None:
        """Whoever has not voted on everything sees nobody's votes; authors never do."""
        request = self.pick(number)
        if not request or person in self.conflicted:
            return
        page = self.site.page(request.id, person)
        decided = page.row.state in FINAL
        finished = all(self.stands(request, person, n, o.canonical_sha256 or "") for n, o in enumerate(page.outputs()))
        assert page.my_votes_complete == finished
        if not decided and not finished:
            assert all(o.votes == () and o.approvals is None for o in page.outputs())
            assert not [e for e in page.timeline if e.action in {"vote", "comment"} and e.actor != person]
            assert not [m for m in page.messages if not m.public and m.sender_name != person]
        assert "checker" not in "".join(o.path for o in page.outputs())
        assert all(o.votes == () and o.my_vote is None for o in self.site.page(request.id, "researcher").outputs())

    def stands(self, request: Request, person: str, position: int, digest: str) -> bool:
        """Whether a vote of this person on this output is about what is there now."""
        cast = [v for v in request.votes.get((person, position), []) if v.round == request.round]
        # what is decided stays judged by the policy of its time
        checked_under = self.site.page(request.id).outputs()[position].policy_digest
        under = checked_under if request.seen in FINAL else self.policy.digest
        return bool(cast) and (cast[-1].digest, cast[-1].policy, checked_under) == (digest, under, under)

    @invariant()
    def the_books_agree(self) -> None:
        if not hasattr(self, "books"):
            return
        type(self).steps += 1
        self.moments += 1
        with self.site.desk.reading() as session:
            rows = {row.id: row for row in session.scalars(select(RequestRow))}
            releases = {row.request_id: row for row in session.scalars(select(ReleaseRow))}
        assert set(rows) == {request.id for request in self.books}
        for request in self.books:
            row, out = rows[request.id], releases.get(request.id)
            assert row.round == request.round
            if request.seen in FINAL:
                assert row.state == request.seen, "an end is an end"
            if row.state == State.RELEASED and request.released is None:
                type(self).releases += 1
                self.require_enough_votes(request)
                request.released = {o.path: o.canonical_sha256 or "" for o in self.site.page(request.id).outputs()}
            assert (out is not None) == (request.released is not None)
            if out:
                assert {file["path"]: file["sha256"] for file in out.manifest["files"]} == request.released
            request.seen = State(row.state)

    def require_enough_votes(self, request: Request) -> None:
        """Nothing is out without two free people who said yes to exactly these bytes, this round, this policy."""
        for position, data in enumerate(request.rounds[-1]):
            canonical = data.decode().lower().encode()
            assert b"unreadable" not in canonical
            assert b"crash" not in canonical
            yes = set()
            for (checker, place), cast in request.votes.items():
                last = cast[-1]
                exact = (last.round, last.digest, last.policy) == (
                    request.round,
                    digest_of(canonical),
                    self.policy.digest,
                )
                reasoned = last.reason or data != SMALL
                if place == position and exact and last.decision == "approve" and reasoned:
                    yes.add(checker)
            assert len(yes - self.conflicted - {"researcher", "colleague"}) >= 2, (request, position)


def test_a_random_crowd_never_gets_anything_out_that_two_people_did_not_approve(
    tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("CRITICAL")
    memory = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else tmp_path_factory.mktemp("crowd")
    folder = Path(tempfile.mkdtemp(dir=memory))
    try:
        build_site(folder / "template").desk.close()
        Crowd.template, Crowd.steps, Crowd.releases = folder / "template", 0, 0
        run_state_machine_as_test(
            Crowd,
            settings=settings(
                max_examples=RUNS,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                database=None,
                phases=[
                    Phase.generate
                ],  # making a failing crowd smaller takes minutes, and its steps read well as they are
            ),
        )
    finally:
        shutil.rmtree(folder)
    with capsys.disabled():
        print(f"\nstateful: runs={RUNS} steps={Crowd.steps} releases={Crowd.releases} violations=0")
    assert Crowd.releases > RUNS / 20, "a crowd that never gets anything released proves little"
