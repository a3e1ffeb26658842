"""A folder whose files are opened beneath it and nowhere else: what the server does with files, it does through this.

Promises: links are never followed, and nothing but regular files and folders is read or written, however the
researcher's code moves things about meanwhile; a save is all or nothing, also when the disk is full.
Never resolves a path as a whole: every step starts at the open folder of the step before.
"""

import ctypes
import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from halftide_workspace.beneath import open_beneath
from output_checker.model.errors import BadInput, Broken, Conflict, HalftideError, NotAllowed, NotFound

_AS_FOLDER = os.O_PATH | os.O_DIRECTORY
_NO_REPLACE = 1  # RENAME_NOREPLACE
TEMPORARY = ".halftide-save-"


class Folder:
    """The files beneath ``path``. Paths are relative, with "/" between names; "" is the folder itself."""

    def __init__(self, path: Path) -> None:
        self._root = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)

    def close(self) -> None:
        """Lets the folder go; nothing works afterwards."""
        os.close(self._root)

    def stat(self, path: str) -> os.stat_result:
        """What lies at ``path``, a link itself where it is one. Raises NotFound."""
        with _plain(path), self._parent(path) as (folder, name):
            return os.stat(name, dir_fd=folder, follow_symlinks=False)

    def entries(self, path: str) -> list[tuple[str, os.stat_result]]:
        """Names and kinds of what the folder at ``path`` holds, in no order; names that are not text are left out."""
        found = []
        with _plain(path), self._open(path, os.O_RDONLY | os.O_DIRECTORY) as folder:
            for name in os.listdir(folder):  # noqa: PTH208 an open folder has no path
                with suppress(FileNotFoundError, UnicodeEncodeError):
                    name.encode()
                    found.append((name, os.stat(name, dir_fd=folder, follow_symlinks=False)))
        return found

    def read(self, path: str, limit: int) -> tuple[bytes, os.stat_result]:
        """The bytes of a regular file. Raises NotAllowed for anything else and BadInput for more than ``limit``."""
        with _plain(path), self._open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY) as file:
            status = _require_regular(os.fstat(file), path)
            if status.st_size > limit:
                raise BadInput(f"{path} has {status.st_size} bytes, and at most {limit} are opened here")
            chunks = []
            while chunk := os.read(file, 1 << 20):
                chunks.append(chunk)
                limit -= len(chunk)
                if limit < 0:
                    raise BadInput(f"{path} grew while it was read, past what is opened here")
        return b"".join(chunks), status

    def write(self, path: str, data: bytes) -> None:
        """Puts ``data`` at ``path`` in one step: until it is on the disk, the old file stays as it was."""
        with _plain(path), self._replacing(path) as stream:
            stream.write(data)

    def append(self, path: str, data: bytes) -> None:
        """Adds ``data`` to a regular file that is there: the next piece of a large upload."""
        with _plain(path), self._open(path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY) as file:
            _require_regular(os.fstat(file), path)
            with os.fdopen(os.dup(file), "ab") as stream:
                stream.write(data)

    def copy(self, old: str, new: str, limit: int) -> None:
        """Copies a regular file of at most ``limit`` bytes, of any kind, in one step."""
        with _plain(old), self._open(old, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY) as file:
            if _require_regular(os.fstat(file), old).st_size > limit:
                raise BadInput(f"{old} is too large to be copied here; copy it in a notebook, with shutil.copy")
            with _plain(new), self._replacing(new) as stream:
                while limit > 0 and (chunk := os.read(file, min(limit, 1 << 20))):
                    stream.write(chunk)
                    limit -= len(chunk)

    def make_folder(self, path: str) -> None:
        """A new, empty folder. Raises Conflict when the name is taken."""
        with _plain(path), self._parent(path) as (folder, name):
            os.mkdir(name, 0o755, dir_fd=folder)

    def rename(self, old: str, new: str) -> None:
        """Moves ``old`` to ``new``. Raises Conflict when ``new`` is taken: nothing is replaced."""
        with _plain(new), self._parent(old) as (source, old_name), self._parent(new) as (target, new_name):
            _rename_without_replacing(source, old_name, target, new_name)
            _flush(target)

    def remove(self, path: str) -> None:
        """Deletes what lies at ``path``, a folder with all that it holds, a link without what it points to."""
        with _plain(path), self._parent(path) as (folder, name):
            if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                shutil.rmtree(name, dir_fd=folder)
            else:
                os.unlink(name, dir_fd=folder)

    @contextmanager
    def _replacing(self, path: str) -> Iterator[BinaryIO]:
        with self._parent(path) as (folder, name):
            mode = 0o644
            with suppress(FileNotFoundError):
                mode = stat.S_IMODE(_require_regular(os.stat(name, dir_fd=folder, follow_symlinks=False), path).st_mode)
            temporary = TEMPORARY + secrets.token_hex(8)
            file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=folder)
            try:
                with os.fdopen(file, "wb") as stream:
                    yield stream
                    stream.flush()
                    os.fchmod(stream.fileno(), mode & 0o777)
                    os.fsync(stream.fileno())
                os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=folder)
                raise
            _flush(folder)

    @contextmanager
    def _open(self, path: str, flags: int) -> Iterator[int]:
        file = open_beneath(self._root, path, flags) if path else os.open(".", flags, dir_fd=self._root)
        try:
            yield file
        finally:
            os.close(file)

    @contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        if not path:
            yield self._root, "."
            return
        parent, _, name = path.rpartition("/")
        if name in {"", ".", ".."} or "\0" in name:
            raise BadInput(f"{path!r} does not name anything beneath this folder")
        with self._open(parent, os.O_RDONLY | os.O_DIRECTORY) as folder:
            yield folder, name


