"""HTML documents: reports, exported notebooks, saved tables. What ``markup`` reads, as a page of its own."""

import re

from output_checker.model import Kind, Output
from output_checker.readers import markup
from output_checker.readers.losses import Losses, Unreadable

LONGEST = 24_000_000
_HTML = re.compile(
    r"\s*(?:<!--.{0,20000}?-->\s*)*"
    r"<(?:!doctype html|html|head|body|div|table|p|h[1-6]|style|meta|section|article|ul|span|pre|a)\b",
    re.IGNORECASE | re.DOTALL,
)
_START = '<!doctype html>\n<meta charset="utf-8">\n'


def is_html(text: str) -> bool:
    """Whether the text begins as a page or a piece of one."""
    return text.lstrip()[:1] == "<" and _HTML.match(text[:40_000]) is not None


def read(text: str, losses: Losses) -> Output:
    """The page as its tables, texts and pictures."""
    if len(text) > LONGEST:
        raise Unreadable(f"This page has more than {LONGEST:,} characters; that is more than can be checked.")
    fragment = markup.read_fragment(text, "", losses)
    if not fragment.parts:
        raise Unreadable("This page shows nothing that Halftide can check.")
    return Output(Kind.HTML, "text/html", fragment.parts, (_START + fragment.html + "\n").encode())
