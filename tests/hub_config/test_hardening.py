"""What the hub's pages allow a browser, and that the pages keep to it."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, meta
from jupyterhub._data import DATA_FILES_PATH

from hub_config.hardening import TEMPLATES, content_security_policy, headers, look
from hub_config.settings import Settings

LOCAL = Settings(Path("/state"))
SECURE = Settings(Path("/state"), url="https://ht.example", tls_certificate=Path("/c"), tls_key=Path("/k"))
PAGES = sorted(path.name for path in TEMPLATES.glob("*.html"))


def test_everything_is_refused_but_what_is_named() -> None:
    policy = content_security_policy(LOCAL)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "form-action 'self' http://*.localhost:8000;" in policy
    without = Settings(Path("/state"), subdomains=False)
    assert "form-action 'self';" in content_security_policy(without)


def test_tls_is_held_on_to_where_it_is_on() -> None:
    assert "Strict-Transport-Security" not in headers(LOCAL)
    assert headers(SECURE)["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_holds_no_script_or_style_but_the_named_ones_and_loads_nothing(name: str) -> None:
    text = (TEMPLATES / name).read_text()
    assert re.findall(r"\son\w+=|style=|javascript:|https?://|<link(?! rel=\"icon\")|<img|<iframe", text) == []
    for body in re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL):
        assert re.fullmatch(r"\{\{ scripts\.\w+ \}\}", body), body
    for body in re.findall(r"<style[^>]*>(.*?)</style>", text, re.DOTALL):
        assert body == "{{ style }}"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_a_template_that_finds_its_parents(name: str) -> None:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    tree = environment.parse((TEMPLATES / name).read_text())
    assert all((TEMPLATES / str(parent)).exists() for parent in meta.find_referenced_templates(tree))


def test_every_page_of_the_hub_that_can_show_has_our_look() -> None:
    theirs = {path.name for path in (Path(DATA_FILES_PATH) / "templates").glob("*.html")}
    closed = {"admin.html", "token.html", "accept-share.html"}
    assert theirs - closed <= set(PAGES)


def test_what_is_written_into_pages_can_not_end_its_element() -> None:
    made = look()
    assert "</style" not in made["style"]
    assert all("</script" not in text for text in made["scripts"].values())
    assert "<svg" in made["mark"]
