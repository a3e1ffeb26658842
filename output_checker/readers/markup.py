"""HTML: what a page shows, as tables, text and pictures.

Promises: only what a reader of the page would see becomes a part; scripts, comments, hidden elements, attributes and
style sheets are named. The canonical HTML is written from the parts: tables, paragraphs and pictures without a single
attribute of the original. When in doubt whether something shows, it becomes a part, where people and rules can see it.
"""

import base64
import binascii
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from output_checker.model import Image, Part, Table, Text
from output_checker.readers import formats, monospace, shape
from output_checker.readers.characters import cleaned
from output_checker.readers.grid import Grid
from output_checker.readers.losses import CARRIER_CHARACTERS, Losses, Unreadable

_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl",
     "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
     "html", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead",
     "tr", "ul")
)  # fmt: skip
_CELLS = frozenset(("td", "th", "tr"))
_UNSEEN = {
    "script": "script", "style": "style", "template": "hidden-html", "noscript": "hidden-html", "head": "",
    "object": "embedded", "iframe": "embedded", "applet": "embedded", "audio": "embedded",
    "video": "embedded", "canvas": "embedded", "svg": "embedded", "math": "embedded", "datalist": "hidden-html",
    "frameset": "embedded", "noframes": "hidden-html",
}  # fmt: skip
_ENDED_BY = {  # elements whose end tag may be left out, and the tags that end them
    "p": (_BLOCKS, frozenset({"div", "td", "body", "section"})),
    "li": (frozenset({"li"}), frozenset({"ul", "ol"})),
    "td": (frozenset({"td", "th", "tr"}), frozenset({"tr", "table", "tbody", "thead"})),
    "th": (frozenset({"td", "th", "tr"}), frozenset({"tr", "table", "tbody", "thead"})),
    "tr": (frozenset({"tr"}), frozenset({"table", "tbody", "thead"})),
}
_PLAIN_ATTRIBUTES = frozenset({"border", "colspan", "rowspan", "scope", "align", "valign", "halign", "cellpadding"})
_LOOKS = frozenset(
    {
        "class",
        "id",
        "style",
        "width",
        "height",
        "bgcolor",
        "color",
        "lang",
        "dir",
        "role",
        "name",
        "face",
        "size",
        "for",
        "type",
    }
)
_SMALL = re.compile(r"[\w% -]{0,12}")
_CONCEALED = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$|!)"
    r"|font-size\s*:\s*0(?:\.\d+)?\s*(?:px|pt|em|rem|%)?\s*(?:;|$|!)|(?:^|;|\s)(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:;|$|!)"
    r"|(?:left|top|text-indent)\s*:\s*-\d{3,}|clip\s*:\s*rect|clip-path\s*:|color\s*:\s*transparent",
    re.IGNORECASE,
)
_WHITE = re.compile(r"(?:^|;)\s*color\s*:\s*(?:white|#fff(?:fff)?|rgb\(255,\s*255,\s*255\))\s*(?:;|$)", re.IGNORECASE)
_STYLED_CONTENT = re.compile(r"content\s*:|url\s*\(|/\*|@import|base64", re.IGNORECASE)
_DATA_URI = re.compile(r"data:image/[\w.+-]+;base64,", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\n\r\f]+")


@dataclass(frozen=True)
class Fragment:
    """What a piece of HTML shows, and the clean HTML that shows the same."""

    parts: tuple[Part, ...]
    html: str

    @property
    def has_table(self) -> bool:
        """Whether a table is among the parts."""
        return any(isinstance(part, Table) and part.language == "html" for part in self.parts)


def read_fragment(source: str, name: str, losses: Losses) -> Fragment:
    """What ``source`` shows; the parts are named ``name``."""
    page = _Page(name, losses)
    page.feed(_closed(source))
    page.close()
    parts = page.finished()
    return Fragment(parts, "\n".join(_written(part) for part in parts if not _is_printed(part)))


def _is_printed(part: Part) -> bool:
    """Whether a table is one that is printed in a text, which is written as that text."""
    return isinstance(part, Table) and part.language == "monospace"


def _closed(source: str) -> str:
    """The source with its last comment or tag closed, as a browser closes it at the end of a page. The parser would
    try each opening again, in quadratic time, and then show them as text."""
    if source.rfind("<!--") > source.rfind("-->"):
        source += "-->"
    return source + ">" if source.rfind("<") > source.rfind(">") else source


def _written(part: Part) -> str:
    if isinstance(part, Table):
        return written_table(part.cells, part.header_rows)
    if isinstance(part, Image):
        return f'<img src="data:image/png;base64,{base64.b64encode(part.data).decode()}">'
    if any(line.startswith(" ") or "  " in line for line in part.text.split("\n")) or "\n\n" in part.text:
        return f"<pre>{html.escape(part.text, quote=False)}</pre>"
    return "\n".join(f"<p>{html.escape(line, quote=False)}</p>" for line in part.text.split("\n"))


