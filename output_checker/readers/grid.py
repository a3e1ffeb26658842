"""The cells of an HTML table on their way to a rectangle: spans are filled, limits hold, nothing is lost."""

from dataclasses import dataclass, field

from output_checker.readers import shape
from output_checker.readers.losses import Unreadable


@dataclass
class Cell:
    """A cell with its texts, line by line."""

    label: bool
    across: int = 1
    down: int = 1
    lines: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, tag: str, across: str | None, down: str | None) -> "Cell":
        """An empty cell; a span that is no small number counts as 1 or as the largest that HTML allows."""
        return cls(tag == "th", _span(across, 1000), _span(down, 65534))


def _span(text: str | None, most: int) -> int:
    digits = (text or "").strip()
    return max(1, min(int(digits), most)) if digits.isascii() and digits.isdigit() and len(digits) < 8 else 1


@dataclass
class Grid:
    """A table that is being read."""

    rows: list[list[Cell]] = field(default_factory=list)
    header: int = 0
    in_head: bool = False
    _open: Cell | None = None

    @property
    def in_cell(self) -> bool:
        """Whether text belongs to a cell now; between cells it belongs to none."""
        return self._open is not None

    def open(self, tag: str, across: str | None, down: str | None) -> None:
        """The start of a ``tr``, ``thead``, ``td`` or ``th``."""
        self.end_cell()
        if tag == "thead":
            self.in_head = not self.rows
        elif tag == "tr" or not self.rows:
            self.rows.append([])
        if tag in ("td", "th"):
            self._open = Cell.of(tag, across, down)
            self.rows[-1].append(self._open)

    def end_cell(self) -> None:
        """The end of a cell, said or understood."""
        self._open = None

    def add(self, text: str) -> None:
        """A line of text in the open cell."""
        if self._open:
            self._open.lines.append(text)

    def end_head(self) -> None:
        """The end of a ``thead``: what came so far are labels."""
        if self.in_head:
            self.header = sum(1 for row in self.rows if row)
            self.in_head = False

    def rectangle(self) -> list[list[str]]:
        """The texts with spans filled: labels are repeated, a value stands once."""
        rows = [row for row in self.rows if row]
        if not self.header:
            self.header = self._label_rows(rows)
        filled: dict[tuple[int, int], str] = {}
        width = 0
        for at, row in enumerate(rows):
            column = 0
            for cell in row:
                while (at, column) in filled:
                    column += 1
                self._fill(filled, cell, at, column, len(rows))
                column += cell.across
                width = max(width, column)
        if width > shape.MOST_COLUMNS or width * len(rows) > shape.MOST_CELLS:
            raise Unreadable("A table of this page is larger than what a person can check.")
        return [[filled.get((at, column), "") for column in range(width)] for at in range(len(rows))]

    def _fill(self, filled: dict[tuple[int, int], str], cell: Cell, at: int, column: int, rows: int) -> None:
        text = "\n".join(cell.lines)
        for down in range(min(cell.down, rows - at)):
            for across in range(cell.across):
                first = not down and not across
                filled[at + down, column + across] = text if first or cell.label or at < self.header else ""
        if len(filled) > shape.MOST_CELLS:
            raise Unreadable("A table of this page is larger than what a person can check.")

    @staticmethod
    def _label_rows(rows: list[list[Cell]]) -> int:
        count = 0
        for row in rows:
            if not all(cell.label for cell in row):
                break
            count += 1
        return count if count < len(rows) else 0
