"""More of ``hostile``: documents (OpenDocument, LaTeX, YAML) that mean harm, or in which something is hidden."""

from collections.abc import Callable

from hostile import LAUGHS, SECRET, Case, S, zipped

_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
_PREFIXES = " ".join(f'xmlns:{name}="{_NAMES}{name}:1.0"' for name in ("office", "table", "text", "style", "draw"))
_LINK = f'{_PREFIXES} xmlns:number="{_NAMES}datastyle:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"


def words(*texts: str, attributes: str = "", row: str = "") -> str:
    """A row of texts in a sheet's XML."""
    cells = "".join(
        f'<table:table-cell office:value-type="string" {attributes}><text:p>{text}</text:p></table:table-cell>'
        for text in texts
    )
    return f"<table:table-row {row}>{cells}</table:table-row>"


def number(label: str, value: str, shown: str = "", attributes: str = "") -> str:
    """A row of a label and a number."""
    return (
        f"<table:table-row><table:table-cell office:value-type='string'><text:p>{label}</text:p></table:table-cell>"
        f'<table:table-cell office:value-type="float" office:value="{value}" {attributes}>'
        f"<text:p>{shown or value}</text:p></table:table-cell></table:table-row>"
    )


PLAIN = words("plan", "n") + number("Free", "120") + number("Pay", "310")


