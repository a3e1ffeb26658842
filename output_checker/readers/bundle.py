"""Archives of results (ZIP, tar, and either or a single file under gzip, bzip2 or xz): every member is read as a file
of its own.

Promises: all members are read, or the archive is refused with the name of the one that can't be; never a link followed,
a path that leads out, an archive in an archive, a member that nobody sees, or more than the limits, whatever the
archive says of itself. Nothing is written to a disk. The canonical archive is a ZIP of the members' canonical bytes.
"""

import bz2
import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from output_checker.model import Kind, Output, Part
from output_checker.readers import formats
from output_checker.readers.characters import cleaned
from output_checker.readers.losses import Losses, Unreadable

MEDIA_TYPE = "application/zip"
PACKED = frozenset(("application/gzip", "application/x-bzip2", "application/x-xz"))
TAR = "application/x-tar"
MOST_MEMBERS = 200
MOST_UNPACKED = 150_000_000
FREE_OF_RATIO = 10_000_000
LARGEST_RATIO = 200
"""What unpacks to more than ``FREE_OF_RATIO`` bytes may grow this many times: results are not made of one letter."""
LONGEST_NAME = 150
TIMES = 40
"""Extra fields up to this length are the dates and the owner's number that every packer writes."""
_PLAIN_HEADERS = frozenset(("path", "size", "mtime", "atime", "ctime"))
_DAMAGED = "This gzip, bzip2 or xz file is damaged or cut off. Pack it again, or request the file that is in it."
_XZ_MEMORY = 128 * 1024 * 1024
_STEP = 1 << 18
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MAGIC = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")

Read = Callable[[bytes, Losses], Output]


class _Stream(Protocol):
    """What bz2 and lzma have in common; zlib's is made to fit."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the surface of the others."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


@dataclass(frozen=True)
class Member:
    """A file in an archive."""

    name: str
    data: bytes


def unwrapped(data: bytes, losses: Losses) -> bytes:
    """What a gzip, bzip2 or xz stream holds. Raises Unreadable beyond the limits."""
    out: list[bytes] = []
    size, left = 0, data
    while left.startswith(_MAGIC):
        stream, chunk = _stream(left), left
        try:
            while not stream.eof:
                piece = stream.decompress(chunk, _STEP)
                if not piece and not stream.eof and not chunk:
                    raise Unreadable(_DAMAGED)
                chunk = b""
                size += len(piece)
                _require_small(size, len(data))
                out.append(piece)
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
            raise Unreadable(_DAMAGED) from error
        left = stream.unused_data
    if left.strip(b"\x00"):
        losses.add("trailing-bytes", "", f"{len(left)} bytes after the compressed data", len(left),
                   left[:2000].decode("utf-8", "replace"))  # fmt: skip
    losses.add("archive", "", "the file was compressed; what it holds is released as it is", len(data))
    return b"".join(out)


def _stream(data: bytes) -> _Stream:
    if data.startswith(b"BZh"):
        return bz2.BZ2Decompressor()
    if data.startswith(b"\xfd7zXZ"):
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
    return _Gzip()


def read_tar(data: bytes, losses: Losses, read: Read) -> Output:
    """The files in a tar archive, each as ``read`` reads it."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            output = _bundled(_tar_members(archive, losses), losses, read)
            end = archive.offset
    except (tarfile.TarError, ValueError, OSError, EOFError) as error:
        raise Unreadable("This tar archive is damaged.") from error
    if rest := data[end:].strip(b"\x00"):
        losses.add("trailing-bytes", "", f"{len(rest)} bytes after the archive", len(rest),
                   rest[:2000].decode("utf-8", "replace"))  # fmt: skip
    return output


def _tar_members(archive: tarfile.TarFile, losses: Losses) -> Iterator[Member]:
    for entry in archive:
        further = " ".join(value for key, value in entry.pax_headers.items() if key not in _PLAIN_HEADERS)
        if further:
            losses.count("metadata", "", "members with further headers", 1, sample=further)
        if entry.uname or entry.gname:
            losses.count(
                "presentation", "", "members with their owners' names", 1, sample=f"{entry.uname} {entry.gname}"
            )
        if entry.isdir():
            _require_name(entry.name.rstrip("/") or ".")
            continue
        if entry.issym() or entry.islnk():
            raise Unreadable(f"{_quoted(entry.name)} in this archive is a link, and links are not followed.")
        file = archive.extractfile(entry) if entry.isreg() else None
        if file is None:
            raise Unreadable(f"{_quoted(entry.name)} in this archive is no ordinary file.")
        yield Member(entry.name, file.read())


def read_zip(archive: zipfile.ZipFile, data: bytes, losses: Losses, read: Read) -> Output:
    """The files in a ZIP archive, each as ``read`` reads it."""
    _report_rest(archive, data, losses)
    return _bundled(_zip_members(archive, len(data)), losses, read)


