"""The promise of the ledger: no change without an entry, no entry without its change."""

from pathlib import Path

import pytest
from sqlalchemy import text, update

from output_checker.desk import queue
from output_checker.desk.context import SYSTEM, open_desk, prepare_state
from output_checker.model import Broken
from output_checker.storage.schema import PersonRow, ProjectRow, RequestRow
from tests.desk.kit import Site


def rename(site: Site, about: str = "", then: str = "") -> None:
    """Change a fact in a transaction of the desk, telling the ledger about ``about``, and go on with ``then``."""
    with site.desk.changing(SYSTEM) as change:
        row = change.session.get_one(PersonRow, site["stranger"].id)
        row.name = "somebody else"
        if about:
            change.record("rename", about)
        if then == "flush":
            change.session.flush()
        if then == "delete":
            change.session.delete(row)
        if then == "crash":
            change.session.flush()
            raise RuntimeError("the machine stops here")


@pytest.mark.parametrize("about", ["", "person:nobody"])
@pytest.mark.parametrize("then", ["", "flush"])
def test_a_change_that_is_not_told_to_the_ledger_is_not_committed(site: Site, about: str, then: str) -> None:
    before = queue.audit(site.desk, site["admin"])
    with pytest.raises(Broken, match="not told to the ledger"):
        rename(site, about, then)
    with site.desk.reading() as session:
        assert session.get_one(PersonRow, site["stranger"].id).name == "stranger"
    assert queue.audit(site.desk, site["admin"]) == before


def test_a_failing_block_leaves_neither_change_nor_entry(site: Site) -> None:
    before = queue.audit(site.desk, site["admin"])
    with pytest.raises(RuntimeError):
        rename(site, f"person:{site['stranger'].id}", "crash")
    assert queue.audit(site.desk, site["admin"]) == before


def test_the_entry_holds_the_digest_of_the_changed_row(site: Site) -> None:
    with site.desk.changing(SYSTEM) as change:
        row = change.session.get_one(PersonRow, site["researcher"].id)
        row.name = "R."
        change.record("rename", row.subject())
        change.session.flush()
        digest = row.facts_digest()
    payload = queue.audit(site.desk, site["admin"]).events[0].payload
    assert payload["rows"] == {row.name_in_ledger(): digest}


def test_facts_are_never_deleted(site: Site) -> None:
    with pytest.raises(Broken, match="deleted"):
        rename(site, f"person:{site['stranger'].id}", "delete")


def test_statements_that_go_round_the_session_are_refused(site: Site) -> None:
    for statement in (update(ProjectRow).values(state="closed"), text("UPDATE project SET state = 'closed'")):
        with pytest.raises(Broken, match="one row at a time"), site.desk.changing(SYSTEM) as change:
            change.session.execute(statement)


def test_reading_changes_nothing(site: Site) -> None:
    with site.desk.reading() as session:
        session.get_one(PersonRow, site["researcher"].id).name = "somebody else"
        session.flush()
    with site.desk.reading() as session:
        assert session.get_one(PersonRow, site["researcher"].id).name == "researcher"


def test_the_queue_of_jobs_can_change_no_fact(site: Site) -> None:
    request_id = site.submit()
    with pytest.raises(Broken, match="not told"), site.desk.working() as session:
        session.get_one(RequestRow, request_id).state = "released"


def test_a_state_folder_is_for_its_owner_alone_and_must_be_prepared(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="halftide up"):
        open_desk(tmp_path / "nothing")
    prepare_state(tmp_path / "state")
    prepare_state(tmp_path / "state")
    for folder in (tmp_path / "state", *[path for path in (tmp_path / "state").rglob("*") if path.is_dir()]):
        assert folder.stat().st_mode & 0o777 == 0o700
