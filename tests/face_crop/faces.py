"""Made faces for tests of geometry and tracking."""

from __future__ import annotations

import numpy as np

from face_crop.face import Face

# The six key points of a frontal face of width 1 around (0, 0), as MediaPipe sees it.
_UPRIGHT = np.array([[-0.2, -0.2], [0.2, -0.2], [0, 0.05], [0, 0.25], [-0.45, -0.1], [0.45, -0.1]])


def face_at(x: float, y: float, width: float = 100.0, degrees: float = 0.0, score: float = 0.9) -> Face:
    """A frontal face whose box is centred on (x, y), turned clockwise."""
    turn = np.deg2rad(degrees)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    half = width / 2
    return Face(
        box=np.array([x - half, y - half, x + half, y + half], np.float32),
        keypoints=(width * _UPRIGHT @ rotation.T + (x, y)).astype(np.float32),
        score=score,
    )
