"""The parent's side of the reader cage.

Promises: an ``Output`` for any bytes; never an exception for bad content, never more than the limits, never a parse of
the file in this process. The file's bytes are taken before they are read, so that they can't change meanwhile; a link,
a device or a folder is refused. One cage reads one file and ends; ``Cages`` only starts it before the file is there.
Raises Broken only when a cage itself can't be started.
"""

import os
import selectors
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from output_checker import sandbox, seccomp
from output_checker.limits import CAGE_LIMITS
from output_checker.model import Broken, Dropped, Output
from output_checker.readers import wire
from output_checker.readers.names import mismatch
from output_checker.readers.reading import refused

MEBIBYTE = 1024 * 1024

Process = subprocess.Popen[bytes]


@dataclass(frozen=True)
class CageLimits:
    """What reading one file may take: bytes of memory, of the file and of the answer, seconds of time."""

    memory: int = 512 * MEBIBYTE
    wall_seconds: float = 20.0
    cpu_seconds: int = 20
    file_bytes: int = 64 * MEBIBYTE
    answer_bytes: int = 256 * MEBIBYTE


DEFAULT = CageLimits()
_STEP = 1 << 20


def read_in_cage(source: Path | bytes, name: str = "", *, limits: CageLimits = DEFAULT) -> Output:
    """Read one file in a cage of its own. ``name`` only serves to say when it promises another format."""
    with Cages(limits=limits) as cages:
        return cages.read(source, name)


class Cages:
    """Cages for many files, ``warm`` of them started and waiting for the next ones. May be used by several threads."""

    def __init__(self, warm: int = 0, *, limits: CageLimits = DEFAULT) -> None:
        self._limits = limits
        self._warm = warm
        self._waiting: deque[Process] = deque()
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="halftide-cages-")
        self._filter = seccomp.write_filter(Path(self._folder.name) / "filter")
        self._refill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the cages that still wait."""
        with self._lock:
            self._warm = 0
            waiting, self._waiting = self._waiting, deque()
        for process in waiting:
            _ended(process, patience=0)
        self._folder.cleanup()

    def read(self, source: Path | bytes, name: str = "") -> Output:
        """Read one file in a cage of its own. ``name`` only serves to say when it promises another format."""
        name = name or (source.name if isinstance(source, Path) else "")
        data, problem = _taken(source, self._limits)
        output = refused(problem) if problem else self._caged(data)
        surprise = mismatch(name, output.media_type)
        if surprise:
            output = replace(output, dropped=(*output.dropped, Dropped("type-mismatch", "", surprise)))
        return output

    def _caged(self, data: bytes) -> Output:
        """Hand the bytes to a cage, take its answer within the limits, and leave nothing of it behind."""
        process = self._next()
        try:
            answer, complaint, problem = _listened(process, data, self._limits)
        finally:
            _ended(process)
            self._refill()
        if problem:
            return refused(problem)
        if not answer:
            return _without_answer(process.returncode, complaint)
        try:
            return wire.unpacked(answer)
        except wire.Malformed as error:
            return refused(f"The reader gave an answer that can't be used: {error}.")

    def _next(self) -> Process:
        with self._lock:
            while self._waiting:
                process = self._waiting.popleft()
                if process.poll() is None:
                    return process
                _ended(process)
        return self._started()

    def _refill(self) -> None:
        with self._lock:
            while len(self._waiting) < self._warm:
                self._waiting.append(self._started())

    def _started(self) -> Process:
        command = [sys.executable, "-I", "-m", "output_checker.readers", *(["--warm"] if self._warm else [])]
        bounds = replace(CAGE_LIMITS, memory=self._limits.memory, cpu_seconds=self._limits.cpu_seconds)
        line = sandbox.reader_cage(command, bounds, self._filter)
        try:
            return subprocess.Popen(
                line,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise Broken(f"the reader cage can't be started: {error.strerror}") from error


def _taken(source: Path | bytes, limits: CageLimits) -> tuple[bytes, str]:
    """The file's bytes, or the reason why they are not taken."""
    if isinstance(source, bytes):
        return (source, "") if len(source) <= limits.file_bytes else (b"", _too_large(len(source), limits))
    try:
        handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if source.is_symlink():
            return b"", "This is a link, and links are not followed: request the file itself."
        return b"", f"This file can't be opened ({error.strerror})."
    try:
        return _taken_bytes(handle, limits)
    finally:
        os.close(handle)


