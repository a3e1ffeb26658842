"""Figures whose marks were turned back into numbers (G01, G02, G03, G04, G06, R11).

Bars are judged as the tables that they are, by all rules about tables; these rules say what else a drawing gives away.
"""

from collections.abc import Iterator

import numpy as np

from output_checker.disclosure.numbers import Floats, parse_cell
from output_checker.disclosure.subject import Subject
from output_checker.disclosure.words import normal
from output_checker.model import Finding, Severity, Table, Where

MANY_MARKS = 50
"""More marks than this are hardly groups. G01 and G03 of the catalogue of checks."""
_SURVIVAL = ("surviv", "kaplan", "event free", "cumulative incidence", "cumulative hazard")


def find_points_of_records(subject: Subject) -> Iterator[Finding]:
    """G01 one-mark-per-record: a drawing with many points, whose places can be read back. SDAP handbook."""
    for part, table in _drawn(subject, "points"):
        number = len(table.cells) - 1
        if number > MANY_MARKS:
            first = ", ".join(table.cells[1])
            yield Finding(
                "G01",
                Severity.REVIEW,
                (Where(part, label=table.name, value=first[:40]),),
                f"{number:,} points are drawn, which looks like one for each record; their values can be read back "
                f"(the first is at {first}).",
                "Draw groups of enough people instead (a binned or hexagonal plot, means by group).",
            )


def find_long_lines(subject: Subject) -> Iterator[Finding]:
    """G02 vector-recoverable: a line with many corners holds as many numbers, exactly. ACRO blocks vector figures."""
    for part, table in _drawn(subject, "line"):
        corners = len(table.cells) - 1
        if corners > MANY_MARKS and not _steps(table):
            yield Finding(
                "G02",
                Severity.REVIEW,
                (Where(part, label=table.name),),
                f"A line has {corners:,} corners, and the value at each can be read back from the drawing.",
                "Say in the context what the line is computed from; save the figure as PNG if it needs no such detail.",
            )


def find_drawn_survival(subject: Subject) -> Iterator[Finding]:
    """R11 survival: the steps of a drawn curve tell when people had their event, and how many were at risk. ACRO
    survival_safe_threshold."""
    for part, table in _drawn(subject, "line"):
        steps = _steps(table)
        words = normal(" ".join(table.cells[0]))
        if steps and (any(word in words for word in _SURVIVAL) or _falls_from_one(table)):
            yield Finding(
                "R11",
                Severity.REVIEW,
                (Where(part, label=table.name),),
                f"A curve of {steps} steps is drawn; each step's size is the number of events over the number at risk.",
                "Round the numbers at risk and the events before computing the curve, and give the table behind it.",
            )


def find_read_bars(subject: Subject) -> Iterator[Finding]:
    """G04 histogram, G06 bars: the heights were read back and judged like the table that they are. ACRO, PieChart."""
    for part, table in _drawn(subject, "bars"):
        bins = sum(" to " in row[0] for row in table.cells[1:]) > len(table.cells) / 2
        yield Finding(
            "G04" if bins else "G06",
            Severity.NOTE,
            (Where(part, label=table.name),),
            f"The heights of {len(table.cells) - 1} bars were read back from the drawing and judged like a table.",
            "Nothing needs to be done.",
        )


def find_figures_with_their_data(subject: Subject) -> Iterator[Finding]:
    """G03 json-embedded data: a figure that computes its marks itself carries the records, one that draws many rows
    carries one number for each mark. Halftide, from RULES' catalogue."""
    for part, table in _drawn(subject, "chart-source"):
        yield Finding(
            "G03",
            Severity.FAIL,
            (Where(part, label=table.name),),
            f"The figure computes its marks from {len(table.cells) - 1:,} values, and carries all of them.",
            "Compute the bins, boxes or means first and draw the figure from that table.",
        )
    for part, table in _drawn(subject, "chart"):
        rows = len(table.cells) - 1
        if rows > MANY_MARKS:
            yield Finding(
                "G03",
                Severity.REVIEW,
                (Where(part, label=table.name),),
                f"The figure carries {rows:,} rows of data, one for each of its marks.",
                "Draw the figure from a table of groups of enough people.",
            )


def _drawn(subject: Subject, language: str) -> Iterator[tuple[int, Table]]:
    for part, table in enumerate(subject.output.parts):
        if isinstance(table, Table) and table.language == language and len(table.cells) > 1:
            yield part, table


def _column(table: Table, at: int) -> Floats:
    return np.array([parse_cell(row[at]).value for row in table.cells[1:]], float)


def _steps(table: Table) -> int:
    """How many steps a line has that runs level or upright and nothing else, else 0."""
    across, up = np.diff(_column(table, 0)), np.diff(_column(table, 1))
    if len(up) < 4 or not (np.isfinite(across).all() and np.isfinite(up).all()):
        return 0
    level, upright = np.isclose(up, 0), np.isclose(across, 0)
    return int(np.count_nonzero(upright & ~level)) if (level | upright).mean() > 0.95 else 0


def _falls_from_one(table: Table) -> bool:
    heights = _column(table, 1)
    return bool(abs(heights[0] - 1) < 0.005 and heights.min() >= -0.005 and np.all(np.diff(heights) < 0.002))


RULES = (
    find_points_of_records,
    find_long_lines,
    find_drawn_survival,
    find_read_bars,
    find_figures_with_their_data,
)
