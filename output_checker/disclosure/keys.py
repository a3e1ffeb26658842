"""Which numeric columns name the rows (an index, a year, a code) instead of saying something about them.

Promises to call a column a key only where it behaves like one; a column of counts that happens to rise stays a column
of counts.
"""

from collections.abc import Sequence

import numpy as np

from output_checker.disclosure.numbers import Floats
from output_checker.disclosure.words import Meaning, counts_plainly, key_named, names_total


def is_regular(numbers: Floats) -> bool:
    """Rising in equal steps: 0, 1, 2 ... or 20, 30, 40 ... (also in repeated cycles of such steps)."""
    finite = numbers[np.isfinite(numbers)]
    if len(finite) < 3:
        return False
    distinct = np.unique(finite)
    if len(distinct) < 3:
        return False
    steps = np.diff(distinct)
    even = bool(np.all(np.abs(steps - steps[0]) < 1e-9 * max(1.0, abs(float(steps[0])))))
    return even and ((len(distinct) == len(finite) and bool(np.all(np.diff(finite) > 0))) or _cycles(finite))


def _numbered(numbers: Floats) -> bool:
    """0, 1, 2 ... or 1, 2, 3 ...: sizes of households, numbers of visits, told apart beside their counts."""
    return is_regular(numbers) and bool(numbers[0] in (0, 1)) and bool(np.all(np.diff(numbers) == 1))


def is_key(numbers: Floats) -> bool:
    """Each row another value, or sorted blocks of equal values, or cycles that start again."""
    finite = numbers[np.isfinite(numbers)]
    if len(finite) < 2 or 2 * len(finite) < len(numbers):
        return False
    return len(np.unique(finite)) == len(finite) or bool(np.all(np.diff(finite) >= 0)) or _cycles(finite)


def _cycles(numbers: Floats) -> bool:
    """Runs that rise and start over, as the inner key of a group-by does."""
    falls = np.count_nonzero(np.diff(numbers) < 0)
    return bool(falls < len(numbers) / 2 and np.all(np.diff(numbers) != 0))


def leading_keys(
    values: Sequence[Floats],
    texts: Sequence[Sequence[str]],
    headers: Sequence[str],
    words: Sequence[bool],
    named: Sequence[Meaning | None],
) -> frozenset[int]:
    """Numeric columns at the left edge that are the keys of the rows; ``words`` says which columns are words."""
    named, first = _first_statistic(values, headers, words, named)
    keys: set[int] = set()
    labels: list[int] = []
    for index, column in enumerate(values):
        if words[index]:
            labels.append(index)
            continue
        before = first is not None and index < first and not names_total(headers[first])
        if _names_every_row([texts[i] for i in labels]) or named[index] is not None:
            break
        if not _whole(column) and not (before and len(column) >= 3 and is_key(column)):
            break
        if not _looks_like_key(column, headers[index], index, before, len(values)):
            break
        if before and first is not None and _adds_up(values, index, first):
            break
        keys.add(index)
        labels.append(index)
    return frozenset(keys)


def _first_statistic(
    values: Sequence[Floats], headers: Sequence[str], words: Sequence[bool], named: Sequence[Meaning | None]
) -> tuple[list[Meaning | None], int | None]:
    """The first column whose header names a statistic, passing over one that is a key though it sounds like a count."""
    named = list(named)
    first = next((i for i, meaning in enumerate(named) if meaning is not None and not words[i]), None)
    if first != 0 or len(named) < 2 or named[0] is not Meaning.COUNT:
        return named, first
    finite = values[0][np.isfinite(values[0])]
    told_apart = is_key(values[0]) and (len(np.unique(finite)) < len(finite) or not _whole(values[0]))
    sizes = Meaning.COUNT in named[1:] and _numbered(values[0])
    if sizes or (not counts_plainly(headers[0]) and (is_regular(values[0]) or told_apart)):
        named[0] = None
        first = next((i for i in range(1, len(named)) if named[i] is not None and not words[i]), len(named) - 1)
    return named, first


def _names_every_row(columns: Sequence[Sequence[str]]) -> bool:
    return bool(columns) and len(set(zip(*columns, strict=True))) == len(columns[0])


def _whole(column: Floats) -> bool:
    finite = column[np.isfinite(column)]
    return len(finite) > 0 and bool(np.all(finite == np.floor(finite)))


def _looks_like_key(column: Floats, header: str, index: int, before_statistic: bool, width: int) -> bool:
    if index == width - 1:
        return False
    if before_statistic and is_key(column):
        return True
    finite = column[np.isfinite(column)]
    if before_statistic and len(np.unique(finite)) <= max(12, len(finite) // 2):
        return True
    if not header.strip() or header.strip().lower().startswith(("unnamed", "level_")):
        return is_key(column)
    if key_named(header) is not None and is_key(column):
        return True
    return (is_regular(column) and index == 0) or (
        len(finite) >= 8 and bool(np.all(np.diff(finite) > 0)) and index == 0
    )


def _adds_up(values: Sequence[Floats], index: int, total: int) -> bool:
    """Whether the columns from here to the first statistic are its parts (male + female = n)."""
    if total - index < 2:
        return False
    numeric = [column for column in values[index:total] if np.isfinite(column).any()]
    if len(numeric) < 2 or not _whole(values[total]):
        return False
    parts = np.nansum(np.column_stack(numeric), axis=1)
    return bool(np.all(np.abs(parts - values[total]) <= 0.02 * np.abs(values[total]) + 5))
