"""What the page Train offers for runs that choose settings: trials and range tests."""

import json
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.evaluation.history import Epoch, Progress
from mnist_core.evaluation.run import State
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Store
from mnist_core.training import learning_rate_finder

SPEC = Spec(network=parse("C4 M F"))
TEST = learning_rate_finder.range_test(SPEC)


def offered(
    page, spec: Spec, trial: int | None, state: State, epochs: int
) -> tuple[set[str], bool]:
    """The first words of the buttons that work on a run, and whether its rate can be changed."""
    store = Store()
    run = store.create_run(spec, trial=trial)
    store.update(run.id, state=state, epochs=epochs)
    at = page("train")
    assert not at.exception
    mine = [b.label.split()[0] for b in at.button if (b.key or "").endswith(f"_{run.id}")]
    return set(mine), any("learning_rate" in box.label for box in at.number_input)


@pytest.mark.parametrize(
    ("spec", "trial", "state", "epochs", "expected"),
    [
        (SPEC, None, "running", 1, ({"Pause", "Stop"}, True)),
        (SPEC, 0, "running", 1, ({"Stop"}, False)),
        (TEST, None, "queued", 0, ({"Pause", "Stop"}, False)),
        (SPEC, None, "paused", 1, ({"Resume", "Stop"}, True)),
        (SPEC, 0, "paused", 1, (set(), False)),
        (TEST, None, "paused", 0, ({"Resume", "Stop"}, False)),
        (SPEC, None, "finished", SPEC.training.epochs, ({"Train"}, False)),
        (SPEC, 0, "finished", SPEC.training.epochs, (set(), False)),
        (TEST, None, "finished", 0, (set(), False)),
        (TEST, None, "finished", TEST.training.epochs, (set(), False)),
    ],
)
def test_only_what_makes_sense_is_offered(page, spec, trial, state, epochs, expected):
    assert offered(page, spec, trial, state, epochs) == expected


def live_message(at: AppTest) -> dict[str, Any]:
    """What the live view of the page gets."""
    messages = (json.loads(view.proto.json) for view in at.get("bidi_component"))
    return next(message for message in messages if "status" in message)


def progress(first: int, count: int) -> Progress:
    values = np.linspace(2.0, 1.0, count, dtype=np.float32)
    half = np.full(count, 0.5, np.float32)
    return Progress(1, 5, first + count, 40, 1.0, 0.5, 900.0, 8.0, first, values, half)


def test_the_live_view_shows_the_guesses_of_the_untrained_network(page):
    store, run = Store(), Store().create_run(SPEC)
    store.update(run.id, state="running")
    assert live_message(page("train"))["guesses"] is None
    guesses = np.full((20, 10), 0.05, np.float32)
    guesses[:, 3] = 0.55
    artifacts.save_guesses(store, run.id, guesses)
    told = live_message(page("train"))
    assert told["status"].startswith("Preparing the first batch")
    assert told["guesses"] == 20 * [[3, "55\u00a0%"]]
    assert told["digitsTitle"] == "Twenty test digits: 2 right"
    assert (told["x"], told["epochs"]) == ([], [])


def test_a_run_that_ends_while_watched_shows_the_figures_of_its_last_epoch(page):
    store, run = Store(), Store().create_run(SPEC)
    store.update(run.id, state="running")
    store.record_progress(run.id, [progress(0, 10)])
    at = page("train")
    assert ["Training loss", "0.3000"] not in live_message(at)["figures"]
    store.record_epoch(run.id, Epoch(1, 0.3, 0.9, 0.2, 0.95, 0.001, 1.0), b"")
    store.update(run.id, state="finished", epochs=1, test_accuracy=0.9)
    figures = dict(live_message(at.run())["figures"])
    assert figures["Training loss"] == "0.3000"
    assert figures["Training accuracy"] == "90.00\u00a0%"


def test_a_whole_page_gets_all_points_and_a_run_that_sees_no_test_image_no_digits(page):
    store, run = Store(), Store().create_run(SPEC)
    store.update(run.id, state="running")
    store.record_progress(run.id, [progress(0, 10), progress(10, 6)])
    told = live_message(page("train"))
    assert (told["from"], len(told["x"]), told["x"][-1]) == (0, 16, 16 / 40)
    assert told["loss"][0] == 2.0
    assert len(told["setup"]["labels"]) == 20
    assert "about 8 s left" in told["status"]
    trial = store.create_run(SPEC, trial=0)
    store.update(trial.id, state="running")
    assert live_message(page("train", run=str(trial.id)))["setup"]["labels"] == []
