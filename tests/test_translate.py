import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import translate
from stills.io import read_picture, write_picture
from tests.face_crop.sequences import IMAGES, compose, portrait
from tests.graphs import make_graph

ROOT = Path(translate.__file__).parent
SIZE = 64


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_graph(tmp_path_factory.mktemp("model") / "invert.onnx", SIZE, "invert")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    shutil.copy(IMAGES / "man-12.webp", folder)
    shutil.copy(IMAGES / "woman-36.webp", folder / "sub")
    return folder


@pytest.fixture
def broken(photos: Path) -> Path:
    """A folder with one good picture and everything that goes wrong with the others."""
    (photos / "text.jpg").write_text("this is no picture")
    (photos / "empty.png").touch()
    good = (IMAGES / "man-0.webp").read_bytes()
    (photos / "truncated.webp").write_bytes(good[: len(good) // 2])
    Image.new("RGB", (1, 1)).save(photos / "pixel.png")
    Image.new("RGB", (400, 300), "gray").save(photos / "wall.png")
    return photos


def test_one_picture_to_one_file(tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "made" / "anime.png"
    assert translate.main([str(IMAGES / "man-12.webp"), str(out), "--model", str(model)]) == 0
    assert read_picture(out).shape == (SIZE, SIZE, 3)
    assert "1 translated (1 portrait), 0 without a face, 0 unreadable; " in capsys.readouterr().out


def test_a_folder_keeps_its_names(photos: Path, tmp_path: Path, model: Path) -> None:
    out = tmp_path / "out"
    assert translate.main([str(photos), str(out), "--model", str(model), "--recursive", "--sheet"]) == 0
    written = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert written == ["contact-sheet.jpg", "man-12.webp", "sub/woman-36.webp"]


def test_broken_files_are_told_one_by_one_and_the_rest_goes_on(
    broken: Path, tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert translate.main([str(broken), str(out), "--model", str(model)]) == 1
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    for name, words in {
        "text.jpg": "not a picture",
        "empty.png": "not a picture",
        "truncated.webp": "truncated.webp",
        "pixel.png": "no face found",
        "wall.png": "no face found",
    }.items():
        assert sum(name in line and words in line for line in lines) == 1, name
    assert len(lines) == 5
    assert "1 translated (1 portrait), 2 without a face, 3 unreadable" in captured.out
    assert [path.name for path in out.iterdir()] == ["man-12.webp"]


def test_several_faces_are_numbered_or_pasted_together(tmp_path: Path, model: Path) -> None:
    group = tmp_path / "group.png"
    write_picture(group, compose([portrait("man-12"), portrait("woman-36")], 512, 1024))
    assert translate.main([str(group), str(tmp_path / "a"), "--model", str(model)]) == 0
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["group-1.png", "group-2.png"]
    assert translate.main([str(group), str(tmp_path / "b"), "--model", str(model), "--faces", "largest"]) == 0
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["group.png"]
    assert translate.main([str(group), str(tmp_path / "c"), "--model", str(model), "--view", "paste"]) == 0
    assert read_picture(tmp_path / "c" / "group.png").shape == (512, 1024, 3)


def test_portraits_are_enlarged_for_print(tmp_path: Path, model: Path) -> None:
    small, large, pasted = (tmp_path / name for name in ("small.png", "large.png", "pasted.png"))
    photo = str(IMAGES / "man-12.webp")
    assert translate.main([photo, str(small), "--model", str(model), "--view", "side-by-side"]) == 0
    assert translate.main([photo, str(large), "--model", str(model), "--view", "side-by-side", "--upscale", "4"]) == 0
    assert translate.main([photo, str(pasted), "--model", str(model), "--view", "paste", "--upscale", "2"]) == 0
    again = np.asarray(Image.open(large).resize((2 * SIZE, SIZE), Image.Resampling.BOX), int)
    assert read_picture(large).shape == (4 * SIZE, 8 * SIZE, 3)
    assert np.abs(again - read_picture(small)).mean() < 8
    assert read_picture(pasted).shape == read_picture(Path(photo)).shape


def test_a_ready_crop_is_not_searched_for_a_face(tmp_path: Path, model: Path) -> None:
    ready = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), np.uint8)
    write_picture(tmp_path / "ready.png", ready)
    arguments = [str(tmp_path / "ready.png"), str(tmp_path / "out.png"), "--model", str(model), "--no-crop"]
    assert translate.main(arguments) == 0
    np.testing.assert_array_equal(read_picture(tmp_path / "out.png"), 255 - ready)


def test_a_sideways_phone_photo_gives_the_same_portrait(tmp_path: Path, model: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(IMAGES / "man-12.webp") as image:
        image.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "phone.png", exif=exif)
    for source, name in ((IMAGES / "man-12.webp", "upright.png"), (tmp_path / "phone.png", "turned.png")):
        assert translate.main([str(source), str(tmp_path / name), "--model", str(model)]) == 0
    np.testing.assert_array_equal(read_picture(tmp_path / "turned.png"), read_picture(tmp_path / "upright.png"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody.png", "out.png"], "nobody.png: no such file"),
        (["{photos}", "{photos}"], "input folder"),
        (["{photos}", "out", "--model", "none.onnx"], "none.onnx"),
        (["{photos}", "out", "--model", "{photos}/man-12.webp"], "man-12.webp"),
        (["{photos}", "out", "--no-crop", "--view", "paste"], "leave out --no-crop"),
    ],
)
def test_what_cannot_start_is_one_line_and_exit_code_2(
    photos: Path, model: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    given = [argument.format(photos=photos) for argument in arguments]
    with_model = given if "--model" in given else [*given, "--model", str(model)]
    assert translate.main(with_model) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1


def test_a_model_for_other_crops_is_refused(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = make_graph(tmp_path / "other.onnx", SIZE, "identity", metadata={"crop_recipe": "loose-v0"})
    assert translate.main([str(photos), str(tmp_path / "out"), "--model", str(other)]) == 2
    assert "loose-v0" in capsys.readouterr().err


def test_a_full_disk_is_told_and_leaves_nothing_half_written(
    photos: Path, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(self: Image.Image, target: Path, **options: object) -> None:
        Path(target).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    assert translate.main([str(photos), str(tmp_path / "out"), "--model", str(model)]) == 1
    captured = capsys.readouterr()
    assert "No space left on device" in captured.err
    assert "1 could not be written" in captured.out
    assert not list((tmp_path / "out").iterdir())


def test_the_command_line_says_nothing_but_its_result(photos: Path, tmp_path: Path, model: Path) -> None:
    done = subprocess.run(
        [sys.executable, "translate.py", str(photos), str(tmp_path / "out"), "--model", str(model), "--device", "cpu"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1
