"""What the page Train offers for runs that choose settings: trials and range tests."""

import pytest

from mnist_core.evaluation.run import State
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
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
        (SPEC, None, "finished", SPEC.training.epochs, ({"Continue"}, False)),
        (SPEC, 0, "finished", SPEC.training.epochs, (set(), False)),
        (TEST, None, "finished", 0, (set(), False)),
        (TEST, None, "finished", TEST.training.epochs, (set(), False)),
    ],
)
def test_only_what_makes_sense_is_offered(page, spec, trial, state, epochs, expected):
    assert offered(page, spec, trial, state, epochs) == expected
