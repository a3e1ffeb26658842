"""More of ``hostile``: archives that mean harm, and archives with something hidden in them."""

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable

from hostile import CSV, SECRET, Case, Evil, S, chunk, png, workbook, zipped

TEXT = b"All is well.\n"


def tar(*names: str, kind: bytes = tarfile.REGTYPE, data: bytes = CSV, **headers: str) -> bytes:
    """A tar archive with ``data`` under each of the names."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname, entry.pax_headers = kind, "/etc/passwd", headers
            entry.size = len(data) if kind == tarfile.REGTYPE else 0
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def linked_zip() -> bytes:
    out = io.BytesIO()
    entry = zipfile.ZipInfo("table.csv")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def doubled_zip(first: str = "a.csv", second: str = "A.csv") -> bytes:
    return zipped(**{first: CSV, second: CSV})


def commented_zip(comment: bytes = b"", entry_comment: bytes = b"", extra: bytes = b"") -> bytes:
    out = io.BytesIO()
    entry = zipfile.ZipInfo("a.csv")
    entry.comment, entry.extra = entry_comment, extra
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(entry, CSV)
        archive.comment = comment
    return out.getvalue()


def unlisted_zip() -> bytes:
    """A member that the directory at the end does not list: other programs may find it."""
    out = io.BytesIO(zipped(**{"x.txt": S})[: -len(b"x")])
    hidden = out.getvalue()[: 30 + 5 + len(S)]
    return hidden + zipped(**{"a.csv": CSV})


def nested(depth: int) -> bytes:
    data = zipped(**{"a.csv": CSV})
    for _ in range(depth):
        data = zipped(**{"inner.zip": data})
    return data


def _damaged(data: bytes) -> bytes:
    return data[: len(data) // 2] + bytes(9) + data[len(data) // 2 + 9 :]


ARCHIVES: tuple[Case, ...] = (
    Case("zip in a zip", lambda: nested(1)),
    Case("zip 60 deep", lambda: nested(60)),
    Case("tar in a zip", lambda: zipped(**{"a.tar": tar("a.csv")})),
    Case("gzip in a gzip", lambda: gzip.compress(gzip.compress(CSV))),
    Case("gzip in a zip", lambda: zipped(**{"a.csv.gz": gzip.compress(CSV)})),
    Case("zip in a gzip", lambda: gzip.compress(nested(0))),
    Case("zip of a bomb and a table", lambda: zipped(**{"a.csv": CSV, "b.csv": b"1,2\n" * 30_000_000})),
    Case("zip of bombs", lambda: zipped(**{f"{n}.csv": b"1,2\n" * 2_000_000 for n in range(25)})),
    Case("bzip2 bomb", lambda: bz2.compress(bytes(200_000_000))),
    Case("xz bomb", lambda: lzma.compress(bytes(200_000_000), preset=1)),
    Case("tar in a gzip with a bomb", lambda: gzip.compress(tar("a.csv", data=bytes(160_000_000)))),
    Case("zip of 300 files", lambda: zipped(**{f"{n}.csv": CSV for n in range(300)})),
    Case("zip of nothing", zipped),
    Case("tar of nothing", lambda: tar("a", kind=tarfile.DIRTYPE)),
    Case("zip with a link", linked_zip),
    Case("tar with a link", lambda: tar("a.csv", kind=tarfile.SYMTYPE)),
    Case("tar with a hard link", lambda: tar("a.csv", kind=tarfile.LNKTYPE)),
    Case("tar with a device", lambda: tar("a.csv", kind=tarfile.CHRTYPE)),
    Case("tar with an absolute path", lambda: tar("/etc/a.csv")),
    Case("zip with an absolute path", lambda: zipped(**{"/etc/a.csv": CSV})),
    Case("zip with a drive's path", lambda: zipped(**{"C:\\a.csv": CSV})),
    Case("zip with a path out, backwards", lambda: zipped(**{"a\\..\\..\\b.csv": CSV})),
    Case("zip with one name twice", doubled_zip),
    Case("zip with a long name", lambda: zipped(**{"a" * 5000: CSV})),
    Case("zip with a pickle", lambda: zipped(**{"a.csv": CSV, "b.bin": __import__("pickle").dumps(Evil())})),
    Case("zip with a data file", lambda: zipped(**{"a.csv": CSV, "b": b"PAR1" + bytes(90) + b"PAR1"})),
    Case("zip with an empty file", lambda: zipped(**{"a.csv": CSV, "b": b""})),
    Case("zip damaged", lambda: _damaged(zipped(**{"a.csv": CSV * 50}))),
    Case("gzip damaged", lambda: _damaged(gzip.compress(CSV * 50))),
    Case("gzip cut off", lambda: gzip.compress(CSV)[:-9]),
    Case("xz cut off", lambda: lzma.compress(CSV)[:-9]),
    Case("bzip2 cut off", lambda: bz2.compress(CSV)[:-9]),
    Case("tar cut off", lambda: tar("a.csv", data=CSV * 50)[:900]),
    Case("7-Zip", lambda: b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(90)),
)

ARCHIVE_CARRIERS: tuple[tuple[str, Callable[[], bytes], str], ...] = (
    ("ZIP comment", lambda: commented_zip(comment=S), "trailing-bytes"),
    ("ZIP member's comment", lambda: commented_zip(entry_comment=S), "metadata"),
    ("ZIP extra field", lambda: commented_zip(extra=b"\xfe\xca\x40\x00" + S.ljust(64)), "metadata"),
    ("ZIP trailing bytes", lambda: zipped(**{"a.csv": CSV}) + S, "trailing-bytes"),
    ("ZIP leading member", unlisted_zip, "trailing-bytes"),
    ("ZIP with a picture that carries", lambda: zipped(**{"a.png": png(chunk(b"tEXt", b"k\x00" + S))}), "png-chunk"),
    ("ZIP with a hidden sheet", lambda: zipped(**{"a.xlsx": workbook(Second=f"hidden:{SECRET}")}), "hidden-sheet"),
    ("tar header", lambda: tar("a.csv", comment=SECRET), "metadata"),
    ("tar trailing bytes", lambda: tar("a.csv") + S, "trailing-bytes"),
    ("gzip trailing bytes", lambda: gzip.compress(CSV) + S, "trailing-bytes"),
)
