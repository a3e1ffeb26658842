"""The prover's probes against a real hub: everything that is tried from a kernel and a terminal is stopped.

Each probe's control succeeds outside in the same run. Afterwards a sandbox whose network was left open is found out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from output_checker.cli import main
from output_checker.desk import datasets, people, projects
from output_checker.desk.context import open_desk, prepare_state
from output_checker.desk.proofs import ProofView, Standing, proof_view
from output_checker.desk.views import SiteRole
from output_checker.probes import CATALOGUE, LEAST, Family, Finding, Proof, Shown, Verdict
from tests.system.running import Answer, Halftide, demo_datasets, environment, start

pytestmark = [pytest.mark.attack, pytest.mark.system]

SLUG = "rand-hie"
OPEN_NETWORK = """#!/bin/sh
# bubblewrap as it is, but for kernels and terminals: they keep the network that they were started in
for word; do
    shift
    case "$word" in
        --unshare-all) set -- "$@" --unshare-all --share-net ;;
        *) set -- "$@" "$word" ;;
    esac
done
exec /usr/bin/bwrap "$@"
"""
INSTALLS_IT = """
import sys
if "jupyterhub" in sys.orig_argv:
    from output_checker import sandbox

    whole = sandbox.workspace_server

    def workspace_server(*words, **named):
        line = whole(*words, **named)
        place = line.index("--remount-ro")
        return [*line[:place], "--ro-bind", {folder!r}, "/usr/local/bin", *line[place:]]

    sandbox.workspace_server = workspace_server
"""
"""A sitecustomize for the hub: the server finds another bubblewrap first."""


@dataclass(frozen=True)
class Proved:
    """A Halftide with one project, which was probed, and what a member met who wanted to start there."""

    running: Halftide
    exit_code: int
    first_start: Answer

    @property
    def view(self) -> ProofView:
        desk = open_desk(self.running.state)
        try:
            return proof_view(desk, SLUG)
        finally:
            desk.close()

    @property
    def proof(self) -> Proof:
        proof = self.view.proof
        assert proof is not None, self.view.problem
        return proof

    def start(self) -> Answer:
        return self.running.visitor("researcher").start_workspace("researcher", SLUG, patience=150)


def prove(folder: Path, **more: str) -> Proved:
    state = folder / "state"
    prepare_state(state)
    desk = open_desk(state)
    projects.create(desk, None, SLUG, "A project with data")
    projects.add_member(desk, None, SLUG, "researcher")
    people.give_role(desk, None, "admin", SiteRole.ADMIN)
    version = datasets.register(desk, None, SLUG, demo_datasets() / SLUG / "1")
    projects.grant_dataset(desk, None, SLUG, SLUG, version.version)
    desk.close()
    running = start(folder, environment(state, HALFTIDE_PROBES="1", **more), "--no-demo")
    running.passwords = {name: account(state, name) for name in ("researcher", "admin")}
    asked = main(["probe", SLUG, "--json", "--state", str(state)])  # it joins the run that the start has ordered
    proved = Proved(running, asked, Answer(0, "", "", {}))
    return replace(proved, first_start=proved.start())


def account(state: Path, name: str) -> str:
    """A new account's password."""
    from hub_config.accounts import open_accounts, set_password

    with open_accounts(state) as session:
        set_password(session, name, f"a password for {name}")
    return f"a password for {name}"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proved]:
    proved = prove(tmp_path_factory.mktemp("sealed"))
    try:
        yield proved
    finally:
        proved.running.stop()


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proved]:
    """The same with a defence off: kernels and terminals keep the server's network."""
    folder = tmp_path_factory.mktemp("leaky")
    programs, site = folder / "programs", folder / "site"
    for place in (programs, site):
        place.mkdir()
    (programs / "bwrap").write_text(OPEN_NETWORK)
    (programs / "bwrap").chmod(0o755)
    (site / "sitecustomize.py").write_text(INSTALLS_IT.replace("{folder!r}", repr(str(programs))))
    proved = prove(folder, PYTHONPATH=str(site))
    try:
        yield proved
    finally:
        proved.running.stop()


def finding(proof: Proof, name: str) -> Finding:
    (found,) = [each for each in proof.findings if each.name == name]
    return found


@pytest.mark.parametrize("name", CATALOGUE)
def test_what_a_researcher_tries_is_stopped(name: str, sealed: Proved) -> None:
    found = finding(sealed.proof, name)
    if found.shown is Shown.LEFT_OUT:
        pytest.skip(f"this machine refuses it to everybody ({found.control.detail})")
    assert found.control.verdict is Verdict.SUCCEEDED, f"the control must succeed: {found.control}"
    assert found.shown is Shown.BLOCKED, found


def test_the_proof_lets_the_member_in_and_is_on_the_projects_page(
    sealed: Proved, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = sealed.proof
    with capsys.disabled():
        print(f"\n{proof.figures()}")
    assert (proof.passed, sealed.exit_code) == (True, 0)
    assert len(proof.of(Shown.BLOCKED)) >= 2 * LEAST
    assert (sealed.first_start.status, "/user/researcher/" in sealed.first_start.url) == (200, True)
    page = f"{sealed.running.portal}projects/{SLUG}"
    told = sealed.running.visitor("admin").ask(page).main
    assert "Proof of the seal proven" in told
    assert "tcp-loopback" in told
    mine = sealed.running.visitor("researcher").ask(page).main
    assert "Proof of the seal proven" in mine
    assert "tcp-loopback" not in mine, "single probes are for administrators"


def test_nothing_of_the_run_is_left_behind(sealed: Proved) -> None:
    state = sealed.running.state
    assert [path for path in (state / "probes").rglob("*") if path.is_file()] == []
    assert "halftide-prover" not in sealed.running.visitor("admin").ask(f"{sealed.running.portal}people").main
    assert main(["verify", "--state", str(state)]) == 0


def test_nobody_can_be_the_prover(sealed: Proved, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["admin", "--state", str(sealed.running.state), "account", "halftide-prover"]) == 3
    assert "nobody has it" in capsys.readouterr().err
    visitor = sealed.running.visitor("researcher")
    assert visitor.ask(f"/hub/spawn/halftide-prover/{SLUG}").status == 404


def test_an_open_network_is_found_out(leaky: Proved) -> None:
    proof = leaky.proof
    assert (proof.passed, leaky.exit_code) == (False, 2)
    families = {found.probe.family for found in proof.of(Shown.SUCCEEDED) if found.probe}
    assert {Family.NETWORK, Family.SERVICES, Family.SERVER, Family.SOCKETS} <= families
    assert finding(proof, "tcp-loopback").shown is Shown.SUCCEEDED
    assert finding(proof, "data-new-file").shown is Shown.BLOCKED, "what still holds is told apart"


def test_a_failure_stops_starts_until_somebody_answers_for_it(leaky: Proved) -> None:
    assert leaky.first_start.status == 403
    assert "has to answer for it" in leaky.first_start.main
    state = ["--state", str(leaky.running.state)]
    admin = leaky.running.visitor("admin")
    page = f"{leaky.running.portal}projects/{SLUG}"
    assert "Why workspaces may start again all the same" in admin.ask(page).main
    assert main(["admin", *state, "answer-probe", SLUG, "A trial without real data."]) == 0
    assert "A trial without real data." in admin.ask(page).main
    assert leaky.view.standing is Standing.ANSWERED
    assert leaky.start().status == 200
    assert main(["verify", *state]) == 0
