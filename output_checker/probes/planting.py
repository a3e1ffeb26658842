"""What a researcher can leave in the workspace in the hope that a server runs it or shows it.

The files are there before the server starts, as an earlier session would have left them; a kernel copies them into its
home as well. Code that is planted says that it ran by making a file named after its probe in each of ``MARKS`` that it
can write to: the sealed kernel can write to none of them, the server could to the first two. ``QUESTIONS`` are asked of
the server then. The control is a stock Jupyter server that has the same files in its home and its working folder.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from output_checker.probes.model import Control, Family, Place, Probe

MARKS = ("/srv/halftide", "/run/halftide")
"""Folders in which only the workspace server can make files."""
SHOWN = "halftide-planted"
"""A word in everything that is planted to be shown."""


@dataclass(frozen=True)
class Plant:
    """A probe whose attack is to leave ``files``. With ``question`` it succeeds when the answer holds ``answer``,
    without one when its code ran."""

    probe: Probe
    files: Mapping[str, str]
    links: Mapping[str, str]
    question: str = ""
    answer: str = SHOWN


def _plant(
    name: str,
    tries: str,
    files: Mapping[str, str],
    *,
    question: str = "",
    links: Mapping[str, str] | None = None,
    answer: str = SHOWN,
) -> Plant:
    probe = Probe(name, Family.PLANTED, tries, "", Control.STOCK, (Place.KERNEL,))
    return Plant(probe, files, links or {}, question, answer)


def python_mark(name: str) -> str:
    """Python that says it ran; ``{out}`` is filled in with the control's folder."""
    return f"""
for place in {MARKS!r} + ({{out!r}},):
    try:
        open(place + "/ran-{name}", "w").close()
    except OSError:
        pass
"""


def shell_mark(name: str) -> str:
    """The same for a shell."""
    return f"for place in {' '.join(MARKS)} {{out}}; do touch $place/ran-{name} 2>/dev/null; done\n"


_KERNELSPEC = '{"argv": ["true"], "display_name": "' + SHOWN + '", "language": "python"}'
_FSMONITOR = '[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tfsmonitor = "sh {folder}/.git/hooks/fsmonitor"\n'

PLANTS = (
    _plant(
        "configuration-in-the-home",
        "Plant configuration in a home folder, for the server to run",
        {".jupyter/jupyter_server_config.py": python_mark("configuration-in-the-home")},
    ),
    _plant(
        "start-up-file",
        "Plant a start-up file (.pth) in a home folder, for any Python to run",
        {".local/lib/python{python}/site-packages/planted.pth": "import os; exec({pth!r})\n"},
    ),
    _plant(
        "kernel-start-up",
        "Plant a start-up script for kernels that run outside the seal",
        {".ipython/profile_default/startup/00-planted.py": python_mark("kernel-start-up")},
    ),
    _plant(
        "shell-start-up",
        "Plant a start-up script for shells that run outside the seal",
        {name: shell_mark("shell-start-up") for name in (".bashrc", ".bash_profile")},
    ),
    _plant(
        "git-hook",
        "Plant a hook in a repository, for a server that runs git",
        {
            ".git/config": _FSMONITOR,
            ".git/HEAD": "ref: refs/heads/main\n",
            ".git/objects/info/alternates": "",
            ".git/refs/heads/keep": "",
            ".git/hooks/fsmonitor": shell_mark("git-hook"),
        },
    ),
    _plant(
        "planted-kernelspec",
        "Plant a kernelspec, to start a kernel outside the seal",
        {".local/share/jupyter/kernels/planted/kernel.json": _KERNELSPEC},
        question="api/kernelspecs",
    ),
    _plant(
        "planted-lab-extension",
        "Plant an extension of JupyterLab, to run in the page",
        {".local/share/jupyter/labextensions/planted/package.json": '{"name": "' + SHOWN + '"}'},
        question="lab/extensions/planted/package.json",
    ),
    _plant(
        "planted-settings",
        "Plant settings of JupyterLab",
        {
            ".jupyter/lab/user-settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings": '{"theme": "'
            + SHOWN
            + '"}'
        },
        question="lab/api/settings/@jupyterlab/apputils-extension:themes",
    ),
    _plant(
        "planted-page-configuration",
        "Plant configuration that the page asks for",
        {".jupyter/serverconfig/planted.json": '{"word": "' + SHOWN + '"}'},
        question="api/config/planted",
    ),
    _plant(
        "planted-link",
        "Plant a link, for the server to read a file outside",
        {},
        question="api/contents/link.txt?content=1&type=file&format=text",
        links={"link.txt": "/etc/passwd"},
        answer="root:x:0",
    ),
)