def _require_regular(status: os.stat_result, path: str) -> os.stat_result:
    if stat.S_ISLNK(status.st_mode):
        raise _link(path)
    if not stat.S_ISREG(status.st_mode):
        raise NotAllowed(_NOT_A_FILE[1].format(path=path))
    return status


def _link(path: str) -> NotAllowed:
    return NotAllowed(f"{path} is a link or lies behind one, and links are not followed here; open the file itself")


@contextmanager
def _plain(path: str) -> Iterator[None]:
    """Turns the system's errors into ours, in words."""
    try:
        yield
    except OSError as error:
        raise _in_words(error, path) from error


def _in_words(error: OSError, path: str) -> HalftideError:
    if error.errno in {errno.ELOOP, errno.ENOTDIR}:
        return _link(path)
    kind, text = _WORDS.get(error.errno or 0, (Broken, f"{{path!r}} could not be used: {error.strerror}"))
    return kind(text.format(path=path))


_NOT_A_FILE = (NotAllowed, "{path} is neither a file nor a folder (a pipe, a socket or a device), so it is not opened")
_FORBIDDEN = (NotAllowed, "{path} may not be changed or read: its permissions forbid it")
_TAKEN = (Conflict, "{path} exists already; nothing was replaced")
_FULL = (Broken, "{path} was not saved, because the disk is full. What was there before is unchanged: make room first")
_BAD_NAME = (BadInput, "{path!r} is not a name that a file can have here")
_WORDS: dict[int, tuple[type[HalftideError], str]] = {
    errno.ENOENT: (NotFound, "there is no file or folder {path!r}"),
    errno.ENXIO: _NOT_A_FILE,
    errno.ENODEV: _NOT_A_FILE,
    errno.EEXIST: _TAKEN,
    errno.ENOTEMPTY: _TAKEN,
    errno.EISDIR: _TAKEN,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EROFS: _FORBIDDEN,
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.ENAMETOOLONG: _BAD_NAME,
    errno.EINVAL: _BAD_NAME,
}


def _flush(folder: int) -> None:
    """Puts a rename on the disk; a file system that can't is no reason to report a failed save."""
    with suppress(OSError):
        os.fsync(folder)


def _rename_without_replacing(source: int, old: str, target: int, new: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(source, os.fsencode(old), target, os.fsencode(new), _NO_REPLACE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
