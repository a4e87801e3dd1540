"""Networks of plain Keras become runs that answer alike."""

import json
from io import BytesIO

import h5py
import keras
import numpy as np
import pytest

from mnist_core.cli.main import main
from mnist_core.dataset import mnist
from mnist_core.exporting.code import keras_code
from mnist_core.importing import reader
from mnist_core.importing.errors import ImportModelError, file_name
from mnist_core.importing.recording import record, record_report
from mnist_core.importing.sandbox import ImportedModel, import_file
from mnist_core.network.notation import parse, write
from mnist_core.storage.artifacts import load_weights, plan_more_epochs
from mnist_core.storage.runs import Store, StoreError
from mnist_core.training.predictor import Predictor
from tests.mnist_core.importing.bad_models import Good
from tests.mnist_core.importing.bad_weights import with_weights
from tests.mnist_core.importing.keras_files import good_model, images, saved, trained

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


@pytest.fixture(scope="module")
def good() -> Good:
    return good_model()


def check_same(model, spec, values, inputs=None) -> None:
    """Our network says what Keras's says; two float32 programs may differ in the last digits."""
    ours = Predictor(spec.network, values).probabilities(mnist.load().x_test[:100])
    theirs = model.predict(images(100) if inputs is None else inputs, verbose=0)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


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


VARIANTS = {
    "bn-and-average": (
        lambda: [
            L.Conv2D(4, 3, use_bias=False), L.BatchNormalization(), L.Activation("relu"),
            L.AveragePooling2D(2), L.Dropout(0.3),
            L.Conv2D(6, 3, padding="same", strides=2, kernel_regularizer="l2"), L.ReLU(),
            L.BatchNormalization(), L.GlobalAveragePooling2D(), L.Dense(10), L.Softmax(),
        ],
        "C4bn A Drop0.3 C6s2samel2=0.01 BN GAP",
    ),
    "bias-before-bn": (
        lambda: [
            L.Conv2D(4, 5, bias_initializer="ones"), L.BatchNormalization(scale=False),
            L.Activation("elu"), L.MaxPooling2D(3, 2, padding="same"), L.Flatten(),
            L.Dense(8, activation=keras.activations.tanh, use_bias=False), L.BatchNormalization(),
            L.Dense(10, activation="softmax", use_bias=False),
        ],
        "C4k5bnelu M3s2same F D8tanh BN",
    ),
    "leaky": (
        lambda: [
            L.Rescaling(1 / 255), L.Conv2D(3, 3, activation=L.LeakyReLU(0.2)), L.Flatten(),
            L.Flatten(), L.Dense(6), L.LeakyReLU(0.2), L.Dropout(0.5),
            L.Dense(10, activation="softmax"),
        ],
        "C3leaky_relu F D6leaky_relu Drop0.5",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_of_layers(tmp_path, name):
    layers, notation = VARIANTS[name]
    model = trained(layers())
    for ending in (".keras", ".h5"):
        spec, told, values = reader.read(saved(model, tmp_path, ending), None)
        assert write(spec.network) == notation
        grey = images(100) * 255 if name == "leaky" else None
        assert ("Rescaling layer is left out" in told) is (name == "leaky")
        check_same(model, spec, values, grey)


@pytest.mark.parametrize("shape", [(28, 28), (784,)])
@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_a_chain_of_the_functional_kind_and_images_without_channel(tmp_path, shape, ending):
    given = keras.Input(shape)
    hidden = L.Flatten()(given) if len(shape) == 2 else given
    hidden = L.Dense(9, activation="sigmoid")(hidden)
    model = keras.Model(given, L.Dense(10, activation="softmax")(hidden))
    spec, _, values = reader.read(saved(model, tmp_path, ending), None)
    assert write(spec.network) == "F D9sigmoid"
    check_same(model, spec, values, images(100).reshape(100, *shape))


def test_a_network_of_ours_comes_back_whole(tmp_path):
    spec = reader.Spec(network=parse("C3bngelu A C4 BN M F Drop0.4 D7selu"))
    scope: dict = {}
    code = keras_code(spec).partition("model.compile")[0]
    exec(code, scope)
    data = saved(scope["model"], tmp_path, ".weights.h5")
    found, _, values = reader.read(data, spec.network)
    assert found.network == spec.network
    check_same(scope["model"], spec, values)


@pytest.mark.parametrize("kind", ["f2", "f8", ">f4"])
def test_other_floats_become_float32(good, kind):
    def change(file: h5py.File) -> None:
        for name in ("layers/conv2d/vars/0", "layers/dense/vars/1"):
            values = file[name][()]
            del file[name]
            file[name] = values.astype(kind)

    _, _, before = reader.read(good.keras, None)
    _, _, after = reader.read(with_weights(good, change), None)
    for name, values in after.items():
        assert values.dtype == np.float32
        np.testing.assert_allclose(values, before[name], rtol=1e-3, atol=1e-6)


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


def test_a_run_has_the_name_of_its_file_without_the_known_endings(good):
    spec, told, values = reader.read(good.h5, None)
    names = {
        "v1.2-wide.keras": "v1.2-wide",
        "a.weights.h5": "a",
        "B.HDF5": "B",
        ".keras": ".keras",
    }
    for name, expected in names.items():
        assert record(Store(), ImportedModel(spec, values, told), name).name == expected


def test_a_run_that_was_brought_in(good):
    store = Store()
    run = record(store, import_file(good.h5), "../../my model [x](y).weights.h5")
    assert (run.state, run.epochs, run.planned, run.seconds) == ("finished", 0, 0, 0)
    assert run.origin == "my model _x_(y).weights.h5"
    assert run.name == "my model _x_(y)"
    assert run.reason.startswith("trained elsewhere with rmsprop")
    probabilities = Predictor(SMALL, load_weights(store, run.id)).probabilities(mnist.load().x_test)
    report = record_report(store, run, probabilities)
    right = (probabilities.argmax(axis=1) == mnist.load().y_test).mean()
    assert report.accuracy == store.run(run.id).test_accuracy == pytest.approx(right)
    with pytest.raises(StoreError, match="trained elsewhere"):
        plan_more_epochs(store, run.id, 2)


def test_answers_that_are_no_numbers_leave_no_run(good):
    store = Store()
    run = record(store, import_file(good.keras), "wild.keras")
    with pytest.raises(ImportModelError, match="too large to compute with"):
        record_report(store, run, np.full((10_000, 10), np.nan, np.float32))
    assert store.runs() == []


def test_the_command(good, tmp_path, capsys):
    path = tmp_path / "mine.weights.h5"
    path.write_bytes(good.weights)
    assert main(["bring", str(path), "--network", write(SMALL), "--name", "from home"]) == 0
    run = Store().runs()[0]
    assert (run.name, run.origin) == ("from home", "mine.weights.h5")
    out = capsys.readouterr().out
    assert f"{100 * (run.test_accuracy or 0):.2f}" in out
    assert "trained elsewhere" in out
    assert main(["bring", str(path)]) == 2
    assert "does not say which network" in capsys.readouterr().err
    assert main(["bring", str(tmp_path / "none.h5")]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "kept"), [("a/b\\c.h5", "c.h5"), ("", "a file"), ("x" * 99, "x" * 80)]
)
def test_names_of_files(given, kept):
    assert file_name(given) == kept
