"""The indexes of the three kinds of package: read from a mirror, and written anew for our own clients.

Pure. What is written holds nothing of what was read but names, versions and hashes of files that are allowed; a file
without a hash is not offered, as it could not be checked.
"""

import gzip
import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

from output_checker.mirror.source import MirrorSilent
from output_checker.model import NotFound
from output_checker.rules.packages import Kind, PackageList, named

PYTHON_ACCEPT: Final = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
_HASH: Final = {"sha256": re.compile(r"[0-9a-f]{64}"), "md5": re.compile(r"[0-9a-f]{32}")}


@dataclass(frozen=True)
class Offer:
    """A file that a mirror's index names, with the hash that it must have. ``url`` is where the index says it lies."""

    kind: Kind
    name: str
    version: str
    file: str
    algorithm: str
    digest: str
    url: str = ""
    requires_python: str = ""

    @property
    def is_checkable(self) -> bool:
        """Whether the index tells a hash that we can compare."""
        wanted = _HASH.get(self.algorithm)
        return wanted is not None and bool(wanted.fullmatch(self.digest))


# --- Python (the simple index) ----------------------------------------------------------------------------------------


def read_python(page: bytes, page_url: str, name: str) -> tuple[Offer, ...]:
    """The files that a project's page of a simple index names (PEP 503 or PEP 691). Raises MirrorSilent."""
    text = page.decode("utf-8", "replace")
    try:
        raw = _python_json(text) if text.lstrip().startswith("{") else _python_html(text)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MirrorSilent(f"The mirror's page about {name} can't be read.") from error
    offers = (_python_offer(name, urljoin(page_url, href), digest, needs) for href, digest, needs in raw)
    return tuple(offer for offer in offers if offer is not None)


def python_page(name: str, offers: Iterable[Offer]) -> bytes:
    """Our own page about a project, with links to ourselves."""
    lines = [
        f'<a href="../../files/{name}/{quote(offer.file)}#sha256={offer.digest}"'
        + (f' data-requires-python="{html.escape(offer.requires_python)}"' if offer.requires_python else "")
        + f">{html.escape(offer.file)}</a><br>"
        for offer in offers
    ]
    return _html(name, lines)


def python_names(names: Iterable[str]) -> bytes:
    """Our own list of projects: what is allowed."""
    return _html("Packages", [f'<a href="{name}/">{name}</a><br>' for name in names])


def _html(title: str, lines: Iterable[str]) -> bytes:
    head = f'<!DOCTYPE html>\n<html><head><meta name="pypi:repository-version" content="1.0"><title>{title}</title>'
    return "\n".join([f"{head}</head><body>", *lines, "</body></html>", ""]).encode()


def _python_json(text: str) -> list[tuple[str, str, str]]:
    files = json.loads(text)["files"]
    usable = [file for file in files if not file.get("yanked")]
    return [(file["url"], file["hashes"].get("sha256", ""), file.get("requires-python") or "") for file in usable]


def _python_html(text: str) -> list[tuple[str, str, str]]:
    parser = _Links()
    parser.feed(text)
    found = []
    for attributes in parser.found:
        href, _, fragment = (attributes.get("href") or "").partition("#")
        if href and "data-yanked" not in attributes:
            found.append((href, fragment.removeprefix("sha256="), attributes.get("data-requires-python") or ""))
    return found


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the attributes of each link."""
        if tag == "a":
            self.found.append(dict(attrs))


def _python_offer(name: str, url: str, digest: str, requires_python: str) -> Offer | None:
    file = urlsplit(url).path.rsplit("/", 1)[-1]
    file = re.sub(r"%2[bB]", "+", file).replace("%21", "!")
    try:
        told, version = named(Kind.PYTHON, file)
    except NotFound:
        return None
    offer = Offer(Kind.PYTHON, name, version, file, "sha256", digest, url, requires_python[:100])
    return offer if told == name and offer.is_checkable else None


# --- conda (repodata.json) --------------------------------------------------------------------------------------------


def read_conda(data: bytes) -> tuple[dict[str, Any], tuple[Offer, ...]]:
    """A channel's index for one platform, as it is and as offers. Raises MirrorSilent when it is none."""
    try:
        raw = json.loads(data)
        records = {**raw.get("packages", {}), **raw.get("packages.conda", {})}
        offers = tuple(_conda_offer(file, record) for file, record in records.items())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MirrorSilent("The mirror's repodata.json can't be read.") from error
    return raw, tuple(offer for offer in offers if offer.is_checkable)


def conda_index(raw: Mapping[str, Any], offers: Iterable[Offer], place: str) -> bytes:
    """Our own repodata.json: the records of these offers, and nothing that leads elsewhere (``base_url``)."""
    files = {offer.file for offer in offers}
    kept = {
        part: {file: record for file, record in raw.get(part, {}).items() if file in files}
        for part in ("packages", "packages.conda")
    }
    return json.dumps({"info": {"subdir": place}, **kept, "removed": [], "repodata_version": 1}).encode()


def _conda_offer(file: str, record: Mapping[str, Any]) -> Offer:
    name, version, digest = (str(record.get(key, "")) for key in ("name", "version", "sha256"))
    own = _is_file(Kind.CONDA, file, name)  # a record may not stand under the name of another package
    return Offer(Kind.CONDA, name, version, file, "sha256" if own else "none", digest)


# --- R (PACKAGES) -----------------------------------------------------------------------------------------------------


def read_r(data: bytes) -> tuple[tuple[Offer, str], ...]:
    """The offers of a repository's PACKAGES, each with its own record."""
    found = []
    for record in re.split(r"\n\s*\n", data.decode("utf-8", "replace").replace("\r\n", "\n")):
        fields = dict(re.findall(r"^([A-Za-z0-9]+):[ \t]*(.*)$", record, re.MULTILINE))
        name, version = fields.get("Package", ""), fields.get("Version", "")
        file = f"{name}_{version}.tar.gz"
        offer = Offer(Kind.R, name, version, file, "md5", fields.get("MD5sum", "").lower())
        if offer.is_checkable and "Path" not in fields and _is_file(Kind.R, file, name):
            found.append((offer, record.strip()))
    return tuple(found)


def r_index(records: Sequence[str], *, packed: bool) -> bytes:
    """Our own PACKAGES."""
    text = ("\n\n".join(records) + "\n").encode()
    return gzip.compress(text, mtime=0) if packed else text


def _is_file(kind: Kind, file: str, name: str) -> bool:
    try:
        return named(kind, file)[0] == name
    except NotFound:
        return False


def allowed(offers: Iterable[Offer], listed: PackageList) -> tuple[Offer, ...]:
    """The offers that are on the list."""
    return tuple(offer for offer in offers if listed.allows(offer.kind, offer.name, offer.version))
