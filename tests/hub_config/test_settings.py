"""Settings come from one file and the environment, and what is unsafe or unknown is refused in words."""

import json
from pathlib import Path

import pytest

from hub_config.settings import Settings, read_settings
from output_checker.model import BadInput


def test_without_any_setting_the_demo_address_is_used(tmp_path: Path) -> None:
    settings = read_settings({}, tmp_path)
    assert settings.state == tmp_path / "state"
    assert (settings.url, settings.port, settings.subdomains) == ("http://localhost:8000", 8000, True)
    assert settings.origin_of("researcher") == "http://researcher.localhost:8000"
    assert settings.portal_page == "http://output-checker--service.localhost:8000/services/output-checker/"
    assert settings.portal_api == "http://127.0.0.1:8082/services/output-checker/api/v1"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "halftide.toml").write_text('url = "http://localhost:9000"\nportal_port = 9001\nsubdomains = false\n')
    settings = read_settings({"HALFTIDE_URL": "http://localhost:9100/", "HALFTIDE_STATE": "elsewhere"}, tmp_path)
    assert (settings.url, settings.portal_port) == ("http://localhost:9100", 9001)
    assert settings.state == tmp_path / "elsewhere"
    assert settings.portal_page == "http://localhost:9100/services/output-checker/"


def test_another_file_can_be_named_and_must_then_be_there(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('state = "kept"\n')
    assert read_settings({"HALFTIDE_CONFIG": "site.toml"}, tmp_path).state == tmp_path / "kept"
    with pytest.raises(BadInput, match=r"no settings file .*other\.toml"):
        read_settings({"HALFTIDE_CONFIG": "other.toml"}, tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("adress = 1", "no setting called adress"),
        ('gate_token = "x"', "secrets are not kept in this file"),
        ("portal_port = 0", "a port is a number from 1 to 65535"),
        ("portal_port = true", "a port is a number from 1 to 65535"),
        ("portal_port = 8000", "must differ"),
        ('subdomains = "yes"', "is on or off"),
        ('url = "http://halftide.example.org"', "would send passwords in the clear"),
        ('url = "https://halftide.example.org"', "needs tls_certificate and tls_key"),
        ('url = "https://ht.example.org"\ntls_certificate = "c"\ntls_key = "k"', "there is no file .*c, which"),
        ('tls_key = "key.pem"', "need an https address"),
        ('tls = "off"', 'tls is "own"'),
        ('tls = "proxy"', 'tls = "proxy" needs an https address'),
        ('url = "https://ht.example.org"\ntls = "proxy"\ntls_key = "k"', "belong to that proxy"),
        ('trusted_proxies = "anybody"', "a list of IP addresses"),
        ("trusted_proxies = []", "a list of IP addresses"),
        ("trusted_proxies = [10]", "a list of IP addresses"),
        ("listen_port = 0", "a port is a number from 1 to 65535"),
        ('url = "http://user:secret@localhost:8000"', "scheme, host and port"),
        ('url = "http://localhost:8000/halftide"', "scheme, host and port"),
        ('url = "http://localhost:99999"', "scheme, host and port"),
        ('url = "ftp://localhost"', "scheme, host and port"),
        ("url = 8000", "expected text"),
        ('bind = "localhost"', "bind must be an IP address"),
        ('state = "/"', "a folder of its own"),
        ("state = 3", "a path must be text"),
        ("url = ", "is not TOML"),
    ],
)
def test_unsafe_and_unknown_settings_are_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "halftide.toml").write_text(text)
    with pytest.raises(BadInput, match=words):
        read_settings({}, tmp_path)


def test_an_ip_address_has_no_subdomains(tmp_path: Path) -> None:
    tls = {"HALFTIDE_TLS_CERTIFICATE": "c.pem", "HALFTIDE_TLS_KEY": "k.pem"}
    for name in tls.values():
        (tmp_path / name).touch()
    address = {"HALFTIDE_URL": "https://192.0.2.7", **tls}
    with pytest.raises(BadInput, match="has no subdomains"):
        read_settings(address, tmp_path)
    settings = read_settings(address | {"HALFTIDE_SUBDOMAINS": "0"}, tmp_path)
    assert (settings.port, settings.secure) == (443, True)


def test_behind_a_tls_proxy_the_address_is_https_and_no_certificate_is_needed(tmp_path: Path) -> None:
    (tmp_path / "halftide.toml").write_text(
        'url = "https://ht.example.org"\ntls = "proxy"\ntrusted_proxies = ["192.0.2.1", "::1"]\nlisten_port = 8000\n'
    )
    settings = read_settings({}, tmp_path)
    assert (settings.secure, settings.behind_proxy, settings.port) == (True, True, 8000)
    assert settings.trusted_proxies == ("192.0.2.1", "::1")
    told = read_settings({"HALFTIDE_TRUSTED_PROXIES": "192.0.2.9, 192.0.2.10"}, tmp_path)
    assert told.trusted_proxies == ("192.0.2.9", "192.0.2.10")


def test_demo_passwords_are_a_mapping_of_long_enough_ones(tmp_path: Path) -> None:
    words = {"researcher": "abcd-efgh-jkmn"}
    assert read_settings({"HALFTIDE_DEMO_PASSWORDS": json.dumps(words)}, tmp_path).demo_passwords == words
    for bad in ("nonsense", "[]", '{"researcher": "short"}', '{"researcher": 123456789012}'):
        with pytest.raises(BadInput, match="HALFTIDE_DEMO_PASSWORDS"):
            read_settings({"HALFTIDE_DEMO_PASSWORDS": bad}, tmp_path)


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    shown = repr(Settings(Path("/state"), gate_token="gate-secret", demo_passwords={"a": "demo-secret"}))
    assert "secret" not in shown


def test_a_misspelt_variable_is_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="was HALFTIDE_PORTAL_PORT meant"):
        read_settings({"HALFTIDE_PORTAL_PROT": "9000"}, tmp_path)
    assert read_settings({"HALFTIDE_SOMETHING_OF_ANOTHER_PROGRAM": "1"}, tmp_path)


def test_a_mirror_is_an_address_without_secrets(tmp_path: Path) -> None:
    (tmp_path / "halftide.toml").write_text('pypi_mirror = "https://mirror.example.org/simple/"\n')
    settings = read_settings({"HALFTIDE_CRAN_MIRROR": "file:///srv/cran"}, tmp_path)
    assert (settings.pypi_mirror, settings.conda_mirror) == ("https://mirror.example.org/simple", "")
    assert settings.cran_mirror == "file:///srv/cran"
    with pytest.raises(BadInput, match="password"):
        read_settings({"HALFTIDE_PYPI_MIRROR": "https://me:secret@mirror.example.org/simple"}, tmp_path)
