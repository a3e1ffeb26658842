"""Identifiers of people (family I) and the chance hits that are none."""

import random

import pytest
from outputs import failing, findings, prose, rules, table

from output_checker.disclosure.rules.identifiers import passes_nhs, people_in, tail
from output_checker.model import Dropped, Kind, Output, Severity, Text


def numbers(count: int, seed: int = 4) -> list[str]:
    """Ten-digit numbers with a right check digit."""
    source = random.Random(seed)  # noqa: S311 - the same numbers at every run
    found: list[str] = []
    while len(found) < count:
        digits = str(source.randrange(4_000_000_000, 7_999_999_999))
        if passes_nhs(digits):
            found.append(digits)
    return found


def test_the_check_digit() -> None:
    assert passes_nhs("9434765919")
    assert not passes_nhs("9434765918")
    assert not passes_nhs("1111111111")


def test_one_in_eleven_random_numbers_passes() -> None:
    source = random.Random(1)  # noqa: S311 - the same numbers at every run
    hits = sum(passes_nhs(str(source.randrange(10**9, 10**10))) for _ in range(20_000))

    assert 0.083 < hits / 20_000 < 0.1


def test_two_hits_of_two_fail() -> None:
    first, second = numbers(2)

    assert "I01" in failing(prose(f"We left out {first} and {second}."))


def test_one_hit_is_no_failure() -> None:
    (number,) = numbers(1)

    assert "I01" not in failing(prose(f"The checksum was {number}."))


def test_one_hit_under_its_name_fails() -> None:
    (number,) = numbers(1)

    assert "I01" in failing(table(f"nhs_number,n\n{number},20\n"))
    assert "I01" in failing(prose(f"NHS no. {number[:3]} {number[3:6]} {number[6:]}"))


def test_hits_that_chance_explains_are_no_finding() -> None:
    source = random.Random(9)  # noqa: S311 - the same numbers at every run
    text = "\n".join(f"took {source.randrange(10**9, 10**10)} ns" for _ in range(200))

    assert "I01" not in rules(prose(text))


def test_chance_arithmetic() -> None:
    assert tail(1, 1) == pytest.approx(1 / 11)
    assert tail(2, 2) == pytest.approx(1 / 121)
    assert tail(20, 200) > 0.3


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("I05", "Write to amy.somebody@trust.nhs.uk please."),
        ("I03", "AB 12 34 56 C and CE987654A were removed"),
        ("I04", "Patients lived in LS2 9JT and HU6 7RX."),
        ("I06", "Call 0113 496 0123 or 020 7946 0958."),
        ("I10", "Cards 4111 1111 1111 1111 and 5500 0000 0000 0004"),
        ("I10", "IBAN GB29 NWBK 6016 1331 9268 19"),
        ("I13", "password=correcthorse and AKIAIOSFODNN7EXAMPLE"),
        ("I08", "Seen by Dr Jane Smithson and Mr Alan Porter"),
    ],
)
def test_identifiers_in_text(rule: str, text: str) -> None:
    assert rule in failing(prose(text))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("I05", "Maintainer: Core Team <core@stats-package.dev>, MIT licence"),
        ("I05", "matrix product a @ b"),
        ("I05", "someone@example.com"),
        ("I04", "colour #E5 3AB and model E5 turbo"),
        ("I03", "part numbers QQ123456C and BG123456A"),
        ("I06", "0.113496012 and 01134"),
        ("I10", "4111 1111 1111 1112"),
        ("I08", "Mr and Mrs are titles"),
    ],
)
def test_near_misses(rule: str, text: str) -> None:
    assert rule not in rules(prose(text))


def test_birth_dates_names_and_places() -> None:
    assert "I07" in failing(table("date_of_birth,n\n1950-03-04,20\n1961-07-08,30"))
    assert "I08" in failing(table("surname,n\nSmithson,20\nPorter,30"))
    assert "I11" in failing(table("lat,lon,n\n53.80123,-1.54912,20\n53.79331,-1.56004,31"))


def test_an_identifier_that_was_left_out_is_told() -> None:
    dropped = Dropped("metadata", "notebook", "author", 20, "amy.somebody@trust.nhs.uk")
    output = Output(Kind.NOTEBOOK, "", (Text("", "Words.", "body"),), b"x", (dropped,))

    assert "I05" in rules(output)
    assert "I05" not in failing(output)


def test_a_name_of_a_file_is_searched() -> None:
    first, second = numbers(2)
    found = findings(prose("Words."), name=f"{first}-{second}.csv")

    assert any(f.rule == "I01" and f.severity is Severity.FAIL for f in found)


def test_values_are_not_repeated_in_findings() -> None:
    first, second = numbers(2)
    for finding in findings(prose(f"{first} {second}")):
        assert first not in finding.message
        assert all(first not in where.value for where in finding.where)


def test_numbers_of_books_share_the_check_digit() -> None:
    books = numbers(5)

    assert "I01" not in rules(prose("\n".join(f"Handbook, vol. {n}. ISBN {book}" for n, book in enumerate(books))))
    assert "I01" not in rules(table("isbn,loans\n" + "\n".join(f"{book},{120 + n}" for n, book in enumerate(books))))
    assert "I01" in failing(prose("\n".join(f"Letter {n} to {book}" for n, book in enumerate(books))))


def test_an_office_is_no_person() -> None:
    assert "I05" not in rules(prose("Contact: statistics.enquiries@ons.gov.uk"))
    assert "I05" in failing(prose("Contact: mary.thornton@ons.gov.uk"))


@pytest.mark.parametrize(
    ("text", "count"),
    [("4111 1111 1111 1111", 1), ("4111 1111 1111 1112", 0), ("GB82 WEST 1234 5698 7654 32", 1),
     ("GB82 WEST 1234 5698 7654 33", 0), ("10.0.0", 0)],
)  # fmt: skip
def test_i10_check_digits(text: str, count: int) -> None:
    assert people_in(text).count == count


def test_people_in_a_text_are_counted_once() -> None:
    number = numbers(1)[0]

    assert people_in(f"nhs {number}, {number}").sure
    assert people_in(f"nhs {number}, {number}").count == 1
    assert people_in("n = 1200, mean 3.4") == people_in("")
