"""Changes of a network, in the notation, and of how it is trained."""

import pytest

from mnist_core.network import edits
from mnist_core.network.layers import Conv2D, Dense
from mnist_core.network.notation import parse, write
from mnist_core.network.spec import Augmentation, Split, Training
from mnist_core.network.value import SpecError


@pytest.mark.parametrize(
    ("edit", "number", "before", "after"),
    [
        (edits.with_hidden_layers, 0, "C4 M F D32 Drop0.2 D16", "C4 M F"),
        (edits.with_hidden_layers, 2, "C4 M F D32 Drop0.2 D16", "C4 M F D32 Drop0.2 D32 Drop0.2"),
        (edits.with_hidden_layers, 1, "C4 M F", "C4 M F D64"),
        (edits.with_hidden_layers, 1, "C4 D8 F", "C4 D8 F D64"),  # D8 works on channels
        (edits.with_filters, 16, "C4 M C8k5 M C2 F", "C16 M C32k5 M C8 F"),
        (edits.with_filters, 1, "C4 M C8 M C2 F", "C1 M C2 M C1 F"),  # never less than one
        (edits.with_convolutions, 3, "C4s2 M F D8", "C4s2 C4same C4same M F D8"),
        (edits.with_convolutions, 1, "C4 M F", "C4 M F"),
        (edits.with_dropout, 0.5, "C4 Drop0.2 F D8 Drop0.3", "C4 Drop0.5 F D8 Drop0.5"),
        (edits.with_dropout, 0.5, "C4 F D8", "C4 F D8 Drop0.5"),
    ],
)
def test_a_change_of_the_layers(edit, number, before, after):
    assert write(edit(parse(before), number)) == after


def test_layers_are_counted_and_hidden_ones_found():
    network = parse("C4 M C8 D8 F D16 Drop0.2 D8")
    assert [edits.count_layers(kind, network.layers) for kind in (Conv2D, Dense)] == [2, 3]
    assert edits.hidden_positions(network) == [5, 7]


@pytest.mark.parametrize("edit", [edits.with_filters, edits.with_convolutions])
def test_without_a_convolution_there_are_no_filters_to_change(edit):
    with pytest.raises(SpecError, match="the network has none: add one"):
        edit(parse("F D8"), 2)


def test_settings_of_the_training_and_of_its_augmentation_change_together():
    before = Training(optimizer="sgd", momentum=0.9, augmentation=Augmentation(shift=1, zoom=0.1))
    after = edits.with_settings(before, {"learning_rate": 0.5, "shift": 3})
    assert after == Training(
        optimizer="sgd",
        momentum=0.9,
        learning_rate=0.5,
        augmentation=Augmentation(shift=3, zoom=0.1),
    )
    assert before.augmentation.shift == 1


def test_settings_of_another_optimizer_go():
    sgd = Training(optimizer="sgd", momentum=0.9, nesterov=True)
    assert edits.with_settings(sgd, {"optimizer": "adam"}) == Training()
    decayed = Training(optimizer="adamw", weight_decay=0.01)
    assert edits.with_settings(decayed, {"optimizer": "rmsprop"}).weight_decay is None


@pytest.mark.parametrize(("images", "count"), [(6_000, 1_000), (1_000, 167)])
def test_fewer_images_are_split_in_the_same_proportion(images, count):
    found = edits.with_images(Split(count=10_000), images)
    assert (found.images, found.count) == (images, count)


def test_of_fewer_images_at_least_one_is_held_out_and_one_is_not():
    assert edits.with_images(Split(count=10), 1_000).count == 1
    nearly_all = Split(limit=2_000, count=1_999)
    assert edits.with_images(nearly_all, 1_000).count == 999
