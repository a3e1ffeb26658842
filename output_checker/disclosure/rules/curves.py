"""Curves and lists with one point for each person (P05, P08, R12, R15, R17).

A curve of a few points is a summary; one with as many points as people is the data in another order.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.subject import Subject
from output_checker.disclosure.words import Meaning, normal
from output_checker.model import Finding, Severity, Where


@dataclass(frozen=True)
class _Curve:
    """A kind of curve: the columns that it needs, each as a pattern of header, and how many points are a summary."""

    rule: str
    name: str
    columns: tuple[re.Pattern[str], ...]
    most: int


_SENSITIVITY = re.compile(r"tpr|true positive( rate)?|sensitivity|recall")
_SHARE = r"(cum(ulative)? )?(share|proportion|fraction) of (the )?"
_KINDS = (
    _Curve("R15", "ROC curve", (re.compile(r"fpr|false positive( rate)?|1 specificity"), _SENSITIVITY), 50),
    _Curve("R15", "precision-recall curve", (re.compile(r"precision|ppv"), _SENSITIVITY), 50),
    _Curve(
        "R15",
        "calibration curve",
        (
            re.compile(r"(mean )?predicted( (value|risk|probability))?|prob pred"),
            re.compile(r"fraction of positives|observed.*|prob true"),
        ),
        50,
    ),
    _Curve(
        "P08",
        "Lorenz curve",
        (
            re.compile(_SHARE + r"(population|people|households|persons|units|firms)|population share"),
            re.compile(r"lorenz.*|" + _SHARE + r".*"),
        ),
        20,
    ),
)
"""At most 50 points for a ROC curve (R15) and 20 for a Lorenz curve (P08), as the catalogue of checks has it."""
_OUTLIERS = re.compile(r"(.*\b)?(fliers?|outliers?|whiskers?|whis ?(lo|hi)|extreme values?)\b.*")
_LIFE_TABLE = re.compile(r"(.*\b)?(at risk|n risk|entering|entered|exposed|alive)\b.*")
_EXPLAINED = re.compile(r"(.*\b)?(shap( values?)?|lime( weights?)?|ice)\b.*")
_ONE_EACH = re.compile(r"(.*\b)?(instance|record|row|sample|observation|case|person|patient)( (id|no|number|index))?")


def find_curves_of_records(subject: Subject) -> Iterator[Finding]:
    """R15 roc/pr/calibration, P08 gini/lorenz: a curve with more points than a summary needs. statbarns."""
    for sheet in subject.sheets:
        for kind in _KINDS:
            if sheet.rows > kind.most and _has(sheet, kind.columns):
                yield Finding(
                    kind.rule,
                    Severity.REVIEW,
                    (Where(sheet.part),),
                    f"A {kind.name} of {sheet.rows} points can have one for each person, and then ranks them all.",
                    f"Give the curve at {kind.most} points or fewer, or only its area.",
                )
                break


def _has(sheet: Sheet, patterns: tuple[re.Pattern[str], ...]) -> bool:
    """Whether each pattern has a column of its own."""
    found = [{c for c, header in enumerate(sheet.headers) if pattern.fullmatch(normal(header))} for pattern in patterns]
    return all(found) and len(set().union(*found)) >= len(patterns)


def find_outliers(subject: Subject) -> Iterator[Finding]:
    """P05 boxplot-outliers: the ends of whiskers and the points beyond them are people's values. SDAP handbook."""
    for sheet in subject.sheets:
        columns = [c for c, header in enumerate(sheet.headers) if _OUTLIERS.fullmatch(normal(header))]
        rows = [r for r, label in enumerate(sheet.row_labels) if _OUTLIERS.fullmatch(normal(label))]
        cells = np.zeros(sheet.values.shape, bool)
        cells[:, columns] = True
        cells[rows, :] = True
        cells &= sheet.numeric & (sheet.meanings != Meaning.COUNT)
        if cells.any():
            yield Finding(
                "P05",
                Severity.FAIL,
                sheet.places(cells),
                f"{np.count_nonzero(cells)} ends of whiskers or points beyond them are values of single people.",
                "Draw the box without them (showfliers=False, whiskers at the 5th and 95th percentile).",
            )


def find_life_table_ends(subject: Subject) -> Iterator[Finding]:
    """R12 hazard-table ends: the last interval has fewer than t people, so that its hazard is theirs. SDAP handbook."""
    threshold = subject.policy.threshold
    for sheet in subject.sheets:
        hazards = [c for c, header in enumerate(sheet.headers) if re.search(r"hazard|q ?x\b|mortality", normal(header))]
        counts = [c for c in sheet.count_columns if _LIFE_TABLE.fullmatch(normal(sheet.headers[c]))]
        if not hazards or not counts:
            continue
        numbers = sheet.values[:, counts[0]]
        with np.errstate(invalid="ignore"):
            low = np.flatnonzero((numbers > 0) & (numbers < threshold))
        cells = np.zeros(sheet.values.shape, bool)
        cells[np.ix_(low.tolist(), hazards)] = True
        cells &= sheet.numeric
        if cells.any():
            yield Finding(
                "R12",
                Severity.FAIL,
                sheet.places(cells),
                f"The hazard of {len(low)} intervals is that of fewer than {threshold} people.",
                "End the table earlier, or merge the last intervals into one open interval.",
            )


def find_explained_records(subject: Subject) -> Iterator[Finding]:
    """R17 explainers: SHAP values, ICE curves or LIME weights of single records. A mean over everybody is none."""
    for sheet in subject.sheets:
        columns = [c for c, header in enumerate(sheet.headers) if _EXPLAINED.fullmatch(normal(header))]
        means = any(re.search(r"\b(mean|average|abs|total|importance)\b", normal(h)) for h in sheet.headers)
        one_each = any(_ONE_EACH.fullmatch(normal(header)) for header in sheet.headers)
        if columns and not means and (one_each or len(columns) >= 3) and not sheet.count_columns:
            yield Finding(
                "R17",
                Severity.FAIL if sheet.rows >= 10 else Severity.REVIEW,
                tuple(sheet.where(None, c) for c in columns),
                f"{sheet.rows} rows explain a model for single records, whose values can be read back from them.",
                "Give the mean of the absolute values for each variable.",
            )


RULES = (find_curves_of_records, find_outliers, find_life_table_ends, find_explained_records)
