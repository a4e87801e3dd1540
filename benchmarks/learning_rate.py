"""Quality of the learning-rate finder: each suggestion, and ten times and a tenth of it.

    python -m benchmarks.learning_rate [--epochs 2]

For the networks of note-1 and note-5 and four optimizers: a range test over 8,000 images, then
short trainings on them at each suggested rate, at ten times and at a tenth of it. val_loss and
val_accuracy are measured on 2,000 other training images. About four minutes.
"""

import argparse

import numpy as np

from mnist_core.evaluation.history import Checkpoint, Epoch, Progress, TrainingError
from mnist_core.network.presets import find
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.training import learning_rate_finder
from mnist_core.utils.tensorflow import start_tensorflow

CONTENDERS = {
    "adam": {"optimizer": "adam"},
    "sgd": {"optimizer": "sgd"},
    "sgd with momentum": {"optimizer": "sgd", "momentum": 0.9},
    "rmsprop": {"optimizer": "rmsprop"},
}


class Recorder:
    """Stores the loss of each batch, and the last epoch."""

    def __init__(self) -> None:
        self.losses: list[np.ndarray] = []
        self.last: Epoch | None = None

    def on_progress(self, progress: Progress) -> bool:
        self.losses.append(progress.batch_loss)
        return True

    def on_epoch(self, epoch: Epoch, checkpoint: Checkpoint) -> float | None:
        self.last = epoch


def fit(spec: Spec, recorder: Recorder) -> None:
    """Train a spec. TensorFlow is imported only here, after its log output has been silenced."""
    from mnist_core.training.trainer import train

    train(spec, recorder)


def suggest(spec: Spec) -> learning_rate_finder.Suggestion:
    """Run the range test for a spec; return its suggestions."""
    test, recorder = learning_rate_finder.range_test(spec), Recorder()
    fit(test, recorder)
    loss = np.concatenate(recorder.losses)
    steps = test.training.epochs * -(-test.split.images // test.training.batch_size)
    found = learning_rate_finder.suggest(
        learning_rate_finder.smooth(
            learning_rate_finder.rates(learning_rate_finder.PEAK, steps, len(loss)), loss
        )
    )
    assert found
    return found


def outcome(spec: Spec, learning_rate: float) -> str:
    """Return val_loss and val_accuracy of a training at this rate, as text."""
    training = spec.training.model_copy(update={"learning_rate": learning_rate})
    recorder = Recorder()
    try:
        fit(spec.model_copy(update={"training": training}), recorder)
    except TrainingError:
        return "diverged"
    assert recorder.last
    return f"{recorder.last.val_loss:.3f} {recorder.last.val_accuracy:.1%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=2)
    epochs = parser.parse_args().epochs
    start_tensorflow()
    print("| network, optimizer | from | rate | a tenth of it | as it is | ten times |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in ("note-1", "note-5"):
        for optimizer, settings in CONTENDERS.items():
            training = Training.model_validate(settings | {"epochs": epochs})
            split = Split(kind="last", count=2000, limit=10_000)
            spec = Spec(network=find(name).network, training=training, split=split)
            found = suggest(spec)
            for word, value in (("steepest", found.steepest), ("a tenth", found.tenth)):
                results = (outcome(spec, value * factor) for factor in (0.1, 1, 10))
                cells = " | ".join(results)
                print(f"| {name}, {optimizer} | {word} | {value:.2g} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
