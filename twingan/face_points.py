"""Points on a portrait photo's face, and the expression that they tell.

The network is MediaPipe's face mesh (Kartynnik et al. 2019, arXiv 1907.06724; Apache-2.0), taken out of the last wheel
of `mediapipe` that carries it and run by OpenVINO; nothing of it is shipped here. Points have its numbers.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from twingan.evaluation.extras import ExtraMissingError

WHEEL = "mediapipe-0.10.14-*.whl"
MEMBER = "mediapipe/modules/face_landmark/face_landmark.tflite"
INPUT_SIZE, COUNT = 192, 468
SEEN, MIDDLE = 0.8, (0.5, 0.53)
"""Side and middle of what the network is shown, in shares of a crop by `face_crop.align.RECIPE`."""

UPPER_LIDS = ((33, 246, 161, 160, 159, 158, 157, 173, 133), (263, 466, 388, 387, 386, 385, 384, 398, 362))
LOWER_LIDS = ((33, 7, 163, 144, 145, 153, 154, 155, 133), (263, 249, 390, 373, 374, 380, 381, 382, 362))
"""From the outer to the inner corner; first the eye that is on the left of the picture."""
UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
"""Inner edges, from left to right."""
FOREHEAD, CHIN, NOSE = 10, 152, 1
TEMPLES, MOUTH_CORNERS = (234, 454), (61, 291)
MIDST = slice(3, -3)
"""Of the points of a lid or lip those that move most."""

Points = npt.NDArray[np.float32]
"""[468,2]: x and y in shares of the picture's side."""
Photo = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Expression:
    """What a face does.

    Attributes:
        eyes: how far each is open, the left of the picture first: height by width, 0.3 is usual, below 0.12 shut.
        mouth: height of the opening between the lips, a share of the face's height; laughing people have 0.05 to 0.08.
        smile: by how much the corners of the mouth are above its middle, a share of the face's height.
        turned: how far the nose is from the middle of the face, a share of its width; > 0 is right in the picture.
    """

    eyes: tuple[float, float]
    mouth: float
    smile: float
    turned: float


class FacePoints:
    """Finds them: crop RGB uint8 [S,S,3] -> `Points`.

    Raises:
        ExtraMissingError: the wheel is not in the folder, or not readable.
    """

    def __init__(self, folder: Path) -> None:
        try:
            wheel = next(folder.glob(WHEEL))
            model = zipfile.ZipFile(wheel).read(MEMBER)
        except StopIteration:
            raise ExtraMissingError(folder / WHEEL, "not there") from None
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise ExtraMissingError(wheel, str(error)) from None
        self._run = _compiled(model)

    def __call__(self, photo: Photo) -> Points:
        """See the class."""
        scale = INPUT_SIZE / (SEEN * len(photo))
        corner = (np.array(MIDDLE) - SEEN / 2) * len(photo)
        matrix = np.array([[scale, 0, -corner[0] * scale], [0, scale, -corner[1] * scale]])
        seen = cv2.warpAffine(photo, matrix, (INPUT_SIZE, INPUT_SIZE), borderMode=cv2.BORDER_REPLICATE)
        results = [np.asarray(value).ravel() for value in self._run([seen[None].astype(np.float32) / 255]).values()]
        points = next(value for value in results if value.size == 3 * COUNT).reshape(COUNT, 3)[:, :2]
        return np.asarray((points / scale + corner) / len(photo), np.float32)


def _compiled(model: bytes):  # type: ignore[no-untyped-def]  # OpenVINO's own, which has no types
    """For OpenVINO, which reads TensorFlow Lite files by path only."""
    import tempfile

    import openvino

    with tempfile.NamedTemporaryFile(suffix=".tflite") as file:
        file.write(model)
        file.flush()
        return openvino.Core().compile_model(
            openvino.convert_model(file.name), "CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
        )


def expression(points: Points) -> Expression:
    """What the face does, from its points."""
    left, right = (
        _apart(points, up, low) / _norm(points[up[0]] - points[up[-1]])
        for up, low in zip(UPPER_LIDS, LOWER_LIDS, strict=True)
    )
    height = _norm(points[FOREHEAD] - points[CHIN])
    middle = (points[UPPER_LIP[5]] + points[LOWER_LIP[5]]) / 2
    corners = points[list(MOUTH_CORNERS)].mean(0)
    temples = points[list(TEMPLES)]
    turned = (points[NOSE] - temples.mean(0))[0] / _norm(temples[0] - temples[1])
    smile = (middle - corners)[1] / height
    return Expression((left, right), _apart(points, UPPER_LIP, LOWER_LIP) / height, float(smile), float(turned))


def _apart(points: Points, upper: tuple[int, ...], lower: tuple[int, ...]) -> float:
    return float(np.linalg.norm(points[list(upper)] - points[list(lower)], axis=1)[MIDST].mean())


def _norm(vector: Points) -> float:
    return float(np.linalg.norm(vector))
