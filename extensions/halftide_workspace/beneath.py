"""Opens what lies beneath a folder, and nothing else.

Promises: no component of the path is followed as a link and none climbs out, however the tree changes meanwhile,
because every step is taken from the open folder of the step before. Never resolves a path as a whole.
"""

import os

from output_checker.model.errors import BadInput

_STEP = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def open_beneath(root: int, path: str, flags: int, mode: int = 0o600) -> int:
    """Open ``path``, relative to the open folder ``root``, with ``os.open``'s ``flags``; the caller closes it.

    Raises BadInput for a path that is absolute, empty or climbs, and OSError as ``os.open`` does: ELOOP for a link at
    the end, ENOTDIR for one on the way.
    """
    parts = path.split("/")
    if any(part in {"", ".", ".."} or "\0" in part for part in parts):
        raise BadInput(f"{path!r} does not name anything beneath this folder")
    folder = os.dup(root)
    try:
        for part in parts[:-1]:
            inner = os.open(part, _STEP, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(parts[-1], flags | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=folder)
    finally:
        os.close(folder)
