"""``halftide admin packages``: the list of packages and the questions for more, at the site's own machine."""

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from output_checker.desk.context import Desk
    from output_checker.desk.packages import PackageView


def add_parser(actions: Any) -> None:
    """Declare the action and what it can do."""
    parser = actions.add_parser("packages", help="what may be installed inside workspaces", description=__doc__)
    verbs = parser.add_subparsers(dest="verb_of_packages", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="open questions, the list, and what was refused")
    listing.set_defaults(work=_list)
    allow = verbs.add_parser("allow", help="put a package on the site's list, or on a project's")
    allow.add_argument("kind", help="python, conda or r")
    allow.add_argument("name")
    allow.add_argument("--versions", default="", metavar="SPECIFIER", help="such as '>=1.2,<2' (default: all)")
    allow.add_argument("--project", metavar="SLUG", help="for this project only")
    allow.add_argument("--reason", default="")
    allow.set_defaults(work=_allow)
    approve = verbs.add_parser("approve", help="answer a question with yes")
    approve.add_argument("question", help="its number, as `list` shows it")
    approve.add_argument("--versions", default="", metavar="SPECIFIER")
    approve.set_defaults(work=_approve)
    for name, work, told in (("refuse", _refuse, "answer a question with no"), ("end", _end, "take it off the list")):
        one = verbs.add_parser(name, help=told)
        one.add_argument("question", help="its number, as `list` shows it")
        one.add_argument("reason", help="for the researcher")
        one.set_defaults(work=work)


def _list(desk: "Desk", _args: argparse.Namespace) -> str:
    from output_checker.desk import packages

    found = packages.everything(desk, None)
    return "\n".join(map(_line, found)) or "Nobody has asked for a package, and none is on the list."


def _allow(desk: "Desk", args: argparse.Namespace) -> str:
    from output_checker.desk import packages

    question = packages.Question.from_text(args.kind, args.name, args.versions, args.reason)
    return _line(packages.allow(desk, None, question, args.project))


def _approve(desk: "Desk", args: argparse.Namespace) -> str:
    from output_checker.desk import packages

    return _line(packages.approve(desk, None, args.question, args.versions))


def _refuse(desk: "Desk", args: argparse.Namespace) -> str:
    from output_checker.desk import packages

    return _line(packages.refuse(desk, None, args.question, args.reason))


def _end(desk: "Desk", args: argparse.Namespace) -> str:
    from output_checker.desk import packages

    return _line(packages.end(desk, None, args.question, args.reason))


def _line(package: "PackageView") -> str:
    what = f"{package.kind} {package.name} {package.versions or '(all versions)'}"
    whom = f" asked by {package.asked_by}" if package.asked_by else ""
    return f"{package.id}  {package.state:8} {what} for {package.project or 'the whole site'}{whom}"
