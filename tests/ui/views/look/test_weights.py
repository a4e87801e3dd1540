"""The tab Weights against what the example has kept, and NumPy; no training, no engine."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.engine import examples
from mnist_core.engine.status import STARTING
from mnist_core.evaluation.histograms import Histograms, histograms
from mnist_core.evaluation.run import Run
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage import artifacts
from mnist_core.storage.artifacts import EpochSnapshot
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES
from tests.helpers import checked, words
from ui.charts import weights as charts
from ui.session import cache

LAYERS = ["conv2d_1", "conv2d_2", "dense_1", "output"]


class Engine:
    """One that never gets ready: the tab needs none."""

    def status(self):
        return STARTING


@pytest.fixture
def note_5(monkeypatch) -> Run:
    monkeypatch.setattr(cache, "engine", lambda: Engine())
    examples.install()
    return next(run for run in Store().examples() if run.name == "note-5")


@pytest.fixture
def opened(page: Callable[..., AppTest], note_5) -> AppTest:
    return checked(page("look", look_tab="Weights", run=str(note_5.id)))


def kept(run: Run, epoch: int) -> EpochSnapshot:
    found = artifacts.load_epoch_snapshot(Store(), run.id, epoch)
    assert found is not None
    return found


def test_it_opens_on_the_largest_layer_and_says_how_it_changed(opened, note_5):
    assert opened.selectbox("look_weights_layer").options == LAYERS
    assert opened.selectbox("look_weights_layer").value == "dense_1"
    last = artifacts.load_weights(Store(), note_5.id)["dense_1/kernel"]
    limit = np.sqrt(6 / (400 + 64))  # uniform: its standard deviation is limit / sqrt(3)
    said = words(opened)
    assert "25,600 of **dense_1**" in said
    [began] = re.findall(
        rf"is (\S+) before training and \*\*{last.std():.2g}\*\* after epoch 10", said
    )
    assert float(began) == pytest.approx(limit / np.sqrt(3), rel=0.02)


@pytest.mark.parametrize("layer", LAYERS)
def test_gradients_are_what_was_kept(opened, note_5, layer):
    opened.segmented_control("look_weights_what").set_value("Gradients")
    opened.selectbox("look_weights_layer").set_value(layer)
    said = words(checked(opened.run()))
    at = LAYERS.index(layer)
    found = [kept(note_5, epoch).gradients for epoch in (0, 10)]
    before, after = (histogram.spreads[at] for histogram in found if histogram)
    assert f"{before:.2g} before training and **{after:.2g}** after epoch 10" in said
    assert "vanishes" not in said
    assert f"Gradients of {layer}" in said


def test_a_gradient_that_vanishes_is_said_to(opened, note_5):
    began = kept(note_5, 0)
    draws = np.random.default_rng(3)
    faint = histograms([draws.normal(0, scale, 90) for scale in (1e-7, 1e-5, 1e-3, 1e-2)])
    store = Store(EXAMPLES)
    artifacts.save_epoch_snapshot(store, note_5.id, 0, replace(began, gradients=faint))
    cache.kept_epochs.clear()
    opened.segmented_control("look_weights_what").set_value("Gradients")
    opened.run()
    [warning] = opened.warning
    assert "**vanishes**" in warning.value
    assert "conv2d_1 is 1·10⁻⁵ times that of output" in warning.value


def test_another_run_opens_on_a_layer_of_its_own(page, note_5):
    deeper = with_three_convolutions(note_5)
    opened = checked(page("look", look_tab="Weights", run=str(note_5.id)))
    opened.selectbox("look_weights_layer").set_value("conv2d_2")
    checked(opened.run())
    [box] = [one for one in opened.selectbox if one.label == "Run"]
    checked(box.set_value(deeper).run())
    assert opened.selectbox("look_weights_layer").value == "conv2d_2"  # it has one too
    assert opened.selectbox("look_weights_layer").options == [*LAYERS[:2], "conv2d_3", *LAYERS[2:]]
    checked(opened.selectbox("look_weights_layer").set_value("conv2d_3").run())
    [box] = [one for one in opened.selectbox if one.label == "Run"]
    checked(box.set_value(note_5.id).run())
    assert opened.selectbox("look_weights_layer").value == "dense_1"


def with_three_convolutions(model: Run) -> int:
    """A run with random histograms of five layers; the rest of it is another run's."""
    store, network = Store(), parse("C4 M C4 M C4same F D8")
    run = store.create_run(Spec(network=network), queued=False)
    for name in ("weights", "predictions"):
        store.put(run.id, name, store.get(model.id, name) or b"")
    store.update(run.id, state="finished", epochs=1, test_accuracy=0.9, test_loss=0.3)
    draws = np.random.default_rng(4)
    five = histograms([draws.normal(size=90) for _ in range(5)])
    for epoch in (0, 1):
        snapshot = replace(kept(model, epoch), weights=five, gradients=five)
        artifacts.save_epoch_snapshot(store, run.id, epoch, snapshot)
    return run.id


