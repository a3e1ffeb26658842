# ruff: noqa: E501, PLW0108 - a table with one case a line; each case is a lambda, alike
"""More files that mean harm, for each kind that the readers know: bombs, polyglots, lies about sizes, bait for slow
patterns, references to themselves. None of them may pass, whatever else becomes of it."""

import base64
import gzip
import io
import json
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable

from hostile import (
    CSV,
    SIGNATURE,
    code,
    gif,
    header,
    html_cell,
    jpeg,
    noise,
    notebook,
    png,
    row,
    shown,
    svg,
    workbook,
    zipped,
)

Make = Callable[[], bytes]

PAGE = "<!doctype html><html><body>%s</body></html>"


def deflated(size: int) -> bytes:
    """As many zeros, packed."""
    engine = zlib.compressobj(9)
    zeros = bytes(1 << 20)
    return b"".join(engine.compress(zeros) for _ in range(size >> 20)) + engine.flush()


def nested_zip(depth: int) -> bytes:
    """An archive in an archive in an archive, the innermost a bomb."""
    data = zipped(**{"a.csv": bytes(30_000_000)})
    for level in range(depth):
        data = zipped(**{f"{level}.zip": data, f"{level}b.zip": data})
    return data


def twice_named() -> bytes:
    """A workbook in which a sheet stands twice under one name: which one is shown depends on the program."""
    out = io.BytesIO(workbook())
    with zipfile.ZipFile(out, "a") as archive:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    return out.getvalue()


def lying_size() -> bytes:
    """An archive that says that its entry is small."""
    data = bytearray(zipped(**{"xl/workbook.xml": bytes(100_000_000), "[Content_Types].xml": b"<Types/>"}))
    for at in range(len(data) - 4):
        if data[at : at + 4] == b"PK\x01\x02":
            data[at + 24 : at + 28] = struct.pack("<I", 10)
        elif data[at : at + 4] == b"PK\x03\x04":
            data[at + 22 : at + 26] = struct.pack("<I", 10)
    return bytes(data)


