# ruff: noqa: E501, S311, PLW0108 - a table with one case a line; made-up noise; each case is a lambda, alike
"""Files that mean harm, and files with something hidden in them, each made from scratch.

``HOSTILE`` try to crash, exhaust or deceive a reader. ``CARRIERS`` are ordinary files with ``SECRET`` (or a code for
it) in a place that a person does not see; each names the code under which the reader must list it.
"""

import base64
import io
import json
import pickle
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SECRET = "NHS 943 476 5919 Ada Lovelace"
S = SECRET.encode()
HIDDEN, FLAT = 'hidden="1"', 'ht="0"'

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CSV = b"plan,good,poor\nFree,120,40\nPay,310,55\n"


@dataclass(frozen=True)
class Case:
    """A hostile file and what must become of it: refused, or read with these codes among what was dropped."""

    name: str
    make: Callable[[], bytes]
    refused: bool = True
    drops: frozenset[str] = frozenset()


# --- PNG ---


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header(width: int = 2, height: int = 2, depth: int = 8, colour: int = 2, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


def pixels(rows: bytes) -> bytes:
    return chunk(b"IDAT", zlib.compress(rows))


RGB_ROWS = (b"\x00" + b"\xff\x00\x00\x00\xff\x00") * 2


def png(*extra: bytes, rows: bytes = RGB_ROWS, head: bytes = b"", after: bytes = b"", tail: bytes = b"") -> bytes:
    """A 2 x 2 picture with ``extra`` chunks before the pixels, ``after`` behind them and ``tail`` behind the end."""
    return b"".join((SIGNATURE, head or header(), *extra, pixels(rows), after, chunk(b"IEND", b""), tail))


def bomb_png() -> bytes:
    engine = zlib.compressobj(9)
    body = b"".join(engine.compress(bytes(1 << 20)) for _ in range(300)) + engine.flush()
    return SIGNATURE + header(10_000, 10_000, 8, 2) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def surplus_bomb_png() -> bytes:
    """A small picture whose pixel stream goes on for gigabytes."""
    engine = zlib.compressobj(9)
    zeros = bytes(1 << 20)
    body = engine.compress(RGB_ROWS) + b"".join(engine.compress(zeros) for _ in range(500)) + engine.flush()
    return SIGNATURE + header() + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def text_bomb_png() -> bytes:
    return png(chunk(b"zTXt", b"k\x00\x00" + zlib.compress(bytes(200_000_000), 9)))


# --- notebooks ---


def notebook(*cells: dict[str, Any], **top: Any) -> bytes:
    value = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **top}
    return json.dumps(value).encode()


def code(*outputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "cell_type": "code", "execution_count": 1, "id": "a1b2c3d4", "metadata": {}, "outputs": list(outputs),
        "source": "", **more,
    }  # fmt: skip


def shown(data: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}, **more}


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


TABLE_HTML = (
    "<table><thead><tr><th>plan</th><th>n</th></tr></thead><tbody><tr><td>Free</td><td>120</td></tr></tbody></table>"
)


def html_cell(source: str) -> bytes:
    return notebook(code(shown({"text/html": source})))


# --- archives and data files ---


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo("../../etc/passwd")
        entry.size = len(CSV)
        archive.addfile(entry, io.BytesIO(CSV))
    return out.getvalue()


class Evil:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("raise SystemExit('pickle was loaded')",))


def workbook(extra: dict[str, bytes] | None = None, sheet: str = "", **sheets: str) -> bytes:
    """A workbook of one sheet with ``sheet`` as its XML, and ``extra`` parts beside it."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    default = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>plan</t></is></c><c r="B1" t="inlineStr"><is><t>n</t></is></c></row>'
    )
    default += '<row r="2"><c r="A2" t="inlineStr"><is><t>Free</t></is></c><c r="B2"><v>120</v></c></row>'
    states = {"First": "visible", **sheets}
    entries = "".join(
        f'<sheet name="{name}" sheetId="{n}" state="{state.split(":")[0]}" r:id="rId{n}"/>'
        for n, (name, state) in enumerate(states.items(), 1)
    )
    links = "".join(f'<Relationship Id="rId{n}" Target="worksheets/sheet{n}.xml"/>' for n in range(1, len(states) + 1))
    parts = {
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{rel}"><sheets>{entries}</sheets></workbook>'.encode(),
        "xl/_rels/workbook.xml.rels": f"<Relationships>{links}</Relationships>".encode(),
        "xl/worksheets/sheet1.xml": f"<worksheet {main}>{sheet or f'<sheetData>{default}</sheetData>'}</worksheet>".encode(),
    }
    for n, state in enumerate(list(states.values())[1:], 2):
        text = f'<row><c t="inlineStr"><is><t>{state.partition(":")[2]}</t></is></c></row>'
        parts[f"xl/worksheets/sheet{n}.xml"] = f"<worksheet {main}><sheetData>{text}</sheetData></worksheet>".encode()
    return zipped(**{**parts, **(extra or {})})


def row(number: int, *texts: str, attributes: str = "") -> str:
    """A row of a sheet's XML."""
    cells = "".join(
        f'<c r="{chr(65 + n)}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for n, text in enumerate(texts)
    )
    return f'<row r="{number}" {attributes}>{cells}</row>'


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">%s]><sst>&z;</sst>""" % b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(25)
)


