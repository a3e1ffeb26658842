"""Pictures: what shows stays, pixel for pixel."""

import io

import pytest
from hostile import chunk, header, jpeg, png
from PIL import Image as Pillow

from output_checker.model import Image
from output_checker.readers.reading import read


def seen(data: bytes) -> Pillow.Image:
    (part,) = read(data).parts
    assert isinstance(part, Image)
    assert part.data == read(data).canonical
    picture = Pillow.open(io.BytesIO(part.data))
    picture.load()
    assert (part.width, part.height) == picture.size
    return picture


def saved(picture: Pillow.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def test_colours_stay_as_they_are() -> None:
    picture = Pillow.radial_gradient("L").resize((40, 30)).convert("RGB")
    assert seen(saved(picture)).tobytes() == picture.tobytes()


def test_grey_stays_grey_and_interlaced_pictures_are_read() -> None:
    grey = Pillow.linear_gradient("L").resize((9, 7))
    assert seen(saved(grey)).mode == "L"
    assert read(saved(grey)).dropped == ()


def test_a_transparent_ground_becomes_white() -> None:
    picture = Pillow.new("RGBA", (4, 4), (0, 0, 0, 0))
    picture.putpixel((1, 1), (255, 0, 0, 255))
    flat = seen(saved(picture))
    assert flat.getpixel((0, 0)) == (255, 255, 255)
    assert flat.getpixel((1, 1)) == (255, 0, 0)
    assert [loss.what for loss in read(saved(picture)).dropped] == ["presentation"]


def test_an_opaque_alpha_channel_is_nothing_to_tell() -> None:
    assert read(saved(Pillow.new("RGBA", (4, 4), (9, 9, 9, 255)))).dropped == ()


def test_sixteen_bits_are_cut_to_eight() -> None:
    picture = Pillow.new("I;16", (3, 3), 0x8001)
    assert seen(saved(picture)).getpixel((0, 0)) == 0x80
    assert [loss.what for loss in read(saved(picture)).dropped] == ["image-depth"]


def test_the_chunk_is_described_and_not_quoted() -> None:
    (loss,) = read(png(chunk(b"tEXt", b"Software\x00Matplotlib version3.10"))).dropped
    assert (loss.what, loss.detail, loss.size) == ("png-chunk", "tEXt Software, 31 bytes", 31)
    assert "Matplotlib" in loss.sample


@pytest.mark.parametrize(("side", "refused"), [(5000, False), (5001, True)])
def test_the_largest_picture(side: int, refused: bool) -> None:
    data = saved(Pillow.new("1", (side, 5000)), compress_level=1)
    assert ("at most" in read(data).problem) is refused


def test_a_jpeg_is_turned_as_its_viewer_turns_it() -> None:
    picture = Pillow.new("RGB", (20, 10), (0, 0, 255))
    exif = Pillow.Exif()
    exif[0x0112] = 6
    data = saved(picture, "JPEG", exif=exif)
    assert seen(data).size == (10, 20)
    assert {loss.what for loss in read(data).dropped} == {"encoding", "jpeg-segment"}


def test_an_ordinary_jpeg_only_says_that_it_is_a_png_now() -> None:
    assert [loss.what for loss in read(jpeg()).dropped] == ["encoding"]


def test_a_second_header_is_no_picture_of_its_own() -> None:
    assert seen(png(header(1, 1))).size == (2, 2)


def test_soft_edges_on_a_transparent_ground_hide_nothing() -> None:
    picture = Pillow.new("RGBA", (60, 60), (0, 0, 0, 0))
    for n in range(20):
        picture.putpixel((n, 30), (255, n, 0, n))
    picture.putpixel((0, 30), (0, 0, 0, 0))
    assert [loss.what for loss in read(saved(picture)).dropped] == ["presentation"]


def test_a_picture_too_faint_to_see_is_told() -> None:
    picture = Pillow.linear_gradient("L").resize((60, 60)).convert("RGBA")
    picture.putalpha(1)
    assert [loss.what for loss in read(saved(picture)).dropped] == ["alpha"]
