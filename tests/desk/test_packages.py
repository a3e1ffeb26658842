"""Packages at the desk: asking, deciding, and what is written down."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from output_checker.desk import packages, projects
from output_checker.desk.packages import MOST_OPEN, Question, State
from output_checker.desk.verify import verify
from output_checker.mirror.library import Library
from output_checker.mirror.source import Source
from output_checker.model import BadInput, Conflict, HalftideError, NotAllowed, NotFound
from output_checker.rules.packages import Kind
from output_checker.storage.schema import LedgerRow
from tests.desk.kit import Site
from tests.mirror.outside import wheel

TIDAL = Question(Kind.PYTHON, "tidal")


def told(site: Site) -> list[tuple[str, str]]:
    """The ledger's entries about packages."""
    with site.desk.reading() as session:
        rows = session.scalars(select(LedgerRow).where(LedgerRow.action.like("%_package")).order_by(LedgerRow.seq))
        return [(row.action, json.loads(row.payload)["name"]) for row in rows]


def test_a_question_and_its_answer(site: Site) -> None:
    asked = packages.ask(
        site.desk, site["researcher"], "visits", Question.from_text("python", "Tidal", "", "for tides")
    )
    assert (asked.name, asked.state, asked.project, asked.asked_by) == ("tidal", State.ASKED, "visits", "researcher")
    assert packages.ask(site.desk, site["colleague"], "visits", TIDAL).id == asked.id, "the same question"
    assert not packages.package_list(site.desk, "visits").lines
    allowed = packages.approve(site.desk, site["admin"], asked.id, ">=1")
    assert (allowed.state, allowed.versions, allowed.decided_by) == (State.ALLOWED, ">=1", "admin")
    assert packages.package_list(site.desk, "visits").allows(Kind.PYTHON, "tidal", "1.2")
    assert not packages.package_list(site.desk, "other").lines, "another project has its own list"
    with pytest.raises(Conflict, match="decided meanwhile"):
        packages.refuse(site.desk, site["admin"], asked.id, "no")
    packages.end(site.desk, site["admin"], asked.id, "a hole was found in it")
    assert not packages.package_list(site.desk, "visits").lines
    assert told(site) == [("ask_package", "tidal"), ("allow_package", "tidal"), ("end_package", "tidal")]
    assert verify(site.desk.state_dir).ok


def test_a_refusal_has_a_reason_that_the_researcher_reads(site: Site) -> None:
    asked = packages.ask(site.desk, site["researcher"], "visits", TIDAL)
    with pytest.raises(BadInput, match="why"):
        packages.refuse(site.desk, site["admin"], asked.id, " ")
    packages.refuse(site.desk, site["admin"], asked.id, "It calls home.")
    mine = packages.of_project(site.desk, site["researcher"], "visits")
    assert [(one.state, one.decision) for one in mine] == [(State.REFUSED, "It calls home.")]
    assert packages.ask(site.desk, site["researcher"], "visits", TIDAL).id != asked.id, "one may ask again"


def test_the_sites_list_holds_for_every_project(site: Site) -> None:
    packages.allow(site.desk, site["admin"], TIDAL)
    assert all(packages.package_list(site.desk, slug).allows(Kind.PYTHON, "tidal", "1") for slug in ("visits", "other"))
    with pytest.raises(Conflict, match="already"):
        packages.ask(site.desk, site["researcher"], "visits", TIDAL)
    assert packages.ask(site.desk, site["stranger"], "other", Question(Kind.R, "tidal")).state is State.ASKED
    assert verify(site.desk.state_dir).ok


def test_only_who_may_work_there_asks_and_only_an_administrator_decides(site: Site) -> None:
    with pytest.raises(NotAllowed):
        packages.ask(site.desk, site["stranger"], "visits", TIDAL)
    asked = packages.ask(site.desk, site["researcher"], "visits", TIDAL)
    for who in ("researcher", "checker1", "colleague"):
        for refused in (
            lambda who=who: packages.approve(site.desk, site[who], asked.id),
            lambda who=who: packages.refuse(site.desk, site[who], asked.id, "no"),
            lambda who=who: packages.allow(site.desk, site[who], TIDAL, "visits"),
            lambda who=who: packages.everything(site.desk, site[who]),
            lambda who=who: packages.uses(site.desk, site[who]),
        ):
            with pytest.raises(NotAllowed):
                refused()
    with pytest.raises(NotFound):
        packages.approve(site.desk, site["admin"], "no such key")
    projects.set_state(site.desk, None, "visits", "frozen")
    with pytest.raises(NotAllowed):
        packages.of_project(site.desk, site["researcher"], "visits")


def test_a_project_has_not_endless_questions(site: Site) -> None:
    for number in range(MOST_OPEN):
        packages.ask(site.desk, site["researcher"], "visits", Question(Kind.PYTHON, f"p{number}"))
    with pytest.raises(Conflict, match="open questions"):
        packages.ask(site.desk, site["researcher"], "visits", TIDAL)


@pytest.mark.parametrize(
    "texts", [("rust", "a"), ("python", "a b"), ("python", "a", "1.0"), ("python", "a", "", "x" * 1001)]
)
def test_what_is_no_question(texts: tuple[str, ...]) -> None:
    with pytest.raises(BadInput):
        Question.from_text(*texts)


def test_every_wish_is_written_down_with_what_it_was_told(site: Site, tmp_path: Path) -> None:
    file, data = wheel("tidal", "1.0")
    (tmp_path / file).write_bytes(data)
    library = Library({Kind.PYTHON: Source(f"file://{tmp_path}")}, tmp_path / "kept", site.clock)

    def wish(who: str, path: str) -> bytes | str:
        try:
            with packages.serve(site.desk, library, site[who], "visits", path) as served:
                return served.file.read()
        except HalftideError as error:
            return str(error)

    assert "not on this project's list" in str(wish("researcher", f"python/files/tidal/{file}"))
    packages.allow(site.desk, None, TIDAL, "visits")
    assert wish("researcher", f"python/files/tidal/{file}") == data
    assert "nothing here" in str(wish("researcher", "python/../<script>"))
    assert "member" in str(wish("stranger", f"python/files/tidal/{file}")), "and that is not a wish of this project"
    written = [(use.person, use.wish, use.outcome, use.size) for use in packages.uses(site.desk, site["admin"])]
    assert written == [
        ("researcher", "(an address that is none)", "not found", 0),
        ("researcher", f"python/files/tidal/{file}", "served", len(data)),
        ("researcher", f"python/files/tidal/{file}", "refused", 0),
    ]
