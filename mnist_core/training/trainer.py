"""One run: one `model.fit` over the real images, watched, stoppable and exactly resumable."""

import time
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from mnist_core.dataset import mnist
from mnist_core.evaluation.history import (
    BEST,
    Checkpoint,
    Epoch,
    Listener,
    Progress,
    State,
    TrainingError,
)
from mnist_core.network.spec import Spec
from mnist_core.network.summary import at_once, summarize
from mnist_core.training.learning_rate_finder import Rise, is_range_test
from mnist_core.training.model import weights_of
from mnist_core.training.train_step import BatchPlan, TrainingModel, tensors


@dataclass(frozen=True)
class Outcome:
    """How a run was left; `finished` says whether nothing that was planned is left to do."""

    checkpoint: Checkpoint
    finished: bool


def train(
    spec: Spec,
    listener: Listener,
    checkpoint: Checkpoint | None = None,
) -> Outcome:
    """Train a spec from the start, or from a checkpoint to the last epoch that its state plans.

    Raises TrainingError when the loss stops being a number, but in a range test, which that ends
    well.
    """
    multiply_adds = summarize(spec.network).multiply_adds
    rows = mnist.partition(spec.split)
    if checkpoint:
        state = checkpoint.state
    else:
        state = State(spec.training.epochs, spec.training.learning_rate)
    plan = BatchPlan(spec, rows.train, multiply_adds, state)
    watch = _Watch(spec, TrainingModel(spec, plan), plan, listener, rows)
    if checkpoint:
        watch.restore(checkpoint)
    if not watch.finished:
        watch.trainee.fit(
            plan.chunks(),
            initial_epoch=state.epoch,
            epochs=state.epochs,
            steps_per_epoch=plan.chunks_per_epoch,
            callbacks=[watch],
            shuffle=False,
            verbose=0,
        )
    return Outcome(watch.checkpoint(), watch.finished)


