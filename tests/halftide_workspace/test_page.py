"""The headers of a workspace name one workspace, and no other of the same origin."""

import pytest

from halftide_workspace.page import Place, content_security_policy, headers, is_foreign_use, xsrf_cookie
from output_checker.model import BadInput

HERE = Place.of("http://ada.localhost:8000/user/ada/tides/")
SECURE = Place.of("https://ada.example.org/user/ada/tides")


def directives(place: Place) -> dict[str, str]:
    parts = content_security_policy(place).split("; ")
    return {name: sources for name, _, sources in (part.partition(" ") for part in parts)}


def test_the_page_may_not_download_open_windows_or_be_framed() -> None:
    found = directives(HERE)
    assert found["sandbox"] == "allow-scripts allow-same-origin allow-forms allow-modals"
    for name in ("default", "worker", "object", "frame"):
        assert found[f"{name}-src"] == "'none'"
    assert found["base-uri"] == found["form-action"] == found["frame-ancestors"] == "'none'"


def test_no_source_is_wider_than_this_workspace() -> None:
    for place in (HERE, SECURE):
        found = directives(place)
        assert "'self'" not in content_security_policy(place), "that would be all projects of the person"
        sources = [source for name, text in found.items() if name != "sandbox" for source in text.split()]
        addresses = [source for source in sources if "//" in source]
        assert addresses
        for address in addresses:
            assert address.partition("://")[2].startswith(place.url.partition("://")[2]), address
            assert address.endswith("/"), "without it the source would be one file"
    assert "ws://ada.localhost:8000/user/ada/tides/" in directives(HERE)["connect-src"]
    assert "wss://ada.example.org/user/ada/tides/" in directives(SECURE)["connect-src"]


def test_the_page_may_lead_to_the_hub_and_the_portal_and_nowhere_else() -> None:
    told = headers(HERE, ("http://localhost:8000", "http://portal.localhost:8000/services/x/"))["Connection-Allowlist"]
    assert told == (
        '("http://ada.localhost:8000/user/ada/tides/*" "ws://ada.localhost:8000/user/ada/tides/*" '
        '"http://localhost:8000" "http://portal.localhost:8000");redirects=allow'
    )
    assert "portal" not in headers(HERE, ("", ""))["Connection-Allowlist"]


def test_over_tls_it_is_held_on_to_and_the_cookie_stays_on_it() -> None:
    assert "Strict-Transport-Security" not in headers(HERE)
    assert headers(SECURE)["Strict-Transport-Security"] == "max-age=31536000"
    assert (xsrf_cookie(HERE)["secure"], xsrf_cookie(SECURE)["secure"]) == (False, True)


@pytest.mark.parametrize(
    "url", ["", "nothing", "ftp://a/b", "http://", "http://a;b/c", "http://a/b; script-src *", "http://a/'self'/"]
)
def test_a_place_is_one_address_that_can_not_say_more(url: str) -> None:
    with pytest.raises(BadInput, match="an address of its own"):
        Place.of(url)


@pytest.mark.attack
@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "same-origin", "Sec-Fetch-Dest": "serviceworker"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "same-origin", "Sec-Fetch-Dest": "worker"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "embed"},
        {"Service-Worker": "script"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "websocket", "Sec-Fetch-Dest": "websocket"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "object"},
    ],
)
def test_an_answer_is_not_embedded_and_not_given_to_another_origin(sent: dict[str, str]) -> None:
    assert is_foreign_use("GET", sent)


def test_the_page_itself_a_followed_link_and_a_program_are_answered() -> None:
    own = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
    link = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert not any(is_foreign_use("GET", sent) for sent in (own, link, {}))
    assert is_foreign_use("POST", link)
