"""What the comparison with the data says (X01, N01, I09, I12): records and identifiers that really occur in it.

Without evidence nothing is said; the message gives counts and places, never values of the data.
"""

from collections.abc import Iterator

from output_checker.disclosure.phrases import many
from output_checker.disclosure.subject import Subject
from output_checker.model import Finding, Kind, RowMatch, Severity, Where


def find_records_of_the_data(subject: Subject) -> Iterator[Finding]:
    """X01 exact row membership: rows that equal records on three and more matched columns."""
    if subject.evidence is None:
        return
    for match in subject.evidence.rows:
        severity = _weight(match)
        if severity is None:
            continue
        rounded = " after rounding" if match.rounded else ""
        columns = ", ".join(name for _, name in match.columns)
        yield Finding(
            "N01" if subject.output.kind is Kind.NOTEBOOK and severity is Severity.FAIL else "X01",
            severity,
            tuple(Where(match.part, row, None, f"row {row + 1}") for row in match.rows[:500]),
            f"{many(match.few, 'row')} of this table occur in the data{rounded}; {match.unique} of them fit one "
            f"record only.",
            "Leave these rows out: release summaries of groups of enough people.",
            evidence=f"{match.dataset}: {len(match.rows)} rows of {match.compared} match on {columns}; "
            f"{match.unique} unique, {match.few} fit fewer records than the threshold; {match.chance:.2f} by chance.",
        )
        if severity is Severity.FAIL and subject.output.kind is Kind.NOTEBOOK:
            yield Finding(
                "X01",
                severity,
                tuple(Where(match.part, row, None, f"row {row + 1}") for row in match.rows[:500]),
                f"{len(match.rows)} rows of this table are records of the data.",
                "Leave these rows out.",
            )


def _weight(match: RowMatch) -> Severity | None:
    """A unique record is a disclosure; rows that many people share, or that chance explains, are none."""
    if match.few <= 2 * match.chance:
        return None
    if match.unique > 2 * match.chance and match.unique >= 1:
        return Severity.FAIL
    return Severity.REVIEW if match.few else None


def find_identifiers_of_the_data(subject: Subject) -> Iterator[Finding]:
    """I09 local ids: values of the dataset's identifying columns; one may be luck, two are none."""
    if subject.evidence is None:
        return
    for match in subject.evidence.identifiers:
        rule = {"free_text": "I12", "direct_identifier": "I09"}.get(match.role, "I09")
        severity = Severity.FAIL if match.distinct >= 2 or match.role == "free_text" else Severity.REVIEW
        yield Finding(
            rule,
            severity,
            tuple(Where(match.part, row, column) for row, column in match.cells[:500]),
            f"{match.distinct} values of an identifying column of the data occur here.",
            "Leave them out, or replace them by numbers that mean nothing.",
            evidence=f"{match.dataset}: {match.distinct} distinct values of {match.column} ({match.role}).",
        )


RULES = (find_records_of_the_data, find_identifiers_of_the_data)
