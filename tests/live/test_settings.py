from __future__ import annotations

from typing import Any

import pytest

from live.settings import Settings
from live.sources.base import SourceError


def test_the_defaults_need_nothing() -> None:
    settings = Settings()
    assert (settings.source, settings.view, settings.device) == ("auto", "side-by-side", "auto")
    assert settings.upscale == 1
    assert settings.models.name == "models"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"source": "webcam"}, "unknown source 'webcam'"),
        ({"view": "mosaic"}, "unknown view 'mosaic'"),
        ({"upscale": 4}, r"upscale must be 1 \(off\) or 2, got 4"),
        ({"device": "gpu"}, "device must be one of auto, cpu, tensorrt, got 'gpu'"),
        ({"jpeg_quality": 0}, "jpeg_quality must be 1 .. 100, got 0"),
        ({"max_side": 10}, "max_side must be 64 .. 7680, got 10"),
        ({"idle_after_s": -1}, "idle_after_s must be 0"),
        ({"idle_after_s": float("nan")}, "idle_after_s must be 0"),
    ],
)
def test_a_value_out_of_range_is_refused_with_the_range(values: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, SourceError), match=message):
        Settings(**values)
