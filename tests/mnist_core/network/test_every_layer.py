"""What holds of every layer that is registered, against Keras; a layer that lacks a part fails."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from mnist_core.exporting.code import keras_code
from mnist_core.importing import reader
from mnist_core.insight.feature_maps import FeatureExtractor
from mnist_core.insight.steps import step_at
from mnist_core.network.layers import IMAGE_SHAPE, LAYERS, Conv2D, Flatten, MaxPooling2D
from mnist_core.network.notation import parse, write
from mnist_core.network.spec import Network, Spec
from mnist_core.network.summary import sources, summarize
from mnist_core.network.value import SpecError
from mnist_core.training.model import build, weights_of
from mnist_core.utils.paths import PROJECT
from mnist_core.utils.text import snake_case
from tests.mnist_core.exporting.scripts import essence, run
from tests.mnist_core.network.plain_keras import layers_of, plain
from ui.charts.layers import KINDS

NOTATION = (PROJECT / "docs" / "command-line.md").read_text(encoding="utf-8")

every_layer = pytest.mark.parametrize("name", LAYERS)
classes_of_keras = pytest.mark.parametrize("name", [name for name in LAYERS if name != "Residual"])
"""All but the block, which Keras has no class for."""


def network_with(name: str) -> Network:
    """A small network that has a layer of this class, and an image before it."""
    layer = KINDS[name].new
    ending = () if layer.makes_vector else (Flatten(),)
    return Network(layers=(Conv2D(filters=3, kernel_size=5), MaxPooling2D(), layer, *ending))


def new_model(name: str) -> tuple[Network, keras.Model]:
    """The network and its model, with weights that are not Keras's first ones."""
    network, rng = network_with(name), np.random.default_rng(3)
    model = build(network)
    model.set_weights(
        [rng.uniform(0.1, 1, w.shape).astype(np.float32) for w in model.get_weights()]
    )
    return network, model


def test_the_app_has_an_entry_for_each():
    assert KINDS.keys() == LAYERS.keys()
    for name, kind in KINDS.items():
        assert type(kind.new).__name__ == name
        fields = type(kind.new).model_fields.keys() - {"kind"}
        assert {*kind.edited, *kind.more} == fields


@every_layer
def test_it_says_about_itself_what_keras_says(name):
    layer = LAYERS[name]
    assert layer.__doc__
    assert layer.model_fields["kind"].default == snake_case(name)
    network, model = new_model(name)
    rows = summarize(network).rows
    of_it = [row for row in rows if row.layer == 2]
    assert name == "Residual" or any(row.type == name for row in of_it)
    for row, made in zip(rows, layers_of(model), strict=True):
        assert (row.name, row.type) == (made.name, type(made).__name__)
        assert row.output_shape == made.output.shape[1:]
        assert dict(row.keras.weights) == {w.name: tuple(w.shape) for w in made.weights}
        assert list(row.keras.frozen) == [w.name for w in made.non_trainable_weights]
    assert layer.has_weights == any(row.keras.weights for row in of_it)
    shapes = [shape for row in of_it for shape in row.keras.weights.values()]
    assert layer.convolves == any(len(shape) == 4 for shape in shapes)  # of a kernel in Keras


def keeps_places(name: str, inputs: tuple[int, ...]) -> bool:
    """Whether in Keras a change at one place of an image changes that place alone."""
    image_input = keras.Input(inputs)
    made = keras.Model(image_input, plain(KINDS[name].new, image_input))
    made.set_weights([np.full(w.shape, 0.5, np.float32) for w in made.get_weights()])
    image = np.random.default_rng(0).random((1, *inputs), np.float32)
    changed = image.copy()
    changed[0, 4, 4] += [1, 2, 3]
    before, after = (np.asarray(made(values)) for values in (image, changed))
    if before.shape != image.shape:
        return False
    others = np.ones(before.shape[1:3], bool)
    others[4, 4] = False
    return bool((before == after)[0][others].all())


@every_layer
def test_what_it_says_of_its_values_is_true(name):
    layer, inputs = KINDS[name].new, (9, 9, 3)
    outputs = layer.output_shape(inputs)
    assert layer.makes_vector == (len(outputs) == 1)
    assert layer.keeps_places == keeps_places(name, inputs)
    image = keras.Input(inputs)
    values = np.random.default_rng(0).normal(size=(1, *inputs)).astype(np.float32)
    predicted = np.asarray(keras.Model(image, plain(layer, image))(values, training=False))
    assert layer.only_in_training == np.array_equal(predicted, values)
    if layer.size:
        assert getattr(layer, layer.size) == outputs[-1]


