"""Code that shows records is pointed at, and weighs no more than a note (N02)."""

import pytest
from outputs import dropping, findings

from output_checker.model import Dropped, Severity


def told(source: str, what: str = "source") -> list[str]:
    output = dropping(Dropped(what, "cell 3", "1 lines of code", len(source), source))
    found = [finding for finding in findings(output) if finding.rule == "N02"]
    assert all(finding.severity is Severity.NOTE for finding in found)
    return [finding.message for finding in found]


@pytest.mark.parametrize(
    "source",
    ["df.head()", "people.sample(5, random_state=1)", "display(df)", "df.iloc[:20]", "glimpse(d)", "x = 1\ndf.tail(3)"],
)
def test_n02_calls_that_show_rows(source: str) -> None:
    assert len(told(source)) == 1
    assert "cell 3" in told(source)[0]


@pytest.mark.parametrize(
    "source",
    [
        "df.groupby('plan').size()",
        "# df.head() shows records",
        "header = table.headers",
        "x = df.iloc[:20].mean()",
        "rng.sampled(5)",
        "self.display_name = 'x'",
    ],
)
def test_n02_other_code(source: str) -> None:
    assert not told(source)


def test_n02_looks_at_code_alone() -> None:
    assert not told("df.head()", what="metadata")
