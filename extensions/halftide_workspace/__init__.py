"""Halftide's part of the workspace server: sealed kernels and shells, a metered window, and the way to a release.

Zone: workspace server. It is trusted and runs no researcher's code; it imports ``output_checker``'s ``model``,
``sandbox``, ``seccomp``, ``readers`` and ``disclosure``, and talks to the portal over its HTTP API only.
"""

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from halftide_workspace.app import HalftideWorkspace

    return [{"module": "halftide_workspace.app", "app": HalftideWorkspace}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "halftide-lab"}]
