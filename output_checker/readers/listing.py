"""YAML: settings, records and results as a program lists them.

Promises: the text is what is released, and whatever it gives as plain text stays; arrays and records in it come as
tables besides, with their digits as they were written, as for JSON. Builds plain lists, mappings and texts only, never
an object; an alias counts as often as it stands, so that a small file can't become a large one.
"""

import re
from dataclasses import replace
from typing import Any

import yaml

from output_checker.model import Output, Text
from output_checker.readers import structured
from output_checker.readers.losses import Unreadable

LONGEST = 300_000
MOST_NODES = 100_000
DEEPEST = 50
_HEAD = 100_000
_LINE = re.compile(r"\s{2,}\S.*|\s*(?:#.*|---.*|\.\.\.|- .*|-|[\"']?\w[\w .()/%-]{0,80}[\"']?:(?: .*)?|[\]}],?|.*,)")
_LISTED = re.compile(r"^\s*-(?: |$)|^[\w\"'].{0,80}?:\s*(?:$|[\[{|>&])", re.MULTILINE)
_NUMBER = re.compile(r"tag:yaml\.org,2002:(?:int|float)")


def with_tables(output: Output) -> Output:
    """A text with the tables of the YAML that it is; the text as it was when it is none."""
    body = output.parts[0]
    if not isinstance(body, Text) or not _is_listing(body.text):
        return output
    try:
        root = yaml.compose(body.text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError):
        return output
    if not isinstance(root, yaml.CollectionNode):
        return output
    return replace(output, parts=(*output.parts, *structured.tables(_Tree().value(root, 0))))


def _is_listing(text: str) -> bool:
    """Whether most lines are keys, items or flow, and at least one begins a list or a mapping within."""
    if len(text) > LONGEST:
        return False
    head = [line for line in text[:_HEAD].split("\n") if line.strip()]
    fitting = sum(1 for line in head if _LINE.fullmatch(line))
    return len(head) > 1 and fitting * 10 >= len(head) * 9 and _LISTED.search(text[:_HEAD]) is not None


class _Tree:
    """Turns nodes into the values that ``structured`` reads, and counts them."""

    def __init__(self) -> None:
        self._left = MOST_NODES

    def value(self, node: yaml.Node, depth: int) -> Any:
        """The value of a node, an alias's as often as it stands."""
        self._left -= 1
        if self._left < 0:
            raise Unreadable(f"This YAML has more than {MOST_NODES:,} values; that is more than can be checked.")
        if depth > DEEPEST:
            raise Unreadable("This YAML is nested too deeply to be checked.")
        if isinstance(node, yaml.SequenceNode):
            return [self.value(inner, depth + 1) for inner in node.value]
        if isinstance(node, yaml.MappingNode):
            return {str(key.value)[:400]: self.value(inner, depth + 1) for key, inner in node.value}
        if _NUMBER.fullmatch(node.tag):
            return structured.Digits(str(node.value))
        return None if node.tag.endswith(":null") else str(node.value)
