"""A run's model card in Markdown: facts only, all of them computed; no TensorFlow.

Source: Mitchell et al. 2019, "Model Cards for Model Reporting".
"""

from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.evaluation.statistics import wilson_interval
from mnist_core.evaluation.tables import to_markdown
from mnist_core.exporting import facts
from mnist_core.exporting.formats import stem
from mnist_core.network.digits import write_digits
from mnist_core.network.settings import settings_of
from mnist_core.network.spec import Split
from mnist_core.network.summary import summarize
from mnist_core.network.transfer import shared_layers
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Store
from mnist_core.utils.text import duration, percent, plain_markdown, plural

_DATA = """\
MNIST: 70,000 gray images of handwritten digits, 28x28 pixels, 60,000 for training and 10,000 for
testing. Yann LeCun, Corinna Cortes and Christopher J. C. Burges made it from images of the American
National Institute of Standards and Technology; license
[CC BY-SA 3.0](https://creativecommons.org/licenses/by-sa/3.0/)."""

_LIMITS = """\
- It reads one digit at a time, in MNIST's form: bright ink on black, fitted into 20x20 pixels, its
  center of mass in the middle of 28x28. Other images must first be brought into this form.
- It always answers with one of ten digits. A letter, an empty image or noise also gets a digit,
  often with a high probability.
- The writers were employees of the Census Bureau and high-school students in the United States.
  Other people write other shapes: a 7 with a bar, a 1 with a long upstroke.
- Thousands of people have used the same test set for decades. A good figure on it promises nothing
  for your own images: measure on those.
- It is made for learning and teaching. Do not let it decide about checks, forms or people."""

_LOADING = """\
```python
import keras

model = keras.models.load_model("{name}.keras")  # the file of this run from the app
probabilities = model.predict(images)  # (n, 28, 28, 1) float32 in [0, 1] -> (n, 10)
```

`images` are pixels divided by 255: 0 is paper, 1 is ink. The answer is the column with the highest
probability, 0 to 9."""


def of_run(store: Store, run_id: int) -> str:
    """Return the model card of a run, Markdown. Raises StoreError if there is no such run."""
    run, report = store.run(run_id), artifacts.load_report(store, run_id)
    parts = {
        "The network": _network(run),
        **({"What it starts from": _start(store, run)} if run.spec.transfer else {}),
        "The data": f"{_DATA}\n\n{_split(run)}",
        "How it was trained": _training(run),
        "Results": _results(run, report),
        "Limits": _LIMITS,
        "How to load it": _LOADING.format(name=stem(run)),
    }
    text = "\n\n".join(f"## {title}\n\n{body}" for title, body in parts.items())
    return f"# Model card. {plain_markdown(facts.title(run))}\n\n{text}\n"


def _network(run: Run) -> str:
    made = summarize(run.spec.network)
    rows = [
        (row.name, " x ".join(map(str, row.output_shape)), f"{row.parameters:,}")
        for row in made.rows
    ]
    return (
        f"{made.parameters:,} parameters, {made.multiply_adds:,} multiply-adds per image.\n\n"
        + to_markdown(("layer", "output", "parameters"), rows)
    )


def _start(store: Store, run: Run) -> str:
    """Return which weights a run starts from, and which layers are frozen."""
    source, frozen = store.source(run.spec), run.spec.frozen
    found = plain_markdown(facts.title(source)) if source else "a run that was deleted or changed"
    shapes = {n: array.shape for n, array in (artifacts.load_start(store, run) or {}).items()}
    shared, others = shared_layers(run.spec.network, shapes)
    told = [f"The trained weights of {found}, for the layers {', '.join(shared)}."]
    if others:
        told.append(f"Random weights: {', '.join(others)}.")
    if frozen:
        made = summarize(run.spec.network, frozen)
        told.append(
            f"Frozen: {', '.join(frozen)}. {made.non_trainable:,} of {made.parameters:,} "
            "parameters were not trained."
        )
    return " ".join(told)


