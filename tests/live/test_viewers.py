from __future__ import annotations

import threading

from live.viewers import Painted, Viewers
from tests.live.fakes import Clock


def picture(sequence: int) -> Painted:
    return Painted(b"jpeg", sequence, 0.0, 0.0, 4, 3)


def test_a_viewer_that_stalls_gets_the_newest_picture_and_holds_up_nobody() -> None:
    viewers = Viewers()
    quick, stalled = viewers.subscribe(), viewers.subscribe()
    seen = []
    for sequence in range(1, 6):
        viewers.show(picture(sequence))
        painted = quick.next(0)
        assert painted is not None
        seen.append(painted.sequence)
    late = stalled.next(0)
    assert seen == [1, 2, 3, 4, 5]
    assert late is not None
    assert late.sequence == 5


def test_a_picture_is_seen_once_by_each_viewer() -> None:
    viewers = Viewers()
    viewer = viewers.subscribe()
    viewers.show(picture(1))
    viewers.show(picture(2))
    assert viewer.next(0) is not None
    assert viewer.next(0) is None
    assert viewers.subscribe().next(0) is not None


def test_a_waiting_viewer_wakes_when_a_picture_comes() -> None:
    viewers = Viewers()
    viewer = viewers.subscribe()
    got: list[Painted | None] = []
    waiting = threading.Thread(target=lambda: got.append(viewer.next(10)))
    waiting.start()
    viewers.show(picture(1))
    waiting.join(10)
    assert [painted and painted.sequence for painted in got] == [1]


def test_a_waiting_viewer_wakes_with_nothing_when_all_is_closed() -> None:
    viewers = Viewers()
    viewer = viewers.subscribe()
    got: list[Painted | None] = []
    waiting = threading.Thread(target=lambda: got.append(viewer.next(60)))
    waiting.start()
    viewers.close()
    waiting.join(10)
    assert got == [None]


def test_counts_viewers_and_the_time_without_any() -> None:
    clock = Clock()
    viewers = Viewers(clock)
    clock.now += 5
    assert viewers.alone_s == 5
    viewer = viewers.subscribe()
    assert (viewers.count, viewers.alone_s) == (1, 0)
    viewer.close()
    viewer.close()
    clock.now += 2
    assert (viewers.count, viewers.alone_s) == (0, 2)
