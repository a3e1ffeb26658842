"""Takes the bytes of chosen files out of the workspace, so that what is sent is one moment of a real file.

Promises: every path is opened beneath the workspace without following a link, only regular files are read, never more
than the limit, and a file that changes while it is read is refused. What is staged has no name and is gone when it is
closed. Never goes through JupyterLab's contents manager, whose size caps and budgets are for the browser.
"""

import hashlib
import os
import stat
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from halftide_workspace.beneath import open_beneath
from output_checker.model.errors import BadInput, Broken, HalftideError
from output_checker.model.identifiers import Digest

_CHUNK = 1024 * 1024
_LONGEST_PATH = 1024
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


@dataclass(frozen=True)
class StagedFile:
    """A private copy of a file of the workspace; ``content`` stands at its first byte."""

    path: str
    size: int
    sha256: Digest
    content: IO[bytes] = field(repr=False)


@contextmanager
def staged(
    workspace: Path, paths: Sequence[str], limit: int, scratch: Path | None = None
) -> Iterator[list[StagedFile]]:
    """Copies of these files (paths relative to the workspace), in their order, for the length of a ``with``.

    ``limit`` is the largest size of one file in bytes; copies lie in ``scratch``. Raises BadInput that names the file
    and the way on; then nothing was staged.
    """
    with ExitStack() as stack:
        root = os.open(workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        stack.callback(os.close, root)
        yield [_stage(stack, root, path, limit, scratch) for path in paths]


def _stage(stack: ExitStack, root: int, path: str, limit: int, scratch: Path | None) -> StagedFile:
    require_plain_path(path)
    source = stack.enter_context(_opened(root, path))
    before = os.fstat(source.fileno())
    if before.st_size > limit:
        raise BadInput(_too_large(path, before.st_size, limit))
    try:
        copy = stack.enter_context(tempfile.TemporaryFile(dir=scratch))  # noqa: SIM115 - the stack closes it
        sha256, size = _copy(source, copy, limit)
    except OSError as error:
        raise Broken(
            f"{path} could not be prepared: {error.strerror}. Nothing was sent and your file is as it was; "
            "if there is no space left, delete files that you no longer need and try again."
        ) from error
    after = os.fstat(source.fileno())
    if size != before.st_size or _moment(before) != _moment(after):
        raise BadInput(
            f"{path} changed while it was being read, so what would be sent is not what you saw. "
            "Wait until the program that writes it has finished, then try again."
        )
    copy.seek(0)
    return StagedFile(path, size, sha256, copy)


def require_plain_path(path: str) -> None:
    """Refuse what can't name one file beneath the workspace, and names that would not survive the journey unchanged."""
    if not path or len(path) > _LONGEST_PATH:
        raise BadInput("a file in the request has no name" if not path else f"{path[:60]}… is too long for a path")
    parts = path.split("/")
    if path.startswith("/") or any(part in {"", ".", ".."} for part in parts):
        raise BadInput(f"{path} does not name a file of your workspace; choose it in the file browser")
    # quotes, backslashes and control characters are read in different ways by different parsers of file names
    if any(character in '"\\' or unicodedata.category(character) in {"Cc", "Cs"} for character in path):
        raise BadInput(f"the name {path!r} holds characters that can't be sent; rename the file and add it again")


@contextmanager
def _opened(root: int, path: str) -> Iterator[IO[bytes]]:
    try:
        # O_NONBLOCK: opening a pipe that nobody writes to must not wait for ever
        descriptor = open_beneath(root, path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, HalftideError) as error:
        raise BadInput(_why_unopened(path, error)) from error
    try:
        _require_regular(path, os.fstat(descriptor).st_mode)
        with open(descriptor, "rb", buffering=0, closefd=False) as source:
            yield source
    finally:
        os.close(descriptor)


def _why_unopened(path: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{path} is not there any more. If you moved or renamed it, remove it from the request and add it again."
    if isinstance(error, PermissionError):
        return f"{path} may not be read. Change its permissions in a terminal (chmod u+r), then try again."
    return (
        f"{path} is a link, lies behind one, or can't be opened as a file. Links are not followed, because they may "
        "point to anything; copy the file itself into your workspace and choose the copy."
    )


def _require_regular(path: str, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise BadInput(f"{path} is a folder. A checker looks at every file by itself: open it and choose the files.")
    if not stat.S_ISREG(mode):
        raise BadInput(f"{path} is not an ordinary file (a pipe, a socket or a device) and can't be sent.")


def _copy(source: IO[bytes], target: IO[bytes], limit: int) -> tuple[Digest, int]:
    digest = hashlib.sha256()
    size = 0
    while size <= limit and (chunk := source.read(_CHUNK)):
        digest.update(chunk)
        target.write(chunk)
        size += len(chunk)
    target.flush()
    return Digest(digest.hexdigest()), size


def _moment(status: os.stat_result) -> tuple[int, int, int]:
    """What differs when the bytes did. The time of the inode's change can't be set back by the file's owner."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _too_large(path: str, size: int, limit: int) -> str:
    return (
        f"{path} is {human_size(size)}; a request takes files up to {human_size(limit)}. Aggregate it, or write out "
        "only the part that is to be released: a checker can't look through more than that."
    )


def human_size(size: int) -> str:
    """A size in bytes as a person says it: ``2.1 GiB``, ``64 MiB``."""
    amount = float(size)
    unit = 0
    while amount >= 1024 and unit < len(_UNITS) - 1:
        amount /= 1024
        unit += 1
    number = f"{amount:.1f}".removesuffix(".0")
    return f"{number} {_UNITS[unit]}"
