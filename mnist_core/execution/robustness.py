"""How accuracy falls as test images are distorted more and more; runs in a worker process."""

import numpy as np

from mnist_core.dataset import mnist
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.execution.jobs import Tell
from mnist_core.insight.distortions import DISTORTIONS
from mnist_core.storage.runs import Store


def curves(store: Store, run: Run, report: Tell) -> dict[str, np.ndarray]:
    """Return accuracy and mean confidence on `mnist.sample_rows()`, by name of the distortion.

    Each float32 (2, levels): accuracy, then confidence, both in [0, 1]. report: called with the
    share that is done; may raise to cancel.
    """
    from mnist_core.execution.runner import predictor  # brings TensorFlow

    network, data, rows = predictor(store, run.id), mnist.load(), mnist.sample_rows()
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
