"""The learning-rate range test, recorded and read back."""

import pytest

from mnist_core.execution import queue
from mnist_core.execution.runner import execute
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage.runs import Store
from mnist_core.training import learning_rate_finder

SPEC = Spec(
    network=parse("C4 M F D16"),
    training=Training(batch_size=32, early_stopping=3),
    split=Split(kind="last", count=500, limit=2000),
)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_a_real_test_ends_when_the_loss_has_run_away_as_finished(optimizer):
    store = Store()
    training = SPEC.training.model_copy(update={"optimizer": optimizer})
    # steps of sgd that no relu can stop
    network = parse("C4linear M F D16linear") if optimizer == "sgd" else SPEC.network
    test = learning_rate_finder.range_test(
        Spec(network=network, training=training, split=SPEC.split)
    )
    run = execute(store, store.create_run(test).id)
    assert run.state == "finished"
    assert "the loss diverged at a learning rate of" in run.reason
    assert run.test_accuracy is None
    found = learning_rate_finder.recorded_curve(run, store.batches(run.id)[0])
    assert found.ended
    assert 0.001 < found.rates[-1] < 10
    assert f"{found.rates[-1]:.2g}" in run.reason
    suggested = learning_rate_finder.suggest(found)
    assert suggested
    assert 1e-4 < suggested.tenth < found.rates[-1]
    queue.enqueue(store, run.id)  # to go on with it is to find it over
    again = execute(store, run.id)
    assert (again.state, again.reason) == (run.state, run.reason)
