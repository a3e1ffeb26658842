"""Writes the settings into JupyterHub's configuration: addresses, folders, parts, roles and hardening.

Never sets anything that a single part could say of itself; never leaves one of the parts at JupyterHub's default.
"""

import logging
from typing import Any

from hub_config.authenticator import AccountsAuthenticator
from hub_config.hardening import harden
from hub_config.proxy import CheckedProxy
from hub_config.roles import CUSTOM_SCOPES, ROLES, services
from hub_config.settings import Settings
from hub_config.spawners.local import LocalSandboxSpawner
from output_checker import control_groups
from output_checker.model import BadInput


def configure(c: Any, settings: Settings) -> None:
    """Fill ``c``. Raises BadInput when a secret is missing that ``halftide up`` would have made."""
    if len(settings.gate_token) < 32:
        raise BadInput("HALFTIDE_HUB_GATE_TOKEN is missing or short; `halftide up` makes a fresh one at each start")
    _place(c, settings)
    _parts(c, settings)
    harden(c, settings)


def _place(c: Any, settings: Settings) -> None:
    hub = c.JupyterHub
    scheme = "https" if settings.secure and not settings.behind_proxy else "http"
    hub.bind_url = f"{scheme}://{settings.bind}:{settings.port}"
    hub.hub_bind_url = f"http://127.0.0.1:{settings.hub_api_port}"
    hub.public_url = settings.url
    hub.default_url = settings.portal_page
    folder = settings.state / "hub"
    hub.db_url = f"sqlite:///{folder / 'jupyterhub.sqlite'}"
    hub.upgrade_db = True  # a newer JupyterHub brings its tables up to date; it keeps a copy of the old file
    hub.cookie_secret_file = str(folder / "cookie_secret")
    c.CheckedProxy.pid_file = str(folder / "proxy.pid")
    c.CheckedProxy.api_url = f"http://127.0.0.1:{settings.proxy_api_port}"
    c.CheckedProxy.settings = settings
    if settings.behind_proxy:
        # the visitor's address is the last one that these did not add themselves
        hub.trusted_downstream_ips = list(settings.trusted_proxies)


def _parts(c: Any, settings: Settings) -> None:
    hub = c.JupyterHub
    hub.proxy_class = CheckedProxy
    hub.authenticator_class = AccountsAuthenticator
    c.AccountsAuthenticator.settings = settings
    hub.spawner_class = LocalSandboxSpawner
    c.LocalSandboxSpawner.settings = settings
    c.LocalSandboxSpawner.control_groups = groups = control_groups.find()
    logging.getLogger("jupyterhub").warning(groups.told())  # what is in force is for the log, whatever its level
    c.LocalSandboxSpawner.poll_interval = 10
    c.LocalSandboxSpawner.start_timeout = 240  # proving the seal and verifying large data take time
    c.LocalSandboxSpawner.http_timeout = 60
    c.LocalSandboxSpawner.env_keep = []  # a clean environment: nothing of the hub's, whatever is added to it later
    hub.allow_named_servers = True
    hub.redirect_to_server = False
    hub.implicit_spawn_seconds = 0
    hub.custom_scopes = CUSTOM_SCOPES
    hub.load_roles = ROLES
    hub.services = services(settings)
    hub.service_check_interval = 30
