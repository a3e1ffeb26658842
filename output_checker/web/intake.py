"""A submission as it arrives: a multipart body of any size, kept on disk and never in memory.

All files of a request go into one nameless temporary file beside the store, which is gone when the request is over.
Limits are enforced while the bytes arrive: the first byte too many ends it. Nothing here looks into a file.
"""

import asyncio
import io
import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, Self, cast

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from output_checker.model import BadInput, Policy
from output_checker.web.errors import TooLarge

FIELD_LIMIT = 1024 * 1024
"""Most bytes of the ``request`` field."""
PART_OVERHEAD = 16 * 1024
"""Bytes of boundary and headers that a part may need beside its content."""
WRITE_AT_ONCE = 1024 * 1024
DRAIN_LIMIT = 32 * 1024 * 1024
"""How much of a body that is refused is still read, so that the sender gets to read the refusal."""


class Slice(io.RawIOBase):
    """A part's bytes in the shared file, read independently of all others."""

    def __init__(self, file: IO[bytes], start: int, length: int) -> None:
        super().__init__()
        self._file, self._at, self._end = file, start, start + length

    def readable(self) -> bool:
        """It can be read, and nothing else."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer from where the last read ended; 0 at the end."""
        data = os.pread(self._file.fileno(), min(len(buffer), self._end - self._at), self._at)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


@dataclass
class Arrived:
    """A part that has arrived: the name of its field, its file name if it is a file, and where its bytes are."""

    field: str
    filename: str | None
    start: int
    length: int = 0


@dataclass
class Submission:
    """What was sent: the ``request`` field and the files in their order. Close it, or use it in ``with``."""

    file: IO[bytes]
    request: str = ""
    files: list[Arrived] = field(default_factory=list)

    def open(self, number: int) -> BinaryIO:
        """The bytes of the file at this position."""
        part = self.files[number]
        return cast("BinaryIO", io.BufferedReader(Slice(self.file, part.start, part.length)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.file.close()


class _Receiver:
    """Turns the parser's events into parts, counts, and refuses."""

    def __init__(self, policy: Policy, file: IO[bytes]) -> None:
        self.policy = policy
        self.submission = Submission(file)
        self._pending = bytearray()
        self._headers: dict[str, bytes] = {}
        self._name = self._value = b""
        self._part: Arrived | None = None
        self._text = bytearray()
        self._size = 0
        self.finished = False

    def begin(self) -> None:
        self._headers, self._part = {}, None

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = self._value
        self._name = self._value = b""

    def headers_finished(self) -> None:
        kind, options = parse_options_header(self._headers.get("content-disposition", b"").decode("latin-1"))
        if kind != b"form-data" or b"name" not in options:
            raise BadInput("A part of the submission has no name; use multipart/form-data.")
        filename = options.get(b"filename")
        name = None if filename is None else _utf8(filename)
        self._part = Arrived(_utf8(options[b"name"]), name, self._size)
        if self._part.field == "file" and name is not None:
            if len(self.submission.files) >= self.policy.max_request_files:
                raise TooLarge(
                    f"A request of this project may hold {self.policy.max_request_files} files. "
                    "Ask for fewer, or in several requests."
                )
            self.submission.files.append(self._part)
        elif self._part.field != "request" or name is not None:
            raise BadInput(f"A submission has a field 'request' and files in 'file', not {self._part.field[:40]!r}.")

    def data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        if part is None:
            raise BadInput("The submission is not readable as multipart/form-data.")
        if part.filename is None:
            self._text += data[start:end]
            if len(self._text) > FIELD_LIMIT:
                raise TooLarge("The description of the request is larger than 1 MiB. Shorten its texts.")
            return
        part.length += end - start
        self._size += end - start
        if part.length > self.policy.max_file_bytes:
            raise TooLarge(
                f"{part.filename} is larger than the {self.policy.max_file_bytes:,} bytes that the project's policy "
                "allows. Release a summary instead, or split it."
            )
        self._pending += data[start:end]

    def end(self) -> None:
        self.finished = True

    async def write(self, *, all_of_it: bool = False) -> None:
        """Move what has arrived to the disk, without holding up everybody else."""
        if self._pending and (all_of_it or len(self._pending) >= WRITE_AT_ONCE):
            data, self._pending = self._pending, bytearray()
            await asyncio.to_thread(self.submission.file.write, data)

    def done(self) -> Submission:
        self.submission.file.flush()
        self.submission.request = _utf8(bytes(self._text))
        return self.submission

    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self.begin,
            "on_part_data": self.data,
            "on_header_field": self.header_field,
            "on_header_value": self.header_value,
            "on_header_end": self.header_end,
            "on_headers_finished": self.headers_finished,
            "on_end": self.end,
        }


async def receive(headers: Mapping[str, str], body: AsyncIterator[bytes], policy: Policy, folder: Path) -> Submission:
    """Receive a submission into a temporary file in ``folder``. Raises BadInput or TooLarge; then nothing is kept."""
    kind, options = parse_options_header(headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise BadInput("A submission is sent as multipart/form-data.")
    _require_announced(headers.get("content-length", ""), policy)
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - the submission owns and closes it
    try:
        receiver = _Receiver(policy, file)
        parser = MultipartParser(options[b"boundary"], receiver.callbacks())  # type: ignore[arg-type]
        try:
            async for chunk in body:
                parser.write(chunk)
                await receiver.write()
        except TooLarge:
            await _drain(body)
            raise
        if not receiver.finished:
            raise BadInput("The submission ended before it was complete. Send it again.")
        await receiver.write(all_of_it=True)
        return receiver.done()
    except FormParserError as error:
        file.close()
        raise BadInput("The submission is not readable as multipart/form-data.") from error
    except BaseException:
        file.close()
        raise


def sent_name(path: str) -> str:
    """How a form writes this path as a file name (WHATWG multipart/form-data)."""
    return path.replace("\n", "%0A").replace("\r", "%0D").replace('"', "%22")


def _require_announced(length: str, policy: Policy) -> None:
    """Refuse by the announced length before a byte is read, when no allowed request can be that long."""
    most = policy.max_request_files * (policy.max_file_bytes + PART_OVERHEAD) + FIELD_LIMIT + PART_OVERHEAD
    if length.isdecimal() and int(length) > most:
        raise TooLarge(f"A request of this project may hold {most:,} bytes in all; this one has {int(length):,}.")


async def _drain(body: AsyncIterator[bytes]) -> None:
    left = DRAIN_LIMIT
    try:
        async with asyncio.timeout(10):
            async for chunk in body:
                left -= len(chunk)
                if left < 0:
                    return
    except (TimeoutError, ClientDisconnect):
        return


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadInput("A name or the request's description is not in UTF-8.") from error
