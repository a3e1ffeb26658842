"""Code that shows records (N02): a hint for the checker where in a notebook to look at an output with care.

The code itself is not released; its rule about what stands in it is ``find_source_literals``.
"""

import re
from collections.abc import Iterator

from output_checker.disclosure.subject import Subject
from output_checker.model import Finding, Severity, Where

_CALLS = re.compile(
    r"\.(head|tail|sample|nlargest|nsmallest|to_string|to_markdown|to_html|iterrows|itertuples)\(|"
    r"^\s*(display|head|tail|View|glimpse|list)\(|\.(iloc|loc)\[[^\]]*\]\s*$",
    re.MULTILINE,
)
_MOST_CELLS = 40


def find_display_calls(subject: Subject) -> Iterator[Finding]:
    """N02 display-call: code that shows rows of a table (head, sample, display, iloc); aggregates may be shown by the
    same calls, so it is a hint. Own rule of the catalogue."""
    found = [
        Where(label=dropped.where, value=call)
        for dropped in subject.output.dropped
        if dropped.what == "source" and (call := _call(dropped.sample))
    ][:_MOST_CELLS]
    if found:
        cells = ", ".join(where.label for where in found[:8]) + (", ..." if len(found) > 8 else "")
        yield Finding(
            "N02",
            Severity.NOTE,
            tuple(found),
            f"The code of {cells} shows tables by calls that often show records, such as {found[0].value}.",
            "Show aggregates, and say in the context what such tables hold.",
        )


def _call(source: str) -> str:
    """The first call in code that shows rows, without its arguments; empty for none. Comments are no code."""
    code = "\n".join(line for line in source.split("\n") if not line.lstrip().startswith("#"))
    match = _CALLS.search(code)
    return next((name for name in match.groups() if name), "") if match else ""


RULES = (find_display_calls,)
