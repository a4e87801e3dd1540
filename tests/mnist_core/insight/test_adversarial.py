"""Images changed on purpose: the arithmetic, and that it fools a really trained network."""

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.insight import adversarial
from mnist_core.insight.adversarial import Attack, perturb

LEVELS = np.arange(adversarial.LARGEST + 1)


def test_each_pixel_moves_by_so_many_levels_and_stays_a_pixel():
    image = np.full((28, 28), 100, np.uint8)
    image[0, :4] = 0, 255, 3, 252
    slope = np.full((28, 28), 1e-30)
    slope[0, :4] = -1, 1, -1, 1
    slope[1] = 0
    slope[2] = -5
    changed = perturb(image, slope, np.array([0, 7]))
    assert changed.dtype == np.uint8
    assert (changed[0] == image).all()
    assert changed[1, 0, :4].tolist() == [0, 255, 0, 255]
    assert (changed[1, 1] == 100).all()
    assert (changed[1, 2] == 93).all()
    assert (changed[1, 3:] == 107).all()


def attack(*rows: list[float], goal: int | None = None) -> Attack:
    """Probabilities of the digits 0, 1, 2; the label is 1."""
    probabilities = np.pad(np.array(rows), ((0, 0), (0, 7)))
    return Attack(np.zeros((len(rows), 28, 28), np.uint8), probabilities, 1, goal)


def test_the_smallest_size_that_fools():
    rows = [[0.1, 0.8, 0.1], [0.4, 0.5, 0.1], [0.6, 0.3, 0.1], [0.1, 0.3, 0.6]]
    away = attack(*rows)
    assert away.smallest == 2
    assert away.rival.tolist() == [0, 0, 0, 2]
    assert away.read.tolist() == [1, 1, 0, 2]
    towards = attack(*rows, goal=2)
    assert towards.smallest == 3
    assert towards.rival.tolist() == [2] * 4
    assert attack(*rows[:2]).smallest is None
    assert attack(*rows, goal=5).smallest is None
    assert attack(rows[2]).smallest == 0


def test_a_trained_network_is_fooled_by_its_gradient_and_not_by_chance(trained_run, classify):
    from mnist_core.execution.runner import feature_extractor
    from mnist_core.insight.saliency import gradient

    data, opened = mnist.load(), feature_extractor(*trained_run)
    rng = np.random.default_rng(0)
    by_slope, by_chance, towards = [], [], []
    for row in range(20):
        image, label = data.x_test[row], int(data.y_test[row])
        slopes = gradient(opened, image[None])
        chance = rng.normal(size=(28, 28))
        for kept, slope, goal in (
            (by_slope, slopes[label], None),
            (by_chance, chance, None),
            (towards, -slopes[(label + 5) % 10], (label + 5) % 10),
        ):
            images = perturb(image, slope, LEVELS)
            kept.append(Attack(images, classify(images), label, goal).smallest)
    assert sum(size is not None for size in by_slope) >= 15
    assert sum(size is not None for size in by_chance) <= 5
    assert sum(size is not None for size in towards) >= 3


@pytest.mark.parametrize("away", [1, -1])
def test_the_loss_grows_along_the_gradient(trained_run, classify, away):
    from mnist_core.execution.runner import feature_extractor
    from mnist_core.insight.saliency import gradient

    data = mnist.load()
    slope = gradient(feature_extractor(*trained_run), data.x_test[18:19])[data.y_test[18]]
    images = perturb(data.x_test[18], away * slope, np.array([0, 3]))
    own = classify(images)[:, data.y_test[18]]
    assert (own[1] - own[0]) * away < 0
