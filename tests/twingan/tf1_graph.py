"""Writes a TF1-style translator as TwinGAN's code built it, frozen both ways, and TensorFlow's own output of it.

Run as a program (`python tests/twingan/tf1_graph.py FOLDER`), so that TensorFlow stays out of the test process.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

SIZE = 32


def write(folder: Path, names: tuple[str, str] = ("sources_ph", "custom_generated_t_style_source")) -> None:
    """Write FOLDER/frozen.pb, FOLDER/saved/, FOLDER/pictures.npy (uint8) and FOLDER/expected.npy (float, linear)."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    tf: Any = importlib.import_module("tensorflow")
    v1 = tf.compat.v1
    pictures = np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3), np.uint8)
    with tf.Graph().as_default() as graph, v1.Session(graph=graph) as session:
        source = v1.placeholder(tf.float32, [None, SIZE, SIZE, 3], names[0])
        training = v1.placeholder_with_default(False, [], "is_training")
        result = tf.identity(network(tf, source, training), names[1])
        training_only(tf, result)
        session.run(v1.global_variables_initializer())
        np.save(folder / "expected.npy", session.run(result, {source: pictures / 255}))
        np.save(folder / "pictures.npy", pictures)
        frozen = v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), [names[1], "loss"])
        (folder / "frozen.pb").write_bytes(frozen.SerializeToString())
        v1.saved_model.simple_save(session, str(folder / "saved"), {"sources": source}, {"generated": result})


def network(tf: Any, x: Any, training: Any) -> Any:
    """Encoder, bottleneck, decoder with a UNet concatenation; linear RGB at the end."""
    fine = block(tf, x, 3, 8, "encoder_fine", training)
    coarse = tf.compat.v1.nn.avg_pool(fine, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
    coarse = block(tf, coarse, 8, 16, "encoder_coarse", training)
    y = tf.concat([upscale(tf, coarse), fine], axis=3)
    y = pixel_norm(tf, block(tf, y, 24, 8, "decoder", training))
    y = tf.compat.v1.image.resize_nearest_neighbor(y, [SIZE * 2, SIZE * 2])
    y = tf.compat.v1.nn.avg_pool(y, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
    return conv(tf, y, 8, 3, 1, "to_rgb") * 0.2 + 0.5


def block(tf: Any, x: Any, inside: int, out: int, name: str, training: Any) -> Any:
    x = batch_renorm(tf, conv(tf, x, inside, out, 3, name), out, name, training)
    return tf.maximum(0.2 * x, x)  # How TF1 code writes a leaky ReLU.


def conv(tf: Any, x: Any, inside: int, out: int, side: int, name: str) -> Any:
    random = np.random.default_rng(len(name))
    scale = np.sqrt(2 / (inside * side * side))
    kernel = tf.compat.v1.get_variable(
        f"{name}/kernel", initializer=np.float32(random.normal(0, scale, (side, side, inside, out)))
    )
    return tf.nn.conv2d(x, kernel, [1, 1, 1, 1], "SAME")


def batch_renorm(tf: Any, x: Any, channels: int, name: str, training: Any) -> Any:
    """Batch statistics with renorm corrections in training, moving averages otherwise."""
    random = np.random.default_rng(channels)

    def variable(kind: str, low: float, high: float) -> Any:
        return tf.compat.v1.get_variable(f"{name}/{kind}", initializer=np.float32(random.uniform(low, high, channels)))

    gamma, beta = variable("gamma", 0.5, 1.5), variable("beta", -0.2, 0.2)
    mean, variance = variable("moving_mean", -0.2, 0.2), variable("moving_variance", 0.5, 2)
    batch_mean, batch_variance = tf.nn.moments(x, [0, 1, 2])
    r = tf.clip_by_value(tf.sqrt(batch_variance / variance), 1 / 3, 3)
    d = tf.clip_by_value((batch_mean - mean) / tf.sqrt(variance), -5, 5)
    trained = tf.nn.batch_normalization(x, batch_mean, batch_variance, d, r, 1e-3) * gamma + beta
    used = tf.nn.batch_normalization(x, mean, variance, beta, gamma, 1e-3)
    return tf.where(training, trained, used)


def upscale(tf: Any, x: Any, factor: int = 2) -> Any:
    """Nearest-neighbour upsampling as progressive GAN's TF1 code writes it: reshape, tile, reshape."""
    _, height, width, channels = x.shape
    x = tf.reshape(x, [-1, height, 1, width, 1, channels])
    x = tf.tile(x, [1, 1, factor, 1, factor, 1])
    return tf.reshape(x, [-1, height * factor, width * factor, channels])


def pixel_norm(tf: Any, x: Any) -> Any:
    return x * tf.compat.v1.rsqrt(tf.reduce_mean(tf.square(x), axis=3, keepdims=True) + 1e-8)


def training_only(tf: Any, result: Any) -> None:
    """A loss on a second placeholder, with its gradients: what a frozen training graph drags along."""
    targets = tf.compat.v1.placeholder(tf.float32, [None, SIZE, SIZE, 3], "targets_ph")
    loss = tf.reduce_mean(tf.abs(result - targets), name="loss")
    tf.gradients(loss, tf.compat.v1.trainable_variables())


if __name__ == "__main__":
    write(Path(sys.argv[1]), *([(sys.argv[2], sys.argv[3])] if len(sys.argv) > 3 else []))
