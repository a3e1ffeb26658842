"""Models and tests: too few degrees of freedom, perfect fits, vectors as long as the data (R01, R04, R05, R06, R08,
R09, R10).

A model of enough people is safe; whether it is of enough people must be stated.
"""

import re
from collections.abc import Iterator

import numpy as np

from output_checker.disclosure.numbers import decimals
from output_checker.disclosure.sheet import Sheet
from output_checker.disclosure.sizes import stated_size
from output_checker.disclosure.subject import Subject
from output_checker.disclosure.words import Meaning, names_sample_size, normal
from output_checker.model import Finding, Severity, Where

_RESIDUAL_DOF = re.compile(r"(.*\b)?(df resid\w*|resid\w* (df|d f)|degrees of freedom|df_resid)\b.*")
_FIT = re.compile(r"(.*\b)?(r squared|r2|r sq|adj r squared|pseudo r squ?)\b.*")


def _is_model(sheet: Sheet) -> bool:
    return (
        bool(sheet.columns_of(Meaning.COEFFICIENT))
        and bool(sheet.columns_of(Meaning.STANDARD_ERROR, Meaning.P_VALUE, Meaning.INTERVAL, Meaning.STATISTIC))
    ) or bool(sheet.columns_of(Meaning.P_VALUE))


def find_low_dof(subject: Subject) -> Iterator[Finding]:
    """R01 residual-dof: n - p below 10. ACRO; ESSnet guidelines."""
    least = subject.policy.residual_dof
    for stated in subject.stated:
        if _RESIDUAL_DOF.fullmatch(stated.fact.name.replace(".", "")) and stated.fact.value < least:
            yield _low_dof((stated.where,), stated.fact.value, least)
    for sheet in subject.sheets:
        columns = [c for c, h in enumerate(sheet.headers) if _RESIDUAL_DOF.fullmatch(normal(h))]
        rows = [r for r, label in enumerate(sheet.row_labels) if _RESIDUAL_DOF.fullmatch(normal(label))]
        cells = np.zeros(sheet.values.shape, bool)
        cells[:, columns] = True
        cells[rows, :] = True
        with np.errstate(invalid="ignore"):
            cells &= sheet.numeric & (sheet.values < least)
        if cells.any():
            yield _low_dof(sheet.places(cells), float(np.nanmin(sheet.values[cells])), least)
        left = _model_size(sheet) - _terms(sheet)
        if _is_model(sheet) and sheet.columns_of(Meaning.COEFFICIENT) and left < least and not cells.any():
            yield _low_dof((Where(sheet.part),), left, least)


def _low_dof(where: tuple[Where, ...], value: float, least: int) -> Finding:
    return Finding(
        "R01",
        Severity.FAIL,
        where,
        f"The model has {value:g} residual degrees of freedom; fewer than {least} let the outcomes be solved for.",
        "Use fewer regressors or more observations.",
    )


def _terms(sheet: Sheet) -> int:
    return sum(1 for meaning in sheet.row_named if meaning is None)


def _model_size(sheet: Sheet) -> float:
    """The number of observations that a model table states, in its rows, columns or beside it; NaN where it does
    not."""
    found = stated_size(sheet)
    for row, label in enumerate(sheet.row_labels):
        if names_sample_size(label):
            numbers = sheet.values[row][sheet.numeric[row]]
            found = float(numbers.min()) if len(numbers) else found
    counts = [c for c in sheet.count_columns if sheet.named[c] is Meaning.COUNT]
    numbers = sheet.values[:, counts][sheet.counts[:, counts]] if counts else np.array([])
    return float(numbers.min()) if len(numbers) and not np.isfinite(found) else found


def find_unstated_size(subject: Subject) -> Iterator[Finding]:
    """R01, R10: a model or a test without the number of observations can't be judged. OpenSAFELY; ESSnet guidelines."""
    if subject.policy.residual_dof <= 1:
        return
    known = any(np.isfinite(_model_size(sheet)) for sheet in subject.sheets)
    for sheet in subject.sheets:
        dof = sheet.columns_of(Meaning.DOF)
        if _is_model(sheet) and not known and not dof and _large_sample(sheet):
            yield Finding(
                "R01",
                Severity.NOTE,
                (Where(sheet.part),),
                "The number of observations is not shown, but the intervals are as narrow as only ten and more "
                "residual degrees of freedom, or a large-sample approximation, give.",
                "Add the number of observations.",
            )
        elif _is_model(sheet) and not known and not dof:
            test = not sheet.columns_of(Meaning.COEFFICIENT)
            columns = sheet.columns_of(Meaning.COEFFICIENT, Meaning.P_VALUE)
            yield Finding(
                "R10" if test else "R01",
                Severity.REVIEW,
                tuple(sheet.where(None, c) for c in columns),
                "The number of observations behind the model or test is not shown.",
                "Add the number of observations and the residual degrees of freedom.",
            )


