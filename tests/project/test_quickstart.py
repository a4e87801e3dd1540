"""The notebook of the documentation runs as it is."""

import nbclient
import nbformat
import pytest

from mnist_core.storage.runs import Store
from tests.helpers import PROJECT


@pytest.mark.slow  # it trains the preset `fast`
def test_three_cells_train_report_and_explain(tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DATABASE_URL", f"sqlite:///{tmp_path / 'runs.db'}")
    notebook = nbformat.read(PROJECT / "docs" / "quickstart.ipynb", as_version=4)
    resources = {"metadata": {"path": str(PROJECT)}}
    nbclient.NotebookClient(notebook, timeout=300, resources=resources).execute()
    train, report, explain = (cell for cell in notebook.cells if cell.cell_type == "code")
    assert train.outputs[-1].text.startswith("run 1: 99.")
    assert "<table" in report.outputs[-1].data["text/html"]
    assert "application/vnd.plotly.v1+json" in explain.outputs[-1].data
    (run,) = Store().runs()
    assert run.state == "finished"
