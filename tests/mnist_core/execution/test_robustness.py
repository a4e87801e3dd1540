"""Accuracy on distorted images against the network's own answers."""

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.execution import robustness
from mnist_core.execution.job_tasks import Cancelled
from mnist_core.insight.distortions import DISTORTIONS


@pytest.fixture(scope="module")
def few(trained_run):
    """(curves of the trained network on 200 of the images, the shares that it reported)."""
    store, run_id = trained_run
    told: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mnist, "sample_rows", lambda: np.arange(0, 10_000, 50))
        return robustness.curves(store, store.run(run_id), told.append), told


def test_curves_are_what_the_network_makes_of_those_images(few, classify):
    found, _ = few
    rows, data = np.arange(0, 10_000, 50), mnist.load()
    assert list(found) == list(DISTORTIONS)
    for name, level in (("shifted", 4), ("noised", 7), ("inverted", 0)):
        distortion = DISTORTIONS[name]
        images = distortion.apply(data.x_test[rows], distortion.levels[level], rows)
        given = classify(images)
        accuracy = (given.argmax(axis=1) == data.y_test[rows]).mean()
        assert found[name][:, level] == pytest.approx(
            [accuracy, given.max(axis=1).mean()], abs=1e-4
        )


def test_every_curve_is_best_where_nothing_is_changed(few):
    for name, (accuracy, confidence) in few[0].items():
        distortion = DISTORTIONS[name]
        assert accuracy.shape == confidence.shape == (len(distortion.levels),)
        plain = accuracy[distortion.levels.index(distortion.none)]
        assert plain > 0.97
        assert accuracy.max() <= plain + 0.01
        assert accuracy.min() < plain - 0.02


def test_progress_rises_and_cancelling_ends_it(few, trained_run):
    told = few[1]
    assert told == sorted(told)
    assert told[0] == 0
    assert 0.95 < told[-1] < 1

    def cancel(done: float) -> None:
        raise Cancelled

    store, run_id = trained_run
    with pytest.raises(Cancelled):
        robustness.curves(store, store.run(run_id), cancel)
