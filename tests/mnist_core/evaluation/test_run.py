"""Which runs the test set may judge."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from mnist_core.evaluation.run import INACTIVE_STATES, Run, State
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Training

NOTHING = dict.fromkeys(
    (
        *("group_id", "request", "learning_rate", "worker", "heartbeat_at", "images_per_s"),
        *("eta_s", "test_accuracy", "test_loss", "test_ece"),
        *("queued_at", "started_at", "finished_at"),
    )
)


@pytest.mark.parametrize(
    ("schedule", "trial", "sees"),
    [
        ("constant", None, True),
        ("one_cycle", None, True),
        ("constant", 0, False),
        ("range_test", None, False),
    ],
)
def test_trials_and_range_tests_never_see_the_test_set(schedule, trial, sees):
    spec = Spec(network=parse("F"), training=Training(schedule=schedule))
    counts = dict.fromkeys(("lost", "epochs", "step", "steps"), 0)
    texts = dict.fromkeys(("reason", "origin", "note"), "")
    run = Run(
        id=1,
        workspace="mine",
        number=1,
        name="one",
        spec=spec,
        state="queued",
        planned=5,
        parameters=7_850,
        seconds=0.0,
        trial=trial,
        made_by="mine",
        pinned=False,
        created_at=datetime.now(UTC),
        **NOTHING,
        **counts,
        **texts,
    )
    assert run.sees_test is sees
    active = {state for state in get_args(State) if replace(run, state=state).is_active}
    assert active == {"queued", "running"}


def test_a_run_that_waits_or_trains_is_not_at_rest():
    assert set(get_args(State)) - set(INACTIVE_STATES) == {"queued", "running"}
