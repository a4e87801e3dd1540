"""Networks as tutorials and older versions of Keras save them are read, and answer alike."""

import io
import json
import re
import zipfile
from collections.abc import Callable

import h5py
import keras
import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.importing import pixel_scale, reader
from mnist_core.importing.errors import ImportModelError
from mnist_core.importing.sandbox import import_file
from mnist_core.network.notation import parse, write
from mnist_core.training.predictor import Predictor
from tests.mnist_core.importing.keras_files import images, saved, trained

L = keras.layers
COUNT = 500


def output() -> list:
    return [L.Flatten(), L.Dense(10, activation="softmax")]


def distortions() -> list:
    return [
        keras.Sequential([
            L.RandomFlip("horizontal"), L.RandomRotation(0.1), L.RandomTranslation(0.1, 0.1),
            L.RandomZoom(0.1), L.RandomContrast(0.1),
        ]),
        L.Resizing(28, 28), L.GaussianNoise(0.1), L.Conv2D(3, 3, activation="relu"),
        L.SpatialDropout2D(0.1), L.GaussianDropout(0.1), L.ActivityRegularization(1e-4),
        L.MaxPooling2D(), L.Reshape((-1,)), L.AlphaDropout(0.1), L.Dense(10, activation="softmax"),
    ]  # fmt: skip


def normalized(**settings) -> keras.layers.Layer:
    layer = L.Normalization(**settings)
    layer.adapt(images(200))
    return layer


KINDS: dict[str, tuple[Callable[[], list], str, str]] = {
    "distortions": (distortions, "C3 SDrop0.1 M F", ""),
    "logits": (
        lambda: [L.Flatten(), L.Dense(8, activation="relu"), L.Dropout(0.2), L.Dense(10)],
        "F D8 Drop0.2",
        "its last layer had no softmax, so one was added",
    ),
    "epsilon": (
        lambda: [
            L.Conv2D(3, 3), L.BatchNormalization(epsilon=1e-5, momentum=0.9), L.ReLU(),
            L.BatchNormalization(epsilon=0.1, scale=False), *output(),
        ],
        "C3bn BN F",
        "",
    ),
    "slopes": (
        lambda: [
            L.Conv2D(3, 3), L.LeakyReLU(0.1), L.Conv2D(2, 3),
            L.PReLU(shared_axes=[1, 2], alpha_initializer="random_uniform"), L.MaxPooling2D(3),
            L.PReLU(alpha_initializer="random_uniform"), L.Flatten(), L.Dense(5),
            L.PReLU(alpha_initializer="random_uniform"), L.Dense(10, activation="softmax"),
        ],
        "C3linear Leaky0.1 C2linear PReLUshared M3 PReLU F D5linear PReLU",
        "",
    ),
    "layers of their own": (
        lambda: [
            L.ZeroPadding2D(2), L.Conv2D(3, 5), L.ReLU(max_value=6), L.SeparableConv2D(4, 3),
            L.ReLU(), L.DepthwiseConv2D(3, activation="tanh"), L.GlobalMaxPooling2D(), L.Dense(10),
            L.Softmax(),
        ],
        "Z2 C3k5relu6 SC4 DCtanh GMP",
        "",
    ),
    "a kernel of the image's size": (
        lambda: [L.Conv2D(6, 28, activation="relu"), L.GlobalAveragePooling2D(), *output()[1:]],
        "C6k28 GAP",
        "",
    ),
    "normalization": (
        lambda: [normalized(), L.Conv2D(3, 3, padding="same", activation="relu"), *output()],
        "BN C3same F",
        "its Normalization layer became a BatchNormalization",
    ),
    "normalization by one number": (
        lambda: [normalized(axis=None), L.Conv2D(3, 3, activation="relu"), *output()],
        "BN C3 F",
        "its Normalization layer became a BatchNormalization",
    ),
    "normalization by settings": (
        lambda: [L.Normalization(mean=0.13, variance=0.095), *output()],
        "BN F",
        "its Normalization layer became a BatchNormalization",
    ),
    "rescaling": (
        lambda: [L.Rescaling(2, -1), L.Conv2D(3, 3, padding="same", activation="relu"), *output()],
        "BN C3same F",
        "its Rescaling layer became a BatchNormalization",
    ),
}  # fmt: skip


