"""Writes the pages of ``docs/`` that the code already says: states, rules, policies, routes, settings.

``python docs/generate.py`` rewrites them. Promises that a page follows from the code alone: no clock, no machine, no
running Halftide. What no code says (a sentence for a setting, say) stands here in a table, and a gap in it is an error.
"""

# ruff: noqa: INP001 - a script, not a package

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
NOTE = "<!-- Written by docs/generate.py; change the code, then run: .venv/bin/python docs/generate.py -->"
RULE_ID = re.compile(r"\b[A-Z]\d{2}\b")


def pages() -> dict[str, str]:
    """Each generated page by its name beneath ``docs/``."""
    made = {
        "states.md": states(),
        "rules.md": rules(),
        "policies.md": policies(),
        "routes.md": routes(),
        "settings.md": settings(),
    }
    return {name: f"{NOTE}\n\n{text.rstrip()}\n" for name, text in made.items()}


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table. A cell's bars and line ends can't break it."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split())) or "-"


def code(text: object) -> str:
    """The text as code."""
    return f"`{text}`"


@cache
def _tree(file: str) -> ast.Module:
    return ast.parse(Path(file).read_text(encoding="utf-8"))


def field_docs(kind: type) -> dict[str, str]:
    """The sentences under the fields of a dataclass."""
    for node in _tree(inspect.getfile(kind)).body:
        if isinstance(node, ast.ClassDef) and node.name == kind.__name__:
            return dict(_documented(node.body))
    raise LookupError(f"{kind.__name__} is not in its file")


