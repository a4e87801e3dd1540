"""Random shifts, rotations and zooms, drawn from the seed and the step. Imports TensorFlow."""

import math

import numpy as np
import tensorflow as tf

from mnist_core.network.layers import IMAGE_SHAPE
from mnist_core.network.spec import Augmentation


def augment(images: tf.Tensor, changes: Augmentation, seed: int, step: tf.Tensor) -> tf.Tensor:
    """Return the images, each shifted, rotated and zoomed by its own random amounts.

    images: float32 (n, 28, 28, 1); step: an integer scalar. The result has the same shape and
    range; pixels that move in from outside are paper, 0.
    """
    if changes == Augmentation():
        return images
    moment = tf.stack([seed, tf.cast(step, tf.int32)])
    draw = tf.random.stateless_uniform(tf.stack([tf.shape(images)[0], 4]), moment, -1.0, 1.0)
    shift = tf.round(draw[:, :2] * (changes.shift + 0.5) * (1 - 1e-6))
    angle = draw[:, 2] * math.radians(changes.rotation)
    scale = 1.0 / (1.0 + draw[:, 3] * changes.zoom)
    cosine, sine = tf.cos(angle) * scale, tf.sin(angle) * scale
    height, width, _ = IMAGE_SHAPE
    middle = (height - 1) / 2
    to_x, to_y = middle + shift[:, 0], middle + shift[:, 1]
    zero = tf.zeros_like(angle)
    whole_pixels = changes.rotation == changes.zoom == 0
    rows = [
        (cosine, -sine, middle - cosine * to_x + sine * to_y),
        (sine, cosine, middle - sine * to_x - cosine * to_y),
        (zero, zero),
    ]
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.stack([entry for row in rows for entry in row], axis=1),
        output_shape=(height, width),
        fill_value=0.0,
        interpolation="NEAREST" if whole_pixels else "BILINEAR",  # the same, and quicker
        fill_mode="CONSTANT",
    )


def variants(image: np.ndarray, changes: Augmentation, seed: int, count: int) -> np.ndarray:
    """Return `count` variants of one image as training would see them: (count, 28, 28).

    image: (28, 28) uint8, like the result.
    """
    copies = np.repeat(image[None, ..., None], count, axis=0).astype(np.float32)
    changed = augment(tf.constant(copies), changes, seed, tf.constant(0))
    return np.rint(changed.numpy()[..., 0]).astype(np.uint8)
