"""Answers a package client's wish from the site's mirrors and a project's list.

Promises: the list is asked before the mirror is; an index is made anew from what is listed; a file is handed out only
when the index that we read names it, on the list, with a hash that it has. Knows no project, no person and no database.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Final

from output_checker.mirror import indexes
from output_checker.mirror.indexes import Offer
from output_checker.mirror.shelf import Clock, Shelf
from output_checker.mirror.source import CATALOGUE_LIMIT, FILE_LIMIT, INDEX_LIMIT, Source
from output_checker.model import NotAllowed, NotFound
from output_checker.rules.packages import Kind, PackageList, Wish, named, words

_TYPES: Final = {Kind.PYTHON: "text/html; charset=utf-8", Kind.CONDA: "application/json", Kind.R: "text/plain"}


@dataclass(frozen=True)
class Served:
    """An answer: its bytes as an open file, and what they are."""

    file: IO[bytes]
    media_type: str
    size: int


class Library:
    """The mirrors of one site by kind of package, and what was fetched from them."""

    def __init__(self, sources: Mapping[Kind, Source], folder: Path, clock: Clock) -> None:
        self._sources = dict(sources)
        self.shelf = Shelf(folder, clock)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of package for which this site has a mirror."""
        return tuple(kind for kind in Kind if kind in self._sources)

    @contextmanager
    def serve(self, wish: Wish, listed: PackageList) -> Iterator[Served]:
        """What is wished for. Raises NotAllowed when it is not on the list or there is no mirror, NotFound when the
        mirror does not have it, MirrorSilent when the mirror can't be used."""
        if wish.kind not in self._sources:
            raise NotAllowed(
                f"This site has no mirror for {words(wish.kind)}s, so none can be installed. Your administrator can "
                "name one in the settings."
            )
        listed.require(wish)
        if not wish.file:
            data = self._index(wish, listed)
            kind = "application/gzip" if wish.packed else _TYPES[wish.kind]
            yield Served(BytesIO(data), kind, len(data))
            return
        offer = next((one for one in self._offers(wish, listed) if one.file == wish.file), None)
        if offer is None:
            raise NotFound(f"The site's mirror has no {wish.file}, or tells no hash that it could be checked by.")
        with self.shelf.file(offer, lambda: self._pieces(offer, wish)) as file:
            size = file.seek(0, 2)
            file.seek(0)
            yield Served(file, "application/octet-stream", size)

    def _index(self, wish: Wish, listed: PackageList) -> bytes:
        if wish.kind is Kind.PYTHON and not wish.name:
            return indexes.python_names(listed.names(Kind.PYTHON))
        if wish.kind is Kind.PYTHON:
            return indexes.python_page(wish.name, self._offers(wish, listed))
        if wish.kind is Kind.CONDA:
            raw, offers = indexes.read_conda(self._repodata(wish.place))
            return indexes.conda_index(raw, indexes.allowed(offers, listed), wish.place)
        pairs = indexes.read_r(self._packages())
        kept = [record for offer, record in pairs if listed.allows(Kind.R, offer.name, offer.version)]
        return indexes.r_index(kept, packed=wish.packed)

    def _offers(self, wish: Wish, listed: PackageList) -> tuple[Offer, ...]:
        if wish.kind is Kind.PYTHON:
            offers = self._python(wish.name)
        elif wish.kind is Kind.CONDA:
            offers = indexes.read_conda(self._repodata(wish.place))[1]
        else:
            offers = tuple(offer for offer, _ in indexes.read_r(self._packages()))
        return indexes.allowed(offers, listed)

    # --- what the mirror is asked for ---------------------------------------------------------------------------------

    def _python(self, name: str) -> tuple[Offer, ...]:
        source = self._sources[Kind.PYTHON]
        if source.is_folder:
            return _in_folder(source, name)
        page = self.shelf.index(
            f"python {source.address} {name}",
            lambda: source.read(f"{name}/", INDEX_LIMIT, indexes.PYTHON_ACCEPT),
        )
        return indexes.read_python(page, f"{source.address}/{name}/", name)

    def _repodata(self, place: str) -> bytes:
        source = self._sources[Kind.CONDA]
        return self.shelf.index(
            f"conda {source.address} {place}", lambda: source.read(f"{place}/repodata.json", CATALOGUE_LIMIT)
        )

    def _packages(self) -> bytes:
        source = self._sources[Kind.R]
        return self.shelf.index(f"r {source.address}", lambda: source.read("src/contrib/PACKAGES", INDEX_LIMIT))

    def _pieces(self, offer: Offer, wish: Wish) -> Iterator[bytes]:
        source = self._sources[offer.kind]
        if offer.kind is Kind.PYTHON:
            return source.stream(offer.file if source.is_folder else source.below(offer.url), FILE_LIMIT)
        folder = wish.place if offer.kind is Kind.CONDA else "src/contrib"
        return source.stream(f"{folder}/{offer.file}", FILE_LIMIT)


def _in_folder(source: Source, name: str) -> tuple[Offer, ...]:
    """The wheels and source distributions of a project that lie in a folder, hashed as they are now."""
    found = []
    for path in sorted(source.folder.iterdir()) if source.folder.is_dir() else ():
        try:
            told, version = named(Kind.PYTHON, path.name)
        except NotFound:
            continue  # something else that lies there
        if told == name and path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found.append(Offer(Kind.PYTHON, name, version, path.name, "sha256", digest))
    return tuple(found)
