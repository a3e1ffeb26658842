"""What was fetched from the mirrors: indexes for a day, files for good.

Promises: however often something is wished for, and by however many at once, the mirror is asked for it once: what it
gave is kept, and so is its refusal, for a while. That bounds what somebody inside can tell the mirror by asking. A file
is kept only when it has the hash that the index says, and is hashed again whenever it is handed out.
"""

import hashlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final, TypeVar

from output_checker.mirror.indexes import Offer
from output_checker.mirror.source import FILE_LIMIT, MirrorSilent
from output_checker.model import HalftideError, NotFound
from output_checker.storage.blobs import BlobStore

INDEX_KEPT: Final = timedelta(days=1)
REFUSAL_KEPT: Final = timedelta(minutes=10)

Pieces = Callable[[], Iterator[bytes]]
Clock = Callable[[], datetime]
_Kept = TypeVar("_Kept")


class Shelf:
    """What one portal keeps of its mirrors, in a folder of its own."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._files = BlobStore(folder / "files")
        self._clock = clock
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._refusals: dict[str, tuple[datetime, HalftideError]] = {}

    def index(self, key: str, fetch: Callable[[], bytes]) -> bytes:
        """The index of this key, at most a day old; older only while the mirror does not give a new one."""
        place = self._place("indexes", key)
        with self._alone(key):
            if place.is_file() and self._age(place) < INDEX_KEPT:
                return place.read_bytes()
            try:
                data = self._once(key, fetch)
            except MirrorSilent:
                if place.is_file():
                    return place.read_bytes()
                raise
            self._write(place, data)
            return data

    @contextmanager
    def file(self, offer: Offer, fetch: Pieces) -> Iterator[IO[bytes]]:
        """The offered file, hashed. Raises MirrorSilent when what the mirror has is not what its index says."""
        key = f"{offer.algorithm} {offer.digest}"
        with self._alone(key):
            digest = self._known(offer) or self._once(key, lambda: self._take(offer, fetch))
        with self._files.open_verified(digest) as file:
            yield file

    def holds(self, offer: Offer) -> bool:
        """Whether the file is here, so that the mirror need not be asked."""
        return bool(self._known(offer))

    def forget_refusals(self) -> None:
        """Ask the mirror again where it refused."""
        with self._guard:
            self._refusals.clear()

    def _take(self, offer: Offer, fetch: Pieces) -> str:
        hashers = {"sha256": hashlib.sha256(), offer.algorithm: hashlib.new(offer.algorithm, usedforsecurity=False)}
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._folder) as file:
            for piece in fetch():
                for hasher in hashers.values():
                    hasher.update(piece)
                file.write(piece)
            if hashers[offer.algorithm].hexdigest() != offer.digest:
                raise MirrorSilent(f"{offer.file} is not what the mirror's index says: the hash differs.")
            file.seek(0)
            stored = self._files.put_stream(file, FILE_LIMIT)
        if offer.algorithm != "sha256":
            self._write(self._place("pins", f"{offer.algorithm} {offer.digest}"), stored.sha256.encode())
        return stored.sha256

    def _known(self, offer: Offer) -> str:
        digest = offer.digest
        if offer.algorithm != "sha256":
            pin = self._place("pins", f"{offer.algorithm} {offer.digest}")
            digest = pin.read_text() if pin.is_file() else ""
        try:
            self._files.size(digest)
        except NotFound:
            return ""
        return digest

    def _once(self, key: str, fetch: Callable[[], _Kept]) -> _Kept:
        """What ``fetch`` gives; a refusal is repeated for a while without asking again."""
        now = self._clock()
        with self._guard:
            at, refusal = self._refusals.get(key, (now, None))
        if refusal is not None and now - at < REFUSAL_KEPT:
            raise type(refusal)(str(refusal))
        try:
            return fetch()
        except HalftideError as error:
            with self._guard:
                self._refusals[key] = (now, error)
            raise

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            yield

    def _place(self, folder: str, key: str) -> Path:
        return self._folder / folder / hashlib.sha256(key.encode()).hexdigest()

    def _age(self, place: Path) -> timedelta:
        return timedelta(seconds=self._clock().timestamp() - place.stat().st_mtime)

    def _write(self, place: Path, data: bytes) -> None:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = place.with_suffix(".part")
        part.write_bytes(data)
        now = self._clock().timestamp()
        os.utime(part, (now, now))
        part.replace(place)
