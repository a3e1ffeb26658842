"""Runs inside a sandbox, when a Python of the analysis environment starts: packages that were installed from inside.

The analysis environment is read-only. What ``pip`` installs lies in the workspace and comes before it on ``sys.path``;
for ``pip`` itself that folder is the environment, and the analysis environment one that it builds on, as with a virtual
environment. Never used by the trusted server, which sees neither this file's folder on its path nor that one.
"""

import atexit
import os
import site
import sys
import time
from contextlib import suppress

PACKAGES = "/workspace/.packages"
PROXY = ("127.0.0.1", 8070)


def main() -> None:
    """Does its part if this is the analysis environment's Python; another one is left alone."""
    if sys.prefix != os.environ.get("VIRTUAL_ENV"):
        return
    place = f"{PACKAGES}/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    with suppress(OSError):  # a full disk, say: then there are no packages, and everything else works
        os.makedirs(place, exist_ok=True)  # noqa: PTH103 pathlib would slow every start
        put_first(place)
    if is_pip(sys.orig_argv):
        sys.prefix = sys.exec_prefix = PACKAGES
        with suppress(OSError), open(f"{PACKAGES}/pyvenv.cfg", "x", encoding="utf-8") as file:  # noqa: PTH123 as above
            file.write("include-system-site-packages = true\n")  # pip asks for it
        atexit.register(explain, time.time())


def put_first(place: str) -> None:
    """Adds ``place``, with what its .pth files name, before the environment's own packages."""
    before = list(sys.path)
    site.addsitedir(place)
    added = [entry for entry in sys.path if entry not in before]
    own = next((n for n, entry in enumerate(before) if entry.startswith(f"{sys.prefix}/")), len(before))
    sys.path[:] = [*before[:own], *added, *before[own:]]


def is_pip(words: list[str]) -> bool:
    """Whether this process is ``pip``, as a module or as the script."""
    script = next((word for word in words[1:] if not word.startswith("-")), "")
    return any(words[n : n + 2] == ["-m", "pip"] for n in range(len(words))) or (
        script.rsplit("/", 1)[-1].startswith("pip") and "/bin/" in script
    )


def explain(since: float) -> None:
    """Says in a sentence what was refused while pip ran, and the way on: pip itself shows no reason."""
    import http.client  # here, as it would slow every start
    import json

    connection = http.client.HTTPConnection(*PROXY, timeout=5)
    try:
        connection.request("GET", f"/refused/{int(since)}")
        refused = json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return  # pip has said that nobody answers
    finally:
        connection.close()
    lines = [f"\nHalftide: {each['text']}" for each in refused["refused"]]
    if lines and refused["page"]:
        lines.append("Ask with one click in JupyterLab's notice or in the panel Packages, or here:")
        lines += [f"  {refused['page']}?kind={each['kind']}&name={each['name']}" for each in refused["refused"]]
    if lines:
        sys.stdout.flush()
        sys.stderr.write("\n".join([*lines, ""]))
        sys.stderr.flush()


main()
