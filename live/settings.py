"""What an operator may choose before the start; most of it can be changed later on the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from engines.load import DEVICES, Device
from live.outputs.outputs import OutputSettings
from live.sources.catalog import check_spec
from live.upscaling import check_scale
from live.views import check_view

MODELS = Path(__file__).parents[1] / "models"


@dataclass(frozen=True)
class Settings:
    """How a session starts.

    Attributes:
        source: see `live.sources.catalog`; "auto" is the first camera, or the demo clip where there is none.
        view: one of `live.views.VIEWS`.
        style: graph of the style to start with; None takes the first of `models`.
        models: folder whose `*.onnx` are offered as styles.
        more_models: a folder of the user's own graphs, offered as well.
        device: what runs the graph: "auto", "cpu" or "tensorrt".
        calm: portraits of still faces stand still, see `live.calm`.
        upscale: by what portraits are enlarged, see `live.upscaling`; 1 is off.
        mirror: show people as a mirror does; None mirrors this machine's cameras only.
        jpeg_quality: 1 .. 100.
        max_side: frames are scaled down to this many pixels on the longer side, 64 .. 7680.
        idle_after_s: seconds without a viewer after which nothing is painted until one comes.
        remember: where the source is "auto", start on the one that people chose last (`live.memory`).
        outputs: overlay, virtual camera, recordings.

    Raises:
        ValueError, live.sources.base.SourceError: a value out of its range.
    """

    source: str = "auto"
    view: str = "side-by-side"
    style: Path | None = None
    models: Path = MODELS
    more_models: Path | None = None
    device: Device = "auto"
    calm: bool = True
    upscale: int = 1
    mirror: bool | None = None
    jpeg_quality: int = 85
    max_side: int = 1280
    idle_after_s: float = 10.0
    remember: bool = False
    outputs: OutputSettings = field(default_factory=OutputSettings)

    def __post_init__(self) -> None:
        check_spec(self.source)
        check_view(self.view)
        check_scale(self.upscale)
        if self.device not in DEVICES:
            raise ValueError(f"device must be one of {', '.join(DEVICES)}, got {self.device!r}")
        _check_range("jpeg_quality", self.jpeg_quality, 1, 100)
        _check_range("max_side", self.max_side, 64, 7680)
        _check_range("idle_after_s", self.idle_after_s, 0, float("inf"))


def _check_range(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ValueError(f"{name} must be {least} .. {most}, got {value}")
