"""Exact membership of rows (X01) by columns that are matched by what they hold, whatever they are called (X02).

Promises to count rows of the output that equal records on three and more columns, how many records each fits, and how
many such rows chance would give. Bounded by the limits below; what was left out is said.
"""

# ruff: noqa: S608 - names of columns come from the proved manifest and are quoted; all values are bound

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from output_checker.microdata.cells import OutputColumn
from output_checker.microdata.dataset import Dataset, is_number, quoted
from output_checker.model import Column

MOST_ROWS = 20_000
MOST_COLUMNS = 40
MOST_CANDIDATES = 8
MOST_ANCHORS = 4
"""So many dataset columns are tried for the first output column."""
CONTAINED = 0.9
LEAST_COLUMNS = 3


@dataclass(frozen=True)
class Match:
    """The rows (of the body) that are records."""

    rows: tuple[int, ...]
    columns: tuple[tuple[int, str], ...]
    unique: int
    few: int
    compared: int
    rounded: bool
    chance: float


@dataclass(frozen=True)
class _Pairing:
    """An output column and the dataset column it may be, with the SQL that brings the data to the output's form."""

    column: OutputColumn
    name: str
    expression: str
    rounded: bool
    frequency: float
    """Mean share of the records that hold one of the column's values."""
    numeric: bool
    share: float
    """The share of the output column's distinct values that the dataset column holds."""


def find_rows(connection: Any, dataset: Dataset, columns: Sequence[OutputColumn], threshold: int) -> Match | None:
    """Compare the columns of one table with a dataset. None where fewer than three columns match or no row does."""
    total = dataset.rows
    if not total or not columns:
        return None
    chosen = list(columns)[:MOST_COLUMNS]
    options = {column.index: _candidates(connection, dataset, column, total) for column in chosen}
    open_ = [column for column in chosen if options[column.index]]
    if len(open_) < LEAST_COLUMNS:
        return None
    _load(connection, open_)
    pairings = _paired(connection, open_, options)
    if len(pairings) < LEAST_COLUMNS:
        return None
    return _counted(connection, pairings, total, threshold, min(len(chosen[0].words), MOST_ROWS))


def _load(connection: Any, columns: Sequence[OutputColumn]) -> None:
    """The output as table ``shown``: n<i> is the number, w<i> the word of column i."""
    parts, values = ["row INTEGER"], []
    for column in columns:
        parts += [f"n{column.index} DOUBLE", f"w{column.index} VARCHAR"]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE shown ({', '.join(parts)})")
    count = min(len(columns[0].words), MOST_ROWS)
    arrays: dict[str, Any] = {"row": pa.array(range(count), pa.int32())}
    for column in columns:
        numbers = column.numbers if column.numbers is not None else (None,) * len(column.words)
        arrays[f"n{column.index}"] = pa.array(numbers[:count], pa.float64())
        arrays[f"w{column.index}"] = pa.array(column.words[:count], pa.string())
    values = pa.table(arrays)
    connection.register("incoming", values)
    connection.execute("INSERT INTO shown SELECT * FROM incoming")
    connection.unregister("incoming")


def _candidates(connection: Any, dataset: Dataset, column: OutputColumn, total: int) -> list[_Pairing]:
    """Dataset columns that hold at least nine tenths of this column's distinct values."""
    found: list[tuple[bool, float, float, _Pairing]] = []
    for other in dataset.manifest.columns:
        numeric = is_number(other)
        if numeric and column.numbers is None:
            continue
        pairing = _as_numbers(connection, dataset, other, column, total) if column.numbers is not None else None
        if pairing is None and not numeric:
            pairing = _as_words(connection, dataset, other, column, total)
        if pairing is not None:
            same = other.name.strip().lower() == column.header.strip().lower()
            found.append((not same, -pairing.share, pairing.frequency, pairing))
    found.sort(key=lambda item: item[:3])
    return [pairing for *_, pairing in found[:MOST_CANDIDATES]]


def _as_numbers(connection: Any, dataset: Dataset, other: Column, column: OutputColumn, total: int) -> _Pairing | None:
    """Compare as numbers: as they are, then with the data rounded to the digits shown."""
    values = dataset.values(connection, other, numeric=True)
    mine = np.unique(np.array([number for number in column.numbers or () if number is not None]))
    if not len(values.numbers) or not len(mine):
        return None
    plain = f"TRY_CAST({quoted(other.name)} AS DOUBLE)"
    share, frequency = _contained(mine, values.numbers, values.counts, total)
    if share >= CONTAINED:
        return _Pairing(column, other.name, plain, rounded=False, frequency=frequency, numeric=True, share=share)
    if column.decimals >= 12:
        return None
    share, frequency = _contained(mine, np.round(values.numbers, column.decimals), values.counts, total)
    expression = f"round({plain}, {column.decimals})"
    return _Pairing(column, other.name, expression, True, frequency, True, share) if share >= CONTAINED else None


def _contained(
    mine: npt.NDArray[np.float64], theirs: npt.NDArray[np.float64], counts: npt.NDArray[np.int64], total: int
) -> tuple[float, float]:
    """The share of my values that are among theirs (sorted), and how frequent such a value is in the data."""
    first = np.searchsorted(theirs, mine - 1e-9 * np.maximum(1, np.abs(mine)), "left")
    last = np.searchsorted(theirs, mine + 1e-9 * np.maximum(1, np.abs(mine)), "right")
    sums = np.concatenate(([0], np.cumsum(counts)))
    holders = sums[last] - sums[first]
    return float(np.mean(holders > 0)), float(np.mean(holders)) / total


