"""What the tests of the callbacks share: the smallest network, and an epoch without training."""

from collections.abc import Callable

import numpy as np
import pytest

from mnist_core.dataset.training_set import training_set
from mnist_core.evaluation.history import Checkpoint, Epoch, Progress, State
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.training.callbacks.context import TrainingContext
from mnist_core.training.callbacks.metrics import Metrics
from mnist_core.training.train_step import BatchPlan, TrainingModel

IMAGES, BATCH = 50, 20  # batches of 20, 20 and 10 images


class RecordingListener:
    """Keeps all that it is told, and answers as it is set."""

    def __init__(self) -> None:
        self.progress: list[Progress] = []
        self.epochs: list[tuple[Epoch, Checkpoint]] = []
        self.go_on = True
        self.rate: float | None = None

    def on_progress(self, progress: Progress) -> bool:
        self.progress.append(progress)
        return self.go_on

    def on_epoch(self, epoch: Epoch, checkpoint: Checkpoint) -> float | None:
        self.epochs.append((epoch, checkpoint))
        return self.rate


@pytest.fixture
def listener() -> RecordingListener:
    return RecordingListener()


@pytest.fixture
def make_context() -> Callable[..., TrainingContext]:
    """make_context(schedule="cosine"): a training of 50 images, begun and not moved on."""

    def make(state: State | None = None, **training: object) -> TrainingContext:
        settings = {"epochs": 4, "batch_size": BATCH} | training
        spec = Spec(
            network=parse("F"),
            training=Training.model_validate(settings),
            split=Split(kind="none", limit=1000),
        )
        begun = state or State(spec.training.epochs, spec.training.learning_rate)
        plan = BatchPlan(spec, np.arange(IMAGES, dtype=np.int32), 7840, begun)
        return TrainingContext(plan, TrainingModel(spec, plan, training_set(spec.split)))

    return make


@pytest.fixture
def context(make_context) -> TrainingContext:
    return make_context()


@pytest.fixture
def run_chunk() -> Callable[..., None]:
    """run_chunk(context, 2.3, 2.1): the next batches had these losses, half of each correct."""

    def run(context: TrainingContext, *losses: float) -> None:
        sizes = [min(BATCH, IMAGES - BATCH * index) for index in range(3)][: len(losses)]
        correct = np.array(sizes, np.int32) // 2
        Metrics(context).on_train_batch_end(0, {"losses": np.array(losses), "correct": correct})

    return run


@pytest.fixture
def run_epoch(run_chunk) -> Callable[..., None]:
    """run_epoch(context, val_loss=0.5): a whole epoch ended, with these logs."""

    def run(context: TrainingContext, **logs: float) -> None:
        metrics, epoch = Metrics(context), context.state.epoch
        metrics.on_epoch_begin(epoch)
        run_chunk(context, 2.0, 2.0, 2.0)
        metrics.on_epoch_end(epoch, logs)

    return run
