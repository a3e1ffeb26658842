"""Who may do what at the hub, as scopes. There are no hub admins, and nobody can mint a token or share a server.

Site roles (checker, admin) and memberships of projects are the portal's business and are not known here.
"""

import sys
from typing import Any

from hub_config.settings import Settings
from output_checker.model import PROVER

GATE = "hub-gate"
PORTAL = "output-checker"
PROVING = "prover"
SUBMIT = "custom:halftide:submit"

CUSTOM_SCOPES = {SUBMIT: {"description": "Ask for a release from one workspace."}}

ROLES: list[dict[str, Any]] = [
    {
        "name": "user",
        "description": "Start, open and stop one's own workspaces, and open the output checker",
        # instead of JupyterHub's `self`, which holds `tokens` and `shares`: a session in a browser must not become a
        # token that lives elsewhere (BOUNDARY 2.2)
        "scopes": [
            "read:users:name!user",
            "read:users:groups!user",  # JupyterHub puts both into every login of an application
            "servers!user",
            "access:servers!user",
            "users:activity!user",
            f"access:services!service={PORTAL}",
            f"{SUBMIT}!user",
        ],
    },
    {
        "name": "server",
        "description": "A workspace's own token: report activity, let its person in, ask for releases of its project",
        # the portal reads the project from the filter of the last one
        "scopes": ["users:activity!user", "access:servers!server", f"{SUBMIT}!server"],
    },
    {
        "name": "prover",
        "description": "Start, enter and stop the workspaces of the probes, which belong to nobody",
        "scopes": [f"servers!user={PROVER}", f"access:servers!user={PROVER}"],
        "services": [PROVING],
    },
    {
        "name": "probed",
        "description": "Nothing: this makes the hub know the name that the workspaces of the probes are started under",
        "users": [PROVER],
    },
]


def services(settings: Settings) -> list[dict[str, Any]]:
    """The portal and the prover, which the hub starts, and the name under which the hub asks it who may start what."""
    return [
        {"name": GATE, "api_token": settings.gate_token, "display": False},
        {
            "name": PORTAL,
            "url": f"http://127.0.0.1:{settings.portal_port}",
            "command": [
                sys.executable,
                "-P",
                "-m",
                "output_checker.web",
            ],  # -P: nothing is imported from the folder it starts in
            "cwd": str(settings.state),
            # it is part of Halftide: nobody is asked whether it may know who they are
            "oauth_no_confirm": True,
            "environment": {
                "HALFTIDE_STATE": str(settings.state),
                "HALFTIDE_URL": settings.url,
                "HALFTIDE_PORTAL_PORT": str(settings.portal_port),
                "HALFTIDE_SUBDOMAINS": "1" if settings.subdomains else "0",
                "HALFTIDE_ANALYSIS": str(settings.analysis),
                "HALFTIDE_PROBES": "1" if settings.probes else "0",
                "HALFTIDE_PYPI_MIRROR": settings.pypi_mirror,
                "HALFTIDE_CONDA_MIRROR": settings.conda_mirror,
                "HALFTIDE_CRAN_MIRROR": settings.cran_mirror,
                "HALFTIDE_TLS": settings.tls.value,
            },
        },
        {
            "name": PROVING,
            "command": [sys.executable, "-P", "-m", "output_checker.prover"],
            "cwd": str(settings.state),
            "display": False,
            "environment": {
                "HALFTIDE_STATE": str(settings.state),
                "HALFTIDE_URL": settings.url,
                "HALFTIDE_PORTAL_PORT": str(settings.portal_port),
                "HALFTIDE_PROXY_API_PORT": str(settings.proxy_api_port),
                "HALFTIDE_ANALYSIS": str(settings.analysis),
                "HALFTIDE_PROBES": "1" if settings.probes else "0",
                "HALFTIDE_PROBE_HOUR": str(settings.probe_hour),
            },
        },
    ]
