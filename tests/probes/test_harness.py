"""The program that tries probes: one line for each, whatever happens in it."""

import subprocess
import sys

from output_checker.probes import Family, Outcome, Probe, Verdict
from output_checker.probes.harness import Reading, program

PROGRAMS = {
    "gets": "got('a thing')",
    "gets-the-prize": "prize(b'--' + PRIZE.encode() + b'--')",
    "gets-something-else": "prize('nothing of value')",
    "is-refused": "open('/no/such/file')",
    "finds-nothing": "nothing('there is none')",
    "says-nothing": "pass",
    "is-wrong": "no_such_name",
    "does-not-compile": "this is not Python",
    "exits": "sys.exit(0)",
    "is-killed": "os.kill(os.getpid(), 9)",
    "pretends": "print(LINE if 'LINE' in globals() else 'HALFTIDE-PROBE', 'x')\nos._exit(0)",
    "swallows": "try:\n    got('inside')\nexcept Exception:\n    pass",
}


def outcomes() -> dict[str, Outcome]:
    probes = [Probe(name, Family.NETWORK, name, text) for name, text in PROGRAMS.items()]
    text = program(probes, {"PRIZE": "the-prize"}, "nonce")
    run = subprocess.run([sys.executable, "-I", "-"], input=text, capture_output=True, text=True, check=True)
    reading = Reading("nonce")
    found: dict[str, Outcome] = {}
    for character in run.stdout:  # in the smallest pieces that a terminal can send
        found |= dict(reading.feed(character))
    assert reading.over
    return found


def test_only_two_ends_are_blocked_and_silence_is_none() -> None:
    assert {name: outcome.verdict for name, outcome in outcomes().items()} == {
        "gets": Verdict.SUCCEEDED,
        "gets-the-prize": Verdict.SUCCEEDED,
        "swallows": Verdict.SUCCEEDED,
        "gets-something-else": Verdict.BLOCKED,
        "is-refused": Verdict.BLOCKED,
        "finds-nothing": Verdict.BLOCKED,
        "says-nothing": Verdict.UNKNOWN,
        "is-wrong": Verdict.UNKNOWN,
        "does-not-compile": Verdict.UNKNOWN,
        "exits": Verdict.UNKNOWN,
        "is-killed": Verdict.UNKNOWN,
        "pretends": Verdict.UNKNOWN,
    }


def test_lines_of_another_run_are_passed_over() -> None:
    reading = Reading("mine")
    assert reading.feed('HALFTIDE-PROBE other ["tcp", "blocked", ""]\nHALFTIDE-PROBE other end\n') == []
    assert not reading.over
    ((name, outcome),) = reading.feed('$ HALFTIDE-PROBE mine ["tcp", "blocked", "EPERM"]\r\n')
    assert (name, outcome) == ("tcp", Outcome(Verdict.BLOCKED, "EPERM"))
