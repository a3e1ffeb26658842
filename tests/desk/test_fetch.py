"""Fetching what is out: the approved bytes, to the right people, written down first."""

import hashlib
import json
import zipfile
from io import BytesIO

import pytest

from output_checker.desk import fetch, projects, queue
from output_checker.model import Broken, Conflict, NotAllowed, NotFound
from tests.desk.kit import Site


def fetches(site: Site) -> int:
    return sum(event.action == "fetch" for event in queue.audit(site.desk, site["admin"], limit=500).events)


def test_author_and_members_get_the_approved_bytes_and_it_is_written_down(site: Site) -> None:
    request_id = site.released(b"A,20\n", b"B,30\n")
    for who in ("researcher", "colleague"):
        for output in site.page(request_id, who).outputs():
            got = fetch.fetch_file(site.desk, site[who], request_id, output.id)
            assert hashlib.sha256(got.data).hexdigest() == got.sha256 == output.canonical_sha256
            assert (got.path, got.media_type) == (output.path, "text/csv")
    assert fetches(site) == 4
    release = site.page(request_id).release
    assert release is not None
    assert release.fetches == 4
    assert [file.size for file in release.files] == [5, 5]


def test_the_archive_holds_every_file_and_a_list_of_their_digests(site: Site) -> None:
    request_id = site.released(b"A,20\n", b"B,30\n")
    got = fetch.fetch_all(site.desk, site["researcher"], request_id)
    with zipfile.ZipFile(BytesIO(got.data)) as archive:
        assert archive.read("release-1/out/table-1.csv") == b"b,30\n"
        listed = json.loads(archive.read("release-1.manifest.json"))
    assert [line["sha256"] for line in listed] == [o.canonical_sha256 for o in site.page(request_id).outputs()]
    assert got.data == fetch.fetch_all(site.desk, site["researcher"], request_id).data
    assert fetches(site) == 2


def test_checkers_admins_and_strangers_fetch_nothing(site: Site) -> None:
    request_id = site.released()
    output = site.page(request_id).outputs()[0].id
    for who, error in (("checker1", NotAllowed), ("admin", NotAllowed), ("stranger", NotFound)):
        with pytest.raises(error):
            fetch.fetch_file(site.desk, site[who], request_id, output)
        with pytest.raises(error):
            fetch.fetch_all(site.desk, site[who], request_id)
    assert fetches(site) == 0


def test_nothing_can_be_fetched_before_the_release(site: Site) -> None:
    request_id = site.submitted()
    output = site.page(request_id).outputs()[0].id
    with pytest.raises(Conflict):
        fetch.fetch_file(site.desk, site["researcher"], request_id, output)
    with pytest.raises(NotFound):
        fetch.fetch_file(site.desk, site["researcher"], "no-such-request", output)


def test_a_file_of_another_request_is_not_fetched_through_this_one(site: Site) -> None:
    released, waiting = site.released(), site.submitted(b"secret,50\n")
    hidden = site.page(waiting).outputs()[0].id
    with pytest.raises(NotFound):
        fetch.fetch_file(site.desk, site["researcher"], released, hidden)


def test_somebody_who_left_the_project_gets_no_more_of_a_colleagues_files(site: Site) -> None:
    request_id = site.released()
    projects.end_membership(site.desk, None, "visits", "colleague")
    with pytest.raises((NotAllowed, NotFound)):
        fetch.fetch_all(site.desk, site["colleague"], request_id)


def test_damaged_bytes_are_not_handed_out(site: Site) -> None:
    request_id = site.released()
    output = site.page(request_id).outputs()[0]
    path = site.desk.blobs._path(output.canonical_sha256 or "")
    path.chmod(0o600)
    path.write_bytes(b"something else")
    with pytest.raises(Broken, match="damaged"):
        fetch.fetch_file(site.desk, site["researcher"], request_id, output.id)
    with pytest.raises(Broken, match="damaged"):
        fetch.fetch_all(site.desk, site["researcher"], request_id)
    assert fetches(site) == 0
