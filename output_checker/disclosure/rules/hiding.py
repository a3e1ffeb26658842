"""Hiding places (H06, H08, H09, H15, H19): things that a reader dropped, and text that says more than it shows.

What was dropped is gone from the canonical bytes already; these findings say so, and search its sample for people.
"""

import re
import unicodedata
from collections.abc import Iterator

from output_checker.disclosure.subject import Subject
from output_checker.model import Dropped, Finding, Severity, Where

_STRIPPED = "It was left out of what can be released; nothing needs to be done unless it was meant to be there."
_HARMLESS_CHUNKS = re.compile(
    r"\b(software|phys|gama|srgb|chrm|iccp|sbit|bkgd|time|creation time|matplotlib|dpi|trns|plte)\b", re.IGNORECASE
)
_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{200,}={0,2}|(?<![0-9a-fA-F])[0-9a-fA-F]{200,}|(?:[A-Za-z0-9+/]{60,78}\n){3,}"
)
_INVISIBLE = re.compile(
    ""
    ""
    ""
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad\u180e\U000e0000-\U000e007f\u034f\u115f\u1160\u3164"
    "\ufe00-\ufe0d\U000e0100-\U000e01ef]"
)
_ACTIVE = re.compile(r"<script\b|javascript:|\bon(?:load|click|error)\s*=|<iframe\b|<object\b|<embed\b", re.IGNORECASE)
_CHUNKS = ("png-chunk", "jpeg-segment", "gif-block", "webp-chunk")
_HIDDEN_SHEETS = {"hidden-sheet": "H02", "hidden-cells": "H02", "cached-data": "H03", "workbook-part": "H04"}
_NOTED = {
    "blanks": "H17",
    "odd-spaces": "H17",
    "kernel": "N07",
    "source": "N08",
}
_HANDLED = frozenset(
    (
        *_CHUNKS,
        "trailing-bytes",
        "surplus-pixels",
        "image-frame",
        "image-depth",
        "alpha",
        "palette",
        "invisible-characters",
        "nul-bytes",
        "widget-state",
        "metadata",
        "attachment",
        "mime",
        "formula",
        "hidden-html",
        "comment",
        "second-mime",
        "script",
        "type-mismatch",
        "stored-data",
        "figure-data",
        "stored-model",
        *_HIDDEN_SHEETS,
    )
)


def find_image_carriers(subject: Subject) -> Iterator[Finding]:
    """H06 image-chunks: text chunks, unknown chunks and bytes after the end of a picture. matplotlib's Software is a
    note."""
    for dropped in subject.output.dropped:
        if dropped.what in _CHUNKS:
            harmless = bool(_HARMLESS_CHUNKS.search(dropped.detail)) and dropped.size <= (
                4096 if "iCCP" in dropped.detail else 200
            )
            yield _dropped("H06", Severity.NOTE if harmless else Severity.FAIL, dropped, "A picture carried")
        elif dropped.what in ("trailing-bytes", "surplus-pixels"):
            yield _dropped("H06", Severity.FAIL, dropped, "After the end of its content the file carried")
        elif dropped.what in ("image-frame", "image-depth"):
            yield _dropped("H06", Severity.REVIEW, dropped, "A picture carried")
        elif dropped.what in ("alpha", "palette"):
            yield _dropped("H06", Severity.NOTE, dropped, "A picture carried")


def _dropped(rule: str, severity: Severity, dropped: Dropped, says: str) -> Finding:
    place = f" ({dropped.where})" if dropped.where else ""
    size = f", {dropped.size:,} bytes" if dropped.size and "bytes" not in dropped.detail else ""
    return Finding(
        rule,
        severity,
        (Where(label=dropped.where),),
        f"{says} {dropped.detail or dropped.what}{size}{place}.",
        _STRIPPED,
    )


def find_encoded_blobs(subject: Subject) -> Iterator[Finding]:
    """H08 base64/hex blob: 200 and more characters in one piece can carry a file."""
    for hit in subject.scan.find(_BASE64):
        if len(set(hit.match[0])) > 8 and not hit.where.label.startswith("left out:"):
            yield Finding(
                "H08",
                Severity.FAIL,
                (hit.where,),
                f"{len(hit.match[0]):,} characters in one piece look like an encoded file.",
                "Leave the encoded text out.",
            )


