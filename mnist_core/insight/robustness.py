"""How accuracy falls as test images are made harder; done in a worker."""

import numpy as np

from mnist_core import dataset
from mnist_core.evaluate import Report
from mnist_core.insight.distort import DISTORTIONS, Distortion
from mnist_core.jobs import Tell
from mnist_core.store import Run, Store

NORMAL_95 = 1.96
"""So many standard deviations either side hold 95 % of a normal distribution."""


def curves(store: Store, run: Run, report: Tell) -> dict[str, np.ndarray]:
    """Accuracy and mean confidence on `dataset.sample()`, by the name of the distortion.

    Each float32 (2, levels): accuracy, then confidence, both in [0, 1]. report: told the share
    that is done; may raise to cancel.
    """
    from mnist_core.execute import predictor  # brings TensorFlow

    network, data, rows = predictor(store, run.id), dataset.load(), dataset.sample()
    images, labels = data.x_test[rows], data.y_test[rows]

    def measure(harder: np.ndarray) -> tuple[float, float]:
        seen = Report(network.probabilities(harder), labels)
        return seen.accuracy, float(seen.confidence.mean())

    plain = measure(images)
    made = {name: np.zeros((2, len(kind.levels)), np.float32) for name, kind in DISTORTIONS.items()}
    places = [(name, place) for name in made for place in range(made[name].shape[1])]
    for done, (name, place) in enumerate(places):
        report(done / len(places))
        distortion = DISTORTIONS[name]
        amount = distortion.levels[place]
        if amount == distortion.none:
            made[name][:, place] = plain
        else:
            made[name][:, place] = measure(distortion.apply(images, amount, rows))
    return made


def falls_below(share: float, distortion: Distortion, accuracy: np.ndarray) -> list[float]:
    """The mildest amounts, at most one either side of `none`, at which accuracy is below a share.

    accuracy: (levels,), in [0, 1]. `none` alone where the unchanged images are below it.
    """
    none, count = distortion.levels.index(distortion.none), len(distortion.levels)
    if accuracy[none] < share:
        return [distortion.none]
    sides = range(none - 1, -1, -1), range(none + 1, count)
    first = [next((place for place in side if accuracy[place] < share), None) for side in sides]
    return [distortion.levels[place] for place in first if place is not None]


def interval(accuracy: float, images: int) -> tuple[float, float]:
    """Between which accuracies the true one lies with 95 % confidence, given so many images.

    Source: Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference".
    """
    z2 = NORMAL_95**2
    middle = accuracy + z2 / (2 * images)
    reach = NORMAL_95 * np.sqrt((accuracy * (1 - accuracy) + z2 / (4 * images)) / images)
    whole = 1 + z2 / images
    low, high = float(middle - reach) / whole, float(middle + reach) / whole
    return max(0.0, min(low, accuracy)), min(1.0, max(high, accuracy))  # rounding at 0 and 1
