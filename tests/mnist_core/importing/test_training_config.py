"""How a network was trained is told as far as its file says so."""

import h5py
import keras
import pytest

from mnist_core.importing import reader
from mnist_core.importing.training_config import training
from mnist_core.network.notation import parse
from tests.mnist_core.importing.bad_layers import with_config
from tests.mnist_core.importing.bad_weights import with_h5
from tests.mnist_core.importing.keras_files import saved

L = keras.layers
SMALL = parse("C2 M F D4")


def test_an_optimizer_of_others_is_not_known(good):
    def change(config: dict) -> None:
        config["compile_config"]["optimizer"]["class_name"] = "Lamb"
        config["compile_config"]["loss"] = "mse"

    spec, told, _ = reader.read(with_config(good, change), None)
    assert told == "; its settings, epochs and time are not known"
    assert spec.training.optimizer == "adam"


COMPILED = {
    "whole": ({"learning_rate": 1}, {}, " with rmsprop at a learning rate of 1 and sparse"),
    "more": (
        {"clipnorm": 1.0, "weight_decay": 0.004, "use_ema": False},
        {"from_logits": True},
        " with rmsprop at a learning rate of 0.001 (and clipnorm=1.0, weight_decay=0.004, which "
        "the app does not have) and sparse categorical cross-entropy (from_logits=True, though "
        "softmax comes last); its epochs",
    ),
    "wild": ({"class_name": "SGD", "momentum": 10**400}, {}, " with sgd"),
    "true": ({"learning_rate": True}, {}, " with sparse"),
}


@pytest.mark.parametrize("name", COMPILED)
def test_how_it_was_trained(name):
    optimizer, loss, told = COMPILED[name]
    kind = optimizer.get("class_name", "RMSprop")
    config = {"learning_rate": 0.0010000000474974513, "momentum": 0.0} | optimizer
    entropy = {"class_name": "SparseCategoricalCrossentropy", "config": loss}
    compiled = {"optimizer": {"class_name": kind, "config": config}, "loss": entropy}
    assert training(compiled)[1].startswith(told)


def test_an_h5_file_whose_training_cannot_be_read_still_has_its_network(good):
    for wrong in ("[" * 100_000, "[]", h5py.Empty("f4")):
        data = with_h5(good, lambda file, wrong=wrong: file.attrs.create("training_config", wrong))
        spec, told, _ = reader.read(data, None)
        assert spec.network == SMALL
        assert told == "; its settings, epochs and time are not known"


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_another_precision_is_said(tmp_path, ending):
    mixed = L.Dense(4, dtype="mixed_bfloat16")
    model = keras.Sequential(
        [keras.Input((28, 28, 1)), L.Flatten(), mixed, L.Dense(10, activation="softmax")]
    )
    _, told, _ = reader.read(saved(model, tmp_path, ending), None)
    assert told.endswith("; computed in float32 here, but in mixed_bfloat16 in the file")
