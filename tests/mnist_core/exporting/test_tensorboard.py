"""The files for TensorBoard, read again by TensorFlow."""

import zipfile
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import tensorflow as tf

from tests.mnist_core.exporting.trained_runs import exported


def test_tensorboard(small, tmp_path):
    store, run_id = small
    start = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    store.update(run_id, started_at=start)
    with zipfile.ZipFile(exported(small, tmp_path / "a.tensorboard.zip")) as file:
        file.extractall(tmp_path / "logs")
    epochs, (losses, _) = store.epochs(run_id), store.batches(run_id)
    train, validation = events(tmp_path / "logs" / "train"), events(tmp_path / "logs/validation")
    assert [value for _, _, value in train["epoch_loss"]] == pytest.approx([e.loss for e in epochs])
    accuracies = [value for _, _, value in validation["epoch_accuracy"]]
    assert accuracies == pytest.approx([e.val_accuracy for e in epochs])
    np.testing.assert_array_equal([value for _, _, value in train["batch_loss"]], losses)
    assert [step for _, step, _ in train["batch_loss"]] == list(range(len(losses)))
    ends = [start + timedelta(seconds=sum(e.seconds for e in epochs[: n + 1])) for n in (0, 1)]
    walls = [wall for wall, _, _ in train["epoch_loss"]]
    assert walls == pytest.approx([end.timestamp() for end in ends])
    assert train["batch_loss"][-1][0] == pytest.approx(walls[-1])
    assert set(validation) == {"epoch_loss", "epoch_accuracy"}


def events(folder) -> dict[str, list[tuple[float, int, float]]]:
    """Wall time, step and value of each scalar, as TensorFlow itself reads them."""
    found: dict[str, list[tuple[float, int, float]]] = {}
    (path,) = folder.iterdir()
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        event = tf.compat.v1.Event.FromString(record)
        for value in event.summary.value:
            found.setdefault(value.tag, []).append(
                (event.wall_time, event.step, value.simple_value)
            )
    return found
