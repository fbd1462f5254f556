"""Geometry between a frame and the aligned square crop that the networks see. Pure functions.

The recipe (`RECIPE`) was measured on the anime heads of the training data: the mean image has its eyes at 45 % of
the height, its mouth at 70 % and its chin at 81 %. A person's crop is rotated so that the eyes are level, and scaled
so that eyes and mouth fall on the same lines; training and the live path share this one function.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from face_crop.face import MOUTH, Face

RECIPE = "eyes-0.45-mouth-0.69-v1"
"""Name of the crop recipe; stored in every exported graph, so that a graph and a crop cannot drift apart."""

EYES_Y = 0.45
"""Height of the eye line in the crop, as a share of its side."""
EYE_DISTANCE = 0.22
"""Distance between the pupils of a frontal face, as a share of the crop's side."""
EYES_TO_MOUTH = 0.24
"""Distance from the eye line to the mouth, as a share of the crop's side."""

Frame = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]


def crop_matrix(face: Face, size: int) -> Matrix:
    """The similarity transform that takes frame pixels to crop pixels.

    The crop's side is the larger of what the eye distance and the eye-to-mouth distance ask for, so that a head
    turned aside (eyes close together) or bent down (mouth close to the eyes) keeps its size.

    Args:
        face: the face to crop.
        size: side of the crop in pixels.

    Returns:
        crop_from_frame, float64 [2, 3]: crop_xy = matrix @ (x, y, 1).
    """
    right_eye, left_eye = face.eyes.astype(np.float64)
    between = left_eye - right_eye
    middle = (right_eye + left_eye) / 2
    distance = max(float(np.hypot(*between)), 1e-3)
    drop = float(np.hypot(*(face.keypoints[MOUTH] - middle)))
    side = max(distance / EYE_DISTANCE, drop / EYES_TO_MOUTH)
    cos, sin = between / distance
    rotation = np.array([[cos, sin], [-sin, cos]]) * (size / side)
    target = np.array([0.5, EYES_Y]) * size - 0.5
    return np.hstack([rotation, (target - rotation @ middle)[:, None]])


def crop(frame: Frame, crop_from_frame: Matrix, size: int) -> Frame:
    """Cut the square crop out of a frame; beyond the frame its border pixels are repeated.

    Args:
        frame: RGB uint8 [H, W, 3].
        crop_from_frame: float64 [2, 3], see `crop_matrix`.
        size: side of the crop in pixels.

    Returns:
        RGB uint8 [size, size, 3].
    """
    frame, crop_from_frame = shrunk(frame, crop_from_frame)
    cut = cv2.warpAffine(frame, crop_from_frame, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.uint8)


def scale_of(matrix: Matrix) -> float:
    """Crop pixels per frame pixel of a similarity transform."""
    return float(np.hypot(matrix[0, 0], matrix[1, 0]))


def enlarged(crop_from_frame: Matrix, scale: float) -> Matrix:
    """The matrix of the same crop with `scale` times the pixels along each side."""
    matrix = crop_from_frame * scale
    matrix[:, 2] += (scale - 1) / 2  # the outer edges at -0.5 stay on each other
    return matrix


def inverse(matrix: Matrix) -> Matrix:
    """The transform back, float64 [2, 3]: frame_from_crop of a crop_from_frame."""
    return np.asarray(cv2.invertAffineTransform(matrix), np.float64)


def shrunk(frame: Frame, crop_from_frame: Matrix) -> tuple[Frame, Matrix]:
    """Average a picture down by a whole factor where the warp would otherwise skip pixels (alias).

    Args:
        frame: uint8 [H, W, 3].
        crop_from_frame: float64 [2, 3], a similarity.

    Returns:
        The picture as it is, or averaged down, and the matrix that belongs to it.
    """
    factor = int(1 / max(scale_of(crop_from_frame), 1e-6))
    factor = min(factor, *frame.shape[:2])
    if factor < 2:
        return frame, crop_from_frame
    height, width = frame.shape[0] // factor, frame.shape[1] // factor
    small = cv2.resize(frame[: height * factor, : width * factor], (width, height), interpolation=cv2.INTER_AREA)
    # Pixel centres: x = factor * x_small + (factor - 1) / 2.
    frame_from_small = np.array([[factor, 0, (factor - 1) / 2], [0, factor, (factor - 1) / 2], [0, 0, 1]])
    return np.asarray(small, np.uint8), crop_from_frame @ frame_from_small