def linked_zip() -> bytes:
    """An archive with a symbolic link to a file of this machine."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("results.csv")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def opendocument(content: str) -> bytes:
    """An OpenDocument spreadsheet with this content."""
    spaces = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    )
    body = f"<office:document-content {spaces}><office:body><office:spreadsheet>{content}</office:spreadsheet></office:body></office:document-content>"
    return zipped(**{"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": body.encode()})


def plotly(**data: object) -> bytes:
    """A Plotly figure of one trace."""
    return json.dumps({"data": [{"type": "scatter", **data}], "layout": {}}).encode()


def bundle(*pairs: tuple[str, object]) -> bytes:
    """A notebook that shows a value in these forms."""
    return notebook(code(shown(dict(pairs))))


PICTURE_BOMB = base64.b64encode(SIGNATURE + header(20_000, 20_000) + b"\x00\x00\x00\x00IEND\xaeB`\x82").decode()

KINDS: tuple[tuple[str, Make], ...] = (
    # delimited text and plain text
    ("a million columns of tabs", lambda: b"\t".join(b"c%d" % n for n in range(1_000_000)) + b"\n"),
    ("a million columns in the last row", lambda: b"a;b\n1;2\n" + b";".join([b"1"] * 1_000_000)),
    ("carriage returns only", lambda: b"\r" * 5_000_000),
    ("quotes within quotes", lambda: b"plan,n\n" + b'"' + b'""' * 5_000_000 + b'x"",4\n'),
    ("a quote in each cell", lambda: b'a"b,' * 2_000_000 + b"1\n"),
    ("overlong UTF-8", lambda: b"plan,n\n\xc0\xaf\xe0\x80\xaf,4\n"),
    ("continuation bytes only", lambda: b"\x80\x81\x82\xbf" * 30_000),
    ("UTF-7", lambda: b"plan,n\n+ADwAcwBjAHIAaQBwAHQAPg-,4\n"),
    ("UTF-32", lambda: "plan,n\nFree,4\n".encode("utf-32")),
    ("encodings in turn", lambda: b"plan,n\n" + b"".join(b"r\xc3\xa9g,1\nr\xe9g,2\n" for _ in range(50_000))),
    ("combining marks on one letter", lambda: ("n\na" + "\u0301\u0327" * 4_000 + ",4\n").encode()),
    ("numbers without an end", lambda: b"n\n" + b"1e999999999,-1e999999999,NaN,Infinity,4\n" * 2),
    ("digits of other scripts", lambda: "plan,n\nFree,\u0664\nPay,\u0967\n".encode()),
    ("a right-to-left table", lambda: "plan,n\n\u202eeerF,4\u202c\n".encode()),
    ("brackets for patterns", lambda: b"(" * 2_000_000 + b"4 patients"),
    ("addresses for patterns", lambda: b"a@" * 1_000_000 + b" 4 patients"),
    ("dots for patterns", lambda: b"1." * 1_000_000 + b" 4 patients"),
    ("Markdown bars without an end", lambda: b"| a | b |\n|---|---|\n" + b"|" * 2_000_000 + b"\n| x | 4 |\n"),
    ("LaTeX tables within tables", lambda: b"\\begin{tabular}{l}" * 100_000 + b" 4 patients"),
    ("LaTeX that calls itself", lambda: b"\\def\\a{\\a\\a}\\a\n\\begin{tabular}{lr}\na & 4 \\\\\n\\end{tabular}\n"),
    ("base64 within base64", lambda: b"n\n" + nested_base64(8) + b",4\n"),
    # HTML and XML
    ("HTML tables within tables", lambda: (PAGE % ("<table><tr><td>" * 20_000 + "4")).encode()),
    ("HTML cell over a billion columns", lambda: (PAGE % '<table><tr><th>plan<th>n<tr><td colspan="1000000000">x<td>4</table>').encode()),
    ("HTML cell over a billion rows", lambda: (PAGE % '<table><tr><th>plan<th>n<tr><td rowspan="1000000000">x<td>4</table>').encode()),
    ("HTML with a million attributes", lambda: (PAGE % ("<p " + "a='1' " * 1_000_000 + ">4 patients</p>")).encode()),
    ("HTML comment without an end", lambda: (PAGE % ("<p>4 patients</p><!--" + "-" * 3_000_000)).encode()),
    ("HTML script without an end", lambda: (PAGE % ("<p>4 patients</p><script>" + "<" * 3_000_000)).encode()),
    ("HTML entities without an end", lambda: (PAGE % ("&" * 2_000_000 + "<p>4 patients</p>")).encode()),
    ("HTML that is a PDF, too", lambda: b"<html><body><p>4 patients</p></body></html>\n%PDF-1.4\n" + noise(300)),
    # JSON, YAML, figures, notebooks
    ("JSON objects within objects", lambda: b'{"a":' * 200_000 + b"1" + b"}" * 200_000),
    ("JSON with the same key a million times", lambda: b"{" + b'"a": 1, ' * 1_000_000 + b'"n": 4}'),
    ("JSON with lone surrogates", lambda: b'{"patients": "\\ud800\\udfff\\ud800", "n": 4}'),
    ("JSON with numbers that are none", lambda: b'[{"plan": NaN, "n": 4}, {"plan": Infinity, "n": -Infinity}]'),
    ("JSON that ends twice", lambda: b'{"n": 4}{"n": 5}'),
    ("YAML of references to references", lambda: b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(9)) + b"n: 4\n"),
    ("YAML that runs code", lambda: b"!!python/object/apply:os.system ['touch /tmp/was-here']\nn: 4\n"),
    ("Plotly with a broken packed array", lambda: plotly(x={"dtype": "f8", "bdata": "AAAA*" * 10}, y=[1, 4])),
    ("Plotly with a packed array of objects", lambda: plotly(x={"dtype": "O", "bdata": "AAAA"}, y=[1, 4])),
    ("Plotly with a huge shape", lambda: plotly(x={"dtype": "i1", "bdata": "AAAA", "shape": "100000000000, 9"}, y=[4])),
    ("Vega-Lite nested deeply", lambda: json.dumps({"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "mark": "bar"}).encode()[:-1] + b', "layer": ' + b'[{"layer":' * 900 + b"[]" + b"}]" * 900 + b"}"),
    ("notebook of 300,000 cells", lambda: notebook(*[{"cell_type": "raw", "metadata": {}, "source": "4"}] * 300_000)),
    ("notebook with a picture that is a bomb", lambda: bundle(("image/png", PICTURE_BOMB), ("text/plain", "4 patients"))),
    ("notebook with a picture that is a page", lambda: bundle(("image/png", base64.b64encode(b"<html>4 patients</html>").decode()))),
    ("notebook with HTML nested deeply", lambda: html_cell("<div>" * 100_000 + "4 patients")),
    ("notebook with a notebook in it", lambda: bundle(("application/json", json.loads(notebook(code()))), ("text/plain", "n = 4"))),
    ("notebook with a million forms", lambda: bundle(*((f"text/x-{n}", "4") for n in range(100_000)))),
    ("notebook with SVG that refers to itself", lambda: bundle(("image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg"><g id="a"><use href="#a"/></g></svg>'))),
    # spreadsheets and archives
    ("archives in archives", lambda: nested_zip(2)),
    ("archive with a link", linked_zip),
    ("archive that lies about a size", lying_size),
    ("archive with a comment as long as can be", lambda: zipped(**{"a.csv": CSV})[:-2] + struct.pack("<H", 65_535) + bytes(65_535)),
    ("archive of 60,000 entries", lambda: zipped(**{f"{n}.csv": b"" for n in range(60_000)})),
    ("workbook with a sheet that stands twice", twice_named),
    ("workbook with a row number of 2^63", lambda: workbook(sheet=f"<sheetData>{row(1, 'plan', 'n')}{row(2**63, 'a', '4')}</sheetData>")),
    ("workbook with a column that is none", lambda: workbook(sheet='<sheetData><row r="1"><c r="ZZZZZZZZ1"><v>4</v></c></row></sheetData>')),
    ("workbook with a million columns", lambda: workbook(sheet="<sheetData><row>" + "<c><v>4</v></c>" * 1_000_000 + "</row></sheetData>")),
    ("workbook nested deeply", lambda: workbook(sheet="<a>" * 200_000 + "</a>" * 200_000)),
    ("OpenDocument table of a billion columns", lambda: opendocument('<table:table><table:table-row><table:table-cell table:number-columns-repeated="1000000000"><text:p>4</text:p></table:table-cell></table:table-row></table:table>')),
    ("OpenDocument table of a billion rows", lambda: opendocument('<table:table><table:table-row table:number-rows-repeated="1000000000"><table:table-cell><text:p>4</text:p></table:table-cell></table:table-row></table:table>')),
    ("OpenDocument with repeats upon repeats", lambda: opendocument("<table:table>" + '<table:table-row table:number-rows-repeated="10000"><table:table-cell table:number-columns-repeated="1000"><text:p>4</text:p></table:table-cell></table:table-row>' * 50 + "</table:table>")),
    ("OpenDocument with an entity", lambda: zipped(**{"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'})),
    ("gzip in gzip", lambda: gzip.compress(gzip.compress(bytes(20_000_000)))),
    # pictures and drawings
    ("JPEG of 65,535 by 65,535 points", lambda: jpeg().replace(b"\x00\x08\x00\x08\x03", b"\xff\xff\xff\xff\x03")),
    ("JPEG with a segment of no length", lambda: jpeg(b"\xff\xe1\x00\x00")),
    ("JPEG that is a zip, too", lambda: jpeg() + zipped(**{"t.csv": CSV})),
    ("GIF that is a script, too", lambda: b"GIF89a/*" + gif()[8:] + b"*/=1;alert(1)"),
    ("GIF of 5,000 frames", lambda: gif()[:-1] + gif()[13 + 768 : -1] * 5000 + b";"),
    ("PNG that is a page, too", lambda: png(tail=b"<html><body>4 patients</body></html>")),
    ("PNG with 100,000 chunks", lambda: png(*[b"\x00\x00\x00\x00teXt\xab\xab\xab\xab"] * 100_000)),
    ("PNG of one line of 2^31 points", lambda: png(head=header(2**31 - 1, 1))),
    ("TIFF whose directory is itself", lambda: b"II*\x00\x08\x00\x00\x00\x00\x00\x08\x00\x00\x00"),
    ("BMP of a huge size", lambda: b"BM" + struct.pack("<IHHIIiiHHIIiiII", 0, 0, 0, 54, 40, 2**31 - 1, 2**31 - 1, 1, 24, 0, 0, 0, 0, 0, 0)),
    ("SVG that refers to itself", lambda: svg('<g id="a"><use href="#a"/></g>')),
    ("SVG with a path of a million steps", lambda: svg('<path d="M0 0' + "l1 1" * 1_000_000 + '"/>')),
    ("SVG with numbers without an end", lambda: svg('<circle cx="1e999" cy="-1e999" r="NaN"/><text x="1e400">n = 4</text>')),
    ("SVG with an entity from outside", lambda: b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + svg("<text>&a;</text>")),
    ("PDF with an open stream", lambda: b"%PDF-1.7\n1 0 obj<</Length 99999999999/Filter/FlateDecode>>stream\n" + deflated(200 << 20)),
    ("PDF whose pages are their own parents", lambda: b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj\ntrailer<</Root 1 0 R>>"),
    # stored models and data
    ("pickle of open marks", lambda: b"\x80\x04" + b"(" * 2_000_000 + b"."),
    ("pickle that remembers a lot", lambda: b"\x80\x04]" + b"".join(b"r" + struct.pack("<I", n * 4096) for n in range(100_000)) + b"."),
    ("pickle of lists in lists", lambda: b"\x80\x04" + b"]" * 500_000 + b"a" * 499_999 + b"."),
    ("pickle with a length of 2^63", lambda: b"\x80\x04\x8e" + struct.pack("<Q", 2**63) + b"x."),
    ("pickle cut off", lambda: pickle.dumps({"a": list(range(1000))})[:-500]),
    ("array whose header is code", lambda: b"\x93NUMPY\x01\x00\x4c\x00" + b"__import__('os').system('true')".ljust(75) + b"\n"),
    ("array of a huge shape", lambda: b"\x93NUMPY\x01\x00\x76\x00" + b"{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999, 9999999999), }".ljust(117) + b"\n"),
    ("archive of arrays", lambda: zipped(**{"a.npy": b"\x93NUMPY\x01\x00" + noise(100)})),
    ("torch archive with a pickle", lambda: zipped(**{"archive/data.pkl": pickle.dumps({"w": [1.0]}), "archive/version": b"3"})),
    ("Parquet with a footer of 4 GB", lambda: b"PAR1" + noise(100) + struct.pack("<I", 2**32 - 1) + b"PAR1"),
    ("Parquet with a broken footer", lambda: b"PAR1" + noise(400) + struct.pack("<I", 200) + b"PAR1"),
    ("Arrow cut off", lambda: b"ARROW1\x00\x00" + struct.pack("<iI", -1, 2**31 - 1)),
    ("SQLite of pages of no size", lambda: b"SQLite format 3\x00" + bytes(84) + noise(5000)),
    ("SQLite with a schema that is broken", lambda: b"SQLite format 3\x00\x10\x00\x01\x01\x00\x40\x20\x20" + noise(8192)),
    ("Stata file with a broken map", lambda: b"<stata_dta><header><release>118</release><byteorder>LSF</byteorder><K>\xff\xff</K><N>" + b"\xff" * 8 + b"</N>" + noise(200)),
    ("SPSS file with broken records", lambda: b"$FL2@(#) SPSS" + noise(500)),
    ("HDF5 with a broken superblock", lambda: b"\x89HDF\r\n\x1a\n" + b"\xff" * 200),
    ("R object that is a bomb", lambda: gzip.compress(b"X\n\x00\x00\x00\x03" + bytes(60_000_000))),
)  # fmt: skip


def nested_base64(depth: int) -> bytes:
    """A low count, packed again and again."""
    data = b"n = 4 patients, 943 476 5919"
    for _ in range(depth):
        data = base64.b64encode(data)
    return data
