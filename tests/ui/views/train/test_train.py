"""The page Train, with the real engine behind it."""

import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.evaluation.run import INACTIVE_STATES
from mnist_core.execution import queue
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Training
from mnist_core.storage.runs import Store
from tests.helpers import click, wait_until, words

QUICK = {"network": "C4 M F D16", "epochs": "2", "split": "last", "count": "500", "limit": "2000"}


def labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def live_status(at: AppTest) -> str:
    """What the live view of the page says first."""
    messages = (json.loads(view.proto.json) for view in at.get("bidi_component"))
    return next(message["status"] for message in messages if "status" in message)


def test_without_a_run_the_page_says_what_to_do(page):
    at = page("train")
    assert not at.exception
    assert "Start a run above" in words(at)
    assert "Start training" in labels(at)


@pytest.mark.slow
@pytest.mark.usefixtures("engine")
def test_a_training_from_start_to_more_epochs(page):
    store = Store()
    at = click(page("train", **QUICK), "Start training")
    run = store.runs()[0]
    wait_until(lambda: store.run(run.id).state == "finished")
    at.run()
    assert not at.exception
    done = store.run(run.id)
    wrong = round((1 - (done.test_accuracy or 0)) * 10_000)
    assert f"{wrong:,} wrong of 10,000" in words(at)
    assert "What the curves say" in words(at)
    ways = [link.proto.label for link in at.get("page_link")]
    assert {"See results", "Look inside", "Draw a digit"} <= set(ways)
    assert not {m.label for m in at.metric}  # it was watched: the live view stays
    at = page("train")
    assert {m.label for m in at.metric} >= {"loss", "val_accuracy", "Images per second"}
    assert "After epoch 2" in words(at)
    click(at, "Train 2 more epochs")
    wait_until(lambda: store.run(run.id).epochs == 4 and store.run(run.id).state == "finished")


@pytest.mark.slow
def test_pause_go_on_and_stop(page, engine):
    store = Store()
    slow = QUICK | {"epochs": "1000"}
    at = click(page("train", **slow), "Start training")
    run = store.runs()[0]
    wait_until(lambda: store.run(run.id).epochs >= 1)
    at.run()
    click(at, "Pause")
    wait_until(lambda: store.run(run.id).state == "paused")
    at.run()
    assert re.search(r"Paused after \d+ % of epoch|Paused after \d+ of", live_status(at))
    click(at, "Resume")
    before = store.run(run.id).epochs
    wait_until(lambda: store.run(run.id).epochs > before)
    at.run()
    other_tab = page("train", run=str(run.id))
    at.number_input(key=f"train_rate_{run.id}_0.001").set_value(0.0004).run()
    assert store.run(run.id).learning_rate == 0.0004
    other_tab.run()  # which still showed the old rate
    assert not other_tab.exception
    assert store.run(run.id).learning_rate == 0.0004
    wait_until(lambda: any(e.learning_rate < 0.0005 for e in store.epochs(run.id)))
    click(at, "Stop")
    wait_until(lambda: store.run(run.id).state == "stopped")
    assert store.run(run.id).test_accuracy is not None


@pytest.mark.slow
@pytest.mark.usefixtures("engine")
def test_a_run_that_diverges_says_why_and_offers_a_smaller_rate(page):
    store = Store()
    wild = QUICK | {"optimizer": "sgd", "learning_rate": "10.0", "momentum": "0.9"}
    at = click(page("train", **wild), "Start training")
    run = store.runs()[0]
    wait_until(lambda: store.run(run.id).state in INACTIVE_STATES)
    at.run()
    assert "stopped being a number" in words(at) or "The steps are too large" in words(at)
    click(at, "Try it: learning_rate = 1")
    assert store.runs()[0].id > run.id
    assert store.runs()[0].spec.training.learning_rate == pytest.approx(1)
    queue.send_request(store, store.runs()[0].id, "stop")


@pytest.mark.slow
def test_the_queue_shows_the_place_of_a_run(page, engine):
    store = Store()
    spec = Spec(network=parse("C4 M F D16"), training=Training(epochs=1000))
    runs = [store.create_run(spec) for _ in range(3)]
    engine.wake()
    wait_until(lambda: store.run(runs[0].id).state == "running")
    at = page("train", run=str(runs[2].id))
    assert "number 2 in the queue" in live_status(at)
    click(at, "Stop")
    assert store.run(runs[2].id).state == "stopped"
    for run in runs[:2]:
        queue.send_request(store, run.id, "stop")
    wait_until(lambda: store.run(runs[0].id).state == "stopped")


@pytest.mark.parametrize("asked", ["999", "x", "-1", ""])
def test_an_odd_run_in_the_address_shows_the_newest(page, asked):
    store = Store()
    run = store.create_run(Spec(network=parse("F")), "newest")
    at = page("train", run=asked)
    assert not at.exception
    assert at.selectbox[0].value == run.id