def locked() -> bytes:
    data = bytearray(workbook())
    for at in range(len(data) - 4):
        if data[at : at + 4] == b"PK\x01\x02":
            data[at + 8] |= 1
        elif data[at : at + 4] == b"PK\x03\x04":
            data[at + 6] |= 1
    return bytes(data)


def noise(size: int, seed: int = 7) -> bytes:
    return random.Random(seed).randbytes(size)


def wide_csv(columns: int) -> bytes:
    head = ",".join(f"c{n}" for n in range(columns))
    return f"{head}\n{','.join('1' * 1 for _ in range(columns))}\n".encode()


HOSTILE: tuple[Case, ...] = (
    Case("zip bomb named csv", lambda: zipped(a=bytes(80_000_000))),
    Case("zip with a table", lambda: zipped(**{"table.csv": CSV}), False),
    Case("zip cut off", lambda: zipped(**{"table.csv": CSV})[:40]),
    Case("zip with a path out", lambda: zipped(**{"../../etc/cron.d/x": CSV})),
    Case("tar with a path out", tarred),
    Case("gzip bomb", lambda: zlib.compress(bytes(50_000_000), 9, wbits=31)),
    Case("pickle that runs code", lambda: pickle.dumps(Evil())),
    Case("pickle of protocol 0", lambda: pickle.dumps({"a": [1, 2, "x"]}, protocol=0)),
    Case("numpy array", lambda: b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,)}\n" + S),
    Case("parquet", lambda: b"PAR1" + noise(500) + b"PAR1"),
    Case("sqlite", lambda: b"SQLite format 3\x00" + bytes(4000)),
    Case("stata", lambda: b"<stata_dta><header><release>118</release>" + noise(300)),
    Case("rds", lambda: zlib.compress(b"X\n\x00\x00\x00\x03" + noise(300), wbits=31)),
    Case("elf", lambda: b"\x7fELF\x02\x01\x01" + noise(300)),
    Case("binary noise", lambda: noise(200_000)),
    Case("noise without zeros", lambda: bytes(b or 1 for b in noise(50_000))),
    Case("high bytes only", lambda: bytes(128 + b % 128 for b in noise(50_000))),
    Case("empty", lambda: b""),
    Case("blanks only", lambda: b" \n\t\r\n " * 1000),
    Case("NULs only", lambda: bytes(10_000)),
    Case("byte order mark only", lambda: b"\xef\xbb\xbf"),
    Case("byte order mark of UTF-16 only", lambda: b"\xff\xfe"),
    Case("UTF-16 cut in the middle", lambda: "a,b\n1,2\n".encode("utf-16") + b"\x00"),
    Case("UTF-16 with a lone surrogate", lambda: b"\xff\xfe" + "a,b\n".encode("utf-16-le") + b"\x00\xd8" + b"1\x00"),
    Case("invisible characters only", lambda: "\u200b\u200c\U000e0041".encode() * 500),
    Case("table with NULs", lambda: CSV.replace(b"120", b"1\x002\x000"), False, frozenset({"nul-bytes"})),
    Case("table in UTF-16", lambda: CSV.decode().encode("utf-16"), False, frozenset({"wide-encoding"})),
    Case(
        "table in UTF-16 without a mark", lambda: CSV.decode().encode("utf-16-le"), False, frozenset({"wide-encoding"})
    ),
    Case("table in Latin-1", lambda: "région,n\nÎle,12\n".encode("latin-1"), False, frozenset({"encoding"})),
    Case(
        "table in two encodings",
        lambda: "région,n\nÎle,12\nOrléans,15\n".encode() + "Génève,20\n".encode("latin-1"),
        False,
        frozenset({"encoding"}),
    ),
    Case("a million columns", lambda: wide_csv(1_000_000)),
    Case("a million ragged rows and one wide", lambda: b"a,b\n" * 1_000_000 + b"1," * 10_000 + b"\n"),
    Case("three million cells", lambda: b"1,2,3\n" * 1_000_000),
    Case("one line of 50 MB", lambda: b"x" * 50_000_000),
    Case("one line of 50 MB of words", lambda: b"word and " * 5_500_000),
    Case("50 MB of commas", lambda: b"," * 50_000_000),
    Case("50 MB of quotes", lambda: b'"' * 50_000_000),
    Case("50 MB of line ends", lambda: b"\n" * 50_000_000),
    Case("50 MB of blanks and a word", lambda: b" " * 50_000_000 + b"x"),
    Case("50 MB of escapes", lambda: b"\x1b[" * 25_000_000),
    Case("an open quote", lambda: b'plan,n\n"Free,120\nPay,310\nNone,20\n', False),
    Case("an open quote over 20 MB", lambda: b'plan,n\n"' + b"Free,120\n" * 2_200_000),
    Case("huge whole numbers", lambda: b"plan,n\nFree," + b"9" * 500_000 + b"\nPay,12\n", False),
    Case("bait for number patterns", lambda: b"plan,n\n" + b"Free,1" + b",000" * 200_000 + b"x\nPay,12\n"),
    Case("bait for blanks", lambda: b"plan,n\n" + (b"Free" + b" " * 100_000 + b"x,12\n") * 20, False),
    Case("bait for table shapes", lambda: b"a  1\n" * 19_000 + b"x" + b" y" * 900, False),
    Case("bait for rules", lambda: (b"-=" * 900 + b"x\n") * 1500, False),
    Case("JSON nested deeply", lambda: b'{"nbformat": 4, "cells": ' + b"[" * 200_000),
    Case("JSON nested deeply and closed", lambda: b'{"nbformat":4,"cells":' + b"[" * 90_000 + b"]" * 90_000 + b"}"),
    Case("notebook cut off", lambda: notebook(code(stream("x" * 100)))[:-60]),
    Case("notebook of version 2", lambda: notebook(nbformat=2)),
    Case("notebook of version 9", lambda: notebook(nbformat=9)),
    Case("notebook of a version in words", lambda: notebook(nbformat="4 OR 1=1")),
    Case("notebook with cells of another kind", lambda: notebook(cells=[1, "x", None])),
    Case("notebook with text that is a number", lambda: notebook(code({"output_type": "stream", "text": 5}))),
    Case("notebook with an unknown output", lambda: notebook(code({"output_type": "exfiltrate"}))),
    Case("notebook with 20,000 cells", lambda: notebook(*[code()] * 20_000)),
    Case("notebook with 5,000 outputs", lambda: notebook(code(*[stream("x")] * 5_000))),
    Case(
        "notebook with a huge number",
        lambda: notebook(code()).replace(b'"nbformat_minor": 5', b'"nbformat_minor": ' + b"9" * 100_000),
        False,
        frozenset({"metadata"}),
    ),
    Case("notebook with a broken picture", lambda: notebook(code(shown({"image/png": "aGVsbG8="})))),
    Case("notebook with a picture that is no base64", lambda: notebook(code(shown({"image/png": "%%%"})))),
    Case(
        "notebook with a bomb of a picture",
        lambda: notebook(code(shown({"image/png": base64.b64encode(bomb_png()).decode()}))),
    ),
    Case(
        "notebook with lone surrogates",
        lambda: notebook(code(stream("a\ud800b"))),
        False,
        frozenset({"invisible-characters"}),
    ),
    Case(
        "HTML with a span of a billion",
        lambda: html_cell("<table><tr><td colspan=999999999 rowspan=65534>1</td></tr>" * 3000),
    ),
    Case("HTML of many spans", lambda: html_cell("<table>" + "<tr><td rowspan=60000 colspan=1000>1" * 3000)),
    Case("HTML nested deeply", lambda: html_cell("<table><tr><td>" * 20_000 + "1")),
    Case("HTML of open comments", lambda: html_cell("<!--" * 300_000), False, frozenset({"mime"})),
    Case("HTML of open tags", lambda: html_cell("<a " * 300_000), False, frozenset({"mime"})),
    Case("HTML page of nothing", lambda: b"<html><head></head><body></body></html>"),
    Case("HTML page of 30 MB", lambda: b"<p>" + b"x <b>" * 5_000_000),
    Case("XML of another kind", lambda: b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', False),
    Case("JSON arrays nested deeply", lambda: b"[" * 100_000 + b"]" * 100_000),
    Case("JSON of 50 MB", lambda: b"[" + b"1," * 25_000_000 + b"1]"),
    Case("JSON of three million cells", lambda: b"[" + b"[1,2,3]," * 999_999 + b"[1]]"),
    Case("JSON with a huge number", lambda: b'{"n": ' + b"9" * 1_000_000 + b"}", False),
    Case("workbook with a bomb", lambda: workbook({"xl/sharedStrings.xml": bytes(400_000_000)})),
    Case("workbook with a billion laughs", lambda: workbook({"xl/sharedStrings.xml": LAUGHS})),
    Case(
        "workbook with an entity from outside",
        lambda: workbook(
            {"xl/sharedStrings.xml": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst>&a;</sst>'}
        ),
    ),
    Case("workbook with a password", locked),
    Case("workbook cut off", lambda: workbook()[:-100]),
    Case("workbook without values", lambda: workbook(sheet="<sheetData/>")),
    Case(
        "workbook with a text that is not there",
        lambda: workbook(sheet='<sheetData><row><c t="s"><v>99</v></c></row></sheetData>'),
    ),
    Case(
        "workbook with cells at its corners",
        lambda: workbook(sheet=f"<sheetData>{row(1, 'a')}{row(1048576, 'z', 'y')}</sheetData>"),
        False,
    ),
    Case("workbook of broken XML", lambda: workbook(sheet="<sheetData><row>")),
    Case("workbook of 20,000 entries", lambda: workbook({f"x{n}": b"" for n in range(20_000)})),
    Case("JPEG cut off", lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + noise(500)),
    Case("GIF of noise", lambda: b"GIF89a" + noise(500)),
    Case(
        "GIF of a huge size",
        lambda: b"GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02L\x01\x00;",
    ),
    Case("WebP of noise", lambda: b"RIFF\xf0\x01\x00\x00WEBPVP8 " + noise(500)),
    Case(
        "SVG with a billion laughs",
        lambda: LAUGHS.replace(b"<!DOCTYPE x", b"<!DOCTYPE svg").replace(b"<sst>&z;</sst>", b"<svg>&z;</svg>"),
        False,
    ),
    Case(
        "SVG of references to references",
        lambda: svg(
            '<g id="a"><rect/></g>'
            + "".join(f'<g id="{chr(98 + n)}">' + f'<use href="#{chr(97 + n)}"/>' * 10 + "</g>" for n in range(12))
        ),
    ),
    Case("SVG nested deeply", lambda: svg("<g>" * 5000 + "</g>" * 5000)),
    Case("SVG cut off", lambda: svg("")[:-10]),
    Case("SVG of nothing", lambda: b'<svg xmlns="http://www.w3.org/2000/svg" display="none"/>'),
    Case("PDF", lambda: b"%PDF-1.7\n" + noise(500)),
    Case("PNG bomb", bomb_png),
    Case("PNG cut off", lambda: png()[:-20]),
    Case("PNG cut after the signature", lambda: png()[:8]),
    Case("PNG with a wrong check sum", lambda: png().replace(pixels(RGB_ROWS), pixels(RGB_ROWS)[:-1] + b"\x00")),
    Case("PNG without pixels", lambda: SIGNATURE + header() + chunk(b"IEND", b"")),
    Case("PNG with too few pixels", lambda: png(rows=RGB_ROWS[:5])),
    Case("PNG of no size", lambda: png(head=header(0, 0))),
    Case("PNG of a negative size", lambda: png(head=header(0xFFFFFFFF, 0xFFFFFFFF))),
    Case("PNG with an impossible depth", lambda: png(head=header(depth=7))),
    Case("PNG with a chunk of 4 GB", lambda: SIGNATURE + header() + b"\xff\xff\xff\xffIDAT"),
    Case("PNG with a bomb behind the pixels", surplus_bomb_png, False, frozenset({"surplus-pixels"})),
    Case("PNG with a bomb of text", text_bomb_png, False, frozenset({"png-chunk"})),
    Case("PNG that is a zip, too", lambda: png(tail=zipped(**{"t.csv": CSV})), False, frozenset({"trailing-bytes"})),
)


# --- carriers ---


def zero_width(text: str) -> str:
    bits = "".join(f"{byte:08b}" for byte in text.encode())
    return "".join("\u200b" if bit == "0" else "\u200c" for bit in bits)


def tagged(text: str) -> str:
    return "".join(chr(0xE0000 + ord(c)) for c in text)


def trailing_spaces(text: str) -> bytes:
    bits = "".join(f"{byte:08b}" for byte in text.encode())
    return "\n".join(f"line {n}" + (" " if bit == "1" else "\t") for n, bit in enumerate(bits)).encode()


def paletted() -> bytes:
    colours = b"\xff\x00\x00\x00\xff\x00" + S + bytes(-len(S) % 3)
    rows = (b"\x00" + b"\x00\x01") * 2
    return png(chunk(b"PLTE", colours), rows=rows, head=header(colour=3))


def behind_alpha() -> bytes:
    pairs = [S[n : n + 3].ljust(3, b"\x00") + b"\x00" for n in range(0, 12, 3)]
    rows = b"\x00" + b"".join(pairs[:2]) + b"\x00" + b"".join(pairs[2:])
    return png(rows=rows, head=header(colour=6))


def animated() -> bytes:
    control = struct.pack(">IIIIIHHBB", 0, 2, 2, 0, 0, 1, 1, 0, 0)
    second = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 1, 2, 2, 0, 0, 1, 1, 0, 0))
    second += chunk(b"fdAT", struct.pack(">I", 2) + zlib.compress(RGB_ROWS) + S)
    return png(chunk(b"acTL", struct.pack(">II", 2, 0)), chunk(b"fcTL", control), after=second)


