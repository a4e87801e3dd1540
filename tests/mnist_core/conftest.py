"""What the tests of the core share: TensorFlow where it is needed, and a trained network.

Not beside the tests of the app: with Keras in its process Streamlit tidies up after every rerun,
which takes half a second; and the app never has it.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mnist_core.engine import examples
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.tensorflow import start_tensorflow

TENSORFLOW_IN = {
    "cli",
    "concepts",
    "execution",
    "exporting",
    "importing",
    "insight",
    "training",
    "test_activation_memory.py",
    "test_activations.py",
    "test_every_layer.py",
    "test_engine.py",
    "test_examples.py",
    "test_fuzz.py",
    "test_isolation.py",
    "test_summary.py",
}
"""Folders and files whose tests import Keras; the tests of the other rooms do without."""


def pytest_collect_file(file_path: Path) -> None:
    """Start TensorFlow, quietly, before the first test file that imports Keras."""
    if "keras" not in sys.modules and TENSORFLOW_IN & set(file_path.parts):
        start_tensorflow()


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory) -> tuple[Store, int]:
    """(store, run id) of the example `note-5`, which reads 98.7 % of the test images right."""
    url = f"sqlite:///{tmp_path_factory.mktemp('examples') / 'runs.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_DATABASE_URL", url)
        examples.install()
    store = Store(EXAMPLES, url=url)
    return store, next(run.id for run in store.runs() if run.name == "note-5")


@pytest.fixture(scope="session")
def classify(trained_run) -> Callable[[np.ndarray], np.ndarray]:
    """The trained network: uint8 (n, 28, 28) -> probabilities float32 (n, 10)."""
    from mnist_core.execution.runner import predictor

    return predictor(*trained_run).probabilities
