"""Teach a network to blink, to speak and to laugh with the person, and to draw clear eyes in the colour of theirs.

    python -m twingan.act models/human2anime-lite.onnx --config configs/human2anime-lite-last.toml \\
        --pairs data/packed/acted/lite -o runs/human2anime-lite/acted.pt
    python -m twingan.act models/human2anime-lite.onnx --config configs/human2anime-lite-last.toml \\
        --pairs data/packed/acted/lite --begin runs/human2anime-lite/acted.pt \\
        --drawings data/packed/dyed/anime-256 --steps 400 -o runs/human2anime-lite/crisp.pt

What each person is to become is known, so no discriminator is needed: eyes and mouth as `twingan.acted` drew them, and
all else as the graph so far draws the very same view of the person, but with hair on both sides (`twingan.crown`). That
the network can do already; other hair, which it could not foretell strand by strand, it would blur. What blurs all the
same is mended by the second command: the two finest resolutions learn on, with real drawings to judge their lines.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from tqdm import tqdm

from twingan import augment, crown, losses, warm
from twingan.config import NetworkConfig, TrainConfig, load
from twingan.export import averaged, read_checkpoint
from twingan.likeness import Area, area_of
from twingan.lines import Lines, lines_of
from twingan.networks import TwinGAN
from twingan.pairs import AWAKE, Pairs
from twingan.schedule import along_cosine, averaging
from twingan.sharpen import GRID, JUDGED, finest
from twingan.train import can_bf16, save

TOLD = 9
"""Numbers that say what somebody does, see `part.Part.told`."""
LEFT, RIGHT = (5.75, 9.75, 3.25, 7.25), (5.75, 9.75, 8.75, 12.75)
MOUTH: Area = (9.5, 13.5, 6, 10)
"""Squares with an eye and its brow, or the mouth and the chin; they fit `face_crop.align.RECIPE`."""
TELLING = 16
"""Resolution of the code that tells what the person does; an eye is about two of its cells."""
TELLS, LIDS = 10.0, 3.0
"""Weight of how well the code tells what the person does."""
FEATURES = 3.0
"""Weight of eyes and mouth, beside the whole picture's."""
EMA_STEPS = 100
"""Half-life of the averaged network, which is what is kept."""
KEEP_SECONDS = 240.0
"""What there is is written so often."""


def _teller(config: NetworkConfig) -> nn.Module:
    """Tells what somebody does from the code. It helps the encoder only and is forgotten afterwards: pixels alone take
    long to teach that two dots of a photo matter."""
    width = dict(zip(config.resolutions, config.channels, strict=True))[TELLING]
    cells = nn.Sequential(nn.Conv2d(width, 32, 1), nn.LeakyReLU(0.2), nn.Flatten())
    return nn.Sequential(cells, nn.Linear(32 * TELLING**2, TOLD))


class Actor:
    """A network that learns pairs, norms frozen as they are.

    Args:
        network: draws all but eyes and mouth as it should; it is copied.
        drawn: side of what it draws.
        device: "cpu" or "cuda".
        rate: Adam's learning rate at the start; it falls to zero along a cosine.
        earlier: what an earlier run has learnt, to go on with.
        lines: judges the drawings; only the finest resolutions learn then, as all else has.
    """

    def __init__(
        self,
        network: TwinGAN,
        drawn: int,
        device: str,
        rate: float,
        earlier: TwinGAN | None = None,
        lines: Lines | None = None,
    ) -> None:
        self.teacher = network.to(device).eval().requires_grad_(False)
        self.network = copy.deepcopy(earlier or network).to(device).eval().requires_grad_(False)
        self.drawn, self.device, self.rate, self.lines = drawn, device, rate, lines
        self.source, self.target = network.config.domains
        self.teller = _teller(network.config).to(device)
        learning = (finest(self.network, drawn) if lines else self.network).requires_grad_(True)
        self.optimizer = torch.optim.Adam([*learning.parameters(), *self.teller.parameters()], rate, (0.9, 0.99))
        self.mean = averaging(self.network, EMA_STEPS)

    def step(self, person: Tensor, drawing: Tensor, told: Tensor, progress: float) -> dict[str, Tensor]:
        """One update.

        Args:
            person: RGBA [N,4,S,S] in -1 .. 1.
            drawing: their eyes and mouth, RGBA [N,4,2S,2S] in -1 .. 1.
            told: what they do, [N,TOLD].
            progress: 0 .. 1, how much of the run is done.

        Returns:
            The losses by name, detached.
        """
        along_cosine(self.optimizer, self.rate, progress)
        with torch.autocast(self.device, torch.bfloat16, enabled=can_bf16(self.device)):
            seen = augment.in_place(person)
            wanted = self._wanted(seen, drawing)
            code = self.network.encode(seen, self.source)
            drawn = self.network.decode(code, self.target, self.drawn)
            off = self.teller(code.features[TELLING]).float() - told
        terms = {"whole": losses.unlike(drawn, wanted), "features": FEATURES * _features(drawn, wanted)}
        if self.lines:
            terms |= {"lines": JUDGED * self.lines.lack(drawn.float()), "grid": GRID * losses.grid(drawn)}
        else:
            terms["tells"] = TELLS * (off.square().mean() + LIDS * off[:, :2].square().mean())
        self.optimizer.zero_grad(set_to_none=True)
        torch.stack(list(terms.values())).sum().backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.mean.update_parameters(self.network)
        return {name: value.detach() for name, value in terms.items()}

    @torch.no_grad()
    def _wanted(self, seen: Tensor, drawing: Tensor) -> Tensor:
        """The teacher's drawing, its hair whole, with the eyes and the mouth of another."""
        taught = self.teacher.decode(self.teacher.encode(seen, self.source), self.target, self.drawn)
        return torch.lerp(crown.all_filled(taught), drawing[:, :3], (drawing[:, 3:] + 1) / 2)


