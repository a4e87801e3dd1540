"""The export formats of a run, for page and command line; no TensorFlow."""

import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass

from mnist_core.evaluation.run import Run
from mnist_core.exporting.code import Files
from mnist_core.network.spec import Spec
from mnist_core.network.summary import summarize
from mnist_core.utils.errors import MnistError


class ExportError(MnistError):
    """An export that is not possible, or a file that cannot be written."""


@dataclass(frozen=True)
class Format:
    """One export format: the ending of its files, its group on the page, and its purpose.

    text: whether `exporting.texts` makes it from the store alone; `exporting.models` makes the
    other formats, with TensorFlow and weights. report: whether it needs the run's test predictions.
    needs: the key in NEEDS of what a run must have.
    """

    ending: str
    group: str
    words: str
    text: bool = False
    report: bool = False
    needs: str = ""


CODE, MODEL, RECORD = "Code", "The trained network", "The record"
TENSORBOARD, START, DIGITS = ".tensorboard.zip", "-start.npz", "-digits.npz"

NEEDS: dict[str, tuple[Callable[[Spec], object], str]] = {
    "transfer": (
        lambda spec: spec.transfer,
        "This run starts from random weights, which its script draws itself.",
    ),
    "handwriting": (
        lambda spec: spec.split.handwriting,
        "This run learned from MNIST alone, so it has no digits file.",
    ),
}
"""What some formats need: how to find it in a spec, and the words for runs without it."""

FORMATS = (
    Format(".py", CODE, "A standalone Keras script that repeats the training.", text=True),
    Format(
        ".ipynb",
        CODE,
        "The script as a notebook, with curves and predictions. To run it without installing "
        "anything, upload it to Google Colab (colab.research.google.com).",
        text=True,
    ),
    Format(
        START,
        CODE,
        "The trained weights that it starts from, for NumPy. The script and the notebook read this "
        "file.",
        text=True,
        needs="transfer",
    ),
    Format(
        DIGITS,
        CODE,
        "The handwritten digits that the run learned from, for NumPy. The script and the notebook "
        "read this file.",
        text=True,
        needs="handwriting",
    ),
    Format(".keras", MODEL, "For Keras 3: the whole network. Compile it to train it further."),
    Format(".h5", MODEL, "The whole network in Keras's older format."),
    Format(".weights.h5", MODEL, "Only the weights, for a network that your code builds."),
    Format(".savedmodel.zip", MODEL, "TensorFlow's SavedModel, for servers; unpack it first."),
    Format(".tflite", MODEL, "TensorFlow Lite (LiteRT), for phones and small devices."),
    Format(".onnx", MODEL, "ONNX, for programs without TensorFlow."),
    Format(
        ".html",
        RECORD,
        "A report to read, print or hand in: figures, curves, mistakes, network and code.",
        text=True,
        report=True,
    ),
    Format(".md", RECORD, "A model card: data, settings, results and limits.", text=True),
    Format(".json", RECORD, "Every setting, for programs.", text=True),
    Format("-history.csv", RECORD, "The learning curves, one row per epoch.", text=True),
    Format(
        "-predictions.csv",
        RECORD,
        "One row per test image with its ten probabilities.",
        text=True,
        report=True,
    ),
    Format(TENSORBOARD, RECORD, "Curves of epochs and batches for TensorBoard; unpack it first."),
)


def stem(run: Run) -> str:
    """Return the stem of a run's file names: its name in letters, digits and hyphens."""
    return re.sub(r"[^\w-]+", "-", run.name).strip("-")[:80] or f"run-{run.number}"


def offered(spec: Spec) -> list[Format]:
    """Return the formats for a run of this spec."""
    return [format for format in FORMATS if not format.needs or NEEDS[format.needs][0](spec)]


def files(run: Run) -> Files:
    """Return the names of the files that a run's script reads."""
    return Files(stem(run) + START, stem(run) + DIGITS)


def find(name: str) -> Format:
    """Return the format of a file name, by the longest matching ending. Raises ExportError."""
    fits = [format for format in FORMATS if name.endswith(format.ending)]
    if not fits:
        endings = ", ".join(format.ending for format in FORMATS)
        raise ExportError(f"a file must end in {endings}; received {name!r}: choose one of them")
    return max(fits, key=lambda format: len(format.ending))


def describe_formats() -> str:
    """Return a line per format, for the help of the command."""
    return "\n".join(f"{format.ending:17} {format.words}" for format in FORMATS)


def obstacle(format: Format, spec: Spec) -> str:
    """Return why a network cannot have this format, and the way out; empty if it can."""
    if format not in offered(spec):
        return NEEDS[format.needs][1]
    if format.ending != ".onnx":
        return ""
    if not all(map(importlib.util.find_spec, ("onnx", "tf2onnx"))):
        return (
            "Keras's exporter needs two more packages: `pip install -r requirements-onnx.txt`, "
            "then start the app again."
        )
    if any(row.activation == "gelu" for row in summarize(spec.network).rows):
        return (
            "The converter tf2onnx does not support gelu (its operation Erfc): train with another "
            "activation, such as relu, or choose another format."
        )
    return ""
