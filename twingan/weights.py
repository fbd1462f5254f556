"""Light weights: what is worth carrying from one machine to another, in files small enough for any way.

    python -m twingan.weights runs/mine/last.pt -o runs/mine/light
    python -m twingan.weights runs/mine/last.pt runs/mine/taught.pt -o runs/mine/mean

A checkpoint also holds what an exact resume needs: the optimizers' moments, the networks before averaging. Light
weights are the averaged network and the discriminators in float16, an eighth of it; `twingan.export` and
`twingan.sharpen` read them like a checkpoint, and `twingan.train --start` begins a new run with them.

Of several checkpoints the mean is written. Networks that were trained differently from one beginning slip differently,
and their mean slips less ("model soups", Wortsman et al. 2022, arXiv 2203.05482); it is softer: train it further.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, cast

import torch

MOST = 15_000_000
"""Bytes a file."""
KEPT = ("step", "encoded", "frozen")


def write(state: dict[str, Any], folder: Path) -> list[Path]:
    """Write the light weights of a checkpoint into a folder: 0.pt, 1.pt, ... of at most about `MOST` bytes each.

    The parts of an earlier writing are replaced; one that breaks off leaves them as they were.
    """
    values = {f"{part}/{name}": _half(x) for part in ("ema", "judges") for name, x in state.get(part, {}).items()}
    note = {name: state[name] for name in KEPT if name in state}
    folder.mkdir(parents=True, exist_ok=True)
    parts = _parts(values)
    for number, part in enumerate(parts):
        torch.save({"values": part, "note": note, "parts": len(parts)}, folder / f"{number}.partial")
    paths = [(folder / f"{number}.partial").replace(folder / f"{number}.pt") for number in range(len(parts))]
    for stale in set(folder.glob("*.pt")) - set(paths):
        stale.unlink()
    return paths


def read(folder: Path) -> dict[str, Any]:
    """Light weights as a checkpoint: `ema`, `judges` (both float32) and what it says of itself.

    Raises:
        ValueError: a part is missing.
    """
    parts = [torch.load(path, map_location="cpu", weights_only=True) for path in sorted(folder.glob("*.pt"))]
    if not parts or len(parts) != parts[0]["parts"]:
        wanted = parts[0]["parts"] if parts else "some"
        raise ValueError(f"{folder} has {len(parts)} of {wanted} parts of light weights: copy them all")
    state: dict[str, Any] = {"ema": {}, "judges": {}} | parts[0]["note"]
    for part in parts:
        for path, value in part["values"].items():
            group, _, name = path.partition("/")
            state[group][name] = value.float() if value.is_floating_point() else value
    return state


def mean(states: list[dict[str, Any]]) -> dict[str, Any]:
    """A checkpoint whose averaged network is the mean of those of several; all else is the first one's.

    Raises:
        ValueError: they are of different networks.
    """
    first = states[0]["ema"]
    if any(shapes(state["ema"]) != shapes(first) for state in states):
        raise ValueError("the checkpoints are of different networks: only those of one origin have a mean")
    means = {
        name: torch.stack([state["ema"][name].float() for state in states]).mean(0).to(first[name]) for name in first
    }
    return states[0] | {"ema": means}


def shapes(values: dict[str, torch.Tensor]) -> dict[str, torch.Size]:
    """By which two networks are told apart."""
    return {name: value.shape for name, value in values.items()}


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint of `twingan.train` or `twingan.sharpen`, or light weights (a folder)."""
    if path.is_dir():
        return read(path)
    return cast(dict[str, Any], torch.load(path, map_location="cpu", weights_only=True))


def _half(value: torch.Tensor) -> torch.Tensor:
    value = value.detach().cpu()
    return value.half() if value.is_floating_point() else value


def _parts(values: dict[str, torch.Tensor]) -> list[dict[str, torch.Tensor]]:
    parts: list[dict[str, torch.Tensor]] = [{}]
    size = 0
    for name, value in values.items():
        if parts[-1] and size + value.nbytes > MOST:
            parts.append({})
            size = 0
        parts[-1][name] = value.clone()  # a view would be saved with all that it is a view of
        size += value.nbytes
    return parts


def main(arguments: list[str] | None = None) -> None:
    """Command line; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m twingan.weights", description="Make a checkpoint light.")
    parser.add_argument("checkpoint", type=Path, nargs="+", help="of several the mean is written")
    parser.add_argument("-o", "--output", type=Path, required=True, help="a folder")
    options = parser.parse_args(arguments)
    try:
        paths = write(mean([read_checkpoint(path) for path in options.checkpoint]), options.output)
    except (OSError, ValueError, RuntimeError) as error:
        named = " ".join(map(str, options.checkpoint))
        raise SystemExit(f"{named}: {str(error).splitlines()[0]}; name a run's last.pt") from None
    print(f"{options.output}: {len(paths)} files, {sum(path.stat().st_size for path in paths) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
