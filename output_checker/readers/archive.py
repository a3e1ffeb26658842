"""ZIP files: a workbook (Excel, OpenDocument) or an archive of results is read; models and documents are refused.

Promises: looks at names first, unpacks only what a reader asks for, and never more than the limits, whatever the
archive's directory says about sizes. Never extracts to a disk, so a path in an archive leads nowhere.
"""

import re
import zipfile
from io import BytesIO

from output_checker.model import Output
from output_checker.readers import bundle, formats
from output_checker.readers.losses import Losses, Unreadable

MOST_ENTRIES = 10_000
MOST_UNPACKED = 150_000_000
_STEP = 1 << 20
_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"


def read(data: bytes, losses: Losses, read_member: bundle.Read | None) -> Output:
    """The workbook that this archive is, or its members as ``read_member`` reads them; without one, an archive that is
    no workbook is refused."""
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Unreadable("This ZIP archive is damaged.") from error
    if len(names) > MOST_ENTRIES:
        raise Unreadable(f"This ZIP archive has more than {MOST_ENTRIES:,} entries.")
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        raise Unreadable("This archive is encrypted, so nobody can check what is in it. Save it without a password.")
    if "xl/workbook.xml" in names:
        from output_checker.readers import workbook

        return workbook.read(archive, data, losses)
    if _is_spreadsheet(archive):
        from output_checker.readers import opendocument

        return opendocument.read(archive, data, losses)
    for name, recognised in formats.ZIPPED:
        if any(entry == name or entry.endswith(name) for entry in names):
            from output_checker.readers import stored

            stored.describe_zipped(archive, names, losses)
            raise Unreadable(recognised.problem)
    if read_member is None:
        raise Unreadable(formats.ZIP.problem)
    return bundle.read_zip(archive, data, losses, read_member)


def _is_spreadsheet(archive: zipfile.ZipFile) -> bool:
    """Whether the archive is an OpenDocument spreadsheet, which says so in its first entry."""
    if "mimetype" not in archive.namelist() or "content.xml" not in archive.namelist():
        return False
    return unpacked(archive, "mimetype", [1000]).strip().startswith(_SPREADSHEET)


def report_parts(
    archive: zipfile.ZipFile, data: bytes, losses: Losses, *, used: re.Pattern[str], caches: re.Pattern[str]
) -> None:
    """Name every entry of a workbook that gives no cells, and what stands around the archive."""
    for entry in archive.infolist():
        if used.fullmatch(entry.filename):
            continue
        what = "cached-data" if caches.match(entry.filename) else "workbook-part"
        sample = ""
        if entry.file_size < 1_000_000:
            sample = unpacked(archive, entry.filename, [2_000_000]).decode("utf-8", "replace")
        losses.add(what, entry.filename, f"{entry.file_size} bytes", entry.file_size, re.sub(r"<[^>]*>", " ", sample))
    end = data.rfind(b"PK\x05\x06") + 22 + len(archive.comment)
    start = data[: min((entry.header_offset for entry in archive.infolist()), default=0)]
    around = start + archive.comment + data[end:]
    if around:
        sample = around[:2000].decode("utf-8", "replace")
        losses.add("trailing-bytes", "", f"{len(around)} bytes around the archive", len(around), sample)


def unpacked(archive: zipfile.ZipFile, name: str, budget: list[int]) -> bytes:
    """One entry, as long as the budget of bytes for the whole archive lasts."""
    pieces = []
    try:
        with archive.open(name) as entry:
            while piece := entry.read(_STEP):
                budget[0] -= len(piece)
                if budget[0] < 0:
                    raise Unreadable("This workbook unpacks to more than can be checked.")
                pieces.append(piece)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, ValueError) as error:
        raise Unreadable("This workbook is damaged.") from error
    except Exception as error:
        if isinstance(error, Unreadable) or type(error).__module__ not in ("zlib", "lzma", "_lzma"):
            raise
        raise Unreadable("This workbook is damaged.") from error
    return b"".join(pieces)
