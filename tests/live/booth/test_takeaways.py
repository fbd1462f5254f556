from __future__ import annotations

import pytest

from live.booth.takeaways import Takeaways
from tests.live.fakes import Clock


def test_pictures_are_there_until_their_time_is_over() -> None:
    clock = Clock()
    kept = Takeaways(600, clock=clock)
    mine = kept.keep({"print.jpg": b"picture"}, "de")
    clock.now += 599
    found = kept.get(mine.token)
    assert found is not None
    assert found.files["print.jpg"] == b"picture"
    assert found.language == "de"
    assert kept.seconds_left(mine) == pytest.approx(1)
    clock.now += 1
    assert kept.get(mine.token) is None


def test_what_is_over_leaves_memory_without_being_asked_for() -> None:
    clock = Clock()
    kept = Takeaways(600, clock=clock)
    kept.keep({"a": b"x"}, "en")
    clock.now += 601
    kept.drop_expired()
    assert kept._kept == {}


def test_tokens_differ_and_are_long() -> None:
    kept = Takeaways(600, most=200)
    tokens = {kept.keep({}, "en").token for _ in range(200)}
    assert len(tokens) == 200
    assert min(map(len, tokens)) >= 22  # 128 bits, 6 a letter


def test_the_oldest_goes_where_there_are_too_many() -> None:
    kept = Takeaways(600, most=2)
    first, second, third = (kept.keep({}, "en").token for _ in range(3))
    assert kept.get(first) is None
    assert kept.get(second) is not None
    assert kept.get(third) is not None


def test_the_oldest_go_where_they_take_too_much_memory() -> None:
    kept = Takeaways(600, most_bytes=100)
    first, second = (kept.keep({"a": bytes(40)}, "en").token for _ in range(2))
    third = kept.keep({"a": bytes(30), "b": bytes(30)}, "en").token
    assert [kept.get(token) is not None for token in (first, second, third)] == [False, True, True]


def test_a_picture_that_can_never_fit_drops_no_other() -> None:
    kept = Takeaways(600, most_bytes=100)
    first = kept.keep({"a": bytes(40)}, "en").token
    with pytest.raises(ValueError, match="101 bytes are too large"):
        kept.keep({"a": bytes(101)}, "en")
    assert kept.get(first) is not None


def test_dropping_and_clearing() -> None:
    kept = Takeaways(600)
    first, second = (kept.keep({}, "en").token for _ in range(2))
    kept.drop(first)
    kept.drop(first)
    assert kept.count == 1
    kept.clear()
    assert kept.get(second) is None
