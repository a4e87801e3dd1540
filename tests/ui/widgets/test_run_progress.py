"""What the sidebar says of a run that waits."""

import pytest

from mnist_core.engine.status import READY
from mnist_core.execution import queue
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from mnist_core.training.estimate import Speed
from tests.helpers import checked
from ui.session import cache

SPEC = Spec(network=parse("F"))


@pytest.mark.parametrize(
    ("speed", "told"),
    [
        (Speed(1e12, "a test"), "number 2 in the queue: starts in about 3 min."),
        (None, "number 2 in the queue."),
    ],
)
def test_a_run_that_waits_says_for_how_long_if_that_is_known(page, monkeypatch, speed, told):
    class Engine:
        """One that is ready and trains elsewhere."""

        def status(self):
            return READY

        def speed(self):
            return speed

    monkeypatch.setattr(cache, "engine", lambda: Engine())
    store = Store()
    training = queue.claim(store, store.create_run(SPEC).id)
    store.update(training.id, eta_s=180.0)
    store.create_run(SPEC)
    last = store.create_run(SPEC)
    at = checked(page("home"))
    shown = [bar.proto.text for bar in at.get("progress")]
    assert any(f"**Run {last.number}**: Waiting, {told}" in text for text in shown), shown
