import numpy as np
import pytest

from face_crop.align import crop_matrix
from face_crop.detect import MediaPipeDetector
from face_crop.face import Face
from face_crop.track import COAST_MS, SETTLE_MS, Tracker
from tests.face_crop.faces import face_at
from tests.face_crop.sequences import compose, portrait

STEP = 33
SETTLED = SETTLE_MS + 4 * STEP


def test_nobody_gives_nothing() -> None:
    tracker = Tracker()
    assert tracker([], 0) == []
    assert tracker([], 33) == []


def test_a_sure_face_is_shown_at_once_and_keeps_its_identity() -> None:
    tracker = Tracker()
    ids = {(t.id, t.slot) for i in range(30) for t in tracker([face_at(200 + 3 * i, 200)], i * STEP)}
    assert ids == {(0, 0)}


def test_an_unsure_face_is_shown_when_it_is_seen_again() -> None:
    tracker, face = Tracker(), face_at(200, 200, score=0.6)
    assert tracker([face], 0) == []
    assert [t.id for t in tracker([face], STEP)] == [0]


def test_a_fluke_is_never_shown() -> None:
    tracker = Tracker()
    shown = [tracker([face_at(200, 200, score=0.6)] if i % 3 == 0 else [], i * STEP) for i in range(12)]
    assert not any(shown)


def test_a_short_dropout_is_coasted_through() -> None:
    tracker = Tracker()
    before = tracker([face_at(200, 200)], 0)[0]
    for now in range(STEP, COAST_MS, STEP):
        (held,) = tracker([], now)
        assert (held.id, held.slot, held.missing_ms) == (before.id, before.slot, now)
        np.testing.assert_array_equal(held.face.keypoints, before.face.keypoints)
    (back,) = tracker([face_at(203, 200)], COAST_MS)
    assert (back.id, back.missing_ms) == (before.id, 0)


def test_a_moving_face_that_is_missed_is_awaited_where_its_motion_leads() -> None:
    tracker = Tracker()
    for i in range(30):
        missed = i in (20, 21, 22, 23)
        tracks = tracker([] if missed else [face_at(50 + 15 * i, 200, width=60)], i * STEP)
        assert [t.id for t in tracks] == [0]


def test_a_longer_absence_is_a_departure_and_the_next_one_is_somebody_else() -> None:
    tracker = Tracker()
    tracker([face_at(200, 200)], 0)
    assert tracker([], COAST_MS + 1) == []
    (newcomer,) = tracker([face_at(200, 200)], COAST_MS + STEP)
    assert (newcomer.id, newcomer.slot) == (1, 0)


def test_a_gap_in_time_with_a_face_after_it_is_a_departure_too() -> None:
    tracker = Tracker()
    tracker([face_at(200, 200)], 0)
    assert [t.id for t in tracker([face_at(200, 200)], 10_000)] == [1]


@pytest.mark.parametrize("hidden", [0, 4])
def test_two_faces_that_pass_each_other_keep_their_identities(hidden: int) -> None:
    """They meet in frame 30; the hinder one is not found for some frames around."""
    tracker = Tracker()
    for i in range(60):
        right, left = face_at(100 + 8 * i, 200), face_at(580 - 8 * i, 230, width=80)
        covered = abs(i - 30) < hidden
        tracks = tracker([right] if covered else [left, right], i * STEP)
        assert {t.slot for t in tracks} == {0, 1}
    by_id = {t.id: t.face.box.mean() for t in tracks}
    order = np.array([by_id[0], by_id[1]])
    # In the first frame the larger one, going right, got id 0.
    assert order[0] > order[1] + 100


def test_the_order_of_detection_does_not_matter() -> None:
    tracker = Tracker()
    faces = [face_at(100, 100), face_at(300, 100), face_at(500, 100)]
    first = {t.slot: t.face.box[0] for t in tracker(faces, 0)}
    for i in range(1, 7):
        faces = faces[1:] + faces[:1]
        assert {t.slot: pytest.approx(t.face.box[0]) for t in tracker(faces, i * STEP)} == first


def test_who_stays_keeps_the_slot_and_who_comes_takes_the_lowest_free_one() -> None:
    tracker = Tracker(max_faces=2)
    left, right, third = face_at(100, 100, 120), face_at(300, 100), face_at(500, 100)
    for now in range(0, SETTLED, STEP):
        tracker([left, right], now)
    assert [t.slot for t in tracker([right, third], SETTLED)] == [0, 1]  # the left one coasts, the third waits
    tracks = tracker([right, third], SETTLED + COAST_MS)
    assert [(t.slot, round(float(t.face.box[0]))) for t in tracks] == [(0, 450), (1, 250)]


