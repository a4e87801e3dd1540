"""A standalone Keras script that repeats a run; text only, no TensorFlow."""

import textwrap
from importlib.metadata import PackageNotFoundError, version

from mnist_core.evaluation.run import Run
from mnist_core.exporting import facts, formats
from mnist_core.exporting.code import FILES, Files, sections
from mnist_core.network.spec import Spec
from mnist_core.utils.text import plural

PROMISE = (
    "It starts from the same weights and sees the same batches in the same order as the app, so "
    "the losses of the first epoch agree to about three digits. The rest is rounding: over "
    "many epochs it grows to about a percent, and a few test images get another answer."
)
BFLOAT16 = "With mixed_bfloat16, rounding shows sooner: a product keeps eight binary digits."

try:
    _TENSORFLOW = version("tensorflow")
except PackageNotFoundError:
    _TENSORFLOW = version("tensorflow-cpu")  # TensorFlow without GPU support: see Dockerfile
_VERSIONS = [".".join(full.split(".")[:2]) for full in (_TENSORFLOW, version("keras"))]


def script(spec: Spec, head: str = "", test: bool = True, files: Files = FILES) -> str:
    """Return a script that needs keras, tensorflow and numpy (and scikit-learn for a fold).

    head: the docstring. test: evaluate on the test images at the end.
    """
    parts = "\n\n".join(
        f"{_comment(f'{part.title}. {part.words}')}\n{part.code}"
        for part in sections(spec, exact=True, test=test, files=files)
    )
    return f'"""{head}"""\n\n{parts}\n' if head else f"{parts}\n"


def _comment(words: str) -> str:
    return textwrap.fill(words, 98, initial_indent="# ", subsequent_indent="# ")


def explained(run: Run) -> list[str]:
    """Return paragraphs about the code of a run: requirements, result, and differences."""
    spec, differences = run.spec, facts.deviations(run)
    learn = ", and scikit-learn, which draws the folds" if spec.split.kind == "fold" else ""
    needs = f"Needs TensorFlow {_VERSIONS[0]} with Keras {_VERSIONS[1]}{learn}."
    told = [needs]
    if spec.transfer:
        told.append(f"Save its start weights, {formats.files(run).start}, beside this file.")
    if spec.split.handwriting:
        told.append(f"Save the run's digits, {formats.files(run).digits}, beside this file.")
    if not run.origin:
        told += [PROMISE] if spec.training.precision == "float32" else [PROMISE, BFLOAT16]
    paragraphs = [" ".join(told), facts.result(run)]
    if differences:
        most = "at most " if spec.training.early_stopping else ""
        code = f"This code trains {most}{plural(spec.training.epochs, 'epoch')} from the start."
        if run.origin:
            code += " Where the file has no settings, these are the app's defaults."
        paragraphs.append(" ".join(["What it does not repeat:", *differences, code]))
    return paragraphs


def of_run(run: Run) -> str:
    """Return the script of a run, which begins with facts about the run."""
    paragraphs = [f"{facts.title(run)}.", *explained(run)]
    head = "\n\n".join(textwrap.fill(text, 98, break_long_words=False) for text in paragraphs)
    head = head.replace("\\", "/").replace('"""', "'''") + "\n"
    return script(run.spec, head, run.sees_test, formats.files(run))
