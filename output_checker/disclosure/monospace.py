"""Tables that were printed as text (pandas, statsmodels, R, Stata), and the facts stated around them.

Promises a rectangle of cells for each block of lines that reads like a table, placed by its first line, and never drops
a number: numbers that belong to no table and to no stated fact are counted for the caller.
"""

import csv
import re
from dataclasses import dataclass

from output_checker.disclosure.numbers import Mark, parse_cell
from output_checker.model import Table

_RULE = re.compile(
    r"[\s\-=+|_─━│┼┌┐└┘├┤┬┴═~.:]*|\s*\\(hline|toprule|midrule|bottomrule|cline|cmidrule|begin|end|centering|small)\b.*"
)
_LATEX_RULE = re.compile(r"\\(hline|midrule|toprule|bottomrule)\b")
_LONGEST_ROW = 10_000
"""A longer line is no row of a LaTeX table; looking for one costs the square of its length."""
_LATEX_ROW = re.compile(r".*&.*\\\\\s*(\\(hline|midrule|bottomrule)\s*)*")
_LOG = re.compile(
    r"\s*(optimization terminated successfully.*|(current function value|iterations|(function|gradient|hessian) "
    r"evaluations)\s*:?\s+[-+\d.e]+|number of fisher scoring iterations: \d+|signif\. codes:.*|"
    r"\(dispersion parameter for .* taken to be [\d.]+\)|iteration \d+:\s+log (pseudo)?likelihood = .*)\s*",
    re.IGNORECASE,
)
"""What an optimiser or a model's printer says of itself: nothing of people."""
_NAMED_STATISTIC = re.compile(
    r"(?<![\w.])(min(?:imum)?|max(?:imum)?|mean|median|sd|std|range)\.?\s{1,4}(?=[-+]?\d)", re.IGNORECASE
)
_LIMITS = re.compile(r"\[(\d\d% [Cc]onf\.) [Ii]nterval\]")
_BREAK = re.compile(r"\s*[=═]{5,}\s*")
_SPLIT = re.compile(r"\s*[|│]\s*|\t+|\s{2,}")
_KNOWN = re.compile(r"(Std\. Error|std err|t value|z value|Std\. Err\.|Std\. dev\.|\[95% conf\. interval\])")
_BARS = re.compile(r"(?:P>|Pr\(>)\|([tz])\|\)?")
_FOOTER = re.compile(r"(Name: .*|Length: \d+.*|dtype: \w+|.*dtype: \w+|\[\d+ rows x \d+ columns\]|Freq: .*)\s*")
_NUMBER = r"[-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?%?"
_VALUE = re.compile(rf"(?:[:=]|\bis\b|\bwas\b|\bof\b)\s*({_NUMBER})(?![\d\-/:])")
"""What a fact ends with. Its name is looked for before it, so that a line costs no more than its length."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 .²^()\-/>|_]{0,40}$")
_DEGREES = re.compile(r"\bon\s+(\d[\d,]*)\s+degrees of freedom")
_STATA_HEAD = re.compile(
    r"(.*?\S)?\s{2,}(Number of \w+|F\([\d, ]+\)|Prob > \w+|Wald chi2\(\d+\)|LR chi2\(\d+\)|"
    rf"(?:Adj |Pseudo )?R-?(?:squared|2)|Root MSE)\s+=\s+({_NUMBER})\s*"
)
"""The right-hand side of the head of a Stata estimation: "Number of obs   =   442"."""
_STATA_RESIDUAL = re.compile(r"\s*Residual \|\s+[-+.\de]+\s+(\d+)\s+[-+.\de]+.*")
_STATA_PARTS = re.compile(r"\s*(?:Source|Model|Residual|Total) \|.*")
_TRAILING = re.compile(rf"({_NUMBER})")
MOST_LABEL_WORDS = 3
"""A line whose words are parted by single blanks is a row of a table only with a short label and then numbers."""
_INTEREST = 1_000_000
_HARMLESS = re.compile(
    r"\b(?:table|figure|fig|model|step|section|appendix|panel|version|chapter|part|wave|round|type|phase|grade|stage|python|"
    r"pandas|numpy|statsmodels|stata|spss|sas|r|v|no|question|item|level|covid|dose)[ .-]?\d+(?:\.\d+)*\w?\b|"
    r"\b(?:19|20)\d\d(?:[-/]\d{1,2}(?:[-/]\d{1,2})?)?\b|\b\d{1,2}[-/ ](?:\d{1,2}|[A-Za-z]{3,9})[-/ ](?:19|20)\d\d\b|"
    r"\b(?:aged?|ages) \d+(?: ?(?:-|\u2013|to|and) ?\d+|\+)?|\bnearest \d+|"
    r"\b\d+ ?(?:-|\u2013|to) ?\d+[ -](?:year|yr|population)\w*|"
    r"\b\d+(?: ?(?:-|\u2013|to) ?\d+)?[ -](?:days?|weeks?|months?|years?|hours?|minutes?|seconds?)\b|"
    r"\b\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\b|\b9[059] ?%? ?(?:confidence|ci\b)|\bp ?[<>=] ?0?\.\d+|\b\d+\.\d+\.\d+\b|https?://\S+",
    re.IGNORECASE,
)
"""Numbers that say nothing of people: of tables and versions, years, dates, times, levels of confidence."""


@dataclass(frozen=True)
class Fact:
    """A named number in running text: "No. Observations: 20190"."""

    line: int
    name: str
    value: float
    text: str


@dataclass(frozen=True)
class Printed:
    """What a text holds: tables with their first line, facts, and the lines with numbers that nothing explains."""

    tables: tuple[tuple[int, Table], ...]
    facts: tuple[Fact, ...]
    loose: tuple[int, ...]


def read_printed(text: str) -> Printed:
    """Find tables, facts and loose numbers in a text."""
    lines = text.split("\n")
    tables: list[tuple[int, Table]] = []
    used: set[int] = {number for number, line in enumerate(lines) if _LOG.fullmatch(line)}
    facts: list[Fact] = []
    for start, block in _blocks(lines):
        facts += _stata_facts(start, block, used)
        facts += _pairs_of_facts(start, block, used)
        found = _table(start, block, used)
        if found is not None:
            tables.append((found[0], found[1]))
            used.update(found[2])
    loose = []
    for number, line in enumerate(lines):
        if number in used or not any(c.isdigit() for c in _HARMLESS.sub(" ", line)) or len(line) > _INTEREST:
            continue
        stated = _facts(number, line)
        facts += stated
        if not stated and not _FOOTER.fullmatch(line):
            loose.append(number)
    return Printed(tuple(tables), tuple(facts), tuple(loose))


def without_harmless(line: str) -> str:
    """A line without the numbers that say nothing of people."""
    return _HARMLESS.sub(" ", line)


def _blocks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Runs of lines without a blank line between them."""
    blocks: list[tuple[int, list[str]]] = []
    current: list[str] = []
    for number, line in enumerate([*lines, ""]):
        if line.strip() and not _BREAK.fullmatch(line):
            current.append(line)
        elif current:
            blocks.append((number - len(current), current))
            current = []
    return blocks


