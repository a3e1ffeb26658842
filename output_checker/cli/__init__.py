"""The command line: ``halftide VERB``. Each verb is a module beside this one and is imported only when it is called.

A verb's module has ``add_parser(subparsers)`` and ``run(args) -> exit code``. A failure with a text for people is
printed to standard error, never as a traceback; 3 means that the verb could not run.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from output_checker.model.errors import HalftideError

COULD_NOT_RUN = 3
VERBS = ("up", "check", "verify", "probe", "admin")


class Parser(argparse.ArgumentParser):
    """A parser that leaves the exit codes 1 and 2 to what the verbs mean by them."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line."""
        self.print_usage(sys.stderr)
        self.exit(COULD_NOT_RUN, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and give its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = Parser(prog="halftide", description="A secure analysis workspace with output checking.")
    subparsers = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    wanted = [words[0]] if words and words[0] in VERBS else VERBS
    verbs = {name: import_module(f"output_checker.cli.{name}") for name in wanted}
    for module in verbs.values():
        module.add_parser(subparsers)
    args = parser.parse_args(words)
    try:
        return int(verbs[args.verb].run(args))
    except HalftideError as error:
        sys.stderr.write(f"halftide {args.verb}: {error}\n")
        return COULD_NOT_RUN
