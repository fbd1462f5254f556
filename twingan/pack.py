"""Detect, crop and filter picture folders once, into one packed array a domain that training can hold in memory.

    python -m twingan.pack --faces data/human-gan data/human-gan-varied data/human-diverse-cc0:12 -o data/packed/human
    python -m twingan.pack --ready data/anime --keep anime-skin --favour natural-hair -o data/packed/anime

`--faces` detects, aligns (the live path's own crop recipe) and tells person from background; `--ready` takes
pictures that are crops already. `FOLDER:WEIGHT` draws from that folder so many times as often.
"""

from __future__ import annotations

import argparse
import contextlib
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from face_crop.align import RECIPE, crop, crop_matrix
from face_crop.detect import MediaPipeDetector
from face_crop.hush import without_notes
from twingan.data import save

Picture = npt.NDArray[np.uint8]

SEGMENTER = Path(__file__).with_name("assets") / "selfie_segmentation.tflite"
VALIDATION_SHARE = 0.05
SUFFIXES = {".webp", ".png", ".jpg", ".jpeg"}


class Segmenter:
    """Person against background (MediaPipe selfie segmentation): RGB uint8 [H,W,3] -> alpha uint8 [H,W]."""

    def __init__(self) -> None:
        from mediapipe.tasks.python import BaseOptions, vision

        options = vision.ImageSegmenterOptions(
            base_options=BaseOptions(model_asset_buffer=SEGMENTER.read_bytes()), output_confidence_masks=True
        )
        self._segmenter: Any = vision.ImageSegmenter.create_from_options(options)

    def __call__(self, picture: Picture) -> Picture:
        import mediapipe as mp

        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(picture))
        mask = self._segmenter.segment(image).confidence_masks[-1].numpy_view().reshape(picture.shape[:2])
        return np.asarray(mask * 255 + 0.5, np.uint8)

    def close(self) -> None:
        """Release the model."""
        self._segmenter.close()