class _Watch(keras.callbacks.Callback):
    """Counts, validates, tells the listener, keeps the best weights, and knows how to go on."""

    def __init__(
        self,
        spec: Spec,
        trainee: TrainingModel,
        plan: BatchPlan,
        listener: Listener,
        rows: mnist.Partition,
    ) -> None:
        super().__init__()
        self.spec, self.trainee, self.plan, self.listener = spec, trainee, plan, listener
        self.state = plan.state
        self.first_epoch = plan.state.leg_start // plan.steps  # patience begins anew with a leg
        self.range_test = is_range_test(spec)
        self.best: dict[str, np.ndarray] = {}
        self.validation = rows.validation
        self.held_out = tensors("test" if rows.leaks else "train")
        self.clock = time.perf_counter()
        self.rate = _Rate()

    @property
    def finished(self) -> bool:
        return self.state.stopped_early or self.state.epoch >= self.state.epochs

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        losses, correct = (
            np.atleast_1d(np.asarray((logs or {})[name])) for name in ("losses", "correct")
        )
        if not len(losses):
            return
        before, step = self.state.step, self.state.step + len(losses)
        sizes = np.diff([self.plan.images(count) for count in range(before, step + 1)])
        if not self.range_test:
            self._refuse_nan(losses)
        now = time.perf_counter()
        self.rate.add(int(sizes.sum()), now - self.clock)
        self.state = replace(
            self.state,
            step=step,
            loss_sum=self.state.loss_sum + float(losses @ sizes),
            correct=self.state.correct + int(correct.sum()),
            seconds=self.state.seconds + now - self.clock,
        )
        self.clock = now
        if self.range_test:
            self._follow_rise(losses)
        go_on = self.listener.on_progress(self._progress(losses, correct / sizes))
        if not go_on or self.state.stopped_early:
            self.trainee.stop_training = True

    def _follow_rise(self, losses: np.ndarray) -> None:
        """End a range test, for good, once its loss has run away: that is what it looks for."""
        state = self.state
        at = state.epoch * self.plan.steps + state.step - state.leg_start
        rise = Rise(at - len(losses), state.smoothed, state.least)
        for loss in losses:
            rise = rise.after(float(loss))
            if rise.ended:
                break
        self.state = replace(state, smoothed=rise.mean, least=rise.least)
        if rise.ended:
            rate = float(self.trainee.schedule(rise.steps - 1 + state.leg_start))
            reason = (
                f"the loss ran away at a learning rate of {rate:.2g}; that is what the test "
                "waits for"
            )
            self.state = replace(self.state, stopped_early=True, reason=reason)

    def _refuse_nan(self, losses: np.ndarray) -> None:
        if np.isfinite(losses).all():
            return
        step = self.state.step + int(np.argmin(np.isfinite(losses)))
        rate = self.state.learning_rate
        raise TrainingError(
            f"the loss stopped being a number in epoch {self.state.epoch + 1}, after batch {step}: "
            "the steps were most likely too large and the weights ran away. The learning rate was "
            f"{rate:g}; try {rate / 10:g}, or the one_cycle schedule, which starts gently"
        )

    def _progress(self, losses: np.ndarray, accuracies: np.ndarray) -> Progress:
        state, plan = self.state, self.plan
        seen = plan.images(state.step)
        left = (state.epochs - state.epoch) * len(plan.rows) - seen
        return Progress(
            epoch=state.epoch + 1,
            epochs=state.epochs,
            step=state.step,
            steps=plan.steps,
            loss=state.loss_sum / seen,
            accuracy=state.correct / seen,
            images_per_s=self.rate.value,
            eta_s=left / self.rate.value,
            first_step=state.epoch * plan.steps + state.step - len(losses),
            batch_loss=losses.astype(np.float32),
            batch_accuracy=accuracies.astype(np.float32),
        )

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Also called when a run is stopped within an epoch, which then is not over.

        Nor is one in whose last batches the loss of a range test ran away: it has no figures.
        """
        if self.state.step < self.plan.steps or self.state.stopped_early:
            return
        state, images = self.state, len(self.plan.rows)
        val_loss, val_accuracy = self._validate()
        sums = [float(np.abs(w).sum()) for w in weights_of(self.trainee.network).values()]
        if not self.range_test:
            self._refuse_nan(np.array([*sums, val_loss or 0.0]))
        now = time.perf_counter()
        done = Epoch(
            epoch=epoch + 1,
            loss=state.loss_sum / images,
            accuracy=state.correct / images,
            val_loss=val_loss,
            val_accuracy=val_accuracy,
            learning_rate=float(self.trainee.schedule(self.trainee.optimizer.iterations - 1)),
            seconds=state.seconds + now - self.clock,
        )
        self.clock = now
        self.state = replace(state, epoch=epoch + 1, step=0, loss_sum=0.0, correct=0, seconds=0.0)
        self._stop_early(val_loss)
        rate = self.listener.on_epoch(done, self.checkpoint())
        if rate is not None:
            self.trainee.schedule.peak.assign(rate)
            self.state = replace(self.state, learning_rate=rate)

    def _validate(self) -> tuple[float | None, float | None]:
        if not len(self.validation):
            return None, None
        loss_sum, correct, size = 0.0, 0, at_once(self.spec.network)
        for start in range(0, len(self.validation), size):
            rows = self.validation[start : start + size]
            loss, right = self.trainee.evaluate_rows(*self.held_out, tf.constant(rows))
            loss_sum += float(loss) * len(rows)
            correct += int(right)
        return loss_sum / len(self.validation), correct / len(self.validation)

    def _stop_early(self, val_loss: float | None) -> None:
        patience = self.spec.training.early_stopping
        if patience is None or val_loss is None:
            return
        if val_loss < self.state.best_val_loss:
            self.state = replace(self.state, best_epoch=self.state.epoch, best_val_loss=val_loss)
            weights = weights_of(self.trainee.network)
            self.best = {BEST + name: array for name, array in weights.items()}
        elif self.state.epoch - max(self.state.best_epoch, self.first_epoch) >= patience:
            self.state = replace(self.state, stopped_early=True, reason="early stopping")
            self.trainee.stop_training = True

    def checkpoint(self) -> Checkpoint:
        """Where the run is now."""
        held = {name: v.numpy().copy() for name, v in self.trainee.state_variables.items()}
        return Checkpoint(self.state, held | self.best)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Take the run up where the checkpoint left it."""
        for name, variable in self.trainee.state_variables.items():
            variable.assign(checkpoint.arrays[name])
        self.best = {n: array for n, array in checkpoint.arrays.items() if n.startswith(BEST)}


class _Rate:
    """Images a second, smoothed; the first chunk, which waits for tracing, does not count."""

    def __init__(self) -> None:
        self.chunks, self.value = 0, 0.0

    def add(self, images: int, seconds: float) -> None:
        self.chunks += 1
        now = images / seconds
        self.value = now if self.chunks <= 2 else 0.8 * self.value + 0.2 * now