def _stata_facts(start: int, block: list[str], used: set[int]) -> list[Fact]:
    """What the head of a Stata estimation says: sums of squares on the left, "name = value" on the right."""
    if not any(_STATA_HEAD.fullmatch(line) and "Number of obs" in line for line in block):
        return []
    facts: list[Fact] = []
    for offset, line in enumerate(block):
        right, residual = _STATA_HEAD.fullmatch(line), _STATA_RESIDUAL.fullmatch(line)
        found = [(right[2], right[3])] if right else []
        found += [("df resid", residual[1])] if residual else []
        facts += [fact for name, value in found if (fact := named_number(start + offset, name, value))]
        if right or _STATA_PARTS.fullmatch(line):
            used.add(start + offset)
    return facts


def _pairs_of_facts(start: int, block: list[str], used: set[int]) -> list[Fact]:
    """Lines of two or more "name: value" pairs, as the head of a model summary has them."""
    facts: list[Fact] = []
    for offset, line in enumerate(block):
        if ":" not in line:
            continue
        pairs = re.findall(r"([A-Za-z][\w .()\-²|>]*?):\s+(\S+(?: \S+)*)", line)
        if not pairs or re.match(r"\s*(Name|Length|dtype)\b", line):
            continue
        if len(pairs) >= 2 or re.match(r"\s*(No\.|Df|Dep\.|Method|Model|Date|Time|Covariance|Number of obs)", line):
            used.add(start + offset)
            facts += [fact for name, value in pairs if (fact := named_number(start + offset, name, value.split()[0]))]
    return facts