def _as_words(connection: Any, dataset: Dataset, other: Column, column: OutputColumn, total: int) -> _Pairing | None:
    words = dataset.values(connection, other, numeric=False).words
    mine = {word for word in column.words if word is not None}
    holders = [words.get(word, 0) for word in mine]
    if not holders or sum(n > 0 for n in holders) < CONTAINED * len(holders):
        return None
    expression = f"lower(trim(CAST({quoted(other.name)} AS VARCHAR)))"
    share = sum(n > 0 for n in holders) / len(holders)
    return _Pairing(column, other.name, expression, False, sum(holders) / len(holders) / total, False, share)


def _field(pairing: _Pairing) -> str:
    return f"{'n' if pairing.numeric else 'w'}{pairing.column.index}"


def _paired(connection: Any, columns: Sequence[OutputColumn], options: dict[int, list[_Pairing]]) -> list[_Pairing]:
    """Choose a dataset column for each output column: the rarest values first, then whatever keeps most rows in.
    Columns that hold the same values are told apart by their rows: each of the first column's candidates gets its
    turn."""
    order = sorted(columns, key=lambda column: (options[column.index][0].share < 1, options[column.index][0].frequency))
    best: list[_Pairing] = []
    best_score = (0, 0)
    for anchor in options[order[0].index][:MOST_ANCHORS]:
        chosen, fitting = _grown(connection, anchor, order[1:], options)
        score = (fitting if len(chosen) >= LEAST_COLUMNS else 0, len(chosen))
        if score > best_score:
            best, best_score = chosen, score
        if score == (len(order[0].words), len(order)):
            break
    if best:
        _narrow(connection, best)
    return best


def _grown(
    connection: Any, anchor: _Pairing, order: Sequence[OutputColumn], options: dict[int, list[_Pairing]]
) -> tuple[list[_Pairing], int]:
    """The pairings that follow from a first one, and how many rows fit on all of them."""
    chosen = [anchor]
    _narrow(connection, chosen)
    best = _fitting(connection, chosen)
    for column in order:
        taken = {pairing.name for pairing in chosen}
        free = [pairing for pairing in options[column.index] if pairing.name not in taken]
        scored = [(_fitting(connection, [*chosen, pairing]), pairing) for pairing in free]
        good = max(scored, key=lambda item: item[0], default=None)
        if good is not None and good[0] > 0 and good[0] >= 0.5 * best:
            chosen, best = [*chosen, good[1]], good[0]
    return chosen, best


def _narrow(connection: Any, chosen: Sequence[_Pairing]) -> None:
    """The records that hold one of the first column's values; all later questions are asked of these."""
    first = chosen[0]
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE near AS SELECT * FROM data WHERE {first.expression} IN "
        f"(SELECT {_field(first)} FROM shown) OR ({first.expression} IS NULL)"
    )


def _equal(pairings: Sequence[_Pairing]) -> str:
    return " AND ".join(f"d.k{i} IS NOT DISTINCT FROM s.{_field(pairing)}" for i, pairing in enumerate(pairings))


def _keys(pairings: Sequence[_Pairing]) -> str:
    return ", ".join(f"{pairing.expression} AS k{i}" for i, pairing in enumerate(pairings))


def _fitting(connection: Any, pairings: Sequence[_Pairing]) -> int:
    """How many output rows equal a record on these columns."""
    query = (
        f"WITH d AS (SELECT DISTINCT {_keys(pairings)} FROM near) "
        f"SELECT count(*) FROM shown s WHERE EXISTS (SELECT 1 FROM d WHERE {_equal(pairings)})"
    )
    return int(connection.execute(query).fetchone()[0])


def _counted(connection: Any, pairings: Sequence[_Pairing], total: int, threshold: int, compared: int) -> Match | None:
    """The rows that match, how many records each fits, and what chance would do."""
    keys = ", ".join(f"k{i}" for i in range(len(pairings)))
    rows = connection.execute(
        f"WITH d AS (SELECT {keys}, count(*) AS n FROM (SELECT {_keys(pairings)} FROM near) GROUP BY {keys}) "
        f"SELECT s.row, d.n FROM shown s JOIN d ON {_equal(pairings)} ORDER BY s.row"
    ).fetchall()
    filled = _filled_rows(pairings)
    hits = [(int(row), int(n)) for row, n in rows if filled[int(row)] >= LEAST_COLUMNS]
    if not hits:
        return None
    return Match(
        rows=tuple(row for row, _ in hits),
        columns=tuple((pairing.column.index, pairing.name) for pairing in pairings),
        unique=sum(n == 1 for _, n in hits),
        few=sum(n < threshold for _, n in hits),
        compared=compared,
        rounded=any(pairing.rounded for pairing in pairings),
        chance=compared * _by_chance(pairings, total, threshold),
    )


def _filled_rows(pairings: Sequence[_Pairing]) -> list[int]:
    """How many matched columns of each row hold a value: blanks that equal blanks prove nothing."""
    return [sum(word is not None for word in words) for words in zip(*(p.column.words for p in pairings), strict=True)]


def _by_chance(pairings: Sequence[_Pairing], total: int, threshold: int) -> float:
    """How likely a row of independent values fits from one to t-1 records (Poisson)."""
    expected = total * math.prod(pairing.frequency for pairing in pairings)
    if expected > 50 * threshold:
        return 0.0
    return sum(math.exp(-expected) * expected**k / math.factorial(k) for k in range(1, max(2, threshold)))
