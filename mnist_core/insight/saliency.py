"""Saliency maps of one image for all ten classes, by four methods. Imports TensorFlow.

Each method takes images, uint8 (n, 28, 28), ink bright, and explains the first one; the maps of the
ten classes share one scale, so that they can be compared.
"""

import numpy as np
import tensorflow as tf
from scipy.special import softmax

from mnist_core.dataset.mnist import SIDE
from mnist_core.insight.feature_maps import FeatureExtractor, pixels
from mnist_core.network.layers import CLASSES
from mnist_core.network.spec import Network
from mnist_core.network.summary import activation_bytes, summarize
from mnist_core.utils.errors import InsightError

STEPS, FEWEST_STEPS = 64, 8
PATCH = 5  # pixels per side, about as wide as a stroke and its edge
STRIDES = (1, 2, 4)
BUDGET = 3e10  # floating-point operations per map: about a second on two cores
AT_ONCE = 8  # images per batch of gradients, each repeated ten times
AT_ONCE_BYTES = 50e6  # most bytes of layer outputs per batch of gradients


def grad_cam(extractor: FeatureExtractor, images: np.ndarray) -> dict[str, np.ndarray]:
    """Return the Grad-CAM heat maps of the last convolution for each class.

    The weight of a feature map is the mean gradient of the logit over the map; the result is the
    weighted sum through ReLU. "maps": (10, 28, 28) float32 >= 0; "coarse": (10, h, w), at the
    layer's own resolution. Raises InsightError on a network without a convolution.
    Source: Selvaraju et al. 2017, "Grad-CAM", equations 1 and 2.
    """
    index = _last_convolution(extractor.network)
    name = [row.name for row in summarize(extractor.network).rows if row.layer == index][-1]
    image = pixels(images[:1])
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tens = tf.repeat(image, CLASSES, axis=0)
        tape.watch(tens)
        made = extractor.outputs(tens)
        own = tf.linalg.diag_part(extractor.scores(list(made.values())[-2]))
    slopes = tf.convert_to_tensor(tape.gradient(own, made[name]))
    weights = tf.reduce_mean(slopes, axis=(1, 2), keepdims=True)
    coarse = tf.nn.relu(tf.reduce_sum(weights * made[name], axis=-1)).numpy()
    spread = _spread(extractor.network, index)
    return {"maps": spread @ coarse @ spread.T, "coarse": coarse}


def integrated_gradients(extractor: FeatureExtractor, images: np.ndarray) -> dict[str, np.ndarray]:
    """Return how much each pixel contributes to each logit, relative to an empty image.

    "maps": (10, 28, 28) float32, signed; each map should sum to "difference", (10,) float32, the
    logit of the image minus that of an empty image; "steps": of the midpoint rule.
    Source: Sundararajan, Taly and Yan 2017, "Axiomatic attribution for deep networks".
    """
    image = pixels(images[:1])
    cost = 3 * CLASSES * _flops(extractor.network)  # per class: forward, and backward at twice that
    steps = int(np.clip(BUDGET / cost, FEWEST_STEPS, STEPS))
    shares = (np.arange(steps, dtype=np.float32) + 0.5) / steps
    path = tf.constant(shares[:, None, None, None]) * image
    size = _at_once(extractor.network)
    parts = [extractor.slopes(path[start : start + size]) for start in range(0, steps, size)]
    slopes = np.concatenate([part.numpy() for part in parts]).mean(axis=0)
    image_logits, paper_logits = extractor.logits(
        tf.concat([image, tf.zeros_like(image)], 0)
    ).numpy()
    return {
        "maps": slopes * image.numpy()[0, :, :, 0],
        "difference": image_logits - paper_logits,
        "steps": np.array(steps),
    }


