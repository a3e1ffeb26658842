"""Direct identifiers (I01-I06, I08, I10, I13): numbers with check digits, addresses, names, keys.

Promises to weigh a hit by how often chance makes one: 9.1 % of random ten-digit numbers pass the NHS check digit, so
one
hit by itself is no failure. Searches texts, word cells, headers, the file's name and the samples of what was dropped.
"""

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from output_checker.disclosure.anchors import Anchored
from output_checker.disclosure.patterns import (
    AT_SIGN,
    CARD,
    IBAN,
    IP_ADDRESS,
    MAC_ADDRESS,
    NAME,
    NATIONAL_INSURANCE,
    PHONE,
    POSTCODE,
    SECRET,
    TEN_DIGITS,
)
from output_checker.disclosure.subject import Subject
from output_checker.disclosure.words import LABELS, Meaning, normal
from output_checker.model import Finding, Severity, Where

_BAD_NINO = frozenset({"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})
_AREAS = frozenset(
    (
        "AB", "AL", "B", "BA", "BB", "BD", "BH", "BL", "BN", "BR", "BS", "BT", "CA", "CB", "CF", "CH", "CM", "CO",
        "CR", "CT", "CV", "CW", "DA", "DD", "DE", "DG", "DH", "DL", "DN", "DT", "DY", "E", "EC", "EH", "EN", "EX",
        "FK", "FY", "G", "GL", "GU", "GY", "HA", "HD", "HG", "HP", "HR", "HS", "HU", "HX", "IG", "IM", "IP", "IV",
        "JE", "KA", "KT", "KW", "KY", "L", "LA", "LD", "LE", "LL", "LN", "LS", "LU", "M", "ME", "MK", "ML", "N",
        "NE", "NG", "NN", "NP", "NR", "NW", "OL", "OX", "PA", "PE", "PH", "PL", "PO", "PR", "RG", "RH", "RM", "S",
        "SA", "SE", "SG", "SK", "SL", "SM", "SN", "SO", "SP", "SR", "SS", "ST", "SW", "SY", "TA", "TD", "TF", "TN",
        "TQ", "TR", "TS", "TW", "UB", "W", "WA", "WC", "WD", "WF", "WN", "WR", "WS", "WV", "YO", "ZE",
    )
)  # fmt: skip
MOST_HITS = 500
_LOCAL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}$")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b")
_HARMLESS_DOMAIN = re.compile(
    r"(?:^|\.)(example\.(?:com|org|net)|localhost|python\.org|r-project\.org|github\.com|invalid|test)$"
)
_ROLE = re.compile(
    r"(?:\w+[.-])?(team|info|contact|support|enquir\w+|inquir\w+|help(desk)?|office|admin|feedback|press|data|service|"
    r"statistics)([.-]\w+)?"
)
"""Mailboxes of an office and not of a person."""
_LICENCE = re.compile(r"\b(licen[cs]e|copyright|maintainer|package|author[s:]|version|bug reports?)\b", re.IGNORECASE)
_REMOVE = "Remove it. If the whole file is about single people, release a summary instead."
UNLIKELY = 0.02
"""A count of check digits that chance gives less often than this is no chance."""
_ISBN = re.compile(r"\bisbn\b|\b97[89][- ]?$", re.IGNORECASE)
_NHS_HEADER = re.compile(r"(.*\b)?nhs( ?(no|num|number|id))?\b.*|.*\bchi\b.*")


def passes_nhs(digits: str) -> bool:
    """Check digit of an NHS or CHI number: weights 10..2, 11 - sum mod 11; 11 is 0, 10 is invalid. NHS data
    dictionary."""
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    check = 11 - sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check != 10 and int(digits[9]) == check % 11


def _is_chi(digits: str) -> bool:
    """A CHI number begins with a date of birth, ddmmyy."""
    try:
        dt.date(1900 + int(digits[4:6]), int(digits[2:4]), int(digits[:2]))
    except ValueError:
        return False
    return True


def tail(hits: int, candidates: int, chance: float = 1 / 11) -> float:
    """How often that many random ten-digit numbers would give that many hits or more (binomial)."""
    if candidates > 2000:
        mean, spread = candidates * chance, math.sqrt(candidates * chance * (1 - chance))
        return 0.5 * math.erfc((hits - 0.5 - mean) / spread / math.sqrt(2))
    return sum(
        math.comb(candidates, k) * chance**k * (1 - chance) ** (candidates - k) for k in range(hits, candidates + 1)
    )


