"""What the driver says becomes a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from engines.gpu import Gpu, find_gpus
from tests.engines.fakes import FakeDriver


def test_gpus_with_name_capability_and_memory() -> None:
    driver = FakeDriver(gpus=(("NVIDIA H200", 9, 0, 143771 << 20), ("NVIDIA GeForce RTX 4090", 8, 9, 24564 << 20)))
    gpus = find_gpus(lambda name: driver)
    assert gpus.found == (Gpu("NVIDIA H200", "9.0", 143771), Gpu("NVIDIA GeForce RTX 4090", "8.9", 24564))
    assert (gpus.cuda, gpus.problem) == ("12.8", "")


def test_no_driver() -> None:
    def missing(name: str) -> Any:
        raise OSError(name)

    gpus = find_gpus(missing)
    assert gpus.found == ()
    assert "no NVIDIA driver" in gpus.problem


@pytest.mark.parametrize(("code", "words"), [(100, "no GPU"), (803, "reboot"), (35, "too old"), (7, "nvidia-smi")])
def test_errors_of_the_driver_name_a_remedy(code: int, words: str) -> None:
    gpus = find_gpus(lambda name: FakeDriver(code))
    assert gpus.found == ()
    assert words in gpus.problem


def test_this_machine_can_be_asked() -> None:
    gpus = find_gpus()
    assert bool(gpus.found) != bool(gpus.problem)
