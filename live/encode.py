"""From a painted picture to JPEG bytes."""

from __future__ import annotations

import cv2
import numpy as np

from face_crop.align import Frame


def encode_jpeg(picture: Frame, quality: int = 85) -> bytes:
    """JPEG (4:2:0) of a picture.

    OpenCV's own libjpeg-turbo is as fast as simplejpeg's here (docs/decisions/0007-encoder.md), so that no further
    dependency is needed.

    Args:
        picture: RGB uint8 [H, W, 3].
        quality: 1 .. 100.
    """
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    subsampling = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420)
    encoded, data = cv2.imencode(".jpg", bgr, (cv2.IMWRITE_JPEG_QUALITY, quality, *subsampling))
    if not encoded:
        raise ValueError(f"a picture of shape {picture.shape} cannot be encoded as JPEG")
    return np.asarray(data, np.uint8).tobytes()
