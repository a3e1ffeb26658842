"""Groups that a model found or gave an effect to: clusters and their exemplars (R13), single units (R07), and the modal
category of a described column (P04).

Sizes in tables are counts, which F01 judges; here are sizes in running text, and what is no size at all.
"""

import re
from collections.abc import Iterator

import numpy as np

from output_checker.disclosure.phrases import many
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.subject import Prose, Subject
from output_checker.disclosure.words import Meaning, normal
from output_checker.model import Finding, Severity, Where

_SIZES = re.compile(r"\b(?:cluster|segment|profile)s? ?(?:sizes?|counts?) ?[:=] ?\[?([\d, ]+)\]?", re.IGNORECASE)
_MEMBERS = re.compile(
    r"\b(?:cluster|segment|profile|latent class) ?#?\w{0,3}\b[^\n\d]{0,20}?[:(=] ?(?:n ?= ?)?(\d{1,9}) ?"
    r"(?:members?|people|persons?|patients?|participants?|records?|cases|observations?|rows|\))",
    re.IGNORECASE,
)
_EXEMPLAR = re.compile(
    r"(.*\b)?(?<!k[ -])(medoids?|exemplars?|prototype (record|person|patient|case)s?|nearest (record|case))\b.*"
)
_UNIT = re.compile(
    r"(?:(?:C|factor|as\.factor)\()?(hospital|practice|surgery|clinic|provider|trust|ward|site|school|employer|firm|"
    r"company|establishment|plant|physician|surgeon|doctor|gp|teacher)(?:_?(?:id|code|no))?\)?"
    r"(?: ?\[(?:T\.)?[^\]]+\]|[:=. _] ?\S+|\d+)",
    re.IGNORECASE,
)
_MOST_LINES = 20_000
_FEW_UNITS = 2
_MOST_NAMED = 40
"""A description of columns has its four rows among the first of them."""


def find_small_clusters(subject: Subject) -> Iterator[Finding]:
    """R13 clusters: a cluster of 1..t-1 people in running text. SDC guidance for statistical barns: clusters."""
    threshold = subject.policy.threshold
    for prose in subject.prose:
        if prose.text.role == "source":
            continue
        low = tuple(prose.where(line, f"{size}") for line, size in _cluster_sizes(prose) if 0 < size < threshold)
        if low:
            yield Finding(
                "R13",
                Severity.FAIL,
                low,
                f"{many(len(low), 'cluster')} {'has' if len(low) == 1 else 'have'} fewer than {threshold} people.",
                f"Ask for fewer clusters, or merge those of fewer than {threshold} people into another.",
            )


def _cluster_sizes(prose: Prose) -> Iterator[tuple[int, int]]:
    for number, line in enumerate(prose.text.text.split("\n")[:_MOST_LINES]):
        for match in _SIZES.finditer(line):
            yield from ((number, int(size)) for size in re.findall(r"\d{1,9}", match[1]))
        yield from ((number, int(match[1])) for match in _MEMBERS.finditer(line))


def find_exemplars(subject: Subject) -> Iterator[Finding]:
    """R13 clusters: a medoid or exemplar is one person's record. SDC guidance for statistical barns: clusters."""
    for sheet in subject.sheets:
        heads = [normal(header) for header in sheet.headers]
        numbers = [c for c in range(sheet.columns) if sheet.numeric[:, c].any() and not _EXEMPLAR.fullmatch(heads[c])]
        if not numbers:
            continue
        rows = [row for row, label in enumerate(sheet.row_labels) if _EXEMPLAR.fullmatch(normal(label))]
        if any(_EXEMPLAR.fullmatch(head) for head in heads) or _EXEMPLAR.fullmatch(normal(sheet.table.name)):
            rows = list(range(sheet.rows))
        if rows:
            yield Finding(
                "R13",
                Severity.FAIL,
                tuple(sheet.where(row, None) for row in rows),
                f"{many(len(rows), 'row')} {'shows' if len(rows) == 1 else 'show'} the medoid or exemplar of a "
                "cluster, which is the record of one person.",
                "Describe the clusters by means of enough people instead of by a member of each.",
            )


def find_unit_effects(subject: Subject) -> Iterator[Finding]:
    """R07 unit-effects: effects of single hospitals, firms or practices, which may be confidential themselves or rest
    on few people. SDAP handbook, models."""
    for sheet in subject.sheets:
        if not sheet.columns_of(Meaning.COEFFICIENT) and not sheet.cells_of(Meaning.COEFFICIENT).any():
            continue
        rows = [row for row, label in enumerate(sheet.row_labels) if _UNIT.fullmatch(label.strip())]
        if len(rows) > _FEW_UNITS and not sheet.count_columns:
            yield Finding(
                "R07",
                Severity.REVIEW,
                tuple(sheet.where(row, None) for row in rows),
                f"The effects of {len(rows)} single units are listed, without the number of people behind each.",
                "Leave the units' own effects out (absorb them), or give the number of people in each.",
            )


def find_modal_shares(subject: Subject) -> Iterator[Finding]:
    """P04 mode: nearly everybody has the most frequent value (class disclosure). ESSnet guidelines: 90 %."""
    share = subject.policy.class_share
    for sheet in subject.sheets:
        body = sheet.table.cells[sheet.table.header_rows :]
        rows = {normal(cells[0]): number for number, cells in reversed([*enumerate(body[:_MOST_NAMED])])}
        if not {"count", "unique", "top", "freq"} <= set(rows):
            continue
        places = _modal(sheet, rows["freq"], rows["count"], share)
        if places:
            yield Finding(
                "P04",
                Severity.REVIEW,
                places,
                f"In {many(len(places), 'column')} at least {share:.0%} have the same value, so anybody in the data "
                "most likely has it.",
                "Leave the column out, or say why the shared value tells nothing sensitive.",
            )


def _modal(sheet: Sheet, mode: int, size: int, share: float) -> tuple[Where, ...]:
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = sheet.values[mode] / sheet.values[size]
    found = np.isfinite(shares) & (shares >= share) & (shares <= 1)
    return tuple(sheet.where(mode, int(column)) for column in np.flatnonzero(found))


RULES = (find_small_clusters, find_exemplars, find_unit_effects, find_modal_shares)