def _split(run: Run) -> str:
    if run.origin:
        return "The images that it was trained on are not known here."
    split = run.spec.split
    shown = f" It saw the digits {write_digits(split.digits)} only." if split.digits else ""
    return f"{_images(split)}{shown}{_handwriting(split)}"


def _handwriting(split: Split) -> str:
    """Return how many digits of a class were used for training; empty for MNIST's alone."""
    own = split.handwriting
    if own is None:
        return ""
    name = f'the set "{plain_markdown(own.collection)}"' if own.collection else "a class"
    return (
        f" It was trained on {plural(own.images, 'handwritten digit')} by "
        f"{plural(len(own.writers), 'writer')} of {name}. The other writers' digits are for "
        "testing."
    )


def _images(split: Split) -> str:
    """Return how many images were used for training and for validation."""
    alone = split.mnist_images == 0  # a class's handwriting trained it
    which = "no MNIST image" if alone else f"{split.mnist_images:,} of the 60,000 training images"
    train = f"Training used {which}; "
    match split.kind:
        case "none":
            return f"{train}validation used no images."
        case "test":
            return (
                f"{train}**validation used the {split.test_images:,} test images**. If epochs or "
                "layers were chosen by validation figures, they were chosen to suit the test, and "
                "the results below look better than they are."
            )
        case "fold":
            held_out = f"stratified fold {split.fold} of {split.folds} (seed {split.seed})"
            return f"{train}validation used {held_out}, {split.held_out:,} images."
        case "last" | "fraction":
            held_out = f"{split.held_out:,}"
            others = f"{held_out} MNIST images" if alone else f"the {held_out} after them"
            return f"{train}validation used {others}."


def _training(run: Run) -> str:
    told = facts.deviations(run)
    if not run.origin:
        by = ", ended by early stopping," if facts.stopped_early(run) else ""
        epochs = f"{run.epochs} of {plural(run.planned, 'epoch')}"
        told.insert(0, f"{epochs}{by} in {duration(run.seconds)} of training.")
    words = plain_markdown(" ".join(told))
    if run.origin:
        return words
    rows = [
        (name.replace("_", " "), "none" if value is None else plain_markdown(str(value)))
        for name, value in settings_of(run.spec).items()
    ]
    return f"{words}\n\n{to_markdown(('setting', 'value'), rows)}"


def _results(run: Run, report: Report | None) -> str:
    if report is None:
        return facts.result(run)
    images = len(report.labels)
    low, high = wilson_interval(report.accuracy, images)
    recalls = [
        (row.label, percent(row.recall), f"{round((1 - row.recall) * row.support):,} missed")
        for row in report.classes
    ]
    mean = float(report.confidence.mean())
    return (
        f"On the {images:,} test images:\n\n"
        f"- accuracy {percent(report.accuracy)}: {report.wrong:,} wrong of {images:,}; 95 % "
        f"interval {percent(low)} to {percent(high)} (Wilson), for the choice of images alone\n"
        f"- loss (mean cross-entropy) {report.loss:.4f}; top-2 accuracy "
        f"{percent(report.top2_accuracy)}\n"
        f"- calibration error {percent(report.ece)}: it is {percent(mean)} sure on average, and "
        f"{percent(report.accuracy)} are right\n"
        f"{_learned(run, report)}"
        "- from one training; another seed would give slightly different figures\n\n"
        + to_markdown(("digit", "recall", "of its images"), recalls)
    )


def _learned(run: Run, report: Report) -> str:
    """Return a line with the accuracy on the digits that a run learned; empty for all ten."""
    digits = run.spec.split.digits
    if digits is None:
        return ""
    own = report.only(digits)
    low, high = map(percent, wilson_interval(own.accuracy, len(own.labels)))
    return (
        f"- on the digits {write_digits(digits)} alone, which it learned: {percent(own.accuracy)}, "
        f"{own.wrong:,} wrong of {len(own.labels):,}; 95 % interval {low} to {high}\n"
    )
