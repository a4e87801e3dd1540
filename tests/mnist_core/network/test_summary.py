"""Shapes and parameters: against Keras itself, and the course notes."""

import re
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings

from mnist_core.network.layers import AnyLayer
from mnist_core.network.notation import parse, parse_layers
from mnist_core.network.presets import PRESETS
from mnist_core.network.spec import Network
from mnist_core.network.summary import (
    DEFAULT_LIMITS,
    check_limits,
    kernel_names,
    summarize,
    summarize_valid,
)
from mnist_core.network.value import SpecError
from mnist_core.training.model import build, weight_name
from tests.mnist_core.network.plain_keras import keras_model, layers_of
from tests.strategies import anything, sensible

FREELY = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def compare(layers: list[AnyLayer]) -> str:
    """Ours against Keras's: both refuse, or both agree on every shape and count."""
    try:
        network = Network(layers=tuple(layers))
    except SpecError:
        with pytest.raises(ValueError, match=r".+"):
            keras_model(layers)
        return "refused"
    model, summary = keras_model(layers), summarize(network)
    assert [row.output_shape for row in summary.rows] == [
        layer.output.shape[1:] for layer in layers_of(model)
    ]
    for row, layer in zip(summary.rows, layers_of(model), strict=True):
        assert row.type == type(layer).__name__
        assert row.parameters == layer.count_params()
        held = sum(int(np.prod(weight.shape)) for weight in layer.non_trainable_weights)
        assert row.non_trainable == held
        if "=" in row.arithmetic and row.parameters:
            sum_of, result = row.arithmetic.replace(",", "").split(" = ")
            assert eval(sum_of) == int(result) == row.parameters
    assert summary.parameters == model.count_params()
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert summary.trainable == trainable
    return "accepted"


@pytest.mark.slow
def test_shapes_and_counts_are_keras_own_on_random_networks():
    seen = {"accepted": 0, "refused": 0}

    @settings(FREELY, max_examples=300)
    @given(sensible)
    def run(layers):
        seen[compare(layers)] += 1

    run()
    assert seen["accepted"] >= 200


@pytest.mark.slow
def test_we_refuse_exactly_what_keras_refuses():
    seen = {"accepted": 0, "refused": 0}

    @settings(FREELY, max_examples=350)
    @given(anything)
    def run(layers):
        seen[compare(layers)] += 1

    run()
    assert min(seen.values()) >= 25  # enough of either


def test_the_built_model_has_the_names_and_counts_of_the_summary():
    network = parse("C8k5same C4bnelu M A3s2same BN GAP Drop0.3 D16geluL2=0.01")
    model, summary = build(network), summarize(network)
    assert [row.name for row in summary.rows] == [layer.name for layer in model.layers]
    assert summary.parameters == model.count_params()
    assert model.get_layer("dense_1").kernel_regularizer.l2 == pytest.approx(0.01)
    assert model.get_layer("activation_1").activation is keras.activations.elu


def test_kernels_are_the_trained_weights_of_keras_but_biases_scales_and_slopes():
    network = parse("C8bn SC8 DCk3 PReLU Res16s2 M LN F D16 BN")
    model = build(network)
    found = [weight_name(variable) for variable in model.trainable_variables]
    others = ("bias", "gamma", "beta", "alpha")
    kernels = [name for name in found if not name.endswith(others)]
    assert sorted(kernel_names(summarize(network).rows)) == sorted(kernels)
    assert "separable_conv2d_1/pointwise_kernel" in kernels
    assert len(kernels) == 9


NOTES = {
    "note-1": [320, 0, 18_496, 0, 0, 204_928, 1_290],
    "note-2": [320, 0, 18_496, 0, 36_928, 0, 65_600, 650],
    "note-3": [320, 0, 18_496, 0, 36_928, 0, 36_928, 650],
    "note-5": [80, 0, 1_168, 0, 0, 25_664, 0, 650],
}


@pytest.mark.parametrize("name", NOTES)
def test_the_course_notes_layer_by_layer(name):
    summary = summarize(PRESETS[name].spec.network)
    assert [row.parameters for row in summary.rows] == NOTES[name]
    assert summary.parameters == sum(NOTES[name]) == PRESETS[name].parameters


@pytest.mark.parametrize(
    ("name", "kilobytes"), [("note-1", 879.04), ("note-2", 476.54), ("note-5", 107.66)]
)
def test_the_course_notes_sizes(name, kilobytes):
    summary = summarize(PRESETS[name].spec.network)
    assert round(summary.bytes / 1024, 2) == kilobytes
    assert sum(row.bytes for row in summary.rows) == summary.bytes