@pytest.mark.parametrize(
    ("notation", "slopes"),
    [("C4 PReLUshared F", (1, 1, 4)), ("C4 PReLU F", (26, 26, 4)), ("F PReLUshared", (784,))],
)
def test_shared_slopes_are_one_per_map_in_keras(notation, slopes):
    (alpha,) = build(parse(notation)).get_layer("p_re_lu_1").weights
    assert alpha.shape == slopes


@classes_of_keras
def test_defaults_are_those_of_keras(name):
    """Except for relu, and for the sizes and numbers of units that Keras has no default for."""
    layer = LAYERS[name].model_validate({LAYERS[name].size: 3} if LAYERS[name].size else {})
    (ours, *_) = layer.keras_layers((9, 9, 3))
    theirs = getattr(keras.layers, name)(*ours.arguments).get_config()
    written = getattr(keras.layers, name)(*ours.arguments, **ours.options).get_config()
    left = {"name", "activation", "seed", *ours.seeds}
    changed = {key for key in theirs if theirs[key] != written[key]} - left
    assert changed == set()


@every_layer
def test_it_needs_an_image_if_it_refuses_a_vector(name):
    layer, refuses = KINDS[name].new, False
    try:
        layer.output_shape((9,))
    except SpecError:
        refuses = True
    assert layer.needs_image == refuses


@pytest.mark.parametrize("name", [name for name in LAYERS if KINDS[name].new.keeps_places])
def test_one_that_keeps_places_leaves_the_receptive_field_as_it_was(name):
    layer = KINDS[name].new
    with_it = Network(layers=(Conv2D(filters=2), layer, Conv2D(filters=2), Flatten()))
    fields = [row.receptive_field for row in summarize(with_it).rows if row.type == "Conv2D"]
    assert fields == [3, 5]


def test_a_dense_layer_on_maps_leaves_the_receptive_field_as_it_was():
    fields = [row.receptive_field for row in summarize(parse("C2 D3 C2 F")).rows]
    assert fields[:3] == [3, 3, 5]


@every_layer
def test_notation_and_json_give_it_back(name):
    network = network_with(name)
    assert parse(write(network)) == network
    assert Network.from_json(network.to_json()) == network
    assert LAYERS[name].notation.pattern(LAYERS[name]).fullmatch(LAYERS[name].notation.example)


@every_layer
def test_the_documents_list_it_with_its_notation(name):
    rows = [line for line in NOTATION.splitlines() if re.search(rf"\b{name}\b", line)]
    assert any(f"`{LAYERS[name].notation.letters}" in row for row in rows)


@every_layer
def test_its_code_makes_it(name):
    network = network_with(name)
    assert essence(run(keras_code(Spec(network=network)))) == essence(build(network))


@every_layer
@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_it_is_read_back_from_a_file(name, ending, tmp_path):
    network, model = new_model(name)
    path = tmp_path / f"model{ending}"
    model.save(path)
    spec, _, weights = reader.read(path.read_bytes(), None)
    assert spec.network == network
    expected = weights_of(model)
    assert weights.keys() == expected.keys()
    for key, values in expected.items():
        np.testing.assert_array_equal(weights[key], values)


@every_layer
def test_its_arithmetic_is_what_tensorflow_puts_out(name):
    network, model = new_model(name)
    rng = np.random.default_rng(1)
    image = rng.integers(0, 256, IMAGE_SHAPE[:2]).astype(np.uint8)
    weights = weights_of(model)
    pixels = image[..., None].astype(np.float32) / 255
    made = FeatureExtractor(network, weights).outputs(tf.constant(pixels[None]))
    outputs = {"": pixels} | {name: values[0].numpy() for name, values in made.items()}
    rows = summarize(network).rows
    for row in rows:
        values = outputs[row.name]
        inputs, *shortcut = (outputs[read] for read in sources(rows)[row.name])
        for place in zip(*(rng.integers(0, side, 5) for side in values.shape), strict=True):
            at = tuple(int(number) for number in place)
            step = step_at(network, row, weights, inputs, at, *shortcut)
            assert step.value == pytest.approx(values[at], rel=1e-4, abs=1e-4)
