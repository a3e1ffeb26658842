"""Which format some bytes are in, by the bytes.

Promises: no look at a name, no parse deeper than needed to tell formats apart. A format that is recognised and not
read (a data file, a model file, an archive) has a sentence that says why and what to do instead.
"""

import re
import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Recognised:
    """A format that is never read here: its media type and what to tell the person who sent it."""

    media_type: str
    name: str
    way_on: str

    @property
    def is_archive(self) -> bool:
        """Whether the files in it are read one by one."""
        return self.media_type in _OPENED

    @property
    def problem(self) -> str:
        """The sentence of ``Output.problem``."""
        return f"This is {self.name}. {self.way_on}"


_OPENED = frozenset(("application/gzip", "application/x-bzip2", "application/x-xz", "application/x-tar"))
_AS_TABLE = "A data file holds records, and they are not released: make a table of results and write it as CSV."
_AS_MODEL = (
    "Files like this can hold the data they were made from and run code when opened: "
    "write what you need from it as a table or as text."
)
_UNPACKED = "It is not opened here: request the files in it one by one, or as a ZIP or tar archive."
_AS_TEXT = "It is not read here: write its contents as CSV, text, PNG or a notebook."

_MAGIC: tuple[tuple[int, bytes, Recognised], ...] = (
    (0, b"PAR1", Recognised("application/vnd.apache.parquet", "a Parquet data file", _AS_TABLE)),
    (0, b"PARE", Recognised("application/vnd.apache.parquet", "an encrypted Parquet data file", _AS_TABLE)),
    (0, b"ARROW1", Recognised("application/vnd.apache.arrow.file", "an Arrow or Feather data file", _AS_TABLE)),
    (0, b"FEA1", Recognised("application/vnd.apache.arrow.file", "a Feather data file", _AS_TABLE)),
    (0, b"SQLite format 3\x00", Recognised("application/vnd.sqlite3", "an SQLite database", _AS_TABLE)),
    (8, b"DUCK", Recognised("application/vnd.duckdb", "a DuckDB database", _AS_TABLE)),
    (0, b"<stata_dta>", Recognised("application/x-stata-dta", "a Stata data file", _AS_TABLE)),
    (0, b"$FL2@(#)", Recognised("application/x-spss-sav", "an SPSS data file", _AS_TABLE)),
    (0, b"$FL3@(#)", Recognised("application/x-spss-sav", "an SPSS data file", _AS_TABLE)),
    (0, b"HEADER RECORD*******LIB", Recognised("application/x-sas-xport", "a SAS transport file", _AS_TABLE)),
    (
        12,
        b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c\x18\x1f\x10\x11",
        Recognised("application/x-sas-data", "a SAS data file", _AS_TABLE),
    ),
    (0, b"\x89HDF\r\n\x1a\n", Recognised("application/x-hdf5", "an HDF5 data file", _AS_TABLE)),
    (0, b"CDF\x01", Recognised("application/x-netcdf", "a NetCDF data file", _AS_TABLE)),
    (0, b"CDF\x02", Recognised("application/x-netcdf", "a NetCDF data file", _AS_TABLE)),
    (0, b"Obj\x01", Recognised("application/avro", "an Avro data file", _AS_TABLE)),
    (0, b"ORC", Recognised("application/x-orc", "an ORC data file", _AS_TABLE)),
    (0, b"\x93NUMPY", Recognised("application/x-npy", "a NumPy array", _AS_MODEL)),
    (0, b"RDX2\n", Recognised("application/x-r-data", "an R workspace", _AS_MODEL)),
    (0, b"RDX3\n", Recognised("application/x-r-data", "an R workspace", _AS_MODEL)),
    (0, b"RDA", Recognised("application/x-r-data", "an R workspace", _AS_MODEL)),
    (0, b"X\n\x00\x00\x00", Recognised("application/x-r-data", "an R object", _AS_MODEL)),
    (0, b"GGUF", Recognised("application/x-gguf", "a language model", _AS_MODEL)),
    (0, b"\x7fELF", Recognised("application/x-executable", "a program", _AS_TEXT)),
    (0, b"MZ", Recognised("application/x-dosexec", "a program", _AS_TEXT)),
    (0, b"\x1f\x8b", Recognised("application/gzip", "a gzip archive", _UNPACKED)),
    (0, b"BZh", Recognised("application/x-bzip2", "a bzip2 archive", _UNPACKED)),
    (0, b"\xfd7zXZ\x00", Recognised("application/x-xz", "an xz archive", _UNPACKED)),
    (0, b"\x28\xb5\x2f\xfd", Recognised("application/zstd", "a Zstandard archive", _UNPACKED)),
    (0, b"7z\xbc\xaf\x27\x1c", Recognised("application/x-7z-compressed", "a 7-Zip archive", _UNPACKED)),
    (0, b"Rar!\x1a\x07", Recognised("application/vnd.rar", "a RAR archive", _UNPACKED)),
    (257, b"ustar", Recognised("application/x-tar", "a tar archive", _UNPACKED)),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Recognised("application/x-ole-storage", "an old Office file", _AS_TEXT)),
    (0, b"BM", Recognised("image/bmp", "a BMP picture", "Save it as PNG.")),
    (0, b"II*\x00", Recognised("image/tiff", "a TIFF picture", "Save it as PNG.")),
    (0, b"MM\x00*", Recognised("image/tiff", "a TIFF picture", "Save it as PNG.")),
    (0, b"%!PS", Recognised("application/postscript", "a PostScript file", "Save it as PNG, or as SVG.")),
    (0, b"{\\rtf", Recognised("application/rtf", "an RTF document", "Save it as plain text.")),
)