def find_nhs_numbers(subject: Subject) -> Iterator[Finding]:
    """I01 NHS number, I02 CHI: two distinct hits beyond chance, or one under a header that says so, fail."""
    hits: dict[str, Where] = {}
    candidates: set[str] = set()
    hinted = formatted = False
    for hit in subject.scan.find(TEN_DIGITS):
        match = hit.match
        digits = match[1] + match[3] + match[4]
        if _ISBN.search(hit.before[-24:]) or _ISBN.search(normal(hit.piece.hint)):
            continue
        candidates.add(digits)
        if passes_nhs(digits):
            hits.setdefault(digits, hit.where)
            around = hit.before[-40:].lower()
            hinted |= bool(_NHS_HEADER.fullmatch(normal(hit.piece.hint))) or "nhs" in around or "chi no" in around
            formatted |= bool(match[2])
    for digits, where, hint in _numeric_candidates(subject):
        candidates.add(digits)
        if passes_nhs(digits):
            hits.setdefault(digits, where)
            hinted |= hint
    if not hits:
        return
    unlikely = tail(len(hits), len(candidates)) < UNLIKELY
    rule = "I02" if all(_is_chi(digits) for digits in hits) and len(hits) > 1 else "I01"
    certain = hinted or (len(hits) >= 2 and unlikely)
    if not certain and not formatted and len(hits) >= 2 and not unlikely:
        severity = Severity.NOTE
    else:
        severity = _weighed(Severity.FAIL if certain else Severity.REVIEW, hits.values())
    yield Finding(
        rule,
        severity,
        tuple(hits.values())[:500],
        f"{len(hits)} of {len(candidates)} ten-digit numbers have the check digit of an NHS number (chance would give "
        f"{len(candidates) / 11:.1f}).",
        _REMOVE,
    )


def _numeric_candidates(subject: Subject) -> Iterator[tuple[str, Where, bool]]:
    """Ten-digit whole numbers in number columns."""
    for sheet in subject.sheets:
        with np.errstate(invalid="ignore"):
            whole = (sheet.values >= 1e8) & (sheet.values < 1e10) & (sheet.values == np.floor(sheet.values))
        for row, column in np.argwhere(whole & sheet.numeric)[:20_000]:
            named = sheet.named[column]
            if (named is not None and named is not Meaning.COUNT) or sheet.column_meaning[column] not in (
                *LABELS,
                Meaning.COUNT,
                Meaning.UNKNOWN,
            ):
                continue
            if _ISBN.search(normal(sheet.headers[column])):
                continue
            digits = re.sub(r"\D", "", sheet.text(int(row), int(column)).removesuffix(".0")).zfill(10)
            hint = bool(_NHS_HEADER.fullmatch(normal(sheet.headers[column])))
            if len(digits) == 10 and (digits[0] != "0" or sheet.text(int(row), int(column)).startswith("0") or hint):
                yield digits, sheet.where(int(row), int(column)), hint


def find_emails(subject: Subject) -> Iterator[Finding]:
    """I05 email: searched from each "@" outwards, so that no text makes it slow; licences and package authors are
    left out."""
    text = subject.scan.whole
    found: dict[str, Where] = {}
    for hit in subject.scan.find(AT_SIGN):
        position = hit.match.start()
        local, domain = _LOCAL.search(text[max(0, position - 64) : position]), _DOMAIN.match(text, position + 1)
        if not local or not domain or _HARMLESS_DOMAIN.search(domain[0].lower()) or len(found) >= MOST_HITS:
            continue
        line = hit.before + hit.piece.text[hit.offset :].partition("\n")[0]
        if (
            not _LICENCE.search(line)
            and not local[0].lower().startswith(("noreply", "no-reply"))
            and not _ROLE.fullmatch(local[0].lower())
        ):
            where = hit.where
            shown = Where(where.part, where.row, where.column, where.label, "...@" + domain[0][:30])
            found.setdefault(local[0] + "@" + domain[0], shown)
    if found:
        severity = _weighed(Severity.FAIL, found.values())
        yield Finding(
            "I05", severity, tuple(found.values()), f"{_many(len(found), 'e-mail address', 'es')} shown.", _REMOVE
        )


def find_national_numbers(subject: Subject) -> Iterator[Finding]:
    """I03 National Insurance number: two letters with HMRC's prefix rules, six digits, A-D."""
    yield from _by_pattern(
        subject,
        "I03",
        NATIONAL_INSURANCE,
        lambda m: m[1] not in _BAD_NINO,
        "National Insurance number",
        sure_from=2,
        hint="ni |nino|insurance",
    )


def find_postcodes(subject: Subject) -> Iterator[Finding]:
    """I04 postcode: whole unit postcodes of areas that exist."""
    yield from _by_pattern(
        subject, "I04", POSTCODE, lambda m: m[1] in _AREAS, "postcode", sure_from=2, hint="post ?code|address"
    )


def find_phones(subject: Subject) -> Iterator[Finding]:
    """I06 phone: UK numbers of ten or eleven digits."""
    yield from _by_pattern(
        subject, "I06", PHONE, _always, "telephone number", sure_from=2, hint="phone|tel|mobile|contact"
    )


def find_accounts(subject: Subject) -> Iterator[Finding]:
    """I10 finance/other: payment cards (Luhn), IBANs (mod 97), network addresses."""
    yield from _by_pattern(
        subject, "I10", CARD, lambda m: _luhn(re.sub(r"\D", "", m[0])), "card number", sure_from=2, hint="card"
    )
    yield from _by_pattern(subject, "I10", IBAN, lambda m: _iban(m[0]), "bank account number", sure_from=1, hint="")
    yield from _by_pattern(subject, "I10", MAC_ADDRESS, _always, "device address", sure_from=2, hint="mac|device")
    yield from _by_pattern(
        subject,
        "I10",
        IP_ADDRESS,
        lambda m: not m[0].startswith(("0.", "127.", "255.")),
        "network address",
        sure_from=3,
        hint=r"\bip\b|host",
    )


