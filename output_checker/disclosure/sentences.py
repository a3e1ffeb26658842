"""What a sentence says of people: a few of them, the most extreme of them, when one was born.

Promises to look at one line at a time and at no more than its first 2,000 characters.
"""

import re

from output_checker.disclosure.numbers import Mark, parse_cell

MOST_LINES = 20_000
"""Only so many lines of a text are read as sentences."""
_MOST_LINE = 2000
_PEOPLE = frozenset(
    {
        "patients", "patient", "people", "person", "cases", "deaths", "records", "individuals", "participants",
        "respondents", "persons", "women", "men", "firms", "children", "households", "events", "died",
    }
)  # fmt: skip
_NUMBER_WORDS = {
    w: i + 1 for i, w in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
}
_OF = re.compile(
    r"\b(?P<a>[1-9]\d?) (?:out )?of (?:the |these |those |our )?\d[\d,]* (?:[a-z]+ )?(?P<who>[a-z]+)"
    r"|\bof (?:the |these |those |our )?\d[\d,]* (?:[a-z]+ )?(?P<whom>[a-z]+),? (?P<b>[1-9]\d?) \(",
    re.IGNORECASE,
)
"""A few of many: "3 of 214 participants", "of 80 participants, 2 (2.5%)"."""
_EXTREME = re.compile(
    r"\b(?:oldest|youngest|tallest|heaviest|longest|shortest)(?: \w+){0,3} (?:is|was|aged|lived|stayed) \d[\d.,]*"
    r"|\bage range ?(?:is|was|of)?[:=]? ?\d{1,3} ?(?:years )?(?:to|-|\u2013|and) ?\d{1,3}",
    re.IGNORECASE,
)
_BORN = re.compile(
    r"\b(?:born|date of birth|birth date|dob)\b[ :=]{0,3}(?:on |is |was )?(?:the )?"
    r"(?:\d{1,2}[-/. ](?:\d{1,2}|[a-z]{3,9})[-/. ](?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)\b",
    re.IGNORECASE,
)


def counted_people(line: str, threshold: int) -> list[str]:
    """ "3 patients", "four deaths", "3 of 214 participants": a small number of people."""
    words = [word.strip(".,;:()[]").lower() for word in line.split()]
    found = []
    for position, word in enumerate(words):
        number = _NUMBER_WORDS.get(word)
        if number is None:
            cell = parse_cell(word)
            number = int(cell.value) if cell.mark is Mark.NUMBER and cell.value == int(cell.value) else None
        following = words[position + 1 : position + 3]
        if number is not None and 0 < number < threshold and any(next_ in _PEOPLE for next_ in following):
            found.append(" ".join(words[position : position + 3]))
    of = (m for m in _OF.finditer(line[:_MOST_LINE]) if (m["who"] or m["whom"]).lower() in _PEOPLE)
    return [*found, *(m[0] for m in of if int(m["a"] or m["b"]) < threshold)]


def told_extremes(line: str) -> list[str]:
    """Somebody's value: "the oldest participant was 103", "age range: 18 to 101"."""
    return [match[0] for match in _EXTREME.finditer(line[:_MOST_LINE])]


def told_births(line: str) -> list[str]:
    """When somebody was born: "born on 14/02/1951", "DOB 1951-02-14"."""
    return [match[0] for match in _BORN.finditer(line[:_MOST_LINE])]