def find_invisible_characters(subject: Subject) -> Iterator[Finding]:
    """H09 unicode-hiding: zero-width, bidirectional and tag characters, and letters of another script within a word."""
    for dropped in subject.output.dropped:
        if dropped.what == "invisible-characters":
            yield _dropped("H09", Severity.FAIL, dropped, "The text carried")
        elif dropped.what == "nul-bytes":  # no tool writes them into a table: the file is damaged or hides something
            yield _dropped("H09", Severity.REVIEW, dropped, "The text carried")
        elif dropped.what == "wide-encoding":
            yield Finding(
                "H09",
                Severity.REVIEW,
                (Where(label=dropped.where),),
                f"The text was not UTF-8 ({dropped.detail}): another program may read something else in its bytes.",
                "Save it as UTF-8, or ask the checker to compare the released text with yours.",
            )
    if subject.scan.whole.isascii():
        return
    hits = [hit for hit in subject.scan.find(_INVISIBLE) if not _joins_emoji(hit.piece.text, hit.offset)]
    shown = [hit.where for hit in hits if not hit.where.label.startswith("left out:")]
    if shown:
        yield Finding(
            "H09",
            Severity.FAIL,
            tuple(dict.fromkeys(shown))[:100],
            f"{len(shown)} invisible characters stand in the text.",
            "Remove them: type the text again or save it as plain ASCII.",
        )
    mixed = [piece.where for piece in subject.scan.pieces if _mixed_scripts(piece.text)]
    if mixed:
        yield Finding(
            "H09",
            Severity.REVIEW,
            tuple(mixed[:100]),
            "Words mix letters of several scripts that look alike.",
            "Type them again.",
        )


def _joins_emoji(text: str, position: int) -> bool:
    around = text[max(0, position - 1) : position] + text[position + 1 : position + 2]
    return text[position] == "\u200d" and any(ord(c) > 0x2190 for c in around)


def _mixed_scripts(text: str) -> str:
    if text.isascii():
        return ""
    words: list[str] = re.findall(r"[^\W\d_]{3,}", text)
    for word in words:
        if word.isascii():
            continue
        scripts = {unicodedata.name(c, "?").split(" ")[0] for c in word}
        if "LATIN" in scripts and scripts & {"CYRILLIC", "GREEK"} and not re.search("[µμσβαχΔλ]", word):
            return word
    return ""


def find_active_content(subject: Subject) -> Iterator[Finding]:
    """H19 active-content: scripts in text. Formulas have lost their power in the reader, which names them."""
    hits = [hit.where for hit in subject.scan.find(_ACTIVE)]
    if hits:
        yield Finding("H19", Severity.REVIEW, tuple(hits[:100]), "The text holds a script.", "Leave it out.")


def find_hidden_parts(subject: Subject) -> Iterator[Finding]:
    """H02, H03, H04 hidden sheets, caches and workbook parts; H01 a name that promises another format."""
    for dropped in subject.output.dropped:
        if dropped.what in _HIDDEN_SHEETS:
            severity = Severity.NOTE if dropped.what == "workbook-part" else Severity.FAIL
            yield _dropped(_HIDDEN_SHEETS[dropped.what], severity, dropped, "The workbook carried")
        elif dropped.what == "script":
            yield _dropped("H19", Severity.REVIEW, dropped, "The page carried")
        elif dropped.what == "formula":
            yield _dropped("H19", Severity.REVIEW, dropped, "The table carried")
        elif dropped.what == "type-mismatch":
            yield Finding(
                "H01", Severity.REVIEW, (), dropped.detail or "The name promises another format.", "Rename the file."
            )
        elif dropped.what not in _HANDLED:
            yield _dropped(_NOTED.get(dropped.what, "H04"), Severity.NOTE, dropped, "The file carried")


def find_long_names(subject: Subject) -> Iterator[Finding]:
    """H15 names: a sheet, column or file name long enough to carry data."""
    if len(subject.name.rsplit("/", 1)[-1]) > 200:
        yield Finding("H15", Severity.REVIEW, (), "The file's name is very long.", "Give the file a short name.")


RULES = (
    find_image_carriers,
    find_encoded_blobs,
    find_invisible_characters,
    find_active_content,
    find_hidden_parts,
    find_long_names,
)
