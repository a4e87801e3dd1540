"""The short notation, both ways."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mnist_core.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
)
from mnist_core.network.notation import about_output, course_notation, parse, parse_layers, write
from mnist_core.network.presets import PRESETS
from mnist_core.network.spec import Network
from mnist_core.network.value import SpecError
from tests.strategies import sensible


def test_every_word_of_the_notation():
    assert parse("C32 C8k5s2same M A2 M3s2same BN GAP Drop0.25 F D128 D4tanh").layers == (
        Conv2D(filters=32),
        Conv2D(filters=8, kernel_size=5, strides=2, padding="same"),
        MaxPooling2D(),
        AveragePooling2D(),
        MaxPooling2D(pool_size=3, strides=2, padding="same"),
        BatchNormalization(),
        GlobalAveragePooling2D(),
        Dropout(rate=0.25),
        Flatten(),
        Dense(units=128),
        Dense(units=4, activation="tanh"),
    )
    (layer, _) = parse("C4bnselul2=0.01 F").layers
    assert layer == Conv2D(filters=4, batch_normalization=True, activation="selu", l2=0.01)


def test_twice_as_many_words_as_layers_that_can_be_trained_are_read_and_no_more():
    assert len(parse_layers("BN " * 48)) == 48
    with pytest.raises(SpecError, match="at most 24 layers; this one has 49"):
        parse_layers("BN " * 49)
    assert len(parse_layers(f"C8{' ' * 9_996}BN")) == 2
    with pytest.raises(SpecError, match="at most 10,000 characters; received 10,001"):
        parse_layers(f"C8{' ' * 9_997}BN")


@pytest.mark.parametrize(
    ("notation", "hint"),
    [("C4 F D10", True), ("F D10tanh", True), ("F D11", False), ("F D10 D8", False), ("F", False)],
)
def test_ten_units_at_the_end_are_said_to_be_hidden_ones(notation, hint):
    said = about_output(parse(notation))
    assert bool(said) == hint == (notation.split()[-1] in said.split())


def test_case_does_not_matter():
    assert parse("c32 m gap drop0.5 d16TANH") == parse("C32 M GAP Drop0.5 D16tanh")


@given(sensible)
def test_round_trip(layers):
    try:
        network = Network(layers=tuple(layers))
    except SpecError:
        assume(False)
        raise
    assert parse(write(network)) == network


@given(st.text(max_size=40))
def test_any_text_is_a_network_or_a_spec_error(text):
    try:
        network = parse(text)
    except SpecError as error:
        assert str(error)  # noqa: PT017  either outcome is right, nothing else is
    else:
        assert parse(write(network)) == network


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("note-1", "C1 M1 C2 M2 F1600 D128 D10"),
        ("note-3", "C1 M1 C2 M2 C3 F576 D64 D10"),
        ("note-5", "C1 M1 C2 M2 F400 D64 Drop0.2 D10"),
    ],
)
def test_the_notes_own_notation(name, expected):
    assert course_notation(PRESETS[name].spec.network) == expected


def test_average_pooling_is_numbered_apart_and_global_average_carries_its_size():
    assert course_notation(parse("C4 A C8 M GAP")) == "C1 A1 C2 M1 G8 D10"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("C32 X", r"layer 2, 'X': not a layer of the notation"),
        (
            "C32k29 F",
            r"layer 1, 'C32k29': kernel_size must be less than or equal to 28; received '29'",
        ),
        ("F D0", r"layer 2, 'D0': units must be greater than or equal to 1"),
        ("F Drop1", r"layer 2, 'Drop1': rate must be less than 1"),
        ("C4 M", r"add Flatten or GlobalAveragePooling2D at the end"),
        ("", r"receives 28x28x1: add Flatten"),
    ],
)
def test_a_word_that_cannot_be_read_is_named(text, message):
    with pytest.raises(SpecError, match=message):
        parse(text)
