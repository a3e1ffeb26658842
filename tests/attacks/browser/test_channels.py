"""Every channel by which a stock Jupyter gives data to a browser is tried by a test that is named beside it."""

import ast
import csv
import re
from pathlib import Path

import pytest

from tests.attacks.browser import decisions, output_attacks, page_attacks, wire_attacks
from tests.attacks.test_download_routes import ROUTES

ROOT = Path(__file__).resolve().parents[3]
CHANNELS = list(csv.DictReader((ROOT / "tests/attacks/browser/channels.csv").read_text().splitlines()))
CASES = {
    *(attack.name for table in (page_attacks, output_attacks, wire_attacks) for attack in table.ATTACKS),
    *(row.pattern for row in decisions.WORKSPACE),
    *ROUTES,
}
_TEST = re.compile(r"(?P<file>[\w/]+\.py)::(?P<function>\w+)(?:\[(?P<case>.+)\])?")


def test_all_channels_that_were_found_are_there() -> None:
    assert len({row["channel"] for row in CHANNELS}) == len(CHANNELS) == 47


@pytest.mark.parametrize("row", CHANNELS, ids=lambda row: row["channel"])
def test_the_named_test_exists(row: dict[str, str]) -> None:
    if row["shown by"].startswith("not stopped: "):
        page, _, heading = row["shown by"].removeprefix("not stopped: ").partition("#")
        assert f"## {heading.replace('-', ' ')}" in (ROOT / page).read_text().lower()
        return
    named = _TEST.fullmatch(row["shown by"])
    assert named, row["shown by"]
    tree = ast.parse((ROOT / named["file"]).read_text())
    assert named["function"] in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert named["case"] is None or named["case"] in CASES
