"""Plain text and logs. The text is what is released; tables that are printed in it come as parts besides."""

from output_checker.model import Kind, Output, Text
from output_checker.readers import monospace
from output_checker.readers.characters import trimmed
from output_checker.readers.losses import Losses, Unreadable

LONGEST = 16_000_000  # characters; more is no text that a person can check


def read(text: str, losses: Losses) -> Output:
    """The text with its lines trimmed, and the tables that are printed in it."""
    if len(text) > LONGEST:
        raise Unreadable(f"This text has more than {LONGEST:,} characters; that is no text that a person can check.")
    body = trimmed(text, "", losses)
    if body.count("\n") >= monospace.MOST_LINES:
        raise Unreadable(f"This text has more than {monospace.MOST_LINES:,} lines; that is more than can be checked.")
    return Output(Kind.TEXT, "text/plain", (Text("", body), *monospace.tables(body, "")), (body + "\n").encode())
