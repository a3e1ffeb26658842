"""Submissions as they arrive: whole, cut off, too large, or not what they say."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from output_checker.model import BadInput, Policy
from output_checker.web.errors import TooLarge
from output_checker.web.intake import Submission, receive, sent_name

EDGE = "----edge"
HEADERS = {"content-type": f"multipart/form-data; boundary={EDGE}"}
SMALL = Policy(max_file_bytes=1000, max_request_files=3)


def _part(name: str, content: bytes, filename: str | None = None) -> bytes:
    label = f'; filename="{filename}"' if filename is not None else ""
    head = f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"{label}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def _body(*parts: bytes, end: bool = True) -> bytes:
    return b"".join(parts) + (f"--{EDGE}--\r\n".encode() if end else b"")


async def _send(body: bytes, folder: Path, policy: Policy = SMALL, step: int = 7, **headers: str) -> Submission:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), step):
            yield body[start : start + step]

    return await receive({**HEADERS, **headers}, chunks(), policy, folder)


def _left(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@pytest.mark.parametrize("step", [1, 7, 100_000])
async def test_files_arrive_in_order_whatever_the_size_of_the_pieces(tmp_path: Path, step: int) -> None:
    contents = [b"a,b\r\n1,2\r\n", b"", b"\x00\xff--" + EDGE.encode() + b"\r\n\r\n" * 3]
    body = _body(
        _part("request", b'{"title": "\xc3\xa9"}'), *[_part("file", c, f"d/{n}.csv") for n, c in enumerate(contents)]
    )
    with await _send(body, tmp_path, step=step) as submission:
        assert submission.request == '{"title": "é"}'
        assert [part.filename for part in submission.files] == ["d/0.csv", "d/1.csv", "d/2.csv"]
        streams = [submission.open(number) for number in range(3)]
        assert [stream.read() for stream in reversed(streams)] == contents[::-1]
    assert _left(tmp_path) == []


async def test_the_first_byte_too_many_ends_it(tmp_path: Path) -> None:
    with await _send(_body(_part("file", b"x" * 1000, "a.csv")), tmp_path) as submission:
        assert submission.files[0].length == 1000
    with pytest.raises(TooLarge, match=r"a\.csv is larger than the 1,000 bytes"):
        await _send(_body(_part("file", b"x" * 1001, "a.csv")), tmp_path)
    with pytest.raises(TooLarge, match="3 files"):
        await _send(_body(*[_part("file", b"x", f"{n}.csv") for n in range(4)]), tmp_path)
    with pytest.raises(TooLarge, match="1 MiB"):
        await _send(_body(_part("request", b"x" * (1024 * 1024 + 1))), tmp_path, step=65536)
    assert _left(tmp_path) == []


async def test_an_announced_length_beyond_everything_is_refused_before_a_byte_is_read(tmp_path: Path) -> None:
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("a byte was read")
        yield b""

    with pytest.raises(TooLarge):
        await receive({**HEADERS, "content-length": str(2 * 1024**3)}, never(), SMALL, tmp_path)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nothing of the kind",
        _body(_part("request", b"{}"), end=False),
        _body(_part("other", b"{}")),
        _body(_part("request", b"{}", "a.csv")),
        _body(_part("file", b"x")),
        _body(_part("request", b"\xff\xfe")),
        f"--{EDGE}\r\nContent-Type: text/plain\r\n\r\nx\r\n--{EDGE}--\r\n".encode(),
        b"--" + EDGE.encode() + b"\r\n" + b"X: y\r\n" * 50 + b"\r\n\r\n",
    ],
)
async def test_what_is_no_submission_is_bad_input(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(BadInput):
        await _send(body, tmp_path)
    assert _left(tmp_path) == []


async def test_another_content_type_is_bad_input(tmp_path: Path) -> None:
    for kind in ("", "application/json", "multipart/form-data", "multipart/mixed; boundary=x"):
        with pytest.raises(BadInput):
            await _send(b"{}", tmp_path, **{"content-type": kind})


def test_names_are_compared_as_forms_write_them() -> None:
    assert sent_name('a "b".csv') == "a %22b%22.csv"
