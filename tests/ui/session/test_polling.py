"""Who polls the database: once for all that draw at a moment, and each batch once."""

from types import SimpleNamespace

import numpy as np
import pytest

from mnist_core.evaluation.history import Epoch, Progress
from mnist_core.evaluation.run import Run
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from ui.session import cache, polling, state

STEPS = 4


class Counting(Store):
    """A store that remembers what it was asked for."""

    asked: list[object]

    def active_runs(self) -> list[Run]:
        self.asked.append("moving")
        return super().active_runs()

    def batches(self, run_id: int, from_step: int = 0) -> tuple[np.ndarray, np.ndarray]:
        self.asked.append(from_step)
        return super().batches(run_id, from_step)


@pytest.fixture
def store(monkeypatch) -> Counting:
    store = Counting()
    store.asked = []
    monkeypatch.setattr(cache, "store", lambda: store)
    monkeypatch.setattr(state, "st", SimpleNamespace(session_state={}))
    return store


@pytest.fixture
def clock(monkeypatch) -> SimpleNamespace:
    """A clock that stands still; its `now` may be set."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(polling, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def new_run(store: Store) -> Run:
    return store.create_run(Spec(network=parse("C4 M F")))


def train(store: Store, run: Run, first: int, *losses: float) -> None:
    """Record some batches. first: the number of the first one, from 0 over all epochs."""
    values = np.array(losses, np.float32)
    epoch, step = first // STEPS + 1, first % STEPS + len(losses)
    tenths = (values / 10).astype(np.float32)
    progress = Progress(epoch, 5, step, STEPS, 1.0, 0.5, 100.0, 1.0, first, values, tenths)
    store.record_progress(run.id, [progress])


def end_epoch(store: Store, run: Run, number: int) -> None:
    store.record_epoch(run.id, Epoch(number, 1.0, 0.5, 1.0, 0.5, 0.001, 1.0), b"")


def test_all_that_draw_at_a_moment_share_one_reading(store, clock):
    run = new_run(store)
    assert [seen.id for seen in polling.moving()] == [run.id]
    clock.now = polling.SAME_MOMENT_S
    assert polling.run(run.id).state == "queued"
    assert store.asked == ["moving"]
    clock.now *= 2.5
    store.update(run.id, state="running")
    assert polling.run(run.id).state == "running"
    assert store.asked == ["moving"] * 2


def test_a_run_at_rest_is_read_as_it_is(store, clock):
    run = new_run(store)
    store.update(run.id, state="finished")
    assert polling.moving() == []
    assert polling.run(run.id).state == "finished"
    store.update(run.id, name="mine")
    assert polling.run(run.id).name == "mine"


def test_what_was_asked_of_a_run_is_seen_at_once(store, clock):
    run = new_run(store)
    store.update(run.id, state="running")
    assert polling.run(run.id).request is None
    polling.request(run, "stop")
    assert polling.run(run.id).request == "stop"
    polling.update(run, learning_rate=0.5)
    assert polling.run(run.id).learning_rate == 0.5


def test_batches_of_finished_epochs_are_read_once(store):
    run = new_run(store)
    train(store, run, 0, 9, 8, 7, 6)
    end_epoch(store, run, 1)
    train(store, run, 4, 5, 4)
    for _ in range(2):
        loss, accuracy = polling.batches(store.run(run.id))
        np.testing.assert_array_equal(loss, [9, 8, 7, 6, 5, 4])
        np.testing.assert_array_equal(accuracy, loss / 10)
    assert store.asked == [0, 4]


def test_batches_that_are_trained_again_replace_the_lost_ones(store):
    run = new_run(store)
    train(store, run, 0, 9, 8, 7, 6)
    end_epoch(store, run, 1)
    train(store, run, 4, 5, 4, 3)
    polling.batches(store.run(run.id))
    store.delete_records_after(run.id, epoch=1, step=4)
    train(store, run, 4, 2, 1)
    train(store, run, 6, 0, 0)
    end_epoch(store, run, 2)
    loss, _ = polling.batches(store.run(run.id))
    np.testing.assert_array_equal(loss, [9, 8, 7, 6, 2, 1, 0, 0])


def test_another_run_has_batches_of_its_own(store):
    run, other = new_run(store), new_run(store)
    train(store, run, 0, 9, 8, 7, 6)
    end_epoch(store, run, 1)
    polling.batches(store.run(run.id))
    assert len(polling.batches(other)[0]) == 0
    assert len(polling.batches(store.run(run.id))[0]) == STEPS
