"""Networks that were brought in become runs."""

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.importing import reader
from mnist_core.importing.errors import ImportModelError
from mnist_core.importing.recording import record, record_report
from mnist_core.importing.sandbox import ImportedModel, import_file
from mnist_core.network.notation import parse
from mnist_core.storage.artifacts import load_weights, plan_more_epochs
from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Store
from mnist_core.training.predictor import Predictor

SMALL = parse("C2 M F D4")


def test_a_run_has_the_name_of_its_file_without_the_known_endings(good):
    spec, told, values = reader.read(good.h5, None)
    names = {
        "v1.2-wide.keras": "v1.2-wide",
        "a.weights.h5": "a",
        "B.HDF5": "B",
        ".keras": ".keras",
    }
    for name, expected in names.items():
        assert record(Store(), ImportedModel(spec, values, told), name).name == expected


def test_a_run_that_was_brought_in(good):
    store = Store()
    run = record(store, import_file(good.h5), "../../my model [x](y).weights.h5")
    assert (run.state, run.epochs, run.planned, run.seconds) == ("finished", 0, 0, 0)
    assert run.origin == "my model _x_(y).weights.h5"
    assert run.name == "my model _x_(y)"
    assert run.reason.startswith("trained elsewhere with rmsprop")
    probabilities = Predictor(SMALL, load_weights(store, run.id)).probabilities(mnist.load().x_test)
    report = record_report(store, run, probabilities)
    right = (probabilities.argmax(axis=1) == mnist.load().y_test).mean()
    assert report.accuracy == store.run(run.id).test_accuracy == pytest.approx(right)
    with pytest.raises(StoreError, match="trained elsewhere"):
        plan_more_epochs(store, run.id, 2)


def test_answers_that_are_no_numbers_leave_no_run(good):
    store = Store()
    run = record(store, import_file(good.keras), "wild.keras")
    with pytest.raises(ImportModelError, match="since its weights are too large"):
        record_report(store, run, np.full((10_000, 10), np.nan, np.float32))
    assert store.runs() == []
