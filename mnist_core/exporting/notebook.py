"""A standalone Jupyter notebook that repeats a run; no TensorFlow."""

import nbformat
from nbformat import v4

from mnist_core.evaluation.run import Run
from mnist_core.exporting import facts, formats
from mnist_core.exporting.code import FILES, Files, sections
from mnist_core.exporting.script import explained
from mnist_core.network.spec import Spec
from mnist_core.utils.text import plain_markdown

_CURVES = """\
import matplotlib.pyplot as plt

figure, axes = plt.subplots(1, 2, figsize=(11, 4))
epochs = range(1, len(history.history["loss"]) + 1)
for axis, name in zip(axes, ["loss", "accuracy"]):
    axis.plot(epochs, history.history[name], "o-", label="training")
    if f"val_{name}" in history.history:
        axis.plot(epochs, history.history[f"val_{name}"], "s--", label="validation")
    axis.set(xlabel="epoch", ylabel=name)
    axis.legend()"""

_PREDICTIONS = """\
probabilities = model.predict(x_test[:10], verbose=0)
figure, axes = plt.subplots(2, 5, figsize=(11, 5))
for axis, image, row, truth in zip(axes.flat, x_test, probabilities, y_test):
    axis.imshow(image[..., 0], cmap="gray_r")
    axis.set_title(f"{truth}, read as {row.argmax()} ({row.max():.0%})")
    axis.axis("off")"""


def notebook(
    spec: Spec, head: str = "# A Keras run", test: bool = True, files: Files = FILES
) -> str:
    """Return a notebook as JSON: the script in cells, then learning curves and some predictions.

    head: Markdown of the first cell. test: evaluate and predict test images. The notebook needs
    matplotlib in addition to the script's packages.
    """
    cells = [v4.new_markdown_cell(head)]
    for part in sections(spec, exact=True, test=test, files=files):
        cells += _cells(part.title, part.words, part.code)
        if part.title == "Training":
            words = "Training figures are means over an epoch, while the weights were changing."
            cells += _cells("Learning curves", words, _CURVES)
    if test:
        words = "The first ten test images: the true digit, the prediction, and its probability."
        cells += _cells("Some predictions", words, _PREDICTIONS)
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # not random, so that the file is reproducible
    python = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = v4.new_notebook(cells=cells, metadata={"kernelspec": python})
    nbformat.validate(made)
    return nbformat.writes(made)


def _cells(title: str, words: str, code: str) -> list[nbformat.NotebookNode]:
    return [v4.new_markdown_cell(f"## {title}\n\n{words}"), v4.new_code_cell(code.strip())]


def of_run(run: Run) -> str:
    """Return the notebook of a run, which begins with facts about the run."""
    paragraphs = [
        facts.title(run),
        *explained(run),
        "It needs `pip install tensorflow matplotlib`; matplotlib draws the curves.",
    ]
    head = "# " + "\n\n".join(map(plain_markdown, paragraphs))
    return notebook(run.spec, head, run.sees_test, formats.files(run))
