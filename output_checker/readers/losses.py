"""The list of what did not come along. It promises to stay short: many losses of a sort become one line."""

from dataclasses import dataclass, field, replace

from output_checker.model import Dropped

MOST_LISTED = 400
SAMPLE_CHARACTERS = 2_000
CARRIER_CHARACTERS = 65_536
"""A carrier of data is sampled this far, so that the rules can see what it holds."""
ALL_SAMPLES = 2_000_000
"""Characters of all samples together; beyond them each is cut to the short length."""
_CARRIERS = frozenset(
    ("widget-state", "metadata", "attachment", "mime", "hidden-html", "comment", "second-mime", "source", "figure-data")
)
DETAIL_CHARACTERS = 200
SORTS_NAMED = 6


class Unreadable(Exception):
    """The file can't be turned into a model; the text is a sentence for the person who sent it."""


@dataclass
class _Tally:
    """Many small losses of one code at one place."""

    noun: str
    count: int = 0
    sorts: dict[str, int] = field(default_factory=dict)
    sample: str = ""

    def dropped(self, what: str, where: str) -> Dropped:
        named = sorted(self.sorts.items(), key=lambda item: -item[1])
        said = ", ".join(f"{sort} x{n}" if n > 1 else sort for sort, n in named[:SORTS_NAMED])
        more = f" and {len(named) - SORTS_NAMED} more" if len(named) > SORTS_NAMED else ""
        detail = f"{self.count} {self.noun}" + (f": {said}{more}" if said else "")
        return Dropped(what, _line(where), _line(detail), self.count, sample_of(self.sample, length_for(what)))


@dataclass
class Losses:
    """Collects ``Dropped`` while a file is read."""

    _items: list[Dropped] = field(default_factory=list)
    _tallies: dict[tuple[str, str, str], _Tally] = field(default_factory=dict)
    _beyond: dict[str, tuple[int, int]] = field(default_factory=dict)
    _sampled: int = 0

    def add(self, what: str, where: str, detail: str, size: int = 0, sample: str = "") -> None:
        """Note one loss. Long texts are cut; beyond a few hundred, only the number for each code is kept."""
        self._keep(Dropped(what, _line(where), _line(detail), size, sample_of(sample, length_for(what))))

    def count(self, what: str, where: str, noun: str, number: int = 1, *, sort: str = "", sample: str = "") -> None:
        """Note ``number`` more of many small losses that become one line: "12 attributes: id x8, title x4"."""
        tally = self._tallies.setdefault((what, where, noun), _Tally(noun))
        tally.count += number
        if sort and (sort in tally.sorts or len(tally.sorts) < 200):
            tally.sorts[sort] = tally.sorts.get(sort, 0) + number
        if sample and len(tally.sample) < length_for(what):
            tally.sample += ("\n" if tally.sample else "") + sample[: length_for(what)]

    def take(self, other: "Losses", within: str = "") -> None:
        """Note everything that another list holds, placed ``within`` something larger."""
        for loss in other.listed():
            where = _line(f"{within}, {loss.where}" if within and loss.where else within or loss.where)
            self._keep(replace(loss, where=where))

    def listed(self) -> tuple[Dropped, ...]:
        """All losses; the last lines count those that were not listed."""
        whole = Losses(list(self._items), {}, dict(self._beyond), self._sampled)
        for (what, where, _), tally in self._tallies.items():
            whole._keep(tally.dropped(what, where))
        rest = [
            Dropped(what, "", f"{number} more like this are not listed one by one", size)
            for what, (number, size) in sorted(whole._beyond.items())
        ]
        if rest:
            rest.append(Dropped("limit", "", f"only the first {MOST_LISTED} of what was dropped are listed"))
        return (*whole._items, *rest)

    def _keep(self, loss: Dropped) -> None:
        if len(self._items) < MOST_LISTED:
            if self._sampled + len(loss.sample) > ALL_SAMPLES:
                loss = replace(loss, sample=loss.sample[:SAMPLE_CHARACTERS])
            self._sampled += len(loss.sample)
            self._items.append(loss)
            return
        number, size = self._beyond.get(loss.what, (0, 0))
        self._beyond[loss.what] = (number + 1, size + loss.size)


def length_for(what: str) -> int:
    """How much of a loss is sampled."""
    return CARRIER_CHARACTERS if what in _CARRIERS else SAMPLE_CHARACTERS


def sample_of(text: str, length: int = SAMPLE_CHARACTERS) -> str:
    """The beginning of a text, in characters that can travel: lone surrogates become question marks."""
    return text[:length].encode("utf-8", "replace").decode("utf-8")


def _line(text: str) -> str:
    """One printable line."""
    shown = "".join(c if c.isprintable() else " " for c in text[: DETAIL_CHARACTERS * 2])
    shown = sample_of(" ".join(shown.split()))
    return shown if len(shown) <= DETAIL_CHARACTERS else shown[: DETAIL_CHARACTERS - 1] + "…"
