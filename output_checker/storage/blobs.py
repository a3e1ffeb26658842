"""The content-addressed store: bytes under their SHA-256, written once.

It promises that a name stands for exactly its bytes: every write is complete on disk before it has its name, and every
read is hashed again before anything is handed out. It never changes or deletes a blob and never half-writes one.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, BinaryIO, Final
from uuid import uuid4

from output_checker.model import BadInput, Broken, Digest, NotFound

_CHUNK: Final = 1 << 20
_IN_MEMORY: Final = 16 << 20
_NAME: Final = re.compile(r"[0-9a-f]{64}")


class TooLarge(BadInput):
    """More bytes than the limit allows; nothing was kept."""

    too_large = True


@dataclass(frozen=True)
class Stored:
    """What was put: the name and the size in bytes."""

    sha256: Digest
    size: int


@dataclass(frozen=True)
class BlobStore:
    """The store in a folder: ``ab/cdef...`` for the blobs, ``incoming`` for what is still being written."""

    root: Path

    def put(self, data: bytes) -> Stored:
        """Keep these bytes. Raises Broken, and keeps nothing, when they can't be written completely."""
        return self.put_stream(BytesIO(data), limit=len(data))

    def put_stream(self, stream: BinaryIO, limit: int) -> Stored:
        """Keep everything in the stream, hashed on the way.

        Raises TooLarge past ``limit`` bytes and Broken when the disk is full or fails; either way nothing is kept.
        """
        try:
            with self._incoming() as (file, path):
                stored = _copy(stream, file, limit)
                file.flush()
                os.fsync(file.fileno())
                self._name(path, stored.sha256)
        except OSError as error:
            raise Broken(
                f"The bytes could not be stored ({error.strerror or error}). Nothing was kept; "
                "ask an administrator whether the disk is full, then try again."
            ) from error
        return stored

    def read(self, digest: str) -> bytes:
        """The bytes with this name. Raises NotFound when there are none, Broken when they are not what they were."""
        with self.open_verified(digest) as file:
            return file.read()

    @contextmanager
    def open_verified(self, digest: str) -> Iterator[IO[bytes]]:
        """A private copy of the blob, hashed while it was copied: later changes on disk can't reach the reader."""
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as copy:
            try:
                with self._path(digest).open("rb") as file:
                    found = _copy(file, copy, limit=None).sha256
            except FileNotFoundError as error:
                raise NotFound(f"The store has no bytes called {digest}.") from error
            except OSError as error:
                raise Broken(f"The stored bytes {digest} could not be read ({error.strerror or error}).") from error
            if found != digest:
                raise Broken(f"The stored bytes {digest} are damaged: they hash to {found}. They will not be used.")
            copy.seek(0)
            yield copy

    def find_damage(self, digest: str) -> str:
        """What is wrong with a blob, in a sentence; empty when it is there and whole."""
        try:
            with self.open_verified(digest):
                return ""
        except (NotFound, Broken) as error:
            return str(error)

    def size(self, digest: str) -> int:
        """The size in bytes. Raises NotFound when there is no such blob."""
        try:
            return self._path(digest).stat().st_size
        except FileNotFoundError as error:
            raise NotFound(f"The store has no bytes called {digest}.") from error

    def _path(self, digest: str) -> Path:
        if not _NAME.fullmatch(digest):
            raise NotFound("That is not the name of stored bytes.")
        return self.root / digest[:2] / digest[2:]

    @contextmanager
    def _incoming(self) -> Iterator[tuple[IO[bytes], Path]]:
        folder = self.root / "incoming"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / uuid4().hex
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file, path
        finally:
            path.unlink(missing_ok=True)

    def _name(self, path: Path, digest: Digest) -> None:
        """Give the finished file its name. A whole blob stays as it is; a damaged one is replaced by the good bytes."""
        final = self._path(digest)
        if final.exists() and not self.find_damage(digest):
            return
        final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o400)
        path.replace(final)
        for folder in (final.parent, self.root):
            _sync_folder(folder)


def _copy(source: IO[bytes], target: IO[bytes], limit: int | None) -> Stored:
    hasher, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        if limit is not None and size > limit:
            raise TooLarge(f"The file is larger than the {limit:,} bytes that the project's policy allows.")
        hasher.update(chunk)
        target.write(chunk)
    return Stored(Digest(hasher.hexdigest()), size)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
