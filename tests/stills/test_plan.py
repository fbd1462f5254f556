from pathlib import Path

import pytest

from stills.plan import UsageError, numbered, plan, sheet_path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.jpg", "b.png", "b.gif", "sub/c.webp"):
        (folder / name).touch()
    return folder


def names(folder: Path, output: Path, *, recursive: bool = False) -> list[str]:
    return [str(job.target.relative_to(output)) for job in plan(folder, output, recursive=recursive)]


def test_relative_names_are_kept(photos: Path, tmp_path: Path) -> None:
    # b.gif is written as PNG, and b.png has that name already.
    assert names(photos, tmp_path / "out") == ["a.jpg", "b.png", "b_.png"]
    assert names(photos, tmp_path / "out", recursive=True) == ["a.jpg", "b.png", "b_.png", "sub/c.webp"]


def test_results_inside_the_input_are_not_taken_for_input(photos: Path) -> None:
    (photos / "out").mkdir()
    (photos / "out" / "a.jpg").touch()
    assert len(plan(photos, photos / "out", recursive=True)) == 4


def test_one_picture_goes_to_a_file_or_into_a_folder(photos: Path, tmp_path: Path) -> None:
    assert plan(photos / "a.jpg", tmp_path / "x.png")[0].target == tmp_path / "x.png"
    assert plan(photos / "a.jpg", tmp_path / "new")[0].target == tmp_path / "new" / "a.jpg"
    (tmp_path / "dir.png").mkdir()
    assert plan(photos / "a.jpg", tmp_path / "dir.png")[0].target == tmp_path / "dir.png" / "a.jpg"


@pytest.mark.parametrize(
    ("source", "output", "message"),
    [
        ("none", "out", "no such file"),
        ("photos", "photos", "input folder"),
        ("photos", "photos/../photos", "input folder"),
        ("photos", "photos/a.jpg", "is a file"),
        ("photos/a.jpg", "photos/a.jpg", "is the input itself"),
        ("photos/a.jpg", "photos", "is the input itself"),
        ("photos/a.jpg", "x.pdf", "cannot write .pdf"),
        ("empty", "out", "no pictures in it.*--recursive"),
    ],
)
def test_what_does_not_go_together_is_told(
    photos: Path, tmp_path: Path, source: str, output: str, message: str
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=message):
        plan(tmp_path / source, tmp_path / output)


def test_a_link_to_the_input_is_not_overwritten(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(photos)
    with pytest.raises(UsageError, match="input folder"):
        plan(photos, tmp_path / "link")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.jpg").symlink_to(photos / "a.jpg")
    with pytest.raises(UsageError, match="input"):
        plan(photos, tmp_path / "other")


def test_several_faces_are_numbered() -> None:
    assert numbered(Path("x/a.jpg"), 2, 3) == Path("x/a-2.jpg")
    assert numbered(Path("x/a.jpg"), 1, 1) == Path("x/a.jpg")


def test_the_sheet_never_takes_the_place_of_a_result(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert sheet_path(photos, out, plan(photos, out)) == out / "contact-sheet.jpg"
    (photos / "contact-sheet-2.jpg").touch()
    assert sheet_path(photos, out, plan(photos, out)) == out / "contact-sheet_.jpg"
    one = plan(photos / "a.jpg", tmp_path / "x.png")
    assert sheet_path(photos / "a.jpg", tmp_path / "x.png", one) == tmp_path / "x-contact-sheet.jpg"
