"""The script and the notebook of a run, executed for real, learn what the app learned."""

import ast
import runpy

import keras
import nbclient
import nbformat
import numpy as np
import pytest
from hypothesis import given, settings

from mnist_core.dataset import mnist
from mnist_core.evaluation.history import Epoch
from mnist_core.exporting import facts, formats, notebook, script
from mnist_core.exporting.texts import TEXTS
from mnist_core.network.notation import parse
from mnist_core.network.settings import change_settings
from mnist_core.network.spec import Augmentation, Spec, Split, Training
from mnist_core.storage.runs import Store
from mnist_core.training.trainer import train
from tests.strategies import specs

FEW = {"limit": 1000}
FIRST = Split.model_validate({"kind": "last", "count": 200} | FEW)
SPECS = {
    "plain": Spec(network=parse("C8 M F D32"), training=Training(epochs=2, seed=3), split=FIRST),
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
with np.load({str(mnist.PATH)!r}) as file:
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
    data = mnist.load()
    both = (data.x_train, data.y_train), (data.x_test[:500], data.y_test[:500])
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: both)


def test_a_script_repeats_the_run(tmp_path, embedded):
    path = tmp_path / "run.py"
    path.write_text(script.script(SPECS["a fold"], "a head"))
    check(SPECS["a fold"], runpy.run_path(str(path))["history"].history)


def test_a_notebook_and_a_script_stand_alone(tmp_path, monkeypatch):
    """In one other process, since TensorFlow takes its time to start; nothing of ours is there."""
    path = tmp_path / "run.py"
    path.write_text(script.script(SPECS["plain"]))
    cell = nbformat.v4.new_code_cell
    made = nbformat.reads(notebook.notebook(SPECS["augmented"]), as_version=4)
    made.cells.insert(0, cell(PREPARED))
    warn = "import runpy, sys, warnings; warnings.simplefilter('error', UserWarning)"
    made.cells += [
        cell("print(history.history)"),
        cell(f"{warn}\nnames = runpy.run_path({str(path)!r})"),
        cell("assert 'mnist_core' not in sys.modules\nprint(names['history'].history)"),
    ]
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(made, timeout=60, kernel_name="python3", resources=resources).execute()
    outputs = [cell.outputs for cell in made.cells if cell.cell_type == "code"]
    assert all(output.output_type != "error" for shown in outputs for output in shown)
    assert any("Test accuracy" in output.get("text", "") for output in outputs[-2])
    check(SPECS["augmented"], ast.literal_eval(outputs[-3][-1].text))
    check(SPECS["plain"], ast.literal_eval(outputs[-1][-1].text))


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
    run = store.create_run(SPECS["plain"], 'a "wide\\ one"""')
    columns = {"state": "finished", "epochs": 7, "planned": 7, "learning_rate": 0.25}
    store.update(run.id, **columns, test_accuracy=0.9, test_loss=0.5)
    code = script.of_run(store.run(run.id))
    told = " ".join((ast.get_docstring(ast.parse(code)) or "").split())
    assert "planned for 2 epochs and then trained further, to 7" in told
    assert "peak learning rate to 0.25" in told
    assert "90.00 %: 1,000 wrong of 10,000" in told
    assert max(map(len, code.splitlines())) <= 100
    store.update(run.id, origin="theirs.h5")
    brought = notebook.of_run(store.run(run.id))
    assert "Its weights came from the file 'theirs.h5': trained elsewhere." in brought
    assert "the app's own where the file told none" in brought
    plain = store.create_run(SPECS["plain"], trial=3)
    store.update(plain.id, state="finished", epochs=2)
    assert "never measured on the test images" in script.of_run(store.run(plain.id))
    assert "What it does not repeat" not in script.of_run(store.run(plain.id))


def test_a_run_that_may_not_see_the_test_images_gets_no_test(url):
    store = Store(url=url)
    trial = store.create_run(SPECS["plain"], trial=3)
    ranging = change_settings(SPECS["plain"], {"schedule": "range_test", "split": "none"})
    for run in (trial, store.create_run(ranging)):
        for text in (script.of_run(run), notebook.of_run(run)):
            assert "x_test, y_test" in text
            assert "evaluate" not in text
            assert "predict(" not in text
    assert "model.evaluate" in script.of_run(store.create_run(SPECS["plain"]))


@pytest.mark.parametrize(
    ("state", "reason", "told"),
    [
        ("finished", "early stopping", ""),
        (
            "finished",
            "the loss ran away",
            "Training ended after 1 of 2 epochs (the loss ran away).",
        ),
        ("stopped", "", "Training was stopped after 1 of 2 epochs."),
        ("failed", "a\n\x00long\u202e  way", "Training failed after 1 of 2 epochs (a long way)."),
        ("queued", "", "It waits for its turn after 1 of 2 epochs."),
    ],
)
def test_how_a_run_ended(url, state, reason, told):
    store = Store(url=url)
    run = store.create_run(SPECS["a fold"])
    store.update(run.id, state=state, reason=reason, epochs=1)
    run = store.run(run.id)
    assert " ".join(facts.deviations(run)) == told
    code = script.of_run(run)
    assert ("What it does not repeat" in code) is bool(told)
    assert ("at most 2 epochs from the start" in " ".join(code.split())) is bool(told)
    card = TEXTS[".md"](store, run.id)
    assert told in card
    assert ("1 of 2 epochs, ended by early stopping, in" in card) is not told


def test_names_from_outside_stay_on_their_line(url):
    store = Store(url=url)
    wild = 'x"\n\n# Fake\x00 <img src=a> [b](c) *d* \ud7ff\u2028e'
    run = store.create_run(Spec(network=parse("F D8leaky_relu")), wild)
    assert facts.title(run) == f'Run {run.id}, "x" # Fake <img src=a> [b](c) *d* e": F D8leaky_relu'
    ast.parse(script.of_run(run))
    shown = r"\# Fake \<img src=a\> \[b\](c) \*d\* e"
    head, *_ = nbformat.reads(notebook.of_run(run), as_version=4).cells
    for text in (head.source, TEXTS[".md"](store, run.id)):
        assert shown in text.partition("\n")[0]
        assert r"D8leaky\_relu" in text
    assert f'load_model("{formats.stem(run)}.keras")' in TEXTS[".md"](store, run.id)
    assert formats.stem(run) == "x-Fake-img-src-a-b-c-d-e"


def test_a_file_has_a_name_even_where_the_run_has_none(url):
    run = Store(url=url).create_run(SPECS["plain"], "///")
    assert formats.stem(run) == f"run-{run.id}"


def test_the_same_run_gives_the_same_notebook():
    assert notebook.notebook(SPECS["a fold"]) == notebook.notebook(SPECS["a fold"])
