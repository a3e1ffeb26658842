"""Data files and model files: what their headers say, so that the refusal can tell what is inside.

Promises that nothing is loaded, decompressed beyond a cap, or evaluated, and that a broken header is no error here: the
file is refused either way. What was found goes to the list of losses: ``stored-data`` for tables (rows, columns and
their names), ``stored-model`` for objects (a class, an array or an attribute on each line of the sample).
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence

from output_checker.readers import formats, pickled
from output_checker.readers.losses import Losses

MOST_UNPACKED = 64 * 1024 * 1024
MOST_HEADER = 100_000
MOST_TABLES = 200
_SHAPE = re.compile(
    r"'descr':\s*(.{1,4000}?),\s*'fortran_order':\s*(?:True|False),\s*'shape':\s*\(([\d, ]*)\)", re.DOTALL
)
_R_TEXT = re.compile(rb"\x00\x04\x00\x09\x00\x00\x00([\x01-\x50])")
_R_REAL = re.compile(rb"\x00\x00[\x00-\x03]\x0e")
_OPERATOR = re.compile(rb"\x22([\x03-\x40])([A-Z][A-Za-z]{2,60})")
_SIGNS = re.compile(rb"keras_version|model_config|general\.architecture|optimizer_weights")
_PROBLEMS = (ValueError, IndexError, struct.error, zlib.error, OverflowError, EOFError)


def describe(data: bytes, recognised: formats.Recognised, losses: Losses) -> formats.Recognised:
    """Note what the header of a file says. The answer is what the file is: a packed one is told by what is in it."""
    if recognised.media_type in ("application/gzip", formats.PACKED.media_type):
        inner = _unpacked(data)
        found = formats.binary_format(inner)
        if not isinstance(found, formats.Recognised) or found.media_type not in _READERS:
            return recognised
        data, recognised = inner, found
    reader = _READERS.get(recognised.media_type)
    if reader is not None:
        try:
            reader(data, losses)
        except _PROBLEMS:
            losses.add("stored-data", "", "its header can't be read: it is damaged or no such file")
    return recognised


def describe_zipped(archive: zipfile.ZipFile, names: Sequence[str], losses: Losses) -> None:
    """Note what is in the pickles and arrays of a ZIP archive, as PyTorch and NumPy write them."""
    for name in names[:MOST_TABLES]:
        if not name.endswith((".pkl", ".npy")):
            continue
        try:
            with archive.open(name) as entry:
                head = entry.read(MOST_UNPACKED if name.endswith(".pkl") else MOST_HEADER)
            (_pickle if name.endswith(".pkl") else _numpy)(head, losses, name)
        except (*_PROBLEMS, zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
            losses.add("stored-data", name, "it can't be unpacked")


def _unpacked(data: bytes) -> bytes:
    """The beginning of a gzip or zlib stream, up to the cap; empty when it is none."""
    try:
        return zlib.decompressobj(wbits=47).decompress(data, MOST_UNPACKED)
    except zlib.error:
        return b""


def _pickle(data: bytes, losses: Losses, where: str = "") -> None:
    found = pickled.read(data)
    short = [name.rpartition(".")[2] for name in found.classes]
    detail = f"{len(found.arrays)} arrays, {found.payload:,} bytes of data"
    if found.parameters:
        detail += f" of which {found.parameters:,} are coefficients"
    if not found.whole:
        detail += ", not understood to its end"
    detail += ": " + ", ".join(short[:12])
    lines = [f"class {name}" for name in found.classes]
    lines.append(f"payload {found.payload} parameters {found.parameters} arrays {len(found.arrays)}")
    lines += [f"attribute {name}" for name in dict.fromkeys(found.attributes)]
    losses.add("stored-model", where, detail, len(data), "\n".join(lines))


def _numpy(data: bytes, losses: Losses, where: str = "") -> None:
    wide = data[6] > 1
    (length,) = struct.unpack_from("<I" if wide else "<H", data, 8)
    start = 12 if wide else 10
    found = _SHAPE.search(data[start : start + min(length, MOST_HEADER)].decode("latin-1"))
    if found is None:
        raise ValueError("no header of an array")
    shape = [int(size) for size in found[2].replace(",", " ").split()]
    kind = found[1].strip("'\"[]( ")[:60]
    losses.add("stored-data", where, f"an array of {_times(shape)} values of type {kind}", len(data), found[1])
    if "O" in found[1]:
        _pickle(data[start + length :], losses, where)


def _times(shape: Sequence[int]) -> str:
    return " x ".join(f"{size:,}" for size in shape) or "one"


def _parquet(data: bytes, losses: Losses) -> None:
    """The footer; pyarrow reads it without a value of the columns."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        footer = parquet.read_metadata(pa.BufferReader(data))
        names = [footer.schema.column(number).name for number in range(min(footer.num_columns, 2000))]
    except (pa.ArrowException, OSError) as error:
        raise ValueError("a damaged footer") from error
    _table(losses, "", footer.num_rows, footer.num_columns, names)