def _features(drawn: Tensor, wanted: Tensor) -> Tensor:
    areas = [(area_of(drawn, area), area_of(wanted, area)) for area in (LEFT, RIGHT, MOUTH)]
    return torch.stack([losses.unlike(one.float(), other) for one, other in areas]).mean()


def run(actor: Actor, pairs: Pairs, steps: int, batch: int, keep: Callable[[TwinGAN, int], None]) -> None:
    """Train; `keep` gets the averaged network and the steps done every now and then, and at the end."""
    bar = tqdm(range(steps), desc="acting", unit="step", mininterval=10)
    kept, done = time.monotonic(), 0
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C ends a run early, with a result
        for step in bar:
            terms = actor.step(*pairs.draw(batch, step / steps, actor.device), step / steps)
            done = step + 1
            if step % 20 == 0:
                bar.set_postfix({name: f"{value.item():.3f}" for name, value in terms.items()}, refresh=False)
            if time.monotonic() - kept > KEEP_SECONDS:
                kept = time.monotonic()
                keep(cast(TwinGAN, actor.mean.module), done)
    keep(cast(TwinGAN, actor.mean.module), done)


def begin(path: Path, config: TrainConfig) -> tuple[TwinGAN, dict[str, Any]]:
    """A network, and what is known of it, of a graph or of a sharpened checkpoint.

    Raises:
        SystemExit: it does not draw at twice the size that it looks at.
    """
    if path.suffix == ".onnx":
        network = TwinGAN(config.architecture)
        sides = warm.fill(network, path)
        encoded, drawn, steps = sides.encoded, sides.drawn, 0
    else:
        state = read_checkpoint(path)
        network, encoded, steps = averaged(state, config), int(state.get("encoded", 0)), int(state["step"])
        drawn = 2 * encoded
    if not encoded or drawn != 2 * encoded:
        raise SystemExit(f"{path} is not sharpened: run `python -m twingan.sharpen` first")
    return network, {"encoded": encoded, "step": steps, "frozen": True}


def _earlier(path: Path, config: TrainConfig) -> tuple[TwinGAN, int]:
    state = read_checkpoint(path)
    return averaged(state, config), int(state["step"])


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    config = load(options.config)
    torch.manual_seed(config.seed)
    try:
        pairs = Pairs(options.pairs, 0.0 if options.begin else AWAKE)
        network, note = begin(options.network, config)
        earlier, note["step"] = _earlier(options.begin, config) if options.begin else (None, note["step"])
        lines = lines_of(options.drawings, 2 * note["encoded"], options.device)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from None
    options.output.parent.mkdir(parents=True, exist_ok=True)

    def keep(mean: TwinGAN, done: int) -> None:
        weights = {name: value.cpu() for name, value in mean.state_dict().items()}
        save({**note, "ema": weights, "step": note["step"] + done}, options.output)

    actor = Actor(network, 2 * note["encoded"], options.device, options.rate, earlier, lines)
    run(actor, pairs, options.steps, options.batch, keep)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m twingan.act", description="Blink, speak and laugh.")
    parser.add_argument("network", type=Path, help="a graph that draws 256 px, or what `twingan.sharpen` made")
    parser.add_argument("--config", type=Path, required=True, help="the run's TOML file")
    parser.add_argument("--pairs", type=Path, required=True, help="what `twingan.acted` made, without suffix")
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=6e-4, help="learning rate (default %(default)s)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=["cpu", "cuda"])
    parser.add_argument("--begin", type=Path, help="what an earlier run wrote, to go on with it")
    parser.add_argument("--drawings", help="packed real drawings of 256 px, to judge the finest lines by")
    parser.add_argument("-o", "--output", type=Path, required=True)
    return parser


if __name__ == "__main__":
    main()
