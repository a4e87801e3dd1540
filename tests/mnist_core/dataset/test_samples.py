"""Parts, samples and typical images are what plain NumPy finds in the data set."""

import numpy as np
import pytest

from mnist_core.dataset import mnist, samples
from mnist_core.dataset.samples import Part, SampleError
from mnist_core.network.spec import Split

SMALL = Split(kind="last", count=300, limit=1500)


def test_one_image_as_stored_and_as_the_network_gets_it():
    data = mnist.load()
    one = samples.example("training", 7_777)
    assert (one.label, one.index, one.stored_in) == (8, 7_777, "training")
    np.testing.assert_array_equal(one.image, data.x_train[7_777])
    assert one.network_input.shape == (28, 28, 1)
    assert one.network_input.dtype == np.float32
    np.testing.assert_allclose(one.network_input[:, :, 0], data.x_train[7_777] / 255, rtol=1e-6)
    assert samples.example("test", 9_999).label == data.y_test[9_999]
    assert one.words == "A handwritten 8, image 7,777 of the training set"


@pytest.mark.parametrize(
    ("name", "index", "rule"),
    [
        ("training", 60_000, "training set holds images 0 to 59,999; received index 60,000"),
        ("test", 10_000, "test set holds images 0 to 9,999; received index 10,000"),
        ("test", -1, "received index -1: choose"),
    ],
)
def test_an_index_beyond_the_set_is_refused(name, index, rule):
    with pytest.raises(SampleError, match=rule):
        samples.example(name, index)


@pytest.mark.parametrize("index", ["abc", "", "3.7", "1e400", "9" * 400, "--3", "3\n"])
def test_a_link_with_something_else_than_an_index_is_refused(index):
    with pytest.raises(SampleError, match="image must be a whole number"):
        samples.check_link("test", index)


def test_links_to_images_are_taken_and_unknown_sets_refused():
    samples.check_link(None, None)
    samples.check_link("training", "-1")  # `example` says which numbers there are
    with pytest.raises(SampleError, match="set must be training or test; received 'bogus'"):
        samples.check_link("bogus", "3")


@pytest.mark.parametrize("kind", ["last", "fraction", "test", "none", "fold"])
def test_parts_hold_the_images_of_their_rows(kind):
    data = mnist.load()
    train, validation, test = samples.parts(Split(kind=kind, limit=12_000))
    labels = data.y_test if kind == "test" else data.y_train
    np.testing.assert_array_equal(train.labels, data.y_train[train.rows])
    np.testing.assert_array_equal(train.images, data.x_train[train.rows])
    np.testing.assert_array_equal(validation.labels, labels[validation.rows])
    np.testing.assert_array_equal(test.images, data.x_test)
    assert train.counts.tolist() == [int((train.labels == digit).sum()) for digit in range(10)]
    for part in (train, validation):
        assert f"{len(part.rows):,}" in samples.describe(Split(kind=kind, limit=12_000)) or not len(
            part.rows
        )


@pytest.mark.parametrize(
    ("split", "words"),
    [
        (Split(), "the first 50,000 training images for training, the last 10,000 for validation."),
        (Split(kind="fraction", fraction=0.125), "the last 12.5 % of the training images"),
        (Split(kind="test"), "has already seen the test"),
        (Split(kind="none"), "60,000 images for training, none for validation."),
        (
            Split(kind="fold", fold=2, seed=3),
            "fold 2 of 5 for validation, stratified and drawn with",
        ),
        (SMALL, "Only the first 1,500 training images are used."),
    ],
)
def test_a_split_in_words(split, words):
    assert words in samples.describe(split)


def test_a_seed_draws_the_same_images_of_the_digit_from_the_part():
    part = samples.parts(SMALL)[1]
    rows = samples.random_rows(part, 20, seed=1, digit=4)
    assert len(set(rows)) == 20
    assert set(rows) <= set(range(1200, 1500))
    assert set(mnist.load().y_train[rows]) == {4}
    np.testing.assert_array_equal(samples.random_rows(part, 20, seed=1, digit=4), rows)
    assert samples.random_rows(part, 20, seed=2, digit=4).tolist() != rows.tolist()
    assert sorted(samples.random_rows(part, 1000, seed=1)) == list(range(1200, 1500))
    assert [one.index for one in part.examples(rows)] == rows.tolist()


def test_grey_levels_of_the_training_set_are_the_known_ones():
    levels = samples.grey_levels(samples.parts(Split(kind="none"))[0])
    assert levels.counts.sum() == 60_000 * 28 * 28
    assert levels.mean == pytest.approx(0.1307, abs=5e-5)  # what everybody normalises with
    assert levels.std == pytest.approx(0.3081, abs=5e-5)


def test_grey_levels_count_every_pixel_of_a_part_once():
    part = samples.parts(SMALL)[0]
    pixels = mnist.load().x_train[:1200]
    levels = samples.grey_levels(part)
    np.testing.assert_array_equal(levels.counts, np.bincount(pixels.ravel(), minlength=256))
    assert levels.blank == pytest.approx((pixels == 0).mean())


@pytest.mark.parametrize("digit", [1, 9])
def test_typical_images_are_those_nearest_to_the_mean(digit):
    part = samples.parts(SMALL)[0]
    data = mnist.load()
    rows = [row for row in range(1200) if data.y_train[row] == digit]
    images = [data.x_train[row].astype(np.float64) / 255 for row in rows]
    mean = sum(images) / len(images)
    expected = {
        row: np.sqrt(((image - mean) ** 2).sum()) for row, image in zip(rows, images, strict=True)
    }
    found = samples.typicality(part, digit)
    np.testing.assert_allclose(found.mean, mean, atol=1e-6)
    assert sorted(found.rows) == rows
    assert found.rows.tolist() == sorted(rows, key=lambda row: expected[row])
    np.testing.assert_allclose(found.distances, [expected[row] for row in found.rows], rtol=1e-5)


def test_a_digit_that_nobody_trains_on_has_no_mean():
    part = Part("training", "training", np.array([0], np.int32))  # a single 5
    with pytest.raises(SampleError, match="a training part of 1 images without a 4"):
        samples.typicality(part, 4)
