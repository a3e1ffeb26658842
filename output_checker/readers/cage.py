"""The parent's side of the reader cage.

Promises: an ``Output`` for any bytes; never an exception for bad content, never more than the limits, never a parse of
the file in this process. The file is copied before it is read, so that it can't change meanwhile; a link, a device or
a folder is refused. Raises Broken only when the cage itself can't be started.
"""

import os
import selectors
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from output_checker import sandbox, seccomp
from output_checker.limits import CAGE_LIMITS
from output_checker.model import Broken, Dropped, Output
from output_checker.readers import wire
from output_checker.readers.names import mismatch
from output_checker.readers.reading import refused

MEBIBYTE = 1024 * 1024


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
    name = name or (source.name if isinstance(source, Path) else "")
    with tempfile.TemporaryDirectory(prefix="halftide-cage-") as folder:
        copy = Path(folder) / "input"
        problem = _copied(source, copy, limits)
        output = refused(problem) if problem else _caged(copy, limits)
    surprise = mismatch(name, output.media_type)
    if surprise:
        output = replace(output, dropped=(*output.dropped, Dropped("type-mismatch", "", surprise)))
    return output


def read_many(
    sources: Iterable[tuple[Path | bytes, str]], *, limits: CageLimits = DEFAULT, workers: int | None = None
) -> list[Output]:
    """Read several (source, name) pairs, a few at a time; the outputs are in the order of the sources."""
    with ThreadPoolExecutor(max_workers=workers or min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(lambda pair: read_in_cage(pair[0], pair[1], limits=limits), sources))


def _copied(source: Path | bytes, copy: Path, limits: CageLimits) -> str:
    """Put the bytes where only the cage reads them; the answer is the reason why not, or ""."""
    if isinstance(source, bytes):
        if len(source) > limits.file_bytes:
            return _too_large(len(source), limits)
        copy.write_bytes(source)
        return ""
    try:
        handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if source.is_symlink():
            return "This is a link, and links are not followed: request the file itself."
        return f"This file can't be opened ({error.strerror})."
    try:
        return _copied_bytes(handle, copy, limits)
    finally:
        os.close(handle)


def _copied_bytes(handle: int, copy: Path, limits: CageLimits) -> str:
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode):
        return "This is no ordinary file."
    if facts.st_size > limits.file_bytes:
        return _too_large(facts.st_size, limits)
    total = 0
    with copy.open("wb") as out:
        while True:
            try:
                piece = os.read(handle, _STEP)
            except OSError as error:
                return f"This file can't be read ({error.strerror})."
            if not piece:
                return ""
            total += len(piece)
            if total > limits.file_bytes:  # it grew since its size was asked
                return _too_large(total, limits)
            out.write(piece)


def _too_large(size: int, limits: CageLimits) -> str:
    return f"This file has {size:,} bytes; at most {limits.file_bytes:,} can be checked."


def _caged(copy: Path, limits: CageLimits) -> Output:
    """Start the cage, take its answer within the limits, and leave nothing of it behind."""
    command = [sys.executable, "-I", "-m", "output_checker.readers", sandbox.CAGE_INPUT]
    bounds = replace(CAGE_LIMITS, memory=limits.memory, cpu_seconds=limits.cpu_seconds)
    line = sandbox.reader_cage(copy, command, bounds, seccomp.write_filter(copy.with_name("filter")))
    try:
        process = subprocess.Popen(
            line,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise Broken(f"the reader cage can't be started: {error.strerror}") from error
    try:
        answer, complaint, problem = _listened(process, limits)
    finally:
        _ended(process)
    if problem:
        return refused(problem)
    if not answer:
        return _without_answer(process.returncode, complaint)
    try:
        return wire.unpacked(answer)
    except wire.Malformed as error:
        return refused(f"The reader gave an answer that can't be used: {error}.")


def _listened(process: "subprocess.Popen[bytes]", limits: CageLimits) -> tuple[bytes, bytes, str]:
    """What the cage says on its two pipes until it closes them, and a problem when a limit comes first."""
    deadline = time.monotonic() + limits.wall_seconds
    heard: dict[str, bytearray] = {"answer": bytearray(), "complaint": bytearray()}
    with selectors.DefaultSelector() as pipes:
        for pipe, word in ((process.stdout, "answer"), (process.stderr, "complaint")):
            if pipe is not None:
                pipes.register(pipe, selectors.EVENT_READ, word)
        while pipes.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                return b"", b"", f"Reading this file took longer than {limits.wall_seconds:g} seconds."
            for key, _ in pipes.select(left):
                piece = os.read(key.fd, _STEP)
                if not piece:
                    pipes.unregister(key.fileobj)
                elif key.data == "answer" or len(heard["complaint"]) < 4096:
                    heard[key.data] += piece
            if len(heard["answer"]) > limits.answer_bytes:
                return b"", b"", "What this file unpacks to is more than can be checked."
    return bytes(heard["answer"]), bytes(heard["complaint"]), ""


def _ended(process: "subprocess.Popen[bytes]") -> None:
    """Kill what is left of the cage. Its processes have a PID namespace of their own and die with its first one."""
    if process.poll() is None:
        try:
            process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdout, process.stderr):
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