def svg(inner: str) -> bytes:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="9" height="9" fill="#f00"/>'
        f"<text x='1' y='9'>Fine</text>{inner}</svg>"
    ).encode()


def jpeg(extra: bytes = b"") -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 10, 10)).save(out, "JPEG")
    return out.getvalue()[:2] + extra + out.getvalue()[2:]


def gif(frames: int = 1) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    first, *rest = (Image.new("P", (4, 4), n) for n in range(frames))
    first.putpalette(bytes((255, 0, 0, 0, 255, 0, 0, 0, 255)) + bytes(759))
    for n, frame in enumerate(rest):
        frame.putpalette(first.getpalette() or [])
        frame.putpixel((n, n), 1)
    first.save(out, "GIF", save_all=frames > 1, append_images=rest)
    return out.getvalue()


ATTACHED = {"a.png": {"image/png": base64.b64encode(png(tail=S)).decode()}}

CARRIERS: tuple[tuple[str, Callable[[], bytes], str], ...] = (
    ("PNG tEXt", lambda: png(chunk(b"tEXt", b"Comment\x00" + S)), "png-chunk"),
    ("PNG zTXt", lambda: png(chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(S))), "png-chunk"),
    ("PNG iTXt", lambda: png(chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + S)), "png-chunk"),
    ("PNG compressed iTXt", lambda: png(chunk(b"iTXt", b"k\x00\x01\x00\x00\x00" + zlib.compress(S))), "png-chunk"),
    ("PNG eXIf", lambda: png(chunk(b"eXIf", b"MM\x00*" + S)), "png-chunk"),
    ("PNG private chunk", lambda: png(chunk(b"prIv", S)), "png-chunk"),
    ("PNG unknown critical chunk", lambda: png(chunk(b"PRIV", S)), "png-chunk"),
    ("PNG time", lambda: png(chunk(b"tIME", b"\x07\xea\x01\x01\x01\x01\x01")), "png-chunk"),
    ("PNG chunk with a wrong check sum", lambda: png(chunk(b"teXt", S)[:-4] + b"abcd"), "png-chunk"),
    ("PNG second header", lambda: png(chunk(b"IHDR", S)), "png-chunk"),
    ("PNG bytes after the end", lambda: png(tail=S), "trailing-bytes"),
    ("PNG chunk after the pixels", lambda: png(after=chunk(b"tEXt", b"k\x00" + S)), "png-chunk"),
    ("PNG rows after the last", lambda: png(rows=RGB_ROWS + S), "surplus-pixels"),
    ("PNG bytes in the stream after its end", lambda: png().replace(pixels(RGB_ROWS), chunk(b"IDAT", zlib.compress(RGB_ROWS) + S)), "surplus-pixels"),
    ("PNG in a second stream", lambda: png(after=chunk(b"IDAT", S)), "surplus-pixels"),
    ("PNG palette", paletted, "palette"),
    ("PNG behind alpha", behind_alpha, "alpha"),
    ("PNG animation", animated, "image-frame"),
    ("notebook metadata", lambda: notebook(code(), metadata={"author": SECRET}), "metadata"),
    ("notebook kernel name", lambda: notebook(code(), metadata={"kernelspec": {"name": "p", "display_name": f"<{SECRET}>"}}), "metadata"),
    ("notebook language", lambda: notebook(code(), metadata={"language_info": {"name": SECRET}}), "kernel"),
    ("notebook unknown key", lambda: notebook(code(), hidden=SECRET), "metadata"),
    ("notebook widget state", lambda: notebook(code(), metadata={"widgets": {"application/vnd.jupyter.widget-state+json": {"state": SECRET}}}), "widget-state"),
    ("notebook cell metadata", lambda: notebook(code(metadata={"tags": [SECRET]})), "metadata"),
    ("notebook cell key", lambda: notebook(code(extra=SECRET)), "metadata"),
    ("notebook cell id", lambda: notebook(code(id=SECRET.replace(" ", "-"))), "metadata"),
    ("notebook execution count", lambda: notebook(code(execution_count=9434765919)), "metadata"),
    ("notebook source", lambda: notebook(code(source=f"# {SECRET}")), "source"),
    ("notebook Markdown", lambda: notebook({"cell_type": "markdown", "metadata": {}, "source": SECRET}), "source"),
    ("notebook attachment", lambda: notebook({"cell_type": "markdown", "metadata": {}, "source": "", "attachments": ATTACHED}), "attachment"),
    ("notebook other media type", lambda: notebook(code(shown({"application/vnd.plotly.v1+json": {"data": [SECRET]}, "text/plain": "figure"}))), "mime"),
    ("notebook JavaScript", lambda: notebook(code(shown({"application/javascript": f"x='{SECRET}'"}))), "mime"),
    ("notebook second form", lambda: notebook(code(shown({"text/html": TABLE_HTML, "text/plain": SECRET}))), "second-mime"),
    ("notebook description of a picture", lambda: notebook(code(shown({"image/png": base64.b64encode(png()).decode(), "text/plain": SECRET}))), "second-mime"),
    ("notebook picture chunk", lambda: notebook(code(shown({"image/png": base64.b64encode(png(chunk(b"tEXt", b"k\x00" + S))).decode()}))), "png-chunk"),
    ("notebook output metadata", lambda: notebook(code(shown({"text/plain": "1"}, metadata={"note": SECRET}))), "metadata"),
    ("notebook output key", lambda: notebook(code(shown({"text/plain": "1"}, transient={"x": SECRET}))), "metadata"),
    ("HTML comment", lambda: html_cell(f"<!-- {SECRET} -->{TABLE_HTML}"), "comment"),
    ("HTML script", lambda: html_cell(f"<script type='application/json'>{SECRET}</script>{TABLE_HTML}"), "script"),
    ("HTML event handler", lambda: html_cell(TABLE_HTML.replace("<td>", f"<td onclick='{SECRET}'>")), "script"),
    ("HTML hidden element", lambda: html_cell(f"<div style='display:none'>{SECRET}</div>{TABLE_HTML}"), "hidden-html"),
    ("HTML hidden attribute", lambda: html_cell(f"<div hidden>{SECRET}</div>{TABLE_HTML}"), "hidden-html"),
    ("HTML of no size", lambda: html_cell(f"<p style='font-size: 0px'>{SECRET}</p>{TABLE_HTML}"), "hidden-html"),
    ("HTML white on white", lambda: html_cell(f"<p style='color: #ffffff'>{SECRET}</p>{TABLE_HTML}"), "hidden-html"),
    ("HTML template", lambda: html_cell(f"<template>{SECRET}</template>{TABLE_HTML}"), "hidden-html"),
    ("HTML data attribute", lambda: html_cell(TABLE_HTML.replace("<td>", f"<td data-row='{SECRET}'>")), "hidden-html"),
    ("HTML title attribute", lambda: html_cell(TABLE_HTML.replace("<td>", f"<td title='{SECRET}'>")), "hidden-html"),
    ("HTML class", lambda: html_cell(TABLE_HTML.replace("<td>", f"<td class='{SECRET}'>")), "presentation"),
    ("HTML style sheet", lambda: html_cell(f"<style>td::after {{content: '{SECRET}'}}</style>{TABLE_HTML}"), "hidden-html"),
    ("HTML link", lambda: html_cell(f"<a href='https://x.test/{SECRET}'>more</a>{TABLE_HTML}"), "link"),
    ("HTML picture from elsewhere", lambda: html_cell(f"<img src='https://x.test/?q={SECRET}'>{TABLE_HTML}"), "embedded"),
    ("HTML hidden cell", lambda: html_cell(TABLE_HTML.replace("<td>120", f"<td style='visibility:hidden'>{SECRET}<td>120")), "hidden-html"),
    ("HTML SVG text", lambda: html_cell(f"<svg><metadata>{SECRET}</metadata></svg>{TABLE_HTML}"), "embedded"),
    ("HTML meta", lambda: html_cell(f"<meta name=author content='{SECRET}'>{TABLE_HTML}"), "hidden-html"),
    ("page title attribute", lambda: f"<html><body><p title='{SECRET}'>Fine</p>{TABLE_HTML}</body></html>".encode(), "hidden-html"),
    ("page comment", lambda: f"<!doctype html><!-- {SECRET} --><body>{TABLE_HTML}".encode(), "comment"),
    ("page script", lambda: f"<!doctype html><script>x={SECRET}</script>{TABLE_HTML}".encode(), "script"),
    ("page picture chunk", lambda: f"<p>Fine</p><img src='data:image/png;base64,{base64.b64encode(png(tail=S)).decode()}'>".encode(), "trailing-bytes"),
    ("JSON key that stands twice", lambda: f'{{"a": "{SECRET}", "a": 1, "b": 2}}'.encode(), "metadata"),
    ("JSON zero width", lambda: json.dumps({"a": "fine" + zero_width(SECRET)}).encode(), "invisible-characters"),
    ("JPEG comment", lambda: jpeg(b"\xff\xfe" + struct.pack(">H", len(S) + 2) + S), "jpeg-segment"),
    ("JPEG EXIF", lambda: jpeg(b"\xff\xe1" + struct.pack(">H", len(S) + 8) + b"Exif\x00\x00" + S), "jpeg-segment"),
    ("JPEG bytes after the end", lambda: jpeg() + S, "trailing-bytes"),
    ("GIF comment", lambda: gif()[:-1] + b"!\xfe" + bytes([len(S)]) + S + b"\x00;", "gif-block"),
    ("GIF bytes after the end", lambda: gif() + S, "trailing-bytes"),
    ("GIF frames", lambda: gif(frames=3), "image-frame"),
    ("workbook hidden sheet", lambda: workbook(Hidden=f"hidden:{SECRET}"), "hidden-sheet"),
    ("workbook very hidden sheet", lambda: workbook(Hidden=f"veryHidden:{SECRET}"), "hidden-sheet"),
    ("workbook hidden row", lambda: workbook(sheet=f"<sheetData>{row(1, 'plan', 'n')}{row(2, 'Free', SECRET, attributes=HIDDEN)}{row(3, 'Pay', 'x')}</sheetData>"), "hidden-cells"),
    ("workbook row of no height", lambda: workbook(sheet=f"<sheetData>{row(1, 'plan', 'n')}{row(2, 'Free', SECRET, attributes=FLAT)}</sheetData>"), "hidden-cells"),
    ("workbook hidden column", lambda: workbook(sheet=f'<cols><col min="2" max="2" hidden="1"/></cols><sheetData>{row(1, "plan", SECRET)}</sheetData>'), "hidden-cells"),
    ("workbook pivot cache", lambda: workbook({"xl/pivotCache/pivotCacheRecords1.xml": f"<r>{SECRET}</r>".encode()}), "cached-data"),
    ("workbook external link", lambda: workbook({"xl/externalLinks/externalLink1.xml": f"<r>{SECRET}</r>".encode()}), "cached-data"),
    ("workbook comment", lambda: workbook({"xl/comments1.xml": f"<r>{SECRET}</r>".encode()}), "workbook-part"),
    ("workbook properties", lambda: workbook({"docProps/core.xml": f"<r>{SECRET}</r>".encode()}), "workbook-part"),
    ("workbook custom XML", lambda: workbook({"customXml/item1.xml": f"<r>{SECRET}</r>".encode()}), "workbook-part"),
    ("workbook macro", lambda: workbook({"xl/vbaProject.bin": S}), "workbook-part"),
    ("workbook unused text", lambda: workbook({"xl/sharedStrings.xml": f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{SECRET}</t></si></sst>'.encode()}), "cached-data"),
    ("workbook header", lambda: workbook(sheet=f"<sheetData>{row(1, 'plan', 'n')}</sheetData><headerFooter><oddHeader>{SECRET}</oddHeader></headerFooter>"), "workbook-part"),
    ("workbook formula", lambda: workbook(sheet=f'<sheetData><row r="1"><c r="A1"><f>IF(1,2,"{SECRET}")</f><v>2</v></c></row></sheetData>'), "formula"),
    ("workbook bytes after the archive", lambda: workbook() + S, "trailing-bytes"),
    ("workbook bytes before the archive", lambda: b"PK\x03\x04" + S + workbook(), "trailing-bytes"),
    ("SVG comment", lambda: svg(f"<!-- {SECRET} -->"), "comment"),
    ("SVG metadata", lambda: svg(f"<metadata>{SECRET}</metadata>"), "metadata"),
    ("SVG description", lambda: svg(f"<desc>{SECRET}</desc>"), "metadata"),
    ("SVG script", lambda: svg(f"<script>{SECRET}</script>"), "script"),
    ("SVG event handler", lambda: svg(f'<rect onload="{SECRET}"/>'), "script"),
    ("SVG hidden text", lambda: svg(f'<text display="none">{SECRET}</text>'), "hidden-html"),
    ("SVG hidden by style", lambda: svg(f'<g style="opacity: 0"><text>{SECRET}</text></g>'), "hidden-html"),
    ("SVG foreign content", lambda: svg(f"<foreignObject><p>{SECRET}</p></foreignObject>"), "embedded"),
    ("SVG style sheet", lambda: svg(f"<style>text {{ content: '{SECRET}' }}</style>"), "hidden-html"),
    ("SVG identifier", lambda: svg(f'<rect id="{SECRET}" class="{SECRET}"/>'), "presentation"),
    ("SVG data attribute", lambda: svg(f'<rect data-row="{SECRET}"/>'), "hidden-html"),
    ("SVG value of another kind", lambda: svg(f'<rect fill="{SECRET}!"/>'), "presentation"),
    ("SVG link", lambda: svg(f'<a href="https://x.test/{SECRET}"><text>more</text></a>'), "link"),
    ("SVG picture from elsewhere", lambda: svg(f'<image href="https://x.test/{SECRET}"/>'), "embedded"),
    ("SVG picture chunk", lambda: svg(f'<image href="data:image/png;base64,{base64.b64encode(png(tail=S)).decode()}"/>'), "trailing-bytes"),
    ("SVG stray text", lambda: svg(f"<g>{SECRET}<rect/></g>"), "hidden-html"),
    ("text zero width", lambda: ("All is well." + zero_width(SECRET) + "\nEnd of log.").encode(), "invisible-characters"),
    ("text tag characters", lambda: ("All is well." + tagged(SECRET) + "\nEnd of log.").encode(), "invisible-characters"),
    ("text variation selectors", lambda: ("".join("a" + chr(0xE0100 + b) for b in S) + " fine").encode(), "invisible-characters"),
    ("text direction marks", lambda: f"All is \u202e{SECRET[::-1]}\u202c well".encode(), "invisible-characters"),
    ("text odd spaces", lambda: "".join(f"word {n}\u2009" if n % 2 else f"word {n}\u2005" for n in range(50)).encode(), "odd-spaces"),
    ("text trailing blanks", lambda: trailing_spaces(SECRET), "blanks"),
    ("text line ends", lambda: b"one\r\ntwo\nthree\r\nfour\n" * 20, "line-ends"),
    ("text in two forms", lambda: ("caf\u00e9 " * 5 + "cafe\u0301 " * 5 + "is open").encode(), "unicode-form"),
    ("text escape sequences", lambda: f"ok \x1b]0;{SECRET}\x07 fine \x1b[31mred\x1b[0m".encode(), "terminal-codes"),
    ("CSV byte order mark", lambda: b"\xef\xbb\xbf" + CSV, "encoding"),
    ("CSV NULs", lambda: CSV.replace(b"Free", b"Fr\x00e\x00e"), "nul-bytes"),
    ("CSV tag characters", lambda: CSV.replace(b"Free", ("Free" + tagged(SECRET)).encode()), "invisible-characters"),
    ("CSV blanks", lambda: CSV.replace(b",310", b",310   \t "), "blanks"),
)  # fmt: skip