_NARROWEST = 2.23
"""97.5 % point of Student's t with ten degrees of freedom: 95 % intervals of fewer are wider, in standard errors."""


def _large_sample(sheet: Sheet) -> bool:
    """Whether each 95 % interval is at most this many standard errors wide on a side. Half a digit of rounding is
    allowed for, and an interval that rounding could have narrowed so far proves nothing."""
    errors, bounds = sheet.columns_of(Meaning.STANDARD_ERROR), sheet.columns_of(Meaning.INTERVAL)
    if len(errors) != 1 or len(bounds) != 2:
        return False
    digits = max((decimals(sheet.text(r, errors[0])) for r in range(min(sheet.rows, 50))), default=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        half = np.abs(sheet.values[:, bounds[1]] - sheet.values[:, bounds[0]]) / 2
        ratio = half / sheet.values[:, errors[0]]
        precise = sheet.values[:, errors[0]] > 5 * 10.0**-digits
    good = np.isfinite(ratio) & precise
    return bool(good.any() and np.median(ratio[good]) < _NARROWEST and ratio[good].max() < 1.1 * _NARROWEST)


def find_perfect_fits(subject: Subject) -> Iterator[Finding]:
    """R04 perfect-fit: R2 above 0.999, or standard errors of 0 or a hundred times their coefficient. SDAP handbook."""
    for stated in subject.stated:
        if _FIT.fullmatch(_plain(stated.fact.name)) and 0.999 < stated.fact.value <= 1:
            yield _perfect((stated.where,))
    for sheet in subject.sheets:
        cells = np.zeros(sheet.values.shape, bool)
        for row, label in enumerate(sheet.row_labels):
            cells[row] |= bool(_FIT.fullmatch(_plain(label)))
        for column, header in enumerate(sheet.headers):
            cells[:, column] |= bool(_FIT.fullmatch(_plain(header)))
        with np.errstate(invalid="ignore"):
            cells &= sheet.numeric & (sheet.values > 0.999) & (sheet.values <= 1)
            for errors in sheet.columns_of(Meaning.STANDARD_ERROR):
                for estimates in sheet.columns_of(Meaning.COEFFICIENT):
                    error, estimate = sheet.values[:, errors], np.abs(sheet.values[:, estimates])
                    separated = (error > 100 * estimate) & (estimate > 5)
                    cells[:, errors] |= sheet.numeric[:, errors] & separated
        if cells.any():
            yield _perfect(sheet.places(cells))


def _plain(name: str) -> str:
    return normal(name).replace("-", " ").replace(".", "")


def _perfect(where: tuple[Where, ...]) -> Finding:
    return Finding(
        "R04",
        Severity.REVIEW,
        where,
        "The model fits (nearly) perfectly, so its coefficients may tell single outcomes.",
        "Say why the fit is so good, or leave out the terms that single out few people.",
    )


def find_size_steps(subject: Subject) -> Iterator[Finding]:
    """R05 n-sequence: models of one table whose numbers of observations differ by 1..t-1. SDAP differencing."""
    threshold = subject.policy.threshold
    for sheet in subject.sheets:
        for row, label in enumerate(sheet.row_labels):
            if not names_sample_size(label) or sheet.row_named[row] is None:
                continue
            if not sheet.columns_of(Meaning.COEFFICIENT, Meaning.UNKNOWN):
                continue
            numbers = np.unique(sheet.values[row][sheet.numeric[row]])
            steps = np.diff(numbers)
            if len(steps) and steps.min() < threshold:
                yield Finding(
                    "R05",
                    Severity.REVIEW,
                    (sheet.where(row, None),),
                    f"The numbers of observations of two models differ by {int(steps.min())}: their difference is a "
                    f"small group.",
                    "Fit the models on the same people.",
                )


def find_record_vectors(subject: Subject) -> Iterator[Finding]:
    """R06 residuals/fitted: a vector with one number per record. SDAP handbook."""
    for sheet in subject.sheets:
        columns = sheet.columns_of(Meaning.RESIDUAL)
        if columns and sheet.rows >= 10 and not any(sheet.named[c] is Meaning.COUNT for c in sheet.count_columns):
            yield Finding(
                "R06",
                Severity.FAIL,
                tuple(sheet.where(None, c) for c in columns),
                f"{sheet.rows} residuals, fitted values or scores are listed, one for each record.",
                "Give a summary of them (spread, percentiles of large groups) instead of the list.",
            )


def find_matrices(subject: Subject) -> Iterator[Finding]:
    """R08 covariance of dummies: the diagonal counts people; R09 correlation of exactly 1 between two variables."""
    threshold = subject.policy.threshold
    for sheet in subject.sheets:
        block = _square(sheet)
        if block is None:
            continue
        rows, columns = block
        values = sheet.values[np.ix_(rows, columns)]
        diagonal = np.diag(values)
        if np.all(np.abs(values) <= 1.0000001) and np.allclose(diagonal, 1):
            perfect = np.abs(np.abs(values) - 1) < 1e-12
            np.fill_diagonal(perfect, False)
            if perfect.any():
                cells = np.zeros(sheet.values.shape, bool)
                cells[np.ix_(rows, columns)] = perfect
                yield Finding(
                    "R09",
                    Severity.REVIEW,
                    sheet.places(cells),
                    "Two variables are perfectly correlated, so one tells the other for everybody.",
                    "Leave one of them out.",
                )
        elif np.all(values == np.floor(values)) and np.any((diagonal > 0) & (diagonal < threshold)):
            yield Finding(
                "R08",
                Severity.FAIL,
                tuple(sheet.where(int(rows[k]), int(columns[k])) for k in np.flatnonzero(diagonal < threshold)),
                f"The diagonal of a cross-product matrix counts people; some counts are below {threshold}.",
                "Leave the matrix out or merge the categories.",
            )


def find_correlations_without_size(subject: Subject) -> Iterator[Finding]:
    """R09 correlation: of how many people? ESSnet guidelines: at least ten."""
    for sheet in subject.sheets:
        cells = sheet.cells_of(Meaning.CORRELATION)
        if cells.any() and not np.isfinite(_model_size(sheet)):
            yield Finding(
                "R09",
                Severity.REVIEW,
                (Where(sheet.part),),
                "Correlations are shown without the number of people behind them.",
                "Add the number of observations.",
            )


def _square(sheet: Sheet) -> tuple[list[int], list[int]] | None:
    """Rows and columns of a symmetric matrix whose row labels are its headers."""
    named = {normal(label.split(", ")[0]) for label in sheet.row_labels}
    columns = [c for c in range(sheet.columns) if normal(sheet.headers[c]) in named]
    rows = list(range(sheet.rows))
    if len(columns) != len(rows) or len(rows) < 2:
        return None
    if [normal(sheet.headers[c]) for c in columns] != [normal(label.split(", ")[0]) for label in sheet.row_labels]:
        return None
    values = sheet.values[np.ix_(rows, columns)]
    return (rows, columns) if np.allclose(values, values.T, equal_nan=True) else None


def find_small_tests(subject: Subject) -> Iterator[Finding]:
    """R10 tests: a t or F test with fewer than ten degrees of freedom. statbarns StatisticalHypothesisTests."""
    least = subject.policy.residual_dof
    for sheet in subject.sheets:
        for column in sheet.columns_of(Meaning.DOF):
            header = normal(sheet.headers[column])
            tests = [normal(sheet.headers[c]) for c in sheet.columns_of(Meaning.STATISTIC)]
            if header not in ("df", "dof", "degrees of freedom") or not any(
                t in ("t", "t value", "t stat") for t in tests
            ):
                continue
            with np.errstate(invalid="ignore"):
                rows = np.flatnonzero(sheet.numeric[:, column] & (sheet.values[:, column] < least))
            if len(rows):
                yield Finding(
                    "R10",
                    Severity.FAIL,
                    tuple(sheet.where(int(r), column) for r in rows[:500]),
                    f"{len(rows)} tests have fewer than {least} degrees of freedom.",
                    "Leave these tests out.",
                )


RULES = (
    find_low_dof,
    find_unstated_size,
    find_perfect_fits,
    find_size_steps,
    find_record_vectors,
    find_matrices,
    find_correlations_without_size,
    find_small_tests,
)
