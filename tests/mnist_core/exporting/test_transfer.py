"""A run that starts from another one, in files: the script and the notebook repeat it."""

import ast
import runpy
from pathlib import Path

import numpy as np
import pytest

from mnist_core.evaluation.run import Run
from mnist_core.execution.runner import execute
from mnist_core.exporting import formats
from mnist_core.exporting.code import keras_code, sections
from mnist_core.exporting.export import export
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training, Transfer
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Store
from mnist_core.training.model import build, build_start, weights_of
from mnist_core.utils.npz import fingerprint, pack
from tests.mnist_core.exporting.scripts import check_repeated, run_notebook, run_part

FIRST = "C4bn M Res4 F Drop0.2 D8"


@pytest.fixture(scope="module")
def transferred(tmp_path_factory) -> tuple[Store, Run]:
    """A run on 5 to 9 from one on 0 to 4, which is deleted; its dense layer is a new one."""
    store = Store(url=f"sqlite:///{tmp_path_factory.mktemp('transfer') / 'runs.db'}")
    training = Training(epochs=2, batch_size=64, seed=3)
    split = {"kind": "last", "count": 200, "limit": 700}
    low, high = (Split.model_validate(split | {"digits": text}) for text in ("0-4", "5-9"))
    first = Spec(network=parse(FIRST), training=training, split=low)
    source = execute(store, store.create_run(first, "first").id)
    frozen = ("conv2d_1", "batch_normalization_1", "conv2d_2")
    transfer = Transfer(source=source.weights_hash or "", frozen=frozen)
    second = Spec(
        network=parse("C4bn M Res4 F Drop0.2 D12"), training=training, split=high, transfer=transfer
    )
    run = execute(store, store.create_run(second, "second one").id)
    store.delete_run(source.id)
    return store, run


def written(store: Store, run: Run, folder: Path, *endings: str) -> Path:
    for ending in endings:
        export(store, run.id, folder / f"{formats.stem(run)}{ending}")
    return folder / f"{formats.stem(run)}{endings[0]}"


def test_the_script_repeats_it_with_the_file_of_weights(
    transferred, tmp_path, embedded, monkeypatch, capsys
):
    store, run = transferred
    path = written(store, run, tmp_path, ".py", formats.START)
    monkeypatch.chdir(tmp_path)
    check_repeated(store, run, runpy.run_path(str(path)))
    assert "test images of the digits it learned" in capsys.readouterr().out
    head = " ".join((ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split())
    assert "Save its start weights, second-one-start.npz, beside this file." in head
    (tmp_path / "second-one-start.npz").unlink()
    with pytest.raises(FileNotFoundError, match=r"second-one-start\.npz"):
        runpy.run_path(str(path))


def test_the_notebook_repeats_it_too(transferred, tmp_path, embedded, monkeypatch):
    store, run = transferred
    path = written(store, run, tmp_path, ".ipynb", formats.START)
    monkeypatch.chdir(tmp_path)
    check_repeated(store, run, run_notebook(path))


@pytest.mark.parametrize("notation", ["C4 BN M F D8", "SC4 DCk3 LN PReLU M F D8", "C4 Res4 GAP"])
def test_the_code_takes_over_the_weights_of_every_kind_of_layer(notation, tmp_path, monkeypatch):
    start = weights_of(build(parse(notation), seed=9))
    transfer = Transfer(source=fingerprint(start))
    spec = Spec(network=parse(notation), transfer=transfer)
    (tmp_path / "start.npz").write_bytes(pack(start))
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for part in sections(spec, exact=True)[:3]:
        run_part(part.code, names)
    ours = build_start(spec, start).get_weights()
    for mine, theirs in zip(ours, names["model"].get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert 'np.load("start.npz")' in keras_code(spec)


def test_the_card_tells_where_it_started_and_what_it_learned(transferred, tmp_path):
    store, run = transferred
    card = written(store, run, tmp_path, ".md").read_text("utf-8")
    flat = " ".join(card.split())
    assert "## What it starts from The trained weights of a run that was deleted" in flat
    assert "Random weights: dense_1, output." in flat
    report = artifacts.load_report(store, run.id)
    assert report is not None
    rows = report.labels >= 5
    right = (report.predicted == report.labels)[rows].mean()
    assert f"digits 5-9 alone, which it learned: {100 * right:.2f}\u00a0%" in card
    assert "It saw the digits 5-9 only" in card
