"""What a worker process keeps between its tasks."""

import numpy as np

from mnist_core.engine import tasks
from mnist_core.execution import runner


class Trainer:
    """One that sees nothing."""

    def observe(self, fresh, images, labels, steps):
        return steps


def test_two_trainers_stay_in_memory(monkeypatch):
    made = []
    monkeypatch.setattr(tasks, "_trainers", type(tasks._trainers)())
    monkeypatch.setattr(runner, "batch_trainer", lambda _, run_id: made.append(run_id) or Trainer())
    images, labels = np.zeros((1, 28, 28), np.uint8), np.zeros(1, np.uint8)
    for run_id in (1, 2, 1, 3, 1, 2):
        assert tasks.observe_training("mine", run_id, 1.0, True, images, labels, 4) == 4
    assert made == [1, 2, 3, 2]
