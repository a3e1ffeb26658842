"""Which packages a project's workspaces may have: the list, and what an address of a package client asks for. Pure.

Promises: what is not understood is not on the list; a name that comes out of here is on the list, or was refused; and
nothing of what was asked survives but names and versions that have the strict form of their kind. Never asks a mirror.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from output_checker.model import BadInput, NotAllowed, NotFound


class Kind(StrEnum):
    """Whose package it is: pip's, conda's or R's."""

    PYTHON = "python"
    CONDA = "conda"
    R = "r"


MOST_NAME: Final = 100
MOST_VERSIONS: Final = 200
PLATFORMS: Final = ("linux-64", "linux-aarch64", "noarch")
"""The folders of a conda channel that a workspace can use."""

_NAMES: Final = {
    Kind.PYTHON: re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*"),  # PEP 503, normalised
    Kind.CONDA: re.compile(r"[a-z0-9_][a-z0-9_.\-]*"),
    Kind.R: re.compile(r"[A-Za-z][A-Za-z0-9.]*[A-Za-z0-9]"),
}
_FILE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!\-]{0,254}")
_CONDA_FILE: Final = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)-[^-]+\.(?:conda|tar\.bz2)")
_R_FILE: Final = re.compile(r"(?P<name>[^_]+)_(?P<version>[^_]+)\.tar\.gz")


@dataclass(frozen=True)
class Allowed:
    """A line of the list: a package, and which of its versions (a PEP 440 specifier; all of them when it is empty)."""

    kind: Kind
    name: str
    versions: str = ""


@dataclass(frozen=True)
class Wish:
    """What a client asks for. Without ``file`` an index; without ``name`` too, the index of all. ``place`` is the
    platform's folder of a conda channel."""

    kind: Kind
    name: str = ""
    file: str = ""
    place: str = ""
    packed: bool = False
    """Whether R wants its index with gzip."""


def checked_name(kind: Kind, text: str) -> str:
    """The package's name in the one spelling that its kind knows. Raises BadInput for what can't be one."""
    name = text.strip()
    if kind is Kind.PYTHON:
        name = canonicalize_name(name)
    elif kind is Kind.CONDA:
        name = name.lower()
    if len(name) > MOST_NAME or not name.isascii() or not _NAMES[kind].fullmatch(name):
        raise BadInput(f"{text[:MOST_NAME]!r} can't be the name of a {words(kind)}.")
    return name


def checked_versions(text: str) -> str:
    """The specifier in its usual spelling; empty for all versions. Raises BadInput."""
    try:
        wanted = SpecifierSet(text.strip())
    except InvalidSpecifier as error:
        raise BadInput(f"Versions are written as “>=2.1,<3” or “==1.4.2”, or left empty, not {text!r}.") from error
    if len(str(wanted)) > MOST_VERSIONS or not str(wanted).isascii():
        raise BadInput("That is too long for the versions of one package.")
    return str(wanted)


def checked_kind(text: str) -> Kind:
    """The kind of this name. Raises BadInput."""
    try:
        return Kind(text.strip())
    except ValueError as error:
        raise BadInput(f"A package is of the kind {', '.join(Kind)}, not {text!r}.") from error


def words(kind: Kind) -> str:
    """What people call a package of this kind."""
    return {Kind.PYTHON: "Python package", Kind.CONDA: "conda package", Kind.R: "R package"}[kind]


@dataclass(frozen=True)
class PackageList:
    """What one project's workspaces may have: the site's lines and the project's own. Lines add up."""

    lines: tuple[Allowed, ...]

    def names(self, kind: Kind) -> tuple[str, ...]:
        """The listed names, in order."""
        return tuple(sorted({line.name for line in self.lines if line.kind is kind}))

    def has(self, kind: Kind, name: str) -> bool:
        """Whether any version of the package is allowed."""
        return any(line.kind is kind and line.name == name for line in self.lines)

    def allows(self, kind: Kind, name: str, version: str) -> bool:
        """Whether this version is allowed. A version that can't be read is allowed where all of them are."""
        wanted = [SpecifierSet(line.versions) for line in self.lines if line.kind is kind and line.name == name]
        if any(not str(one) for one in wanted):
            return True
        try:
            read = Version(version.replace("-", ".") if kind is Kind.R else version)  # R: 1.2-3 is 1.2.3
        except InvalidVersion:
            return False
        return any(one.contains(read, prereleases=True) for one in wanted)

    def require(self, wish: Wish) -> None:
        """Raise NotAllowed, with the way on, when what is wished for is not on the list. The index of all is."""
        if not wish.name:
            return
        if not self.has(wish.kind, wish.name):
            raise NotAllowed(f"“{wish.name}” is not on this project's list of packages. Ask for it.")
        if wish.file:
            version = named(wish.kind, wish.file)[1]
            if not self.allows(wish.kind, wish.name, version):
                raise NotAllowed(f"“{wish.name}” is on this project's list, but not its version {version}. Ask for it.")


def named(kind: Kind, file: str) -> tuple[str, str]:
    """The package's name and version, as the name of one of its files tells them. Raises NotFound for a file of
    another kind: of Python only wheels and source distributions are known."""
    if not _FILE.fullmatch(file):
        raise NotFound("That is not the name of a package's file.")
    if kind is Kind.PYTHON:
        return _python_named(file)
    found = (_CONDA_FILE if kind is Kind.CONDA else _R_FILE).fullmatch(file)
    if not found or not _NAMES[kind].fullmatch(found["name"]):
        raise NotFound(f"{file} is no {words(kind)}.")
    return found["name"], found["version"]


def _python_named(file: str) -> tuple[str, str]:
    try:
        if file.endswith(".whl"):
            name, version, _, _ = parse_wheel_filename(file)
        else:
            name, version = parse_sdist_filename(file)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion) as error:
        raise NotFound(f"{file} is neither a wheel nor a source distribution.") from error
    return name, str(version)


def wish_of(path: str) -> Wish:  # noqa: PLR0911 - an address each
    """What the path of a client's request asks for, below the address that clients are given.

    ``python/simple/NAME/``, ``python/files/NAME/FILE``, ``conda/CHANNEL/PLATFORM/FILE``, ``r/src/contrib/FILE``. The
    channel's name is read past: there is one. Raises NotFound for every other path, however it is spelled.
    """
    match path.split("/"):
        case ["python", "simple", ""]:
            return Wish(Kind.PYTHON)
        case ["python", "simple", name, ""]:
            return Wish(Kind.PYTHON, _known_name(Kind.PYTHON, name))
        case ["python", "files", name, file]:
            return _file(Kind.PYTHON, file, _known_name(Kind.PYTHON, name))
        case ["conda", _, place, "repodata.json"] if place in PLATFORMS:
            return Wish(Kind.CONDA, place=place)
        case ["conda", _, place, file] if place in PLATFORMS:
            return _file(Kind.CONDA, file, place=place)
        case ["r", "src", "contrib", "PACKAGES" | "PACKAGES.gz" as index]:
            return Wish(Kind.R, packed=index.endswith(".gz"))
        case ["r", "src", "contrib", file]:
            return _file(Kind.R, file)
    raise NotFound("There is nothing here.")


def _known_name(kind: Kind, text: str) -> str:
    try:
        return checked_name(kind, text)
    except BadInput as error:
        raise NotFound(str(error)) from error


def _file(kind: Kind, file: str, told: str = "", place: str = "") -> Wish:
    name = named(kind, file)[0]
    if told and told != name:
        raise NotFound(f"{file} is no file of {told}.")
    return Wish(kind, name, file, place)
