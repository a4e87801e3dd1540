"""What the sidebar says of a run that waits."""

import pytest
from sqlalchemy import event

from mnist_core.engine.status import READY
from mnist_core.execution import queue
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from mnist_core.training.estimate import Speed
from tests.helpers import checked
from ui.session import cache
from ui.widgets import run_progress

SPEC = Spec(network=parse("F"))


class Engine:
    """One that is ready and trains elsewhere."""

    def __init__(self, speed: Speed | None) -> None:
        self._speed = speed

    def status(self):
        return READY

    def speed(self):
        return self._speed


@pytest.mark.parametrize(
    ("speed", "told"),
    [
        (Speed(1e12, "a test"), "number 2 in the queue: starts in about 3 min."),
        (None, "number 2 in the queue."),
    ],
)
def test_a_run_that_waits_says_for_how_long_if_that_is_known(page, monkeypatch, speed, told):
    monkeypatch.setattr(cache, "engine", lambda: Engine(speed))
    store = Store()
    training = queue.claim(store, store.create_run(SPEC).id)
    store.update(training.id, eta_s=180.0)
    store.create_run(SPEC)
    last = store.create_run(SPEC)
    at = checked(page("home"))
    shown = [bar.proto.text for bar in at.get("progress")]
    assert any(f"**Run {last.number}**: Waiting, {told}" in text for text in shown), shown


def test_a_run_that_waits_asks_once_for_the_order_of_the_queue(monkeypatch):
    """In every session's sidebar, every few seconds."""
    monkeypatch.setattr(cache, "engine", lambda: Engine(Speed(1e12, "a test")))
    store = Store()
    run = store.create_run(SPEC)
    asked: list[str] = []

    def note(_connection, _cursor, statement: str, *_others: object) -> None:
        asked.append(statement)

    event.listen(store.database._engine, "before_cursor_execute", note)
    assert run_progress.state_text(run).startswith("Waiting, first in the queue")
    event.remove(store.database._engine, "before_cursor_execute", note)
    assert sum("row_number()" in statement for statement in asked) == 1
