"""The cage itself: limits hold, answers are distrusted, and nothing gets out."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hostile import CSV, png, zipped

from output_checker import sandbox
from output_checker.model import Broken, Kind, Table
from output_checker.readers import CageLimits, Cages, cage, read_in_cage
from output_checker.readers.reading import read


def caged(monkeypatch: pytest.MonkeyPatch, code: str, limits: CageLimits = cage.DEFAULT) -> object:
    """The output when the reader in the cage is this Python code instead: a reader that a file has taken over."""
    real = sandbox.reader_cage

    def taken_over(command: list[str], *rest: object) -> list[str]:
        return real([sys.executable, "-I", "-c", code], *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(sandbox, "reader_cage", taken_over)
    return read_in_cage(CSV, limits=limits)


def test_a_table_comes_back_as_it_was_read() -> None:
    output = read_in_cage(CSV, "table.csv")
    assert output == read(CSV)
    assert isinstance(output.parts[0], Table)
    assert output.parts[0].cells[1] == ("Free", "120", "40")


def test_waiting_cages_read_as_fresh_ones_do_and_each_only_once() -> None:
    files = [(CSV, "a.csv"), (png(), "b.png"), (b"", "c.txt"), (b"Only words here.", "d.txt")] * 2
    with Cages(warm=2) as cages, ThreadPoolExecutor(4) as threads:
        outputs = list(threads.map(lambda file: cages.read(*file), files))
    assert outputs == [read_in_cage(*file) for file in files]


def test_a_cage_that_died_while_it_waited_is_passed_over() -> None:
    with Cages(warm=1) as cages:
        waiting = cages._waiting[0]
        waiting.kill()
        waiting.wait()
        assert cages.read(CSV).kind is Kind.TABLE


def test_no_cage_waits_once_nobody_wants_it() -> None:
    with Cages(warm=2) as cages:
        waiting = list(cages._waiting)
    assert [process.poll() is not None for process in waiting] == [True, True]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("t.csv", zipped(**{"a.csv": CSV}), "application/zip"),
        ("t.csv", png(), "image/png"),
        ("figure.png", CSV, "text/csv"),
        ("notes.ipynb", b"Only words here.", "text/plain"),
    ],
)
def test_a_name_that_promises_something_else_is_told(name: str, data: bytes, said: str) -> None:
    surprises = [loss.detail for loss in read_in_cage(data, name).dropped if loss.what == "type-mismatch"]
    assert len(surprises) == 1
    assert said in surprises[0]


@pytest.mark.parametrize("name", ["t.csv", "T.CSV", "t.tsv", "t.txt", "t", "t.dat", "t.log"])
def test_a_fitting_name_is_not_remarked_on(name: str) -> None:
    assert read_in_cage(CSV, name).dropped == ()


def test_a_reader_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    start = time.monotonic()
    output = caged(monkeypatch, "import time; time.sleep(60)", CageLimits(wall_seconds=0.5))
    assert time.monotonic() - start < 3
    assert "longer than 0.5 seconds" in output.problem  # type: ignore[attr-defined]


def test_processor_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    output = caged(monkeypatch, "while True: pass", CageLimits(cpu_seconds=1, wall_seconds=10))
    assert "processor time" in output.problem  # type: ignore[attr-defined]


def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    output = caged(monkeypatch, "x = bytearray(1 << 30)", CageLimits(memory=256 << 20))
    assert "memory" in output.problem  # type: ignore[attr-defined]


def test_an_answer_without_an_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import os\nwhile True: os.write(1, b'HALFTIDE' * 9999)"
    output = caged(monkeypatch, code, CageLimits(answer_bytes=1 << 20))
    assert "more than can be checked" in output.problem  # type: ignore[attr-defined]


def test_a_flood_of_complaints_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    output = caged(monkeypatch, "import os\nfor _ in range(10000): os.write(2, b'x' * 9999)")
    assert "without an answer" in output.problem  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HALFTIDE",
        b"HALFTIDEffffffff{}",
        b"HALFTIDE00000002{}",
        b"HALFTIDE00000002[]",
        b"HALFTIDE-0000002{}",
        b'{"kind": "text"}',
        b"HALFTIDE00000fff" + b"[" * 4095,
    ],
)
def test_an_answer_that_is_no_answer_is_refused(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    output = caged(monkeypatch, f"import os; os.write(1, {said!r})")
    assert output.kind is Kind.UNKNOWN  # type: ignore[attr-defined]
    assert output.problem  # type: ignore[attr-defined]


def test_the_reader_sees_no_file_and_no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("never")
    code = f"""
import os, socket, sys
seen = []
for path in ("{tmp_path}/secret", "/etc/shadow", "/root", "/proc/1/environ"):
    try:
        open(path).read()
        seen.append(path)
    except OSError:
        pass
try:
    open("/file", "ab")
    seen.append("written")
except OSError:
    pass
try:
    socket.create_connection(("127.0.0.1", 22), 1)
    seen.append("network")
except OSError as error:
    seen += ["network"] if error.errno == 111 and "HUB" in os.environ else []
seen += [name for name in os.environ if "TOKEN" in name]
sys.stderr.write("bad " + repr(seen) if seen else "good")
sys.exit(7)
"""
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "never")
    heard: list[bytes] = []
    real = cage._without_answer
    monkeypatch.setattr(cage, "_without_answer", lambda exit_code, words: heard.append(words) or real(exit_code, words))
    output = caged(monkeypatch, code)
    assert heard == [b"good"]
    assert "code 7" in output.problem  # type: ignore[attr-defined]


def test_without_a_sandbox_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "reader_cage", lambda *_: ["/nonexistent/bwrap"])
    with pytest.raises(Broken, match="can't be started"):
        read_in_cage(CSV)
    monkeypatch.setattr(sandbox, "reader_cage", lambda *_: ["bwrap", "--no-such-flag"])
    with pytest.raises(Broken, match="can't be started"):
        read_in_cage(CSV)


def test_a_file_that_grows_while_it_is_copied_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "growing.csv"
    path.write_bytes(b"a,b\n" * 1000)
    real = cage.os.read

    def growing(handle: int, size: int) -> bytes:
        with path.open("ab") as file:
            file.write(b"1,2\n" * 1000)
        return real(handle, size)

    monkeypatch.setattr(cage.os, "read", growing)
    output = read_in_cage(path, limits=CageLimits(file_bytes=20_000))
    assert "at most 20,000" in output.problem


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cage.tempfile, "tempdir", str(tmp_path))
    read_in_cage(CSV)
    assert list(tmp_path.iterdir()) == []
