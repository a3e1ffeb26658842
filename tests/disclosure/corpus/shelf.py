"""Where the makers of the corpus put an output and its label."""

from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
LABELS: dict[str, dict[str, object]] = {}

Cell = tuple[str, str, str]
"""A cell that must be named: the label of its row, the label of its column, its text."""


def keep(  # noqa: PLR0917 - each caller writes a line of a list
    name: str,
    content: str | bytes,
    rules: tuple[str, ...] = (),
    policy: str = "default",
    suffix: str = "csv",
    cells: Iterable[Cell] = (),
) -> None:
    """Add an output: disclosive with the rules of which one must speak, or safe without rules."""
    kind = "disclosive" if rules else "safe"
    (HERE / kind).mkdir(exist_ok=True)
    file = f"{kind}/{name}.{suffix}"
    if file in LABELS:
        raise ValueError(file)
    (HERE / file).write_bytes(content.encode() if isinstance(content, str) else content)
    LABELS[file] = {"rules": list(rules), "policy": policy}
    if cells:
        LABELS[file]["cells"] = [list(cell) for cell in cells]
