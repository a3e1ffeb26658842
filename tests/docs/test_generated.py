"""The generated pages of ``docs/`` are what the code says now."""

import difflib
import runpy
from functools import cache
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


@cache
def pages() -> dict[str, str]:
    made: dict[str, str] = runpy.run_path(str(DOCS / "generate.py"))["pages"]()
    return made


@pytest.mark.parametrize("name", ["states.md", "rules.md", "policies.md", "routes.md", "settings.md"])
def test_a_page_is_what_the_code_says(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    if written != pages()[name]:
        changes = difflib.unified_diff(written.splitlines(), pages()[name].splitlines(), "written", "code", lineterm="")
        pytest.fail(
            f"docs/{name} differs from the code. Run: .venv/bin/python docs/generate.py\n" + "\n".join(changes)[:4000],
            pytrace=False,
        )


def test_no_page_is_forgotten() -> None:
    assert set(pages()) == {"states.md", "rules.md", "policies.md", "routes.md", "settings.md"}
