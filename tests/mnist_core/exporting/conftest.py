"""What the tests of exports share: a trained run, its answers, and few images."""

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.storage.runs import Store

IMAGES = 1200


@pytest.fixture(scope="session")
def small(tmp_path_factory) -> tuple[Store, int]:
    from tests.mnist_core.exporting.trained_runs import trained

    return trained(f"sqlite:///{tmp_path_factory.mktemp('export') / 'runs.db'}")


@pytest.fixture(scope="session")
def images() -> np.ndarray:
    """float32 (100, 28, 28, 1), the first test images as networks want them."""
    return mnist.load().x_test[:100, ..., None] / np.float32(255)


@pytest.fixture(scope="session")
def expected(small) -> np.ndarray:
    """What the app makes of them: float32 (100, 10)."""
    from mnist_core.execution.runner import predictor

    return predictor(*small).probabilities(mnist.load().x_test[:100])


@pytest.fixture(autouse=True)
def _policy():
    """A script sets the precision of the whole process; give it back."""
    import keras

    yield
    keras.mixed_precision.set_global_policy("float32")


@pytest.fixture
def few_images(monkeypatch):
    """Keras's own loader would download; this one gives the first images that we have."""
    import keras

    data = mnist.load()
    train = data.x_train[:IMAGES], data.y_train[:IMAGES]
    test = data.x_test[:100], data.y_test[:100]
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: (train, test))


@pytest.fixture
def embedded(monkeypatch):
    """The same, with all training images."""
    import keras

    data = mnist.load()
    both = (data.x_train, data.y_train), (data.x_test[:500], data.y_test[:500])
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: both)