def _documented(body: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    for field, after in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            yield field.target.id, str(after.value.value)


# --- states -----------------------------------------------------------------------------------------------------------


def states() -> str:
    """The life of a request."""
    from output_checker.rules import workflow as w

    people = {
        w.Relation.AUTHOR: "the author",
        w.Relation.MEMBER: "a member of the project",
        w.Relation.CHECKER: "a checker without a part in the project",
        w.Relation.ADMIN: "an administrator",
        w.Relation.SYSTEM: "Halftide",
    }
    idle = [code(action) for action in w.Action if not _performed(action.name)]
    lines = (
        (code(t.source), code(t.action), people[t.who], code(t.target), "yes" if t.needs_reason else "")
        for t in w.TRANSITIONS
    )
    meanings = (
        (code(s), w.state_text(s, w.Relation.AUTHOR), w.state_text(s, w.Relation.CHECKER), "yes" if s in w.ENDS else "")
        for s in w.State
    )
    return f"""# The states of a request

One table in [workflow.py](../output_checker/rules/workflow.py) decides; pages, buttons, tests and this page read it.

```mermaid
{w.diagram().rstrip()}
```

## What each state says

{table(("state", "to its author", "to a checker", "an end"), meanings)}
## Who may do what

A line that is not here can't happen. “Reason” means that the act is refused without one; it is kept for ever.
In the table, but performed by no part of Halftide yet: {", ".join(idle)}.

{table(("in", "action", "who", "leads to", "reason"), lines)}"""


def _performed(action: str) -> bool:
    """Whether something besides the table names the action."""
    desk = DOCS.parent / "output_checker" / "desk"
    return any(f"Action.{action}" in file.read_text(encoding="utf-8") for file in desk.glob("*.py"))


# --- rules ------------------------------------------------------------------------------------------------------------

FAMILIES = {
    "F": "Counts: tables of frequencies",
    "M": "Magnitudes: sums, means, ratios",
    "P": "Positions: extremes, percentiles, rankings",
    "R": "Models, tests and logs",
    "G": "Graphics",
    "N": "Notebooks",
    "H": "Hiding places and records",
    "I": "Identifiers",
    "L": "Stored models and data files",
    "X": "Comparison with the data",
    "U": "What nobody understood",
}


@dataclass(frozen=True)
class RuleLine:
    """What is known about a rule: ids that it can report, its words, the policy's parameters and severities."""

    name: str
    module: str
    ids: tuple[str, ...]
    detects: str
    source: str
    parameters: tuple[str, ...]
    severities: tuple[str, ...]


def rule_lines() -> tuple[RuleLine, ...]:
    """All rules in the order in which they are asked."""
    from output_checker.disclosure.rules import RULES

    return tuple(_rule_line(rule) for rule in RULES)


def _rule_line(rule: Callable[..., Any]) -> RuleLine:
    words = " ".join((inspect.getdoc(rule) or "").split())
    if not words:
        raise LookupError(f"{rule.__module__}.{rule.__name__} has no docstring")
    nodes = [node for function in _reached(rule) for node in ast.walk(function)]
    emitted = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    ids = {text for text in emitted if RULE_ID.fullmatch(text)} | set(RULE_ID.findall(_halves(words)[0]))
    detects, source = _halves(words)
    attributes = [n for n in nodes if isinstance(n, ast.Attribute)]
    return RuleLine(
        name=rule.__name__,
        module=rule.__module__.rpartition(".")[2],
        ids=tuple(sorted(ids)),
        detects=detects.removeprefix(f"{next(iter(ids))} ") if len(ids) == 1 else detects,
        source=source,
        parameters=tuple(sorted({n.attr for n in attributes if _is_policy(n.value)})),
        severities=tuple(
            level
            for level in ("FAIL", "REVIEW", "NOTE")
            if any(n.attr == level and isinstance(n.value, ast.Name) and n.value.id == "Severity" for n in attributes)
        ),
    )


def _halves(words: str) -> tuple[str, str]:
    """What a rule finds, and what its docstring says after that: its source and remarks."""
    first, *rest = re.split(r"(?<=[.?])\s+(?=[A-Z0-9])", words)
    while rest and RULE_ID.match(rest[0]):
        first += f" {rest.pop(0)}"
    return first, " ".join(rest)


def _is_policy(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id == "policy") or (
        isinstance(node, ast.Attribute) and node.attr == "policy"
    )


def _reached(rule: Callable[..., Any]) -> list[ast.FunctionDef]:
    """The rule's function and those of its module that it names, at any distance."""
    functions = {node.name: node for node in _tree(inspect.getfile(rule)).body if isinstance(node, ast.FunctionDef)}
    reached: dict[str, ast.FunctionDef] = {}
    waiting = [rule.__name__]
    while waiting:
        name = waiting.pop()
        if name in functions and name not in reached:
            reached[name] = functions[name]
            waiting += [n.id for n in ast.walk(functions[name]) if isinstance(n, ast.Name)]
    return list(reached.values())


def rules() -> str:
    """Every disclosure rule."""
    lines = rule_lines()
    by_family: dict[str, list[RuleLine]] = {letter: [] for letter in FAMILIES}
    for line in lines:
        for letter in sorted({rule_id[0] for rule_id in line.ids}):
            by_family[letter].append(line)
    ids = sorted({rule_id for line in lines for rule_id in line.ids} | {"U02", "U03"})
    text = [
        f"""# The disclosure rules

{len(lines)} rules report under {len(ids)} ids. Each is a pure function in
[output_checker/disclosure/rules](../output_checker/disclosure/rules); `halftide check`, the request form in JupyterLab
and the portal ask the same ones. A finding is a **fail** (it must not be released; a checker who approves it all the
same must say why), a **review** (a person must look) or a **note**. The parameters are those of the
[policy](policies.md); t is its `threshold`. A rule that reports under ids of two families stands in both.

What the data themselves say (family X, and the identifiers of the data) is asked where the data are: on the portal and
by `halftide check --data`, not in the request form."""
    ]
    for letter, title in FAMILIES.items():
        text.append(f"## {letter}: {title}")
        text.append(
            table(_RULE_HEADS, (_rule_row(line) for line in sorted(by_family[letter], key=lambda line: line.ids)))
            if by_family[letter]
            else ""
        )
    text.append(
        "`U02` is reported when a rule itself breaks on an output: the defect becomes a question for a person, never a "
        'pass. `U03` tells what a correction ("this column is a year") set aside: a review, so that none leads to a '
        "pass."
    )
    text.append("All ids: " + ", ".join(code(rule_id) for rule_id in ids) + ".")
    return "\n\n".join(filter(None, text))


_RULE_HEADS = ("ids", "what it finds", "severity", "parameters", "source and remarks", "code")


def _rule_row(line: RuleLine) -> tuple[str, ...]:
    return (
        ", ".join(line.ids),
        line.detects,
        ", ".join(level.lower() for level in line.severities),
        ", ".join(code(name) for name in line.parameters),
        line.source,
        f"[{line.name}](../output_checker/disclosure/rules/{line.module}.py)",
    )


# --- policies ---------------------------------------------------------------------------------------------------------


def policies() -> str:
    """The presets and what each parameter means."""
    from output_checker.desk.policies import PRESETS, load_policy, preset_names
    from output_checker.model import Policy
    from output_checker.model import policy as module

    names = preset_names()
    presets = {name: load_policy(name) for name in names}
    words = field_docs(Policy)
    parameters = [field.name for field in fields(Policy) if field.name not in {"name", "version"}]
    limits = {name: f"{_value(low)} to {_value(high)}" for name, low, high in vars(module)["_LIMITS"]}
    limits |= {"zeros_are_disclosive": "true or false", "dominance": "list of [n, share]"}
    values = ((code(p), *(_value(getattr(presets[name], p)) for name in names)) for p in parameters)
    meanings = ((code(p), words[p], limits[p], _value(getattr(Policy(), p))) for p in parameters)
    about = "\n".join(f"- **{name}**: {_opening(PRESETS / f'{name}.toml')}" for name in names)
    return f"""# Policies

A policy is the set of numbers by which a project's outputs are judged. Its digest stands in every verdict and every
vote; when a project's policy changes, everything that is under review is checked and voted on again.

`halftide check --policy NAME` takes one of these presets, or a file (TOML or JSON) with any of the parameters; what a
file leaves out has its default, and a parameter that does not exist is refused.

{about}

## Parameters

{table(("parameter", "meaning", "may be", "default"), meanings)}
## Presets

{table(("parameter", *names), values)}
Each value's source is written beside it in [output_checker/disclosure/policies](../output_checker/disclosure/policies).
"""


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "; ".join(f"{n}: {share:g}" for n, share in value) or "none"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _opening(preset: Path) -> str:
    lines = preset.read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
    return " ".join(line.removeprefix("#").strip() for line in lines)


# --- routes -----------------------------------------------------------------------------------------------------------

ACTIONS = {
    "vote": "vote",
    "start": "start",
    "return_for_changes": "return",
    "reject": "reject",
    "comment": "comment",
    "withdraw": "withdraw",
    "check_again": "check_again",
    "all_files": "fetch",
    "one_file": "fetch",
}
"""Handlers of a request's page and the action of the table of states that each performs."""


def routes() -> str:
    """What the portal, the workspace server and the hub answer to."""
    from hub_config.hardening import CLOSED

    listed = [_route(route) for route in _portal_routes() if getattr(route, "endpoint", None)]
    shown = [line for line in listed if not line[1].startswith("`api/")]
    programs = [line for line in listed if line[1].startswith("`api/")]
    heads = ("method", "path", "who", "what")
    return f"""# Routes

## The portal, for browsers

Below `/services/output-checker/`. Everybody is known by the hub's login; a `POST` also needs the form's own token and
comes from the portal's own pages only. Someone who may not know of a request is told that there is none.

{table(heads, shown)}
`static/` serves the portal's own style sheet, script and mark.

## The portal, for programs

The same place, by a token in the `Authorization` header. The person and the project come from the hub's answer about
the token; a browser's session is no key here.

{table(heads, programs)}
## The workspace server

The gate in [gate.py](../extensions/halftide_workspace/gate.py) refuses whatever is not on this list, with a page or a
message that says how to ask for a release. Patterns are matched against the whole raw path below the server's address.

{_gate()}
## The hub

JupyterHub's own pages, less these, which answer 404 whoever asks:

{"".join(f"- {code(pattern)}{chr(10)}" for pattern in CLOSED)}"""


PREFIX = "/services/output-checker"


def _portal_routes() -> list[Any]:
    """The application's routes; nothing of it runs."""
    from fastapi.routing import iter_route_contexts

    from output_checker.web.app import create_app
    from output_checker.web.settings import Settings

    told = {
        "HALFTIDE_PORTAL_PORT": "8082",
        "JUPYTERHUB_API_URL": "http://127.0.0.1:8081/hub/api",
        "JUPYTERHUB_CLIENT_ID": "docs",
        "JUPYTERHUB_API_TOKEN": "none",
    }
    nothing: Any = None
    return list(iter_route_contexts(create_app(Settings.from_environment(told), nothing, nothing).routes))


def _route(route: Any) -> tuple[str, str, str, str]:
    methods = ", ".join(sorted(route.methods - {"HEAD"}))
    words = " ".join((inspect.getdoc(route.endpoint) or "").replace("``", "`").split())
    return methods, code(route.path.removeprefix(PREFIX).lstrip("/") or "/"), _who(route.endpoint), words


def _who(endpoint: Callable[..., Any]) -> str:
    """Who may use a route, from what its handler asks for."""
    parameters, source = inspect.signature(endpoint).parameters, inspect.getsource(endpoint)
    if "visit" not in parameters:
        asked = {"submitter": "a workspace's token, for its own project", "portal: AtGate": "the hub's gate"}
        return next((who for mark, who in asked.items() if mark in source), "anybody")
    roles = re.findall(r"SiteRole\.([A-Z]+)", "".join(re.findall(r"require_role\(([^)]*)\)", source)))
    if "*READERS" in source:
        roles = [role.name for role in vars(sys.modules[endpoint.__module__])["READERS"]]
    if endpoint.__name__ in ACTIONS:
        who = _actors(ACTIONS[endpoint.__name__])
    elif roles:
        who = ", ".join(sorted(f"{role.lower()}s" for role in roles))
    elif "request_id" in parameters:
        who = "the author, members of the project, checkers without a part in it, admins, auditors"
    else:
        who = "members of the project, admins" if "slug" in parameters else "everybody with a part here"
    return who


def _actors(action: str) -> str:
    from output_checker.rules.workflow import TRANSITIONS, Relation

    people = {
        Relation.AUTHOR: "the author",
        Relation.MEMBER: "members of the project",
        Relation.CHECKER: "checkers without a part in the project",
        Relation.ADMIN: "admins",
    }
    found = dict.fromkeys(people[t.who] for t in TRANSITIONS if t.action == action and t.who is not Relation.SYSTEM)
    return ", ".join(found)


def _gate() -> str:
    """The gate's list under the comments that stand in it."""
    from halftide_workspace import gate

    source = inspect.getsource(gate).partition("\nROUTES")[2].partition("\n)\n")[0]
    left = [(" ".join(sorted(methods)), pattern.pattern) for methods, pattern in gate.ROUTES]
    text, group = [], []
    for line in map(str.strip, source.splitlines()):
        if line.startswith("# "):
            text += [_list(group), f"**{line[2:3].upper()}{line[3:]}**\n"]
            group = []
        elif line.startswith('("'):
            group.append(left.pop(0))
    if left:
        raise LookupError("the gate's list is written in a way that this page does not understand")
    return "\n".join(filter(None, [*text, _list(group)]))


def _list(group: Sequence[tuple[str, str]]) -> str:
    return "".join(f"- {methods} {code(pattern)}\n" for methods, pattern in group)


# --- settings ---------------------------------------------------------------------------------------------------------

SETTINGS: Mapping[str, str] = {
    "portal_port": "Port of the portal on 127.0.0.1.",
    "hub_api_port": "Port of the hub's own API on 127.0.0.1.",
    "proxy_api_port": "Port of the proxy's API on 127.0.0.1.",
    "tls_certificate": "Certificate chain for an https address (PEM). Needed with `tls_key`, unless `tls` is `proxy`.",
    "tls_key": "Private key of the certificate (PEM).",
}
"""Sentences for the hub's settings that have none in the code."""

INTERNAL: Mapping[str, str] = {
    "HALFTIDE_HUB_GATE_TOKEN": "Secret by which the hub names itself to the portal. `halftide up` makes it anew at "
    "each start; it is in no file.",
    "HALFTIDE_DEMO_PASSWORDS": "The demo's accounts and this start's passwords, as JSON; the hub's process only.",
    "HALFTIDE_PORTAL_API": "Where the workspace server reaches the portal's API.",
    "HALFTIDE_PORTAL_PAGE": "The portal's first page, for links in JupyterLab.",
    "HALFTIDE_PROJECT": "The project's short name.",
    "HALFTIDE_PROJECT_TITLE": "The project's title.",
    "HALFTIDE_SANDBOX": "The folders that kernels are made of, as JSON, where they are not as usual.",
    "HALFTIDE_BOUNDARY": "What the project's workspaces may take and show, as JSON; the spawner writes it.",
    "HALFTIDE_PRIVATE": "The server's own folder in its sandbox.",
    "HALFTIDE_IN_SCOPE": "That `halftide up` has already started itself anew in a control group of its own.",
}
"""Variables that Halftide's parts pass to each other."""


def settings() -> str:
    """Every key of halftide.toml and every variable."""
    from hub_config import settings as hub
    from output_checker.model import Boundary

    words = field_docs(hub.Settings) | SETTINGS
    by_name = {name: variable for variable, name in hub.ENVIRONMENT.items()}
    lines = (
        (code(f.name), code(by_name[f.name]), words[f.name], _default(f.name, f.default))
        for f in fields(hub.Settings)
        if f.name in by_name
    )
    told = (path for package in ("hub_config", "extensions/halftide_workspace", "output_checker") for path in
            sorted((DOCS.parent / package).rglob("*.py")))  # fmt: skip
    found = {name for path in told for name in re.findall(r"HALFTIDE_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8"))}
    internal = sorted(found - set(hub.ENVIRONMENT) - {"HALFTIDE_CONFIG"})
    return f"""# Settings

`halftide up` and the other verbs read `halftide.toml` in the folder in which they are started, or the file that
`HALFTIDE_CONFIG` names; then the environment, which wins; then `--state` and `--url`, which win over both. A key that
does not exist, a variable that is nearly one of ours, and a value that would be unsafe stop the start with a sentence
that says what to write instead. Paths may be relative to that folder.

{table(("key in halftide.toml", "variable", "meaning", "default"), lines)}
In the file `subdomains` and `probes` are `true` or `false`, in the environment `1` or `0`. The four ports (that of
`url` too) must differ. An address other than `localhost` must be https, with a certificate and a key or behind a proxy
that has them ([Addresses, TLS and subdomains](admin.md#addresses-tls-and-subdomains)). In the environment the addresses
of `trusted_proxies` have commas between them.

```toml
# halftide.toml
state = "/srv/halftide"
url = "https://research.example.org"
bind = "0.0.0.0"
tls_certificate = "/etc/halftide/fullchain.pem"
tls_key = "/etc/halftide/key.pem"
```

## Limits of a workspace

- Where a project says nothing else: {_resources(Boundary().resources)}.
- `memory_mb`, `processes` and `cpus` hold for all kernels and terminals of a workspace together where this machine
  grants control groups; the hub's log says at start whether it does, and [for administrators](admin.md#limits) what to
  do. `memory_mb`, `open_files`, `file_mb` and `cpu_hours` hold for each process on every machine, `tmp_mb`,
  `shared_memory_mb` and `run_hours` for each kernel or terminal, `disk_mb` for the person's folder in the project.
- {_window(Boundary().window)}

## Variables between Halftide's own parts

Set by `halftide up`, by the hub or by the spawner; there is no reason to set one by hand.

{table(("variable", "meaning"), ((code(name), INTERNAL[name]) for name in internal))}"""


def _default(name: str, value: object) -> str:
    from hub_config.settings import CHECKOUT

    if name == "state":
        return code("state")
    if isinstance(value, Path):
        return code(value.relative_to(CHECKOUT)) + " of the checkout"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(map(code, value))
    return "none" if value in (None, "") else code(value)


def _resources(resources: Any) -> str:
    return ", ".join(f"{code(each.name)} {getattr(resources, each.name):g}" for each in fields(resources))


def _window(window: Any) -> str:
    at_once, burst, minute, day = map(_size, (window.at_once, window.burst, window.per_minute, window.per_day))
    return (
        f"The window shows at most {at_once} at once and {burst} in a burst, then {minute} a minute, and {day} a day."
    )


def _size(number: int) -> str:
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if number >= size:
            return f"{number / size:g} {unit}"
    return f"{number} bytes"


def main() -> int:
    """Rewrite the pages and say which ones changed."""
    for name, text in pages().items():
        page = DOCS / name
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote {page.relative_to(DOCS.parent)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
