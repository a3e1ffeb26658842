"""``halftide admin``: accounts, roles, projects, members and data, done by the site itself at its own machine.

Whoever may run it owns the state folder; the ledger records what is done as done by the site.
"""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from output_checker.cli import packages
from output_checker.model.errors import BadInput

if TYPE_CHECKING:
    from output_checker.desk.context import Desk


def add_parser(subparsers: Any) -> None:
    """Declare the verb and what it can do."""
    parser = subparsers.add_parser("admin", help="accounts, projects, members and data", description=__doc__)
    parser.add_argument("--state", metavar="FOLDER", help="the state folder (default: ./state)")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, help_text: str, work: Callable[..., str], *arguments: str, until: bool = False) -> Any:
        one = actions.add_parser(name, help=help_text, description=help_text)
        for argument in arguments:
            one.add_argument(argument)
        if until:
            one.add_argument("--until", metavar="DATE", type=_date, help="last day, such as 2027-03-31")
        one.set_defaults(work=work)
        return one

    action("account", "make an account, or give it a new password", _account, "name")
    action("give-role", "let somebody be a checker or an admin of this site", _give_role, "name", "role")
    action("take-role", "end that", _take_role, "name", "role")
    action("project", "make a project", _project, "slug", "title")
    action("set-state", "freeze, close or reopen a project", _set_state, "slug", "new_state")
    action("boundary", "show or change what a project's workspaces may take and show", _boundary, "slug").add_argument(
        "values", nargs="*", metavar="NAME=VALUE", help="such as window.per_day=33554432 or figures=interactive"
    )
    action("member", "let somebody work in a project", _member, "slug", "name", until=True)
    action("end-member", "end that, now", _end_member, "slug", "name")
    action("answer-probe", "answer for a failed proof of the seal, so that workspaces start", _answer, "slug", "reason")
    action("dataset", "register a dataset version (a folder with manifest.json)", _dataset, "dataset", "folder")
    action("grant", "let a project read a dataset version", _grant, "slug", "dataset", "version", until=True)
    packages.add_parser(actions)


def run(args: argparse.Namespace) -> int:
    """Do one thing and say what was done."""
    from output_checker.cli.place import state_folder
    from output_checker.desk.context import open_desk

    desk = open_desk(state_folder(args.state))
    try:
        sys.stdout.write(args.work(desk, args) + "\n")
    finally:
        desk.close()
    return 0


def _date(text: str) -> datetime:
    """The end of that day, in UTC."""
    return datetime.fromisoformat(text).replace(hour=23, minute=59, second=59, tzinfo=UTC)


def _account(desk: "Desk", args: argparse.Namespace) -> str:
    from hub_config.accounts import open_accounts, set_password
    from output_checker.cli.up import new_password
    from output_checker.desk import people

    password = new_password()
    with open_accounts(desk.state_dir) as session:
        set_password(session, args.name, password)
    people.recognise(desk, args.name)
    return f"{args.name} can log in with the password {password} and should change it at once."


def _give_role(desk: "Desk", args: argparse.Namespace) -> str:
    from output_checker.desk import people

    people.give_role(desk, None, args.name, _role(args.role))
    return f"{args.name} is a {args.role} now."


def _take_role(desk: "Desk", args: argparse.Namespace) -> str:
    from output_checker.desk import people

    people.take_role(desk, None, args.name, _role(args.role))
    return f"{args.name} is no {args.role} any more."


def _role(text: str) -> Any:
    from output_checker.desk.views import SiteRole

    try:
        return SiteRole(text)
    except ValueError as error:
        raise BadInput(f"a role is {' or '.join(SiteRole)}, not {text!r}") from error


def _project(desk: "Desk", args: argparse.Namespace) -> str:
    from output_checker.desk import projects

    projects.create(desk, None, args.slug, args.title)
    return f"The project {args.slug} is there. Next: `halftide admin member` and `halftide admin grant`."


def _set_state(desk: "Desk", args: argparse.Namespace) -> str:
    from output_checker.desk import projects

    projects.set_state(desk, None, args.slug, args.new_state)
    return f"The project {args.slug} is {args.new_state}."


def _boundary(desk: "Desk", args: argparse.Namespace) -> str:
    from output_checker.desk import projects

    if not args.values:
        values = projects.boundary_of(desk, args.slug).values()
        return "\n".join(f"{name}={_said(value)}" for name, value in values.items())
    changed = projects.set_boundary(desk, None, args.slug, dict(_named_value(text) for text in args.values))
    told = ", ".join(f"{name}={_said(value)}" for name, value in changed.unusual_values().items())
    return f"Workspaces of {args.slug} that start from now on have {told or 'the usual boundary'}."


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _named_value(text: str) -> tuple[str, Any]:
    """``name=value``; the value is JSON or, where it is none, a word."""
    name, equals, value = text.partition("=")
    if not equals:
        raise BadInput(f"a change is name=value, such as window.per_day=33554432, not {text!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _member(desk: "Desk", args: argparse.Namespace) -> str:
    from output_checker.desk import projects

    projects.add_member(desk, None, args.slug, args.name, until=args.until)
    return f"{args.name} works in {args.slug}" + (f" until {args.until:%Y-%m-%d}." if args.until else ".")


def _end_member(desk: "Desk", args: argparse.Namespace) -> str:
    from output_checker.desk import projects

    projects.end_membership(desk, None, args.slug, args.name)
    return f"{args.name} no longer works in {args.slug}; a running workspace is stopped within a minute."


def _answer(desk: "Desk", args: argparse.Namespace) -> str:
    from output_checker.desk import probes

    count = probes.answer(desk, None, args.slug, args.reason)
    return f"{count} failed proof{'s' if count > 1 else ''} of {args.slug} answered for; its workspaces start again."


def _dataset(desk: "Desk", args: argparse.Namespace) -> str:
    from output_checker.desk import datasets

    view = datasets.register(desk, None, args.dataset, Path(args.folder).absolute())
    return f"Dataset {args.dataset}, version {view.version}: {view.rows:,} rows. Next: `halftide admin grant`."


def _grant(desk: "Desk", args: argparse.Namespace) -> str:
    from output_checker.desk import projects

    projects.grant_dataset(desk, None, args.slug, args.dataset, args.version, until=args.until)
    return f"{args.slug} may read {args.dataset}, version {args.version}."
