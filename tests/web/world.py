"""A small Halftide for the web's tests: the real desk on SQLite, a hub that knows four people, and a made-up check.

The hub is not what these tests promise, so it is a table of tokens here; the system tests use the real one.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from PIL import Image as Picture

with warnings.catch_warnings():
    # the client works with the httpx that the platform has; it would like another
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

from output_checker import probes as seal
from output_checker.desk import assess, people, probes, projects, review, submit
from output_checker.desk.context import Desk, open_desk, prepare_state
from output_checker.desk.views import SiteRole
from output_checker.model import (
    Assessment,
    BadInput,
    Correction,
    Dropped,
    Finding,
    Image,
    Kind,
    Output,
    Part,
    Policy,
    RequestId,
    Severity,
    Table,
    Text,
    Where,
    digest_of,
)
from output_checker.rules.votes import Decision
from output_checker.web.app import SafeAnswers, create_app
from output_checker.web.errors import HubDown
from output_checker.web.security import form_token
from output_checker.web.settings import Settings

ORIGIN = "http://output-checker--service.localhost:8000"
PREFIX = "/services/output-checker/"
ACCESS = "access:services!service=output-checker"
PEOPLE = ("researcher", "other", "colleague", "checker1", "checker2", "admin", "auditor", "stranger")


@dataclass
class FakeHub:
    """Tokens and whom they are of. ``down`` makes it give no answer."""

    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    down: bool = False
    asked: int = 0

    async def user_of(self, token: str, session: str) -> Mapping[str, Any] | None:
        self.asked += 1
        if self.down:
            raise HubDown("The hub did not say who you are, so nobody is let in for the moment.")
        return self.tokens.get(token)

    async def token_for(self, code: str, verifier: str) -> str:
        if not code.startswith("code-of-"):
            raise BadInput("The hub did not accept this login. Log in again.")
        return f"browser-{code.removeprefix('code-of-')}"


@dataclass(frozen=True)
class MadeUp:
    """What the made-up check says."""

    output: Output
    assessment: Assessment
    sha256: str


def made_up_check(
    data: bytes, name: str, policy: Policy, folders: Sequence[Path], corrections: Sequence[Correction] = ()
) -> MadeUp:
    """Reads a CSV by splitting at commas, finds counts from 1 to 9, and shows a picture for a name that ends in png."""
    findings: list[Finding] = []
    dropped: tuple[Dropped, ...] = ()
    parts: tuple[Part, ...]
    if name.endswith(".png"):
        file = BytesIO()
        Picture.new("RGB", (640, 400), (200, 225, 225)).save(file, "PNG")
        parts, kind = (Image("", file.getvalue(), 640, 400),), Kind.IMAGE
        findings.append(Finding("G00", Severity.REVIEW, (), "A picture has to be looked at.", "Nothing to do."))
        dropped = (Dropped("png-chunk", "", "a text chunk called Software", 58),)
    elif name.endswith(".txt"):
        parts, kind = (Text("", data.decode()),), Kind.TEXT
        named = [
            Where(0, n, None, f"line {n + 1}", "id=")
            for n, line in enumerate(data.decode().split("\n"))
            if "id=" in line
        ]
        if named:
            message = "A line names a record."
            findings.append(Finding("N05", Severity.REVIEW, tuple(named), message, "Leave the line out."))
    elif name.endswith(".bad"):
        output = Output(
            Kind.UNKNOWN, "application/octet-stream", (), b"", problem="The file is of no kind that is known."
        )
        finding = Finding(
            "H01", Severity.FAIL, (), "This file could not be read.", "Save it as CSV, PNG or plain text."
        )
        return MadeUp(output, Assessment((finding,), policy.digest), digest_of(data))
    else:
        rows = [tuple(line.split(",")) for line in data.decode().splitlines()]
        parts, kind = (Table("", tuple(rows)),), Kind.TABLE
        low = [
            Where(0, r, c, f"{row[0]}, {rows[0][c]}", cell)
            for r, row in enumerate(rows)
            for c, cell in enumerate(row)
            if cell in set("123456789")
        ]
        if low:
            message = f"{len(low)} counts are below {policy.threshold}: a person could be recognised by them."
            remedy = "Combine small groups or suppress these cells and one more in the same row and column."
            findings.append(Finding("F01", Severity.FAIL, tuple(low), message, remedy, evidence="3 distinct people"))
    output = Output(kind, "text/csv", parts, data, dropped)
    return MadeUp(output, Assessment(tuple(findings), policy.digest), digest_of(data))


@dataclass
class World:
    """The parts of a test's Halftide, and short ways to move in it."""

    desk: Desk
    hub: FakeHub
    settings: Settings
    client: TestClient

    def person(self, name: str) -> Any:
        """The person of this name."""
        found = people.find(self.desk, name)
        if found is None:
            raise AssertionError(name)
        return found

    def cookies(self, name: str) -> dict[str, str]:
        """The session cookie of somebody."""
        return {"Cookie": f"halftide=browser-{name}"} if name else {}

    def get(self, path: str, name: str = "", **headers: str) -> Any:
        """Open a page as somebody."""
        self.client.cookies.clear()
        return self.client.get(PREFIX + path, headers={**self.cookies(name), **headers}, follow_redirects=False)

    def post(self, path: str, name: str, form: Mapping[str, str] | None = None, **headers: str) -> Any:
        """Send a form of our own page as somebody."""
        self.client.cookies.clear()
        fields = {"csrf": form_token(f"browser-{name}"), **(form or {})}
        sent = {**self.cookies(name), "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", **headers}
        return self.client.post(PREFIX + path, data=fields, headers=sent, follow_redirects=False)

    def submit(
        self,
        files: Mapping[str, bytes],
        *,
        title: str = "Visits by plan",
        context: str = "All 20,190 person-years, by insurance plan.",
        replaces: str | None = None,
        checked: bool = True,
        author: str = "researcher",
    ) -> RequestId:
        """Ask for a release as the researcher, and let the check run."""
        wish = submit.Wish.from_json(
            {
                "client_id": str(uuid4()),
                "title": title,
                "groups": [
                    {
                        "name": "Tables",
                        "context": context,
                        "controls": "Counts below 10 are suppressed.",
                        "paths": list(files),
                    }
                ],
                "replaces": replaces,
            }
        )
        streams = [(path, BytesIO(data)) for path, data in files.items()]
        receipt = submit.submit(self.desk, self.person(author), "rand-hie", wish, streams)
        if checked:
            self.check()
        return receipt.request_id

    def prove(self, *, hole: bool = False) -> None:
        """Records a proof of the seal of the project ``rand-hie``, or of a hole in it."""
        blocked, succeeded = seal.Outcome(seal.Verdict.BLOCKED, "EPERM"), seal.Outcome(seal.Verdict.SUCCEEDED)
        probes.order(self.desk, None, "rand-hie", probes.Why.NIGHT)
        order = probes.take(self.desk)
        assert order is not None
        tries = {name: dict.fromkeys(probe.places, blocked) for name, probe in seal.CATALOGUE.items()}
        if hole:
            got_out = seal.Outcome(seal.Verdict.SUCCEEDED, "<b>an answer</b>")
            tries["dns-udp"] = {seal.Place.KERNEL: got_out, seal.Place.TERMINAL: blocked}
        findings = tuple(seal.Finding(name, succeeded, tried) for name, tried in tries.items())
        probes.record(self.desk, order.id, seal.Proof(order.project_id, {}, findings))

    def check(self) -> None:
        """Let the worker do everything that waits."""
        while assess.work_once(self.desk, made_up_check):
            pass

    def vote(self, name: str, request_id: str, decision: Decision = Decision.APPROVE, reason: str = "") -> None:
        """Vote on all outputs of a request."""
        from output_checker.desk import queue

        page = queue.request_page(self.desk, self.person(name), request_id)
        choices = [review.Choice(o.id, o.canonical_sha256 or "", decision, reason) for o in page.outputs()]
        review.vote(self.desk, self.person(name), request_id, page.row.round, choices)


