"""The labelled corpus: how much of what is disclosive is caught, and how often a safe output is stopped.

The labels come from how each output was made (make_corpus.py), not from the engine.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from output_checker.desk.policies import load_policy
from output_checker.disclosure import assess
from output_checker.model import Severity, Verdict
from output_checker.readers.reading import read

HERE = Path(__file__).parent / "corpus"
LABELS: dict[str, dict[str, object]] = json.loads((HERE / "labels.json").read_text(encoding="utf-8"))


def judged(file: str) -> tuple[Verdict, set[str]]:
    """The verdict on a file of the corpus and the rules that say more than a note."""
    policy = load_policy(str(LABELS[file]["policy"]))
    assessment = assess(read((HERE / file).read_bytes()), policy, None, Path(file).name)
    return assessment.verdict, {f.rule for f in assessment.findings if f.severity is not Severity.NOTE}


def test_recall_and_false_alarms(capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter[str] = Counter()
    missed, alarms = [], []
    for file, label in LABELS.items():
        verdict, rules = judged(file)
        wanted = set(label["rules"])  # type: ignore[call-overload]
        side = "disclosive" if wanted else "safe"
        counts[side] += 1
        counts[f"{side} {verdict.value}"] += 1
        if wanted and (verdict is Verdict.PASS or not rules & wanted):
            missed.append((file, verdict.value, sorted(rules)))
        if not wanted and verdict is Verdict.FAIL:
            alarms.append((file, sorted(rules)))
    recall = 1 - len(missed) / counts["disclosive"]
    false_alarms = len(alarms) / counts["safe"]
    reviews = counts["safe review"] / counts["safe"]
    with capsys.disabled():
        print(
            f"\ncorpus: disclosive={counts['disclosive']} recall={recall:.3f} failed={counts['disclosive fail']} "
            f"safe={counts['safe']} false_alarms={false_alarms:.3f} safe_for_review={reviews:.3f}"
        )
    assert recall >= 0.99, missed
    assert false_alarms <= 0.03, alarms
    assert reviews <= 0.10


def test_corpus_is_large_and_balanced() -> None:
    disclosive = sum(bool(label["rules"]) for label in LABELS.values())

    assert disclosive >= 60
    assert len(LABELS) - disclosive >= 60


def test_names_of_files_decide_nothing() -> None:
    for file, label in list(LABELS.items())[::7]:
        output = read((HERE / file).read_bytes())
        policy = load_policy(str(label["policy"]))

        assert assess(output, policy, None, "a.csv").verdict is assess(output, policy, None, Path(file).name).verdict