def anime_skin(picture: Picture) -> bool:
    """Whether a drawn head has human-like skin around nose and cheeks: drops helmets, masks, robots, animals."""
    size = picture.shape[0]
    cheeks = picture[size * 34 // 64 : size * 46 // 64, size * 22 // 64 : size * 42 // 64].astype(int)
    red, green, blue = np.moveaxis(cheeks, -1, 0)
    skin = (red > green + 4) & (green >= blue - 25) & (red > blue) & (red > 70) & (red - blue < 150)
    return bool(skin.mean() >= 0.75)


def natural_hair(picture: Picture) -> float:
    """Sampling weight of a drawn head: 4 for hair that people have (black, brown, blond, red, grey), else 1."""
    size = picture.shape[0]
    hair = picture[size // 16 : size // 5, size * 5 // 16 : size * 11 // 16].reshape(-1, 3)
    red, green, blue = (int(channel) for channel in np.median(hair, 0))
    grey = max(red, green, blue) - min(red, green, blue) < 24
    warm = red >= green - 4 and green >= blue - 12 and red - blue < 140
    return 4.0 if grey or warm else 1.0


KEEP: dict[str, Callable[[Picture], bool]] = {"anime-skin": anime_skin}
FAVOUR: dict[str, Callable[[Picture], float]] = {"natural-hair": natural_hair}


def aligned(path: Path, size: int, detector: MediaPipeDetector, segmenter: Segmenter) -> Picture | None:
    """RGBA uint8 [size,size,4] of the largest face in a file (A: 255 person, 0 background), None without a face."""
    picture = _read(path)
    faces = detector(picture)
    if not faces:
        return None
    matrix = crop_matrix(faces[0], size)
    alpha = segmenter(picture)
    return np.dstack([crop(picture, matrix, size), crop(np.dstack([alpha] * 3), matrix, size)[..., :1]])


def ready(path: Path, size: int) -> Picture:
    """RGBA uint8 [size,size,4] of a file that is a crop already; A is 255."""
    picture = _read(path)
    shrink = picture.shape[0] > size
    resized = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA if shrink else cv2.INTER_CUBIC)
    return np.dstack([np.asarray(resized, np.uint8), np.full((size, size), 255, np.uint8)])


def split(count: int, seed: int = 0) -> npt.NDArray[np.bool_]:
    """bool [count]: True for the 5 % that are kept for validation, the same ones for the same count and seed."""
    chosen = np.zeros(count, bool)
    chosen[np.random.default_rng(seed).permutation(count)[: max(1, round(count * VALIDATION_SHARE))]] = True
    return chosen


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    notes = {name: listed(getattr(options, name)) for name in ("men", "unsure", "skip")}
    pictures: list[Picture] = []
    rows: list[dict[str, Any]] = []
    dropped = 0
    with _models() as (detector, segmenter):
        for path, base in tqdm(list(_files([*options.faces, *options.ready])), unit="picture"):
            is_face = str(path.parent) in {_folder(text)[0] for text in options.faces}
            with without_notes():  # the models' runtime grumbles about the alignment of some pictures
                picture = aligned(path, options.size, detector, segmenter) if is_face else ready(path, options.size)
            if picture is None or not all(KEEP[name](picture[..., :3]) for name in options.keep):
                dropped += 1
                continue
            weight = base * math.prod(FAVOUR[name](picture[..., :3]) for name in options.favour)
            pictures.append(picture)
            file = f"{path.parent.name}/{path.name}"
            skip = file in notes["skip"]
            rows.append({"file": file, "group": _group(path, file, notes), "weight": 0.0 if skip else weight})
    if not pictures:
        raise SystemExit("no picture was usable: check the folders and whether --faces or --ready fits them")
    for row, held_out in zip(rows, split(len(rows)), strict=True):
        row["validation"] = bool(held_out)
    save(options.output, np.stack(pictures), {"crop_recipe": RECIPE, "pictures": rows})
    print(f"{len(rows)} pictures packed into {options.output}.npy, {dropped} dropped")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m twingan.pack", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("--faces", nargs="*", default=[], metavar="FOLDER[:WEIGHT]", help="photos: detect and align")
    parser.add_argument("--ready", nargs="*", default=[], metavar="FOLDER[:WEIGHT]", help="crops already")
    parser.add_argument("--keep", nargs="*", default=[], choices=sorted(KEEP), help="filters a picture must pass")
    parser.add_argument("--favour", nargs="*", default=[], choices=sorted(FAVOUR), help="sampling weights")
    parser.add_argument(
        "--men", type=Path, help="list of pictures (folder/file, one a line) that show men; others show women"
    )
    parser.add_argument("--unsure", type=Path, help="list of pictures of whom nobody can tell")
    parser.add_argument("--skip", type=Path, help="list of pictures that training shall not draw")
    parser.add_argument("--size", type=int, default=256, help="side in pixels (default 256)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="path without suffix")
    return parser


@contextlib.contextmanager
def _models() -> Iterator[tuple[MediaPipeDetector, Segmenter]]:
    """Both models, started and closed without the notes of their runtime."""
    with without_notes():
        detector, segmenter = MediaPipeDetector(still=True), Segmenter()
    try:
        yield detector, segmenter
    finally:
        with without_notes():
            detector.close()
            segmenter.close()


def _files(folders: list[str]) -> Iterator[tuple[Path, float]]:
    for text in folders:
        folder, weight = _folder(text)
        if not Path(folder).is_dir():
            raise SystemExit(f"{folder} is not a folder: name the unpacked picture folders")
        for path in sorted(Path(folder).iterdir()):
            if path.suffix.lower() in SUFFIXES:
                yield path, weight


def _folder(text: str) -> tuple[str, float]:
    folder, _, weight = text.partition(":")
    return str(Path(folder)), float(weight or 1)


def _group(path: Path, file: str, notes: dict[str, set[str]]) -> str:
    """`man`, `woman` or `any`, from names such as 00001-man.webp or woman-3.webp, else from the lists."""
    parts = path.stem.split("-")
    for part in (parts[-1], parts[0]):
        if part in {"man", "woman"}:
            return part
    if not notes["men"] or file in notes["unsure"]:
        return "any"
    return "man" if file in notes["men"] else "woman"


def listed(path: Path | None) -> set[str]:
    """The lines of a list; nothing without one."""
    if path is None:
        return set()
    try:
        return set(path.read_text().split())
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f"{path} cannot be read as a list of pictures ({error}): one folder/file a line") from None


def _read(path: Path) -> Picture:
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, UnidentifiedImageError) as error:
        raise SystemExit(f"{path} cannot be read as a picture ({error}): mend or remove it") from None


if __name__ == "__main__":
    main()
