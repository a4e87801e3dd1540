"""Every way out that is offered leads out."""

import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.network.layers import (
    AnyLayer,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    Windowed,
)
from mnist_core.network.notation import parse_layers
from mnist_core.network.repair import Layers, effect, problem, repairs
from mnist_core.network.spec import Network
from mnist_core.network.summary import check_limits
from tests.mnist_core.network.plain_keras import keras_model

LAYER = st.one_of(
    st.builds(Conv2D, filters=st.sampled_from([1, 8, 1024]), kernel_size=st.integers(1, 7),
              padding=st.sampled_from(["valid", "same"])),
    st.builds(MaxPooling2D, pool_size=st.sampled_from([2, 3, 14])),
    st.builds(Dense, units=st.sampled_from([1, 64, 4096])),
    st.builds(Dropout),
    st.builds(Flatten),
    st.builds(GlobalAveragePooling2D),
)  # fmt: skip


@given(st.lists(LAYER, max_size=30).map(tuple))
def test_a_mended_network_works_and_a_working_one_needs_no_mend(layers):
    found = repairs(layers)
    assert bool(found) == (problem(layers) is not None)
    for repair in found:
        check_limits(Network(layers=repair.layers))
        assert repair.layers != layers
        if repair.words != "Remove every layer that cannot work":
            assert repair.layers in carried_out(layers, repair.words)
    assert len({repair.words for repair in found}) == len(found) <= 3


def carried_out(layers: Layers, words: str) -> list[Layers]:
    """What the words of a repair can mean, worked out from the words; places count from 1."""
    if ", then " in words:
        first, second = words.split(", then ", 1)
        later = second[0].upper() + second[1:]
        return [twice for once in carried_out(layers, first) for twice in carried_out(once, later)]
    _, _, where = words.partition(" layer")
    places = [int(number) - 1 for number in re.findall(r"\d+", where)]

    def put(new: AnyLayer, *before: int) -> list[Layers]:
        made = list(layers)
        for place in sorted(before, reverse=True):
            made.insert(place, new)
        return [tuple(made)]

    def change(at: Iterable[int], **settings: object) -> list[Layers]:
        copies = {place: layers[place].model_copy(update=settings) for place in at}
        return [tuple(copies.get(place, layer) for place, layer in enumerate(layers))]

    match words.split():
        case ["Use", "`same`", *_]:
            first, last = (0, places[-1]) if "1 to" in words else (places[0], places[0])
            windows = (at for at in range(first, last + 1) if isinstance(layers[at], Windowed))
            return change(windows, padding="same")
        case ["Pool", "2x2", "in", *_]:
            return change(places, pool_size=2, strides=None)
        case ["Pool", "2x2", "before", *_]:
            return put(MaxPooling2D(), *places)
        case ["Pool", "2x2", "after", *_]:
            return put(MaxPooling2D(), *(place + 1 for place in places))
        case ["Use", "stride", "2", *_]:
            return change(places, strides=2)
        case ["Use", "only", *_]:
            for size, name, place in re.findall(r"(\d+) (filters|units) in layer (\d+)", words):
                (layers,) = change([int(place) - 1], **{name: int(size)})
            return [layers]
        case ["Add", name, *_]:
            return put(Flatten() if name == "Flatten" else GlobalAveragePooling2D(), *places)
        case ["Remove", *_]:
            assert type(layers[places[0]]).__name__ == words.split()[-1]
            return [(*layers[: places[0]], *layers[places[0] + 1 :])]
        case ["Move", name, *_]:
            kinds = [at for at in range(places[0]) if type(layers[at]).__name__ == name]
            end = places[0] + 1
            return [
                (*layers[:at], *layers[at + 1 : end], layers[at], *layers[end:]) for at in kinds
            ]
    raise AssertionError(words)


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ((Conv2D(filters=8), Dense(units=10)), "Add Flatten as layer 2"),
        ((Conv2D(filters=8),), "Add Flatten as layer 2"),
        ((Flatten(), Conv2D(filters=8)), "Move Flatten after layer 2"),
        ((Flatten(), Conv2D(filters=8), MaxPooling2D()), "Move Flatten after layer 3"),
        (
            (MaxPooling2D(), MaxPooling2D(), MaxPooling2D(), MaxPooling2D(), Conv2D(filters=4),
             Flatten()),
            "Use `same` padding in layer 5",
        ),
        ((Flatten(), Dense(units=4096)), "Pool 2x2 before layer 1"),
        ((), "Add Flatten as layer 1"),
    ],
)  # fmt: skip
def test_the_smallest_change_comes_first(layers, words):
    assert repairs(layers)[0].words == words


@pytest.mark.parametrize(
    ("notation", "offered"),
    [
        ("F D4096", ["Pool 2x2 before layer 1", "Use only 2048 units in layer 2"]),
        (
            "C32 C64 F D512",
            [
                "Pool 2x2 after layers 1 and 2",
                "Use stride 2 in layers 1 and 2",
                "Use only 32 units in layer 4",
            ],
        ),
        ("C512k7same C512k7same GAP", ["Use only 16 filters in layer 2"]),  # pooling saves none
        ("C1024same C128same M F", ["Pool 2x2 after layer 1", "Use stride 2 in layer 2"]),
    ],
)
def test_a_network_that_is_too_large_gets_smaller_before_it_loses_a_layer(notation, offered):
    layers = parse_layers(notation)
    found = repairs(layers)
    words = [repair.words for repair in found]
    assert words[: len(offered)] == offered
    assert all(repair.layers in carried_out(layers, repair.words) for repair in found)
    kept = [word.startswith("Remove") for word in words]
    assert kept == sorted(kept)


def test_a_deep_stack_of_valid_windows_is_padded_and_not_cut():
    first = repairs(parse_layers("C8 " * 16 + "F"))[0]
    assert first.words == "Use `same` padding in layers 1 to 14"
    assert first.layers == parse_layers("C8same " * 14 + "C8 C8 F")


@pytest.mark.parametrize("notation", ["F D4096", "C32 C64 F D512", "C8 M D8", "C64k28same F D900"])
def test_what_a_repair_changes_is_what_keras_counts(notation):
    before = parse_layers(notation)
    found = repairs(before)
    assert found
    for repair in found:
        model = keras_model(list(repair.layers))
        said = effect(before, repair.layers)
        assert f"{model.count_params():,}" in said
        if problem(before) and "needs a vector" not in str(problem(before)):
            assert f"{keras_model(list(before)).count_params():,} →" in said


def test_flatten_moves_behind_the_layer_that_needs_an_image_and_no_other_layer_is_lost():
    layers = (Conv2D(filters=4), Flatten(), MaxPooling2D(), Dense(units=3), Dense(units=5))
    first = repairs(layers)[0]
    assert first.words == "Move Flatten after layer 3"
    assert first.layers == (layers[0], layers[2], layers[1], *layers[3:])


def test_a_pooling_that_does_not_fit_may_be_one_of_two():
    layers = parse_layers("M14 M3s1 F")
    found = {repair.words: repair.layers for repair in repairs(layers)}
    assert found["Pool 2x2 in layer 2"] == parse_layers("M14 M F")


def test_too_many_layers_are_cut_to_as_many_as_can_be_trained():
    (repair,) = repairs(parse_layers("C4 " + "BN " * 24 + "F"))
    assert len(repair.layers) == 24
    assert problem(repair.layers) is None


def test_a_pooling_of_two_is_not_made_one_of_two():
    layers = (MaxPooling2D(pool_size=20), MaxPooling2D(), Flatten())
    assert not any(repair.words == "Pool 2x2 in layer 2" for repair in repairs(layers))