def ods(rows: str = PLAIN, *, more: str = "", styles: str = "", sheet: str = "", **parts: bytes) -> bytes:
    """A spreadsheet of one sheet with ``rows``, and ``more`` beside the sheet."""
    content = (
        f"<office:document-content {_LINK}><office:automatic-styles>{styles}</office:automatic-styles><office:body>"
        f'<office:spreadsheet><table:table table:name="First" {sheet}>{rows}</table:table>{more}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped(**{"mimetype": _TYPE, "content.xml": content.encode(), **parts})


def hidden_style(family: str, inner: str) -> str:
    """A style named ``gone`` that hides what has it."""
    return f'<style:style style:name="gone" style:family="{family}">{inner}</style:style>'


_GONE = "table:style-name='gone'"
_UNSEEN = '<number:number-style style:name="none"/><style:style style:name="gone" style:family="table-cell" style:data-style-name="none"/>'  # noqa: E501

SPREADSHEETS: tuple[Case, ...] = (
    Case("ODS of a billion cells", lambda: ods(words("x", attributes="table:number-columns-repeated='99999999'"))),
    Case("ODS of a billion rows", lambda: ods(words("x", "y", row="table:number-rows-repeated='99999999'"))),
    Case("ODS of a billion empty rows",
         lambda: ods(PLAIN + words("", row="table:number-rows-repeated='99999999'")), refused=False),
    Case("ODS with a billion laughs", lambda: zipped(**{"mimetype": _TYPE, "content.xml": LAUGHS})),
    Case("ODS with a bomb", lambda: zipped(**{"mimetype": _TYPE, "content.xml": bytes(400_000_000)})),
    Case("ODS with a bomb of a type", lambda: zipped(**{"mimetype": _TYPE + bytes(90_000_000), "content.xml": b""})),
    Case("ODS nested deeply", lambda: ods("<table:table-row-group>" * 50_000 + "</table:table-row-group>" * 50_000)),
    Case("ODS without values", lambda: ods("")),
    Case("ODS of broken XML", lambda: ods("<table:table-row>")),
    Case("ODS cut off", lambda: ods()[:-60]),
    Case("ODS with a password",
         lambda: ods(**{"META-INF/manifest.xml": b"<m:manifest><m:encryption-data/></m:manifest>"})),
    Case("ODS of 300 sheets", lambda: ods(more="<table:table/>" * 300)),
)  # fmt: skip

SPREADSHEET_CARRIERS: tuple[tuple[str, Callable[[], bytes], str], ...] = (
    ("ODS hidden sheet", lambda: ods(
        more=f"<table:table table:name='x' {_GONE}>{words(SECRET)}</table:table>",
        styles=hidden_style("table", '<style:table-properties table:display="false"/>')), "hidden-sheet"),
    ("ODS hidden row", lambda: ods(PLAIN + words(SECRET, row="table:visibility='collapse'")), "hidden-cells"),
    ("ODS filtered row", lambda: ods(PLAIN + words(SECRET, row="table:visibility='filter'")), "hidden-cells"),
    ("ODS folded group", lambda: ods(
        f"{PLAIN}<table:table-row-group table:display='false'>{words(SECRET)}</table:table-row-group>"),
     "hidden-cells"),
    ("ODS row without height", lambda: ods(PLAIN + words(SECRET, row=_GONE),
     styles=hidden_style("table-row", '<style:table-row-properties style:row-height="0cm"/>')), "hidden-cells"),
    ("ODS hidden column", lambda: ods(
        "<table:table-column table:number-columns-repeated='2'/><table:table-column table:visibility='collapse'/>"
        + PLAIN + words("All", "430", SECRET)), "hidden-cells"),
    ("ODS cell under another", lambda: ods(
        PLAIN + words("All").replace("</table:table-row>", f"<table:covered-table-cell><text:p>{SECRET}</text:p>"
                                     "</table:covered-table-cell></table:table-row>")), "hidden-cells"),
    ("ODS format that shows nothing", lambda: ods(PLAIN + words(SECRET, attributes=_GONE), styles=_UNSEEN),
     "hidden-cells"),
    ("ODS formula", lambda: ods(PLAIN + number("All", "430", attributes=f"table:formula='of:={SECRET}'")), "formula"),
    ("ODS text beside a value", lambda: ods(PLAIN + number("All", "430", SECRET)), "cached-data"),
    ("ODS string beside a text", lambda: ods(
        PLAIN + words("All", attributes=f"office:string-value='{SECRET}'")), "cached-data"),
    ("ODS comment", lambda: ods(PLAIN + words(f"All</text:p><office:annotation><text:p>{SECRET}</text:p>"
                                              "</office:annotation><text:p>")), "workbook-part"),
    ("ODS drawing", lambda: ods(f"<table:shapes><draw:frame><text:p>{SECRET}</text:p></draw:frame></table:shapes>"
                                + PLAIN), "workbook-part"),
    ("ODS tracked change", lambda: ods(more=f"<table:tracked-changes><text:p>{SECRET}</text:p>"
                                            "</table:tracked-changes>"), "workbook-part"),
    ("ODS link", lambda: ods(PLAIN + words(f"<text:a xlink:href='{SECRET}'>All</text:a>")), "link"),
    ("ODS properties", lambda: ods(**{"meta.xml": S}), "workbook-part"),
    ("ODS thumbnail", lambda: ods(**{"Thumbnails/thumbnail.png": S}), "workbook-part"),
    ("ODS object", lambda: ods(**{"Object 1/content.xml": S}), "cached-data"),
    ("ODS trailing bytes", lambda: ods() + S, "trailing-bytes"),
    ("ODS page header", lambda: ods(**{"styles.xml": (
        f"<office:document-styles {_LINK}><style:master-page><text:p>{SECRET}</text:p></style:master-page>"
        "</office:document-styles>").encode()}), "workbook-part"),
)  # fmt: skip

SOURCES: tuple[Case, ...] = (
    Case("LaTeX of open environments", lambda: b"\\begin{tabular}{l}\n" * 100_000, refused=False),
    Case("LaTeX of short environments", lambda: b"\\begin{tabular}{l}1&2\\\\3&4\\end{tabular} " * 100_000,
         refused=False),
    Case("LaTeX of rules", lambda: b"\\begin{tabular}{l}\n" + b"\\hline\n" * 150_000 + b"1&2\\\\3&4\n\\end{tabular}",
         refused=False),
    Case("LaTeX of open braces", lambda: b"\\begin{tabular}{l}" + b"{" * 1_000_000 + b"1&2\\\\3&4\\end{tabular}",
         refused=False),
    Case("LaTeX of wide spreads",
         lambda: b"\\begin{tabular}{l}1&2\\\\" + b"\\multicolumn{999}{c}{x}&" * 20_000 + b"\\end{tabular}",
         refused=False),
    Case("YAML of aliases of aliases", lambda: b"a0: &a0\n  - 1\n" + b"".join(
        b"a%d: &a%d\n" % (n, n) + b"  - *a%d\n" % (n - 1) * 9 for n in range(1, 12))),
    Case("YAML that holds itself", lambda: b"a: &a\n  - *a\n  - 1\n"),
    Case("YAML nested deeply", lambda: b"a:\n" + b"".join(b" " * n + b"- \n" for n in range(1, 400)), refused=False),
    Case("YAML of open brackets", lambda: b"a:\n- " + b"[" * 200_000 + b",\n"),
    Case("YAML of 290 kB", lambda: b"a:\n" + b"- b: 1\n" * 41_000, refused=False),
)  # fmt: skip
