"""How the check does on the labelled corpus, counted once, and the page of ``docs/`` that says so.

``python tests/disclosure/corpus/report.py`` writes docs/measured.md; a test compares it.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from output_checker.desk.policies import load_policy
from output_checker.disclosure import assess
from output_checker.model import Finding, Output, Severity, Table, Verdict
from output_checker.readers.reading import read

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[2] / "docs" / "measured.md"
FAMILIES = {
    "F": "counts",
    "M": "magnitudes",
    "P": "positions",
    "R": "models",
    "G": "figures",
    "N": "notebooks",
    "H": "hiding and records",
    "I": "identifiers",
}


@dataclass(frozen=True)
class Judged:
    """An output of the corpus beside what the check says of it."""

    file: str
    family: str
    """The letter of the rule that is expected first; for a safe output the kind of file."""
    wanted: frozenset[str]
    verdict: Verdict
    rules: frozenset[str]
    """Rules that say more than a note."""
    cells: int
    """Cells that must be named."""
    named: int
    """Those of them that are."""

    @property
    def caught(self) -> bool:
        """Disclosive, stopped, and for one of the right reasons."""
        return bool(self.wanted) and self.verdict is not Verdict.PASS and bool(self.rules & self.wanted)


def judge_all() -> list[Judged]:
    """Judge every output of the corpus."""
    labels = json.loads((HERE / "labels.json").read_text(encoding="utf-8"))
    return [_judge(file, label) for file, label in sorted(labels.items())]


def _judge(file: str, label: dict[str, list[str] | str | list[list[str]]]) -> Judged:
    output = read((HERE / file).read_bytes())
    found = assess(output, load_policy(str(label["policy"])), None, Path(file).name)
    wanted = frozenset(map(str, label["rules"]))
    family = str(next(iter(label["rules"]), ""))[:1] or Path(file).suffix
    cells = [tuple(cell) for cell in label.get("cells", ())]
    telling = [finding for finding in found.findings if finding.severity is not Severity.NOTE]
    named = sum(_names(output, [f for f in telling if f.rule in wanted], cell) for cell in cells)
    return Judged(file, family, wanted, found.verdict, frozenset(f.rule for f in telling), len(cells), named)


def _names(output: Output, findings: Iterable[Finding], cell: tuple[str, ...]) -> bool:
    """Whether a finding points at the cell in the row of this label that has this text."""
    row_label, _, text = cell
    for where in (where for finding in findings for where in finding.where):
        part = output.parts[where.part]
        if isinstance(part, Table) and where.row is not None and where.column is not None:
            row = part.cells[where.row]
            if row[where.column].strip() == text and row_label in map(str.strip, row):
                return True
    return False


def page(judged: list[Judged]) -> str:
    """The page, from these figures alone."""
    bad, good = [j for j in judged if j.wanted], [j for j in judged if not j.wanted]
    missed = [j for j in bad if not j.caught]
    alarms = [j for j in good if j.verdict is Verdict.FAIL]
    looks = [j for j in good if j.verdict is Verdict.REVIEW]
    cells, named = sum(j.cells for j in bad), sum(j.named for j in bad)
    return f"""<!-- Written by tests/disclosure/corpus/report.py; a test compares it. -->

# How well the check does

Figures of the labelled corpus in [tests/disclosure/corpus](../tests/disclosure/corpus): outputs made from real data by
pandas, statsmodels, scikit-learn, matplotlib, seaborn, Plotly, Altair and openpyxl, and as R, Stata and databases print
them. The labels follow from how an output was made. An output is *caught* when it is stopped (`fail` or `review`) by
one of the rules that its label names, *missed* otherwise. `review` of a safe output asks for a person's look; it is
counted apart from a false alarm (`fail`).

- {len(bad)} disclosive outputs: recall {_share(len(bad) - len(missed), len(bad))},
  {_share(sum(j.verdict is Verdict.FAIL for j in bad), len(bad))} `fail`.
- {len(good)} safe outputs: false alarms {_share(len(alarms), len(good))}, for review {_share(len(looks), len(good))}.
- {cells:,} cells of disclosive tables had to be named: {_share(named, cells)} are.

## Beside ACRO

`benchmarks/compare_acro.py` gives ACRO 1.0.2 and Halftide the same 120 crosstabs, 80 of them with counts of 1 to 9:
both catch all and stop none of the 40 safe ones; Halftide takes about a tenth of the time. What else is in the corpus
ACRO can't be asked about: it checks what is made through its own functions.

## Real notebooks and tables

`benchmarks/notebooks.py` reads each of 133 example and documentation notebooks in a cage; all are answered, none breaks
a rule, and one is refused because its picture is none. 87 tables that two people released under OpenSAFELY's policy are
judged in `tests/disclosure/test_real_outputs.py`: at most 1 % may `fail`, at most 5 % ask for a look.

## By family of the expected rule

{_table(("family", "disclosive", "caught", "recall", "`fail`"), _families(bad))}
## Safe outputs by kind of file

{_table(("kind", "safe", "pass", "review", "fail"), _kinds(good))}
## False alarms by the rule that speaks

{_table(("rule", "`fail` of safe outputs", "`review` of safe outputs"), _voices(alarms, looks))}
## What is missed

{_list(missed, lambda j: f"`{j.file}`: expected {_ids(j.wanted)}; said {_ids(j.rules)}")}
## What is stopped without need

{_list(alarms, lambda j: f"`{j.file}`: {_ids(j.rules)}")}"""


def _families(bad: list[Judged]) -> Iterable[tuple[str, ...]]:
    for letter, name in FAMILIES.items():
        those = [j for j in bad if j.family == letter]
        caught, fails = sum(j.caught for j in those), sum(j.verdict is Verdict.FAIL for j in those)
        if those:
            yield f"{letter}: {name}", str(len(those)), str(caught), _share(caught, len(those)), str(fails)


def _kinds(good: list[Judged]) -> Iterable[tuple[str, ...]]:
    for kind in sorted({j.family for j in good}):
        said = Counter(j.verdict for j in good if j.family == kind)
        numbers = (sum(said.values()), said[Verdict.PASS], said[Verdict.REVIEW], said[Verdict.FAIL])
        yield f"`{kind}`", *map(str, numbers)


def _voices(alarms: list[Judged], looks: list[Judged]) -> Iterable[tuple[str, ...]]:
    loud = Counter(rule for j in alarms for rule in j.rules)
    soft = Counter(rule for j in looks for rule in j.rules)
    return ((rule, str(loud[rule]), str(soft[rule])) for rule in sorted(loud | soft))


def _ids(rules: Iterable[str]) -> str:
    return ", ".join(sorted(rules)) or "nothing"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _list(judged: list[Judged], words: Callable[[Judged], str]) -> str:
    return "".join(f"- {words(j)}\n" for j in judged) or "Nothing.\n"


if __name__ == "__main__":
    PAGE.write_text(page(judge_all()), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
