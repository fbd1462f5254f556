from __future__ import annotations

import asyncio
import threading

import pytest

import live.broadcast
from live.broadcast import Broadcast
from tests.live.fake_house import FakeSession, wait_until


def pumps() -> int:
    return sum(thread.name == "broadcast" for thread in threading.enumerate())


@pytest.fixture(autouse=True)
def nobody_else() -> None:
    """Threads of servers of earlier tests are gone."""
    wait_until(lambda: pumps() == 0)


async def settled(condition: object) -> None:
    """Wait for the broadcast's thread."""
    assert callable(condition)
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not happen in time")


def test_a_viewer_gets_the_newest_frame_once() -> None:
    async def scene() -> None:
        session = FakeSession()
        feed = Broadcast(session).open()
        await settled(lambda: session.viewers.count == 1)
        session.paint()
        first = await feed.next(5)
        assert first is not None and first.sequence == 1
        assert await feed.next(0.05) is None
        for _ in range(10):
            session.paint()
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.1)
        newest = await feed.next(5)
        assert newest is not None and newest.sequence == 11
        assert await feed.next(0.05) is None
        feed.close()

    asyncio.run(scene())


def test_one_thread_serves_all_and_ends_with_the_last() -> None:
    async def scene() -> None:
        session = FakeSession()
        broadcast = Broadcast(session)
        feeds = [broadcast.open() for _ in range(20)]
        await settled(lambda: session.viewers.count == 1)
        assert pumps() == 1
        session.paint()
        seen = [await feed.next(5) for feed in feeds]
        assert len({id(painted) for painted in seen}) == 1  # the very same bytes, encoded once
        for feed in feeds:
            feed.close()
            feed.close()
        await settled(lambda: pumps() == 0)
        assert session.viewers.count == 0
        assert broadcast.viewers == 0

    asyncio.run(scene())


def test_an_old_picture_is_not_shown_as_live(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        session = FakeSession()
        session.paint()
        feed = Broadcast(session).open()
        assert await feed.next(0.2) is None
        session.paint()
        fresh = await feed.next(5)
        assert fresh is not None and fresh.sequence == 2
        feed.close()

    monkeypatch.setattr(live.broadcast, "FRESH_S", 0.0)  # the picture before counts as old
    asyncio.run(scene())


def test_viewers_may_come_back() -> None:
    async def scene() -> None:
        session = FakeSession()
        broadcast = Broadcast(session)
        for expected in range(1, 4):
            feed = broadcast.open()
            await settled(lambda: session.viewers.count >= 1)
            session.paint()
            sequences = set()
            while expected not in sequences:
                painted = await feed.next(5)
                assert painted is not None
                sequences.add(painted.sequence)
            feed.close()
            await settled(lambda: session.viewers.count == 0)

    asyncio.run(scene())


def test_a_closed_session_leaves_no_busy_thread() -> None:
    async def scene() -> None:
        session = FakeSession()
        broadcast = Broadcast(session)
        feed = broadcast.open()
        await settled(lambda: session.viewers.count == 1)
        session.viewers.close()
        assert await feed.next(0.1) is None
        feed.close()
        await settled(lambda: pumps() == 0)

    asyncio.run(scene())