def test_runs_of_earlier_versions_say_that_there_is_nothing(page, note_5):
    store = Store(EXAMPLES)
    for epoch in range(note_5.epochs + 1):
        bare = replace(kept(note_5, epoch), weights=None, gradients=None)
        artifacts.save_epoch_snapshot(store, note_5.id, epoch, bare)
    at = checked(page("look", look_tab="Weights", run=str(note_5.id)))
    assert "before the app kept histograms" in words(at)
    assert not at.get("plotly_chart")


def made(epochs: int) -> dict[int, Histograms]:
    draws = np.random.default_rng(1)
    return {
        epoch: histograms([draws.normal(0, scale, 500) for scale in (1, 0.01)] + [np.zeros(9)])
        for epoch in range(epochs + 1)
    }


def test_the_lines_are_standard_deviations_of_the_first_epochs_and_the_last():
    found = made(40)
    figure = charts.spreads(["a", "b", "c"], found)
    assert [line.name for line in figure.data] == [
        "before training",
        "after epoch 1",
        "after epoch 40",
    ]
    for line, epoch in zip(figure.data, (0, 1, 40), strict=True):
        np.testing.assert_allclose(line.y[:2], found[epoch].spreads[:2])
        assert np.isnan(line.y[2])  # 0 has no place on a logarithmic axis
    assert figure.layout.yaxis.dtick == 1
    near = {0: histograms([np.array([-0.3, 0.3]), np.array([-0.04, 0.04])])}
    axis = charts.spreads(["a", "b"], near).layout.yaxis
    at = dict(zip(axis.ticktext, axis.tickvals, strict=True))
    assert {"0.05", "0.1", "0.2"} <= at.keys()
    assert all(float(text) == pytest.approx(value) for text, value in at.items())
    assert len(charts.spreads(["a", "b", "c"], made(1)).data) == 2


@pytest.mark.parametrize("epochs", [1, 10, 200])
def test_histograms_stand_in_the_order_of_the_epochs(epochs):
    found = made(epochs)
    figure = charts.ridges(found, 1, "weights")
    labels = list(figure.layout.yaxis.ticktext)
    shown = [0 if label == "start" else int(label) for label in labels]
    assert shown == sorted(set(shown))
    assert (shown[0], shown[-1]) == (0, epochs)
    assert len(shown) == min(epochs + 1, charts.RIDGES)
    for row, (epoch, line) in enumerate(zip(shown, figure.data, strict=True)):
        heights = row - np.array(line.y)
        assert heights[0] == heights[-1] == 0
        counts = found[epoch].counts[1]
        np.testing.assert_allclose(heights[1:-1], charts.TALL * counts / counts.max())
        np.testing.assert_allclose([line.x[0], line.x[-1]], found[epoch].ends[1])
        bottom, top = figure.layout.yaxis.range
        assert top < min(line.y)
        assert bottom > row