def check_answers(
    model: keras.Model, read: tuple, inputs: np.ndarray | None = None, within: float = 2e-5
) -> None:
    """Compare our probabilities with Keras's. inputs: what the model receives in place of ours."""
    spec, _, weights = read
    ours = Predictor(spec.network, weights).probabilities(mnist.load().x_test[:COUNT])
    theirs = model.predict(images(COUNT) if inputs is None else inputs, verbose=0)
    if not np.allclose(theirs.sum(1), 1, atol=1e-4):
        theirs = keras.ops.convert_to_numpy(keras.ops.softmax(theirs))
    np.testing.assert_allclose(ours, theirs, atol=within)


@pytest.mark.parametrize("name", KINDS)
def test_kinds_of_layers(tmp_path, name):
    layers, notation, words = KINDS[name]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=name == "logits")
    model = trained(layers(), loss)
    for ending in (".keras", ".h5"):
        read = reader.read(saved(model, tmp_path, ending), None)
        assert write(read[0].network) == notation
        assert words in read[1]
        check_answers(model, read)


def first_format() -> dict[str, list]:
    """Networks with the channels first; by name."""
    last = {"data_format": "channels_first"}
    convolution = L.Conv2D(4, 3, strides=2, activation="relu", **last)
    return {
        "a vector in the order of the channels": [
            convolution, L.MaxPooling2D(2, **last), L.Flatten(), L.BatchNormalization(),
            L.Dense(144, activation="relu"), L.Dense(10, activation="softmax"),
        ],
        "a vector in the usual order": [convolution, L.Flatten(**last), *output()[1:]],
        "flattened twice": [convolution, L.GlobalMaxPooling2D(**last), L.Flatten(), *output()[1:]],
        "flattened again": [convolution, L.Flatten(**last), L.Dense(9), L.Flatten(), *output()[1:]],
        "reshaped to an image": [
            L.Reshape((784,)), L.Reshape((28, 28, 1)), L.Conv2D(2, 5, 3), *output(),
        ],
        "Reshape": [convolution, L.Reshape((-1,)), *output()[1:]],
        "normalized": [
            convolution, L.BatchNormalization(axis=1), L.PReLU(shared_axes=[2, 3]),
            L.MaxPooling2D(4, **last), L.PReLU(), L.GlobalAveragePooling2D(**last), *output()[1:],
        ],
    }  # fmt: skip


@pytest.mark.parametrize("name", first_format())
def test_channels_first(tmp_path, name):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((1, 28, 28)), *first_format()[name]])
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0.1, 0.5, w.shape) for w in model.get_weights()])
    inputs = images(COUNT).transpose(0, 3, 1, 2)
    for ending in (".keras", ".h5"):
        check_answers(model, reader.read(saved(model, tmp_path, ending), None), inputs, 1e-4)


def small() -> keras.Model:
    return trained([L.Conv2D(2, 3, activation="relu"), L.BatchNormalization(), *output()])