def test_the_course_notes_arithmetic():
    rows = summarize(PRESETS["note-5"].spec.network).rows
    assert [row.arithmetic for row in rows if row.parameters] == [
        "3*3*1*8 + 8 = 80",
        "3*3*8*16 + 16 = 1,168",
        "400*64 + 64 = 25,664",
        "64*10 + 10 = 650",
    ]
    assert rows[4].arithmetic == "0 (5*5*16 = 400 values)"


def test_published_parameter_counts():
    lenet = summarize(PRESETS["lenet-5"].spec.network)
    assert (lenet.parameters, lenet.bytes) == (61_706, 246_824)  # 241.04 KB, as Keras prints it
    assert summarize(PRESETS["keras-example"].spec.network).parameters == 34_826


@pytest.mark.parametrize(
    "notation", ["C8 M C16 M F D64", "C4k5s2same C8bn A2 GAP D3", "D3 F", "SC8 M SC4k5s2same GAP"]
)
def test_multiply_adds_are_half_of_what_tensorflows_profiler_counts(notation):
    from tensorflow.python.profiler.model_analyzer import profile
    from tensorflow.python.profiler.option_builder import ProfileOptionBuilder

    network = parse(notation)
    model = build(network)
    function = tf.function(lambda images: model(images, training=False))
    concrete = function.get_concrete_function(tf.TensorSpec((1, 28, 28, 1)))
    options = ProfileOptionBuilder(ProfileOptionBuilder.float_operation())
    counted = profile(concrete.graph, options=options.with_empty_output().build())
    products = sum(
        node.total_float_ops
        for node in _nodes(counted)
        if node.name.endswith(("convolution", "MatMul", "Tensordot", "separable_conv2d"))
    )
    kinds = ("Conv2D", "SeparableConv2D", "Dense")
    assert products == 2 * sum(
        row.multiply_adds for row in summarize(network).rows if row.type in kinds
    )


def _nodes(root):
    yield from root.children
    for child in root.children:
        yield from _nodes(child)


def test_networks_over_the_limits_are_refused_with_the_rule_and_the_value():
    with pytest.raises(SpecError, match=r"at most 2,000,000 parameters; this one has 20,037,642"):
        check_limits(parse("F D4096 D4096"))
    with pytest.raises(SpecError, match=r"at most 24 layers; this one has 25"):
        check_limits(parse("BN " * 24 + "F"))
    with pytest.raises(SpecError, match=r"at most 500,000,000 multiply-adds.*conv2d_2"):
        check_limits(parse("C128same C640same GAP"))


@pytest.mark.parametrize(
    ("name", "layers", "layer", "words"),
    [
        ("parameters", "F D4096 D4000", 2, "16,388,000 in dense_2 (4096*4000 + 4000 = 16,388,000)"),
        ("parameters", "C8 M F D64", 3, "86,592 in dense_1"),
        ("multiply_adds", "C8 M C16k5same F D64", 2, "540,800 in conv2d_2"),
        ("multiply_adds", "C64 M F", 0, "389,376 in conv2d_1"),
    ],
)
def test_the_most_is_allowed_and_of_one_more_the_largest_layer_is_named(name, layers, layer, words):
    network = parse(layers)
    free = replace(DEFAULT_LIMITS, parameters=10**9, multiply_adds=10**9)
    summary = check_limits(network, free)
    most = getattr(summary, name)
    assert check_limits(network, replace(free, **{name: most})) == summary
    with pytest.raises(SpecError, match=re.escape(f"this one has {most:,}") + "|needs") as caught:
        check_limits(network, replace(free, **{name: most - 1}))
    assert f"of which {words}" in str(caught.value)
    assert caught.value.layer == layer


@given(sensible)
def test_a_refusal_says_the_way_out(layers):
    try:
        Network(layers=tuple(layers))
    except SpecError as error:
        assert error.layer is not None  # noqa: PT017
        assert ": " in str(error)  # noqa: PT017


def test_of_a_network_with_a_fault_the_layers_before_it_are_summed_up():
    whole = parse("C8 M C16 M F D64")
    assert summarize_valid(whole.layers) == summarize(whole).rows[:-1]
    faulty = parse_layers("C8 M8 C16k9 F D64")  # 3x3 for a 9x9 kernel
    assert [row.output_shape for row in summarize_valid(faulty)] == [(26, 26, 8), (3, 3, 8)]
    assert summarize_valid(()) == ()
