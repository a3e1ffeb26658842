"""Bytes to characters that mean what they look like.

Promises: text that leaves here is NFC with LF line ends, without a character that can't be seen and without two ways to
write a blank; everything that was taken away is noted. Never: a guess that garbage is text.
"""

import codecs
import re
import unicodedata
from collections import Counter

from output_checker.readers.losses import Losses

_BOMS = (  # the longer mark first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27}) + b"\x7f"
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")

_TERMINAL = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\\\)?|[@-Z\\\\-_])|\x1b")
_NOT_PLAIN = re.compile("[^\n\t -~]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
_ODD_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def decode(data: bytes, losses: Losses) -> str | None:
    """The text that these bytes are, or None when they are no text. How they were read is noted."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            what = "encoding" if encoding == "utf-8" else "wide-encoding"
            losses.add(what, "", f"byte order mark of {encoding.upper()}", len(mark))
            if encoding != "utf-8":
                return _strictly(data, encoding)
            data = data[len(mark) :]
            break
    wide = _wide_encoding(data)
    if wide:
        losses.add("wide-encoding", "", f"read as {wide.upper()}, without a byte order mark")
        return _strictly(data, wide)
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls > max(8, len(data) // 50):
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _eight_bit(data, losses)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _wide_encoding(data: bytes) -> str:
    """UTF-16 without its mark: every other byte of the beginning is NUL, the bytes between are not."""
    head = data[:4096]
    if len(head) < 4 or len(data) % 2:
        return ""
    even, odd = head[::2].count(0) / (len(head) // 2), head[1::2].count(0) / (len(head) // 2)
    if odd > 0.7 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 and odd < 0.1 else ""


def _eight_bit(data: bytes, losses: Losses) -> str | None:
    """Windows-1252, which is Latin-1 with more letters; single such bytes among UTF-8 are read one by one."""
    runs = _HIGH_RUN.findall(data[: 1 << 20])
    high = sum(len(run) for run in runs)
    if high > len(data[: 1 << 20]) * 0.4:
        return None
    good = sum(1 for run in runs if _strictly(run, "utf-8") is not None)
    if good * 2 > len(runs):
        losses.add("encoding", "", "mixed: UTF-8 with single bytes of Windows-1252")
        return data.decode("utf-8", "surrogateescape").translate(_ESCAPED_1252)
    losses.add("encoding", "", "read as Windows-1252")
    return data.decode("cp1252", "surrogateescape").translate({0xDC00 + b: chr(b) for b in range(128, 256)})


_ESCAPED_1252 = {0xDC00 + b: bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(128, 256)}


def cleaned(text: str, where: str, losses: Losses) -> str:
    """The text with every character visible and in one way of writing."""
    if "\r" in text:
        text = _one_line_end(text, where, losses)
    if not _NOT_PLAIN.search(text):
        return text
    if "\x00" in text:
        losses.count("nul-bytes", where, "NUL characters", text.count("\x00"))
        text = text.replace("\x00", "")
    if "\x1b" in text:
        text, count = _TERMINAL.subn("", text)
        losses.count("terminal-codes", where, "terminal control sequences", count)
    text = _without_invisible(text.replace("\x0c", "\n"), where, losses)
    text, count = _ODD_SPACE.subn(" ", text)
    if count:
        losses.count("odd-spaces", where, "spaces of unusual kinds, now ordinary spaces", count)
    if not unicodedata.is_normalized("NFC", text):
        losses.count("unicode-form", where, "texts with letters in another form than NFC")
        text = unicodedata.normalize("NFC", text)
    return text


def trimmed(text: str, where: str, losses: Losses) -> str:
    """The text without blanks at the ends of lines and without blank lines at its ends."""
    # line by line, because a pattern for "blanks at an end" takes quadratic time on a line of blanks
    lines = "\n".join(line.rstrip(" \t") for line in text.split("\n")).strip("\n")
    gone = len(text) - len(lines)
    if gone - text.endswith("\n") > 0:
        losses.count("blanks", where, "blanks at the ends of lines or of the text", gone)
    return lines


def _one_line_end(text: str, where: str, losses: Losses) -> str:
    pairs, returns, feeds = text.count("\r\n"), text.count("\r"), text.count("\n")
    sorts = [pairs, returns - pairs, feeds - pairs]
    if sum(1 for n in sorts if n) > 1:
        losses.add("line-ends", where, f"mixed line ends: {pairs} CR LF, {sorts[1]} CR, {sorts[2]} LF")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _without_invisible(text: str, where: str, losses: Losses) -> str:
    kept: list[str] = []
    gone: Counter[str] = Counter()
    hidden: list[str] = []
    end = 0
    for found in _INVISIBLE.finditer(text):
        at, c = found.start(), found.group()
        if _has_work(text, at):
            continue
        kept.append(text[end:at])
        end = at + 1
        if c in "\x85\u2028\u2029":
            kept.append("\n")
        gone[c] += 1
        if len(hidden) < 2000:
            hidden.append(_said(c))
    if not gone:
        return text
    for c, number in gone.most_common():
        losses.count("invisible-characters", where, "invisible characters", number, sort=f"U+{ord(c):04X}")
    losses.count("invisible-characters", where, "invisible characters", 0, sample="".join(hidden))
    return "".join(kept) + text[end:]


def _said(c: str) -> str:
    """A hidden character as the rules can search it: tag characters are ASCII in disguise."""
    return chr(ord(c) - 0xE0000) if 0xE0020 <= ord(c) <= 0xE007E else ""


def _has_work(text: str, at: int) -> bool:
    """Whether an invisible character shapes its neighbours: joiners after a virama (RFC 5892 A.1, A.2) and between
    pictographs, and the emoji presentation selector after a pictograph (UTS 51)."""
    c = text[at]
    if c not in "\u200c\u200d\ufe0f" or at == 0:
        return False
    before = text[at - 1]
    if c != "\ufe0f" and unicodedata.combining(before) == 9:
        return True
    if c == "\ufe0f":
        return unicodedata.category(before) == "So"
    after = text[at + 1 : at + 2]
    pictures = ("So", "Sk", "Mn") if before == "\ufe0f" else ("So", "Sk")
    return (
        c == "\u200d"
        and after != ""
        and unicodedata.category(before) in pictures
        and unicodedata.category(after) in ("So", "Sm")
    )
