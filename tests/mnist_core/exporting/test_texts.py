"""Files of text, read again."""

import json

import nbformat
import pandas as pd
import pytest

from mnist_core.cli.main import main
from mnist_core.exporting.export import export
from mnist_core.exporting.formats import DIGITS, START, ExportError
from mnist_core.exporting.texts import TEXTS
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store


def test_the_command_writes_texts(small, tmp_path, monkeypatch, capsys):
    store, run_id = small
    monkeypatch.setenv("MNIST_DATABASE_URL", store.database.url)
    assert main(["export", str(run_id), "--to", str(tmp_path / "run-start.npz")]) == 2
    assert "starts from random weights" in capsys.readouterr().err
    for ending in TEXTS.keys() - {START, DIGITS}:
        path = tmp_path / f"run{ending}"
        assert main(["export", str(run_id), "--to", str(path)]) == 0
        assert path.stat().st_size > 100
    assert Spec.model_validate(json.loads((tmp_path / "run.json").read_text("utf-8")))
    nbformat.validate(nbformat.read(tmp_path / "run.ipynb", as_version=4))
    assert len(pd.read_csv(tmp_path / "run-predictions.csv")) == 10_000
    assert len(pd.read_csv(tmp_path / "run-history.csv")) == 2
    compile((tmp_path / "run.py").read_text("utf-8"), "run", "exec")
    assert main(["export", str(run_id), "--to", str(tmp_path / "run.pdf")]) == 2
    assert ".tensorboard.zip; received 'run.pdf'" in capsys.readouterr().err


def test_predictions_need_a_run_that_has_some(url, tmp_path):
    store = Store(url=url)
    run = store.create_run(Spec(network=parse("F")))
    with pytest.raises(ExportError, match="no predictions for the test images yet"):
        export(store, run.id, tmp_path / "a-predictions.csv")
