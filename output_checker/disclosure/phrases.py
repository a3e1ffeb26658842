"""Numbers in sentences."""


def many(number: int, noun: str) -> str:
    """ "1 cell", "3 cells"; "1 percentage of ...": the noun's first word takes the plural."""
    if number == 1:
        return f"1 {noun}"
    head, space, rest = noun.partition(" of ")
    plural = f"{head[:-1]}ies" if head.endswith("y") and head[-2] not in "aeiou" else f"{head}s"
    return f"{number:,} {plural}{space}{rest}"
