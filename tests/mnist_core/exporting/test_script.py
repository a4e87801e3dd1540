"""The script of a run, executed for real, learns what the app learned."""

import ast
import runpy
from typing import Any

import keras
import nbformat
import pytest
from hypothesis import given, settings

from mnist_core.dataset import mnist
from mnist_core.evaluation.report import Report
from mnist_core.exporting import notebook, script
from mnist_core.exporting.code import sections
from mnist_core.network.notation import parse
from mnist_core.network.settings import change_settings
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage.runs import Store
from tests.mnist_core.exporting.repeated_runs import SPECS, check
from tests.mnist_core.exporting.scripts import run_part
from tests.strategies import specs


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


SMOOTHED = {"loss": "categorical_crossentropy", "label_smoothing": 0.2}


@pytest.mark.parametrize(
    ("exact", "kind", "more"),
    [(True, "last", {}), (False, "test", SMOOTHED), (True, "none", SMOOTHED)],
)
def test_code_measures_the_test_loss_of_the_app(embedded, exact, kind, more):
    spec = Spec(
        network=parse("F D16l2=0.5"),
        training=Training(epochs=1, **more),
        split=Split(kind=kind, count=200, limit=1000),
    )
    *parts, tested = sections(spec, exact)
    names: dict[str, Any] = {}
    for part in parts:
        if part.title != "Training":
            run_part(part.code, names)
    for weight in names["model"].weights:  # some images get the least float32 for their digit
        weight.assign(60 * weight)
    run_part(tested.code, names)
    probabilities = names["model"].predict(names["x_test"], verbose=0)
    report = Report(probabilities, mnist.load().y_test[:500])
    assert names["loss"] == pytest.approx(report.loss, rel=1e-6)
    assert names["accuracy"] == report.accuracy
    assert ("L2 penalty" in tested.words, "label smoothing" in tested.words) == (True, bool(more))


def test_the_head_tells_what_it_cannot_repeat(tmp_path):
    store = Store(url=f"sqlite:///{tmp_path / 'runs.db'}")
    run = store.create_run(SPECS["plain"], 'a "wide\\ one"""')
    columns = {"state": "finished", "epochs": 7, "planned": 7, "learning_rate": 0.25}
    store.update(run.id, **columns, test_accuracy=0.9, test_loss=0.5)
    code = script.of_run(store.run(run.id))
    told = " ".join((ast.get_docstring(ast.parse(code)) or "").split())
    assert "planned for 2 epochs and then trained further, to 7" in told
    assert "peak learning rate was changed to 0.25" in told
    assert "90.00 %: 1,000 wrong of 10,000" in told
    assert max(map(len, code.splitlines())) <= 100
    store.update(run.id, origin="theirs.h5")
    brought = notebook.of_run(store.run(run.id))
    assert "Its weights came from the file 'theirs.h5': trained elsewhere." in brought
    assert "these are the app's defaults" in brought
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
            assert "predict(" not in text
            assert "np.log" not in text
    assert "model.predict" in script.of_run(store.create_run(SPECS["plain"]))
