"""The labelled corpus: how much of what is disclosive is caught, and how often a safe output is stopped.

The labels come from how each output was made (corpus/make_corpus.py), not from the engine.
"""

import json
import sys
from functools import cache
from pathlib import Path

import pytest

from output_checker.desk.policies import load_policy
from output_checker.disclosure import assess
from output_checker.model import Verdict
from output_checker.readers.reading import read

HERE = Path(__file__).parent / "corpus"
sys.path.insert(0, str(HERE))

import report  # noqa: E402 - beside the outputs

LABELS: dict[str, dict[str, object]] = json.loads((HERE / "labels.json").read_text(encoding="utf-8"))


@cache
def judged() -> list[report.Judged]:
    return report.judge_all()


def test_recall_and_false_alarms(capsys: pytest.CaptureFixture[str]) -> None:
    bad, good = [j for j in judged() if j.wanted], [j for j in judged() if not j.wanted]
    missed = [(j.file, j.verdict.value, sorted(j.rules)) for j in bad if not j.caught]
    alarms = [(j.file, sorted(j.rules)) for j in good if j.verdict is Verdict.FAIL]
    recall, false_alarms = 1 - len(missed) / len(bad), len(alarms) / len(good)
    reviews = sum(j.verdict is Verdict.REVIEW for j in good) / len(good)
    named = sum(j.named for j in bad) / sum(j.cells for j in bad)
    with capsys.disabled():
        print(
            f"\ncorpus: disclosive={len(bad)} recall={recall:.3f} "
            f"failed={sum(j.verdict is Verdict.FAIL for j in bad)} cells_named={named:.3f} "
            f"safe={len(good)} false_alarms={false_alarms:.3f} safe_for_review={reviews:.3f}"
        )
    assert recall >= RECALL, missed
    assert false_alarms <= 0.03, alarms
    assert named >= 0.95
    assert reviews <= 0.10


RECALL = 0.99


def test_corpus_is_large_and_balanced() -> None:
    disclosive = sum(bool(label["rules"]) for label in LABELS.values())

    assert disclosive >= 300
    assert len(LABELS) - disclosive >= 300
    assert sum(path.stat().st_size for path in HERE.rglob("*") if path.is_file()) < 3_000_000


def test_the_page_says_what_is_measured() -> None:
    written = report.PAGE.read_text(encoding="utf-8")

    assert written == report.page(judged()), "Run: .venv/bin/python tests/disclosure/corpus/report.py"


def test_names_of_files_decide_nothing() -> None:
    for file, label in list(LABELS.items())[::7]:
        output = read((HERE / file).read_bytes())
        policy = load_policy(str(label["policy"]))

        assert assess(output, policy, None, "a.csv").verdict is assess(output, policy, None, Path(file).name).verdict
