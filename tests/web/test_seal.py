"""The card that tells an administrator how the site is sealed, from the settings that it runs with."""

from dataclasses import replace

from output_checker.web import seal
from output_checker.web.settings import Settings

RUN = {
    "HALFTIDE_PORTAL_PORT": "8082",
    "JUPYTERHUB_API_URL": "http://127.0.0.1:8081/hub/api",
    "JUPYTERHUB_CLIENT_ID": "service-output-checker",
    "JUPYTERHUB_API_TOKEN": "token",
}


def told(**environment: str) -> dict[str, seal.Fact]:
    settings = Settings.from_environment(RUN | environment)
    return {fact.name: fact for fact in seal.facts(settings, ())}


def test_what_is_lost_without_subdomains_is_said() -> None:
    assert told(HALFTIDE_URL="https://ht.example.org")["Addresses"].lost == ""
    without = told(HALFTIDE_URL="https://ht.example.org", HALFTIDE_SUBDOMAINS="0")["Addresses"]
    assert "subdomains are off" in without.told
    assert "share one origin" in without.lost


def test_who_ends_tls_is_said_and_what_is_lost_without() -> None:
    assert "own certificate" in told(HALFTIDE_URL="https://ht.example.org")["Encryption"].told
    assert "proxy in front" in told(HALFTIDE_URL="https://ht.example.org", HALFTIDE_TLS="proxy")["Encryption"].told
    local = told(HALFTIDE_URL="http://localhost:8000")["Encryption"]
    assert (local.told.startswith("None"), "Whoever can read" in local.lost) == (True, True)


def test_a_site_that_proves_nothing_says_so() -> None:
    settings = Settings.from_environment(RUN)
    off = {fact.name: fact for fact in seal.facts(replace(settings, probes=False), ())}
    assert (off["Proof"].told, bool(off["Proof"].lost)) == ("Switched off.", True)
    assert "0 of 0 projects" in off["Projects of one person"].told
