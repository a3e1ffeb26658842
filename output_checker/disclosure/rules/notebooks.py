"""What notebooks and pages carry besides what they show (N03, N04, N05, N06, N07, N08, N09, N10, G03).

The reader has dropped these already and none of it is in the bytes that would be released. The findings say how heavy
it
was: records or identifiers mean that the file has to be cleared and saved again before anybody passes it on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from output_checker.disclosure.carriers import Load, load_of
from output_checker.disclosure.likeness import Likeness, likeness
from output_checker.disclosure.rules.hiding import _dropped
from output_checker.disclosure.rules.identifiers import Named, people_in
from output_checker.disclosure.semantics import understand
from output_checker.disclosure.subject import Subject
from output_checker.model import Dropped, Finding, Severity, Table, Text, Where

MUCH_ENCODED = 1_000
MANY_VALUES = 100
SOME_VALUES = 12
LONG_TEXT = 300
MANY_MARKS = 50
"""More marks than this in a figure are hardly groups. Chosen with G03 of the checks' catalogue."""
_DRAWN = ("G03", "N03", "N04")
"""Carriers in which a small table of groups belongs: the figure is drawn from it."""
_LARGE_METADATA = 10_000
_USUAL = frozenset(
    (
        "kernelspec", "language_info", "orig_nbformat", "collapsed", "scrolled", "execution", "tags", "name",
        "editable", "slideshow", "vscode", "colab", "toc", "jupytext", "trusted", "id", "celltoolbar", "source_hidden",
        "jp-MarkdownHeadingCollapsed", "outputs_hidden", "jupyter", "deletable", "format", "hide_input", "rise",
        "ExecuteTime", "pycharm", "varInspector", "nbdime-conflicts", "needs_background", "isolated", "authors",
        "title",
    )
)  # fmt: skip
_COMPARISON = re.compile(
    r"(==|\.isin\(|\.query\(|\.loc\[|WHERE .*=)\s*\(?\[?\s*['\"]?[A-Za-z_-]{0,8}\d{6,}", re.IGNORECASE
)
_FIGURE = re.compile(r"plotly|vega|bokeh|echarts|altair|highcharts|geo\+json", re.IGNORECASE)
_CLEAR = {
    "N05": "Choose Kernel > Shut Down, clear all outputs and the widgets' state, and save the notebook again.",
    "N06": "Delete the attachment from the cell and save the notebook again.",
    "N07": "Delete these keys from the metadata (property inspector) and save the notebook again.",
    "N10": "Take the hidden text out where the page or table is made, and run the cell again.",
    "N04": "Show the output in one form only, and run the cell again.",
    "N03": "Show the output as a table or a picture only, and run the cell again.",
    "G03": "Draw the figure from the aggregated table, or save it as a picture, and run the cell again.",
}
_SAYS = {
    "N05": "The notebook carried",
    "N06": "A cell carried",
    "N07": "The file carried",
    "N10": "The page carried",
    "N04": "Behind what is shown a cell's output carried",
    "N03": "A cell's output carried",
    "G03": "A figure carried its data:",
}
_RULE = {
    "widget-state": "N05",
    "attachment": "N06",
    "metadata": "N07",
    "hidden-html": "N10",
    "comment": "N10",
    "second-mime": "N04",
    "figure-data": "G03",
}


@dataclass(frozen=True)
class Burden:
    """How heavy one carrier was, and why in words ("" for nothing to say)."""

    severity: Severity
    why: str


def find_carriers(subject: Subject) -> Iterator[Finding]:
    """N03 to N07, N10, G03: state of widgets, metadata, attachments, hidden HTML and further media types."""
    for dropped in subject.output.dropped:
        rule = _rule_of(dropped)
        if not rule:
            continue
        burden = _burden(dropped, rule, subject)
        finding = _dropped(rule, burden.severity, dropped, _SAYS[rule])
        if burden.severity is Severity.NOTE:
            yield finding
            continue
        why = f" with {burden.why}" if burden.why else ""
        message = finding.message.removesuffix(".") + f"{why}. None of it is in what would be released."
        yield Finding(rule, burden.severity, finding.where, message, _CLEAR[rule])


def _rule_of(dropped: Dropped) -> str:
    if dropped.what == "mime":
        return "G03" if _FIGURE.search(dropped.detail) else "N03"
    return _RULE.get(dropped.what, "")


def _burden(dropped: Dropped, rule: str, subject: Subject) -> Burden:
    """People weigh most, then tables of records, then anything that nobody can read or that is simply much."""
    if rule == "N04" and _is_shown(dropped, subject):
        return Burden(Severity.NOTE, "")
    people = people_in(dropped.sample)
    if people.sure or people.count >= 2:
        return Burden(Severity.FAIL, f"{people.count} identifiers of people" if people.count > 1 else people.what)
    load = load_of(dropped.sample)
    tables = [_of_table(table, rule, subject) for table in load.tables]
    loose = _of_values(load, rule, is_picture=_is_picture(dropped))
    default = Burden(_ordinarily(dropped, rule), "")
    return max((*tables, loose, _of_people(people), default), key=lambda burden: _ORDER[burden.severity])


