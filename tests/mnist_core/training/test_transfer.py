"""A training that starts from trained weights and leaves some of them alone, against Keras."""

import keras
import numpy as np
import pytest
from keras.src.utils.summary_utils import count_params

from mnist_core.dataset import mnist
from mnist_core.evaluation.history import Checkpoint
from mnist_core.network.layers import IMAGE_SHAPE
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training, Transfer
from mnist_core.network.summary import summarize
from mnist_core.network.value import SpecError
from mnist_core.training.model import build, build_start, weights_of
from mnist_core.training.trainer import train
from mnist_core.utils.npz import fingerprint
from tests.mnist_core.training.recorder import Recorder

Weights = dict[str, np.ndarray]


def low(notation: str, **training) -> Spec:
    """A training on the digits 0 to 4."""
    return _spec(notation, "0-4", training)


def high(notation: str, start: Weights, *frozen: str, **training) -> Spec:
    """A training on the digits 5 to 9 that starts from weights."""
    transfer = Transfer(source=fingerprint(start), frozen=frozen)
    return _spec(notation, "5-9", training).model_copy(update={"transfer": transfer})


def _spec(notation: str, digits: str, training: dict) -> Spec:
    split = Split.model_validate({"kind": "last", "count": 200, "limit": 1000, "digits": digits})
    values = {"epochs": 2, "batch_size": 64, "seed": 5} | training
    return Spec(network=parse(notation), training=Training.model_validate(values), split=split)


def trained(spec: Spec, start: Weights | None = None) -> Weights:
    return train(spec, Recorder(), start=start).checkpoint.weights


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "adamw", "weight_decay": 0.1},
        {"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.9},
    ],
    ids=lambda settings: settings["optimizer"],
)
def test_frozen_weights_stay_to_the_last_bit_and_all_others_move(settings):
    notation, frozen = (
        "C4bn M Res4 M F D16l2=0.01",
        ("conv2d_1", "batch_normalization_1", "conv2d_3"),
    )
    start = trained(low(notation))
    after = trained(high(notation, start, *frozen, **settings), start)
    for name, array in after.items():
        same = np.array_equal(array, start[name])
        assert same == (name.split("/")[0] in frozen), name


def test_a_frozen_batch_normalization_works_as_in_inference():
    notation = "C4 BN F D8"
    start = trained(low(notation))
    spec = high(notation, start, "batch_normalization_1")
    images = mnist.load().x_train[:64, ..., None] / np.float32(255)
    frozen = build_start(spec, start)
    plain = build(spec.network)
    plain.set_weights(frozen.get_weights())
    expected = plain(images, training=False)
    np.testing.assert_array_equal(frozen(images, training=True), expected)
    free = build_start(high(notation, start, "conv2d_1"), start)
    assert np.abs(free(images, training=True) - expected).max() > 1e-3
    moving = "batch_normalization_1/moving_variance"
    np.testing.assert_array_equal(trained(spec, start)[moving], start[moving])


@pytest.mark.parametrize("frozen", [(), ("conv2d_1",), ("batch_normalization_1", "dense_1")])
def test_counts_are_those_of_keras(frozen):
    start = weights_of(build(parse("C4 BN F D8")))
    spec = high("C4 BN F D8", start, *frozen)
    model, counted = build_start(spec, start), summarize(spec.network, spec.frozen)
    assert counted.parameters == model.count_params()
    assert counted.trainable == count_params(model.trainable_weights)
    assert counted.non_trainable == count_params(model.non_trainable_weights)


def test_layers_of_other_shapes_start_from_the_seed():
    start = trained(low("C4 M F D16"))
    spec = high("C4 M F D8", start, "conv2d_1")
    begun, fresh = weights_of(build_start(spec, start)), weights_of(build(spec.network, seed=5))
    for name, array in begun.items():
        np.testing.assert_array_equal(array, (start if "conv2d" in name else fresh)[name])


@pytest.mark.parametrize("stop", [1, 3])
def test_a_resumed_transfer_is_the_uninterrupted_one(stop, monkeypatch):
    monkeypatch.setattr("mnist_core.training.train_step.CHUNK_MULTIPLY_ADDS", 6e7)
    notation = "C4bn M F D16 Drop0.3"
    start = trained(low(notation))
    spec = high(notation, start, "conv2d_1", "batch_normalization_1")
    expected = trained(spec, start)
    left = train(spec, Recorder(stop), start=start)
    assert not left.finished
    checkpoint = Checkpoint.from_bytes(left.checkpoint.to_bytes())
    resumed = train(spec, Recorder(), checkpoint, start=start)
    for name, array in resumed.checkpoint.weights.items():
        np.testing.assert_array_equal(array, expected[name])


def test_weights_that_are_missing_or_others_are_refused():
    start = weights_of(build(parse("C4 M F D16")))
    spec = high("C4 M F D16", start)
    with pytest.raises(SpecError, match=r"weights to start from .* are missing"):
        train(spec, Recorder())
    with pytest.raises(SpecError, match=r"weights to start from .* are missing"):
        train(spec, Recorder(), start=start | {"output/bias": np.ones(10, np.float32)})


def classic() -> keras.Sequential:
    """Keras's example of 2016, smaller: features that are kept, a classifier that learns anew."""
    keras.utils.set_random_seed(5)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(IMAGE_SHAPE),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def fit(model: keras.Model, digits: range) -> list[float]:
    """Train on the first 800 images of some digits in the app's order; return val_loss by epoch."""
    data = mnist.load()
    rows = [row for row, label in enumerate(data.y_train) if label in digits][:1000]
    x, y = data.x_train[rows][..., None] / np.float32(255), data.y_train[rows]

    def batches():
        for epoch in range(2):
            order = np.random.default_rng([5, epoch]).permutation(800)
            for begin in range(0, 800, 64):
                yield x[order[begin : begin + 64]], y[order[begin : begin + 64]]

    model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
    last = x[800:], y[800:]
    done = model.fit(
        batches(),
        epochs=2,
        steps_per_epoch=13,
        validation_data=last,
        shuffle=False,
        verbose=0,
    )
    return done.history["val_loss"]


def test_the_classic_example_in_plain_keras_learns_the_same():
    notation, frozen = "C8 C8 M Drop0.25 F D32 Drop0.5", ("conv2d_1", "conv2d_2")
    first = classic()
    low_losses = fit(first, range(5))
    second = classic()
    second.set_weights(first.get_weights())
    for layer in second.layers[:5]:
        layer.trainable = False
    high_losses = fit(second, range(5, 10))

    one, two = Recorder(), Recorder()
    start = train(low(notation), one).checkpoint.weights
    train(high(notation, start, *frozen), two, start=start)
    for losses, recorder in ((low_losses, one), (high_losses, two)):
        assert losses == pytest.approx([epoch.val_loss for epoch in recorder.epochs], rel=1e-3)