def rebuilt(data: bytes, root: str, separator: str) -> bytes:
    """A .keras file whose groups of weights have other names. root: of the group of layers."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    changed = io.BytesIO()
    with (
        h5py.File(io.BytesIO(parts["model.weights.h5"])) as old,
        h5py.File(changed, "w") as new,
    ):
        for layer in old["layers"]:
            for number, values in old["layers"][layer].get("vars", {}).items():
                new[f"{root}{separator}{layer}/vars/{number}"] = values[()]
    parts["model.weights.h5"] = changed.getvalue()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


@pytest.mark.parametrize("root", ["layers", "_layer_checkpoint_dependencies"])
@pytest.mark.parametrize("separator", ["/", "\\"])
def test_the_groups_of_older_versions_and_of_windows(tmp_path, root, separator):
    model = small()
    data = rebuilt(saved(model, tmp_path, ".keras"), root, separator)
    check_answers(model, reader.read(data, None))


def test_the_modules_of_keras_core(tmp_path):
    model = small()
    with zipfile.ZipFile(io.BytesIO(saved(model, tmp_path, ".keras"))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert b'"module": "keras.' in parts["config.json"]
    parts["config.json"] = parts["config.json"].replace(b'"keras', b'"keras_core')
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    check_answers(model, reader.read(target.getvalue(), None))


def test_the_names_of_keras_1():
    model = small()
    names = {"gamma": "gamma", "beta": "beta", "moving_mean": "running_mean"}
    names |= {"moving_variance": "running_std", "kernel": "W", "bias": "b"}
    file = io.BytesIO()
    with h5py.File(file, "w") as new:
        layers = [layer for layer in model.layers if layer.weights]
        new.attrs["layer_names"] = [layer.name.encode() for layer in layers]
        for layer in layers:
            for weight in layer.weights:
                new[f"{layer.name}/{layer.name}_{names[weight.name]}"] = weight.numpy()
    check_answers(model, reader.read(file.getvalue(), parse("C2 BN F")))


@pytest.mark.parametrize("ending", [".weights.h5", ".h5"])
def test_a_layer_list_beside_the_weights(tmp_path, ending):
    model = small()
    data = saved(model, tmp_path, ending)
    check_answers(model, reader.read(data, None, model.to_json()))


def two_hundred_fifty_five(layers: list) -> keras.Model:
    """A network that learned from pixels between 0 and 255."""
    keras.utils.set_random_seed(1)
    data = mnist.load()
    model = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(
        data.x_train[:4000, ..., None], data.y_train[:4000], batch_size=64, epochs=3, verbose=0
    )
    return model


RAW: dict[str, Callable[[], list]] = {
    "dense": lambda: [L.Flatten(), L.Dense(32, activation="relu"), *output()[1:]],
    "pooled first": lambda: [L.MaxPooling2D(), L.Conv2D(4, 3, activation="relu"), *output()],
    "normalized first": lambda: [
        L.BatchNormalization(),
        L.Conv2D(4, 3, activation="relu"),
        *output(),
    ],
    "rescaled around zero": lambda: [
        L.Rescaling(1 / 127.5, -1),
        L.Conv2D(4, 3, padding="same", activation="relu"),
        *output(),
    ],
}


@pytest.mark.parametrize("name", RAW)
def test_networks_for_255_are_known_and_answer_alike(tmp_path, name):
    model = two_hundred_fifty_five(RAW[name]())
    spec, told, weights = reader.read(saved(model, tmp_path, ".keras"), None)
    divided = pixel_scale.for_unit_pixels(spec.network, weights)
    assert divided is not None
    check_answers(model, (spec, told, divided), images(COUNT) * 255, 2e-4)  # large logits
    again = pixel_scale.for_unit_pixels(spec.network, divided)
    assert again is not None
    data = mnist.load()
    unit, full, more = (
        Predictor(spec.network, given).probabilities(data.x_train[:2000])
        for given in (weights, divided, again)
    )
    assert pixel_scale.is_for_255(unit, full, data.y_train[:2000])
    assert not pixel_scale.is_for_255(full, more, data.y_train[:2000])


def test_a_network_that_knows_its_images_by_heart_is_not_taken_for_one_of_255():
    """Larger inputs make such a network surer: its loss falls, and not one image is read better."""
    labels = np.arange(100) % 10

    def by_heart(sure: float) -> np.ndarray:
        return np.where(np.eye(10)[labels] == 1, sure, (1 - sure) / 9)

    assert not pixel_scale.is_for_255(by_heart(0.9), by_heart(0.999), labels)
    assert pixel_scale.is_for_255(by_heart(0.2), by_heart(0.9), labels)


@pytest.mark.parametrize("notation", ["LN F", "Acttanh C2 F"])
def test_where_the_factor_has_no_exact_place_there_is_none(notation):
    network = parse(notation)
    assert pixel_scale.for_unit_pixels(network, {}) is None


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return file.getvalue()


def data_set() -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w") as new:
        new["x_train"], new["y_train"] = np.zeros((3, 28, 28)), np.zeros(3)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (zipped("model/saved_model.pb", "model/variables/variables.index"), "a SavedModel, .*load"),
        (b"\x08\x01\x12\x05saved_model_schema serving_default", "a SavedModel"),
        (zipped("archive/data.pkl", "archive/data/0"), "a PyTorch model: build the same"),
        (zipped("x_train.npy"), "a zip of NumPy arrays"),
        (zipped("folder/model.keras"), "unzip it and choose that model"),
        (
            b"\x20\x00\x00\x00TFL3" + bytes(50),
            r"TensorFlow Lite model, .*model\.save\('mine\.keras'\)",
        ),
        (b"\x08\x08\x12\x0btf2onnx\x1a\x061.16.0", "an ONNX model"),
        (b"\x08\x08\x12\x07pytorch\x1a", "an ONNX or TensorFlow graph"),
        (b"\x80\x02\x8a\nl\xfc\x9cF", "the format of old PyTorch files"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "a Git LFS pointer"),
        (b"\n<!DOCTYPE html><html>", "a web page"),
        (b'{"class_name": "Sequential"}', "a list of layers without weights: import it together"),
        (data_set(), "arrays at the top, such as 'x_train', like a data set"),
        (b"hello", "neither"),
    ],
)
def test_what_people_try_is_named_with_its_way_out(data, sentence):
    with pytest.raises(ImportModelError, match=sentence):
        reader.read(data, None)


def test_a_shortcut_is_refused_by_the_name_of_its_layer(tmp_path):
    inputs = keras.Input((28, 28, 1))
    x = L.Conv2D(2, 3, padding="same", name="first")(inputs)
    y = L.Conv2D(2, 3, padding="same", name="second")(x)
    outputs = L.Dense(10, activation="softmax")(L.Flatten()(L.Add(name="sum")([x, y])))
    model = keras.Model(inputs, outputs)
    for ending in (".keras", ".h5"):
        with pytest.raises(
            ImportModelError, match=r"'sum' .*a residual block: .*\['first', 'second'\]"
        ):
            reader.read(saved(model, tmp_path, ending), None)


def test_a_model_inside_a_model_may_not_have_weights(tmp_path):
    model = trained([keras.Sequential([L.Conv2D(2, 3)]), *output()])
    with pytest.raises(ImportModelError, match="act during training; this one is 'Conv2D'"):
        reader.read(saved(model, tmp_path, ".keras"), None)


def test_a_normalization_of_an_image_without_channels_is_refused(tmp_path):
    layers = [L.LayerNormalization(center=False, scale=False), *output()]
    model = keras.Sequential([keras.Input((28, 28)), *layers])
    with pytest.raises(ImportModelError, match="needs an image with channels"):
        reader.read(saved(model, tmp_path, ".keras"), None)


def test_a_long_layer_list_is_refused_before_it_is_read(good):
    with pytest.raises(ImportModelError, match="a layer list may have at most 1,048,576 bytes"):
        import_file(good.weights, None, b"\xff" * 2**21)


def test_layers_without_a_twin_are_refused_by_name(tmp_path):
    model = trained([L.Conv2D(2, 3, dilation_rate=2), *output()])
    data = saved(model, tmp_path, ".h5")
    with pytest.raises(ImportModelError, match=r"'Conv2D'.*dilation_rate must be"):
        reader.read(data, None)
    assert re.search("dilation", json.dumps(model.get_config()))
