"""A saved notebook passes the same filter as what a kernel sends: it is a file, and a kernel can write files."""

from typing import Any

from halftide_workspace.bundles import opened
from output_checker.model import Figures

Json = dict[str, Any]


def show_less(notebook: Json, figures: Figures) -> None:
    """Leaves only what may be shown of every bundle in ``notebook``: outputs and attachments."""
    for cell in notebook.get("cells", ()):
        for output in cell.get("outputs", ()):
            if "data" in output:
                output["data"], output["metadata"] = opened(output["data"], output.get("metadata"), figures)
        attachments = cell.get("attachments")
        if isinstance(attachments, dict):
            for name, bundle in attachments.items():
                attachments[name], _ = opened(bundle, None, figures)
