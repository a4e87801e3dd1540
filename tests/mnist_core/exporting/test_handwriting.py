"""A run that learns from a class's handwriting, in files: script and notebook repeat it."""

import ast
import runpy

import numpy as np
import pytest

from mnist_core.evaluation.run import Run
from mnist_core.execution.runner import execute
from mnist_core.exporting import formats
from mnist_core.exporting.code import keras_code
from mnist_core.exporting.export import export
from mnist_core.exporting.formats import DIGITS, ExportError
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage import handwriting
from mnist_core.storage.runs import Store
from mnist_core.utils.npz import unpack
from tests.mnist_core.digit_sets import sample
from tests.mnist_core.exporting.scripts import check_repeated, run_notebook


@pytest.fixture(scope="module", params=["mixed", "alone"])
def learned(request, tmp_path_factory) -> tuple[Store, Run]:
    """A run on 300 of MNIST's images and 160 of a class's, or on these alone."""
    store = Store(url=f"sqlite:///{tmp_path_factory.mktemp('handwriting') / 'runs.db'}")
    handwriting.add_set(store, "a class", sample(200, 5))
    own = handwriting.choose_to_learn(store, "a class", mnist=request.param == "mixed")
    spec = Spec(
        network=parse("C4 M F D8"),
        training=Training(epochs=2, batch_size=64, seed=3, loss="categorical_crossentropy"),
        split=Split(kind="last", count=200, limit=500, handwriting=own),
    )
    return store, execute(store, store.create_run(spec, "ours").id)


def test_script_and_notebook_repeat_it(learned, tmp_path, embedded, monkeypatch):
    store, run = learned
    for ending in (".py", ".ipynb", DIGITS):
        export(store, run.id, tmp_path / f"ours{ending}")
    monkeypatch.chdir(tmp_path)
    check_repeated(store, run, runpy.run_path("ours.py"))
    check_repeated(store, run, run_notebook(tmp_path / "ours.ipynb"))
    head = ast.get_docstring(ast.parse((tmp_path / "ours.py").read_text("utf-8"))) or ""
    assert "Save the run's digits, ours-digits.npz, beside this file." in " ".join(head.split())


def test_the_file_has_the_digits_of_the_writers_it_learned_from(learned, tmp_path):
    store, run = learned
    export(store, run.id, path := tmp_path / f"ours{DIGITS}")
    found, digits, own = unpack(path.read_bytes()), sample(200, 5), run.spec.split.handwriting
    assert own is not None
    assert own.images == 160
    rows = np.isin(digits.writers, own.writers)
    np.testing.assert_array_equal(found["x_train"], digits.images[rows])
    np.testing.assert_array_equal(found["y_train"], digits.labels[rows])


def test_the_card_says_whose_digits_trained_it(learned, tmp_path):
    store, run = learned
    export(store, run.id, path := tmp_path / "ours.md")
    card = " ".join(path.read_text("utf-8").split())
    alone = run.spec.split.mnist_images == 0
    which = "Training used no MNIST image" if alone else "300 of the 60,000 training images"
    assert f"{which};" in card
    assert 'It was trained on 160 handwritten digits by 4 writers of the set "a class"' in card


def test_the_file_is_offered_for_such_runs_alone(learned, tmp_path):
    store, run = learned
    assert formats.find("x" + DIGITS) in formats.offered(run.spec)
    plain = run.spec.model_copy(update={"split": Split()})
    assert formats.find("x" + DIGITS) not in formats.offered(plain)
    other = store.create_run(plain, "plain", queued=False)
    with pytest.raises(ExportError, match="learned from MNIST alone"):
        export(store, other.id, tmp_path / f"plain{DIGITS}")
    assert "digits.npz" not in keras_code(plain)
