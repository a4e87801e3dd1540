"""Runs that a script repeats, and the comparison of what was learned."""

import numpy as np

from mnist_core.evaluation.history import Epoch
from mnist_core.network.notation import parse
from mnist_core.network.spec import Augmentation, Spec, Split, Training
from mnist_core.training.trainer import train

FEW = {"limit": 1000}
FIRST = Split.model_validate({"kind": "last", "count": 200} | FEW)
SPECS = {
    "plain": Spec(network=parse("C8 M F D32"), training=Training(epochs=2, seed=3), split=FIRST),
    "augmented": Spec(
        network=parse("C8 M F D32"),
        training=Training(
            epochs=2,
            seed=4,
            schedule="one_cycle",
            learning_rate=0.004,
            loss="categorical_crossentropy",
            label_smoothing=0.05,
            augmentation=Augmentation(shift=2, rotation=10, zoom=0.1),
        ),
        split=FIRST,
    ),
    "a fold": Spec(
        network=parse("C8bn M C8l2=0.001 M F Drop0.3 D32l2=0.001 BN Drop0.2"),
        training=Training(epochs=2, seed=5, optimizer="nadam", early_stopping=1),
        split=Split.model_validate({"kind": "fold", "folds": 3, "fold": 2, "seed": 9} | FEW),
    ),
}


class Epochs(list[Epoch]):
    """A listener that only remembers."""

    def on_progress(self, progress) -> bool:
        return True

    def on_epoch(self, epoch, checkpoint) -> None:
        self.append(epoch)


def check(spec: Spec, history: dict[str, list[float]]) -> None:
    """The losses of a script's history are those of the app."""
    epochs = Epochs()
    train(spec, epochs)
    for name in ("loss", "val_loss"):
        expected = [getattr(epoch, name) for epoch in epochs]
        np.testing.assert_allclose(history[name], expected, rtol=1e-3)
    assert len(history["loss"]) == spec.training.epochs