def _taken_bytes(handle: int, limits: CageLimits) -> tuple[bytes, str]:
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        return b"", "This is no ordinary file."
    if facts.st_size > limits.file_bytes:
        return b"", _too_large(facts.st_size, limits)
    taken = bytearray()
    while True:
        try:
            piece = os.read(handle, _STEP)
        except OSError as error:
            return b"", f"This file can't be read ({error.strerror})."
        if not piece:
            return bytes(taken), ""
        taken += piece
        if len(taken) > limits.file_bytes:  # it grew since its size was asked
            return b"", _too_large(len(taken), limits)


def _too_large(size: int, limits: CageLimits) -> str:
    return f"This file has {size:,} bytes; at most {limits.file_bytes:,} can be checked."


def _listened(process: Process, data: bytes, limits: CageLimits) -> tuple[bytes, bytes, str]:
    """Hand the file over, and hear what the cage says until it closes its pipes; a problem when a limit comes first."""
    deadline = time.monotonic() + limits.wall_seconds
    with _Talk(process, data) as talk:
        while talk.goes_on():
            left = deadline - time.monotonic()
            if left <= 0:
                return b"", b"", f"Reading this file took longer than {limits.wall_seconds:g} seconds."
            talk.attend(left)
            if len(talk.answer) > limits.answer_bytes:
                return b"", b"", "What this file unpacks to is more than can be checked."
        return bytes(talk.answer), bytes(talk.complaint), ""


class _Talk:
    """A cage's three pipes: what it is still to be told, and what it said so far."""

    def __init__(self, process: Process, data: bytes) -> None:
        self.answer = bytearray()
        self.complaint = bytearray()
        self._left = memoryview(data)
        self._pipes = selectors.DefaultSelector()
        for pipe, does in ((process.stdout, self._hear), (process.stderr, self._hear_complaint)):
            if pipe is not None:
                self._pipes.register(pipe, selectors.EVENT_READ, does)
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
            self._pipes.register(process.stdin, selectors.EVENT_WRITE, self._tell)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipes.close()

    def goes_on(self) -> bool:
        """Whether a pipe is still open."""
        return bool(self._pipes.get_map())

    def attend(self, seconds: float) -> None:
        """Wait that long at most for something to hear or to say."""
        for key, _ in self._pipes.select(seconds):
            if key.data(key.fd):
                self._pipes.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]  # the pipes of a process are files

    def _hear(self, pipe: int) -> bool:
        piece = os.read(pipe, _STEP)
        self.answer += piece
        return not piece

    def _hear_complaint(self, pipe: int) -> bool:
        piece = os.read(pipe, _STEP)
        if len(self.complaint) < 4096:
            self.complaint += piece
        return not piece

    def _tell(self, pipe: int) -> bool:
        """True when all was said, or nobody listens any more."""
        try:
            self._left = self._left[os.write(pipe, self._left[:_STEP]) :]
        except BlockingIOError:
            return False
        except BrokenPipeError:
            return True
        return not self._left


def _ended(process: Process, patience: float = 0.2) -> None:
    """Kill what is left of the cage. Its processes have a PID namespace of their own and die with its first one."""
    if process.poll() is None:
        try:
            process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def _without_answer(code: int, complaint: bytes) -> Output:
    words = complaint.decode("utf-8", "replace").strip()
    if words.startswith(("bwrap:", "prlimit:", "/bin/sh:")):
        raise Broken(f"the reader cage can't be started: {words.splitlines()[0][:200]}")
    if code in (128 + signal.SIGXCPU, 128 + signal.SIGKILL, -signal.SIGKILL):
        return refused("Reading this file took more processor time or memory than a file may take.")
    if "MemoryError" in words:
        return refused("This file needs more memory than a file may take.")
    return refused(f"The reader ended without an answer (code {code}), so this file was not checked.")