def _luhn(digits: str) -> bool:
    if not 13 <= len(digits) <= 19:
        return False
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _iban(text: str) -> bool:
    plain = text.replace(" ", "")
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def find_secrets(subject: Subject) -> Iterator[Finding]:
    """I13 credentials: keys, tokens, passwords, connection strings."""
    yield from _by_pattern(subject, "I13", SECRET, _always, "password or key", sure_from=1, hint="")


def find_names(subject: Subject) -> Iterator[Finding]:
    """I08 names: a title and a capitalised name. The data's own names are compared in evidence."""
    yield from _by_pattern(subject, "I08", NAME, _always, "name of a person", sure_from=2, hint="name")


def _always(_: re.Match[str]) -> bool:
    return True


def _weighed(severity: Severity, places: Iterable[Where]) -> Severity:
    """What was left out already is for a person to know, and blocks nothing."""
    if all(where.label.startswith("left out:") for where in places):
        return Severity.REVIEW if severity is Severity.FAIL else Severity.NOTE
    return severity


@dataclass(frozen=True)
class Named:
    """Identifiers in a text: how many different ones, what they are, and whether a name beside one makes it sure."""

    count: int
    what: str
    sure: bool = False


_NEAR = 48
_PATTERNS: tuple[tuple[str, Anchored, Callable[[re.Match[str]], bool]], ...] = (
    ("National Insurance number", NATIONAL_INSURANCE, lambda m: m[1] not in _BAD_NINO),
    ("postcode", POSTCODE, lambda m: m[1] in _AREAS),
    ("card number", CARD, lambda m: _luhn(re.sub(r"\D", "", m[0]))),
    ("bank account number", IBAN, lambda m: _iban(m[0])),
    ("password or key", SECRET, lambda _: True),
    ("name of a person", NAME, lambda _: True),
)


def people_in(text: str) -> Named:
    """The identifiers in a text that no table explains. Ten-digit numbers count where they are more than chance."""
    found: dict[str, str] = {}
    for what, pattern, valid in _PATTERNS:
        for match in pattern.pattern.finditer(text):
            if valid(match) and len(found) < MOST_HITS:
                found.setdefault(match[0], what)
    for match in AT_SIGN.pattern.finditer(text):
        local = _LOCAL.search(text[max(0, match.start() - 64) : match.start()])
        domain = _DOMAIN.match(text, match.end())
        if local and domain and not _HARMLESS_DOMAIN.search(domain[0].lower()) and len(found) < MOST_HITS:
            found.setdefault(f"{local[0]}@{domain[0]}", "e-mail address")
    sure = False
    candidates = {m[1] + m[3] + m[4]: m.start() for m in TEN_DIGITS.pattern.finditer(text)}
    hits = {digits: at for digits, at in candidates.items() if passes_nhs(digits) and not _is_isbn(text, at)}
    for at in hits.values():
        sure |= bool(re.search(r"nhs|\bchi\b|patient", text[max(0, at - _NEAR) : at], re.IGNORECASE))
    if hits and (sure or tail(len(hits), len(candidates)) < UNLIKELY or len(candidates) == 1):
        found.update(dict.fromkeys(hits, "NHS number"))
    kinds = sorted(set(found.values()))
    what = f"{len(found)} identifiers ({', '.join(kinds)})" if len(found) > 1 else f"a {kinds[0]}" if kinds else ""
    return Named(len(found), what, sure)


def _is_isbn(text: str, at: int) -> bool:
    """A book's number shares the check digit: the word stands before it."""
    return bool(_ISBN.search(text[max(0, at - 24) : at]))


def _many(number: int, what: str, ending: str = "s") -> str:
    return f"1 {what} is" if number == 1 else f"{number} {what}{ending} are"


def _by_pattern(
    subject: Subject,
    rule: str,
    pattern: Anchored,
    valid: Callable[[re.Match[str]], bool],
    what: str,
    *,
    sure_from: int,
    hint: str,
) -> Iterator[Finding]:
    """Distinct valid hits of a pattern; enough of them, or a header that names them, fail; fewer are for a person."""
    found: dict[str, Where] = {}
    hinted = False
    for hit in subject.scan.find(pattern):
        if valid(hit.match) and len(found) < MOST_HITS:
            found.setdefault(hit.match[0], hit.where)
            hinted |= bool(hint) and bool(re.search(hint, normal(hit.piece.hint)))
    if found:
        severity = _weighed(Severity.FAIL if hinted or len(found) >= sure_from else Severity.REVIEW, found.values())
        yield Finding(rule, severity, tuple(found.values())[:500], f"{_many(len(found), what)} shown.", _REMOVE)


RULES = (
    find_nhs_numbers,
    find_emails,
    find_national_numbers,
    find_postcodes,
    find_phones,
    find_accounts,
    find_secrets,
    find_names,
)
