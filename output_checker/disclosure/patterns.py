"""What identifiers look like: the exact patterns, each with the anchor by which it is found in much text.

Every match lies within one line. Check digits, prefixes and how often chance makes a match are weighed by the rules.
"""

import re

from output_checker.disclosure.anchors import Anchored

TEN_DIGITS = Anchored(re.compile(r"(?<![\d.])(\d{3})([ -]?)(\d{3})\2(\d{4})(?!\d|\.\d)"), r"\d{3}[ -]?\d{3}[ -]?\d{4}")
NATIONAL_INSURANCE = Anchored(
    re.compile(r"\b([A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]) ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"),
    r"[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]",
)
POSTCODE = Anchored(
    re.compile(r"(?<![#\w])([A-Z]{1,2})(\d[A-Z\d]?) ?(\d[ABD-HJLNP-UW-Z]{2})(?!\w)"), r"[A-Z]\d[A-Z\d]? ?\d[A-Z]{2}"
)
AT_SIGN = Anchored(re.compile(r"@(?=[A-Za-z0-9-]{1,63}\.)"), r"@[A-Za-z0-9-]{1,63}\.")
PHONE = Anchored(
    re.compile(
        r"(?<![\d.\w])(?:\+44[^\S\n]?\(?0?\)?[^\S\n]?|\(?0)"
        r"(?:7\d{3}[ -]?\d{3}[ -]?\d{3}|1\d{2,4}\)?[ -]?\d{3}[ -]?\d{3,4}|2\d\)?[ -]?\d{4}[ -]?\d{4})(?!\d|\.\d)"
    ),
    r"0(7\d{3}[ -]?\d{3}[ -]?\d{3}|1\d{2,4}\)?[ -]?\d{3}[ -]?\d{3}|2\d\)?[ -]?\d{4}[ -]?\d{4})|\+44",
)
CARD = Anchored(
    re.compile(r"(?<![\d.])(?:4\d{3}|5[1-5]\d{2}|3[47]\d{2}|6011)[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,4}(?!\d|\.\d)"),
    r"\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d",
)
IBAN = Anchored(
    re.compile(r"\b[A-Z]{2}\d{2} ?(?:[A-Z0-9]{4} ?){2,7}[A-Z0-9]{1,4}\b"),
    r"[A-Z]{2}\d{2} ?[A-Z0-9]{4} ?[A-Z0-9]{4}",
)
IP_ADDRESS = Anchored(
    re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])"),
    r"\d\.\d{1,3}\.\d{1,3}\.\d",
)
MAC_ADDRESS = Anchored(
    re.compile(r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b"), r"([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}"
)
SECRET = Anchored(
    re.compile(
        r"\bAKIA[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----|\bgh[pousr]_[A-Za-z0-9]{30,}|\bxox[abp]-[\w-]{10,}|"
        r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,}|\b\w+://[^\s:/@]{1,64}:[^\s/@]{1,64}@[\w.-]+|"
        r"\b(?:password|passwd|pwd|secret|api[_-]?key|token)[^\S\n]*[=:][^\S\n]*['\"]?[^\s'\",;]{6,}",
        re.IGNORECASE,
    ),
    r"AKIA[0-9A-Z]{16}|PRIVATE KEY-----|gh[pousr]_[A-Za-z0-9]{30}|xox[abp]-|eyJ[^\s.]{10}|://[^\s:/@]{1,64}:|"
    r"(password|passwd|pwd|secret|api[_-]?key|token)[^\S\n]*[=:]",
    fold=True,
)
NAME = Anchored(
    re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Dame|Lady|Lord|Master)\.? (?:[A-Z][a-z'-]+ ){0,2}[A-Z][a-z'-]{1,}\b"),
    r"(Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Dame|Lady|Lord|Master)\.? [A-Z]",
)

IDENTIFIERS = (
    TEN_DIGITS,
    NATIONAL_INSURANCE,
    POSTCODE,
    AT_SIGN,
    PHONE,
    CARD,
    IBAN,
    IP_ADDRESS,
    MAC_ADDRESS,
    SECRET,
    NAME,
)