def named_number(line: int, name: str, value: str) -> Fact | None:
    """A fact, when the value is a number (or a bound) and there is a name."""
    cell = parse_cell(value.strip("()[];"))
    if cell.mark not in (Mark.NUMBER, Mark.BOUND):
        return None
    return Fact(line, re.sub(r"\s+", " ", name).strip(" :").lower(), cell.value, value)


def _facts(number: int, line: str) -> list[Fact]:
    found = []
    line = _NAMED_STATISTIC.sub(r"\1: ", line[:2000])
    degrees = _DEGREES.search(line) if line.lstrip().startswith("Residual ") else None
    if degrees and (fact := named_number(number, "df resid", degrees[1])):
        found.append(fact)
    end = 0
    for match in _VALUE.finditer(line):
        name = _NAME.search(line[end : match.start()].rstrip()[-41:])
        if name is None:
            continue
        end = match.end()
        own = name[0] if ")" in name[0] else name[0].rpartition("(")[2]
        fact = named_number(number, own, match[1].rstrip(","))
        if fact is not None:
            found.append(fact)
    return found


def _table(start: int, block: list[str], used: set[int]) -> tuple[int, Table, set[int]] | None:
    """The table of a block: its widest run of lines that end in the same number of cells."""
    separated = _latex_table(start, block) or _comma_table(start, block, used)
    if separated is not None:
        return separated
    rows = [
        (start + offset, _cells(line))
        for offset, line in enumerate(block)
        if start + offset not in used and not _RULE.fullmatch(line) and not _FOOTER.fullmatch(line)
    ]
    body = [i for i, (_, cells) in enumerate(rows) if len(cells) >= 2 and _numeric(cells[1:])]
    if len(body) < 1 or (len(body) == 1 and len(rows) < 2):
        return None
    first, last = body[0], body[-1]
    width = max(len(rows[i][1]) for i in body)
    head = _header_rows(rows, first, width)
    if first == last and (not head or any(re.search(r"[:=]", cell) for i in (*head, first) for cell in rows[i][1])):
        return None
    chosen = [*head, *range(first, last + 1)]
    lines = [rows[i] for i in chosen if len(rows[i][1]) <= width]
    cells = _rectangle([cells for _, cells in lines], width, len(head))
    top = lines[0][0]
    spread = {number for number, _ in lines}
    placed = _on_lines(top, lines, cells, width)
    header_rows = lines[len(head) - 1][0] - top + 1 if head else 0
    return top, Table("", placed, header_rows, "monospace"), spread


def _latex_table(start: int, block: list[str]) -> tuple[int, Table, set[int]] | None:
    """The rows of a LaTeX tabular; those above its second rule are the header."""
    rows = [offset for offset, line in enumerate(block) if len(line) <= _LONGEST_ROW and _LATEX_ROW.fullmatch(line)]
    if len(rows) < 2:
        return None
    rules = [offset for offset, line in enumerate(block) if _LATEX_RULE.search(line)]
    below = next((rule for rule in rules if rule > rows[0]), rows[0])
    head = sum(row < below for row in rows) or 1
    lines = [(start + row, _latex_cells(block[row])) for row in rows]
    width = max(len(cells) for _, cells in lines)
    placed = _on_lines(lines[0][0], lines, [tuple(cells + [""] * (width - len(cells))) for _, cells in lines], width)
    first, last = lines[0][0], lines[-1][0]
    header_rows = lines[head - 1][0] - first + 1 if head < len(lines) else 0
    return first, Table("", placed, header_rows, "monospace"), set(range(first, last + 1))


