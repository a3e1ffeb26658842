"""Outputs for the tests of the rules: tables written as CSV text, texts, and what was dropped."""

import csv
import io

from output_checker.disclosure import assess
from output_checker.model import Dropped, Evidence, Finding, Kind, Output, Policy, Severity, Table, Text


def table(text: str, header_rows: int = 1) -> Output:
    """An output of one table."""
    rows = [row for row in csv.reader(io.StringIO(text.strip("\n"))) if row]
    width = max(map(len, rows))
    cells = tuple(tuple(row + [""] * (width - len(row))) for row in rows)
    return Output(Kind.TABLE, "text/csv", (Table("", cells, header_rows),), b"x")


def prose(text: str, role: str = "body") -> Output:
    """An output of one text."""
    return Output(Kind.TEXT, "text/plain", (Text("", text, role),), b"x")


def dropping(*dropped: Dropped, kind: Kind = Kind.NOTEBOOK) -> Output:
    """An output of which a reader left something out."""
    return Output(kind, "", (Text("", "Some words.", "body"),), b"x", dropped)


def findings(
    output: Output, policy: Policy | None = None, evidence: Evidence | None = None, name: str = ""
) -> list[Finding]:
    """What the engine says."""
    return list(assess(output, policy or Policy(), evidence, name).findings)


def rules(output: Output, policy: Policy | None = None, evidence: Evidence | None = None) -> set[str]:
    """The rules that say more than a note."""
    return {f.rule for f in findings(output, policy, evidence) if f.severity is not Severity.NOTE}


def failing(output: Output, policy: Policy | None = None, evidence: Evidence | None = None) -> set[str]:
    """The rules that fail the output."""
    return {f.rule for f in findings(output, policy, evidence) if f.severity is Severity.FAIL}


def cells_of(output: Output, rule: str, policy: Policy | None = None) -> set[tuple[int | None, int | None]]:
    """The places that a rule names."""
    return {(w.row, w.column) for f in findings(output, policy) if f.rule == rule for w in f.where}
