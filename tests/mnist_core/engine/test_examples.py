"""The runs that ship: whole, honest, installed once."""

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.engine import examples, tasks
from mnist_core.evaluation.histograms import BINS
from mnist_core.evaluation.report import Report
from mnist_core.execution.runner import predictor
from mnist_core.network import presets
from mnist_core.network.summary import kernel_names, summarize
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES
from ui.widgets import answer


@pytest.fixture
def store() -> Store:
    examples.install()
    return Store("anybody")


def test_they_are_installed_once_and_an_older_one_is_replaced(store):
    before = [run.id for run in store.examples()]
    numbers = {run.name: run.number for run in store.examples()}
    assert sorted(numbers.values()) == [1, 2]
    examples.install()
    assert [run.id for run in store.examples()] == before
    assert {run.name for run in store.examples()} == set(examples.NAMES)
    Store(EXAMPLES).update(before[0], created_at=store.run(before[1]).created_at)
    examples.install()
    assert {run.name: run.number for run in store.examples()} == numbers


@pytest.mark.parametrize("name", examples.NAMES)
def test_they_are_what_they_say(store, name):
    run = next(run for run in store.examples() if run.name == name)
    assert run.spec == presets.find(name)
    assert run.parameters == summarize(run.spec.network).parameters
    assert [epoch.epoch for epoch in store.epochs(run.id)] == list(range(1, run.epochs + 1))
    assert len(store.batches(run.id)[0]) == run.epochs * run.steps
    report = artifacts.load_report(store, run.id)
    assert report is not None
    assert report.accuracy == pytest.approx(run.test_accuracy)
    images = mnist.load().x_test[:200]
    again = predictor(store, run.id).probabilities(images)
    np.testing.assert_allclose(again, report.probabilities[:200], atol=1e-4)
    kept = [
        artifacts.load_epoch_snapshot(store, run.id, epoch.epoch) for epoch in store.epochs(run.id)
    ]
    weights, last = artifacts.load_weights(store, run.id), kept[-1]
    kept.insert(0, artifacts.load_epoch_snapshot(store, run.id, 0))
    assert None not in kept
    assert last is not None
    shown, sampled = report.probabilities[mnist.showcase()], mnist.sample_rows()
    np.testing.assert_allclose(last.probabilities, shown, atol=1e-4)
    expected = Report(report.probabilities[sampled], mnist.load().y_test[sampled]).confusion
    np.testing.assert_array_equal(last.confusion, expected)
    assert last.kernel is not None
    np.testing.assert_allclose(last.kernel, weights["conv2d_1/kernel"], atol=1e-3)
    spreads = [weights[name].std() for name in kernel_names(summarize(run.spec.network).rows)]
    for found in kept:
        assert found is not None
        assert found.weights is not None
        assert found.gradients is not None
        assert found.gradients.counts.shape == (len(spreads), BINS)
    assert last.weights is not None
    np.testing.assert_allclose(last.weights.spreads, spreads, rtol=1e-4)


def test_a_worker_that_starts_prepares_the_one_that_home_shows(store):
    tasks._prepare_example()
    run, why = answer.choose_reader([], store.examples()) or pytest.fail("no example")
    assert why == answer.EXAMPLE
    assert (EXAMPLES, run.id, run.seconds) in tasks._predictors
