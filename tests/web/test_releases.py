"""Names under which browsers save files."""

import pytest

from output_checker.web.pages.releases import disposition


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("tables/visits.csv", "visits.csv"),
        ('a"b.csv', "a_b.csv"),
        ("a\r\nSet-Cookie: x.csv", "a__Set-Cookie_ x.csv"),
        ("../../etc/passwd", "passwd"),
        ("..", "output"),
        ("é.csv", "_.csv"),
        ("evil\u202egpj.csv", "evil_gpj.csv"),
    ],
)
def test_a_name_is_plain_and_stays_in_its_header(path: str, plain: str) -> None:
    header = disposition(path)
    assert header.startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''")
    assert header.isascii()
    assert "\r" not in header
    assert "\n" not in header
