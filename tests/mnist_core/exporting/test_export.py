"""What cannot be exported is a sentence, and leaves nothing behind."""

import tempfile

import pytest

from mnist_core.engine import tasks
from mnist_core.engine.dispatch import run_task
from mnist_core.exporting import formats, models
from mnist_core.exporting.export import export
from mnist_core.exporting.formats import ExportError
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from mnist_core.training.model import build, weights_of
from mnist_core.utils.npz import pack


def test_what_onnx_lacks_is_said(url, tmp_path, monkeypatch):
    store = Store(url=url)
    spec = Spec(network=parse("F D4gelu"))
    run_id = store.create_run(spec).id
    store.put(run_id, "weights", pack(weights_of(build(spec.network))))
    with pytest.raises(ExportError, match="does not support gelu"):
        export(store, run_id, tmp_path / "a.onnx")
    monkeypatch.setattr(formats, "obstacle", lambda *_: "")
    with pytest.raises(ExportError, match=r"this network cannot be exported as \.onnx"):
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
    assert "(RuntimeError: no such operation): choose another format" in str(refused)
    assert tasks.export("local", small[1], ".savedmodel.zip")[:2] == b"PK"
    left = [path.name for path in temporary.iterdir()]
    # TensorFlow keeps the code that it traces in the first export of a process
    assert not [name for name in left if not name.startswith("__autograph_generated_file")]
