"""Every file of a run, read again by the program that it is for."""

import json
import tempfile
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import keras
import nbformat
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from sklearn.metrics import recall_score

from mnist_core.cli.main import main
from mnist_core.dataset import mnist
from mnist_core.engine import tasks
from mnist_core.engine.dispatch import run_task
from mnist_core.execution.runner import execute, predictor
from mnist_core.exporting import formats, models
from mnist_core.exporting.code_network import network_code
from mnist_core.exporting.export import ExportError, export
from mnist_core.exporting.formats import FORMATS
from mnist_core.exporting.texts import TEXTS
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage.artifacts import load_report
from mnist_core.storage.runs import Store
from mnist_core.training.model import build, weights_of
from mnist_core.utils.npz import pack

NOTATION = "C8bn M C8leaky_relu A F Drop0.3 D16tanh"


def trained(url: str, notation: str = NOTATION, kind: str = "last") -> tuple[Store, int]:
    """A store with a run of two epochs over few images."""
    split = {"kind": kind, "count": 500, "limit": 2000}
    training = Training(epochs=2, batch_size=64)
    spec = Spec(network=parse(notation), training=training, split=Split.model_validate(split))
    store = Store(url=url)
    run = store.create_run(spec, "small one")
    execute(store, run.id)
    return store, run.id


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> tuple[Store, int]:
    return trained(f"sqlite:///{tmp_path_factory.mktemp('takeaway') / 'runs.db'}")


def exported(run: tuple[Store, int], path: Path) -> Path:
    return export(*run, path)


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """float32 (100, 28, 28, 1), the first test images as networks want them."""
    return mnist.load().x_test[:100, ..., None] / np.float32(255)


@pytest.fixture(scope="module")
def expected(small) -> np.ndarray:
    """What the app makes of them: float32 (100, 10)."""
    return predictor(*small).probabilities(mnist.load().x_test[:100])


def test_the_table_is_whole():
    made = [*TEXTS, *models.MODELS, formats.TENSORBOARD]
    assert sorted(made) == sorted(format.ending for format in FORMATS)
    assert [format.ending for format in FORMATS if format.text] == list(TEXTS)
    for format in FORMATS:
        assert formats.find(f"my.run{format.ending}") == format


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_keras_files(small, tmp_path, images, expected, ending):
    model = keras.models.load_model(exported(small, tmp_path / f"a{ending}"))
    np.testing.assert_allclose(model.predict(images, verbose=0), expected, atol=1e-6)
    if ending == ".h5":
        model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(images, mnist.load().y_test[:100], epochs=1, verbose=0)  # it can train on


def test_weights_fit_the_code_that_the_app_shows(small, tmp_path, images, expected):
    names: dict = {"keras": keras, "layers": keras.layers}
    exec(network_code(small[0].run(small[1]).spec), names)
    names["model"].load_weights(exported(small, tmp_path / "a.weights.h5"))
    found = names["model"].predict(images, verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-6)


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


def test_what_onnx_lacks_is_said(url, tmp_path, monkeypatch):
    store = Store(url=url)
    spec = Spec(network=parse("F D4gelu"))
    run_id = store.create_run(spec).id
    store.put(run_id, "weights", pack(weights_of(build(spec.network))))
    with pytest.raises(ExportError, match="knows no gelu"):
        export(store, run_id, tmp_path / "a.onnx")
    monkeypatch.setattr(formats, "obstacle", lambda *_: "")
    with pytest.raises(ExportError, match=r"\.onnx cannot be made of this network"):
        export(store, run_id, tmp_path / "a.onnx")
    assert not (tmp_path / "a.onnx").exists()
    monkeypatch.undo()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ExportError, match=r"pip install -r requirements-onnx\.txt"):
        export(store, run_id, tmp_path / "a.onnx")


def test_a_converter_that_fails_leaves_a_sentence_and_nothing_else(small, tmp_path, monkeypatch):
    def fail(model, path) -> None:
        path.write_bytes(b"half of it")
        raise RuntimeError("no such operation\nand a page of trace")

    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setitem(models.MODELS, ".tflite", fail)
    monkeypatch.setenv("MNIST_DATABASE_URL", small[0].database.url)
    refused = run_task("export", "local", small[1], ".tflite")
    assert isinstance(refused, ExportError)
    assert "(RuntimeError: no such operation): take another format" in str(refused)
    assert tasks.export("local", small[1], ".savedmodel.zip")[:2] == b"PK"
    assert not list(temporary.iterdir())


