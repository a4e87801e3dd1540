"""A run's curves as TensorBoard event files. Imports TensorFlow."""

from datetime import datetime
from pathlib import Path

import numpy as np
import tensorflow as tf

from mnist_core.evaluation.history import Epoch
from mnist_core.storage.runs import Store

Point = tuple[float, int, str, float]
"""Wall time in seconds, step, name, value."""


def write_events(store: Store, run_id: int, folder: Path) -> None:
    """Write event files below `folder`/train and /validation, as Keras's TensorBoard callback does.

    Epochs are counted from 0, and batches over all epochs. Wall times are the start plus the
    seconds in training, without pauses and waiting.
    """
    run, epochs = store.run(run_id), store.epochs(run_id)
    begun: datetime = run.started_at or run.created_at
    ends = begun.timestamp() + np.cumsum([0.0, *(epoch.seconds for epoch in epochs)])
    train, validation = _epoch_points(epochs, ends[1:])
    for name, series in zip(("batch_loss", "batch_accuracy"), store.batches(run_id), strict=True):
        moments = np.interp(np.arange(1, len(series) + 1), np.arange(len(ends)) * run.steps, ends)
        train += [
            (moment, step, name, value)
            for step, (moment, value) in enumerate(zip(moments, series, strict=True))
        ]
    _write(folder / "train", sorted(train), ends[0])
    if validation:
        _write(folder / "validation", validation, ends[0])


def _epoch_points(epochs: list[Epoch], ends: np.ndarray) -> tuple[list[Point], list[Point]]:
    train: list[Point] = []
    validation: list[Point] = []
    for epoch, end in zip(epochs, ends, strict=True):
        for name, value, points in (
            ("epoch_loss", epoch.loss, train),
            ("epoch_accuracy", epoch.accuracy, train),
            ("epoch_learning_rate", epoch.learning_rate, train),
            ("epoch_loss", epoch.val_loss, validation),
            ("epoch_accuracy", epoch.val_accuracy, validation),
        ):
            if value is not None:
                points.append((float(end), epoch.epoch - 1, name, value))
    return train, validation


def _write(folder: Path, points: list[Point], begun: float) -> None:
    """Write one event file: records of protocol buffers, the first with the file version."""
    folder.mkdir(parents=True)
    event, summary = tf.compat.v1.Event, tf.compat.v1.Summary
    path = folder / f"events.out.tfevents.{int(begun)}.mnist-understood"
    with tf.io.TFRecordWriter(str(path)) as writer:
        first = event(wall_time=begun, file_version="brain.Event:2")
        writer.write(first.SerializeToString())
        for moment, step, name, value in points:
            scalar = summary(value=[summary.Value(tag=name, simple_value=value)])
            made = event(wall_time=moment, step=step, summary=scalar)
            writer.write(made.SerializeToString())