def _zip_members(archive: zipfile.ZipFile, size: int) -> Iterator[Member]:
    unpacked = 0
    for entry in archive.infolist():
        if entry.is_dir():
            _require_name(entry.filename.rstrip("/"))
            continue
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise Unreadable(f"{_quoted(entry.filename)} in this archive is a link, and links are not followed.")
        pieces = []
        try:
            with archive.open(entry) as file:
                while piece := file.read(_STEP):
                    unpacked += len(piece)
                    _require_small(unpacked, size)
                    pieces.append(piece)
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, NotImplementedError) as error:
            raise Unreadable(f"{_quoted(entry.filename)} in this archive is damaged.") from error
        yield Member(entry.filename, b"".join(pieces))


def _report_rest(archive: zipfile.ZipFile, data: bytes, losses: Losses) -> None:
    """Name what a ZIP holds beside its members: comments, extra fields, bytes that no entry owns."""
    owned = 0
    for entry in archive.infolist():
        at = entry.header_offset
        lengths = int.from_bytes(data[at + 26 : at + 28], "little") + int.from_bytes(data[at + 28 : at + 30], "little")
        owned += 30 + lengths + entry.compress_size + (24 if entry.flag_bits & 8 else 0)
        if entry.comment or len(entry.extra) > TIMES:
            sample = (entry.comment + entry.extra).decode("utf-8", "replace")
            losses.count("metadata", "", "members with comments or extra fields", 1, sample=sample)
    end = data.rfind(b"PK\x05\x06") + 22
    after = archive.comment + data[end + len(archive.comment) :]
    stray = max(0, archive.start_dir - owned) + len(after)
    if stray:
        losses.add("trailing-bytes", "", f"{stray} bytes of the archive that no member owns", stray,
                   after[:2000].decode("utf-8", "replace"))  # fmt: skip


def _require_small(unpacked: int, packed: int) -> None:
    if unpacked > MOST_UNPACKED:
        raise Unreadable("This archive unpacks to more than can be checked.")
    if unpacked > FREE_OF_RATIO and unpacked > LARGEST_RATIO * packed:
        raise Unreadable(f"This archive unpacks to more than {LARGEST_RATIO} times its size, which no results do.")


def _bundled(members: Iterator[Member], losses: Losses, read: Read) -> Output:
    """All members as one output: their parts, placed by their names, and a clean archive."""
    parts: list[Part] = []
    out = io.BytesIO()
    names: set[str] = set()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as clean:
        for member in members:
            name = _require_name(cleaned(member.name, "", losses).removeprefix("./"))
            if name.casefold() in names:
                raise Unreadable(f"Two members of this archive are named {_quoted(name)}.")
            names.add(name.casefold())
            if len(names) > MOST_MEMBERS:
                raise Unreadable(f"This archive has more than {MOST_MEMBERS} files: request them in several parts.")
            output = _read_member(Member(name, member.data), losses, read)
            parts += [replace(part, name=f"{name}, {part.name}" if part.name else name) for part in output.parts]
            clean.writestr(zipfile.ZipInfo(name, _EPOCH), output.canonical, zipfile.ZIP_DEFLATED, 6)
    if not names:
        raise Unreadable("This archive is empty: there is nothing in it to check or to release.")
    return Output(Kind.ARCHIVE, MEDIA_TYPE, tuple(parts), out.getvalue())


def _read_member(member: Member, losses: Losses, read: Read) -> Output:
    """One member, read; what it lost is placed by its name."""
    own = Losses()
    found = formats.binary_format(member.data)
    if isinstance(found, formats.Recognised) and found.media_type in (*PACKED, TAR):
        raise Unreadable(f"{_quoted(member.name)} is an archive in this archive: request its files one by one.")
    try:
        output = read(member.data, own)
    except Unreadable as refusal:
        raise Unreadable(f"{_quoted(member.name)} in this archive can't be released: {refusal}") from refusal
    finally:
        losses.take(own, member.name)
    return output


def _require_name(name: str) -> str:
    """A member's name that leads nowhere but into the archive."""
    if name.startswith(("/", "\\")) or name[1:2] == ":":
        raise Unreadable(f"{_quoted(name)} in this archive is an absolute path: make the archive inside its folder.")
    if ".." in name.replace("\\", "/").split("/"):
        raise Unreadable(f"{_quoted(name)} in this archive is a path that leads out of it.")
    if not name.strip() or len(name) > LONGEST_NAME or "\n" in name or "\t" in name:
        raise Unreadable(f"A member of this archive has no name that can be shown, or one of more than {LONGEST_NAME} "
                         "characters.")  # fmt: skip
    return name


def _quoted(name: str) -> str:
    shown = "".join(c if c.isprintable() else "?" for c in name[:60])
    return f'"{shown.encode("utf-8", "replace").decode()}"'
