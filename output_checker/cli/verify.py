"""``halftide verify``: derives the ledger, the facts, the releases and the data anew and says what was checked.

Reads only. Exit code 0 when everything agrees, 2 when something does not, 3 when the check could not run.
"""

import argparse
import sys
from typing import Any

from output_checker.model.errors import BadInput


def add_parser(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("verify", help="derive everything that was recorded anew", description=__doc__)
    parser.add_argument("--state", metavar="FOLDER", help="the state folder (default: ./state)")
    parser.add_argument(
        "--checkpoint", metavar="SIZE:ROOT", help="the ledger's end as an earlier run printed it and somebody kept it"
    )


def run(args: argparse.Namespace) -> int:
    """Verify the state folder and print the report."""
    from output_checker.cli.place import state_folder
    from output_checker.desk.verify import verify

    report = verify(state_folder(args.state), _checkpoint(args.checkpoint))
    sys.stdout.write(report.to_text() + "\n")
    sys.stdout.write(f"keep this elsewhere, for --checkpoint: {report.ledger_size}:{report.ledger_root}\n")
    return 0 if report.ok else 2


def _checkpoint(text: str | None) -> Any:
    from output_checker.storage.ledger import Checkpoint

    if not text:
        return None
    size, _, root = text.partition(":")
    if not size.isdecimal() or len(root) != 64:
        raise BadInput("a checkpoint is the ledger's size and root with a colon between them, as `verify` prints it")
    return Checkpoint(int(size), root)
