"""The script and the notebook of a run, executed for real, learn what the app learned."""

import ast
import runpy
import subprocess
import sys

import keras
import nbclient
import nbformat
import numpy as np
import pytest
from hypothesis import given, settings

from mnist_core import dataset
from mnist_core.notation import parse
from mnist_core.progress import Epoch
from mnist_core.spec import Augmentation, Spec, Split, Training
from mnist_core.store import Store
from mnist_core.takeaway import notebook, script
from mnist_core.train import train
from tests.core.strategies import specs

FEW = {"limit": 2000}
FIRST = Split.model_validate({"kind": "last", "count": 500} | FEW)
SPECS = {
    "plain": Spec(
        network=parse("C8 M C16 M F D32"), training=Training(epochs=2, seed=3), split=FIRST
    ),
    "augmented": Spec(
        network=parse("C8 M F D32"),
        training=Training(
            epochs=2,
            seed=4,
            schedule="one_cycle",
            learning_rate=0.004,
            loss="categorical_crossentropy",
            label_smoothing=0.05,
            augmentation=Augmentation(shift=2, rotation=10, zoom=0.1),
        ),
        split=FIRST,
    ),
    "a fold": Spec(
        network=parse("C8bn M C8l2=0.001 M F Drop0.3 D32l2=0.001 BN Drop0.2"),
        training=Training(epochs=2, seed=5, optimizer="nadam", early_stopping=1),
        split=Split.model_validate({"kind": "fold", "folds": 3, "fold": 2, "seed": 9} | FEW),
    ),
}
PREPARED = f"""
import keras, numpy as np
with np.load({str(dataset.PATH)!r}) as file:
    x, y, u, v = (file[name] for name in ("x_train", "y_train", "x_test", "y_test"))
keras.datasets.mnist.load_data = lambda: ((x, y), (u[:500], v[:500]))  # no network in a test
"""


class Epochs(list[Epoch]):
    """A listener that only remembers."""

    def on_progress(self, progress) -> bool:
        return True

    def on_epoch(self, epoch, checkpoint) -> None:
        self.append(epoch)


def check(spec: Spec, history: dict[str, list[float]]) -> None:
    """The losses of a script's history are those of the app."""
    epochs = Epochs()
    train(spec, epochs)
    for name in ("loss", "val_loss"):
        expected = [getattr(epoch, name) for epoch in epochs]
        np.testing.assert_allclose(history[name], expected, rtol=1e-3)
    assert len(history["loss"]) == spec.training.epochs


@pytest.fixture
def embedded(monkeypatch):
    """Keras's own loader would download."""
    data = dataset.load()
    both = (data.x_train, data.y_train), (data.x_test[:500], data.y_test[:500])
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: both)


@pytest.mark.parametrize("name", ["augmented", "a fold"])
def test_a_script_repeats_the_run(name, tmp_path, embedded):
    path = tmp_path / "run.py"
    path.write_text(script.script(SPECS[name], "a head"))
    check(SPECS[name], runpy.run_path(str(path))["history"].history)


def test_a_script_stands_alone(tmp_path):
    """In another process, where nothing of ours can be imported."""
    path = tmp_path / "run.py"
    path.write_text(script.script(SPECS["plain"]))
    code = f"{PREPARED}\nimport json, runpy; names = runpy.run_path({str(path)!r})\n"
    code += "assert 'mnist_core' not in __import__('sys').modules\n"
    code += "print(); print(json.dumps(names['history'].history))"
    command = [sys.executable, "-W", "error::UserWarning", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    *_, result, last = done.stdout.splitlines()
    assert "Test accuracy" in done.stdout
    assert result == ""
    check(SPECS["plain"], ast.literal_eval(last))


def test_a_notebook_repeats_the_run(tmp_path, monkeypatch):
    spec = SPECS["augmented"]
    made = nbformat.reads(notebook.notebook(spec), as_version=4)
    made.cells.insert(0, nbformat.v4.new_code_cell(PREPARED))
    made.cells.append(nbformat.v4.new_code_cell("print(history.history)"))
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(made, timeout=60, kernel_name="python3", resources=resources).execute()
    outputs = [output for cell in made.cells if cell.cell_type == "code" for output in cell.outputs]
    assert all(output.output_type != "error" for output in outputs)
    check(spec, ast.literal_eval(outputs[-1].text))


@given(specs)
@settings(max_examples=30)
def test_any_spec_has_both(spec: Spec):
    tree = ast.parse(script.script(spec, "head"))
    assert ast.get_docstring(tree) == "head"
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module]
        )
        if name
    }
    assert imported <= {"math", "keras", "numpy", "tensorflow", "sklearn"}
    made = nbformat.reads(notebook.notebook(spec), as_version=4)
    nbformat.validate(made)
    for cell in made.cells:
        if cell.cell_type == "code":
            compile(cell.source, "cell", "exec")


def test_the_head_tells_what_it_cannot_repeat(tmp_path):
    store = Store(url=f"sqlite:///{tmp_path / 'runs.db'}")
    run = store.create_run(SPECS["plain"], 99, 'a "wide\\ one"""')
    columns = {"state": "finished", "epochs": 7, "planned": 7, "learning_rate": 0.25}
    store.update(run.id, **columns, test_accuracy=0.9, test_loss=0.5)
    code = script.of_run(store.run(run.id))
    told = " ".join((ast.get_docstring(ast.parse(code)) or "").split())
    assert "planned for 2 epochs and then trained further, to 7" in told
    assert "peak learning rate to 0.25" in told
    assert "90.00 %: 1,000 wrong of 10,000" in told
    assert max(map(len, code.splitlines())) <= 100
    store.update(run.id, origin="theirs.h5")
    assert "trained elsewhere and came from the file 'theirs.h5'" in notebook.of_run(
        store.run(run.id)
    )
    plain = store.create_run(SPECS["plain"], 99, trial=3)
    store.update(plain.id, state="finished", epochs=2)
    assert "never measured on the test images" in script.of_run(store.run(plain.id))
    assert "What it does not repeat" not in script.of_run(store.run(plain.id))


def test_the_same_run_gives_the_same_notebook():
    assert notebook.notebook(SPECS["a fold"]) == notebook.notebook(SPECS["a fold"])
