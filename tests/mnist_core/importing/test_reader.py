"""Networks of plain Keras are read and answer alike; other files get a sentence."""

import json
import re
from io import BytesIO

import h5py
import keras
import numpy as np
import pytest

from mnist_core.importing import reader
from mnist_core.importing.errors import ImportModelError
from mnist_core.importing.sandbox import import_file
from mnist_core.network.notation import parse, write
from tests.mnist_core.importing import bad_layers, bad_weights  # noqa: F401  each adds its makers
from tests.mnist_core.importing.bad_models import BAD
from tests.mnist_core.importing.keras_files import check_same, saved, trained

L = keras.layers
SMALL = parse("C2 M F D4")
NOTE_3 = "C32 M C64 M C64 F D64"


@pytest.fixture(scope="module")
def note_3():
    return trained(
        [
            L.Conv2D(32, (3, 3), activation="relu"),
            L.MaxPooling2D((2, 2)),
            L.Conv2D(64, (3, 3), activation="relu"),
            L.MaxPooling2D((2, 2)),
            L.Conv2D(64, (3, 3), activation="relu"),
            L.Flatten(),
            L.Dense(64, activation="relu"),
            L.Dense(10, activation="softmax"),
        ],
        "categorical_crossentropy",
    )


@pytest.mark.parametrize("ending", [".keras", ".h5", ".weights.h5"])
def test_note_3_of_plain_keras(note_3, tmp_path, ending):
    network = parse(NOTE_3) if ending == ".weights.h5" else None
    brought = import_file(saved(note_3, tmp_path, ending), network)
    assert write(brought.spec.network) == NOTE_3
    for ours, theirs in zip(brought.weights.values(), note_3.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    check_same(note_3, brought.spec, brought.weights)
    if ending == ".weights.h5":
        words = f"; read as {NOTE_3}, which the file does not say; its settings, epochs and time"
        assert brought.told == f"{words} are not known"
    else:
        assert brought.spec.training.optimizer == "rmsprop"
        assert brought.spec.training.loss == "categorical_crossentropy"
        assert brought.told.startswith(" with rmsprop at a learning rate of 0.001 and categorical")


def old_model() -> str:
    """The layer list of `good` as Keras 2 wrote it."""
    common = {"data_format": "channels_last", "padding": "valid"}
    first = {"name": "c", "batch_input_shape": [None, 28, 28, 1], "filters": 2, **common}
    layers = [
        ("Conv2D", first | {"kernel_size": [3, 3], "strides": [1, 1], "activation": "relu"}),
        ("MaxPooling2D", {"name": "m", "pool_size": [2, 2], "strides": [2, 2], **common}),
        ("Flatten", {"name": "f", "data_format": "channels_last"}),
        ("Dense", {"name": "seed_generator", "units": 4, "activation": "relu"}),
        ("Dense", {"name": "o", "units": 10, "activation": "softmax"}),
    ]
    listed = [{"class_name": kind, "config": config} for kind, config in layers]
    return json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": listed}})


@pytest.mark.parametrize("whole", [True, False])
def test_the_dialect_of_keras_2(good, whole):
    _, _, values = reader.read(good.keras, None)
    buffer = BytesIO()
    with h5py.File(buffer, "w") as file:
        group = file.create_group("model_weights") if whole else file
        group.attrs["layer_names"] = [b"c", b"m", b"f", b"seed_generator", b"o"]
        ours = {"c": "conv2d_1", "m": "", "f": "", "seed_generator": "dense_1", "o": "output"}
        for old, new in ours.items():
            for variable in ("kernel", "bias") if new else ():
                group[f"{old}/{old}/{variable}:0"] = values[f"{new}/{variable}"]
            group.require_group(old)
        if whole:
            file.attrs["model_config"] = old_model()
            sgd = {"lr": 0.009999999776482582, "momentum": 0.8999999761581421, "nesterov": True}
            compiled = {"optimizer_config": {"class_name": "Custom>SGD", "config": sgd}}
            file.attrs["training_config"] = str(compiled).replace("'", '"').replace("True", "true")
    spec, told, again = reader.read(buffer.getvalue(), None if whole else SMALL)
    assert spec.network == SMALL
    for name, array in values.items():
        np.testing.assert_array_equal(again[name], array)
    if whole:
        training = spec.training
        assert (training.optimizer, training.learning_rate) == ("sgd", 0.01)
        assert (training.momentum, training.nesterov) == (0.9, True)
        assert "sgd at a learning rate of 0.01" in told


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gets_a_sentence(good, name):
    make, sentence = BAD[name]
    data = make(good)
    with pytest.raises(ImportModelError) as caught:
        reader.read(data, SMALL)
    words = str(caught.value)
    assert sentence in words
    assert ":" in words  # the way out comes after it
    assert "\n" not in words
    assert not re.search(r"://|\]\(|[*<`$]|www\.|:\w+[:/]|\b_", words)  # no markup


def test_weights_alone_need_their_network(good):
    with pytest.raises(ImportModelError, match="does not say to which network"):
        reader.read(good.weights, None)
    with pytest.raises(ImportModelError, match=r"read for, C3 M F D4; here .* must have the shape"):
        reader.read(good.weights, parse("C3 M F D4"))
    with pytest.raises(ImportModelError, match="has none for 'dense_2'"):
        reader.read(good.weights, parse("C2 M F D4 D4"))
