"""The store: whole or not at all, and hashed again whenever it is opened."""

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest

from output_checker.model import BadInput, Broken, NotFound, digest_of
from output_checker.storage.blobs import BlobStore, TooLarge


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def files(store: BlobStore) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


def test_what_is_put_is_found_under_its_digest(store: BlobStore) -> None:
    stored = store.put(b"bytes")
    assert (stored.sha256, stored.size) == (digest_of(b"bytes"), 5)
    assert store.read(stored.sha256) == b"bytes"
    assert store.size(stored.sha256) == 5
    assert files(store) == [store.root / stored.sha256[:2] / stored.sha256[2:]]
    assert store.put(b"").size == 0


def test_putting_the_same_again_changes_nothing(store: BlobStore) -> None:
    first = store.put(b"bytes")
    before = files(store)[0].stat()
    assert store.put(b"bytes") == first
    assert files(store)[0].stat().st_ino == before.st_ino


def test_files_and_folders_are_for_their_owner_alone(store: BlobStore) -> None:
    store.put(b"bytes")
    assert files(store)[0].stat().st_mode & 0o777 == 0o400
    assert files(store)[0].parent.stat().st_mode & 0o777 == 0o700


def test_a_stream_past_its_limit_is_refused_and_not_kept(store: BlobStore) -> None:
    with pytest.raises(TooLarge, match="10 bytes"):
        store.put_stream(BytesIO(b"x" * 11), limit=10)
    assert issubclass(TooLarge, BadInput)
    assert files(store) == []
    assert store.put_stream(BytesIO(b"x" * 10), limit=10).size == 10


@pytest.mark.parametrize("harm", [b"", b"byteS", b"bytes and more"])
def test_changed_bytes_are_never_handed_out(store: BlobStore, harm: bytes) -> None:
    digest = store.put(b"bytes").sha256
    path = files(store)[0]
    path.chmod(0o600)
    path.write_bytes(harm)
    with pytest.raises(Broken, match="damaged"):
        store.read(digest)
    assert "damaged" in store.find_damage(digest)
    store.put(b"bytes")
    assert store.read(digest) == b"bytes"


def test_a_blob_that_changes_while_it_is_read_does_not_reach_the_reader(store: BlobStore) -> None:
    digest = store.put(b"bytes").sha256
    with store.open_verified(digest) as file:
        path = files(store)[0]
        path.chmod(0o600)
        path.write_bytes(b"other")
        assert file.read() == b"bytes"


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 65, "g" * 64, "a" * 64 + "\n"])
def test_what_is_no_digest_names_nothing(store: BlobStore, name: str) -> None:
    with pytest.raises(NotFound):
        store.read(name)
    with pytest.raises(NotFound):
        store.size(name)


def test_unknown_bytes_are_not_found(store: BlobStore) -> None:
    with pytest.raises(NotFound):
        store.read(digest_of(b"never"))
    assert store.find_damage(digest_of(b"never"))


def test_a_stream_that_breaks_off_keeps_nothing(store: BlobStore) -> None:
    class DeadLine(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "the line went dead")

    with pytest.raises(Broken, match="line went dead"):
        store.put_stream(DeadLine(), limit=10)
    assert files(store) == []


def test_a_disk_that_takes_no_more_is_a_clear_error_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk; every cut between 0 and the whole is tried."""
    script = """
import resource, signal, sys
from pathlib import Path
from output_checker.model import Broken
from output_checker.storage.blobs import BlobStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = BlobStore(Path(sys.argv[1]))
small = store.put(b"kept before").sha256
for limit in range(0, 3_000_000, 500_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        store.put(b"x" * 3_000_000)
    except Broken as error:
        assert "Nothing was kept" in str(error), error
    else:
        raise SystemExit("it was kept beyond the limit")
    assert store.read(small) == b"kept before"
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.put(b"x" * 3_000_000)
"""
    root = tmp_path / "blobs"
    subprocess.run([sys.executable, "-W", "error", "-c", script, str(root)], check=True, timeout=60)
    assert sorted(path.stat().st_size for path in root.rglob("*") if path.is_file()) == [11, 3_000_000]


def test_a_failure_of_any_step_leaves_whole_blobs_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step of putting fails once; whatever has a name afterwards hashes to it, and a second try succeeds."""
    for number, (owner, name) in enumerate([(os, "open"), (os, "fsync"), (Path, "chmod"), (Path, "replace")]):
        store = BlobStore(tmp_path / str(number))
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, _fail)
            with pytest.raises(Broken):
                store.put(b"bytes")
        assert files(store) == []
        digest = store.put(b"bytes").sha256
        assert store.read(digest) == b"bytes"


def _fail(*_args: object, **_options: object) -> None:
    raise OSError(28, "No space left on device")
