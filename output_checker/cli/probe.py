"""``halftide probe PROJECT``: has a running Halftide prove that the workspaces of a project are sealed.

Exit code 0 when everything that was tried was stopped, 2 when something was not, 3 when the probes could not run.
"""

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING, Any

from output_checker.model.errors import Broken

if TYPE_CHECKING:
    from output_checker.desk.context import Desk
    from output_checker.desk.proofs import ProofView

BEGIN = 20.0
"""Seconds after which nobody seems to take the order, when no other run goes on."""


def add_parser(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("probe", help="prove that a project's workspaces are sealed", description=__doc__)
    parser.add_argument("project", help="the project's short name")
    parser.add_argument("--state", metavar="FOLDER", help="the state folder (default: ./state)")
    parser.add_argument("--json", action="store_true", help="print the whole proof as JSON instead of text")
    parser.add_argument("--all", action="store_true", help="name every probe, not only those that failed")


def run(args: argparse.Namespace) -> int:
    """Order a run, wait for it and print what it found."""
    from output_checker.cli.place import state_folder
    from output_checker.desk import probes
    from output_checker.desk.context import open_desk
    from output_checker.desk.proofs import proof_view

    desk = open_desk(state_folder(args.state))
    try:
        key = probes.order(desk, None, args.project, probes.Why.ASKED)
        passed = _wait(desk, key)
        view = proof_view(desk, args.project)
        sys.stdout.write(_as_json(view) if args.json else _as_text(view, everything=args.all))
    finally:
        desk.close()
    return 0 if passed else 2


def _wait(desk: "Desk", key: str) -> bool:
    """Tell what the run is doing until it is over; whether it passed. Raises Broken when it could not be made."""
    from output_checker.desk import probes
    from output_checker.desk.proofs import OrderState

    said, ordered = "", time.monotonic()
    while True:
        now = probes.progress(desk, key)
        if now.text != said and now.state is OrderState.RUNNING:
            said = now.text
            sys.stderr.write(f"{said} ...\n")
        if now.state is OrderState.DONE:
            return bool(now.passed)
        if now.state is OrderState.BROKEN:
            raise Broken(f"the probes could not run, so nothing is proved: {now.text}")
        waited = time.monotonic() - ordered
        if now.state is OrderState.WAITING and waited > BEGIN and not probes.workspaces(desk):
            probes.withdraw(desk, key)
            raise Broken("nobody runs probes here: Halftide has to be up (`halftide up`) on this state folder")
        time.sleep(0.2)


def _as_json(view: "ProofView") -> str:
    told = None if view.proof is None else view.proof.as_mapping()
    at = None if view.at is None else view.at.isoformat()
    document = {"standing": view.standing, "at": at, "proof": told, "signature": view.signature, "key": view.public_key}
    return json.dumps(document, indent=2) + "\n"


def _as_text(view: "ProofView", *, everything: bool) -> str:
    proof = view.proof
    if proof is None:
        return "There is no proof of this project.\n"
    lines = []
    for finding in proof.findings if everything else proof.failures:
        tries = ", ".join(f"{place}: {told.verdict} {told.detail}" for place, told in finding.tries.items())
        what = finding.probe.tries if finding.probe else finding.name
        lines.append(f"{finding.shown:>14}  {finding.name}: {what} ({tries}; control: {finding.control.verdict})")
    lines.append("Everything that was tried was stopped." if proof.passed else "THE WORKSPACE IS NOT PROVEN SEALED.")
    return "\n".join([*lines, proof.figures()]) + "\n"