def _latex_cells(line: str) -> list[str]:
    body = line.replace("\\&", "\0").split("\\\\")[0]
    return [re.sub(r"\\([%_#$])", r"\1", cell.replace("\0", "&")).strip() for cell in body.split("&")]


def _comma_table(start: int, block: list[str], used: set[int]) -> tuple[int, Table, set[int]] | None:
    """Comma-separated lines that were not read as a table (quoted intervals, a block inside a log)."""
    if len(block) < 2 or any("," not in line for line in block) or used & set(range(start, start + len(block))):
        return None
    try:
        rows = list(csv.reader(block, skipinitialspace=True))
    except csv.Error:
        return None
    width = len(rows[0])
    short = all(len(cell) < 60 for row in rows for cell in row)
    if width < 2 or any(len(row) != width for row in rows) or not short or not any(_numeric(row[1:]) for row in rows):
        return None
    head = 0 if _numeric(rows[0]) else 1
    table = Table("", tuple(tuple(row) for row in rows), head, "monospace")
    return start, table, set(range(start, start + len(block)))


def _on_lines(
    top: int, lines: list[tuple[int, list[str]]], cells: list[tuple[str, ...]], width: int
) -> tuple[tuple[str, ...], ...]:
    """The rows with an empty row for each line between that is none, so that row numbers count lines."""
    placed: list[tuple[str, ...]] = []
    for (number, _), row in zip(lines, cells, strict=True):
        while top + len(placed) < number:
            placed.append(("",) * width)
        placed.append(row)
    return tuple(placed)


def _cells(line: str) -> list[str]:
    line = _LIMITS.sub(r"  \1 low  \1 high", _BARS.sub(r"P>\1", line))
    opened = _KNOWN.sub(r"  \1  ", line.replace("|", "  |  ") if line.count("|") == 1 else line)
    cells = [cell.strip() for cell in _SPLIT.split(opened.strip().strip("|│"))]
    if cells == [""] or len(cells) > 1:
        return [cell for cell in cells if cell != "|"] if cells != [""] else []
    words = cells[0].split()
    numbers = [parse_cell(word).mark is not Mark.TEXT for word in words]
    first = numbers.index(True) if True in numbers else len(words)
    return words if 0 < first <= MOST_LABEL_WORDS and first < len(words) and all(numbers[first:]) else cells


def _numeric(cells: list[str]) -> bool:
    marks = [parse_cell(cell).mark for cell in cells]
    return any(mark not in (Mark.TEXT, Mark.EMPTY) for mark in marks)


def _header_rows(rows: list[tuple[int, list[str]]], first: int, width: int) -> list[int]:
    """The lines above the first row that can be its header: words, and not many more cells than the body has."""
    head: list[int] = []
    for i in range(first - 1, max(-1, first - 4), -1):
        cells = rows[i][1]
        if not cells or len(cells) > width or (len(cells) == 1 and width > 2 and len(cells[0].split()) > 3):
            break
        head.insert(0, i)
    return head


def _rectangle(rows: list[list[str]], width: int, head: int) -> list[tuple[str, ...]]:
    """Rows of one width. A short row lacks its leading cells (a repeated label, an unnamed index)."""
    found = []
    previous = [""] * width
    for number, cells in enumerate(rows):
        missing = width - len(cells)
        if number < head and missing and len(rows) > number + 1 and number + 1 < head and len(cells) == 1:
            padded = ["", *cells, *[""] * (missing - 1)]
        elif number >= head and missing:
            padded = [*previous[:missing], *cells]
        else:
            padded = [*[""] * missing, *cells]
        previous = padded
        found.append(tuple(padded))
    return found
