"""What a training resumes from: checkpoints as bytes, and the state of further epochs."""

import json
from dataclasses import asdict, replace
from io import BytesIO

import numpy as np
import pytest

from mnist_core.evaluation.history import BEST, WEIGHTS, Checkpoint, State


def test_a_checkpoint_survives_its_bytes():
    state = State(epochs=5, learning_rate=0.1, epoch=2, step=7, best_val_loss=0.25)
    arrays = {"weights/dense_1/kernel": np.ones((2, 3), np.float32), "optimizer/0": np.array(4)}
    again = Checkpoint.from_bytes(Checkpoint(state, arrays).to_bytes())
    assert again.state == state
    assert again.arrays.keys() == arrays.keys()
    np.testing.assert_array_equal(again.weights["dense_1/kernel"], np.ones((2, 3)))
    assert Checkpoint.from_bytes(Checkpoint(State(1, 0.1), {}).to_bytes()).state == State(1, 0.1)


def test_a_new_state_has_nothing_behind_it():
    state = asdict(State(epochs=5, learning_rate=0.1))
    known = {"epochs": 5, "learning_rate": 0.1, "best_val_loss": np.inf, "least": np.inf}
    assert state == dict.fromkeys(state, 0) | {"reason": ""} | known


def test_a_checkpoint_is_a_file_of_numpys_with_json():
    data = Checkpoint(State(5, 0.1, epoch=2), {"optimizer/0": np.array(4)}).to_bytes()
    with np.load(BytesIO(data), allow_pickle=False) as file:
        assert set(file.files) == {"state", "optimizer/0"}
        state = json.loads(file["state"].tobytes())
    assert (state["epochs"], state["learning_rate"], state["epoch"]) == (5, 0.1, 2)


def test_the_best_weights_are_given_where_they_are_kept():
    last, best = np.zeros(2), np.ones(2)
    both = Checkpoint(State(5, 0.1), {f"{WEIGHTS}a": last, f"{BEST}a": best, "optimizer/0": last})
    assert both.weights == {"a": pytest.approx(best)}
    assert both.last_weights == {"a": pytest.approx(last)}
    assert Checkpoint(State(5, 0.1), {f"{WEIGHTS}a": last}).weights == {"a": pytest.approx(last)}


@pytest.mark.parametrize(("step", "planned"), [(0, 5), (7, 6)])
def test_more_epochs_begin_where_the_run_was_left(step, planned):
    """Of 10 steps per epoch, 2 epochs are done; one that is begun is finished besides."""
    state = State(2, 0.1, epoch=2, step=step, stopped_early=True, reason="patience", least=0.3)
    state = replace(state, smoothed=0.7)
    more = state.further(3, steps=10)
    assert (more.epochs, more.leg_start) == (planned, 20 + step)
    assert (more.stopped_early, more.reason, more.least) == (False, "", float("inf"))
    assert more.smoothed == 0
    assert (more.epoch, more.step, more.learning_rate) == (2, step, 0.1)
