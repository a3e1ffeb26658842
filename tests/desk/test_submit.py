"""Asking for a release: what comes in whole, what is refused, and what is never half there."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest

from output_checker.desk import projects, queue, review, submit
from output_checker.desk.submit import Wish
from output_checker.model import BadInput, Broken, Conflict, NotAllowed, NotFound, Policy, digest_of
from output_checker.storage.blobs import BlobStore, TooLarge
from tests.desk.kit import GOOD, Site


def wish(*paths: str, **changes: object) -> dict[str, object]:
    value: dict[str, object] = {
        "client_id": str(uuid4()),
        "title": "Visits",
        "groups": [{"name": "g", "context": "c", "controls": "d", "paths": list(paths)}],
        "replaces": None,
    }
    return {**value, **changes}


def send(site: Site, raw: dict[str, object], *data: bytes, who: str = "researcher", project: str = "visits") -> str:
    read = Wish.from_json(raw)
    files = [(path, BytesIO(content)) for path, content in zip(read.paths, data, strict=True)]
    return submit.submit(site.desk, site[who], project, read, files).request_id


def test_the_bytes_are_named_by_their_digest_from_the_start(site: Site) -> None:
    request_id = send(site, wish("a.csv", "b/ä.csv"), b"one", b"two")
    outputs = site.page(request_id, "researcher").outputs()
    assert [(o.path, o.sha256, o.size) for o in outputs] == [
        ("a.csv", digest_of(b"one"), 3),
        ("b/ä.csv", digest_of(b"two"), 3),
    ]
    assert site.desk.blobs.read(digest_of(b"two")) == b"two"


def test_sending_it_twice_makes_one_request(site: Site) -> None:
    raw = wish("a.csv")
    assert send(site, raw, GOOD) == send(site, raw, GOOD)
    assert len(queue.my_requests(site.desk, site["researcher"])) == 1


def test_somebody_elses_client_id_says_nothing_about_their_request(site: Site) -> None:
    raw = wish("a.csv")
    assert send(site, raw, GOOD) != send(site, raw, GOOD, who="colleague")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (wish(), "at least one file"),
        (wish("a.csv", title="  "), "title"),
        (wish("a.csv", title="x" * 256), "title"),
        (wish("a.csv", title=7), "title"),
        (wish("a.csv", client_id="7"), "can't be read"),
        (wish("../a.csv"), "beneath the workspace"),
        (wish("/etc/passwd"), "beneath the workspace"),
        (wish("a/./b.csv"), "beneath the workspace"),
        (wish("a//b.csv"), "beneath the workspace"),
        (wish(""), "beneath the workspace"),
        (wish("a\x00b"), "can be released"),
        (wish("a\u202eb.csv"), "can be released"),
        (wish("a\\b.csv"), "can be released"),
        (wish("\ud800.csv"), "can be released"),
        (wish("x" * 2000), "can be released"),
        (wish("a.csv", "a.csv"), "told apart"),
        (wish("Table.csv", "table.csv"), "told apart"),
        (wish("é.csv", "e\u0301.csv"), "told apart"),
        (wish("a.csv", groups="none"), "can't be read"),
        (wish("a.csv", groups=[{"name": "g", "context": "c", "controls": "d", "paths": "a.csv"}]), "list of texts"),
        (wish("a.csv", groups=[{"name": "g", "context": "c" * 10_001, "controls": "", "paths": ["a"]}]), "context"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(raw: dict[str, object], text: str) -> None:
    with pytest.raises(BadInput, match=text):
        Wish.from_json(raw)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"title": 1}', "7", '"x"'])
def test_what_is_no_request_at_all_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        Wish.from_json(text)


def test_too_many_and_too_large_are_refused_with_their_numbers_and_nothing_is_kept(site: Site) -> None:
    projects.set_policy(site.desk, None, "visits", Policy(max_file_bytes=10, max_request_files=2))
    with pytest.raises(BadInput, match="3 files; the project's policy allows 2"):
        send(site, wish("a", "b", "c"), b"1", b"2", b"3")
    with pytest.raises(TooLarge, match="a is larger than the 10 bytes"):
        send(site, wish("a"), b"x" * 11)
    send(site, wish("a"), b"x" * 10)
    assert len(queue.my_requests(site.desk, site["researcher"])) == 1
    assert list((site.desk.blobs.root / "incoming").iterdir()) == []


def test_files_that_do_not_match_the_request_are_refused(site: Site) -> None:
    read = Wish.from_json(wish("a", "b"))
    for files in (
        [("a", BytesIO(b"1"))],
        [("b", BytesIO(b"1")), ("a", BytesIO(b"2"))],
        [("a", BytesIO(b"1")), ("b", BytesIO(b"2")), ("c", BytesIO(b"3"))],
    ):
        with pytest.raises(BadInput):
            submit.submit(site.desk, site["researcher"], "visits", read, files)
    assert queue.my_requests(site.desk, site["researcher"]) == ()


def test_only_a_member_with_a_running_lease_may_ask(site: Site) -> None:
    with pytest.raises(NotAllowed, match="not a member"):
        send(site, wish("a"), GOOD, who="stranger")
    with pytest.raises(NotFound):
        send(site, wish("a"), GOOD, project="nowhere")
    projects.add_member(site.desk, None, "visits", "researcher", until=site.clock() + timedelta(days=1))
    site.clock.forward(days=2)
    with pytest.raises(NotAllowed, match="not a member"):
        send(site, wish("a"), GOOD)
    projects.set_state(site.desk, None, "visits", "frozen")
    with pytest.raises(NotAllowed, match="frozen"):
        send(site, wish("a"), GOOD, who="colleague")


def test_a_request_is_replaced_only_by_its_author_and_only_when_returned(site: Site) -> None:
    request_id = site.submitted()
    with pytest.raises(Conflict, match="waiting"):
        site.submit(replaces=request_id)
    review.return_for_changes(site.desk, site["checker1"], request_id, 1, "more context")
    with pytest.raises(NotFound):
        send(site, wish("a", replaces=request_id), GOOD, who="colleague")
    with pytest.raises(NotFound):
        site.submit(replaces=str(uuid4()))
    assert send(site, wish("a", replaces=request_id), GOOD) == request_id


def test_a_full_disk_is_a_clear_error_and_leaves_nothing_half_there(site: Site, small_disk: Path) -> None:
    full = type(site.desk)(site.desk.database, BlobStore(small_disk), site.desk.clock, site.desk.state_dir)
    read = Wish.from_json(wish("a", "b"))
    files = [("a", BytesIO(b"small")), ("b", BytesIO(b"x" * (4 << 20)))]
    with pytest.raises(Broken, match="disk is full"):
        submit.submit(full, site["researcher"], "visits", read, files)
    assert queue.my_requests(site.desk, site["researcher"]) == ()
    assert list((small_disk / "incoming").iterdir()) == []
    assert full.blobs.read(digest_of(b"small")) == b"small"
    again = [("a", BytesIO(b"small")), ("b", BytesIO(b"y"))]
    assert submit.submit(full, site["researcher"], "visits", read, again).created


def test_a_full_disk_under_the_database_loses_nothing(site: Site) -> None:
    before = queue.audit(site.desk, site["admin"])
    with _full_database(site), pytest.raises(Broken, match="full"):
        _ = [site.submit() for _ in range(100)]
    assert queue.audit(site.desk, site["admin"]).size >= before.size
    count = len(queue.my_requests(site.desk, site["researcher"]))
    request_id = site.submit()
    site.check_all()
    assert len(queue.my_requests(site.desk, site["researcher"])) == count + 1
    assert site.page(request_id).row.outputs == 1


@contextmanager
def _full_database(site: Site) -> Iterator[None]:
    """Let the database grow by no page more, which is how SQLite meets a full disk."""
    with site.desk.database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def limit(connection: object, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 1}")  # type: ignore[attr-defined]

    from sqlalchemy import event

    event.listen(site.desk.database.engine, "checkout", limit)
    try:
        yield
    finally:
        event.remove(site.desk.database.engine, "checkout", limit)
        site.desk.database.engine.dispose()
