from __future__ import annotations

import av
import numpy as np
import pytest

from face_crop.hush import HushedDetector
from face_crop.track import Track, Tracker
from live.demo import CLIP, SECONDS_WITH_FACES
from live.demo.scenes import BETWEEN_S, SCENES
from live.sources.media import to_rgb
from tools.make_clip import between


def tracks_of(begin_s: float, end_s: float) -> list[list[Track]]:
    """The tracks in every second frame of a piece of the clip."""
    tracker = Tracker()
    with av.open(str(CLIP)) as film, HushedDetector() as detector:
        frames = [frame for frame in film.decode(video=0) if begin_s <= (frame.time or 0.0) < end_s][::2]
        times = [round(1000 * (frame.time or 0.0)) for frame in frames]
        return [tracker(detector(to_rgb(frame, 640), now), now) for frame, now in zip(frames, times, strict=True)]


def test_people_are_seen_when_the_table_says_so_and_lie_within_a_scene() -> None:
    start_s, scenes = 0.0, dict[int, tuple[float, float]]()
    for scene in SCENES:
        scenes.setdefault(len(scene.people), (start_s, start_s + scene.seconds))
        start_s += scene.seconds + BETWEEN_S
    assert scenes.keys() == SECONDS_WITH_FACES.keys()
    for people, (begin_s, end_s) in SECONDS_WITH_FACES.items():
        assert scenes[people][0] <= begin_s < end_s <= scenes[people][1]


def test_nobody_is_carried_over_into_the_next_scene_and_four_people_stand_as_they_are_seen() -> None:
    (two_s, _), (_, four_s) = SECONDS_WITH_FACES[2], SECONDS_WITH_FACES[4]
    seen = tracks_of(two_s + 2, four_s - 2)
    before, after = seen[0], seen[-1]
    assert [len(before), len(after)] == [2, 4]
    assert any(not tracks for tracks in seen)
    assert not {track.id for track in before} & {track.id for track in after}
    assert [(track.face.box[1] > 240, track.face.box[0] > 320) for track in after] == [
        (False, False),
        (False, True),
        (True, False),
        (True, True),
    ]


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_between_two_scenes_it_gets_neither_dark_nor_bright(share: float) -> None:
    before, after = (np.full((480, 640, 3), level, np.uint8) for level in (90, 200))
    before[::2] += 20
    frame = between(before, after, share * BETWEEN_S)
    assert 88 <= frame.min() <= frame.max() <= 202
    if share in (0.0, 1.0):
        assert np.array_equal(frame, after if share else before)
