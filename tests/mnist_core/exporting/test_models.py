"""Files of models, read again by the programs that they are for."""

import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf

from mnist_core.dataset import mnist
from mnist_core.exporting.code_network import network_code
from mnist_core.storage.runs import Store
from tests.mnist_core.exporting.trained_runs import exported


def plain_model(run: tuple[Store, int]) -> keras.Sequential:
    """The Keras model that the exported code builds, not compiled and not trained."""
    store, run_id = run
    names: dict = {"keras": keras, "layers": keras.layers}
    exec(network_code(store.run(run_id).spec), names)
    return names["model"]


def arrays(path: Path) -> dict[str, np.ndarray]:
    """Every array of an HDF5 file by its path."""
    found: dict[str, np.ndarray] = {}

    def keep(name: str, item: h5py.Dataset | h5py.Group) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = item[()]

    with h5py.File(path) as file:
        file.visititems(keep)
    return found


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_keras_files(small, tmp_path, images, expected, ending):
    model = keras.models.load_model(exported(small, tmp_path / f"a{ending}"))
    np.testing.assert_allclose(model.predict(images, verbose=0), expected, atol=1e-6)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images, mnist.load().y_test[:100], epochs=1, verbose=0)  # it can train on


def test_weights_fit_the_code_that_the_app_shows(small, tmp_path, images, expected):
    model = plain_model(small)
    model.load_weights(exported(small, tmp_path / "a.weights.h5"))
    np.testing.assert_allclose(model.predict(images, verbose=0), expected, atol=1e-6)


def test_a_file_of_weights_is_what_keras_writes_of_a_model_that_is_not_compiled(small, tmp_path):
    ours = exported(small, tmp_path / "ours.weights.h5")
    model = plain_model(small)
    model.load_weights(ours)
    model.save_weights(tmp_path / "keras.weights.h5")
    found, made = arrays(ours), arrays(tmp_path / "keras.weights.h5")
    assert found.keys() == made.keys()
    for name, values in made.items():
        np.testing.assert_array_equal(found[name], values)
    assert sum(values.nbytes for values in found.values()) == 4 * model.count_params()
    assert abs(ours.stat().st_size - (tmp_path / "keras.weights.h5").stat().st_size) < 2_000


def test_no_file_holds_the_state_of_an_optimizer(small, tmp_path):
    exported(small, tmp_path / "a.weights.h5")
    with zipfile.ZipFile(exported(small, tmp_path / "a.keras")) as file:
        file.extract("model.weights.h5", tmp_path)
    exported(small, tmp_path / "a.h5")
    for name in ("a.weights.h5", "model.weights.h5", "a.h5"):
        with h5py.File(tmp_path / name) as weights:
            assert not {"optimizer", "optimizer_weights"} & weights.keys()


def test_saved_model(small, tmp_path, images, expected):
    with zipfile.ZipFile(exported(small, tmp_path / "a.savedmodel.zip")) as file:
        file.extractall(tmp_path / "unpacked")
    loaded = tf.saved_model.load(str(tmp_path / "unpacked" / "model"))
    np.testing.assert_allclose(loaded.serve(images), expected, atol=1e-6)  # type: ignore[attr-defined]  its endpoint
    layer = keras.layers.TFSMLayer(str(tmp_path / "unpacked" / "model"), call_endpoint="serve")
    np.testing.assert_allclose(layer(images), expected, atol=1e-6)


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")
def test_tensorflow_lite(small, tmp_path, images, expected):
    lite = tf.lite.Interpreter(str(exported(small, tmp_path / "a.tflite")))
    inputs, outputs = lite.get_input_details()[0]["index"], lite.get_output_details()[0]["index"]
    lite.resize_tensor_input(inputs, images.shape)
    lite.allocate_tensors()
    lite.set_tensor(inputs, images)
    lite.invoke()
    np.testing.assert_allclose(lite.get_tensor(outputs), expected, atol=1e-5)


def test_onnx(small, tmp_path, images, expected):
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(str(exported(small, tmp_path / "a.onnx")))
    (found,) = session.run(None, {session.get_inputs()[0].name: images})
    np.testing.assert_allclose(found, expected, atol=1e-5)
