"""The learning-rate range test: its rates, its end, its suggestion."""

import numpy as np
import pytest

from mnist_core.evaluation.history import Checkpoint
from mnist_core.execution.runner import execute
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage.runs import Store
from mnist_core.training import estimate, learning_rate_finder
from mnist_core.training.model import Schedule
from mnist_core.training.trainer import train
from tests.mnist_core.training.recorder import Recorder

SPEC = Spec(
    network=parse("C4 M F D16"),
    training=Training(batch_size=32, early_stopping=3),
    split=Split(kind="last", count=500, limit=2000),
)


def test_the_schedule_rises_by_the_same_factor_at_each_step():
    schedule = Schedule("range_test", 10.0, 40, 200)
    steps = np.arange(40, 241)
    found = np.array([float(schedule(step)) for step in steps])
    np.testing.assert_allclose(found, np.geomspace(1e-5, 10, 201), rtol=1e-4)
    np.testing.assert_allclose(
        learning_rate_finder.rates(10, 200, 200), np.geomspace(1e-5, 10, 201)[:-1]
    )


@pytest.mark.parametrize("size", [1, 16, 128, 1000, 4096])
@pytest.mark.parametrize(
    "split",
    [
        Split(),
        Split(kind="none"),
        Split(kind="fraction", limit=3000),
        Split(kind="fold"),
        Split(kind="last", count=900, limit=1000),
        Split(kind="last", count=5, limit=12),
        Split(kind="none", digits=(5, 6)),
    ],
)
def test_a_test_has_about_so_many_steps_on_the_training_images(size, split):
    training = Training(batch_size=size, optimizer="sgd", momentum=0.9)
    test = learning_rate_finder.range_test(
        Spec(network=SPEC.network, training=training, split=split)
    )
    assert (
        learning_rate_finder.STEPS
        <= estimate.steps(test).total
        <= max(1000, 2 * learning_rate_finder.STEPS)
    )
    assert test.split.kind == "none"
    assert test.split.training_images <= max(10, split.training_images)
    assert test.split.digits == split.digits
    assert (test.training.optimizer, test.training.momentum) == ("sgd", 0.9)
    assert learning_rate_finder.is_range_test(test)
    back = learning_rate_finder.with_rate(test, 0.02).training
    assert (back.learning_rate, back.schedule) == (0.02, "constant")


def test_smoothing_is_a_weighted_mean_of_what_came_before():
    loss = np.random.default_rng(0).uniform(1, 2, 50)
    found = learning_rate_finder.smooth(learning_rate_finder.rates(10, 50, 50), loss)
    for step in (0, 1, 20, 49):
        weights = learning_rate_finder.SMOOTHING ** np.arange(step, -1, -1)
        assert found.smoothed[step] == pytest.approx(np.average(loss[: step + 1], weights=weights))
    assert not found.ended


def synthetic(turn: float, noise: float = 0.0) -> learning_rate_finder.Curve:
    """A loss that falls from 2.3 round the rate 0.01, and runs away from `turn` on."""
    rates = learning_rate_finder.rates(10, 500, 500)
    loss = 0.3 + 2 / (1 + (rates / 0.01) ** 2) + np.where(rates > turn, (rates / turn) ** 3 - 1, 0)
    return learning_rate_finder.smooth(rates, loss + np.random.default_rng(1).normal(0, noise, 500))


@pytest.mark.parametrize("noise", [0, 0.02])
def test_the_suggestion_finds_the_steepest_place_and_the_least(noise):
    found = learning_rate_finder.suggest(synthetic(turn=0.5, noise=noise))
    assert found
    # smoothing lags by nine steps, a factor of 10 ** (9 * 6 / 500) = 1.3
    assert found.steepest == pytest.approx(0.0125, rel=0.25)
    assert 0.1 < found.lowest < 0.8
    assert found.tenth == pytest.approx(found.lowest / 10)


def test_the_curve_ends_where_the_loss_ran_away():
    found = synthetic(turn=0.5)
    assert found.ended
    assert found.smoothed[-1] > learning_rate_finder.TOO_HIGH * found.smoothed.min()
    risen = found.smoothed > learning_rate_finder.TOO_HIGH * np.minimum.accumulate(found.smoothed)
    assert risen.sum() == 1
    not_a_number = learning_rate_finder.smooth(
        learning_rate_finder.rates(10, 4, 4), np.array([2.3, 2.2, np.nan, np.nan])
    )
    assert not_a_number.ended
    assert len(not_a_number.rates) == len(not_a_number.smoothed) == 2


def test_nothing_is_suggested_while_the_loss_has_not_fallen():
    rates = learning_rate_finder.rates(10, 100, 100)
    assert (
        learning_rate_finder.suggest(learning_rate_finder.smooth(rates, np.full(100, 2.3))) is None
    )
    assert (
        learning_rate_finder.suggest(
            learning_rate_finder.smooth(rates, np.geomspace(2.3, 200, 100))
        )
        is None
    )
    assert learning_rate_finder.suggest(learning_rate_finder.smooth(rates[:0], np.empty(0))) is None


@pytest.mark.parametrize(
    ("optimizer", "momentum", "expected"),
    [("adam", 0, "tenth"), ("sgd", 0, "steepest"), ("sgd", 0.9, "tenth")],
)
def test_what_is_recommended_is_what_the_benchmark_found(optimizer, momentum, expected):
    training = Training(optimizer=optimizer, momentum=momentum)
    assert (
        learning_rate_finder.recommended(Spec(network=SPEC.network, training=training)) == expected
    )


def test_a_loss_that_runs_away_in_the_last_batches_of_an_epoch_is_no_epoch():
    training = Training(batch_size=40, optimizer="sgd")  # 25 batches an epoch: one chunk
    split = Split(kind="none", limit=1000)
    network = parse("C4linear M F D16linear")
    test = learning_rate_finder.range_test(Spec(network=network, training=training, split=split))
    store = Store()
    run = execute(store, store.create_run(test).id)
    assert run.state == "finished"
    assert run.epochs < run.planned
    assert not np.isfinite(store.batches(run.id)[0]).all()
    assert all(np.isfinite(epoch.loss) for epoch in store.epochs(run.id))


def test_a_test_that_was_paused_goes_on_as_if_it_had_not_been(monkeypatch):
    monkeypatch.setattr("mnist_core.training.train_step.CHUNK_MULTIPLY_ADDS", 2e8)
    test = learning_rate_finder.range_test(SPEC)
    whole = Recorder()
    expected = train(test, whole)
    assert expected.finished
    first, second = Recorder(stop=4), Recorder()
    left = train(test, first)
    assert not left.finished
    resumed = train(test, second, Checkpoint.from_bytes(left.checkpoint.to_bytes()))
    losses = np.concatenate([first.batch_loss, second.batch_loss])
    np.testing.assert_array_equal(losses, whole.batch_loss)
    assert resumed.checkpoint.state.reason == expected.checkpoint.state.reason != ""