def _is_shown(dropped: Dropped, subject: Subject) -> bool:
    """Whether the same place shows a table or a text, of which this is another form."""
    return any(
        isinstance(part, Table | Text) and part.name.partition(", line")[0] == dropped.where
        for part in subject.output.parts
    )


_ORDER = {Severity.NOTE: 0, Severity.REVIEW: 1, Severity.FAIL: 2}


def _of_people(people: Named) -> Burden:
    return Burden(Severity.REVIEW if people.count else Severity.NOTE, people.what)


def _of_table(table: Table, rule: str, subject: Subject) -> Burden:
    """Rows that are about single people; aggregates are what a figure is drawn from."""
    rows, columns = len(table.cells) - 1, len(table.cells[0])
    says = f"a table of {rows:,} rows and {columns} columns"
    judged = _likeness(table, subject)
    if judged is None:
        return Burden(Severity.REVIEW, says)
    if judged.strong or (rows > MANY_MARKS and not judged.aggregate):
        return Burden(Severity.FAIL, says + ", which look like records")
    if not judged.aggregate and columns >= 3 and (rows >= 10 or judged.signs or rule != "G03"):
        return Burden(Severity.FAIL, says + ", which look like records")
    if rule in _DRAWN:
        return Burden(Severity.NOTE if rows <= MANY_MARKS and columns <= 6 else Severity.REVIEW, says)
    return Burden(Severity.REVIEW, says)


def _likeness(table: Table, subject: Subject) -> Likeness | None:
    sheet = understand(table, 0, base=subject.policy.rounding_base)
    if not sheet.rows or not sheet.columns:
        return None
    return likeness(sheet, subject.policy.row_level_rows, subject.policy.row_level_uniqueness)


def _of_values(load: Load, rule: str, *, is_picture: bool) -> Burden:
    if load.encoded >= MUCH_ENCODED and not is_picture:
        return Burden(Severity.FAIL, f"{load.encoded:,} characters of encoded text, which nobody can check")
    if load.values > MANY_VALUES:
        return Burden(Severity.FAIL, f"{load.values:,} values")
    if load.values >= SOME_VALUES and rule not in _DRAWN:
        return Burden(Severity.REVIEW, f"{load.values:,} values")
    if load.encoded or load.singles > MANY_VALUES:
        return Burden(Severity.REVIEW, "values that no rule understands")
    if load.longest > LONG_TEXT and rule in ("N05", "N07", "N10"):
        return Burden(Severity.REVIEW, f"a text of {load.longest:,} characters")
    return Burden(Severity.NOTE, "")


def _is_picture(dropped: Dropped) -> bool:
    """Pictures are encoded by nature; a person looks at those that were attached."""
    return dropped.what == "attachment" and not dropped.sample.strip().count("\n")


def _ordinarily(dropped: Dropped, rule: str) -> Severity:
    """What each carrier is without any data in it."""
    if dropped.what in ("attachment", "hidden-html"):
        return Severity.REVIEW
    if rule == "N05":
        return Severity.NOTE if dropped.sample else Severity.REVIEW
    if rule == "N07":
        keys = dropped.detail.split(", ")
        odd = "unusual cell id" in dropped.detail and dropped.size <= 64
        usual = (all(key in _USUAL for key in keys) or odd) and dropped.size < _LARGE_METADATA
        return Severity.NOTE if usual else Severity.REVIEW
    return Severity.NOTE


def find_tracebacks(subject: Subject) -> Iterator[Finding]:
    """N09 tracebacks: error messages quote values, queries and paths. OpenSAFELY on log files."""
    for prose in subject.prose:
        is_trace = prose.text.role == "traceback" or "Traceback (most recent call last)" in prose.text.text
        if is_trace:
            yield Finding(
                "N09",
                Severity.REVIEW,
                (prose.where(0),),
                "An error message is shown; such messages quote values and paths.",
                "Fix the error or clear this cell's output.",
            )


def find_source_literals(subject: Subject) -> Iterator[Finding]:
    """N08 source-literals: code that names single records or people, holds a key, or has a table pasted into it."""
    for dropped in subject.output.dropped:
        if dropped.what != "source":
            continue
        reason = _literals(dropped.sample)
        if reason:
            yield Finding(
                "N08",
                Severity.REVIEW,
                (Where(label=dropped.where),),
                f"The code of {dropped.where or 'a cell'} holds {reason}. The code is not released.",
                "Read such values from a file that is not released.",
            )


def _literals(source: str) -> str:
    people = people_in(source)
    if people.count:
        return people.what
    lines = [line for line in source.split("\n") if _COMPARISON.search(line)]
    if lines:
        return f"{len(lines)} lines that name long numbers, which may be identifiers"
    rows = max((len(t.cells) - 1 for t in load_of(source).tables if len(t.cells[0]) >= 3), default=0)
    return f"a pasted table of {rows} rows" if rows else ""


RULES = (find_carriers, find_tracebacks, find_source_literals)