def written_table(cells: Sequence[Sequence[str]], header: int) -> str:
    """A table as HTML without attributes."""
    lines = ["<table>"]
    for at, row in enumerate(cells):
        if at == 0 and header:
            lines.append("<thead>")
        elif at == header:
            lines.append("<tbody>")
        tag = "th" if at < header else "td"
        inner = "".join(f"<{tag}>{html.escape(cell, quote=False).replace(chr(10), '<br>')}</{tag}>" for cell in row)
        lines.append(f"<tr>{inner}</tr>")
        if at + 1 == header:
            lines.append("</thead>")
    if len(cells) > header:
        lines.append("</tbody>")
    return "\n".join([*lines, "</table>"])


@dataclass
class _Hidden:
    """An element that does not show, while it is open."""

    tag: str
    what: str
    depth: int
    text: str = ""

    def say(self, text: str) -> None:
        """Keep some of the text for the list of what was left out."""
        if len(self.text) < CARRIER_CHARACTERS:
            self.text += text[:CARRIER_CHARACTERS]


class _Page(HTMLParser):
    """Walks through the tags and keeps what shows."""

    def __init__(self, name: str, losses: Losses) -> None:
        super().__init__(convert_charrefs=True)
        self._name, self._losses = name, losses
        self._parts: list[Part] = []
        self._lines: list[str] = []
        self._words: list[str] = []
        self._grids: list[Grid] = []
        self._hidden: _Hidden | None = None
        self._kept_blanks = 0
        self._head = 0

    def finished(self) -> tuple[Part, ...]:
        """Everything, once the source has ended in whatever state."""
        if self._hidden:
            self._end_hidden(self._hidden)
        while self._grids:
            self._end_table()
        self._end_text()
        return tuple(self._parts)

    # --- what the parser calls ---

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._hidden and not self._ends_hidden(tag, start=True):
            self._hidden.depth += tag == self._hidden.tag and tag not in _VOID
            if tag in _CELLS:
                self._hidden.text = self._hidden.text.rstrip(" \r\n") + ("\n" if tag == "tr" else "")
            else:
                self._hidden.say("".join(f" {value}" for _, value in attrs if value)[:2000])
            return
        self._attributes(tag, attrs)
        what = _UNSEEN.get(tag) or ("hidden-html" if _is_concealed(attrs) else "")
        if what and tag not in _VOID:
            self._hidden = _Hidden(tag, what, 1)
            return
        if tag in _BLOCKS or tag in ("br", "td", "th"):
            self._end_line()
        self._open(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        hidden = self._hidden
        if hidden:
            if tag == hidden.tag:
                hidden.depth -= 1
                if not hidden.depth:
                    self._end_hidden(hidden)
                return
            if not self._ends_hidden(tag, start=False):
                hidden.say({"td": "\t", "th": "\t", "tr": "\n"}.get(tag, ""))
                return
        if tag in _BLOCKS:
            self._end_line()
        if tag == "pre" and self._kept_blanks:
            self._kept_blanks -= 1
        elif tag in ("td", "th") and self._grids:
            self._end_line()
            self._grids[-1].end_cell()
        elif tag == "thead" and self._grids:
            self._grids[-1].end_head()
        elif tag == "table" and self._grids:
            self._end_table()

    def handle_data(self, data: str) -> None:
        if self._hidden:
            if data.strip() or not self._hidden.text.endswith(("\t", "\n")):
                self._hidden.say(data)
        elif self._kept_blanks:
            self._words.append(data)
        elif data:
            flat = _SPACES.sub(" ", data)
            if not self._words or self._words[-1].endswith((" ", "\n")):
                flat = flat.lstrip(" ")
            self._words.append(flat)

    def handle_comment(self, data: str) -> None:
        self._losses.count("comment", self._name, "comments", 1, sample=data)

    def handle_decl(self, decl: str) -> None:
        if decl.strip().lower() != "doctype html":
            self._losses.count("comment", self._name, "declarations", 1, sample=decl)

    def handle_pi(self, data: str) -> None:
        self._losses.count("comment", self._name, "processing instructions", 1, sample=data)

    def unknown_decl(self, data: str) -> None:
        self._losses.count("comment", self._name, "declarations", 1, sample=data)

    # --- our part ---

    def _open(self, tag: str, attrs: dict[str, str | None]) -> None:
        if tag == "pre":
            self._kept_blanks += 1
        elif tag == "table":
            self._start_table()
        elif self._grids and tag in ("tr", "thead", "td", "th"):
            self._grids[-1].open(tag, attrs.get("colspan"), attrs.get("rowspan"))
        elif tag == "li":
            self._words.append("- ")
        elif tag == "img":
            self._picture(attrs.get("src") or "")
        elif tag in ("embed", "link", "source", "track", "base", "param"):
            address = attrs.get("src") or attrs.get("href") or attrs.get("value") or ""
            self._losses.count("embedded", self._name, "things loaded from elsewhere", 1, sort=tag, sample=address)
        elif tag in ("meta", "input") and attrs != {"charset": "utf-8"}:
            values = " ".join(value for value in attrs.values() if value)
            self._losses.count("hidden-html", self._name, "elements without a text", 1, sort=tag, sample=values)

    def _start_table(self) -> None:
        if not self._grids:
            self._end_text()
        if len(self._grids) > 50:
            raise Unreadable("This page nests tables too deeply to be checked.")
        self._grids.append(Grid())

    def _picture(self, address: str) -> None:
        found = _DATA_URI.match(address)
        if not found:
            self._losses.count("embedded", self._name, "pictures loaded from elsewhere", 1, sample=address)
            return
        try:
            data = base64.b64decode(address[found.end() :], validate=False)
        except binascii.Error as error:
            raise Unreadable("A picture in this page is damaged.") from error
        where = f"{self._name}, picture" if self._name else "picture"
        if not formats.is_raster(data):
            self._losses.add("embedded", where, "a picture that is no PNG, JPEG, GIF or WebP", len(data), address)
            return
        if not self._grids:
            self._end_line()
            self._end_text()
        from output_checker.readers import image

        self._parts.append(image.decoded(data, where, self._losses))

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for key, value in attrs:
            text = value or ""
            if key.startswith("on") or text.lower().lstrip().startswith("javascript:"):
                self._losses.count("script", self._name, "event handlers", 1, sort=key, sample=text)
            elif (key in _PLAIN_ATTRIBUTES and _SMALL.fullmatch(text)) or (key, text) in _PANDAS or key == "src":
                continue
            elif key == "href":
                self._losses.count("link", self._name, "addresses of links", 1, sample=text)
            elif key in _LOOKS:
                self._losses.count("presentation", self._name, "attributes of the looks", 1, sort=key, sample=text)
            elif tag not in ("meta", "input", "link", "embed", "source"):
                self._losses.count("hidden-html", self._name, "attributes", 1, sort=key[:40], sample=text)

    def _ends_hidden(self, tag: str, *, start: bool) -> bool:
        """Whether this tag ends the hidden element without its end tag."""
        hidden = self._hidden
        if hidden is None or hidden.tag not in _ENDED_BY:
            return hidden is None
        if tag not in _ENDED_BY[hidden.tag][0 if start else 1] or hidden.depth > 1:
            return False
        self._end_hidden(hidden)
        return True

    def _end_hidden(self, hidden: _Hidden) -> None:
        self._hidden = None
        text = hidden.text.strip()
        if hidden.what == "style":
            plain = not _STYLED_CONTENT.search(text)
            if not (plain and _PANDAS_STYLE.fullmatch(text)):
                self._losses.count(
                    "presentation" if plain else "hidden-html", self._name, "style sheets", 1, sample=text
                )
        elif hidden.what == "script":
            self._losses.count("script", self._name, "scripts", 1, sample=text)
        else:
            self._losses.count(hidden.what, self._name, "elements that do not show", 1, sort=hidden.tag, sample=text)

    def _end_line(self) -> None:
        text = "".join(self._words)
        self._words = []
        text = text.strip("\n").rstrip(" ") if self._kept_blanks else text.strip(" \n")
        if not text:
            return
        if self._grids and self._grids[-1].in_cell:
            self._grids[-1].add(text)
        else:
            self._lines.append(text)

    def _end_text(self) -> None:
        self._end_line()
        if not self._lines:
            return
        text = cleaned("\n".join(self._lines), self._name, self._losses)
        text = "\n".join(line.rstrip(" \t") for line in text.split("\n")).strip("\n").expandtabs(8)
        self._lines = []
        if text.strip():
            self._parts += [Text(self._name, text), *monospace.tables(text, self._name)]

    def _end_table(self) -> None:
        self._end_text()  # a caption stands before its table
        grid = self._grids.pop()
        cells = tuple(tuple(self._cell(text) for text in row) for row in grid.rectangle())
        if cells and cells[0]:
            header = grid.header or shape.header_rows(cells)
            self._parts.append(Table(self._name, cells, min(header, len(cells)), "html"))

    def _cell(self, text: str) -> str:
        clean = cleaned(text, self._name, self._losses)
        return "\n".join(line.strip(" \t") for line in clean.split("\n") if line.strip(" \t"))


_PANDAS = frozenset(
    {("class", "dataframe"), ("style", "text-align: right;"), ("style", "text-align: left;"), ("scoped", "")}
)
_PANDAS_STYLE = re.compile(
    r"(?:\.dataframe t(?:body|head) t[rh](?: t[hr])?(?::only-of-type)? \{\s*[a-z-]+: [a-z]+;\s*\}\s*)*"
)


def _is_concealed(attrs: list[tuple[str, str | None]]) -> bool:
    for key, value in attrs:
        if key == "hidden":
            return True
        if key == "style" and value:
            return bool(_CONCEALED.search(value)) or bool(_WHITE.search(value) and "background" not in value)
    return False
