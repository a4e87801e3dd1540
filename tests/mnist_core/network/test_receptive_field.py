"""A value depends on the rows of its receptive field: those that change it in Keras."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings

from mnist_core.network.layers import AnyLayer
from mnist_core.network.notation import parse
from mnist_core.network.spec import Network
from mnist_core.network.summary import summarize
from mnist_core.training.model import build
from tests.mnist_core.network.plain_keras import layers_of
from tests.strategies import networks


def without_dead_ends(network: Network) -> Network:
    """The network with everything linear, so that no change is lost on its way."""
    layers: list[AnyLayer] = []
    for layer in network.layers:
        changes: dict[str, object] = {}
        if hasattr(layer, "activation"):
            changes["activation"] = "linear"
        for size in ("filters", "units"):
            if hasattr(layer, size):
                changes[size] = 3
        layers.append(layer.model_copy(update=changes))
    shapes = Network(layers=tuple(layers)).shapes()
    # In a map it may hide a change from the pooling behind it, and a single value is constant.
    kept = [
        layer
        for layer, inputs in zip(layers, shapes, strict=False)
        if layer.kind != "layer_normalization" or (len(inputs) == 1 and inputs[0] > 1)
    ]
    return Network(layers=tuple(kept))


def rows_that_change(network: Network) -> list[np.ndarray]:
    """For each Keras layer, its values when one row of an otherwise black image has ink.

    (28, values along one side of its map, or units). Weights are positive and biases 0, so that
    whatever does not depend on the row stays exactly 0; the largest of values >= 0 depends on all.
    """
    model, rng = build(network), np.random.default_rng(0)
    layers = layers_of(model)
    for layer in layers:
        for weight in layer.weights:
            if weight.path.endswith(("kernel", "gamma")):
                weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    images = np.repeat(np.eye(28, dtype=np.float32)[:, :, None, None], 28, axis=2)
    outputs = keras.Model(model.inputs, [layer.output for layer in layers])([images])
    arrays = [np.asarray(output) for output in outputs]
    return [np.any(a.reshape(28, a.shape[1], -1), axis=2) for a in arrays]


@given(networks)
@settings(max_examples=20)
def test_each_value_reads_the_rows_that_it_reads_in_keras(network):
    linear = without_dead_ends(network)
    changes = rows_that_change(linear)[:-1]  # the softmax of the output moves with every row
    for row, changed in zip(summarize(linear).rows[:-1], changes, strict=True):
        seen = [np.flatnonzero(rows) for rows in changed.T]
        spans = [(int(rows[0]), int(rows[-1])) if len(rows) else None for rows in seen]
        assert row.receptive_field == max(last - first + 1 for first, last in filter(None, spans))
        if len(row.output_shape) == 3:
            ours = [(s.first, s.last) if s.last >= s.first else None for s in row.spans]
            assert ours == spans


@pytest.mark.parametrize(
    ("notation", "of_output"),
    [("C32 M C64 M F D128", 26), ("Ms3 F", 26), ("M9s28 GAP", 9), ("F", 28), ("Z7 M7s7 F", 28)],
)
def test_an_output_sees_what_the_windows_before_it_reach(notation, of_output):
    assert summarize(parse(notation)).rows[-1].receptive_field == of_output