def test_tensorboard(small, tmp_path):
    store, run_id = small
    start = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    store.update(run_id, started_at=start)
    with zipfile.ZipFile(exported(small, tmp_path / "a.tensorboard.zip")) as file:
        file.extractall(tmp_path / "logs")
    epochs, (losses, _) = store.epochs(run_id), store.batches(run_id)
    train, validation = events(tmp_path / "logs" / "train"), events(tmp_path / "logs/validation")
    assert [value for _, _, value in train["epoch_loss"]] == pytest.approx([e.loss for e in epochs])
    accuracies = [value for _, _, value in validation["epoch_accuracy"]]
    assert accuracies == pytest.approx([e.val_accuracy for e in epochs])
    np.testing.assert_array_equal([value for _, _, value in train["batch_loss"]], losses)
    assert [step for _, step, _ in train["batch_loss"]] == list(range(len(losses)))
    ends = [start + timedelta(seconds=sum(e.seconds for e in epochs[: n + 1])) for n in (0, 1)]
    walls = [wall for wall, _, _ in train["epoch_loss"]]
    assert walls == pytest.approx([end.timestamp() for end in ends])
    assert train["batch_loss"][-1][0] == pytest.approx(walls[-1])
    assert set(validation) == {"epoch_loss", "epoch_accuracy"}


def events(folder) -> dict[str, list[tuple[float, int, float]]]:
    """Wall time, step and value of each scalar, as TensorFlow itself reads them."""
    found: dict[str, list[tuple[float, int, float]]] = {}
    (path,) = folder.iterdir()
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        event = tf.compat.v1.Event.FromString(record)
        for value in event.summary.value:
            found.setdefault(value.tag, []).append(
                (event.wall_time, event.step, value.simple_value)
            )
    return found


def test_the_card_says_what_scikit_learn_says(small):
    store, run_id = small
    card = TEXTS[".md"](store, run_id)
    read = load_report(store, run_id)
    assert read
    for digit, recall in enumerate(recall_score(read.labels, read.predicted, average=None)):
        assert f"| {digit} | {100 * recall:.2f}\u00a0% |" in card
    assert f"{read.wrong:,} wrong of 10,000; 95 % interval" in card
    assert "1,500 of the 60,000 training images trained it; the 500 after them validated." in card
    assert "flatter" not in card
    assert "CC BY-SA 3.0" in card
    assert "2 of 2 epochs" in card


def test_the_card_names_a_leak_and_what_is_not_known(url):
    store, run_id = trained(url, "F", "test")
    assert "**the 10,000 test images validated it**" in TEXTS[".md"](store, run_id)
    reason = "trained elsewhere with adam; its epochs are not known"
    store.update(run_id, origin="a.keras", reason=reason)
    card = TEXTS[".md"](store, run_id)
    assert "Which images trained it is not known here." in card
    assert f"Its weights came from the file 'a.keras': {reason}." in card
    assert "optimizer" not in card
    waiting = store.create_run(store.run(run_id).spec)
    assert "has not been measured on the test images" in TEXTS[".md"](store, waiting.id)


def test_the_command_writes_texts(small, tmp_path, monkeypatch, capsys):
    store, run_id = small
    monkeypatch.setenv("MNIST_DATABASE_URL", store.database.url)
    for ending in TEXTS:
        path = tmp_path / f"run{ending}"
        assert main(["export", str(run_id), "--to", str(path)]) == 0
        assert path.stat().st_size > 100
    assert Spec.model_validate(json.loads((tmp_path / "run.json").read_text()))
    nbformat.validate(nbformat.read(tmp_path / "run.ipynb", as_version=4))
    assert len(pd.read_csv(tmp_path / "run-predictions.csv")) == 10_000
    assert len(pd.read_csv(tmp_path / "run-history.csv")) == 2
    compile((tmp_path / "run.py").read_text(), "run", "exec")
    assert main(["export", str(run_id), "--to", str(tmp_path / "run.pdf")]) == 2
    assert ".tensorboard.zip; received 'run.pdf'" in capsys.readouterr().err


def test_predictions_need_a_run_that_has_some(url, tmp_path):
    store = Store(url=url)
    run = store.create_run(Spec(network=parse("F")))
    with pytest.raises(ExportError, match="no predictions of the test images yet"):
        export(store, run.id, tmp_path / "a-predictions.csv")
