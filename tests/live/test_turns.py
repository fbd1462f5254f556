from __future__ import annotations

import sys
import threading
import time

from live.turns import short_turns

HANDOVERS = 40


def waiting_s() -> float:
    """How long a thread needs that gives the interpreter away and wants it back so many times."""
    began = time.perf_counter()
    for _ in range(HANDOVERS):
        time.sleep(0)
    return time.perf_counter() - began


def test_a_thread_that_works_hard_keeps_the_others_waiting_for_shorter() -> None:
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            sum(range(100))

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    long = min(waiting_s() for _ in range(3))
    with short_turns():
        short = min(waiting_s() for _ in range(3))
    done.set()
    worker.join()
    assert short < long / 2


def test_the_interpreter_is_left_as_it_was_found() -> None:
    before = sys.getswitchinterval()
    with short_turns():
        assert sys.getswitchinterval() < before
    assert sys.getswitchinterval() == before
