"""Face detection with MediaPipe: the only module that imports it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from face_crop.face import Face

MODEL = Path(__file__).with_name("assets") / "face_detection_short_range.tflite"
MODEL_SHA256 = "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8"


class Detector(Protocol):
    """Finds faces in frames of one stream."""

    def __call__(self, frame: npt.NDArray[np.uint8], time_ms: int) -> list[Face]:
        """Faces in an RGB uint8 [H, W, 3] frame taken at `time_ms` (increasing), largest first."""

    def close(self) -> None:
        """Release the detector; calling it twice is harmless."""


class MediaPipeDetector:
    """MediaPipe Tasks' face detector with the vendored short-range model.

    One per stream: its VIDEO mode wants increasing time stamps. Close it explicitly.

    Args:
        still: for unrelated pictures instead of a stream: time stamps are then ignored.
        min_score: least confidence of a face, 0 .. 1.
        max_faces: at most so many faces are returned, the largest first.

    Raises:
        FileNotFoundError, ValueError: the vendored model is missing or damaged.
    """

    def __init__(self, *, still: bool = False, min_score: float = 0.5, max_faces: int = 4) -> None:
        from mediapipe.tasks.python import BaseOptions, vision

        self._still = still
        self._max_faces = max_faces
        self._last_ms = -1
        options = vision.FaceDetectorOptions(
            base_options=BaseOptions(model_asset_buffer=_model_bytes(MODEL)),
            running_mode=vision.RunningMode.IMAGE if still else vision.RunningMode.VIDEO,
            min_detection_confidence=min_score,
        )
        self._detector: Any = vision.FaceDetector.create_from_options(options)

    def __call__(self, frame: npt.NDArray[np.uint8], time_ms: int = 0) -> list[Face]:
        """See `Detector`. Time stamps that do not increase are moved forward by a millisecond."""
        import mediapipe as mp

        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(frame))
        if self._still:
            result = self._detector.detect(image)
        else:
            self._last_ms = max(self._last_ms + 1, time_ms)
            result = self._detector.detect_for_video(image, self._last_ms)
        height, width = frame.shape[:2]
        faces = [_face(detection, width, height) for detection in result.detections]
        return sorted(faces, key=_area, reverse=True)[: self._max_faces]

    def close(self) -> None:
        """See `Detector`."""
        if self._detector is not None:
            self._detector.close()
            self._detector = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _model_bytes(path: Path) -> bytes:
    if not path.is_file():
        raise FileNotFoundError(f"the face detection model {path} is missing: restore it with `git checkout {path}`")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != MODEL_SHA256:
        raise ValueError(f"{path} is damaged (wrong SHA-256): restore it with `git checkout {path}`")
    return data


def _face(detection: Any, width: int, height: int) -> Face:
    box = detection.bounding_box
    corners = [box.origin_x, box.origin_y, box.origin_x + max(box.width, 1), box.origin_y + max(box.height, 1)]
    points = [(point.x * width - 0.5, point.y * height - 0.5) for point in detection.keypoints]
    return Face(
        box=np.array(corners, np.float32),
        keypoints=np.array(points, np.float32),
        score=float(detection.categories[0].score),
    )


def _area(face: Face) -> float:
    left, top, right, bottom = face.box
    return float((right - left) * (bottom - top))
