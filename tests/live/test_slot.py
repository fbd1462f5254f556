from __future__ import annotations

import threading

from live.slot import LatestSlot


def test_a_slow_taker_gets_the_newest_item_and_the_old_ones_are_counted() -> None:
    slot: LatestSlot[int] = LatestSlot()
    for index in range(10):
        slot.put(index)
    assert slot.take(0) == 9
    assert slot.dropped == 9


def test_an_item_is_taken_once() -> None:
    slot: LatestSlot[int] = LatestSlot()
    slot.put(1)
    assert [slot.take(0), slot.take(0)] == [1, None]
    assert slot.dropped == 0


def test_a_waiting_taker_gets_what_is_put() -> None:
    slot: LatestSlot[int] = LatestSlot()
    got: list[int | None] = []
    taker = threading.Thread(target=lambda: got.append(slot.take(10)))
    taker.start()
    slot.put(7)
    taker.join(10)
    assert got == [7]


def test_close_wakes_every_taker_and_ignores_what_comes_later() -> None:
    slot: LatestSlot[int] = LatestSlot()
    got: list[int | None] = []
    takers = [threading.Thread(target=lambda: got.append(slot.take())) for _ in range(3)]
    for taker in takers:
        taker.start()
    slot.close()
    slot.close()
    for taker in takers:
        taker.join(10)
    slot.put(1)
    assert got == [None, None, None]
    assert slot.take(0) is None
    assert slot.closed
