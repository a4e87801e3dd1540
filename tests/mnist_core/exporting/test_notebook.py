"""The notebook of a run, executed for real, learns what the app learned."""

import ast

import nbclient
import nbformat

from mnist_core.dataset import mnist
from mnist_core.exporting import notebook, script
from tests.mnist_core.exporting.repeated_runs import SPECS, check

PREPARED = f"""
import keras, numpy as np
names = ("x_train", "y_train", "x_test", "y_test")
x, y, u, v = (np.load({str(mnist.FOLDER)!r} + f"/{{name}}.npy") for name in names)
keras.datasets.mnist.load_data = lambda: ((x, y), (u[:500], v[:500]))  # no network in a test
"""


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


def test_the_same_run_gives_the_same_notebook():
    assert notebook.notebook(SPECS["a fold"]) == notebook.notebook(SPECS["a fold"])
