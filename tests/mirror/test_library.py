"""The library: indexes made anew, files that are kept, mirrors that are folders, and what a mirror may not be."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from output_checker.mirror.indexes import read_python
from output_checker.mirror.library import Library
from output_checker.mirror.shelf import INDEX_KEPT, REFUSAL_KEPT
from output_checker.mirror.source import MirrorSilent, Source
from output_checker.model import BadInput, NotAllowed, NotFound
from output_checker.model.mirrors import mirror_address
from output_checker.rules.packages import Allowed, Kind, PackageList, wish_of
from tests.mirror.outside import Mirror, Page, mirror, sdist, wheel

LISTED = PackageList(
    (Allowed(Kind.PYTHON, "tidal", "<2"), Allowed(Kind.CONDA, "light"), Allowed(Kind.R, "survey"))
)  # fmt: skip


class Clock:
    """A clock that a test turns."""

    now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def library(folder: Path, clock: Clock | None = None, **addresses: str) -> Library:
    return Library({Kind(kind): Source(one) for kind, one in addresses.items()}, folder / "kept", clock or Clock())


def read(library: Library, path: str) -> bytes:
    with library.serve(wish_of(path), LISTED) as served:
        data = served.file.read()
    assert len(data) == served.size
    return data


@pytest.fixture
def outside() -> Iterator[Mirror]:
    with mirror() as running:
        yield running


def test_without_a_mirror_it_says_so(tmp_path: Path) -> None:
    empty = library(tmp_path)
    with pytest.raises(NotAllowed, match="no mirror for R packages"):
        read(empty, "r/src/contrib/PACKAGES")
    assert empty.kinds == ()


def test_the_list_of_all_projects_is_our_own_and_asks_nobody(tmp_path: Path, outside: Mirror) -> None:
    page = read(library(tmp_path, python=f"{outside.address}/simple"), "python/simple/")
    assert b'<a href="tidal/">tidal</a>' in page
    assert not outside.asked


def test_a_projects_page_names_only_what_is_allowed_and_can_be_checked(tmp_path: Path, outside: Mirror) -> None:
    outside.add_python("tidal", "1.0")
    outside.add_python("tidal", "2.0")
    outside.add_python_file("tidal", "tidal-1.1-py3-none-any.whl", b"", "no hash")
    outside.add_python_file("tidal", "tidal-1.2.exe", b"", "0" * 64)
    outside.pages["/simple/tidal/"].body += (
        b'<a href="x/tidal-1.3.tar.gz#sha256=' + b"0" * 64 + b'" data-yanked="">x</a>'
    )
    page = read(library(tmp_path, python=f"{outside.address}/simple"), "python/simple/tidal/").decode()
    assert "tidal-1.0-py3-none-any.whl" in page
    assert page.count("<a ") == 1
    assert outside.address not in page


def test_a_page_in_json_is_read_as_well() -> None:
    digest = "0" * 64
    file = {"filename": "x", "url": "tidal-1.0.tar.gz", "hashes": {"sha256": digest}, "requires-python": ">=3.9"}
    page = json.dumps({"files": [file, {**file, "yanked": "broken"}, {**file, "hashes": {}}]}).encode()
    offers = read_python(page, "https://mirror.example/simple/tidal/", "tidal")
    assert [(o.url, o.version, o.requires_python) for o in offers] == [
        ("https://mirror.example/simple/tidal/tidal-1.0.tar.gz", "1.0", ">=3.9")
    ]
    with pytest.raises(MirrorSilent):
        read_python(b'{"files": 3}', "https://mirror.example/", "tidal")


def test_a_file_is_fetched_once_and_an_index_once_a_day(tmp_path: Path, outside: Mirror) -> None:
    clock = Clock()
    kept = library(tmp_path, clock, python=f"{outside.address}/simple")
    path = outside.add_python("tidal", "1.0")
    for _ in range(3):
        assert read(kept, "python/files/tidal/tidal-1.0-py3-none-any.whl") == outside.pages[path].body
    assert outside.paths == ["/simple/tidal/", path]
    again = library(tmp_path, clock, python=f"{outside.address}/simple")  # a portal that was started anew
    clock.now += INDEX_KEPT + timedelta(seconds=1)
    read(again, "python/files/tidal/tidal-1.0-py3-none-any.whl")
    assert outside.paths == ["/simple/tidal/", path, "/simple/tidal/"]
    outside.pages["/simple/tidal/"].status = 503
    clock.now += INDEX_KEPT + timedelta(seconds=1)
    assert b"tidal-1.0" in read(again, "python/simple/tidal/"), "an old index is better than none"


def test_a_refusal_of_the_mirror_is_kept_for_a_while(tmp_path: Path, outside: Mirror) -> None:
    clock = Clock()
    kept = library(tmp_path, clock, python=f"{outside.address}/simple")
    for _ in range(3):
        with pytest.raises(NotFound):
            read(kept, "python/simple/tidal/")
    assert len(outside.asked) == 1
    outside.add_python("tidal", "1.0")
    clock.now += REFUSAL_KEPT
    assert b"tidal-1.0" in read(kept, "python/simple/tidal/")
    kept.shelf.forget_refusals()


def test_r_files_are_held_to_the_hash_of_their_index(tmp_path: Path, outside: Mirror) -> None:
    file = outside.add_r("survey", "4.2", b"good")
    kept = library(tmp_path, r=f"{outside.address}/cran")
    outside.pages[f"/cran/src/contrib/{file}"].body = b"bad"
    with pytest.raises(MirrorSilent, match="hash differs"):
        read(kept, f"r/src/contrib/{file}")
    outside.pages[f"/cran/src/contrib/{file}"].body = b"good"
    kept.shelf.forget_refusals()
    assert read(kept, f"r/src/contrib/{file}") == b"good"
    asked = len(outside.asked)
    assert read(kept, f"r/src/contrib/{file}") == b"good"
    assert len(outside.asked) == asked
    assert gzip.decompress(read(kept, "r/src/contrib/PACKAGES.gz")).startswith(b"Package: survey\n")


def test_a_conda_record_can_not_stand_under_another_name(tmp_path: Path, outside: Mirror) -> None:
    outside.add_conda("light", "1.0", b"light")
    index = json.loads(outside.pages["/channel/noarch/repodata.json"].body)
    record = index["packages.conda"]["light-1.0-0.conda"]
    index["packages.conda"]["other-1.0-0.conda"] = record
    outside.pages["/channel/noarch/repodata.json"].body = json.dumps(index).encode()
    made = json.loads(read(library(tmp_path, conda=f"{outside.address}/channel"), "conda/x/noarch/repodata.json"))
    assert list(made["packages.conda"]) == ["light-1.0-0.conda"]
    assert made["info"] == {"subdir": "noarch"}


def test_a_folder_is_a_mirror_too(tmp_path: Path) -> None:
    folder = tmp_path / "wheels"
    folder.mkdir()
    for file, data in (wheel("tidal", "1.0"), wheel("tidal", "2.0"), sdist("tidal", "1.1"), wheel("other", "1.0")):
        (folder / file).write_bytes(data)
    (folder / "notes.txt").write_text("not a package")
    outside = tmp_path / "tidal-1.2-py3-none-any.whl"
    outside.write_bytes(b"secret")
    (folder / outside.name).symlink_to(outside)
    kept = library(tmp_path, python=f"file://{folder}")
    page = read(kept, "python/simple/tidal/").decode()
    assert page.count("<a ") == 2
    data = read(kept, "python/files/tidal/tidal-1.1.tar.gz")
    assert hashlib.sha256(data).hexdigest() in page
    with pytest.raises(NotFound):
        read(kept, f"python/files/tidal/{outside.name}")


def test_a_folder_of_r_packages_and_a_conda_channel(tmp_path: Path) -> None:
    contrib, noarch = tmp_path / "cran" / "src" / "contrib", tmp_path / "channel" / "noarch"
    contrib.mkdir(parents=True)
    noarch.mkdir(parents=True)
    digest = hashlib.md5(b"r", usedforsecurity=False).hexdigest()
    (contrib / "PACKAGES").write_text(f"Package: survey\nVersion: 1.0\nMD5sum: {digest}\n")
    (contrib / "survey_1.0.tar.gz").write_bytes(b"r")
    record = {"name": "light", "version": "1.0", "sha256": hashlib.sha256(b"c").hexdigest()}
    (noarch / "repodata.json").write_text(json.dumps({"packages": {"light-1.0-0.tar.bz2": record}}))
    (noarch / "light-1.0-0.tar.bz2").write_bytes(b"c")
    kept = library(tmp_path, r=f"file://{tmp_path}/cran", conda=f"file://{tmp_path}/channel")
    assert read(kept, "r/src/contrib/survey_1.0.tar.gz") == b"r"
    assert read(kept, "conda/any/noarch/light-1.0-0.tar.bz2") == b"c"


@pytest.mark.parametrize("way", ["../secret", "simple/../../secret", "/etc/passwd"])
def test_a_folder_is_not_left(tmp_path: Path, way: str) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "secret").write_text("secret")
    with pytest.raises(NotFound):
        Source(f"file://{tmp_path}/mirror").read(way, 1000)


@pytest.mark.parametrize(
    "address", ["https://mirror.example.org/simple/", "http://10.0.0.1:3141/root/site/+simple", "file:///srv/wheels"]
)
def test_what_may_be_a_mirror(address: str) -> None:
    assert mirror_address(address) == address.rstrip("/")


@pytest.mark.parametrize(
    "address",
    ["", "mirror.example.org", "ftp://mirror.example.org", "https://", "https://me:secret@mirror.example.org/simple",
     "https://mirror.example.org/?x=1", "https://mirror.example.org/#x", "file://server/share", "file:relative",
     "file:///srv/../etc", "https://mirror.example.org:99999/"],
)  # fmt: skip
def test_what_may_not(address: str) -> None:
    with pytest.raises(BadInput):
        mirror_address(address)


def test_a_page_of_another_status_is_no_index(tmp_path: Path, outside: Mirror) -> None:
    outside.pages["/simple/tidal/"] = Page(b"{}", status=206)
    with pytest.raises(MirrorSilent, match="206"):
        read(library(tmp_path, python=f"{outside.address}/simple"), "python/simple/tidal/")
