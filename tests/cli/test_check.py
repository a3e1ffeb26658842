"""``halftide check``: the contract that programs rely on, and an answer that a person likes to read."""

import hashlib
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from output_checker.cli import main

SAFE = "plan,n\nfree,120\nother,45\n"
LOW = "plan,good,poor\nfree,120,3\nother,45,20\n"
UNCLEAR = "plan,zorp\nfree,1.27\nother,-4.5\n"


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """A folder with a file of each verdict, one of them in a folder beneath."""
    folder = tmp_path / "outputs"
    (folder / "sub").mkdir(parents=True)
    (folder / "b.csv").write_text(SAFE, encoding="utf-8")
    (folder / "sub" / "low.csv").write_text(LOW, encoding="utf-8")
    (folder / "unclear.csv").write_text(UNCLEAR, encoding="utf-8")
    return folder


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and the outputs of the JSON answer."""
    code = main(["check", "--json", *words])
    return code, json.loads(capsys.readouterr().out)["outputs"]


def test_the_answer_for_programs(outputs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = answer(capsys, str(outputs))

    assert code == 2
    assert [item["path"] for item in found] == ["b.csv", "sub/low.csv", "unclear.csv"]
    assert [item["verdict"] for item in found] == ["pass", "fail", "review"]
    low = found[1]
    assert {"path", "sha256", "canonical_sha256", "kind", "verdict", "findings", "dropped"} <= set(low)
    assert low["sha256"] == hashlib.sha256(LOW.encode()).hexdigest()
    assert low["kind"] == "table"
    finding = next(f for f in low["findings"] if f["rule"] == "F01")
    assert {"rule", "severity", "where", "message", "remedy"} <= set(finding)
    assert finding["where"] == [{"part": 0, "row": 1, "column": 2, "label": "free, poor", "value": "3"}]


@pytest.mark.parametrize(("text", "code"), [(SAFE, 0), (UNCLEAR, 1), (LOW, 2)])
def test_exit_codes(tmp_path: Path, text: str, code: int) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")

    assert main(["check", str(path)]) == code


def test_it_could_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text(SAFE, encoding="utf-8")

    assert main(["check", str(tmp_path / "nothing.csv")]) == 3
    assert main(["check", "--policy", "nonsense", str(path)]) == 3
    assert main(["check", "--data", str(tmp_path), str(path)]) == 3
    assert "nonsense" in capsys.readouterr().err


def test_one_bad_file_never_stops_the_others(outputs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (outputs / "empty.csv").write_bytes(b"")
    (outputs / "junk.bin").write_bytes(bytes(range(256)) * 20)
    (outputs / "link.csv").symlink_to("/etc/passwd")
    (outputs / "gone.csv").symlink_to("/nothing")
    code, found = answer(capsys, str(outputs))
    verdicts = {item["path"]: item["verdict"] for item in found}

    assert code == 2
    assert verdicts["b.csv"] == "pass"
    for name in ("empty.csv", "junk.bin", "link.csv", "gone.csv"):
        assert verdicts[name] in ("review", "fail")


def test_links_and_pipes_are_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret, folder = tmp_path / "secret.csv", tmp_path / "outputs"
    secret.write_text(SAFE, encoding="utf-8")
    folder.mkdir()
    (folder / "link.csv").symlink_to(secret)
    os.mkfifo(folder / "pipe.csv")
    _, found = answer(capsys, str(folder))

    assert [item["verdict"] for item in found] == ["fail", "fail"]
    assert hashlib.sha256(SAFE.encode()).hexdigest() not in json.dumps(found)


def test_canonical_bytes(outputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (outputs / "junk.bin").write_bytes(bytes(range(256)) * 20)
    target = tmp_path / "clean"
    _, found = answer(capsys, "--canonical", str(target), str(outputs))

    for item in found:
        path = target / item["path"]
        if item["canonical_sha256"] is None:
            assert not path.exists()
        else:
            assert hashlib.sha256(path.read_bytes()).hexdigest() == item["canonical_sha256"]
    assert (target / "sub" / "low.csv").exists()


def test_a_policy_file(tmp_path: Path) -> None:
    path, policy = tmp_path / "a.csv", tmp_path / "mine.toml"
    path.write_text(SAFE, encoding="utf-8")
    policy.write_text("threshold = 50\n", encoding="utf-8")

    assert main(["check", str(path)]) == 0
    assert main(["check", "--policy", str(policy), str(path)]) == 2


def test_the_answer_for_people(outputs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", str(outputs)])
    told = capsys.readouterr().out

    assert "FAIL  sub/low.csv" in told
    assert "free, poor = 3  (row 2, column 3)" in told
    assert "-> Replace" in told
    assert "3 files: 1 pass, 1 review, 1 fail" in told
    assert "two people decide" in told
    assert "\x1b[" not in told


def test_a_terminal_cannot_be_moved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a\x1b[2Jb.csv"
    path.write_text(LOW.replace("poor", "po\x1b]0;x\x07or"), encoding="utf-8")
    main(["check", str(path)])

    assert "\x1b" not in capsys.readouterr().out


def test_two_files_of_one_name_keep_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.csv").write_text(SAFE, encoding="utf-8")
    _, found = answer(capsys, str(tmp_path / "one" / "a.csv"), str(tmp_path / "two" / "a.csv"))

    assert len({item["path"] for item in found}) == 2


def test_every_sort_of_bad_file_has_an_entry_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "outputs"
    folder.mkdir()
    (folder / "good.csv").write_text(SAFE, encoding="utf-8")
    (folder / "dangling.csv").symlink_to("/nothing/at/all")
    os.mkfifo(folder / "pipe.csv")
    with (folder / "sparse.csv").open("wb") as file:
        file.truncate(2 << 30)
    with zipfile.ZipFile(folder / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (200 << 20))
    (folder / "nulls.csv").write_bytes(b"plan,n\x00\nfree,120\n")
    (folder / "wide.csv").write_bytes(SAFE.encode("utf-16"))
    (folder / "empty.csv").write_bytes(b"")
    code, found = answer(capsys, str(folder))
    verdicts = {item["path"]: item["verdict"] for item in found}

    assert code == 2
    assert set(verdicts) == {path.name for path in folder.iterdir()}
    assert verdicts.pop("good.csv") == "pass"
    assert verdicts["wide.csv"] == "review"
    assert set(verdicts.values()) <= {"review", "fail"}
    assert all(item["findings"] for item in found if item["path"] != "good.csv")


def test_a_picture_keeps_its_name_whatever_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (40, 30), (200, 10, 10)).save(tmp_path / "photo.jpg", "JPEG")
    _, (found,) = answer(capsys, "--canonical", str(tmp_path / "clean"), str(tmp_path / "photo.jpg"))

    assert found["kind"] == "image"
    assert "H01" not in {finding["rule"] for finding in found["findings"]}
    assert (tmp_path / "clean" / "photo.jpg").read_bytes().startswith(b"\x89PNG")


def test_nothing_to_check_is_no_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from output_checker.cli import main

    assert main(["check", str(tmp_path)]) == 3
    assert "no file to check" in capsys.readouterr().err
