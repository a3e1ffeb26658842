"""Nobody at the hub holds more than their own workspaces."""

from pathlib import Path

from hub_config.roles import ROLES, services
from hub_config.settings import Settings


def test_people_reach_their_own_and_can_neither_mint_tokens_nor_share() -> None:
    scopes = next(role["scopes"] for role in ROLES if role["name"] == "user")
    assert [scope for scope in scopes if not scope.endswith("!user")] == ["access:services!service=output-checker"]
    forbidden = ("self", "inherit", "tokens", "shares", "users:shares", "groups:shares", "admin")
    assert [scope for scope in scopes if scope.startswith(forbidden)] == []


def test_only_a_workspaces_own_token_names_a_project() -> None:
    scopes = next(role["scopes"] for role in ROLES if role["name"] == "server")
    assert "custom:halftide:submit!server" in scopes
    portal = next(service for service in services(Settings(Path("/s"))) if service["name"] == "output-checker")
    assert "oauth_client_allowed_scopes" not in portal
    assert "admin" not in portal


def test_no_secret_is_told_to_the_portal_that_it_does_not_need() -> None:
    found = services(Settings(Path("/s"), gate_token="g" * 64, demo_passwords={"ann": "p" * 12}))
    portal = next(service for service in found if service["name"] == "output-checker")
    assert "g" * 64 not in str(portal)
    assert "p" * 12 not in str(portal)