ZIPPED: tuple[tuple[str, Recognised], ...] = (
    ("word/document.xml", Recognised(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "a Word document",
        "Save it as plain text or Markdown.")),
    ("ppt/presentation.xml", Recognised(
        "application/vnd.openxmlformats-officedocument.presentationml.presentation", "a PowerPoint file",
        "Request its pictures and tables one by one.")),
    ("data.pkl", Recognised("application/x-pytorch", "a PyTorch model", _AS_MODEL)),
    (".npy", Recognised("application/x-npz", "a file of NumPy arrays", _AS_MODEL)),
    ("config.json", Recognised("application/x-keras", "a Keras model", _AS_MODEL)),
)  # fmt: skip
ZIP = Recognised("application/zip", "a ZIP archive", _UNPACKED)
PICKLE = Recognised("application/x-python-pickle", "a Python pickle", _AS_MODEL)
PDF = Recognised("application/pdf", "a PDF document", "Save its pictures as PNG or SVG and its tables as CSV.")
ONNX = Recognised("application/x-onnx", "an ONNX model", _AS_MODEL)
PACKED = Recognised("application/zlib", "compressed data", _UNPACKED)
STATA = Recognised("application/x-stata-dta", "a Stata data file", _AS_TABLE)
BINARY = Recognised("application/octet-stream", "no text and no format that Halftide knows", _AS_TEXT)
EMPTY = Recognised("application/x-empty", "an empty file", "There is nothing in it to check or to release.")

READ: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


_ONNX_MAKER = re.compile(rb"\x08[\x01-\x20]\x12[\x03-\x40][A-Za-z][\w.-]{2,}")


def binary_format(data: bytes) -> str | Recognised | None:
    """The media type of a picture or document that has a reader, a recognised format without one, or None for what
    may be text."""
    for magic, media_type in READ:
        if data.startswith(magic):
            return media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if b"%PDF-" in data[:1024]:
        return "application/pdf"
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return "application/zip"
    for at, magic, recognised in _MAGIC:
        if data[at : at + len(magic)] == magic and (len(magic) > 4 or not _reads_as_text(data)):
            return recognised
    return _by_structure(data)


def is_raster(data: bytes) -> bool:
    """Whether these bytes begin as a picture that Halftide reads."""
    return binary_format(data) in ("image/png", "image/jpeg", "image/gif", "image/webp")


def _by_structure(data: bytes) -> Recognised | None:
    if data[:1] == b"\x80" and data[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05") and data.rstrip()[-1:] == b".":
        return PICKLE
    if data[:1] in (b"\x71", b"\x72", b"\x73") and data[1:4] in (b"\x01\x01\x00", b"\x02\x01\x00"):
        return STATA
    if data[:1] == b"\x08" and data[2:3] == b"\x12" and _ONNX_MAKER.match(data):
        return ONNX
    if data[:1] == b"x" and data[1:2] in (b"\x01", b"\x5e", b"\x9c", b"\xda") and _is_packed(data):
        return PACKED
    if data[:2] in (b"(d", b"(l", b"c_", b"cc", b"cn", b"cp") and data.endswith(b".") and b"\np" in data:
        return PICKLE
    return None


def _is_packed(data: bytes) -> bool:
    """Whether a zlib stream begins here, as joblib writes with ``compress``."""
    try:
        return bool(zlib.decompressobj().decompress(data[:1000], 1))
    except zlib.error:
        return False


def _reads_as_text(data: bytes) -> bool:
    """Whether the beginning is printable: two or three letters of a magic number can begin a text, too."""
    head = data[:512]
    printable = len(head.translate(None, bytes(range(0x20)) + b"\x7f")) + sum(head.count(c) for c in (9, 10, 13))
    return printable >= len(head)
