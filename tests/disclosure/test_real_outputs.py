"""Tables that two people released under OpenSAFELY's policy: a finding on them is a false alarm."""

from pathlib import Path

import pytest

from output_checker.desk.policies import load_policy
from output_checker.disclosure import assess
from output_checker.disclosure.semantics import understand
from output_checker.model import Table, Verdict
from output_checker.readers.reading import read

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "real-outputs" / "latest"
FILES = sorted(FOLDER.rglob("*.csv"))

pytestmark = pytest.mark.skipif(not FILES, reason="the released tables are not beside this checkout")


def test_released_tables_raise_hardly_any_alarm() -> None:
    policy = load_policy("opensafely")
    verdicts = {path.name: assess(read(path.read_bytes()), policy, None, path.name).verdict for path in FILES}
    failed = [name for name, verdict in verdicts.items() if verdict is Verdict.FAIL]
    reviewed = [name for name, verdict in verdicts.items() if verdict is Verdict.REVIEW]

    assert len(failed) <= 0.01 * len(FILES), failed
    assert len(reviewed) <= 0.05 * len(FILES), reviewed


def test_their_rounding_is_found() -> None:
    for path in FILES:
        table = next(part for part in read(path.read_bytes()).parts if isinstance(part, Table))

        assert understand(table, 0).rounding.base == 7, path.name
