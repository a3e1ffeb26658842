"""Reads from one mirror: a web server or a local folder.

Promises: only GET, only beneath the mirror's own address, without a query, a cookie, a credential or anything of the
person who asked; a redirect is refused wherever it leads; nothing is read past the limit. Never tries a second place.
"""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote, unquote, urlsplit

import httpx

from output_checker.model import Broken, NotFound

MIB: Final = 1 << 20
INDEX_LIMIT: Final = 32 * MIB
CATALOGUE_LIMIT: Final = 256 * MIB
"""Most bytes of the index of a whole conda channel."""
FILE_LIMIT: Final = 2048 * MIB
_CHUNK: Final = 1 << 18
_PATIENCE: Final = httpx.Timeout(60, connect=10)
_HEADERS: Final = {"User-Agent": "halftide", "Accept-Encoding": "identity"}
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~+!%@:()-]+)+/?")


class MirrorSilent(Broken):
    """The mirror gave no usable answer; the text says what it did instead."""


@dataclass(frozen=True)
class Source:
    """A mirror by its address, without a final slash: ``https://…``, ``http://…`` or ``file:///…``."""

    address: str

    @property
    def is_folder(self) -> bool:
        """Whether the mirror is a folder of this machine."""
        return self.address.startswith("file://")

    @property
    def folder(self) -> Path:
        """The mirror's folder."""
        return Path(unquote(urlsplit(self.address).path))

    def read(self, path: str, limit: int, accept: str = "*/*") -> bytes:
        """The bytes at ``path`` below the mirror. Raises NotFound, or MirrorSilent with the reason."""
        return b"".join(self.stream(path, limit, accept))

    def stream(self, path: str, limit: int, accept: str = "*/*") -> Iterator[bytes]:
        """The bytes at ``path`` below the mirror, piece by piece; see ``read``."""
        size = 0
        with self._open(path, accept) as pieces:
            for piece in pieces:
                size += len(piece)
                if size > limit:
                    raise MirrorSilent(f"The mirror sent more than the {limit // MIB} MiB that are taken.")
                yield piece

    def below(self, url: str) -> str:
        """The path below the mirror that a link of its index names, without query and fragment.

        Raises NotFound for a link that leads anywhere else (another host, another scheme, above the mirror's host).
        """
        link, own = urlsplit(url), urlsplit(self.address)
        if (link.scheme, link.netloc) != (own.scheme, own.netloc) or not _is_plain(link.path):
            raise NotFound("The mirror's index leads elsewhere.")
        return link.path

    def _open(self, path: str, accept: str) -> AbstractContextManager[Iterator[bytes]]:
        return self._open_file(path) if self.is_folder else self._ask(path, accept)

    @contextmanager
    def _ask(self, path: str, accept: str) -> Iterator[Iterator[bytes]]:
        own = urlsplit(self.address)
        absolute = path if path.startswith("/") else f"{own.path}/{quote(path, safe='/+!~')}"
        if not _is_plain(absolute):
            raise NotFound("The mirror has nothing under such a name.")
        url = f"{own.scheme}://{own.netloc}{absolute}"
        try:
            with (
                httpx.Client(timeout=_PATIENCE, trust_env=False, follow_redirects=False) as client,
                client.stream("GET", url, headers={**_HEADERS, "Accept": accept}) as answer,
            ):
                _require_answer(answer)
                yield answer.iter_raw(_CHUNK)
        except httpx.HTTPError as error:
            raise MirrorSilent(f"The site's package mirror does not answer ({type(error).__name__}).") from error

    @contextmanager
    def _open_file(self, path: str) -> Iterator[Iterator[bytes]]:
        place = self.folder / path.removeprefix(str(self.folder)).lstrip("/")
        try:
            real = place.resolve(strict=True)
            if not real.is_relative_to(self.folder.resolve()) or not real.is_file():
                raise NotFound("The mirror's folder has no such file.")
            with real.open("rb") as file:
                yield _pieces(file)
        except OSError as error:
            raise NotFound("The mirror's folder has no such file.") from error


def _is_plain(path: str) -> bool:
    return bool(_PATH.fullmatch(path)) and not {".", ".."} & set(unquote(path).split("/"))


def _require_answer(answer: httpx.Response) -> None:
    if answer.is_redirect or answer.has_redirect_location:
        raise MirrorSilent("The site's package mirror sends us elsewhere, and that is not followed.")
    if answer.status_code in {404, 410}:
        raise NotFound("The site's package mirror does not have it.")
    if answer.status_code != 200:
        raise MirrorSilent(f"The site's package mirror answered with HTTP {answer.status_code}.")
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise MirrorSilent("The site's package mirror answered in an encoding that was not asked for.")


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_CHUNK):
        yield piece
