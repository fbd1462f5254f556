"""Steadies the crop of one face over time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from face_crop.align import Matrix, crop_matrix, scale_of
from face_crop.face import Face
from face_crop.one_euro import OneEuro, Vector


@dataclass(frozen=True)
class Smoothing:
    """Parameters of the One Euro filters, in units of the crop's side so that near and far faces are treated alike.

    Attributes:
        min_cutoff: cutoff at rest in Hz.
        place_beta: rise of the cutoff in Hz per side/s of motion.
        size_beta: rise in Hz per e-fold/s of growth.
        angle_beta: rise in Hz per rad/s of rotation.
        derivative_cutoff: cutoff of the speeds in Hz.
    """

    min_cutoff: float = 0.3
    place_beta: float = 16.0
    size_beta: float = 8.0
    angle_beta: float = 8.0
    derivative_cutoff: float = 1.0


class PoseFilter:
    """Filters what a crop depends on (its middle, size and rotation), then moves the face along with its crop."""

    def __init__(self, smoothing: Smoothing) -> None:
        def euro(beta: float) -> OneEuro:
            return OneEuro(smoothing.min_cutoff, beta, smoothing.derivative_cutoff)

        self._middle = euro(smoothing.place_beta)
        self._log_side = euro(smoothing.size_beta)
        self._angle = euro(smoothing.angle_beta)
        self._turned = 0.0

    @property
    def velocity(self) -> Vector:
        """Speed of the crop's middle, float64 [2], pixels per second."""
        return self._middle.velocity

    def __call__(self, face: Face, seconds: float) -> Face:
        """Take in a face.

        Args:
            face: as detected.
            seconds: since the last one, above 0; ignored in the first call.

        Returns:
            The face, moved so that `crop_matrix` of it is the steady crop.
        """
        middle, side, angle = _pose(crop_matrix(face, 1))
        # Counted on from the last angle, so that half a turn more is never half a turn back.
        self._turned += math.remainder(angle - self._turned, math.tau)
        steady_middle = self._middle(middle, seconds, unit=side)
        steady_side = math.exp(self._log_side(np.array([math.log(side)]), seconds)[0])
        steady_angle = self._angle(np.array([self._turned]), seconds)[0]
        return _moved(face, middle, steady_middle, steady_side / side, steady_angle - self._turned)


def _pose(unit_crop_from_frame: Matrix) -> tuple[Vector, float, float]:
    """Middle (float64 [2], pixels), side (pixels) and rotation (radians, clockwise as seen) of a crop of size 1."""
    side = 1 / scale_of(unit_crop_from_frame)
    angle = math.atan2(-unit_crop_from_frame[1, 0], unit_crop_from_frame[0, 0])
    # In a crop of size 1 the middle of the only pixel, (0, 0), is the middle of the crop.
    middle = -side * side * unit_crop_from_frame[:, :2].T @ unit_crop_from_frame[:, 2]
    return middle, side, angle


def _moved(face: Face, middle: Vector, to: Vector, scale: float, turn: float) -> Face:
    """A face scaled and turned about `middle`, and moved so that `middle` comes to lie on `to`."""
    cos, sin = scale * math.cos(turn), scale * math.sin(turn)
    linear = np.array([[cos, -sin], [sin, cos]])
    box_middle = (face.box[:2] + face.box[2:]) / 2
    half = (face.box[2:] - face.box[:2]) / 2 * scale
    box_to = linear @ (box_middle - middle) + to
    return Face(
        box=np.concatenate([box_to - half, box_to + half]).astype(np.float32),
        keypoints=((face.keypoints - middle) @ linear.T + to).astype(np.float32),
        score=face.score,
    )