def occlusion(extractor: FeatureExtractor, images: np.ndarray) -> dict[str, np.ndarray]:
    """Return how much probability each class loses when a patch of paper covers the image.

    "maps": (10, 28, 28) float32 in [-1, 1], by the pixel at the patch's center; "stride": pixels
    from one patch to the next; the pixels between take the value of their patch.
    Source: Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks", 4.2.
    """
    cost = SIDE**2 * _flops(extractor.network)
    stride = next((s for s in STRIDES if cost <= BUDGET * s**2), STRIDES[-1])
    middles = np.arange(stride // 2, SIDE, stride)
    away = np.abs(np.arange(SIDE) - middles[:, None]) <= PATCH // 2  # (patches a side, 28)
    covered = (away[:, None, :, None] & away[None, :, None, :]).reshape(-1, SIDE, SIDE)
    whole, *rest = _probabilities(extractor, np.concatenate([images[:1], images[0] * ~covered]))
    losses = (whole - np.array(rest)).T.reshape(CLASSES, len(middles), len(middles))
    maps = losses.repeat(stride, axis=1).repeat(stride, axis=2)
    return {"maps": maps, "stride": np.array(stride)}


def gradient(extractor: FeatureExtractor, images: np.ndarray) -> np.ndarray:
    """Return the scaled gradient of the cross-entropy by each pixel, for each class as the label.

    Returns (10, 28, 28) float64: for label k the gradient divided by 1 - p_k, which is the sum over
    the other classes j of p_j / (1 - p_k) (slope_j - slope_k). The scaling keeps the signs, and
    keeps the result from vanishing when p_k is 1 to the last bit.
    """
    image = pixels(images[:1])
    slopes = extractor.slopes(image).numpy()[0].astype(np.float64)
    logits = extractor.logits(image).numpy().astype(np.float64)
    others = softmax(np.where(np.eye(CLASSES, dtype=bool), -np.inf, logits), axis=1)  # (k, j)
    return np.einsum("kj,jkrc->krc", others, slopes[:, None] - slopes[None, :])


def _probabilities(extractor: FeatureExtractor, images: np.ndarray) -> np.ndarray:
    """Return the probabilities of images, float32 (n, 10), in batches to save memory."""
    size = min(CLASSES * AT_ONCE, extractor.at_once)
    parts = [images[start : start + size] for start in range(0, len(images), size)]
    return np.concatenate([tf.nn.softmax(extractor.logits(pixels(part))).numpy() for part in parts])


def _at_once(network: Network) -> int:
    """Return the number of images per batch of gradients, which keep all layers' outputs."""
    most = AT_ONCE_BYTES // (CLASSES * activation_bytes(network))
    return max(1, min(AT_ONCE, int(most)))


def _flops(network: Network) -> int:
    """Return the floating-point operations of one forward pass of one image."""
    return 2 * summarize(network).multiply_adds


def _last_convolution(network: Network) -> int:
    """Return the index of the last convolution in `network.layers`, or raise InsightError."""
    found = [index for index, layer in enumerate(network.layers) if layer.convolves]
    if not found:
        kinds = ", ".join(layer.kind for layer in network.layers) or "none at all"
        raise InsightError(
            "Grad-CAM needs a convolution, whose maps it weighs; the hidden layers of this network "
            f"are: {kinds}. Choose occlusion or integrated gradients, which work for every network"
        )
    return found[-1]


def _spread(network: Network, index: int) -> np.ndarray:
    """Return the matrix that interpolates one side of a layer's map to 28 pixels: (28, side).

    Each value belongs to the pixel at the center of its receptive field. Values are interpolated
    linearly between these pixels and held constant beyond the outermost ones. Stretching the map
    over the whole image would misplace it, since a convolution without padding sees less at the
    border. float32.
    """
    middle, jump = 0.0, 1
    shapes = network.shapes()
    for layer, inputs in zip(network.layers[: index + 1], shapes, strict=False):
        window, step = layer.window(inputs)
        middle += ((window - 1) / 2 - layer.zeros_before(inputs[0])) * jump
        jump *= step
    count = shapes[index + 1][0]
    places = np.clip((np.arange(SIDE) - middle) / jump, 0, count - 1)
    return np.maximum(0, 1 - np.abs(places[:, None] - np.arange(count))).astype(np.float32)