def test_after_a_cut_people_stand_from_left_to_right_in_whatever_order_they_are_found() -> None:
    tracker = Tracker()
    for now in range(0, SETTLED, STEP):
        tracker([face_at(320, 240)], now)
    left, right = face_at(80, 100), face_at(560, 100)
    for number in range(COAST_MS // STEP):
        tracks = tracker([right] if number < 3 else [right, left], SETTLED + number * STEP)
    assert [(t.slot, t.face.box[0] < 320) for t in tracks] == [(0, True), (1, False)]


@pytest.mark.parametrize("mirror", [False, True])
def test_people_under_others_stand_row_by_row(mirror: bool) -> None:
    upper, lower = [face_at(170, 110), face_at(480, 130)], [face_at(150, 360), face_at(490, 350)]
    tracks = Tracker()([*lower, *upper], 0, mirror=mirror)
    places = [(track.face.box[1] > 240, track.face.box[0] > 320) for track in tracks]
    assert places == [(row, column != mirror) for row in (False, True) for column in (False, True)]


def test_a_child_left_of_a_parent_stands_left() -> None:
    tracks = Tracker()([face_at(420, 100), face_at(200, 350, width=70)], 0)
    assert [track.face.box[0] < 320 for track in tracks] == [True, False]


def test_who_is_missed_for_a_moment_while_somebody_comes_keeps_the_place() -> None:
    tracker, first = Tracker(), face_at(560, 100)
    for now in range(0, SETTLED, STEP):
        tracker([first], now)
    tracker([face_at(80, 100)], SETTLED)
    tracks = tracker([face_at(80, 100), first], SETTLED + STEP)
    assert [(t.id, t.slot) for t in tracks] == [(0, 0), (1, 1)]


@pytest.mark.parametrize("mirror", [False, True])
def test_who_comes_together_stands_in_the_order_in_which_people_see_them(mirror: bool) -> None:
    tracker = Tracker()
    faces = [face_at(300, 100, 120), face_at(500, 100), face_at(100, 100)]
    lefts = [float(track.face.box[0]) for track in tracker(faces, 0, mirror=mirror)]
    assert lefts == sorted(lefts, reverse=mirror)
    newcomer = face_at(20, 300)
    tracks = tracker([*faces, newcomer], STEP, mirror=mirror)
    assert [float(track.face.box[0]) for track in tracks[:3]] == pytest.approx(lefts), "who is there keeps the slot"


def test_where_slots_are_few_the_larger_faces_get_them() -> None:
    tracks = Tracker(max_faces=2)([face_at(100, 100, 60), face_at(300, 100, 120), face_at(500, 100, 90)], 0)
    assert [round(float(track.face.box[0])) for track in tracks] == [240, 455]


def test_there_are_never_more_tracks_than_slots() -> None:
    tracker = Tracker(max_faces=4)
    faces = [face_at(100 * i, 100, 60) for i in range(1, 8)]
    for i in range(10):
        tracks = tracker(faces, i * STEP)
        assert [t.slot for t in tracks] == [0, 1, 2, 3]
    assert {t.id for t in tracks} == {0, 1, 2, 3}


def test_times_that_do_not_increase_are_moved_on() -> None:
    tracker = Tracker()
    for now in (1000, 1000, 400, 1001):
        (track,) = tracker([face_at(200, 200)], now)
        assert track.id == 0
        assert np.isfinite(track.face.keypoints).all()


def test_after_a_reset_everybody_is_new() -> None:
    tracker = Tracker()
    tracker([face_at(200, 200)], 0)
    tracker.reset()
    assert tracker([], 1) == []
    assert [(t.id, t.slot) for t in tracker([face_at(200, 200)], 2)] == [(1, 0)]


def test_jitter_of_the_detector_is_taken_out() -> None:
    tracker, random = Tracker(), np.random.default_rng(0)
    raw, steady = [], []
    for i in range(90):
        face = face_at(300, 200)
        shaken = Face(face.box, face.keypoints + random.normal(0, 0.3, (6, 2)).astype(np.float32), 0.9)
        raw.append(crop_matrix(shaken, 256))
        steady.append(crop_matrix(tracker([shaken], i * STEP)[0].face, 256))
    shake = np.std(raw[20:], axis=0) * [[1, 1, 1 / 256]] * 2
    left = np.std(steady[20:], axis=0) * [[1, 1, 1 / 256]] * 2
    assert (left < 0.4 * shake).all()


def test_a_tracker_without_slots_is_refused() -> None:
    with pytest.raises(ValueError, match="slot"):
        Tracker(max_faces=0)


def test_four_people_before_the_real_detector_keep_their_slots() -> None:
    people = [portrait(name) for name in ("man-0", "man-12", "woman-36", "woman-94")]
    frame, tracker = compose(people, 720, 1280), Tracker()
    with MediaPipeDetector() as detector:
        seen = [tracker(detector(frame, i * STEP), i * STEP) for i in range(12)]
    assert [t.slot for t in seen[-1]] == [0, 1, 2, 3]
    quarters = {t.id: (t.face.box[0] > 640, t.face.box[1] > 360) for t in seen[-1]}
    assert len(set(quarters.values())) == 4
    for tracks in seen:
        assert all(quarters[t.id] == (t.face.box[0] > 640, t.face.box[1] > 360) for t in tracks)