def _sqlite(data: bytes, losses: Losses) -> None:
    (size,) = struct.unpack_from(">H", data, 16)
    pages, _, free = struct.unpack_from(">III", data, 28)
    page = 65536 if size == 1 else size
    names = re.findall(rb"CREATE TABLE [\"'`\[]?(\w{1,60})", data[: page * 8])
    told = ", ".join(name.decode("ascii", "replace") for name in names[:20])
    unused = f", {free:,} of them free (deleted rows can still be read there)" if free else ""
    losses.add(
        "stored-data", "", f"{pages:,} pages of {page:,} bytes{unused}; tables: {told or 'none seen'}", len(data)
    )


def _stata(data: bytes, losses: Losses) -> None:
    if not data.startswith(b"<stata_dta>"):
        order = ">" if data[1] == 1 else "<"
        columns, rows = struct.unpack_from(order + "HI", data, 4)
        _table(losses, "", rows, columns)
        return
    head = data[:400]
    order = ">" if b"MSF" in head else "<"
    release = int(head[head.index(b"<release>") + 9 :][:3])
    columns = struct.unpack_from(order + ("I" if release >= 119 else "H"), head, head.index(b"<K>") + 3)[0]
    rows = struct.unpack_from(order + ("Q" if release >= 118 else "I"), head, head.index(b"<N>") + 3)[0]
    _table(losses, "", rows, columns)


def _spss(data: bytes, losses: Losses) -> None:
    order = "<" if data[64:68] in (b"\x02\0\0\0", b"\x03\0\0\0") else ">"
    columns, _, _, rows = struct.unpack_from(order + "iiii", data, 68)
    _table(losses, "", max(rows, 0), max(columns, 0))


def _table(losses: Losses, where: str, rows: int, columns: int, names: Sequence[str] = ()) -> None:
    named = (": " + ", ".join(names[:12])) if names else ""
    losses.add("stored-data", where, f"a table of {rows:,} rows and {columns:,} columns{named}", 0, "\n".join(names))


def _r_object(data: bytes, losses: Losses) -> None:
    """The short texts of R's serialisation, names and classes among them, and how many vectors of numbers it has."""
    words: dict[str, None] = {}
    for found in _R_TEXT.finditer(data[:MOST_UNPACKED]):
        word = data[found.end() : found.end() + found[1][0]].decode("utf-8", "replace")
        words.setdefault(word)
        if len(words) >= pickled.MOST_NAMES:
            break
    vectors = sum(1 for _ in _R_REAL.finditer(data[:MOST_UNPACKED]))
    lines = [f"class R.{word}" for word in words if re.fullmatch(r"[\w.]{1,60}", word)]
    losses.add("stored-model", "", f"{vectors:,} vectors of numbers; names: {', '.join(list(words)[:12])}", len(data),
               "\n".join(lines))  # fmt: skip


def _onnx(data: bytes, losses: Losses) -> None:
    """The operators of a graph: a length and a name behind the tag of ``NodeProto.op_type``."""
    names = dict.fromkeys(
        found[2][: found[1][0]].decode("ascii")
        for found in _OPERATOR.finditer(data[:MOST_UNPACKED])
        if len(found[2]) >= found[1][0]
    )
    detail = f"{len(data):,} bytes; operators: {', '.join(list(names)[:12])}"
    losses.add("stored-model", "", detail, len(data), "\n".join(f"class onnx.{name}" for name in names))


def _named(data: bytes, losses: Losses) -> None:
    """A file whose texts tell what made it: Keras in HDF5, the architecture of a language model."""
    found = dict.fromkeys(
        re.findall(rb"keras_version|model_config|general\.architecture|optimizer_weights", data[: 1 << 22])
    )
    lines = [f"class stored.{name.decode('ascii')}" for name in found]
    losses.add("stored-model", "", ", ".join(name.decode("ascii") for name in found) or "no sign of a model", len(data),
               "\n".join(lines))  # fmt: skip


_READERS: Mapping[str, Callable[[bytes, Losses], None]] = {
    formats.PICKLE.media_type: _pickle,
    "application/x-npy": _numpy,
    "application/vnd.apache.parquet": _parquet,
    "application/vnd.sqlite3": _sqlite,
    "application/x-stata-dta": _stata,
    "application/x-spss-sav": _spss,
    "application/x-r-data": _r_object,
    formats.ONNX.media_type: _onnx,
    "application/x-hdf5": _named,
    "application/x-gguf": _named,
}
