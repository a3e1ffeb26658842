"""Archives of results: their files are read one by one, and what comes out is a clean archive of the same files."""

import bz2
import gzip
import io
import lzma
import zipfile

import pytest
from hostile import CSV, noise, png, workbook, zipped
from hostile_archives import TEXT, tar
from hypothesis import given
from hypothesis import strategies as st
from test_roundtrip import relaxed, settled

from output_checker.model import Image, Kind, Table
from output_checker.readers import bundle
from output_checker.readers.reading import read

FILES = {"tables/a.csv": CSV, "b.txt": TEXT, "c.png": png(), "d.xlsx": workbook()}


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_members_become_parts_under_their_names() -> None:
    output = read(zipped(**FILES))
    assert output.kind is Kind.ARCHIVE
    assert [part.name for part in output.parts] == ["tables/a.csv", "b.txt", "c.png", "d.xlsx, First"]
    assert isinstance(output.parts[0], Table)
    assert isinstance(output.parts[2], Image)
    assert members(output.canonical) == {name: read(data).canonical for name, data in FILES.items()}


def test_a_tar_archive_gives_the_same_clean_archive() -> None:
    expected = read(zipped(**{"a.csv": CSV})).canonical
    assert read(tar("a.csv")).canonical == expected
    for compress in (gzip.compress, bz2.compress, lzma.compress):
        assert read(compress(tar("./a.csv"))).canonical == expected


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_one_compressed_file_is_read_as_what_it_is(compress: object) -> None:
    output = read(compress(CSV))  # type: ignore[operator]
    assert (output.kind, output.canonical) == (Kind.TABLE, CSV)
    assert {loss.what for loss in output.dropped} == {"archive"}


def test_two_streams_one_after_the_other_are_one_file() -> None:
    assert read(gzip.compress(CSV) + gzip.compress(b"None,20,30\n")).canonical == CSV + b"None,20,30\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (tar("../../etc/passwd"), "leads out"),
        (tar("/etc/passwd"), "absolute path"),
        (
            zipped(**{"a.csv": CSV, "b": b"PAR1" + noise(40)}),
            '"b" in this archive can\'t be released: This is a Parquet',
        ),
        (zipped(**{"b.zip": zipped(a=b"x")}), '"b.zip" in this archive can\'t be released: This is a ZIP archive'),
        (gzip.compress(bytes(50_000_000)), "200 times its size"),
    ],
)
def test_a_refusal_names_the_member_and_the_reason(data: bytes, said: str) -> None:
    assert said in read(data).problem


def test_the_ratio_is_what_refuses_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the limit the same file is read."""
    data = gzip.compress(b"plan,good,poor\n" + b"Free,120,40\n" * 300_000)
    monkeypatch.setattr(bundle, "FREE_OF_RATIO", 1_000_000)
    assert "times its size" in read(data).problem
    monkeypatch.setattr(bundle, "LARGEST_RATIO", 10_000)
    assert read(data).kind is Kind.TABLE


def test_a_secret_in_a_members_loss_is_placed_by_its_name() -> None:
    (loss,) = read(zipped(**{"a.csv": CSV, "b.txt": b"fine \n"})).dropped
    assert (loss.what, loss.where) == ("blanks", "b.txt")


contents = st.sampled_from([CSV, TEXT, png(), workbook(), b"{}", b"<p>x</p>", b"a\x00b", b"x \n", b"[1,2]", noise(30)])
names = st.text(st.sampled_from(list("ab./\\ -\u00e9\u200b:")), min_size=1, max_size=8)


@relaxed
@given(st.dictionaries(names, contents, max_size=4), st.sampled_from([bytes, gzip.compress]))
def test_archives_round_trip(files: dict[str, bytes], wrap: object) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    settled(wrap(out.getvalue()))  # type: ignore[operator]