def make_world(folder: Path) -> World:
    """A fresh Halftide: two projects; researcher and colleague in rand-hie, other in grunfeld; two checkers, an admin,
    an auditor; a stranger whom only the hub knows."""
    prepare_state(folder)
    desk = open_desk(folder)
    projects.create(
        desk, None, "rand-hie", "RAND Health Insurance Experiment", lay_summary="Does free care change use?"
    )
    projects.create(desk, None, "grunfeld", "Grunfeld investment data")
    for slug, name in (("rand-hie", "researcher"), ("rand-hie", "colleague"), ("grunfeld", "other")):
        projects.add_member(desk, None, slug, name)
    for name, role in (
        ("checker1", SiteRole.CHECKER),
        ("checker2", SiteRole.CHECKER),
        ("admin", SiteRole.ADMIN),
        ("auditor", SiteRole.AUDITOR),
    ):
        people.give_role(desk, None, name, role)
    settings = Settings(
        state=folder,
        port=1,
        prefix=PREFIX,
        public_origin=ORIGIN,
        hub_origin="http://localhost:8000",
        hub_prefix="/hub/",
        hub_api_url="http://127.0.0.1:1/hub/api",
        client_id="service-output-checker",
        callback_url=f"{ORIGIN}{PREFIX}oauth_callback",
        access_scopes=frozenset({ACCESS}),
        api_token="portal-token",
    )
    hub = FakeHub()
    for name in PEOPLE:
        hub.tokens[f"browser-{name}"] = {"kind": "user", "name": name, "scopes": [ACCESS]}
        for slug in ("rand-hie", "grunfeld"):
            scope = f"custom:halftide:submit!server={name}/{slug}"
            hub.tokens[f"server-{name}-{slug}"] = {"kind": "user", "name": name, "scopes": [ACCESS, scope]}
    hub.tokens["gate"] = {"kind": "service", "name": "hub-gate", "scopes": []}
    hub.tokens["other-service"] = {"kind": "service", "name": "other", "scopes": [ACCESS]}
    app = SafeAnswers(create_app(settings, desk, hub))
    client = TestClient(app, base_url=ORIGIN, raise_server_exceptions=False)
    return World(desk, hub, settings, client)
