import os
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stills import io
from stills.io import PictureError, find_pictures, read_picture, write_picture
from tests.face_crop.sequences import IMAGES

HEIGHT, WIDTH = 6, 9


def slope(top: int = 255) -> np.ndarray:
    """Brightness that rises from left to right, [H, W]."""
    return np.tile(np.linspace(0, top, WIDTH), (HEIGHT, 1))


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("grey.png", Image.fromarray(slope().astype(np.uint8))),
        ("grey.jpg", Image.fromarray(slope().astype(np.uint8))),
        ("one-bit.png", Image.fromarray(slope() > 127)),
        ("palette.gif", Image.fromarray(slope().astype(np.uint8)).convert("P")),
        ("16-bit.png", Image.fromarray(slope(65535).astype(np.uint16))),
        ("16-bit.tif", Image.fromarray(slope(65535).astype(np.uint16))),
        ("32-bit.tif", Image.fromarray(slope(65535).astype(np.int32))),
        ("float.tif", Image.fromarray(slope(1).astype(np.float32))),
        ("cmyk.jpg", Image.fromarray(slope().astype(np.uint8)).convert("RGB").convert("CMYK")),
        ("rgba.png", Image.fromarray(slope().astype(np.uint8)).convert("RGBA")),
    ],
)
def test_every_mode_becomes_rgb(tmp_path: Path, name: str, image: Image.Image) -> None:
    image.save(tmp_path / name)
    picture = read_picture(tmp_path / name)
    assert picture.dtype == np.uint8
    assert picture.shape == (HEIGHT, WIDTH, 3)
    expected = np.where(slope() > 127, 255, 0) if name == "one-bit.png" else slope()
    tolerance = 12 if name.endswith("jpg") else 1
    assert np.abs(picture.astype(int) - expected[..., None]).max() <= tolerance


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P"])
def test_what_is_transparent_becomes_white(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "clear.png"
    if mode == "P":
        Image.new("P", (4, 4), 0).save(path, transparency=0)
    else:
        image = Image.new("RGBA", (4, 4), (200, 0, 0, 0))
        (image if mode == "RGBA" else image.convert("LA")).save(path)
    assert (read_picture(path) == 255).all()


def test_half_transparent_red_becomes_pink(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (255, 0, 0, 128)).save(tmp_path / "pink.png")
    np.testing.assert_allclose(read_picture(tmp_path / "pink.png")[0, 0], (255, 127, 127), atol=1)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_photo_is_turned_upright(tmp_path: Path, orientation: int) -> None:
    upright = Image.new("RGB", (40, 20), "black")
    upright.paste("red", (0, 0, 20, 20))
    turned = {
        1: upright,
        3: upright.transpose(Image.Transpose.ROTATE_180),
        6: upright.transpose(Image.Transpose.ROTATE_90),
        8: upright.transpose(Image.Transpose.ROTATE_270),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned.save(tmp_path / "phone.jpg", exif=exif)
    picture = read_picture(tmp_path / "phone.jpg")
    assert picture.shape == (20, 40, 3)
    assert picture[10, 5, 0] > 200
    assert picture[10, 35, 0] < 50


def test_the_first_picture_of_an_animation_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (5, 5), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    assert (read_picture(tmp_path / "moving.gif") == (255, 0, 0)).all()


@pytest.mark.parametrize("suffix", ["webp", "jpg", "png", "gif", "tif", "bmp"])
def test_a_truncated_file_is_an_error_in_one_line(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"half.{suffix}"
    with Image.open(IMAGES / "man-0.webp") as image:
        image.convert("RGB").save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(PictureError, match=r"half\.") as error:
        read_picture(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.png", b"", "not a picture"),
        ("text.jpg", b"hello", "not a picture"),
        ("head.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "head.png"),
    ],
)
def test_files_that_are_no_pictures_are_told(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PictureError, match=message):
        read_picture(tmp_path / name)


def test_damaged_bytes_are_an_error_or_a_picture_but_never_another_exception(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    path = tmp_path / "bits"
    with Image.open(IMAGES / "man-0.webp") as image:
        small = image.convert("RGB").resize((64, 64))
    for suffix in ("png", "jpg", "webp", "gif", "tif", "bmp"):
        small.save(tmp_path / f"good.{suffix}")
        good = np.fromfile(tmp_path / f"good.{suffix}", np.uint8)
        for _ in range(40):
            bad = good.copy()
            at = random.integers(0, min(len(bad), 400), 6)
            bad[at] = random.integers(0, 256, 6)
            bad.tofile(path)
            try:
                read_picture(path)
            except PictureError as error:
                assert "\n" not in str(error)


def test_missing_files_and_folders_are_told(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="No such file"):
        read_picture(tmp_path / "none.png")
    with pytest.raises(PictureError, match="directory"):
        read_picture(tmp_path)


@pytest.mark.parametrize("size", [(20_000, 5_001), (60_000, 60_000)])
def test_a_picture_that_claims_to_be_enormous_is_refused_unread(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (10, 10)).save(path)
    data = bytearray(path.read_bytes())
    data[16:24] = size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big")
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    path.write_bytes(data)
    with pytest.raises(PictureError, match="100 million pixels"):
        read_picture(path)


@pytest.mark.parametrize("suffix", io.SUFFIXES)
def test_what_is_written_can_be_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "deep" / f"red{suffix}"
    write_picture(path, np.full((16, 16, 3), (250, 10, 10), np.uint8))
    np.testing.assert_allclose(read_picture(path)[8, 8], (250, 10, 10), atol=6)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"cannot write \.pdf"):
        write_picture(tmp_path / "x.pdf", np.zeros((4, 4, 3), np.uint8))


def test_a_failed_write_leaves_the_old_file_and_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(b"old")

    def full(self: Image.Image, target: Path, **options: object) -> None:
        Path(target).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(PictureError, match="No space left"):
        write_picture(path, np.zeros((4, 4, 3), np.uint8))
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x.png"]  # noqa: PTH208


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PictureError, match="cannot be written"):
        write_picture(tmp_path / "file" / "x.png", np.zeros((4, 4, 3), np.uint8))


def test_pictures_of_a_folder_are_found_by_name(tmp_path: Path) -> None:
    for name in (
        "b.JPG",
        "a.png",
        "notes.txt",
        ".hidden.png",
        "sub/c.webp",
        "out/d.png",
        ".git/e.png",
        "dir.png/f.txt",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [p.name for p in find_pictures(tmp_path)] == ["a.png", "b.JPG"]
    deep = find_pictures(tmp_path, recursive=True, without=tmp_path / "out")
    assert [str(p.relative_to(tmp_path)) for p in deep] == ["a.png", "b.JPG", "sub/c.webp"]
