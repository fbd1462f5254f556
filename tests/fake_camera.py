"""A film for Chromium's fake camera.

`chromium --use-fake-device-for-media-stream --use-file-for-fake-video-capture=FILE.mjpeg` shows the film to
`getUserMedia` at 30 frames a second, again and again.
"""

from __future__ import annotations

from pathlib import Path

import av

from live.demo import CLIP
from live.encode import encode_jpeg
from live.sources.media import to_rgb


def write_mjpeg(path: Path, begin_s: float = 0.0, end_s: float = 11.0) -> Path:
    """Write a piece of the demo clip as JPEGs one after the other; by default one face after another.

    Args:
        path: must end in `.mjpeg`, by which Chromium knows the format.
        begin_s, end_s: piece of the clip in seconds; see `live.demo.SECONDS_WITH_FACES` for two and four faces.

    Returns:
        The path.
    """
    if path.suffix != ".mjpeg":
        raise ValueError(f"Chromium knows the format by the ending .mjpeg, got {path.name}")
    with av.open(str(CLIP)) as container, path.open("wb") as file:
        for frame in container.decode(video=0):
            if begin_s <= (frame.time or 0.0) < end_s:
                file.write(encode_jpeg(to_rgb(frame, 640), 90))
    return path
