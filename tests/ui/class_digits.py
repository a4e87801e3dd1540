"""A class's digits for tests of pages, and an engine that reads them at once."""

import numpy as np

from mnist_core.engine.status import READY
from mnist_core.evaluation.run import Run
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split
from mnist_core.storage import handwriting
from mnist_core.storage.runs import Store


class ReadingEngine:
    """Reads the first pixel of an image as its digit; remembers how many it was asked for.

    good: the names of runs that do; all others take every other digit for the next one.
    """

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.good = {"note-5", "ours"}

    def status(self):
        return READY

    def speed(self) -> None:
        """Nothing is known."""

    def probabilities(self, workspace, run, images):
        self.asked.append(len(images))
        read = images[:, 0, 0] + (0 if run.name in self.good else np.arange(len(images)) % 2)
        return np.eye(10, dtype=np.float32)[read % 10]


def fill(count: int, writers: int = 3) -> tuple[list[int], list[int]]:
    """Add digits of writers in turn; return labels, and what the engine above reads in them."""
    rng = np.random.default_rng(count)
    labels = rng.integers(0, 10, count).tolist()
    read = [label if rng.random() < 0.7 else (label + 1) % 10 for label in labels]
    for at, (label, digit) in enumerate(zip(labels, read, strict=True)):
        image = np.full((28, 28), digit, np.uint8)
        image[1, :2] = divmod(at, 256)  # no two are the same
        handwriting.add(Store(), f"w{at % writers}", label, image, b"")
    return labels, read


def learned() -> Run:
    """A made-up run that learned from the class as it is now."""
    own = handwriting.choose_to_learn(Store())
    spec = Spec(network=parse("C4 M F"), split=Split(handwriting=own))
    run = Store().create_run(spec, "ours", queued=False)
    made = {"test_accuracy": 0.9, "weights_hash": 16 * "b", "state": "finished"}
    Store().update(run.id, **made)
    return Store().run(run.id)


def learned_from_all() -> Run:
    """The same, after the writers whom it has not learned from took back all their digits."""
    fill(4, 2)
    run = learned()
    own = run.spec.split.handwriting
    assert own is not None
    spared = [each.id for each in handwriting.samples(Store()) if each.writer not in own.writers]
    handwriting.remove(Store(), spared)
    return run
