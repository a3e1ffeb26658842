"""The same tables through ACRO and through Halftide: caught, missed, false alarms, time.

``.venv-analysis/bin/python benchmarks/compare_acro.py`` (ACRO lives there) makes crosstabs of real data whose true
counts are known, asks ACRO for each by its own ``crosstab``, and Halftide (in ``.venv``) for the same table as CSV.
Only tables that ACRO can make itself are compared; the rest of the corpus it can't express.
A table is disclosive where a count is 1..9, which both call a failure by default.
ACRO leaves files in the folder it is started in.
"""

import contextlib
import io
import itertools
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "disclosure" / "corpus"))

import measured  # noqa: E402 - the corpus' studies

JUDGE = """
import sys, time
from pathlib import Path
from output_checker.desk.policies import load_policy
from output_checker.disclosure import assess
from output_checker.readers.reading import read
policy = load_policy("acro-default")
files = sorted(Path(sys.argv[1]).iterdir())
began = time.perf_counter()
said = [assess(read(file.read_bytes()), policy).verdict.value for file in files]
print(time.perf_counter() - began)
print("\\n".join(said))
"""


def tables() -> list[tuple["pd.Series[str]", "pd.Series[str]"]]:
    """Two columns each, of seven studies: in thirds, and in bands of the same width."""
    found = []
    for study in measured.studies():
        for a, b in itertools.combinations(study.numbers, 2):
            found += [(study.coarse(a), study.coarse(b)), (study.fine(a), study.coarse(b))]
    return found


def by_acro(pairs: list[tuple["pd.Series[str]", "pd.Series[str]"]]) -> tuple[list[str], float]:
    """ACRO's status of each table, and the seconds it took."""
    import acro

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        session = acro.ACRO(suppress=False)
        began = time.perf_counter()
        for a, b in pairs:
            session.crosstab(a, b)
        took = time.perf_counter() - began
        said = [session.results.get(f"output_{number}").status for number in range(len(pairs))]
    return said, took


def by_halftide(counts: list[pd.DataFrame]) -> tuple[list[str], float]:
    """Halftide's verdict on each table as a file, and the seconds it took."""
    with tempfile.TemporaryDirectory() as folder:
        for number, table in enumerate(counts):
            table.to_csv(Path(folder) / f"{number:04}.csv")
        command = [str(ROOT / ".venv" / "bin" / "python"), "-c", JUDGE, folder]
        first, *said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return said, float(first)


def main() -> None:
    """Print a line of figures for each."""
    pairs = tables()
    counts = [pd.crosstab(a, b) for a, b in pairs]
    bad = [bool(((c > 0) & (c < 10)).to_numpy().any()) for c in counts]
    fine = [bool((c >= 10).to_numpy().all()) for c in counts]
    for name, (said, took) in (("acro", by_acro(pairs)), ("halftide", by_halftide(counts))):
        caught = sum(b and s != "pass" for b, s in zip(bad, said, strict=True))
        alarms = sum(f and s == "fail" for f, s in zip(fine, said, strict=True))
        print(
            f"bench {name}: tables={len(pairs)} disclosive={sum(bad)} caught={caught} missed={sum(bad) - caught} "
            f"safe={sum(fine)} false_alarms={alarms} total={took:.2f}s each={1000 * took / len(pairs):.1f}ms"
        )


if __name__ == "__main__":
    main()
