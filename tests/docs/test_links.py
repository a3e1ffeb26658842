"""What the documents point at is there: files, headings, tests, and the functions that a table of tests names."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w./-]+)(?:::(\w+))?`")
_ACTION = re.compile(r"halftide admin ([a-z][a-z-]+)")


def prose(document: Path) -> str:
    """The text without its blocks of code."""
    return _FENCE.sub("", document.read_text(encoding="utf-8"))


def anchors(document: Path) -> set[str]:
    """The headings as links name them."""
    heads = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    broken = []
    for link in _LINK.findall(prose(document)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (document.parent / path).resolve() if path else document
        inside = target.is_relative_to(ROOT) and target.exists()
        if not inside or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_named_test_exists(document: Path) -> None:
    missing = []
    for path, function in _TEST.findall(document.read_text(encoding="utf-8")):
        file = ROOT / path
        if not file.exists() or (function and f"def {function}(" not in file.read_text(encoding="utf-8")):
            missing.append(f"{path}::{function}")
    assert not missing


def test_the_threat_model_names_every_attack_test() -> None:
    told = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    tests = sorted((ROOT / "tests" / "attacks").glob("test_*.py"))
    assert tests
    assert [test.name for test in tests if test.name not in told] == []


def test_every_decision_is_in_the_list() -> None:
    listed = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    pages = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert [page.name for page in pages if f"({page.name})" not in listed] == []
    numbers = [int(page.name.partition("-")[0]) for page in pages]
    assert numbers == list(range(1, len(pages) + 1))


def test_every_verb_of_an_administrator_is_told_and_exists() -> None:
    told = set(_ACTION.findall((ROOT / "docs" / "admin.md").read_text(encoding="utf-8")))
    halftide = "import sys; from output_checker.cli import main; sys.exit(main())"
    run = subprocess.run(
        [sys.executable, "-c", halftide, "admin", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    listed = run.stdout.partition("ACTION\n")[2].partition("\n\n")[0]
    assert told == set(re.findall(r"^ {4}([a-z-]+) ", listed, re.MULTILINE))
