"""ZIP files: a workbook is read, everything else is recognised and refused.

Promises: looks at names first, unpacks only what a reader asks for, and never more than the limits, whatever the
archive's directory says about sizes. Never extracts to a disk, so a path in an archive leads nowhere.
"""

import zipfile
from io import BytesIO

from output_checker.model import Output
from output_checker.readers import formats
from output_checker.readers.losses import Losses, Unreadable

MOST_ENTRIES = 10_000
MOST_UNPACKED = 150_000_000
_STEP = 1 << 20


def read(data: bytes, losses: Losses) -> Output:
    """The workbook in this archive. Raises Unreadable for everything else."""
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
    for name, recognised in formats.ZIPPED:
        if any(entry == name or entry.endswith(name) for entry in names):
            raise Unreadable(recognised.problem)
    raise Unreadable(formats.ZIP.problem)


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
