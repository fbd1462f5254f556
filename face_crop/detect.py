"""Face detection with MediaPipe: the only module that imports it."""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np

from face_crop.face import Face
from face_crop.search import Frame, Search, area

MODEL = Path(__file__).with_name("assets") / "face_detection_short_range.tflite"
MODEL_SHA256 = "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8"


class Detector(Protocol):
    """Finds faces in frames of one stream."""

    def __call__(self, frame: Frame, time_ms: int) -> list[Face]:
        """Faces in an RGB uint8 [H, W, 3] frame taken at `time_ms` (increasing), largest first."""

    def reset(self) -> None:
        """Forget the faces of the frames before: the next one is of another stream."""

    def close(self) -> None:
        """Release the detector; calling it twice is harmless."""


class MediaPipeDetector:
    """MediaPipe Tasks' face detector with the vendored short-range model. Close it explicitly.

    In a stream it looks closely at the faces it knows (see `face_crop.search`): one detector per stream. Faces are
    found from 13 % of a frame's longer side on (7 % of a 16:9 frame's in a stream), turned by up to 75 degrees either
    way. A face upside down is often reported too, with its key points as if it were upright.

    Args:
        still: for unrelated pictures instead of a stream: each is looked at once, as a whole.
        min_score: least confidence of a face, 0 .. 1.
        max_faces: at most so many faces are returned: in still pictures the largest, in a stream those known longest.

    Raises:
        FileNotFoundError, ValueError: the vendored model is missing or damaged.
    """

    def __init__(self, *, still: bool = False, min_score: float = 0.5, max_faces: int = 4) -> None:
        self._max_faces = max_faces
        model = _load(model_bytes(MODEL), min_score)
        look = partial(_look, model)
        search = Search(look, max_faces)
        self._search: Callable[[Frame], list[Face]] = look if still else search
        self._forget = search.forget
        # A forgotten MediaPipe detector that the garbage collector finds in a cycle waits forever for its own thread,
        # which was collected with it: the finalizer keeps both alive until the detector is closed.
        self._release = weakref.finalize(self, _close, model)

    def __call__(self, frame: Frame, time_ms: int = 0) -> list[Face]:
        """See `Detector`; the time is not used.

        Raises:
            ValueError: the frame is not RGB uint8 [H, W, 3], or the detector is closed.
        """
        if not self._release.alive:
            raise ValueError("the face detector is closed: make a new one")
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3 or not frame.size:
            raise ValueError(f"frame: expected RGB uint8 [H,W,3], got {frame.dtype} {list(frame.shape)}")
        return sorted(self._search(frame), key=area, reverse=True)[: self._max_faces]

    def reset(self) -> None:
        """See `Detector`."""
        self._forget()

    def close(self) -> None:
        """See `Detector`."""
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def model_bytes(path: Path) -> bytes:
    """The detection model's file.

    Raises:
        FileNotFoundError, ValueError: it is missing or damaged.
    """
    if not path.is_file():
        raise FileNotFoundError(f"the face detection model {path} is missing: restore it with `git checkout {path}`")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != MODEL_SHA256:
        raise ValueError(f"{path} is damaged (wrong SHA-256): restore it with `git checkout {path}`")
    return data


def _load(model: bytes, min_score: float) -> Any:
    from mediapipe.tasks.python import BaseOptions, vision

    # IMAGE mode for streams too: a close-up is another picture than the frame, and VIDEO mode adds nothing here.
    options = vision.FaceDetectorOptions(
        base_options=BaseOptions(model_asset_buffer=model),
        running_mode=vision.RunningMode.IMAGE,
        min_detection_confidence=min_score,
    )
    return vision.FaceDetector.create_from_options(options)


def _close(model: Any) -> None:
    try:
        model.close()
    except RuntimeError:
        # At the interpreter's end MediaPipe's thread is gone already and nothing is left to release; without its
        # handle the destructor does not try again, and fail with a traceback.
        model._handle = None


def _look(model: Any, frame: Frame) -> list[Face]:
    """All faces that the model sees in one picture."""
    import mediapipe as mp

    image = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(frame))
    height, width = frame.shape[:2]
    return [_face(detection, width, height) for detection in model.detect(image).detections]


def _face(detection: Any, width: int, height: int) -> Face:
    box = detection.bounding_box
    corners = [box.origin_x, box.origin_y, box.origin_x + max(box.width, 1), box.origin_y + max(box.height, 1)]
    points = [(point.x * width - 0.5, point.y * height - 0.5) for point in detection.keypoints]
    return Face(
        box=np.array(corners, np.float32),
        keypoints=np.array(points, np.float32),
        score=float(detection.categories[0].score),
    )
