"""The search for images whose labels a network contradicts. Imports TensorFlow."""

import numpy as np

from mnist_core.dataset import mnist
from mnist_core.evaluation.run import Run
from mnist_core.execution.jobs import Tell
from mnist_core.execution.runner import predictor
from mnist_core.insight.label_errors import find_label_errors
from mnist_core.network.summary import PREDICTION_BATCH_SIZE
from mnist_core.storage.runs import Store


def search(store: Store, run: Run, report: Tell) -> dict[str, np.ndarray]:
    """Predict the training and the test set; return what `LabelErrors` holds of both.

    The arrays have names such as training_rows. report: called with the share that is done; may
    raise to cancel.
    """
    network, data = predictor(store, run.id), mnist.load()
    total, done = len(data.x_test) + len(data.x_train), 0
    found: dict[str, np.ndarray] = {}
    for name, images, labels in (
        ("test", data.x_test, data.y_test),
        ("training", data.x_train, data.y_train),
    ):
        parts = []
        for start in range(0, len(images), PREDICTION_BATCH_SIZE):
            report(done / total)
            parts.append(network.probabilities(images[start : start + PREDICTION_BATCH_SIZE]))
            done += len(parts[-1])
        rows, probabilities, wrong = find_label_errors(np.concatenate(parts), labels)
        found[f"{name}_rows"], found[f"{name}_probabilities"] = rows, probabilities
        found[f"{name}_wrong"] = np.asarray(wrong)
    return found
