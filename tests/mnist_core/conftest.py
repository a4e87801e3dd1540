"""What the tests of the core share: TensorFlow, started once, and one network trained for real.

Not beside the tests of the app: with Keras in its process Streamlit tidies up after every rerun,
which takes half a second; and the app never has it.
"""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mnist_core.utils.tensorflow import start_tensorflow
from tests import cluster

start_tensorflow()


@pytest.fixture(scope="session")
def trained_note_1(tmp_path_factory):
    """(store, run id): note-1's network after two epochs over 50,000 images."""
    from mnist_core.execution.runner import execute
    from mnist_core.network.presets import find
    from mnist_core.storage.runs import Store

    spec = find("note-1")
    training = spec.training.model_copy(update={"epochs": 2})
    folder = tmp_path_factory.mktemp("note-1")
    store = Store(url=f"sqlite:///{folder / 'runs.db'}")
    run = store.create_run(spec.model_copy(update={"training": training}), "note-1")
    execute(store, run.id)
    return store, run.id


@pytest.fixture(scope="session")
def classify(trained_note_1) -> Callable[[np.ndarray], np.ndarray]:
    """The trained network: uint8 (n, 28, 28) -> probabilities float32 (n, 10)."""
    from mnist_core.execution.runner import predictor

    return predictor(*trained_note_1).probabilities


@pytest.fixture(scope="session")
def postgresql_programs() -> Path:
    """Where PostgreSQL is installed; tests that need it are skipped elsewhere."""
    programs = cluster.postgresql()
    if programs:
        return programs
    missing = "PostgreSQL is not installed: `apt install postgresql`"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)
